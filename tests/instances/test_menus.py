"""A menu that is rendered once serves all rows that it fits, and no other."""

import itertools

import pytest
from django.template.loader import get_template
from django.utils import translation

from dashboard.clouds.interface import Feature, Status
from dashboard.clouds.models import Cloud
from dashboard.instances.listing import Row
from dashboard.instances.models import Instance
from dashboard.instances.templatetags import menus
from dashboard.operations.models import Operation
from dashboard.tenancy.models import Role

ALL = [feature.value for feature in Feature]


def fresh(row, here):
    html = get_template("ui/verbs.html").render({"row": row, "here": here, "page_name": "list"})
    return menus.BETWEEN_TAGS.sub("><", html)


def rows():
    """Every status, locked or not, at work or not, with and without an operation, for each role and two clouds."""
    for status, locked, task, verb, role, features, remote_id in itertools.product(
        Status, (True, False), ("", "pausing"), (None, "stop", "delete"), (Role.READER, Role.MEMBER),
        (ALL, ["start-stop"]), ("", "r"),
    ):  # fmt: skip
        cloud = Cloud(name="east", features=features)
        instance = Instance(cloud=cloud, status=status, is_locked=locked, task=task, remote_id=remote_id)
        yield Row(instance, Operation(kind=f"instance.{verb}") if verb else None, "", role)


def test_a_menu_from_memory_is_the_same_as_a_new_one():
    menus.RENDERED.clear()
    for _ in range(2):
        for row in rows():
            here = f"/t/lab/instances/{row.instance.pk}/"
            assert menus.verb_menu(row, here, "list") == fresh(row, here)


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
