"""All users, for administrators: found, disabled, enabled, made administrator, signed out, added to tenants."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session
from django.core.exceptions import PermissionDenied
from django.db import connection

from dashboard.accounts.models import User
from dashboard.audit.models import Entry
from dashboard.clouds.models import Cloud
from dashboard.keystone.models import Account
from dashboard.mail.tasks import deliver
from dashboard.people import users
from dashboard.people.actions import NotPossible
from dashboard.people.models import Disabling, Invitation
from dashboard.tenancy.access import Administrator
from dashboard.tenancy.models import Membership, Role, Tenant
from tests.conftest import PASSWORD, make_user

from .conftest import done, links, text


@pytest.fixture
def admin(signed_in, root):
    return signed_in(root)


def url(user, verb) -> str:
    return f"/users/{user.pk}/{verb}/"


def names(answer) -> list[str]:
    return [user.username for user in answer.context["page"].rows]


def test_all_are_listed_with_what_they_are(admin, alice, bob, charlie, root):
    page = text(admin.get("/users/"))
    assert all(f"{name}@example.org" in page for name in ("alice", "bob", "charlie", "root"))
    assert page.count('class="tag">Administrator<') == 1


def test_they_are_found_and_narrowed_and_put_in_order(admin, alice, bob, root, other):
    make_user("nora", is_active=False)
    assert names(admin.get("/users/", {"q": "BOB@"})) == ["bob"]
    assert names(admin.get("/users/", {"show": "administrators"})) == ["root"]
    assert names(admin.get("/users/", {"show": "disabled"})) == ["nora"]
    assert names(admin.get("/users/", {"show": "alone"})) == ["nora"]
    assert names(admin.get("/users/", {"sort": "-name"})) == ["root", "nora", "bob", "alice"]
    assert names(admin.get("/users/", {"sort": "-seen"}))[0] == "root"
    assert names(admin.get("/users/", {"sort": "-joined"}))[0] == "nora"
    nothing = admin.get("/users/", {"q": "zzz"})
    assert "No user here has “zzz”" in text(nothing)
    for odd in ({"sort": "x"}, {"show": "x"}, {"after": "bm9uZQ"}, {"q": "\0"}):
        assert len(names(admin.get("/users/", odd))) == 4


@pytest.mark.parametrize("sort", ["name", "-seen", "joined"])
def test_pages_hold_everybody_once_and_cost_the_same(admin, lab, sort, django_assert_max_num_queries):
    for number in range(120):
        make_user(f"m{number:03}", lab, Role.MEMBER)
    seen, after = [], ""
    admin.get("/users/")
    for _ in range(3):
        with django_assert_max_num_queries(8):
            answer = admin.get("/users/", {"sort": sort, "after": after})
        seen += names(answer)
        after = answer.context["page"].after
    assert len(seen) == len(set(seen)) == 121
    back = admin.get("/users/", {"sort": sort, "before": answer.context["page"].before})
    assert names(back) == seen[50:100]


def test_whoever_is_disabled_is_out_and_it_says_why(admin, signed_in, bob, lab):
    browser = signed_in(bob)
    assert browser.get("/t/lab/").status_code == 200
    assert "bob is disabled." in done(admin, url(bob, "disable"), {"reason": "Left the company"})
    assert browser.get("/t/lab/").status_code == 302
    assert not any(str(bob.pk) == row.get_decoded().get("_auth_user_id") for row in Session.objects.all())
    assert "Left the company" in text(admin.get(f"/users/{bob.pk}/"))
    entry = Entry.objects.get(verb="user.disable")
    assert entry.after == {"reason": "Left the company", "sessions_ended": 1}
    assert browser.post("/accounts/login/", {"login": "bob", "password": PASSWORD})["Location"] == "/accounts/login/"


def test_who_is_enabled_again_signs_in_again_and_no_old_session_comes_back(admin, signed_in, bob, lab):
    browser = signed_in(bob)
    done(admin, url(bob, "disable"), {"reason": "away"})
    done(admin, url(bob, "enable"))
    assert browser.get("/t/lab/").status_code == 302
    assert signed_in(bob).get("/t/lab/").status_code == 200
    assert not Disabling.objects.exists()


@pytest.mark.parametrize("reason", ["", "   ", "x" * 501, "a\nb"])
def test_a_reason_is_needed(admin, bob, reason):
    assert admin.post(url(bob, "disable"), {"reason": reason}).status_code == 422
    assert User.objects.get(pk=bob.pk).is_active


def test_disabling_the_only_manager_is_warned_of(admin, alice, bob, lab):
    assert "Nobody else manages:" in text(admin.get(url(alice, "disable")))
    assert "Nobody else manages:" not in text(admin.get(url(bob, "disable")))


def test_nobody_disables_themselves(admin, root):
    answer = admin.post(url(root, "disable"), {"reason": "x"})
    assert answer.status_code == 422
    assert "Another administrator can disable your account." in text(answer)
    assert User.objects.get(pk=root.pk).is_active


def test_the_last_administrator_stays_one(admin, bob, root):
    answer = admin.post(url(root, "unmake-administrator"))
    assert answer.status_code == 422
    assert "Skydeck needs an administrator" in text(answer)
    make_user("sleeping", is_superuser=True, is_active=False)
    assert admin.post(url(root, "unmake-administrator")).status_code == 422
    assert "bob is administrator now." in done(admin, url(bob, "make-administrator"))
    assert admin.post(url(root, "unmake-administrator"))["Location"] == "/"
    said = Entry.objects.filter(verb__startswith="administrator.").order_by("pk").values_list("before", "after")
    no, yes = {"administrator": False}, {"administrator": True}
    assert list(said) == [(no, yes), (yes, no)]
    assert admin.get("/users/").status_code == 404
    assert list(User.objects.filter(is_superuser=True, is_active=True)) == [bob]


def test_a_disabled_account_is_not_made_administrator(admin, bob):
    User.objects.filter(pk=bob.pk).update(is_active=False)
    assert admin.post(url(bob, "make-administrator")).status_code == 422


def test_an_administrator_from_openstack_is_changed_there(admin, bob):
    User.objects.filter(pk=bob.pk).update(is_superuser=True)
    cloud = Cloud.objects.create(name="east", kind="fake")
    Account.objects.create(user=bob, cloud=cloud, remote_id="b", name="bob", domain="Default", gave_admin=True)
    why = "This role comes from east, and is changed there."
    assert why in text(admin.get(f"/users/{bob.pk}/"))
    assert admin.post(url(bob, "unmake-administrator")).status_code == 422


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("verb", ["disable", "unmake"])
def test_two_administrators_who_take_each_other_out_at_once_leave_one(root, verb):
    second = make_user("second", is_superuser=True)
    start = Barrier(2)

    def run(pair) -> str:
        mine, theirs = pair
        start.wait()
        try:
            if verb == "disable":
                users.disable(Administrator(user=mine), theirs.pk, reason="x")
            else:
                users.unmake_administrator(Administrator(user=mine), theirs.pk)
        except (PermissionDenied, NotPossible) as error:
            return type(error).__name__
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(run, [(root, second), (second, root)])) == ["PermissionDenied", "done"]
    assert User.objects.filter(is_superuser=True, is_active=True).count() == 1


def test_all_sessions_end_and_those_of_others_do_not(admin, signed_in, alice, bob):
    two, theirs = [signed_in(bob), signed_in(bob)], signed_in(alice)
    assert "bob is signed out everywhere." in done(admin, url(bob, "end-sessions"))
    assert [browser.get("/t/lab/").status_code for browser in two] == [302, 302]
    assert theirs.get("/t/lab/").status_code == 200
    assert Entry.objects.get(verb="user.sessions-end").after == {"number": 2}


def test_who_lost_their_phone_gets_in_again_and_is_told(admin, signed_in, bob, mailoutbox):
    theirs = signed_in(bob)
    for kind in (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN, Authenticator.Type.RECOVERY_CODES):
        Authenticator.objects.create(user=bob, type=kind, data={})
    assert "The second factors of bob are removed." in done(admin, url(bob, "reset-factors"))
    assert not Authenticator.objects.filter(user=bob).exists()
    assert theirs.get("/t/lab/").status_code == 302
    assert Entry.objects.get(verb="user.factors-reset").before == {"app": 1, "passkeys": 1}
    deliver()
    assert "An administrator removed your second factors." in mailoutbox[0].body


def test_ones_own_factors_and_those_that_nobody_has_are_not_reset(admin, root, bob):
    Authenticator.objects.create(user=root, type=Authenticator.Type.TOTP, data={})
    assert "Your own are on the page of your account." in text(admin.post(url(root, "reset-factors")))
    assert "There are none." in text(admin.post(url(bob, "reset-factors")))
    assert Authenticator.objects.filter(user=root).exists()


def test_a_user_is_added_to_a_tenant_once(admin, bob, lab, other):
    data = {"tenant": "other", "role": "reader"}
    assert "bob is Reader of Other now." in done(admin, f"/users/{bob.pk}/tenants/", data)
    again = admin.post(f"/users/{bob.pk}/tenants/", data)
    assert again.status_code == 422
    assert "bob is Reader of Other already." in text(again)
    assert admin.post(f"/users/{bob.pk}/tenants/", {"tenant": "none", "role": "reader"}).status_code == 422
    assert Membership.objects.filter(user=bob).count() == 2


@pytest.mark.parametrize(("tenant", "leads"), [("", "/"), ("lab", "/t/lab/")])
def test_a_user_is_made_by_an_invitation_with_a_tenant_or_without(admin, client, mailoutbox, lab, tenant, leads):
    data = {"address": "new@example.org", "full_name": "New Person", "tenant": tenant, "role": "member"}
    assert "The invitation is on its way." in done(admin, "/users/invite/", data)
    (link,) = links(mailoutbox)
    assert 'value="New Person"' in text(client.get(link))
    answer = client.post(link, {"username": "new", "full_name": "New Person", "password": "eleven small oranges"})
    assert answer["Location"] == leads
    assert Membership.objects.filter(user__username="new").count() == (1 if tenant else 0)


def test_who_has_an_account_is_not_made_again(admin, bob):
    answer = admin.post("/users/invite/", {"address": "BOB@example.org", "tenant": "", "role": "member"})
    assert answer.status_code == 422
    assert "has an account already: bob." in text(answer)
    assert not Invitation.objects.exists()


def test_a_verb_that_there_is_not_and_a_user_that_there_is_not(admin, bob):
    assert admin.get(url(bob, "delete")).status_code == 404
    assert admin.post("/users/99999999/disable/", {"reason": "x"}).status_code == 404


@pytest.mark.parametrize(
    ("verb", "why"),
    [
        ("disable", "Another administrator can disable your account."),
        ("unmake-administrator", "Skydeck needs an administrator"),
        ("reset-factors", "Your own are on the page of your account."),
    ],
)
@pytest.mark.parametrize("ask", ["get", "post"])
def test_what_is_refused_says_why_and_has_no_button(admin, root, verb, why, ask):
    page = text(getattr(admin, ask)(url(root, verb), {"reason": "x"}))
    dialog = page[page.index('id="dialog-title"') :].partition("</form>")[0]
    assert why in dialog
    assert ">Back</a>" in dialog
    assert "<button" not in dialog
    assert "<input" not in dialog


def test_what_is_possible_has_its_button(admin, bob):
    page = text(admin.get(url(bob, "disable")))
    assert '<button class="doing danger">Disable</button>' in page
    assert ">Cancel</a>" in page


@pytest.mark.parametrize("url", ["/users/requests/", "/requests/"])
def test_an_administrator_without_an_address_reads_that_no_mail_comes(admin, root, url):
    words = "You get no mail of these"
    assert words not in text(admin.get(url))
    User.objects.filter(pk=root.pk).update(email="")
    assert words in text(admin.get(url))


@pytest.fixture
def same(db):
    return [Tenant.objects.create(slug=slug, name="Physics") for slug in ("physics", "physics-2")]


def add(admin, user, tenant):
    return admin.post(f"/users/{user.pk}/tenants/", {"tenant": tenant, "role": "reader"})


def test_a_tenant_is_named_by_its_short_name_or_by_a_name_that_is_its_own(admin, bob, lab, other, same):
    assert "bob is Reader of Physics now." in done(
        admin, f"/users/{bob.pk}/tenants/", {"tenant": "physics-2", "role": "reader"}
    )
    assert Membership.objects.get(user=bob, tenant__name="Physics").tenant == same[1]
    assert add(admin, bob, " OTHER ").status_code in (302, 303)
    assert '<span class="dim mono">physics-2</span>' in text(admin.get(f"/users/{bob.pk}/"))


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("Physics", "Several tenants are called “Physics”. Type the short name of one: physics, physics-2."),
        ("hysic", "There is no tenant “hysic”, but: Physics (physics), Physics (physics-2)."),
        ("biology", "There is no tenant “biology”."),
        ("", "This field is required."),
        ("x\0", "Null characters are not allowed."),
    ],
)
def test_a_tenant_that_cannot_be_told_is_said_at_the_field_with_those_that_fit(admin, bob, same, typed, said):
    answer = add(admin, bob, typed)
    assert answer.status_code == 422
    assert said in text(answer)
    assert f'value="{typed}"' in text(answer) or not typed.isprintable() or not typed
    assert Membership.objects.filter(user=bob).count() == 1


def test_an_invitation_too_names_the_tenants_that_fit(admin, same):
    answer = admin.post("/users/invite/", {"address": "n@example.org", "tenant": "Physics", "role": "member"})
    assert answer.status_code == 422
    assert "Type the short name of one: physics, physics-2." in text(answer)
    assert not Invitation.objects.exists()
