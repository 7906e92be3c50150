"""What administrators change of tenants, as cases of test_every_change.py."""

from dashboard.tenancy.access import Administrator
from dashboard.tenants import actions, deleting

from .world import Case


def root(world):
    return Administrator(user=world.people["root"])


def create(_world):
    """Whoever becomes its manager is an entry too."""
    entries = [("tenant.create", "physics"), ("membership.add", "rita")]
    data = {"name": "Physics", "slug": "", "manager": "rita"}
    return Case("tenants:create", entries, [], data, by="root")


def change(_world):
    return Case("tenants:detail", [("tenant.change", "lab")], ["lab"], {"name": "Laboratory"}, by="root")


def disable(_world):
    return Case("tenants:disable", [("tenant.disable", "lab")], ["lab"], {"reason": "not paid"}, by="root")


def enable(world):
    actions.disable(root(world), world.lab.pk, reason="not paid")
    return Case("tenants:enable", [("tenant.enable", "lab")], ["lab"], by="root")


def delete(world):
    entry = ("tenant.delete", "empty")
    actions.create(root(world), name="Empty", slug="empty")
    return Case("tenants:delete", [entry], ["empty"], {"name": "Empty"}, by="root")


def empty(_world):
    return Case("tenants:delete", [("tenant.empty", "lab")], ["lab"], {"name": "lab", "empty": "1"}, by="root")


def stop(world):
    row = deleting.empty(root(world), world.lab)
    return Case("tenants:stop", [("tenant.empty", "lab")], [row.pk], by="root")


def resume(world):
    row = deleting.empty(root(world), world.lab)
    deleting.stop(root(world), row.pk)
    return Case("tenants:resume", [("tenant.empty", "lab")], [row.pk], by="root")


CASES = {
    "tenants:delete": delete,
    "tenants:delete empty": empty,
    "tenants:stop": stop,
    "tenants:resume": resume,
    "tenants:create": create,
    "tenants:detail": change,
    "tenants:disable": disable,
    "tenants:enable": enable,
}
