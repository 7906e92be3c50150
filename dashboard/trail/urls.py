from django.urls import include, path

from . import views

app_name = "audit"
in_tenant = [
    path("", views.index, name="index"),
    path("export/<slug:form>/", views.export, name="export"),
    path("<int:pk>/", views.entry, name="entry"),
]
urlpatterns = [
    path("t/<slug:tenant>/audit/", include(in_tenant)),
    path("audit/", views.index_of_all, name="all"),
    path("audit/export/<slug:form>/", views.export_of_all, name="export-all"),
    path("audit/<int:pk>/", views.entry_of_all, name="entry-of-all"),
]
