from django.urls import path

from . import views

app_name = "flavors"
urlpatterns = [
    path("", views.index, name="index"),
    path("clouds/<uuid:pk>/create/", views.create, name="create"),
    path("<uuid:pk>/", views.edit, name="edit"),
    path("<uuid:pk>/retire/", views.retire, name="retire"),
    path("<uuid:pk>/restore/", views.restore, name="restore"),
    path("<uuid:pk>/delete/", views.delete, name="delete"),
]
