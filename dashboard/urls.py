"""Every URL. `tests/test_access.py` holds the access matrix: a URL that is not in it fails the build."""

from django.urls import include, path

urlpatterns = [
    path("", include("dashboard.overview.urls")),
    path("accounts/", include("dashboard.accounts.urls")),
    path("accounts/openstack/", include("dashboard.keystone.urls")),
    path("", include("dashboard.ui.urls")),
    path("t/<slug:tenant>/instances/", include("dashboard.instances.urls")),
    path("t/<slug:tenant>/instances/<uuid:pk>/", include("dashboard.consoles.urls")),
    path("t/<slug:tenant>/networks/", include("dashboard.networks.urls")),
    path("t/<slug:tenant>/operations/", include("dashboard.operations.urls")),
    path("t/<slug:tenant>/clouds/", include("dashboard.clouds.urls")),
    path("clouds/", include("dashboard.clouds.connection_urls")),
    path("", include("dashboard.places.urls")),
]
handler400 = "dashboard.ui.errors.bad_request"
handler403 = "dashboard.ui.errors.forbidden"
handler404 = "dashboard.ui.errors.not_found"
handler500 = "dashboard.ui.errors.server_error"
