"""The cast: alice manages `lab`, bob is a member, rita may only read, charlie is a stranger who manages
`other`, root is the administrator. One fake cloud with one image and three flavors."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import hypothesis
import pytest

from dashboard.accounts.models import User
from dashboard.clouds.models import Cloud, CloudAccount
from dashboard.images.models import Image
from dashboard.instances import actions, inventory
from dashboard.instances.models import Flavor, Instance
from dashboard.operations import run
from dashboard.operations.models import Operation, long_ago
from dashboard.quotas.models import DEFAULT_LIMITS, Quota
from dashboard.tenancy.access import Actor, find_actor
from dashboard.tenancy.models import Membership, Role, Tenant

hypothesis.settings.register_profile("ours", deadline=None)  # the machine of the tests may be busy
hypothesis.settings.load_profile("ours")

PASSWORD = "correct horse battery"
LIMITS = dict(DEFAULT_LIMITS) | {"instances": 10, "vcpus": 20, "ram_mib": 16384, "disk_gib": 100}


def make_tenant(slug: str) -> Tenant:
    tenant = Tenant.objects.create(slug=slug, name=slug.title())
    Quota.objects.bulk_create(Quota(tenant=tenant, resource=r, limit=n) for r, n in LIMITS.items())
    return tenant


def make_user(name: str, tenant: Tenant | None = None, role: Role | None = None, **fields: object) -> User:
    user = User.objects.create_user(name, f"{name}@example.org", PASSWORD, **fields)
    if tenant and role:
        Membership.objects.create(user=user, tenant=tenant, role=role)
    return user


@pytest.fixture(scope="session")
def launched_chromium():
    from tests.chromium import launched  # Playwright is loaded where a browser is asked for

    with launched() as chromium:
        yield chromium


@pytest.fixture
def chromium(launched_chromium):
    """The one browser of the run, without any window of a test before."""
    yield launched_chromium
    for context in launched_chromium.contexts:
        context.close()


@pytest.fixture
def lab(db) -> Tenant:
    return make_tenant("lab")


@pytest.fixture
def other(db) -> Tenant:
    return make_tenant("other")


@pytest.fixture
def alice(lab) -> User:
    return make_user("alice", lab, Role.MANAGER)


@pytest.fixture
def bob(lab) -> User:
    return make_user("bob", lab, Role.MEMBER)


@pytest.fixture
def rita(lab) -> User:
    return make_user("rita", lab, Role.READER)


@pytest.fixture
def charlie(other) -> User:
    return make_user("charlie", other, Role.MANAGER)


@pytest.fixture
def root(db) -> User:
    return make_user("root", is_superuser=True)


def actor_of(user: User, tenant: Tenant) -> Actor:
    actor = find_actor(user, tenant.slug)
    assert actor is not None
    return actor


@pytest.fixture
def as_bob(bob, lab) -> Actor:
    return actor_of(bob, lab)


@pytest.fixture
def fake_path(tmp_path):
    return tmp_path / "fake-cloud.sqlite3"


@pytest.fixture
def cloud(lab, other, fake_path) -> Cloud:
    """A fake cloud, synced once, on which both tenants have a place."""
    cloud = Cloud.objects.create(name="pretend", kind="fake", settings={"path": str(fake_path), "delay_s": "0"})
    for tenant in (lab, other):
        CloudAccount.objects.create(tenant=tenant, cloud=cloud)
    for name, vcpus, ram_mib, disk_gib in (("small", 1, 512, 5), ("medium", 2, 1024, 10), ("large", 8, 8192, 40)):
        Flavor.objects.create(cloud=cloud, name=name, vcpus=vcpus, ram_mib=ram_mib, disk_gib=disk_gib)
    assert inventory.sync_cloud(cloud.pk)
    cloud.refresh_from_db()
    return cloud


@pytest.fixture
def image(cloud) -> Image:
    return Image.objects.filter(cloud=cloud).order_by("name").first()


@pytest.fixture
def small(cloud) -> Flavor:
    return Flavor.objects.get(cloud=cloud, name="small")


@pytest.fixture
def launch(as_bob, cloud, image, small) -> Callable[..., Instance]:
    """Ask for an instance; nothing is built until `work` runs."""

    def ask(name: str = "web-1", **changed: object) -> Instance:
        asked = {"cloud": cloud, "image": image, "flavor": small, "key": uuid.uuid4().hex, "actor": as_bob} | changed
        return actions.launch(asked.pop("actor"), name=name, **asked)

    return ask


@pytest.fixture
def work(db) -> Callable[..., None]:
    """Do what the workers would do until nothing is open any more, without waiting for `due_at`."""

    def until_done(rounds: int = 50) -> None:
        for _ in range(rounds):
            Operation.objects.open().update(due_at=long_ago())
            for pk in Operation.objects.open().values_list("pk", flat=True):
                run.advance(pk)
            if not Operation.objects.open().exists():
                return
        raise AssertionError("operations are still open")

    return until_done


@pytest.fixture
def target(launch, work) -> Instance:
    """The instance of `lab` that the addresses of the access matrix name."""
    instance = launch()
    work()
    return instance


@pytest.fixture
def cast(alice, bob, rita, charlie, root) -> dict[str, User]:
    return {"alice": alice, "bob": bob, "rita": rita, "charlie": charlie, "root": root}
