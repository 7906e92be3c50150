"""What is said before a launch is what the ledger and the cloud say afterwards, in five hundred launches at random."""

import random
import re
import uuid
from collections import Counter

import pytest

from dashboard.clouds import tasks as cloud_tasks
from dashboard.clouds.drivers.fake import outside
from dashboard.clouds.interface import NetworkSpec
from dashboard.clouds.models import Cloud, CloudAccount
from dashboard.clouds.standing import standings_of
from dashboard.images.models import Image
from dashboard.instances import actions, inventory
from dashboard.instances.models import Flavor, Instance
from dashboard.instances.naming import Naming
from dashboard.instances.prediction import Wanted, predict
from dashboard.networks.models import Network
from dashboard.quotas.models import Quota
from dashboard.quotas.reservations import QuotaExceeded, drift

from .conftest import give_place, look

pytestmark = pytest.mark.slow

LAUNCHES = 500
SIZES = (("m1.tiny", 1, 512, 1), ("m1.small", 1, 2048, 20), ("m1.medium", 2, 4096, 40))


@pytest.fixture
def clouds(lab, tmp_path) -> list[Cloud]:
    """Two with places, one without; each has two hosts that are soon full."""
    made = []
    for name in ("east", "west", "plain"):
        settings = {"path": str(tmp_path / name), "delay_s": "0"} | ({"places": "yes"} if name != "plain" else {})
        cloud = Cloud.objects.create(name=name, kind="fake", settings=settings)
        (prepare_places if name != "plain" else prepare_plain)(cloud, lab)
        assert inventory.sync_cloud(cloud.pk)
        cloud.refresh_from_db()
        made.append(cloud)
    for cloud in made[:2]:
        look(cloud)
    return made


def prepare_places(cloud, lab):
    account = give_place(cloud, lab)
    outside.set_quota(path_of(cloud), account.remote_id, **dict.fromkeys(UNLIMITED))
    own = NetworkSpec(mark="n", name="own", cidr="10.9.0.0/16", external_network_id="public")
    account.driver().networks.create_network(own)


UNLIMITED = ("instances", "vcpus", "ram_mib", "volumes", "volume_gib", "floating_ips", "ports", "server_groups")


def prepare_plain(cloud, lab):
    CloudAccount.objects.create(cloud=cloud, tenant=lab)
    Flavor.objects.bulk_create(Flavor(cloud=cloud, name=n, vcpus=v, ram_mib=r, disk_gib=d) for n, v, r, d in SIZES)


def path_of(cloud) -> str:
    return cloud.settings["path"]


def resize_hosts(dice, cloud):
    """Each host has a little more than what is given away of it, of some things perhaps nothing; or it is down."""
    for host in cloud.driver().capacity.hosts():
        size = {
            "vcpus": max(1, host.vcpus_used + dice.randint(0, 7)),
            "ram_mib": host.ram_used_mib + dice.choice((1, 500, 1024, 3000, 9000)),
            "disk_gib": host.disk_used_gib + dice.choice((1, 3, 30, 100)),
        }
        outside.set_host(path_of(cloud), host.name, **size, state=dice.choice(("up",) * 5 + ("down",)))
    cloud_tasks.fetch(str(cloud.pk), "hosts")


def choose(dice, lab, clouds) -> Wanted:
    cloud = dice.choice(clouds)
    placed = cloud.has_places
    return Wanted(
        tenant=lab,
        cloud=cloud,
        count=dice.choice((1, 1, 1, 2, 3, 6)),
        image=dice.choice(list(Image.objects.filter(cloud=cloud, name__in=("Demo Linux", "Demo Linux", "Debian 12")))),
        flavor=dice.choice(list(Flavor.objects.filter(cloud=cloud, name__in=[name for name, *_ in SIZES]))),
        boot_volume_gib=dice.choice((0, 0, 0, 3, 30)),
        has_floating_ip=placed and dice.random() < 0.2,
        zone=dice.choice(("", "", "", "one", "two")),
        policy="anti-affinity" if placed and dice.random() < 0.1 else "",
    )


