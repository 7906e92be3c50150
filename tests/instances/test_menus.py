"""A menu that is rendered once serves all rows that it fits, and no other."""

import itertools
from datetime import timedelta

import pytest
from django.template.loader import get_template
from django.utils import timezone, translation

from dashboard.clouds.interface import Feature, Status
from dashboard.clouds.models import Cloud
from dashboard.instances.models import Instance
from dashboard.instances.rows import Row
from dashboard.instances.templatetags import menus
from dashboard.operations.models import Operation
from dashboard.tenancy.looking import because_of
from dashboard.tenancy.models import Role, Tenant

ALL = [feature.value for feature in Feature]


def fresh(row, here):
    html = get_template("ui/verbs.html").render({"row": row, "here": here, "page_name": "list"})
    return menus.BETWEEN_TAGS.sub("><", html)


def rows():
    """Every status, locked or not, at work or not, with and without an operation, for each role and two clouds."""
    for status, locked, keeps_disk, is_windows, task, verb, role, features, remote_id in itertools.product(
        Status, (True, False), (True, False), (True, False), ("", "pausing"), (None, "stop", "delete"),
        (Role.READER, Role.MEMBER), (ALL, ["start-stop"]), ("", "r"),
    ):  # fmt: skip
        cloud = Cloud(name="east", features=features)
        instance = Instance(cloud=cloud, status=status, is_locked=locked, task=task, remote_id=remote_id)
        instance.keeps_disk, instance.image_is_windows = keeps_disk, is_windows
        yield Row(instance, Operation(kind=f"instance.{verb}") if verb else None, "", role)


def test_a_menu_from_memory_is_the_same_as_a_new_one(monkeypatch):
    """Each is kept; then every seventh is looked at, which is each value of each, beside all others."""
    menus.RENDERED.clear()
    monkeypatch.setattr(menus, "MOST", 10_000)
    here = "/t/lab/instances/{}/".format
    for row in rows():
        menus.verb_menu(row, here(row.instance.pk), "list")
    for row in itertools.islice(rows(), 0, None, 7):
        assert menus.verb_menu(row, here(row.instance.pk), "list") == fresh(row, here(row.instance.pk))


@pytest.mark.parametrize("where", ["/t/other/instances/{}/", "/t/lab/machines/{}/"])
def test_another_tenants_menu_leads_to_its_own_pages(where):
    row = Row(Instance(cloud=Cloud(name="east", features=ALL), status="ACTIVE", remote_id="r"), None, "", Role.MEMBER)
    menus.verb_menu(row, f"/t/lab/instances/{row.instance.pk}/", "list")
    here = where.format(row.instance.pk)
    assert menus.verb_menu(row, here, "list") == fresh(row, here)


def test_what_is_kept_has_an_end(monkeypatch):
    monkeypatch.setattr(menus, "MOST", 3)
    menus.RENDERED.clear()
    for row in itertools.islice(rows(), 20):
        menus.verb_menu(row, "/", "list")
    assert len(menus.RENDERED) <= 3


def test_each_language_has_its_own():
    row = Row(Instance(cloud=Cloud(name="east", features=ALL), status="ACTIVE", remote_id="r"), None, "", Role.MEMBER)
    keys = set()
    for language in ("en", "de"):
        with translation.override(language):
            keys.add(menus.menu_key(row, "/", "list"))
    assert len(keys) == 2


@pytest.fixture
def row():
    return Row(Instance(cloud=Cloud(name="east", features=ALL), status="SHELVED", remote_id="r"), None, "", Role.READER)


def kept(row):
    return menus.verb_menu(row, "/", "list")


def test_a_tenant_that_is_disabled_and_enabled_again_says_so_in_each_menu(row):
    sentence = "Lab is disabled: you may only look."
    assert sentence not in kept(row)
    with because_of(Tenant(name="Lab")):
        assert kept(row) == fresh(row, "/")
        assert sentence in kept(row)
    assert kept(row) == fresh(row, "/")


def test_maintenance_of_a_cloud_its_reason_and_its_end_are_in_the_menus(row):
    for reason, until in (("disks", None), ("fans", None), ("fans", timezone.now() + timedelta(hours=1)), ("", None)):
        row.instance.cloud.maintenance, row.instance.cloud.maintenance_until = reason, until
        new = Row(row.instance, None, "", Role.MEMBER)
        assert kept(new) == fresh(new, "/")
        assert ("is in maintenance" in kept(new)) == bool(reason)


def menu(role=Role.MEMBER, *, operation=None, **fields):
    instance = Instance(cloud=Cloud(name="east", features=ALL), **{"status": "ACTIVE", "remote_id": "r"} | fields)
    return fresh(Row(instance, operation, "", role), "/")


def test_a_reason_that_all_share_is_told_once_and_each_grey_one_still_has_it():
    html = menu(Role.READER)
    reason = "This needs the role Member; you may only look."
    assert html.count(f'<li class="why-all">{reason}</li>') == 1
    assert "data-why" not in html
    assert html.count(f'aria-disabled="true" title="{reason}"') == html.count("aria-disabled") > 10


def test_what_is_under_way_is_told_once_for_all_that_wait_for_it():
    html = menu(operation=Operation(kind="instance.stop", requested_by_name="bob"))
    assert html.count('<li class="why-all">bob asked for “Stop”; wait for it to end.</li>') == 1
    assert "data-why" not in html


def test_what_is_under_way_is_told_once_also_where_some_are_grey_for_another_reason():
    """As while it is launched: the consoles wait for its status."""
    html = menu(operation=Operation(kind="instance.launch", requested_by_name="bob"), status="BUILD", remote_id="")
    assert html.count('<li class="why-all">bob asked for “Launch”; wait for it to end.</li>') == 1
    assert 'data-why="bob asked' not in html
    assert html.count('data-why="Not possible while its status is Building."') == 1


def test_in_a_group_of_which_all_grey_ones_share_a_reason_the_last_of_them_tells_it():
    html = menu(is_locked=True, status="SHUTOFF")
    assert '<li class="why-all" hidden></li>' in html
    for reason in ("It is locked. Unlock it first.", "Not possible while its status is Stopped."):
        assert html.count(f'data-why="{reason}"') < html.count(f'title="{reason}"')


def test_a_single_grey_one_tells_its_reason_beside_itself():
    assert menu().count('data-why="Not possible while its status is Active."') == 1
