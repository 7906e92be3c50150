"""Who is in a tenant: seen by all of them, changed by its managers, and never without one."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection

from dashboard.audit.models import Entry
from dashboard.clouds.models import Cloud
from dashboard.keystone.models import Account, Grant
from dashboard.people import actions
from dashboard.tenancy.models import Membership, Role
from tests.conftest import actor_of, make_user

from .conftest import done, text


def membership(user, tenant) -> Membership:
    return Membership.objects.get(user=user, tenant=tenant)


def url(row, verb) -> str:
    return f"/t/lab/people/{row.pk}/{verb}/"


def test_everybody_in_it_sees_everybody_and_only_managers_see_buttons(signed_in, alice, bob, rita, lab):
    for_alice, for_rita = text(signed_in(alice).get("/t/lab/people/")), text(signed_in(rita).get("/t/lab/people/"))
    for page in (for_alice, for_rita):
        assert all(f"{name}@example.org" in page for name in ("alice", "bob", "rita"))
    assert "Remove bob" in for_alice
    assert "Remove bob" not in for_rita
    assert "Leave the tenant" in for_rita
    assert "You are Reader here. Managers invite people" in for_rita


def test_a_manager_changes_a_role_and_it_is_an_entry(signed_in, alice, bob, lab):
    row = membership(bob, lab)
    assert "bob is Reader now." in done(signed_in(alice), url(row, "role"), {"role": "reader"})
    assert membership(bob, lab).role == Role.READER
    entry = Entry.objects.get(verb="membership.change")
    assert (entry.actor, entry.object_name, entry.tenant) == ("alice", "bob", str(lab.pk))
    assert (entry.before, entry.after) == ({"role": "member"}, {"role": "reader"})


def test_the_role_that_somebody_has_already_changes_nothing(signed_in, alice, bob, lab):
    signed_in(alice).post(url(membership(bob, lab), "role"), {"role": "member"})
    assert not Entry.objects.exists()


@pytest.mark.parametrize("wanted", ["admin", "", "owner", "\0"])
def test_no_other_role_can_be_given(signed_in, alice, bob, lab, wanted):
    answer = signed_in(alice).post(url(membership(bob, lab), "role"), {"role": wanted})
    assert answer.status_code == 422
    assert membership(bob, lab).role == Role.MEMBER


def test_members_change_nobody_but_leave_themselves(signed_in, alice, bob, rita, lab):
    browser = signed_in(bob)
    assert browser.post(url(membership(rita, lab), "role"), {"role": "manager"}).status_code == 403
    assert browser.post(url(membership(rita, lab), "remove")).status_code == 403
    answer = browser.post(url(membership(bob, lab), "remove"))
    assert answer["Location"] == "/"
    assert not Membership.objects.filter(user=bob).exists()
    assert browser.get("/t/lab/people/").status_code == 404
    assert Entry.objects.get().verb == "membership.leave"


def test_somebody_of_another_tenant_is_not_found_by_their_number(signed_in, charlie, alice, lab, other):
    theirs = membership(charlie, other)
    browser = signed_in(alice)
    assert browser.post(url(theirs, "role"), {"role": "reader"}).status_code == 404
    assert browser.post(url(theirs, "remove")).status_code == 404


@pytest.mark.parametrize(("verb", "data"), [("role", {"role": "member"}), ("remove", {})])
@pytest.mark.parametrize("who", ["alice", "root"])
def test_the_last_manager_stays(signed_in, alice, root, lab, verb, data, who):
    row = membership(alice, lab)
    answer = signed_in({"alice": alice, "root": root}[who]).post(url(row, verb), data)
    assert answer.status_code == 422
    assert "A tenant needs somebody who manages it" in text(answer)
    assert membership(alice, lab).role == Role.MANAGER


def test_of_two_managers_one_may_go_and_a_disabled_one_does_not_count(signed_in, alice, lab):
    second = make_user("second", lab, Role.MANAGER)
    browser = signed_in(alice)
    second.is_active = False
    second.save()
    assert browser.post(url(membership(alice, lab), "remove")).status_code == 422
    assert browser.post(url(membership(second, lab), "remove")).status_code == 303
    third = make_user("third", lab, Role.MANAGER)
    assert browser.post(url(membership(alice, lab), "remove")).status_code == 303
    assert list(Membership.objects.values_list("user__username", flat=True)) == [third.username]


def test_who_takes_the_role_from_themselves_goes_on_as_what_they_are(signed_in, alice, lab):
    make_user("second", lab, Role.MANAGER)
    page = done(signed_in(alice), url(membership(alice, lab), "role"), {"role": "reader"})
    assert "You are Reader here." in page


def test_a_role_from_openstack_is_changed_there(signed_in, alice, bob, lab):
    cloud = Cloud.objects.create(name="east", kind="fake")
    account = Account.objects.create(user=bob, cloud=cloud, remote_id="b", name="bob", domain="Default")
    Grant.objects.create(membership=membership(bob, lab), account=account, role="member")
    browser, why = signed_in(alice), "This role comes from east, and is changed there."
    page = text(browser.get("/t/lab/people/"))
    assert page.count(why) == 3  # at the role, and at both buttons
    for verb, data in (("role", {"role": "reader"}), ("remove", {})):
        answer = browser.post(url(membership(bob, lab), verb), data)
        assert answer.status_code == 422
        assert why in text(answer)


def test_what_a_manager_lost_meanwhile_counts_in_the_action(alice, bob, lab):
    make_user("second", lab, Role.MANAGER)
    as_alice = actor_of(alice, lab)
    Membership.objects.filter(user=alice).update(role=Role.MEMBER)
    with pytest.raises(PermissionDenied, match="needs the role Manager"):
        actions.remove(as_alice, membership(bob, lab).pk)
    with pytest.raises(PermissionDenied, match="needs the role Manager"):
        actions.change_role(as_alice, membership(bob, lab).pk, role=Role.READER)


@pytest.mark.parametrize("verb", ["remove", "demote"])
@pytest.mark.django_db(transaction=True)
def test_two_managers_who_take_each_other_out_at_once_leave_one(alice, lab, verb):
    second = make_user("second", lab, Role.MANAGER)
    pairs = [(actor_of(alice, lab), membership(second, lab)), (actor_of(second, lab), membership(alice, lab))]
    start = Barrier(2)

    def run(pair) -> str:
        actor, row = pair
        start.wait()
        try:
            if verb == "remove":
                actions.remove(actor, row.pk)
            else:
                actions.change_role(actor, row.pk, role=Role.MEMBER)
        except (PermissionDenied, actions.NotPossible) as error:
            return type(error).__name__
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(2) as threads:
        answers = sorted(threads.map(run, pairs))
    assert answers == ["PermissionDenied", "done"]
    assert Membership.objects.filter(tenant=lab, role=Role.MANAGER).count() == 1


@pytest.mark.parametrize("number", [3, 120])
def test_the_list_costs_the_same_for_many(signed_in, alice, lab, number, django_assert_max_num_queries):
    for one in range(number):
        make_user(f"m{one:03}", lab, Role.MEMBER)
    browser = signed_in(alice)
    with django_assert_max_num_queries(8):
        page = browser.get("/t/lab/people/")
    assert text(page).count('<tr role="row" id="m-') == min(number + 1, 50)


def test_pages_and_the_search_find_everybody_once(signed_in, alice, lab):
    for one in range(60):
        make_user(f"m{one:03}", lab, Role.MEMBER)
    browser = signed_in(alice)
    first = browser.get("/t/lab/people/")
    after = first.context["page"].after
    second = browser.get("/t/lab/people/", {"after": after})
    names = [row.user.username for answer in (first, second) for row in answer.context["rows"]]
    assert names == ["alice", *(f"m{one:03}" for one in range(60))]
    back = browser.get("/t/lab/people/", {"before": second.context["page"].before})
    assert [row.user.username for row in back.context["rows"]] == names[:50]
    found = browser.get("/t/lab/people/", {"q": "M05"})
    assert len(found.context["rows"]) == 10
    for nonsense in ("x", "bm9uc2Vuc2U", "W10", "WzEsMl0", "\0"):
        assert len(browser.get("/t/lab/people/", {"after": nonsense}).context["rows"]) == 50


def test_what_is_said_before_removing_is_what_happens(signed_in, alice, bob, lab):
    asked = text(signed_in(alice).get(url(membership(bob, lab), "remove")))
    assert "the pages of this tenant that they have open stop changing, and their consoles here close" in asked


def test_a_page_holds_the_words_for_somebody_who_is_removed_meanwhile(signed_in, root, bob, lab):
    page, everywhere = text(signed_in(bob).get("/t/lab/people/")), text(signed_in(root).get("/users/"))
    assert 'data-gone="You are not in this tenant any more, or it is gone' in page
    assert 'data-gone="You may not see this page any more' in everywhere
    assert all('data-start="/"' in one for one in (page, everywhere))


@pytest.mark.parametrize("verb", ["role", "remove"])
@pytest.mark.parametrize("ask", ["get", "post"])
def test_what_is_not_possible_has_no_button_and_only_says_why(signed_in, alice, lab, verb, ask):
    make_user("bert", lab, Role.MEMBER)
    page = text(getattr(signed_in(alice), ask)(url(membership(alice, lab), verb), {"role": "member"}))
    dialog = page[page.index('id="dialog-title"') :].partition("</form>")[0]
    assert "A tenant needs somebody who manages it" in dialog
    assert "<button" not in dialog
    assert ">Back</a>" in dialog
    assert "You see nothing of this tenant any more" not in dialog
    assert 'type="radio"' not in dialog
