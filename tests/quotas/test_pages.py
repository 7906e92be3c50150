"""The administrator's pages of limits, as a browser without JavaScript gets them, and as HTMX does."""

import re

import pytest
from django.urls import reverse

from dashboard.audit.models import Entry
from dashboard.quotas.actions import create_plan
from dashboard.quotas.models import DriftReport, Plan, Quota, Resource, TenantPlan
from dashboard.quotas.tasks import report_drift
from dashboard.tenancy.models import Tenant
from tests.conftest import make_tenant

HTMX = {"HX-Request": "true"}
LIST = "/quotas/"
LAB = "/quotas/tenants/lab/"


@pytest.fixture
def limits(lab):
    """The form as it is shown, with some of it typed over."""

    def form(**typed):
        shown = {q.resource: "unlimited" if q.limit is None else str(q.limit) for q in Quota.objects.filter(tenant=lab)}
        return shown | {f"was-{name}": value for name, value in shown.items()} | typed

    return form


def words(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def names(answer) -> list[str]:
    return re.findall(r'name="tenant" value="([^"]+)"', answer.content.decode())


# --- the list -------------------------------------------------------------------------


@pytest.fixture
def many(db):
    """t000 uses nothing, t001 one of a thousand vCPUs, ..."""
    tenants = Tenant.objects.bulk_create(Tenant(slug=f"t{n:03}", name=f"Team {n:03}") for n in range(1000))
    Quota.objects.bulk_create(
        Quota(tenant=tenant, resource=r, limit=1000, used=number if r == "vcpus" else 0)
        for number, tenant in enumerate(tenants)
        for r in Resource
    )
    return tenants


def test_a_thousand_tenants_take_no_more_than_eight_queries(admin, many, django_assert_max_num_queries):
    for query in ("", "?sort=-fill", "?sort=-vcpus&q=team", "?show=over"):
        with django_assert_max_num_queries(8):
            assert admin.get(LIST + query).status_code == 200


def test_pages_follow_each_other_to_the_end_and_back(admin, many):
    for sort, expected in (("name", [t.slug for t in many]), ("-fill", [t.slug for t in reversed(many)])):
        seen, url = [], f"{LIST}?sort={sort}"
        pages = []
        while url:
            answer = admin.get(url)
            pages.append(names(answer))
            seen += pages[-1]
            following = re.search(r'rel="next" href="([^"]+)"', answer.content.decode())
            url = LIST + following[1].replace("&amp;", "&") if following else ""
        assert seen == expected
        back = re.search(r'rel="prev" href="([^"]+)"', answer.content.decode())[1].replace("&amp;", "&")
        assert names(admin.get(LIST + back)) == pages[-2]


@pytest.mark.parametrize("cursor", ["nonsense", "WyJcdTAwMDAiLCJhIl0", "WzEsMl0", "W10", "e30", "é" * 5000])
def test_a_cursor_that_is_none_leads_to_the_first_page(admin, lab, other, cursor):
    for sort in ("name", "-fill"):
        assert names(admin.get(LIST, {"after": cursor, "sort": sort})) == ["lab", "other"]


def test_the_fullest_comes_first_and_what_is_over_its_limit_is_marked(admin, lab, other):
    Quota.objects.filter(tenant=other, resource="networks").update(limit=0, used=2)
    Quota.objects.filter(tenant=lab, resource="vcpus").update(used=20)
    answer = admin.get(LIST, {"sort": "-fill"})
    assert names(answer) == ["other", "lab"]
    assert "Over limit" in words(answer).partition("Other")[2]
    assert names(admin.get(LIST, {"show": "over"})) == ["other"]
    assert names(admin.get(LIST, {"sort": "-vcpus"})) == ["lab", "other"]


def test_it_finds_by_name_in_any_script(admin, lab):
    make_tenant("physics")
    Tenant.objects.filter(slug="physics").update(name="قسم الفيزياء")
    assert names(admin.get(LIST, {"q": "الفيزياء"}, headers=HTMX)) == ["physics"]
    assert "Nothing found" in admin.get(LIST, {"q": "zzz\0"}).content.decode()


def test_what_the_nightly_look_found_is_shown(admin, lab):
    Quota.objects.filter(tenant=lab, resource="vcpus").update(used=3)
    report_drift()
    assert DriftReport.objects.get().counters == [["lab", "vcpus", 3, 0]]
    assert "One counter differs from its ledger" in words(admin.get(LIST))
    Quota.objects.filter(tenant=lab, resource="vcpus").update(used=0)
    report_drift()
    assert "counters proved 0 s ago" in words(admin.get(LIST))


# --- one tenant -----------------------------------------------------------------------


def test_a_limit_is_changed_by_a_plain_form(admin, lab, limits, limit_of):
    assert admin.post(LAB, limits(instances="25", vcpus="unlimited")).headers["Location"] == LIST
    assert "2 limits of Lab are changed." in admin.get(LIST).content.decode()
    assert (limit_of(lab, "instances"), limit_of(lab, "vcpus")) == (25, None)
    assert Entry.objects.filter(verb="quota.change").count() == 2


def test_in_the_list_it_is_edited_in_its_row(admin, lab, limits):
    form = admin.get(LAB, headers=HTMX).content.decode()
    assert form.strip().startswith("<tr")
    assert 'class="editing"' in form
    answer = admin.post(LAB, limits(instances="25"), headers=HTMX)
    assert ("of 25" in words(answer), "editing" in answer.content.decode()) == (True, False)
    assert "1 limit of Lab is changed." in answer.headers["HX-Trigger"]
    assert 'class="editing"' in admin.post(LAB, limits(instances="x"), headers=HTMX).content.decode()
    assert "editing" not in admin.get(f"{LAB}?as=row", headers=HTMX).content.decode()


@pytest.mark.parametrize("typed", ["1,000,000", "1 000 000", "1'000'000", "1\u202f000\u202f000", " 1000000 "])
def test_a_number_may_be_typed_as_our_messages_write_it(admin, lab, limits, limit_of, typed):
    assert admin.post(LAB, limits(ram_mib=typed)).status_code == 303
    assert limit_of(lab, "ram_mib") == 1_000_000


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("1,00", "“1,00” is not a whole number"),
        ("1,000 000", "“1,000 000” is not a whole number"),
        ("-5", "A limit cannot be negative"),
        ("1e30", "“1e30” is not a whole number"),
        ("1" + "0" * 30, "That is too much: the most is 1,000,000,000,000"),
        ("ten", "“ten” is not a whole number"),
        ("", "Type a number, or “unlimited”."),
        ("3.5", "“3.5” is not a whole number"),
        ("<b>", "“&lt;b&gt;” is not a whole number"),
    ],
)
def test_what_is_no_limit_is_said_at_its_field_and_kept(admin, lab, limits, limit_of, typed, said):
    answer = admin.post(LAB, limits(instances=typed, vcpus="99"))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert said in page.partition('id="instances-error"')[2].partition("</p>")[0]
    assert 'name="vcpus" value="99"' in page
    assert f'name="instances" value="{typed.replace("<", "&lt;").replace(">", "&gt;")}"' in page or not typed
    assert limit_of(lab, "vcpus") == 20


