from django.urls import path

from . import views

app_name = "consoles"
urlpatterns = [
    path("console/", views.graphical, name="graphical"),
    path("serial/", views.serial, name="serial"),
    path("ticket/<str:kind>/", views.ticket, name="ticket"),
]
