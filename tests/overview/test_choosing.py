import re

import pytest

from dashboard.tenancy.models import Membership, Role, Tenant


@pytest.fixture
def many(bob, lab):
    """A thousand tenants that bob may enter, and `lab`."""
    tenants = Tenant.objects.bulk_create(Tenant(slug=f"t{n:03}", name=f"Team {n:03}") for n in range(1000))
    Membership.objects.bulk_create(Membership(user=bob, tenant=tenant, role=Role.READER) for tenant in tenants)
    return tenants


NINES = [f"/t/t{n}/" for n in (399, 499, 599, 699, 799, 899, *range(990, 1000))]


def urls(answer) -> list[str]:
    return re.findall(r'role="option" id="tenant-option-\d+" href="([^"]+)"', answer.content.decode())


def switch(client, query=None):
    """As the field of the top bar asks."""
    return client.get("/switch/", query, headers={"HX-Request": "true"})


def test_who_opens_the_options_alone_gets_the_page_of_all(client, root, lab, other):
    client.force_login(root)
    answer = client.get("/switch/", {"q": "a&b", "section": "networks"})
    assert (answer.status_code, answer["Location"]) == (302, "/?section=networks&q=a%26b")
    assert urls(switch(client, {"q": "lab"})) == ["/t/lab/"]


def test_of_a_thousand_tenants_twenty_are_offered_in_one_query_of_their_own(
    client, bob, root, many, django_assert_num_queries
):
    for person in (bob, root):
        client.force_login(person)
        with django_assert_num_queries(3):  # the session, the person, the tenants
            answer = switch(client, {"section": "instances", "here": "lab"})
        assert len(urls(answer)) == 20
        assert urls(answer)[0] == "/t/lab/instances/"
        assert "Show all" in answer.content.decode()
    assert urls(switch(client, {"q": "eam 07"}))[0] == "/t/t070/"
    assert len(urls(switch(client, {"q": "T99"}))) == 10


def test_each_word_is_found_wherever_it_stands_and_the_names_are_in_their_order(client, root, many):
    client.force_login(root)
    assert urls(switch(client, {"q": "99 tea"})) == ["/t/t099/", "/t/t199/", "/t/t299/", *NINES]
    assert urls(switch(client, {"q": "t997 team"})) == ["/t/t997/"], "the short name counts, too"
    assert "<mark>Tea</mark>m 9<mark>97</mark>" in switch(client, {"q": "97 tea"}).content.decode()
    assert client.get("/", {"q": "99 tea"}).content.decode().count('<a class="panel" href="/t/') == 19


def test_for_a_form_they_are_values_and_lead_nowhere(client, root, lab, other):
    client.force_login(root)
    answer = client.get("/switch/", {"pick": "1", "q": "ot"}).content.decode()
    assert re.findall(r'data-value="([^"]+)"', answer) == ["other"]
    assert "href" not in answer
    assert client.get("/switch/", {"pick": "1", "q": "zzz"}).content.decode().strip() == ""
    form = client.get("/users/invite/").content.decode()
    assert 'data-find-tenants="/switch/"' in form
    assert "tenants/picker" in form


def test_nobody_is_offered_what_they_may_not_enter(client, charlie, rita, many, other):
    client.force_login(charlie)
    assert urls(switch(client)) == ["/t/other/"]
    assert "no tenant that you may enter has “Team” in its name" in switch(client, {"q": "Team"}).content.decode()
    client.force_login(rita)
    assert urls(switch(client)) == ["/t/lab/"]


def test_what_was_entered_lately_comes_first(client, bob, many):
    client.force_login(bob)
    for slug in ("t500", "t700", "t500"):
        assert client.get(f"/t/{slug}/instances/").status_code == 200
    assert urls(switch(client))[:3] == ["/t/t500/", "/t/t700/", "/t/lab/"]
    assert "t500" not in client.cookies["recent"].value
    client.cookies["recent"] = "x.y." + "0" * 32
    assert urls(switch(client))[0] == "/t/lab/"


def test_a_section_that_one_may_not_see_there_leads_to_the_first_page(client, alice, other):
    Membership.objects.create(user=alice, tenant=other, role=Role.READER)
    client.force_login(alice)
    assert urls(switch(client, {"section": "audit"})) == ["/t/lab/audit/", "/t/other/"]
    assert urls(switch(client, {"section": "nonsense"})) == ["/t/lab/", "/t/other/"]


def test_who_has_one_tenant_has_nothing_to_switch(client, bob, root, lab, other):
    client.force_login(bob)
    assert 'id="tenant-open"' not in client.get("/t/lab/").content.decode()
    Membership.objects.create(user=bob, tenant=other, role=Role.READER)
    assert 'href="/?section=instances"' in client.get("/t/lab/instances/").content.decode()
    client.force_login(root)
    assert 'id="tenant-open"' in client.get("/tenants/").content.decode()


def test_the_page_of_all_is_searched_and_paged(client, bob, many, django_assert_num_queries):
    client.force_login(bob)
    with django_assert_num_queries(4):  # the session, the person, how many, the tenants
        text = client.get("/", {"section": "networks"}).content.decode()
    assert text.count('<a class="panel" href="/t/') == 50
    assert 'href="/t/lab/networks/"' in text
    assert "1 to 50 of 1001" in text
    assert client.get("/", {"q": "049"}).content.decode().count('<a class="panel" href="/t/') == 1
    assert "Nothing found" in client.get("/", {"q": "zzz"}).content.decode()
    assert client.get("/", {"page": "999"}).status_code == 200


def test_who_has_one_tenant_goes_straight_there_also_into_a_section(client, bob, lab):
    client.force_login(bob)
    assert client.get("/")["Location"] == "/t/lab/"
    assert client.get("/", {"section": "networks"})["Location"] == "/t/lab/networks/"


def test_who_has_none_is_told_whom_to_ask_and_what_to_tell(client, bob, root):
    Membership.objects.all().delete()
    client.force_login(bob)
    assert "tell them your username, bob" in client.get("/").content.decode()
    Tenant.objects.all().delete()
    client.force_login(root)
    assert "Create the first one" in client.get("/").content.decode()