def test_the_second_of_two_administrators_sees_both_values_and_may_still_save(admin, lab, limits, limit_of):
    mine = limits(instances="30", vcpus="40")
    admin.post(LAB, limits(instances="20"))
    answer = admin.post(LAB, mine)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "changed it from 10 to 20 since you opened this page. Save again to make it 30." in page
    assert ('name="instances" value="30"' in page, 'name="was-instances" value="20"' in page) == (True, True)
    assert (limit_of(lab, "instances"), limit_of(lab, "vcpus")) == (20, 20)
    admin.post(LAB, mine | {"was-instances": "20"})
    assert (limit_of(lab, "instances"), limit_of(lab, "vcpus")) == (30, 40)


def test_what_one_did_not_touch_is_not_set_back_to_what_it_was(admin, lab, limits, limit_of):
    mine = limits(vcpus="40")
    admin.post(LAB, limits(instances="20"))
    assert admin.post(LAB, mine).status_code == 303
    assert (limit_of(lab, "instances"), limit_of(lab, "vcpus")) == (20, 40)


def test_a_limit_below_what_is_used_is_taken_and_shown_as_over(admin, lab, limits):
    Quota.objects.filter(tenant=lab, resource="instances").update(used=5)
    admin.post(LAB, limits(instances="3"))
    assert "5 used: over limit" in words(admin.get(LAB))


def test_fields_that_are_not_in_the_form_are_ignored(admin, lab, other, limits):
    extra = {"used": "99", "instances_used": "9", "tenant": "other", "tenant_id": str(other.pk), "cloud_id": "x"}
    admin.post(LAB, limits(instances="11", **extra))
    assert Quota.objects.get(tenant=lab, resource="instances").used == 0
    assert Quota.objects.get(tenant=other, resource="instances").limit == 10


