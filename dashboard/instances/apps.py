from django.apps import AppConfig


class InstancesConfig(AppConfig):
    name = "dashboard.instances"

    def ready(self) -> None:
        from dashboard.keypairs import holders as key_holders
        from dashboard.networks.guests import find_with
        from dashboard.operations.batches import narrow_with

        from . import deleting, reshaping, tasks  # noqa: F401  register the flows
        from .guests import guests
        from .key_holders import holders
        from .launches import KIND, can_launch_again

        find_with(guests)
        key_holders.find_with(holders)
        narrow_with(KIND, can_launch_again)
