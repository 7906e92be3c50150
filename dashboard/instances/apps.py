from django.apps import AppConfig


class InstancesConfig(AppConfig):
    name = "dashboard.instances"

    def ready(self) -> None:
        from dashboard.networks.guests import find_with

        from . import reshaping, tasks  # noqa: F401  register the flows
        from .guests import guests

        find_with(guests)
