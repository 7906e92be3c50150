"""Many flavors are grouped by families in the forms, where their names have families."""

from __future__ import annotations

import re

import pytest

from dashboard.instances.models import Flavor

PATH = "/t/lab/instances/launch/"
SIZES = ("large", "medium", "nano", "small", "xlarge")


@pytest.fixture
def groups(browser, cloud):
    """What the launch form shows with these flavors as well: the families, each with its flavors."""

    def groups(names):
        sized = enumerate(names, start=1)
        Flavor.objects.bulk_create(Flavor(cloud=cloud, name=n, vcpus=i, ram_mib=512, disk_gib=5) for i, n in sized)
        page = browser.get(PATH).content.decode()
        select = re.search(r'<select name="flavor".*?</select>', page, re.DOTALL)[0]
        found = re.findall(r'<optgroup label="([^"]*)">(.*?)</optgroup>', select, re.DOTALL)
        assert len(re.findall("<option ", select)) == len(names) + 4  # three more, and none
        return {family: re.findall(r">\s*(\S[^<]*?)\s*</option>", options) for family, options in found}

    return groups


def test_many_are_grouped_by_family_and_keep_their_order_in_it(groups):
    names = [f"{family}.{size}" for size in SIZES for family in ("t2", "m1", "c5", "c5d")]
    found = groups(names)
    assert list(found) == ["c5", "c5d", "m1", "t2"]
    assert found["m1"] == [f"m1.{size}" for size in SIZES]


@pytest.mark.parametrize(
    "names",
    [
        [f"m{family}.{size}" for family in (1, 2) for size in SIZES],
        [f"size-{number}" for number in range(30)],
        [f"one{number}.only" for number in range(30)],
    ],
    ids=["few", "without families", "families of one"],
)
def test_others_are_one_list(groups, names):
    assert groups(names) == {}


def test_one_of_a_family_is_taken(groups, browser, cloud):
    groups([f"{family}.{size}" for size in SIZES for family in ("t2", "m1", "c5", "c5d")])
    chosen = Flavor.objects.get(cloud=cloud, name="m1.nano")
    form = browser.post(PATH, {"explain": "1", "flavor": str(chosen.pk)}).context["form"]
    assert form.considered(form.data).flavor == chosen
