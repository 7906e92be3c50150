from django.urls import path

from . import capacity, choosing, views

app_name = "overview"
urlpatterns = [
    path("capacity/", capacity.capacity, name="capacity"),
    path("", choosing.home, name="home"),
    path("switch/", choosing.switch, name="switch"),
    path("healthz", views.healthz, name="healthz"),
    path("t/<slug:tenant>/", views.tenant, name="tenant"),
    path("t/<slug:tenant>/abilities/", views.abilities, name="abilities"),
]
