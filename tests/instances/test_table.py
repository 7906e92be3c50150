"""The list as its URL describes it: orders, pages that are stable, counts, columns, and the list of all tenants."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from dashboard.clouds.interface import Status
from dashboard.instances.columns import COLUMNS
from dashboard.instances.models import Flavor, Instance
from dashboard.instances.sorting import SORTS, page_of, read_cursor, sort_of
from dashboard.operations.models import Operation

HTMX = {"HX-Request": "true"}


@pytest.fixture
def browser(client, bob):
    client.force_login(bob)
    return client


@pytest.fixture
def make(lab, cloud, image):
    """Instances of these names, the first the oldest, each a day apart."""

    def made(*names, tenant=lab, **fields):
        some = {"tenant": tenant, "cloud": cloud, "image": image, "vcpus": 1, "ram_mib": 512, "disk_gib": 5}
        some |= {"status": Status.ACTIVE} | fields
        now = timezone.now()
        rows = [
            Instance(name=name, created_at=now - timedelta(days=len(names) - number), **some)
            for number, name in enumerate(names)
        ]
        return Instance.objects.bulk_create(rows)

    return made


def names(response) -> list[str]:
    return re.findall(r'class="lead"><a class="clip"[^>]*>([^<]*)</a>', response.content.decode())


def listed(browser, query="", path="/t/lab/instances/") -> list[str]:
    return names(browser.get(path + query))


# --- order and pages ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("", ["c", "B", "a"]),
        ("-age", ["a", "B", "c"]),
        ("name", ["a", "B", "c"]),
        ("-name", ["c", "B", "a"]),
        ("status", ["B", "a", "c"]),
        ("flavor", ["c", "B", "a"]),
        ("size", ["B", "c", "a"]),
        ("address", ["c", "a", "B"]),
        ("rubbish", ["c", "B", "a"]),
        ("tenant", ["c", "B", "a"]),
    ],
)
def test_an_order(browser, make, cloud, sort, expected):
    a, b, c = make("a", "B", "c")
    large = Flavor.objects.get(cloud=cloud, name="large")
    for row, fields in (
        (a, {"status": Status.SHUTOFF, "addresses": ["10.0.0.2"], "flavor": large, "vcpus": 2}),
        (b, {"status": Status.ACTIVE, "addresses": ["10.0.0.3"], "flavor": large}),
        (c, {"status": Status.SHUTOFF, "ram_mib": 1024}),
    ):
        Instance.objects.filter(pk=row.pk).update(**fields)
    if sort in ("status", "flavor"):  # equals stand in the order of their ids
        assert sorted(listed(browser, f"?sort={sort}")) == sorted(expected)
        assert listed(browser, f"?sort={sort}")[0] == expected[0]
    else:
        assert listed(browser, f"?sort={sort}") == expected


@pytest.mark.parametrize("sort", SORTS)
def test_pages_forth_and_back_have_every_row_once(make, sort):
    make(*"abcdefghijk", addresses=["10.0.0.1"])
    everything = [row.pk for row in page_of(Instance.objects.all(), SORTS[sort], size=50).instances]
    page, forth = page_of(Instance.objects.all(), SORTS[sort], size=4), []
    while True:
        forth += [row.pk for row in page.instances]
        if not page.after:
            break
        page = page_of(Instance.objects.all(), SORTS[sort], size=4, after=page.after)
    assert forth == everything
    back = page_of(Instance.objects.all(), SORTS[sort], size=4, before=page.before)
    assert [row.pk for row in back.instances] == everything[4:8]
    first = page_of(Instance.objects.all(), SORTS[sort], size=4, before=back.before)
    assert ([row.pk for row in first.instances], first.before) == (everything[:4], "")


def test_a_page_stays_when_others_come_and_its_edge_goes(make):
    rows = make(*"abcdef")
    page = page_of(Instance.objects.all(), SORTS["age"], size=2)
    make("new")
    page.instances[-1].delete()
    following = page_of(Instance.objects.all(), SORTS["age"], size=2, after=page.after)
    assert [row.name for row in following.instances] == ["d", "c"]
    assert len(rows) == 6


def test_back_from_a_page_of_which_little_is_left_is_the_first_page(make):
    make(*"abcdef")
    second = page_of(Instance.objects.all(), SORTS["name"], size=3, after=page_of(
        Instance.objects.all(), SORTS["name"], size=3).after)  # fmt: skip
    Instance.objects.filter(name__in="ab").delete()
    first = page_of(Instance.objects.all(), SORTS["name"], size=3, before=second.before)
    assert ([row.name for row in first.instances], first.before) == (["c", "d", "e"], "")


@pytest.mark.parametrize(
    "cursor", ["", "x", "!!!", "W10", "WzFd", "WyJhIiwiYiJd", "eyJhIjoxfQ", "WzFlOTk5LCIiXQ", "\0", "W" * 9000, "é"]
)
def test_a_cursor_that_is_none_shows_the_first_page(browser, make, cursor):
    make("a")
    for sort in ("age", "name", "size"):
        assert read_cursor(cursor, sort_of(sort)[1]) is None
    assert names(browser.get("/t/lab/instances/", {"after": cursor, "before": cursor})) == ["a"]


def test_sorting_is_a_link_that_says_how_it_is_sorted(browser, make):
    make("a")
    page = browser.get("/t/lab/instances/?q=a&sort=name").content.decode()
    assert re.search(r'aria-sort="ascending"><a href="\?q=a&amp;sort=-name"', page)
    assert page.count("aria-sort=") == 1
    assert 'rel="next"' not in page


def test_the_length_of_a_page_is_chosen_and_goes_on_in_its_links(browser, make):
    make(*(f"n-{number:02}" for number in range(45)))
    page = browser.get("/t/lab/instances/?size=20&sort=name")
    assert len(names(page)) == 20
    (href,) = re.findall(r'rel="next" href="([^"]*)"', page.content.decode())
    following = browser.get("/t/lab/instances/" + href.replace("&amp;", "&"))
    assert names(following) == [f"n-{number:02}" for number in range(20, 40)]
    assert "20 of 45" in following.content.decode()


def test_a_page_behind_the_last_row_leads_back(browser, make):
    rows = make("a", "b")
    cursor = page_of(Instance.objects.all(), SORTS["name"], size=1).after
    Instance.objects.filter(pk=rows[1].pk).delete()
    assert "To the first page" in browser.get("/t/lab/instances/", {"sort": "name", "after": cursor}).content.decode()


# --- counts -------------------------------------------------------------------------


def chips(response) -> dict[str, str]:
    return dict(re.findall(r'class="chip[^>]*>([^<]*) <b>(\d+)</b>', response.content.decode()))


def test_the_statuses_are_counted_under_the_rest_of_the_filter(browser, make, launch):
    make("web-1", "web-2", "db")
    make("web-3", status=Status.ERROR)
    page = browser.get("/t/lab/instances/?q=web+status:error")
    assert chips(page) == {"Active": "2", "Error": "1"}
    assert (names(page), "1 instance<" in page.content.decode()) == (["web-3"], True)
    launch("web-4")
    assert chips(browser.get("/t/lab/instances/")) == {"Building": "1", "Active": "3", "Error": "1", "Busy": "1"}
    assert listed(browser, "?q=status:busy") == ["web-4"]


def test_a_chip_takes_its_status_and_gives_it_back(browser, make):
    make("web-1")
    page = browser.get("/t/lab/instances/?q=web").content.decode()
    assert 'href="?q=web+status%3Aactive"' in page
    page = browser.get("/t/lab/instances/?q=web+status:active").content.decode()
    assert re.search(r'class="chip chip-active" href="\?q=web"[^>]*aria-current="true"', page)


# --- columns ------------------------------------------------------------------------


def test_the_url_says_which_columns_there_are(browser, make, bob):
    make("a", created_by=bob, tags=["prod"], description="nightly", zone="east")
    page = browser.get("/t/lab/instances/?columns=owner,tags,zone,description,rubbish").content.decode()
    for there in ("Launched by", ">bob<", ">prod<", ">nightly<", ">east<"):
        assert there in page
    assert ">Cloud<" not in page.split("<thead")[1].split("</thead>")[0]


def test_every_column_can_be_shown_without_a_further_query(browser, make, root, django_assert_max_num_queries):
    make(*(f"n-{number}" for number in range(30)), host="cmp-07")
    browser.force_login(root)
    assert connection.features.supports_json_field
    with django_assert_max_num_queries(8):
        page = browser.get("/t/lab/instances/?columns=" + ",".join(COLUMNS))
    assert "cmp-07" in page.content.decode()


def test_chosen_columns_are_kept_and_put_into_the_url(browser, make):
    make("a")
    answer = browser.post(
        "/instances/columns/",
        {"columns": ["image", "tags", "<script>"], "size": "20"},
        headers={"Referer": "http://testserver/t/lab/instances/?q=a&after=x&columns=age"},
    )
    assert (answer.status_code, answer["Location"]) == (303, "/t/lab/instances/?q=a&columns=image,tags&size=20")
    again = browser.get("/t/lab/instances/?q=a")
    assert (again.status_code, again["Location"]) == (302, "/t/lab/instances/?q=a&columns=image,tags")
    assert browser.get("/t/lab/instances/?columns=age").status_code == 200


def test_a_host_is_a_column_for_administrators(browser, make, root):
    make("a", host="cmp-07")
    assert b"cmp-07" not in browser.get("/t/lab/instances/?columns=host").content
    browser.force_login(root)
    assert b"cmp-07" in browser.get("/t/lab/instances/?columns=host").content


# --- filters on the page --------------------------------------------------------------


def test_what_is_wrong_in_a_filter_is_marked_and_the_rest_is_applied(browser, make):
    make("web", "db")
    page = browser.get("/t/lab/instances/", {"q": "statsu:<b> web"})
    assert "<mark>statsu:&lt;b&gt;</mark> web" in page.content.decode()
    assert "did you mean “status:”?" in page.content.decode()
    assert names(page) == ["web"]


def test_when_nothing_matches_it_offers_to_leave_each_part_out(browser, make):
    make("web")
    page = browser.get("/t/lab/instances/", {"q": "web -status:active"}).content.decode()
    assert "No instance matches the filter." in page
    assert 'href="?q=web"' in page
    assert 'href="?q=-status%3Aactive"' in page


@pytest.mark.parametrize("q", ["%00", "%F0%9F%98%80", '%22"', "x" * 3000, "a%20" * 1000, "%ff", "status:" * 200])
def test_no_filter_breaks_the_page(browser, make, q):
    make("web")
    for headers in ({}, HTMX):
        assert browser.get(f"/t/lab/instances/?q={q}", headers=headers).status_code == 200


# --- all tenants ----------------------------------------------------------------------


def test_an_administrator_sees_the_instances_of_all_tenants_and_whose_they_are(client, root, make, lab, other):
    make("mine")
    make("theirs", tenant=other, remote_id="r")
    client.force_login(root)
    assert sorted(listed(client, path="/instances/")) == ["mine", "theirs"]
    assert listed(client, "?q=tenant:other", path="/instances/") == ["theirs"]
    assert listed(client, "?sort=tenant", path="/instances/") == ["mine", "theirs"]
    page = client.get("/instances/").content.decode()
    assert 'href="/t/other/instances/"' in page
    (menu,) = set(re.findall(r'formaction="/t/other/instances/[0-9a-f-]{36}/stop/"', page))
    assert menu


def test_the_list_of_all_takes_no_more_queries_for_more_rows(
    client, root, make, lab, other, django_assert_max_num_queries
):
    make(*(f"n-{number}" for number in range(60)))
    make(*(f"m-{number}" for number in range(60)), tenant=other)
    client.force_login(root)
    assert connection.features.supports_json_field
    with django_assert_max_num_queries(7):
        assert len(listed(client, "?size=100", path="/instances/")) == 100


def test_what_others_do_does_not_show_in_a_tenants_list(browser, make, other):
    make("mine")
    make("theirs", tenant=other)
    assert listed(browser) == ["mine"]
    assert listed(browser, "?q=tenant:other") == ["mine"]
    assert Operation.objects.count() == 0
