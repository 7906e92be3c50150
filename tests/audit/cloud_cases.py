"""What administrators do with clouds, as cases of test_every_change.py."""

from django.urls import reverse

from dashboard.clouds.models import Cloud

from .world import Case

YAML = """
clouds:
  east:
    auth: {auth_url: "https://east.example:5000/v3", username: root, password: canary, project_name: admin,
            user_domain_name: Default, project_domain_name: Default}
"""


def paste(world):
    return Case("connections:connect", [("cloud.connect", "east")], [], {"text": YAML}, by="root")


def choose(world):
    """Of two that were pasted one."""
    two = YAML + YAML.replace("\nclouds:", "").replace("  east:", "  west:").replace("east.", "west.")
    came = (reverse("connections:connect"), {"text": two})
    data = {"chosen": ["1"]}
    return Case("connections:choose", [("cloud.connect", "west")], [], data, by="root", comes_from=came)


def fields_of(world):
    settings = {"path": world.cloud.settings["path"], "delay_s": "0", "places": "yes"}
    return settings | {"name": "second", "tenants_bring": ""}


def connect(world):
    return Case("connections:create", [("cloud.connect", "second")], ["fake"], fields_of(world), by="root")


def edit(world):
    return Case("connections:edit", [("cloud.edit", "second")], [world.cloud.pk], fields_of(world), by="root")


def on_cloud(name, verb, *, is_draft, **data):
    def case(world):
        Cloud.objects.filter(pk=world.cloud.pk).update(is_draft=is_draft)
        return Case(f"connections:{name}", [(verb, "pretend")], [world.cloud.pk], data, by="root")

    return case


def begin_maintenance(world):
    name = world.cloud.name
    return Case("connections:maintenance", [("cloud.maintenance", name)], [world.cloud.pk], {"reason": "r"}, by="root")


def end_maintenance(world):
    Cloud.objects.filter(pk=world.cloud.pk).update(maintenance="r")
    entry = ("cloud.maintenance-end", world.cloud.name)
    return Case("connections:maintenance-end", [entry], [world.cloud.pk], by="root")


CASES = {
    "connections:connect": paste,
    "connections:choose": choose,
    "connections:create": connect,
    "connections:edit": edit,
    "connections:test": on_cloud("test", "cloud.test", is_draft=True),
    "connections:use": on_cloud("use", "cloud.use", is_draft=True),
    "connections:maintenance": begin_maintenance,
    "connections:maintenance-end": end_maintenance,
}
