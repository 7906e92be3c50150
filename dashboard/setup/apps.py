from django.apps import AppConfig


class SetupConfig(AppConfig):
    name = "dashboard.setup"

    def ready(self) -> None:
        import dashboard.celery  # noqa: F401  every process rings with the same application
