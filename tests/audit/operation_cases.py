"""What is done about operations, as cases of test_every_change.py."""

from dashboard.instances import actions

from .instance_cases import failed_stop
from .world import Case


def recover(verb, outcome_of):
    def case(world):
        operation = outcome_of(world)
        return Case("operations:recover", [(operation.kind, "web")], ["lab", operation.pk, verb])

    return case


def hanging_stop(world):
    actions.change(world.bob, world.instance.pk, "stop")
    return world.operation(kind="instance.stop")


def mend(world):
    typed = {"verb": "cancel", "sure": "1", "id": [str(hanging_stop(world).pk)]}
    return Case("all-operations:mend", [("instance.stop", "web")], [], typed, by="root")


CASES = {
    "operations:recover resume": recover("resume", failed_stop),
    "operations:recover cancel": recover("cancel", hanging_stop),
    "all-operations:mend": mend,
}
