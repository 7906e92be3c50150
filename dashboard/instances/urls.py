from django.urls import path, register_converter

from . import change_views, views
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
urlpatterns = [
    path("", views.index, name="index"),
    path("launch/", views.launch, name="launch"),
    path("<uuid:pk>/", views.detail, name="detail"),
    path("<uuid:pk>/console-log/", views.console_log, name="console-log"),
    path("<uuid:pk>/<verb:verb>/", change_views.change, name="change"),
]
