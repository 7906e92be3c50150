from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "dashboard.access"

    def ready(self) -> None:
        """The flows of keys register themselves when they are imported."""
        from . import tasks  # noqa: F401
