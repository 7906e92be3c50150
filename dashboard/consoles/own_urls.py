"""What a person has open, in whichever tenant."""

from django.urls import path

from . import views

app_name = "viewings"
urlpatterns = [
    path("", views.mine, name="index"),
    path("<int:pk>/close/", views.close, name="close"),
]
