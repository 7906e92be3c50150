from django.urls import path

from . import bell_views, recover_views, views

app_name = "operations"
urlpatterns = [
    path("", views.index, name="index"),
    path("batches/<uuid:pk>/", views.batch, name="batch"),
    path("bell/", bell_views.bell, name="bell"),
    path("bell/read/", bell_views.read, name="bell-read"),
    path("<uuid:pk>/", views.detail, name="detail"),
    path("<uuid:pk>/<slug:verb>/", recover_views.recover, name="recover"),
]
