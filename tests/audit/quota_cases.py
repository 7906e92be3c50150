"""What administrators change of quotas and plans, as cases of test_every_change.py."""

from dashboard.quotas.actions import Change, create_plan
from dashboard.quotas.models import Quota, Resource
from dashboard.quotas.previews import Preview
from dashboard.tenancy.access import Administrator

from .world import Case

PLAN = {resource.value: "7" for resource in Resource}


def edit(world):
    """Two limits are two entries."""
    shown = {quota.resource: str(quota.limit) for quota in Quota.objects.filter(tenant=world.lab)}
    typed = dict.fromkeys(PLAN, "0") | shown | {"instances": "25", "vcpus": "unlimited"}
    was = {f"was-{name}": shown.get(name, "0") for name in PLAN}
    entries = [("quota.change", f"{name} of lab") for name in ("instances", "vcpus")]
    return Case("quotas:edit", entries, ["lab"], typed | was, by="root")


def on_cloud(world):
    none = {name: "none" for name in PLAN if name != "key_pairs"}
    typed = none | {f"was-{name}": "none" for name in none} | {"instances": "4"}
    entry = ("quota.change", f"instances of lab on {world.cloud.name}")
    return Case("quotas:on-cloud", [entry], ["lab", world.cloud.pk], typed, by="root")


def apply(world):
    was = Quota.objects.get(tenant=world.lab, resource="networks").limit
    preview = Preview(changes=[Change(tenant_id=world.lab.pk, resource="networks", was=was, limit=99)])
    return Case("quotas:apply", [("quota.change", "networks of lab")], [], {"preview": preview.token}, by="root")


def make_plan(_world):
    return Case("quotas:create-plan", [("plan.create", "New")], [], PLAN | {"name": "New"}, by="root")


def plan_of(world):
    return create_plan(Administrator(user=world.people["root"]), name="Small", limits=dict.fromkeys(PLAN, 7))


def change_plan(world):
    typed = PLAN | {"name": "Smaller", "version": "1"}
    return Case("quotas:plan", [("plan.change", "Smaller")], [plan_of(world).pk], typed, by="root")


def delete_plan(world):
    return Case("quotas:delete-plan", [("plan.delete", "Small")], [plan_of(world).pk], by="root")


CASES = {
    "quotas:edit": edit,
    "quotas:on-cloud": on_cloud,
    "quotas:apply": apply,
    "quotas:create-plan": make_plan,
    "quotas:plan": change_plan,
    "quotas:delete-plan": delete_plan,
}
