from django.urls import path

from .views import addresses, groups, networks, routers

app_name = "networks"
urlpatterns = [
    path("", networks.index, name="index"),
    path("topology/", networks.topology, name="topology"),
    path("new/", networks.create, name="create"),
    path("<uuid:pk>/", networks.detail, name="detail"),
    path("<uuid:pk>/delete/", networks.delete, name="delete"),
    path("routers/new/", routers.create, name="create-router"),
    path("routers/<uuid:pk>/", routers.detail, name="router"),
    path("routers/<uuid:pk>/connect/", routers.connect, name="connect-router"),
    path("routers/<uuid:pk>/disconnect/", routers.disconnect, name="disconnect-router"),
    path("routers/<uuid:pk>/delete/", routers.delete, name="delete-router"),
    path("security-groups/", groups.index, name="groups"),
    path("security-groups/new/", groups.create, name="create-group"),
    path("security-groups/<uuid:pk>/", groups.detail, name="group"),
    path("security-groups/<uuid:pk>/rules/", groups.add_rule, name="add-rule"),
    path("security-groups/<uuid:pk>/rules/<uuid:rule>/remove/", groups.remove_rule, name="remove-rule"),
    path("security-groups/<uuid:pk>/delete/", groups.delete, name="delete-group"),
    path("floating-ips/", addresses.index, name="addresses"),
    path("floating-ips/new/", addresses.allocate, name="allocate"),
    path("floating-ips/<uuid:pk>/associate/", addresses.associate, name="associate"),
    path("floating-ips/<uuid:pk>/disassociate/", addresses.disassociate, name="disassociate"),
    path("floating-ips/<uuid:pk>/release/", addresses.release, name="release"),
]
