from django.urls import include, path, register_converter

from . import (
    bulk_views,
    change_views,
    console_log_views,
    launch_views,
    list_views,
    password_views,
    recently_deleted,
    template_views,
    user_data_views,
    views,
)
from .verbs import VERBS


class VerbConverter:
    """A word of the verb table; any other URL does not exist."""

    regex = "|".join(VERBS)

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(VerbConverter, "verb")

app_name = "instances"
in_tenant = [
    path("many/", bulk_views.change_many, name="change-many"),
    path("many/<uuid:pk>/again/", bulk_views.again, name="again"),
    path("", list_views.index, name="index"),
    path("filter-values/", list_views.filter_values, name="filter-values"),
    path("launch/", launch_views.launch, name="launch"),
    path("launches/<uuid:pk>/retry/", launch_views.retry, name="retry"),
    path("deleted/", recently_deleted.index, name="deleted"),
    path("launch/user-data/", user_data_views.check, name="check-user-data"),
    path("launch/save/", template_views.save, name="save-template"),
    path("templates/", template_views.index, name="templates"),
    path("templates/<uuid:pk>/rename/", template_views.rename, name="rename-template"),
    path("templates/<uuid:pk>/delete/", template_views.delete, name="delete-template"),
    path("<uuid:pk>/save-as-template/", template_views.save_instance, name="save-as-template"),
    path("<uuid:pk>/", views.detail, name="detail"),
    path("<uuid:pk>/user-data/", user_data_views.show, name="user-data"),
    path("<uuid:pk>/console-log/", console_log_views.console_log, name="console-log"),
    path("<uuid:pk>/console-log/download/", console_log_views.download, name="console-log-download"),
    path("<uuid:pk>/password/", password_views.password, name="password"),
    path("<uuid:pk>/<verb:verb>/", change_views.change, name="change"),
]
urlpatterns = [
    path("t/<slug:tenant>/instances/", include(in_tenant)),
    path("instances/", list_views.index_of_all, name="all"),
    path("instances/filter-values/", list_views.filter_values_of_all, name="filter-values-all"),
    path("instances/columns/", list_views.columns, name="columns"),
]
