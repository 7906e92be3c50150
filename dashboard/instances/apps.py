from django.apps import AppConfig


class InstancesConfig(AppConfig):
    name = "dashboard.instances"

    def ready(self) -> None:
        from . import reshaping, tasks  # noqa: F401  register the flows