def test_a_limit_on_one_cloud_is_set_changed_and_taken_away(admin, lab, cloud, limit_of):
    here = reverse("quotas:on-cloud", args=["lab", cloud.pk])
    shown = dict.fromkeys([r for r in Resource if r != "key_pairs"], "none")
    was = {f"was-{name}": "none" for name in shown}
    assert admin.post(here, shown | was | {"instances": "4"}).status_code == 303
    assert limit_of(lab, "instances", cloud) == 4
    assert "0 of 4" in words(admin.get(LAB))
    answer = admin.post(here, shown | was | {"instances": "5"})
    assert "changed it from none to 4 since" in answer.content.decode()
    assert admin.post(here, shown | was | {"was-instances": "4"}).status_code == 303
    assert limit_of(lab, "instances", cloud) is None
    assert [e.after for e in Entry.objects.filter(verb="quota.change").order_by("pk")] == [
        {"instances": 4},
        {"instances": None},
    ]


# --- many -----------------------------------------------------------------------------


def token(answer) -> str:
    return re.search(r'name="preview" value="([^"]+)"', answer.content.decode())[1]


def test_many_are_changed_after_they_were_shown(admin, lab, other, limit_of):
    form = admin.get("/quotas/change/", {"tenant": ["lab", "other", "nobody"]})
    assert "Change the limits of 2 tenants" in words(form)
    shown = admin.post("/quotas/change/", {"tenants": "lab other", "instances": "12"})
    assert (shown.status_code, "Change 2 limits" in words(shown)) == (200, True)
    assert limit_of(lab, "instances") == 10
    assert admin.post("/quotas/apply/", {"preview": token(shown)}).headers["Location"] == LIST
    assert "2 limits are changed." in admin.get(LIST).content.decode()
    assert (limit_of(lab, "instances"), limit_of(other, "instances")) == (12, 12)
    admin.post("/quotas/apply/", {"preview": token(shown)})
    assert "Nothing is left to change: all these limits are so already." in admin.get(LIST).content.decode()


def test_all_that_are_found_are_changed_not_only_those_of_the_page(admin, many):
    assert "Change the limits of 100 tenants" in words(admin.get("/quotas/change/", {"all": "1", "q": "team 0"}))


def test_of_many_nothing_is_changed_where_one_was_changed_meanwhile(admin, lab, other, limits, limit_of):
    shown = admin.post("/quotas/change/", {"tenants": "lab other", "instances": "12"})
    admin.post(LAB, limits(instances="20"))
    answer = admin.post("/quotas/apply/", {"preview": token(shown)})
    assert (answer.status_code, limit_of(other, "instances")) == (422, 10)
    assert "Somebody else changed one of these limits meanwhile" in words(answer)
    assert re.search(r"Instances 20 12 ", words(answer))
    admin.post("/quotas/apply/", {"preview": token(answer)})
    assert (limit_of(lab, "instances"), limit_of(other, "instances")) == (12, 12)


@pytest.mark.parametrize("fields", [{}, {"instances": "-5"}, {"plan": "11111111-1111-1111-1111-111111111111"}])
def test_what_cannot_be_given_to_many_is_said(admin, lab, fields):
    answer = admin.post("/quotas/change/", {"tenants": "lab", **fields})
    assert answer.status_code == 422
    assert 'value="lab"' in answer.content.decode()


@pytest.mark.parametrize("preview", ["", "nonsense", "a:b:c"])
def test_a_preview_that_is_none_changes_nothing(admin, lab, preview):
    answer = admin.post("/quotas/apply/", {"preview": preview})
    assert (answer.status_code, "nothing was changed" in words(answer)) == (422, True)


# --- plans ----------------------------------------------------------------------------


PLAN = {r.value: "7" for r in Resource}


def test_a_plan_is_made_given_and_deleted(admin, lab, limit_of):
    assert admin.post("/plans/create/", PLAN | {"name": "قسم", "vcpus": "unlimited"}).status_code == 303
    plan = Plan.objects.get(key="قسم")
    shown = admin.post("/quotas/change/", {"tenants": "lab", "plan": str(plan.pk), "networks": "9"})
    admin.post("/quotas/apply/", {"preview": token(shown)})
    assert [limit_of(lab, r) for r in ("instances", "vcpus", "networks")] == [7, None, 9]
    assert TenantPlan.objects.get(tenant=lab).plan == plan
    assert "قسم" in admin.get(LIST).content.decode()
    gone = f"/plans/{plan.pk}/delete/"
    refused = admin.post(gone)
    assert (refused.status_code, "Give them another one first" in refused.content.decode()) == (422, True)
    TenantPlan.objects.all().delete()
    assert admin.post(gone).status_code == 303
    assert not Plan.objects.filter(pk=plan.pk).exists()


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"name": " SMALL "}, "name", "There is a plan “Small” already"),
        ({"name": ""}, "name", "Give the plan a name."),
        ({"name": "x" * 65}, "name", "at most 64"),
        ({"name": "a\u202eb"}, "name", "cannot be seen"),
        ({"vcpus": "-5"}, "vcpus", "cannot be negative"),
        ({"vcpus": "1e30"}, "vcpus", "is not a whole number"),
        ({"vcpus": "ten"}, "vcpus", "is not a whole number"),
        ({"vcpus": ""}, "vcpus", "Type a number"),
    ],
)
def test_a_plan_that_cannot_be_is_refused_at_its_field_and_kept(admin, as_root, db, typed, field, said):
    create_plan(as_root, name="Small", limits={})
    answer = admin.post("/plans/create/", PLAN | {"name": "New", "ram_mib": "123"} | typed)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert said in page.partition(f'id="{field}-error"')[2].partition("</p>")[0]
    assert 'name="ram_mib" value="123"' in page
    assert Plan.objects.filter(key="new").count() == 0


