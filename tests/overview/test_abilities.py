"""What the page says that one may do is what the access matrix says."""

import re

import pytest

from dashboard.clouds.interface import Feature
from dashboard.clouds.models import Cloud
from dashboard.overview.abilities import GROUPS, abilities_of
from dashboard.tenancy.access import find_actor
from tests.matrix import MATRIX

ABILITIES = [ability for group in GROUPS.values() for ability in group]
HERE = "/t/lab/abilities/"


@pytest.mark.parametrize("person", ["rita", "bob", "alice", "root"])
def test_it_says_what_the_matrix_says(person, lab, rita, bob, alice, root):
    user = {"rita": rita, "bob": bob, "alice": alice, "root": root}[person]
    said = [answer for _title, group in abilities_of(find_actor(user, "lab"), []) for answer in group]
    for ability, answer in zip(ABILITIES, said, strict=True):
        methods = MATRIX[ability.url]
        allowed = methods.get("post", methods.get("get"))[person] == "yes"
        if ability.role == "reader" or not allowed:
            assert (not answer.why_not) == allowed, ability


def test_a_reader_is_told_which_role_is_missing_and_who_gives_it(client, lab, alice, rita):
    client.force_login(rita)
    text = client.get(HERE).content.decode()
    assert "Needs the role Member; yours is Reader." in text
    assert "Roles are given by alice." in text


def test_a_manager_may_do_everything_of_the_tenant(client, lab, alice):
    client.force_login(alice)
    assert "Needs the role" not in client.get(HERE).content.decode()


def test_what_no_cloud_can_do_says_so(client, lab, bob, cloud):
    client.force_login(bob)
    Cloud.objects.update(features=[f.value for f in Feature if f not in {Feature.PAUSE}])
    text = re.sub(r"\s+", " ", client.get(HERE).content.decode())
    rest = text.partition("No cloud of this tenant can do it.")[2].partition("</ul>")[0]
    assert re.findall(r"<span>(\w+)</span>", rest) == ["Pause", "Unpause"]


def test_what_a_cloud_in_maintenance_does_not_take_says_its_reason(client, lab, bob, cloud):
    client.force_login(bob)
    Cloud.objects.update(maintenance="New disks.", features=[f.value for f in Feature])
    text = re.sub(r"\s+", " ", client.get(HERE).content.decode())
    first = text.partition("pretend is in maintenance and takes nothing new: New disks.")[2].partition("</ul>")[0]
    assert re.findall(r"<span>(\w+)</span>", first) == ["Launch"]
    Cloud.objects.create(name="spare", kind="fake", features=[]).accounts.create(tenant=lab)
    text = re.sub(r"\s+", " ", client.get(HERE).content.decode())
    assert "not on pretend" in text.partition("Launch")[2][:120]


def test_it_costs_few_queries(client, lab, bob, cloud, django_assert_max_num_queries):
    client.force_login(bob)
    with django_assert_max_num_queries(8):
        client.get(HERE)
