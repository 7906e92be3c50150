"""Administrators' pages of limits, and of plans."""

from django.urls import path

from . import plan_views, transfer_views, views

app_name = "quotas"
urlpatterns = [
    path("quotas/", views.index, name="index"),
    path("quotas/tenants/<slug:slug>/", views.edit, name="edit"),
    path("quotas/tenants/<slug:slug>/clouds/<uuid:pk>/", views.on_cloud, name="on-cloud"),
    path("quotas/change/", transfer_views.change, name="change"),
    path("quotas/import/", transfer_views.read_file, name="import"),
    path("quotas/export/", transfer_views.export, name="export"),
    path("quotas/apply/", transfer_views.apply, name="apply"),
    path("plans/", plan_views.index, name="plans"),
    path("plans/create/", plan_views.create, name="create-plan"),
    path("plans/<uuid:pk>/", plan_views.edit, name="plan"),
    path("plans/<uuid:pk>/delete/", plan_views.delete, name="delete-plan"),
]
