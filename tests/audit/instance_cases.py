"""What is changed of instances and their templates, as cases of test_every_change.py."""

import uuid

from dashboard.clouds.drivers.fake.faults import Faults
from dashboard.clouds.interface import ConsoleKind
from dashboard.consoles import viewings
from dashboard.instances import actions, bulk

from .world import Case


def form(world, **more):
    asked = {"name": "web", "cloud": world.cloud.pk, "image": world.image.pk, "flavor": world.flavor.pk}
    asked |= {"networks": [world.network.pk], "key": uuid.uuid4().hex, "key_choice": "none"}
    return asked | {"user_data": "#cloud-config\npassword: canary\n"} | more


def launch(world):
    return Case("instances:launch", [("instance.launch", "web")], ["lab"], form(world))


def launch_two(world):
    names = [("instance.launch", f"web-{number}") for number in (1, 2)]
    return Case("instances:launch", names, ["lab"], form(world, count="2"))


def on_instance(verb, **data):
    def case(world):
        return Case("instances:change", [(f"instance.{verb}", "web")], ["lab", world.instance.pk, verb], data)

    return case


def resize(world):
    flavor = world.flavor.__class__.objects.get(cloud=world.cloud, name="m1.small")
    return on_instance("resize", flavor=flavor.pk)(world)


def change_many(world):
    ids = [world.instance.pk, world.launched("db").pk]
    judged = actions.Instance.objects.filter(pk__in=ids)
    fence = bulk.Judged(world.bob, bulk.DEEDS["stop"], bulk.selected(judged)).fence
    data = {"verb": "stop", "id": ids, "confirmed": "1", "fence": fence, "key": "k"}
    return Case("instances:change-many", [("instance.stop", "db"), ("instance.stop", "web")], ["lab"], data)


def failed_stop(world):
    assert world.instance
    Faults(world.cloud.settings["path"]).fail("Refused", reason="other", call="stop", times=1)
    actions.change(world.bob, world.instance.pk, "stop")
    world.work()
    operation = world.operation(kind="instance.stop")
    assert operation.state == "failed"
    return operation


def ask_again(world):
    batch = world.batch("instance.stop", failed_stop(world))
    return Case("instances:again", [("instance.stop", "web")], ["lab", batch.pk])


def failed_launch(world):
    Faults(world.cloud.settings["path"]).fail("Refused", reason="capacity", call="create", times=1)
    made = actions.launch(
        world.bob, name="web", cloud=world.cloud, image=world.image, flavor=world.flavor, key=uuid.uuid4().hex
    )
    world.work()
    operation = world.operation(target_id=made.pk)
    assert operation.state == "failed"
    return operation


def retry(world):
    """What failed is an object of its own, and makes room for the one that is launched."""
    batch = world.batch("instance.launch", failed_launch(world))
    return Case("instances:retry", [("instance.launch", "web"), ("instance.put-away", "web")], ["lab", batch.pk])


def save_template(world):
    data = form(world) | {"template-name": "like web"}
    return Case("instances:save-template", [("launch-template.save", "like web")], ["lab"], data)


def save_as_template(world):
    entries = [("launch-template.save", "like web")]
    return Case("instances:save-as-template", entries, ["lab", world.instance.pk], {"template-name": "like web"})


def rename_template(world):
    entries = [("launch-template.rename", "db")]
    return Case("instances:rename-template", entries, ["lab", world.template.pk], {"name": "db"})


def delete_template(world):
    return Case("instances:delete-template", [("launch-template.delete", "like web")], ["lab", world.template.pk])


def user_data(world):
    instance = world.launched(user_data="#cloud-config\npassword: canary\n")
    return Case("instances:user-data", [("user-data.show", "web")], ["lab", instance.pk])


def close_console(world):
    viewing = viewings.enter(world.people["bob"], world.instance, kind=ConsoleKind.SERIAL, process="p")
    return Case("viewings:close", [("instance.serial-closed", "web")], [viewing.pk])


CASES = {
    "instances:launch": launch,
    "instances:launch of two": launch_two,
    "instances:change stop": on_instance("stop"),
    "instances:change words": on_instance("describe", name="db", description="x", **{"initial-name": "web"}),
    "instances:change tags": on_instance("tags", tags="blue"),
    "instances:change size": resize,
    "instances:change image": lambda world: on_instance("rebuild", image=world.image.pk, typed="web")(world),
    "instances:change lock": on_instance("lock"),
    "instances:change delete": on_instance("delete"),
    "instances:change delete-now": on_instance("delete-now"),
    "instances:change-many": change_many,
    "instances:again": ask_again,
    "instances:retry": retry,
    "instances:save-template": save_template,
    "instances:save-as-template": save_as_template,
    "instances:rename-template": rename_template,
    "instances:delete-template": delete_template,
    "instances:user-data": user_data,
    "viewings:close": close_console,
}
