"""Tenants, for administrators."""

from django.urls import path

from . import deleting_views, views

app_name = "tenants"
urlpatterns = [
    path("", views.index, name="index"),
    path("create/", views.create, name="create"),
    path("emptied/", deleting_views.emptied, name="emptied"),
    path("emptied/<uuid:pk>/", deleting_views.emptying, name="emptying"),
    path("emptied/<uuid:pk>/resume/", deleting_views.resume, name="resume"),
    path("emptied/<uuid:pk>/stop/", deleting_views.stop, name="stop"),
    path("<slug:slug>/", views.detail, name="detail"),
    path("<slug:slug>/disable/", views.disable, name="disable"),
    path("<slug:slug>/enable/", views.enable, name="enable"),
    path("<slug:slug>/delete/", deleting_views.delete, name="delete"),
]
