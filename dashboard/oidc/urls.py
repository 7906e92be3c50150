from django.urls import path

from . import views

app_name = "oidc"
urlpatterns = [
    path("", views.sign_in, name="sign-in"),
    path("callback/", views.callback, name="callback"),
]
