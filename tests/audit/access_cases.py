"""Keys for the clouds' own tools: asking for one and for its end are operations, showing its secret is done at once."""

from __future__ import annotations

from dashboard.access import actions

from .account_cases import PROVED
from .world import Case


def made(world):
    row = actions.create(world.bob, world.cloud, label="laptop", key="k")
    world.work()
    return row


def create(world):
    data = {"label": "laptop", "key": "k"}
    return Case("access:create", [("access-key.create", "laptop")], ["lab", world.cloud.pk], data, comes_from=PROVED)


def show(world):
    return Case("access:show", [("access-key.show", "laptop")], ["lab", world.cloud.pk, made(world).pk])


def revoke(world):
    return Case("access:revoke", [("access-key.revoke", "laptop")], ["lab", world.cloud.pk, made(world).pk])


CASES = {"access:create": create, "access:show": show, "access:revoke": revoke}
