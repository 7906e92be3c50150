"""What a cloud lists becomes rows, in as many queries for two hundred as for two."""

from __future__ import annotations

import dataclasses
from functools import partial

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dashboard.clouds.interface import RemoteFlavor
from dashboard.instances.flavors import sync_flavors
from dashboard.instances.models import Flavor
from tests.instances.conftest import at_once


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


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_two_looks_that_are_told_in_another_order_do_not_wait_for_each_other(cloud, names):
    told = flavors(2000)
    looks = [partial(sync_flavors, cloud, told, tenant=None), partial(sync_flavors, cloud, told[::-1], tenant=None)]
    assert at_once(*looks) == [None, None]
    assert len(names()) == 2000
