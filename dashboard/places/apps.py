from django.apps import AppConfig


class PlacesConfig(AppConfig):
    name = "dashboard.places"

    def ready(self) -> None:
        """The flows of places register themselves when they are imported."""
        from . import tasks  # noqa: F401
