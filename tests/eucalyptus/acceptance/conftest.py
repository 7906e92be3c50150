"""A Eucalyptus in use: a cloud in our rows, and tenants with accounts on it. The workers' work is done by `work`.

`remote` is the dialect server behind it; a test chooses its kind with `@on(release="4.4", mode="edge")`.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest
from django.test import Client

from dashboard.clouds import actions as connecting
from dashboard.clouds.drivers.eucalyptus import session
from dashboard.clouds.models import Cloud, CloudAccount
from dashboard.clouds.secrets import seal
from dashboard.images.models import Image
from dashboard.instances import actions, inventory
from dashboard.instances.models import Flavor, Instance
from dashboard.operations.models import Operation
from dashboard.places import actions as place_actions
from dashboard.quotas.models import Quota
from tests.conftest import actor_of
from tests.eucalyptus.dialect import dialect
from tests.eucalyptus.drivers import settings_of


@pytest.fixture(autouse=True)
def _impatient(monkeypatch):
    monkeypatch.setattr(session, "PAUSES_S", (0.0, 0.0))


@pytest.fixture
def remote(request):
    asked = {"zone_names": ("zone-a",)} | getattr(request, "param", {})
    with dialect(**asked) as remote:
        yield remote


@pytest.fixture
def cloud(db, remote) -> Cloud:
    """Tested and in use; its driver is closed at the end."""
    shown, hidden = connecting.split("eucalyptus", settings_of(remote))
    cloud = Cloud.objects.create(name="euca", kind="eucalyptus", settings=shown, sealed=seal(hidden))
    assert inventory.sync_cloud(cloud.pk)
    cloud.refresh_from_db()
    yield cloud
    cloud.driver().close()
    for account in cloud.accounts.exclude(sealed=""):
        account.driver().close()


@pytest.fixture
def give(cloud, root, work) -> Callable[..., CloudAccount]:
    """An account for a tenant, as an administrator makes it; looked at once."""

    def make(tenant, name=""):
        place_actions.make(actor_of(root, tenant), cloud, name=name or tenant.slug)
        work()
        account = CloudAccount.objects.get(cloud=cloud, tenant=tenant)
        assert inventory.sync_account(account.pk)
        return CloudAccount.objects.select_related("cloud", "tenant").get(pk=account.pk)

    return make


@pytest.fixture
def account(give, lab, remote) -> CloudAccount:
    """Of `lab`. The account that a dialect server has by this name is another one."""
    large = Quota.objects.filter(tenant=lab, resource__in=("disk_gib", "ram_mib"))
    large.update(limit=10**6)  # as types are there
    return give(lab, "lab-account")


@pytest.fixture
def image(account) -> Image:
    """Of the instance store: what is launched from it cannot be stopped."""
    return Image.objects.get(cloud=account.cloud, name="Debian 12 cloud")


@pytest.fixture
def small(account) -> Flavor:
    return Flavor.objects.get(cloud=account.cloud, name="m1.small")


@pytest.fixture
def launch(account, image, small, as_bob) -> Callable[..., Instance]:
    def ask(name="web", **changed):
        asked = {"cloud": account.cloud, "image": image, "flavor": small, "key": uuid.uuid4().hex} | changed
        return actions.launch(changed.pop("actor", as_bob), name=name, **asked)

    return ask


@pytest.fixture
def as_person(bob) -> Client:
    """A browser in which bob, a member of `lab`, is signed in."""
    browser = Client()
    browser.force_login(bob)
    return browser


@pytest.fixture
def as_root(root) -> Client:
    browser = Client()
    browser.force_login(root)
    return browser


def on(**kind):
    """The kind of Eucalyptus that a test is on."""
    return pytest.mark.parametrize("remote", [kind], indirect=True, ids=["-".join(map(str, kind.values()))])


def again(row):
    row.refresh_from_db()
    return row


def operation_of(instance, verb="launch") -> Operation:
    return Operation.objects.get(target_id=instance.pk, kind=f"instance.{verb}")


def used(tenant, resource="instances") -> int:
    return Quota.objects.get(tenant=tenant, resource=resource).used


def text_of(answer) -> str:
    return answer.content.decode()