@pytest.mark.parametrize(
    ("typed", "limit"),
    [("34 GiB", 34816), ("34G", 34816), ("34816", 34816), ("1.5 gib", 1536), ("1,024 MiB", 1024), ("512m", 512)],
)
def test_memory_is_typed_as_pages_show_it_or_in_mib(admin, db, typed, limit):
    assert "such as 34 GiB" in admin.get("/plans/create/").content.decode()
    assert admin.post("/plans/create/", PLAN | {"name": "New", "ram_mib": typed}).status_code == 303
    assert Plan.objects.get(key="new").limit_of(Resource.RAM_MIB) == limit


@pytest.mark.parametrize(
    ("name", "typed"), [("ram_mib", "34 TiB"), ("ram_mib", "0.3 GiB"), ("ram_mib", "1.2.3G"), ("vcpus", "34 GiB")]
)
def test_a_size_that_is_no_whole_number_of_its_unit_is_refused_at_its_field(admin, db, name, typed):
    page = admin.post("/plans/create/", PLAN | {"name": "New", name: typed}).content.decode()
    assert "is not a whole number" in page.partition(f'id="{name}-error"')[2].partition("</p>")[0]
    assert f'value="{typed}"' in page


def test_disk_takes_its_unit_too(admin, db):
    admin.post("/plans/create/", PLAN | {"name": "New", "disk_gib": "100 GiB", "volume_gib": "2048 MiB"})
    plan = Plan.objects.get(key="new")
    assert (plan.limit_of(Resource.DISK_GIB), plan.limit_of(Resource.VOLUME_GIB)) == (100, 2)


def test_the_second_who_saves_a_plan_sees_what_it_is_and_may_still_save(admin, as_root, db):
    plan = create_plan(as_root, name="Small", limits=dict.fromkeys(PLAN, 7))
    here, mine = f"/plans/{plan.pk}/", PLAN | {"name": "Small", "version": "1", "vcpus": "9"}
    assert admin.post(here, mine | {"vcpus": "8"}).status_code == 303
    answer = admin.post(here, mine)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "here it has 8" in page.partition('id="vcpus-error"')[2].partition("</p>")[0]
    assert ('name="vcpus" value="9"' in page, 'name="version" value="2"' in page) == (True, True)
    assert admin.post(here, mine | {"version": "2"}).status_code == 303
    assert Plan.objects.get(pk=plan.pk).limits["vcpus"] == 9


def test_the_default_plan_is_one_and_stays(admin, as_root, db):
    admin.post("/plans/create/", PLAN | {"name": "New", "is_default": "on"})
    plan = Plan.objects.get(is_default=True)
    assert plan.name == "New"
    assert admin.post(f"/plans/{plan.pk}/delete/").status_code == 422
    admin.post(f"/plans/{plan.pk}/", PLAN | {"name": "Newer", "version": "1"})
    assert Plan.objects.get(is_default=True).name == "Newer"
    assert "For new tenants" in words(admin.get("/plans/"))


def test_tenants_of_the_same_name_are_told_apart_wherever_limits_are_changed(admin, lab, other):
    Tenant.objects.update(name="Lab")
    shown = admin.get(LIST).content.decode()
    assert 'title="other">other</span>' in shown
    assert "Edit the limits of Lab (other)" in shown
    chosen = admin.get("/quotas/change/", {"tenant": ["lab", "other"]}).content.decode()
    assert '<span class="dim mono">other</span>' in chosen
    preview = admin.post("/quotas/change/", {"tenants": "lab other", "instances": "7"}).content.decode()
    assert "What would change" in preview
    assert all(f'title="{slug}">{slug}</span>' in preview for slug in ("lab", "other"))
    assert "Limits of Lab (other)" in admin.get("/quotas/tenants/other/").content.decode()
