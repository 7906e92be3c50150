"""What is changed of the places of tenants on clouds, as cases of test_every_change.py."""

from dashboard.clouds import secrets
from dashboard.clouds.models import Cloud
from dashboard.places import actions
from tests.conftest import actor_of

from .world import Case


def draft(world):
    return Cloud.objects.create(
        name="draft", kind="openstack", is_draft=True,
        settings={"auth_url": "https://east.example", "application_credential_id": "abc"},
        sealed=secrets.seal({"application_credential_secret": "canary"}),
    )  # fmt: skip


def remove_cloud(world):
    return Case("places:remove", [("cloud.remove", "draft")], [draft(world).pk], by="root")


def give(world):
    """The cloud is one thing, the tenant's place on it another."""
    return Case("places:give", [("cloud.use", "draft"), ("place.bring", "lab")], [draft(world).pk], {"tenant": "lab"},
                by="root")  # fmt: skip


def on_place(verb, entry, said="lab", **data):
    def case(world):
        return Case("places:change", [(entry, said)], [world.cloud.pk, "lab", verb], data, by="root")

    return case


def adopt_limit(world):
    world.cloud.accounts.filter(tenant=world.lab).update(limits={"instances": {"limit": 3, "used": 0}})
    return on_place("adopt", "quota.adopt", "lab on pretend", resource="instances")(world)


def make_place(world):
    world.cloud.accounts.filter(tenant=world.lab).delete()
    return on_place("make", "place.make", name="lab")(world)


def link_place(world):
    world.cloud.accounts.filter(tenant=world.lab).delete()
    data = {"place": world.cloud.driver().places.create(mark="", name="grown").id, "confirmed": "yes"}
    return Case("places:link", [("place.link", "lab")], [world.cloud.pk, "lab"], data, by="root")


def stop_place(world):
    actions.read_limits(actor_of(world.people["root"], world.lab), world.cloud.accounts.get(tenant=world.lab))
    return on_place("stop", "place.read")(world)


def unlink(world):
    data = {"name": "lab"}
    return Case("places:unlink", [("place.unlink", "lab")], [world.cloud.pk, "lab"], data, by="root")


def bring(world):
    Cloud.objects.update(tenants_bring=True)
    places = world.cloud.driver().places
    key = dict(places.grant(places.create(mark="", name="own").id, label="own").settings)
    return Case("places:bring", [("place.bring", "lab")], ["lab", world.cloud.pk], key, by="alice")


CASES = {
    "places:remove": remove_cloud,
    "places:give": give,
    "places:change make": make_place,
    "places:change rotate": on_place("rotate", "place.rotate"),
    "places:change push": on_place("push", "place.push"),
    "places:change read": on_place("read", "place.read"),
    "places:change adopt": adopt_limit,
    "places:change stop": stop_place,
    "places:link": link_place,
    "places:unlink": unlink,
    "places:bring": bring,
}
