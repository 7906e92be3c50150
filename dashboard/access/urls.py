"""Below `/t/<tenant>/clouds/<pk>/access/`."""

from django.urls import path

from . import views

app_name = "access"
urlpatterns = [
    path("", views.index, name="index"),
    path("new/", views.create, name="create"),
    path("<uuid:key>/show/", views.show, name="show"),
    path("<uuid:key>/revoke/", views.revoke, name="revoke"),
]
