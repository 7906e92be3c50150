import re

import pytest

from dashboard.audit.models import Entry
from dashboard.quotas.actions import create_plan
from dashboard.quotas.models import Quota, Resource
from dashboard.tenancy.models import Membership, Tenant
from dashboard.tenants import actions, listing
from dashboard.tenants.slugs import RESERVED, proposed

ARABIC = "قسم الفيزياء"


def create(client, **typed):
    return client.post("/tenants/create/", {"name": "Physics", "slug": ""} | typed)


def said(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def test_a_tenant_is_created_with_the_default_plan_and_its_first_manager(as_root, bob, administrator):
    limits = {resource.value: 7 for resource in Resource}
    create_plan(administrator, name="Usual", limits=limits, is_default=True)
    page = as_root.get("/tenants/create/").content.decode()
    assert re.search(r'<option value="[0-9a-f-]{36}" selected>Usual', page)
    answer = create(as_root, manager="bob", description="Particles", plan="")
    assert answer["Location"] == "/tenants/physics/"
    tenant = Tenant.objects.get(slug="physics")
    assert set(Quota.objects.filter(tenant=tenant).values_list("limit", flat=True)) == {7}
    assert Membership.objects.get(tenant=tenant).user == bob
    assert tenant.planned.plan.name == "Usual"


def test_another_plan_can_be_chosen(as_root, administrator):
    plan = create_plan(administrator, name="Huge", limits={resource.value: 99 for resource in Resource})
    create(as_root, plan=str(plan.pk))
    assert Quota.objects.get(tenant__slug="physics", resource="instances").limit == 99


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Physics Lab 2", "physics-lab-2"),
        (ARABIC, "tenant"),
        ("🧪🧪", "tenant"),
        ("Café Münster", "cafe-munster"),
        ("Admin", "admin-2"),
        ("a_b--c", "a-b-c"),
        ("x" * 128, "x" * 58),
    ],
)
def test_a_short_name_is_made_from_a_name_in_any_script(as_root, name, slug):
    assert create(as_root, name=name)["Location"] == f"/tenants/{slug}/"
    assert Tenant.objects.get(slug=slug).name == name
    assert as_root.get(f"/t/{slug}/").status_code == 200


def test_two_of_one_name_get_two_short_names(as_root, lab):
    for expected in ("lab-2", "lab-3"):
        assert create(as_root, name="Lab")["Location"] == f"/tenants/{expected}/"


@pytest.mark.parametrize(
    ("slug", "told"),
    [
        ("🚀", "“tenant” would do"),
        ("física", "“fisica” would do"),
        ("lab", "“lab-2” is free"),
        ("LAB", "“lab-2” is free"),
        ("create", "“create-2” would do"),
        ("../etc", "“etc” would do"),
        ("-x", "“x” would do"),
        ("a b", "“a-b” would do"),
        ("x" * 65, "At most 64 characters"),
    ],
)
def test_a_short_name_that_will_not_do_is_refused_with_one_that_would(as_root, lab, slug, told):
    answer = create(as_root, slug=slug, name=ARABIC)
    assert (answer.status_code, told in said(answer)) == (422, True), said(answer)
    assert f'value="{slug}"' in answer.content.decode(), "what was typed is kept"
    assert ARABIC in answer.content.decode()
    assert Tenant.objects.count() == 1


@pytest.mark.parametrize("slug", sorted(RESERVED))
def test_what_is_proposed_is_never_reserved(db, slug):
    assert proposed(slug) not in RESERVED


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"name": "  "}, "Give the tenant a name"),
        ({"name": "a\u202eb"}, "cannot be seen"),
        ({"name": "x" * 129}, "at most 128"),
        ({"manager": "nobody"}, "Nobody with the username “nobody”"),
        ({"description": "x" * 501}, "at most 500"),
    ],
)
def test_bad_input_is_said_at_its_field(as_root, typed, told):
    answer = create(as_root, **typed)
    assert (answer.status_code, told in said(answer)) == (422, True), said(answer)
    assert 'aria-invalid="true"' in answer.content.decode()
    assert not Tenant.objects.exists()


def test_of_two_with_one_short_name_at_once_the_second_is_told(administrator, lab):
    with pytest.raises(actions.Taken, match="“lab-2” is free"):
        actions.create(administrator, name="Lab", slug="lab")
    assert not Entry.objects.exists()


