"""The audit trail as a browser without JavaScript gets it, and the part that HTMX asks for."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from dashboard.audit.models import Entry
from dashboard.networks.models import Network
from dashboard.operations.models import Operation
from dashboard.trail import listing

HERE, ALL = "/t/lab/audit/", "/audit/"
HTMX = {"HX-Request": "true"}
HOSTILE = "<script>alert(1)</script>"


def page_of(client, path=HERE, q="", **more) -> str:
    return client.get(path, {"q": q} | more).content.decode()


def names(page) -> list[str]:
    """What the rows are about, in their order."""
    return re.findall(r'title="Everything about ([^"]*)"', page)


def test_a_row_says_who_did_what_to_which_from_where_and_what_came_of_it(manager, write):
    write(actor="system", on_behalf_of="bob", via="nightly", before={"name": "web"}, after={"name": "db"})
    page = page_of(manager)
    for said in ("Stop", "system", "for bob", "with the key nightly", "web", "Done", "192.0.2.7", "name: web → db"):
        assert said in page, said


def test_a_manager_sees_the_own_tenant_only_and_an_administrator_all(manager, admin, write, other):
    write()
    write(tenant=str(other.pk), object_name="theirs")
    write(tenant="", object_name="of the installation")
    write(tenant="00000000-0000-4000-8000-000000000000", object_name="of who is gone")
    assert names(page_of(manager)) == ["web"]
    page = page_of(admin, ALL)
    assert names(page) == ["of who is gone", "of the installation", "theirs", "web"]
    assert "a tenant that is gone" in page
    assert names(page_of(admin, ALL, "tenant:=other")) == ["theirs"]
    assert names(page_of(admin, ALL, "tenant:none")) == ["of the installation"]


def test_an_entry_of_another_tenant_is_not_there(manager, admin, write, other):
    theirs = write(tenant=str(other.pk))
    assert manager.get(f"{HERE}{theirs.pk}/").status_code == 404
    assert manager.get(f"{HERE}99999999/").status_code == 404
    assert admin.get(f"{ALL}{theirs.pk}/").status_code == 200


def test_who_may_look_is_led_there(manager, client, bob, write):
    assert HERE in manager.get("/t/lab/").content.decode()
    client.force_login(bob)
    assert HERE not in client.get("/t/lab/").content.decode()
    assert client.get(HERE).status_code == 403


def test_htmx_gets_the_live_part_only(manager, write):
    write()
    part = manager.get(HERE, headers=HTMX).content.decode()
    assert ("<html" in part, 'id="live"' in part) == (False, True)


@pytest.mark.parametrize("count", [3, 120])
@pytest.mark.parametrize(("path", "queries"), [(HERE, 4), (ALL, 4), (HERE + "{}/", 6), (ALL + "{}/", 6)])
def test_a_page_takes_the_same_few_queries_however_many_there_are(
    manager, admin, write, count, path, queries, django_assert_num_queries
):
    for _ in range(count):
        last = write(
            operation_id="00000000-0000-4000-8000-000000000000", object_id="00000000-0000-4000-8000-000000000000"
        )
    client = manager if path.startswith(HERE) else admin
    with django_assert_num_queries(queries):
        assert client.get(path.format(last.pk)).status_code == 200


def test_pages_go_there_and_back_and_what_is_written_meanwhile_moves_nothing(manager, write, monkeypatch):
    monkeypatch.setattr(listing, "PAGE", 2)
    for number in range(5):
        write(object_name=f"n-{number}")
    first = page_of(manager)
    older = re.search(r'rel="next" href="([^"]*)"', first)[1].replace("&amp;", "&")
    write(object_name="new")
    second = manager.get(HERE + older).content.decode()
    assert (names(first), names(second)) == (["n-4", "n-3"], ["n-2", "n-1"])
    newer = re.search(r'rel="prev" href="([^"]*)"', second)[1].replace("&amp;", "&")
    assert names(manager.get(HERE + newer).content.decode()) == ["n-4", "n-3"]


def test_entries_of_one_moment_are_each_on_one_page(manager, write, monkeypatch):
    monkeypatch.setattr(listing, "PAGE", 2)
    for number in range(5):
        write(object_name=f"n-{number}")
    Entry.objects.update(at=timezone.now())
    seen, page = [], page_of(manager)
    for _ in range(3):
        seen += names(page)
        if found := re.search(r'rel="next" href="([^"]*)"', page):
            page = manager.get(HERE + found[1].replace("&amp;", "&")).content.decode()
    assert seen == ["n-4", "n-3", "n-2", "n-1", "n-0"]


@pytest.mark.parametrize("nonsense", ["x", "_", "2026-11-01_1", "2026-11-01T00:00Z_-1", "2026-11-01T00:00Z_1e9", "\0"])
def test_a_place_that_makes_no_sense_is_the_beginning(manager, write, nonsense):
    write()
    assert names(page_of(manager, after=nonsense)) == names(page_of(manager, before=nonsense)) == ["web"]


@pytest.mark.parametrize("q", ["", "nothing:x", "who:nobody", "age:soon", "since:2026-13-45", "(", HOSTILE, "x" * 5000])
def test_whatever_is_typed_gets_an_answer(manager, write, q):
    write(object_name=HOSTILE, actor=HOSTILE, verb=HOSTILE, after={HOSTILE: HOSTILE}, before={HOSTILE: "x"})
    page = page_of(manager, q=q)
    assert HOSTILE not in page


def test_what_is_not_understood_is_marked(manager, write):
    write()
    page = page_of(manager, q="whom:bob stop")
    assert "<mark>whom:bob</mark>" in page
    assert "did you mean “who:”?" in page
    assert names(page) == ["web"]


def test_nothing_found_says_what_to_leave_out(manager, write):
    write()
    page = page_of(manager, q="who:eve outcome:failed")
    assert "No entry matches the filter." in page
    assert "?q=who%3Aeve" in page


def test_a_chip_narrows_and_is_taken_away_again(manager, write):
    write()
    write(outcome="failed", object_name="bad")
    assert names(page_of(manager, q="outcome:failed")) == ["bad"]
    assert 'href="?q=outcome%3Afailed+age%3A%3C7d"' in page_of(manager, q="outcome:failed")
    assert re.search(r'href="\?"[^>]*aria-current="true">Failed', page_of(manager, q="outcome:failed"))


# --- one entry ------------------------------------------------------------------


def test_an_entry_shows_what_was_before_and_after(manager, write):
    entry = write(
        before={"name": "web", "size": {"ram_mib": 1}}, after={"name": "db", "size": {"ram_mib": 1}, "tags": []}
    )
    page = page_of(manager, f"{HERE}{entry.pk}/")
    assert "<del>web</del>" in page
    assert "<ins>db</ins>" in page
    assert re.search(r'class="same">\s*<th scope="row">Memory, MiB</th>', page)
    assert re.search(r'class="added">\s*<th scope="row">tags</th>', page)
    assert entry.digest in page


def test_markup_in_an_entry_is_text(manager, write):
    entry = write(object_name=HOSTILE, actor=HOSTILE, verb=HOSTILE, after={HOSTILE: HOSTILE}, before={HOSTILE: "x"})
    assert HOSTILE not in page_of(manager, f"{HERE}{entry.pk}/")


def test_an_entry_leads_to_the_operation_and_to_the_thing_while_they_are_there(manager, admin, launch):
    instance = launch()
    operation = Operation.objects.get()
    entry = Entry.objects.get()
    for client, path in ((manager, HERE), (admin, ALL)):
        page = page_of(client, f"{path}{entry.pk}/")
        assert f'href="/t/lab/operations/{operation.pk}/"' in page
        assert f'href="/t/lab/instances/{instance.pk}/"' in page
    Operation.objects.all().delete()
    instance.delete()
    page = page_of(manager, f"{HERE}{entry.pk}/")
    assert "/t/lab/operations/" not in page.replace('href="/t/lab/operations/"', "").replace("/operations/bell/", "")
    assert f'href="/t/lab/instances/{instance.pk}/"' not in page


def test_an_entry_does_not_lead_to_what_another_tenant_has(admin, write, other, cloud):
    theirs = Network.objects.create(tenant=other, cloud=cloud, name="x", remote_id="x")
    entry = write(object_kind="network", object_id=theirs.pk)
    assert str(theirs.pk) in page_of(admin, f"{ALL}{entry.pk}/")
    assert f"/networks/{theirs.pk}/" not in page_of(admin, f"{ALL}{entry.pk}/")


def test_the_age_of_an_entry_is_told_by_the_viewers_clock(manager, write):
    entry = write()
    Entry.objects.update(at=timezone.now() - timedelta(hours=3))
    manager.cookies["zone"] = "Asia/Tokyo"
    assert "JST" in page_of(manager, f"{HERE}{entry.pk}/")
