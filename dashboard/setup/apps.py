from django.apps import AppConfig


class SetupConfig(AppConfig):
    name = "dashboard.setup"

    def ready(self) -> None:
        """Make our Celery application the current one in every process that Django runs in."""
        from dashboard import celery  # noqa: F401
