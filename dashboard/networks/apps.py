from django.apps import AppConfig


class NetworksConfig(AppConfig):
    name = "dashboard.networks"

    def ready(self) -> None:
        from . import tasks  # noqa: F401  register the flows
