"""What administrators do with clouds, under `/clouds/`. Tenants' pages are in urls.py."""

from django.urls import path

from . import connections, maintenance_views

app_name = "connections"
urlpatterns = [
    path("", connections.index, name="index"),
    path("connect/", connections.connect, name="connect"),
    path("connect/choose/", connections.choose, name="choose"),
    path("connect/<slug:kind>/", connections.create, name="create"),
    path("<uuid:pk>/", connections.detail, name="detail"),
    path("<uuid:pk>/edit/", connections.edit, name="edit"),
    path("<uuid:pk>/test/", connections.test, name="test"),
    path("<uuid:pk>/use/", connections.use, name="use"),
    path("<uuid:pk>/capacity/", connections.capacity, name="capacity"),
    path("<uuid:pk>/maintenance/", maintenance_views.begin, name="maintenance"),
    path("<uuid:pk>/maintenance/end/", maintenance_views.end, name="maintenance-end"),
    path("<uuid:pk>/fetch/<slug:what>/", connections.fetch, name="fetch"),
]
