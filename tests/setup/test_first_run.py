"""What a new installation begins with, and what a later start leaves alone."""

from __future__ import annotations

import pytest
from django.contrib.auth import authenticate

from dashboard.accounts.models import User
from dashboard.audit.models import Entry
from dashboard.clouds.models import Cloud, CloudAccount
from dashboard.instances import inventory
from dashboard.instances.models import Flavor
from dashboard.quotas.models import DEFAULT_LIMITS, Quota
from dashboard.setup import embedded_cloud, first_run
from dashboard.setup.home import CannotStart
from dashboard.tenancy.models import Membership, Role, Tenant

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_is_given(monkeypatch):
    monkeypatch.delenv("SKYDECK_ADMIN_PASSWORD", raising=False)


@pytest.fixture
def pretended(tmp_path):
    return embedded_cloud.fake(tmp_path)


def test_the_tenant_has_a_quota_of_everything(pretended):
    first_run.register(pretended)
    assert dict(Quota.objects.filter(tenant__slug="demo").values_list("resource", "limit")) == DEFAULT_LIMITS


def test_the_administrator_signs_in_with_the_password_that_is_shown(pretended):
    password = first_run.register(pretended)
    assert len(password) >= 16
    admin = authenticate(username="admin", password=password)
    assert admin.is_superuser
    assert Membership.objects.get(user=admin).role == Role.MANAGER


def test_every_installation_has_another_password(pretended):
    first = first_run.register(pretended)
    User.objects.all().delete()
    assert first_run.register(pretended) != first


def test_a_given_password_is_taken_and_not_shown(pretended, monkeypatch):
    monkeypatch.setenv("SKYDECK_ADMIN_PASSWORD", "horse battery staple")
    assert first_run.register(pretended) is None
    assert authenticate(username="admin", password="horse battery staple")


def test_a_weak_password_is_refused_and_nothing_is_made(pretended, monkeypatch):
    monkeypatch.setenv("SKYDECK_ADMIN_PASSWORD", "admin")
    with pytest.raises(CannotStart, match="SKYDECK_ADMIN_PASSWORD will not do"):
        first_run.register(pretended)
    assert not User.objects.exists()
    assert not Tenant.objects.exists()


def test_the_cloud_can_be_used_at_once(pretended):
    first_run.register(pretended)
    cloud = Cloud.objects.get()
    assert inventory.sync_cloud(cloud.pk)
    assert cloud.images.exists()
    assert set(cloud.flavors.values_list("name", flat=True)) == {"small", "medium", "large"}
    assert CloudAccount.objects.filter(cloud=cloud, tenant__slug="demo").exists()


def test_a_second_start_changes_nothing(pretended):
    first_run.register(pretended)
    rows = [Tenant, User, Membership, Quota, Cloud, CloudAccount, Flavor, Entry]
    before = [model.objects.count() for model in rows]
    assert first_run.register(pretended) is None
    assert [model.objects.count() for model in rows] == before


def test_a_flavor_that_was_removed_stays_removed(pretended):
    first_run.register(pretended)
    Flavor.objects.get(name="large").delete()
    first_run.register(pretended)
    assert not Flavor.objects.filter(name="large").exists()


def test_the_clouds_settings_follow_what_was_found_at_this_start(pretended):
    first_run.register(pretended)
    moved = embedded_cloud.EmbeddedCloud(kind="fake", settings={"path": "/elsewhere"})
    first_run.register(moved)
    assert Cloud.objects.get().settings == {"path": "/elsewhere"}


def test_it_is_in_the_audit_trail(pretended):
    first_run.register(pretended)
    assert list(Entry.objects.order_by("number").values_list("verb", flat=True)) == [
        "tenant.create",
        "user.create",
        "cloud.create",
    ]


def test_its_entries_say_what_was_made(pretended):
    first_run.register(pretended)
    said = {entry.object_kind: (entry.object_name, entry.after) for entry in Entry.objects.all()}
    assert said == {
        "tenant": ("demo", {"slug": "demo", "name": "Demo"}),
        "user": ("admin", {"administrator": True}),
        "cloud": ("pretended", {"kind": "fake"}),
    }


def test_production_begins_without_a_cloud():
    assert first_run.register(None) is not None
    assert Tenant.objects.exists()
    assert not Cloud.objects.exists()