def change_limits(dice, lab):
    """Some resource gets a limit around what is used; often there is none."""
    Quota.objects.filter(tenant=lab).update(limit=None)
    for quota in dice.sample(list(Quota.objects.filter(tenant=lab)), k=dice.choice((0, 1, 2, 3, 4))):
        step = {"ram_mib": 512}.get(quota.resource, 1)
        quota.limit = max(0, quota.used + step * dice.randint(-1, 6))
        quota.save()


def asked_of(wanted) -> dict:
    """As the form would put it."""
    asked = {"boot_volume_gib": wanted.boot_volume_gib, "zone": wanted.zone}
    if wanted.cloud.has_places:
        asked["networks"] = [{"id": Network.objects.get(cloud=wanted.cloud, name="own").remote_id}]
    if wanted.policy:
        asked["new_group"] = {"name": uuid.uuid4().hex, "policy": wanted.policy}
    return {name: value for name, value in asked.items() if value}


def launch(actor, wanted):
    """Raises QuotaExceeded, NotPossible."""
    public = Network.objects.get(cloud=wanted.cloud, name="public") if wanted.has_floating_ip else None
    naming = Naming(pattern="web", count=wanted.count)
    return actions.launch_many(
        actor,
        naming=naming,
        key=uuid.uuid4().hex,
        cloud=wanted.cloud,
        image=wanted.image,
        flavor=wanted.flavor,
        asked=asked_of(wanted),
        floating_network=public,
    )


def ledger(lab) -> dict[str, int]:
    return dict(Quota.objects.filter(tenant=lab).values_list("resource", "used"))


def delete_some(dice, actor, work):
    for pk in dice.sample(list(Instance.objects.present().values_list("pk", flat=True)), k=2):
        actions.change(actor, pk, "delete")
    work()


@pytest.mark.slow
def test_what_is_predicted_of_a_launch_is_what_comes_of_it(as_bob, lab, clouds, work):
    dice, seen, asked_for = random.Random(20_000), Counter(), 0
    while asked_for < LAUNCHES:
        wanted = choose(dice, lab, clouds)
        asked_for += wanted.count
        resize_hosts(dice, wanted.cloud)
        change_limits(dice, lab)
        seen[outcome(as_bob, lab, wanted, work)] += 1
        if sum(seen.values()) % 50 == 0:
            delete_some(dice, as_bob, work)
    assert drift(lab) == {}
    assert min(seen[name] for name in ("impossible", "refused", "short", "fits")) >= 15, seen


def outcome(actor, lab, wanted, work) -> str:
    before, said = ledger(lab), predict(wanted, standings_of(lab))
    after = before | {one.resource.value: one.after for one in said.usage}
    if said.problems:
        with pytest.raises(actions.NotPossible, match=re.escape(said.problems[0].text)):
            launch(actor, wanted)
    elif said.over:
        with pytest.raises(QuotaExceeded) as refused:
            launch(actor, wanted)
        told = {short.resource: (short.wanted, short.left) for short in refused.value.shortages}
        assert told == {one.resource: (one.adds, max(0, one.limit - one.used)) for one in said.over}
    if said.problems or said.over:
        assert ledger(lab) == before
        return "impossible" if said.problems else "refused"
    batch = launch(actor, wanted)
    assert ledger(lab) == after
    work()
    running = Instance.objects.filter(pk__in=batch.operations.values("target_id"), status="ACTIVE").count()
    assert running == said.outlook.fits
    without_address = wanted.count - running if wanted.has_floating_ip else 0
    assert ledger(lab) == after | {"floating_ips": after["floating_ips"] - without_address}
    assert said.fits == (running == wanted.count)
    return "fits" if said.fits else "short"
