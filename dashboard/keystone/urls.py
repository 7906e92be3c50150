from django.urls import path

from . import views, websso

app_name = "keystone"
urlpatterns = [
    path("", views.sign_in, name="sign-in"),
    path("passcode/", views.passcode, name="passcode"),
    path("websso/", websso.websso, name="websso"),
    path("websso/return/", websso.arrive, name="arrive"),
    path("websso/confirm/", websso.confirm, name="confirm"),
]
