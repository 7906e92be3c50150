from django.urls import path, re_path

from . import views

app_name = "announcements"
urlpatterns = [
    path("", views.index, name="index"),
    path("shown/", views.shown, name="shown"),
    re_path(r"^close/(?P<mark>[0-9]{1,12}\.[0-9]{1,9})/$", views.close, name="close"),
    path("create/", views.create, name="create"),
    path("<int:pk>/", views.edit, name="edit"),
    path("<int:pk>/end/", views.end, name="end"),
    path("<int:pk>/delete/", views.delete, name="delete"),
]