def test_name_and_description_are_changed_and_the_short_name_stays(as_root, lab):
    as_root.post("/tenants/lab/", {"name": "Laboratory", "description": "All of it", "slug": "other"})
    lab.refresh_from_db()
    assert (lab.slug, lab.name, lab.description) == ("lab", "Laboratory", "All of it")
    as_root.post("/tenants/lab/", {"name": "Laboratory", "description": "All of it"})
    assert Entry.objects.filter(verb="tenant.change").count() == 1, "what changes nothing is no entry"


def test_what_somebody_else_changed_meanwhile_is_not_overwritten_unseen(as_root, lab):
    Tenant.objects.update(name="Theirs")
    typed = {"name": "Mine", "description": "", "was-name": "Lab", "was-description": ""}
    answer = as_root.post("/tenants/lab/", typed)
    assert (answer.status_code, "changed it to “Theirs”" in said(answer)) == (422, True)
    assert 'name="was-name" value="Theirs"' in answer.content.decode()
    as_root.post("/tenants/lab/", typed | {"was-name": "Theirs"})
    assert Tenant.objects.get().name == "Mine"


def test_the_list_of_a_thousand_costs_what_the_list_of_one_does(as_root, bob, django_assert_max_num_queries):
    tenants = Tenant.objects.bulk_create(Tenant(slug=f"t{n:04}", name=f"Team {n:04}") for n in range(1000))
    Quota.objects.bulk_create(Quota(tenant=t, resource="vcpus", limit=10, used=n % 10) for n, t in enumerate(tenants))
    Membership.objects.bulk_create(Membership(user=bob, tenant=t, role="reader") for t in tenants[:5])
    for sort in listing.SORTS:
        with django_assert_max_num_queries(8):
            answer = as_root.get("/tenants/", {"sort": sort})
        assert answer.content.decode().count('<tr role="row" id=') == 50
    with django_assert_max_num_queries(8):
        assert "Team 0777" in as_root.get("/tenants/", {"q": "0777"}).content.decode()


@pytest.mark.parametrize("sort", listing.SORTS)
def test_going_through_the_pages_shows_each_once_there_and_back(db, sort, monkeypatch):
    monkeypatch.setattr(listing, "PER_PAGE", 7)
    tenants = Tenant.objects.bulk_create(Tenant(slug=f"t{n:02}", name=f"Team {n % 5}") for n in range(30))
    Quota.objects.bulk_create(Quota(tenant=t, resource="vcpus", limit=9, used=n % 3) for n, t in enumerate(tenants))
    seen, page = [], listing.page_of(sort=sort)
    seen += page.rows
    while page.after:
        page = listing.page_of(sort=sort, after=page.after)
        seen += page.rows
    slugs = [row.tenant.slug for row in seen]
    assert (len(slugs), len(set(slugs))) == (30, 30)
    back = [*page.rows]
    while page.before:
        page = listing.page_of(sort=sort, before=page.before)
        back = [*page.rows, *back]
    assert [row.tenant.slug for row in back] == slugs


@pytest.mark.parametrize(
    "query", ["after=x", "after=" + "A" * 3000, "sort=nonsense", "show=nonsense", "q=%00", "before=W10"]
)
def test_nonsense_in_the_address_is_the_first_page(as_root, lab, query):
    assert "Lab" in as_root.get(f"/tenants/?{query}").content.decode()


def test_an_empty_list_says_what_to_do_next(as_root, lab):
    assert "Create the first one" not in said(as_root.get("/tenants/"))
    assert "No tenant is disabled" in said(as_root.get("/tenants/?show=disabled"))
    assert "No tenant has “zzz”" in said(as_root.get("/tenants/?q=zzz"))
    lab.delete()
    assert "Create the first one" in said(as_root.get("/tenants/"))


def test_times_are_written_as_everywhere(as_root, administrator, lab):
    actions.disable(administrator, lab.pk, reason="unpaid")
    page = re.sub(r"<[^>]+>", "", as_root.get("/tenants/lab/").content.decode())
    moment = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \w+ \d+ \w+ ago"
    assert re.search(f"Created\\s*{moment}", page)
    assert re.search(f"By root at {moment}. Its members", page)
    assert re.search(r">\d{4}-\d\d-\d\d<", as_root.get("/tenants/").content.decode())


def test_the_page_of_a_tenant_leads_to_its_place_on_each_cloud(as_root, lab, cloud):
    Tenant.objects.create(slug="fresh", name="Fresh")
    assert "Has a place" in said(as_root.get("/tenants/lab/"))
    page = as_root.get("/tenants/fresh/").content.decode()
    assert "no place yet" in page
    assert f"/clouds/{cloud.pk}/tenants/fresh/" in page
