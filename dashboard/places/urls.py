"""Tenants on clouds: administrators' pages under `/clouds/<pk>/`, a manager's own under `/t/<tenant>/clouds/<pk>/`."""

from django.urls import path

from . import views

app_name = "places"
urlpatterns = [
    path("clouds/<uuid:pk>/tenants/", views.index, name="index"),
    path("clouds/<uuid:pk>/tenants/<slug:slug>/", views.detail, name="detail"),
    path("clouds/<uuid:pk>/tenants/<slug:slug>/link/", views.link, name="link"),
    path("clouds/<uuid:pk>/tenants/<slug:slug>/unlink/", views.unlink, name="unlink"),
    path("clouds/<uuid:pk>/tenants/<slug:slug>/<slug:verb>/", views.change, name="change"),
    path("clouds/<uuid:pk>/give/", views.give, name="give"),
    path("clouds/<uuid:pk>/remove/", views.remove, name="remove"),
    path("t/<slug:tenant>/clouds/<uuid:pk>/credential/", views.bring, name="bring"),
]
