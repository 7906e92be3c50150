"""Entries of a tenant that was deleted keep its name: in the list, in the filter, in files."""

import json

import pytest

from dashboard.audit.models import Entry
from dashboard.tenants import removal
from tests.conftest import make_tenant

from .test_exporting import file_of, rows_of
from .test_pages import ALL, names, page_of


@pytest.fixture
def left(write):
    """Its id; it had one entry before the last."""
    tenant = make_tenant("left")
    tenant.name = "Left behind"
    tenant.save(update_fields=["name"])
    pk = str(tenant.pk)
    write(tenant=pk, object_name="theirs")
    removal.remove(tenant, actor="root")
    return pk


def test_the_list_and_an_entry_name_it(admin, left):
    assert "Left behind (deleted)" in page_of(admin, ALL)
    page = page_of(admin, f"{ALL}{Entry.objects.get(object_name='theirs').pk}/")
    assert "Left behind (deleted)" in page
    assert left in page


@pytest.mark.parametrize("q", ["tenant:left", "tenant:=left", 'tenant:"left behind"', 'tenant:"=Left Behind"'])
def test_it_is_found_by_its_short_and_its_long_name(admin, write, left, q):
    write()
    assert names(page_of(admin, ALL, q)) == ["left", "theirs"]


def test_who_has_its_short_name_now_is_found_with_it_and_called_by_its_own(admin, write, left):
    write(tenant=str(make_tenant("left").pk), object_name="new")
    page = page_of(admin, ALL, "tenant:=left")
    assert names(page) == ["new", "left", "theirs"]
    assert page.count(">Left<") == 1


def test_files_name_it_too(admin, left):
    said = {(row["tenant"], row["tenant_id"]) for row in rows_of(file_of(admin, "csv", ALL)[1])}
    assert said == {("left", left)}
    assert {json.loads(line)["tenant"] for line in file_of(admin, "jsonl", ALL)[1].splitlines()} == {"left"}


@pytest.mark.parametrize("count", [1, 30])
def test_the_list_takes_one_query_more_however_many_were_deleted(admin, write, count, django_assert_num_queries):
    for number in range(count):
        tenant = make_tenant(f"left-{number}")
        write(tenant=str(tenant.pk))
        removal.remove(tenant, actor="root")
    with django_assert_num_queries(5):
        assert page_of(admin, ALL).count("(deleted)") == min(2 * count, 50)
