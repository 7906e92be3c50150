"""Every URL. `tests/matrix.py` holds the access matrix: a URL that is not in it fails the build."""

from django.urls import include, path

urlpatterns = [
    path("", include("dashboard.overview.urls")),
    path("accounts/", include("dashboard.accounts.urls")),
    path("accounts/keys/", include("dashboard.keys.urls")),
    path("accounts/oidc/", include("dashboard.oidc.urls")),
    path("accounts/openstack/", include("dashboard.keystone.urls")),
    path("", include("dashboard.ui.urls")),
    path("", include("dashboard.search.urls")),
    path("", include("dashboard.instances.urls")),
    path("t/<slug:tenant>/instances/<uuid:pk>/", include("dashboard.consoles.urls")),
    path("t/<slug:tenant>/key-pairs/", include("dashboard.keypairs.urls")),
    path("t/<slug:tenant>/instances/<uuid:pk>/", include("dashboard.metrics.urls")),
    path("consoles/", include("dashboard.consoles.own_urls")),
    path("t/<slug:tenant>/networks/", include("dashboard.networks.urls")),
    path("t/<slug:tenant>/operations/", include("dashboard.operations.urls")),
    path("flavors/", include("dashboard.flavors.urls")),
    path("announcements/", include("dashboard.announcements.urls")),
    path("operations/", include("dashboard.operations.all_urls")),
    path("t/<slug:tenant>/clouds/<uuid:pk>/access/", include("dashboard.access.urls")),
    path("t/<slug:tenant>/clouds/", include("dashboard.clouds.urls")),
    path("clouds/", include("dashboard.clouds.connection_urls")),
    path("", include("dashboard.places.urls")),
    path("", include("dashboard.quotas.urls")),
    path("", include("dashboard.quota_requests.urls")),
    path("", include("dashboard.usage.urls")),
    path("", include("dashboard.trail.urls")),
    path("", include("dashboard.people.urls")),
    path("tenants/", include("dashboard.tenants.urls")),
]
handler400 = "dashboard.ui.errors.bad_request"
handler403 = "dashboard.ui.errors.forbidden"
handler404 = "dashboard.ui.errors.not_found"
handler500 = "dashboard.ui.errors.server_error"
