"""What was used: a tenant's, and for administrators that of all, with prices."""

from django.urls import path

from . import all_views, price_views, views

app_name = "usage"
urlpatterns = [
    path("t/<slug:tenant>/usage/", views.index, name="index"),
    path("t/<slug:tenant>/usage/csv/", views.export, name="export"),
    path("usage/", all_views.index, name="all"),
    path("usage/csv/", all_views.export, name="export-all"),
    path("usage/prices/", price_views.index, name="prices"),
    path("usage/prices/create/", price_views.create, name="create-prices"),
    path("usage/prices/<int:pk>/delete/", price_views.delete, name="delete-prices"),
]
