"""What a cloud lists becomes rows, in as many queries for two hundred as for two."""

from __future__ import annotations

import dataclasses

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dashboard.clouds import listed
from dashboard.clouds.interface import RemoteFlavor
from dashboard.instances.flavors import fields_of, sync_flavors
from dashboard.instances.models import Flavor


def flavors(number, **changed):
    one = RemoteFlavor(id="1", name="f", vcpus=1, ram_mib=512, disk_gib=5, is_public=True)
    return [dataclasses.replace(one, id=str(n), name=f"f-{n}", **changed) for n in range(number)]


@pytest.fixture
def names(cloud):
    return lambda: set(Flavor.objects.filter(cloud=cloud, is_gone=False).values_list("name", "vcpus"))


@pytest.mark.parametrize("vcpus", [1, 2], ids=["new", "changed"])
def test_many_cost_as_few_queries_as_two(cloud, lab, names, vcpus):
    for owner, number in ((lab, 2), (None, 200)):
        if vcpus == 2:
            sync_flavors(cloud, flavors(number, is_public=owner is None), tenant=owner)
        with CaptureQueriesContext(connection) as asked:
            sync_flavors(cloud, flavors(number, is_public=owner is None, vcpus=vcpus), tenant=owner)
        assert len(asked) <= 8  # SQLite takes ninety rows in one statement
    assert names() == {(f"f-{n}", vcpus) for n in range(200)}


def test_what_is_not_listed_is_marked_and_comes_back(cloud, names):
    sync_flavors(cloud, flavors(3), tenant=None)
    sync_flavors(cloud, flavors(1), tenant=None)
    assert names() == {("f-0", 1)}
    sync_flavors(cloud, flavors(2, vcpus=4), tenant=None)
    assert names() == {("f-0", 4), ("f-1", 4)}


def test_what_is_listed_twice_is_one_row(cloud, names):
    sync_flavors(cloud, [*flavors(1), *flavors(1, vcpus=3)], tenant=None)
    assert names() == {("f-0", 3)}


def test_one_that_was_overtaken_by_another_look_takes_its_rows(cloud, names):
    sync_flavors(cloud, flavors(2), tenant=None)
    seen = [(None, remote.name, fields_of(remote)) for remote in flavors(4, vcpus=2)]
    listed.write(cloud, Flavor.objects.none(), seen, by="name")
    assert names() >= {(f"f-{n}", 2) for n in range(4)}
    assert Flavor.objects.filter(cloud=cloud, name="f-0").count() == 1
