"""The pages of requests: what is typed into them, what they show to whom, and how much they ask the database."""

import pytest
from django.urls import reverse

from dashboard.quota_requests import actions
from dashboard.quota_requests.models import QuotaRequest, Rules
from dashboard.quotas.models import CloudQuota, Quota

HOSTILE = "<script>alert(1)</script>{{ 7|add:7 }}\u202e"


def page(browser, name, *args, status=200, **query):
    answer = browser.get(reverse(f"quota-requests:{name}", args=args), query)
    assert answer.status_code == status, answer.status_code
    return answer.content.decode()


def send(browser, **typed):
    data = {"key": "k", "reason": "for the course"} | typed
    return browser.post(reverse("quota-requests:new", args=["lab"]), data)


def decide(browser, request, decision, *, comment="", **limits):
    data = {"decision": decision, "comment": comment}
    for wish in request.wishes.all():
        data[f"limit-{wish.pk}"] = limits.get(wish.resource, str(wish.limit))
        data[f"was-{wish.pk}"] = limits.get("was", "20")
    return browser.post(reverse("quota-requests:decide", args=["lab", request.pk]), data)


@pytest.mark.parametrize(("used", "said"), [(17, ""), (18, "nearly full"), (20, "full"), (21, "1 over the limit")])
def test_the_quota_page_says_how_full_a_limit_is(browser_of, bob, lab, used, said):
    Quota.objects.filter(tenant=lab, resource="vcpus").update(used=used)
    text = page(browser_of(bob), "quota", "lab")
    assert [words in text for words in (">nearly full<", ">full<", ">1 over the limit")] == [
        said == words for words in ("nearly full", "full", "1 over the limit")
    ]


def test_the_quota_page_shows_every_limit_and_the_way_to_more(browser_of, bob, lab, cloud):
    Quota.objects.filter(tenant=lab, resource="networks").update(limit=None)
    Quota.objects.filter(tenant=lab, resource="vcpus").update(used=24)
    CloudQuota.objects.create(tenant=lab, cloud=cloud, resource="vcpus", limit=4, used=4)
    text = page(browser_of(bob), "quota", "lab")
    assert "used, no limit" in text
    assert "4 over the limit: nothing more is given" in text
    assert "/t/lab/quota/requests/new/?vcpus=#id_vcpus" in text
    assert f"?vcpus-{cloud.pk}=" in text
    assert "?networks=" not in text
    assert "?instances=" not in text, "of what is not nearly full the button above asks"
    assert "Nobody asked for more yet" in text


def test_readers_see_why_they_cannot_ask(browser_of, rita, lab):
    text = page(browser_of(rita), "quota", "lab")
    assert "Your role lets you look only" in text
    assert "Ask for more" not in text


@pytest.mark.parametrize(("typed", "limit"), [("34 GiB", 34816), ("+2G", 18432), ("34816", 34816)])
def test_memory_is_asked_for_and_given_as_pages_show_it(browser_of, bob, root, lab, typed, limit):
    assert "such as 34 GiB" in page(browser_of(bob), "new", "lab")
    send(browser_of(bob), ram_mib=typed)
    request = QuotaRequest.objects.get()
    assert request.wishes.get().limit == limit
    decide(browser_of(root), request, "approve", ram_mib="17 GiB", was="16384")
    assert Quota.objects.get(tenant=lab, resource="ram_mib").limit == 17408


@pytest.mark.parametrize(("typed", "limit"), [("32", 32), ("+4", 24), (" + 4 ", 24), ("unlimited", None)])
def test_a_limit_is_asked_for_as_a_number_or_as_so_much_more(browser_of, bob, typed, limit):
    answer = send(browser_of(bob), vcpus=typed)
    request = QuotaRequest.objects.get()
    assert answer["Location"] == f"/t/lab/quota/requests/{request.pk}/"
    assert request.wishes.get().limit == limit


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("-5", "cannot be negative"),
        ("1e30", "is not a whole number"),
        ("ten", "“ten” is not a whole number"),
        ("9" * 40, "That is too much"),
        ("20", "The limit is 20 already"),
        ("+0", "The limit is 20 already"),
        ("+-3", "cannot be negative"),
        ("+1000000000000", "That is too much"),
        ("٣٢", "is not a whole number"),
        ("", "Type at least one limit"),
        ("   ", "Type at least one limit"),
    ],
)
def test_what_is_no_limit_is_said_at_its_field_and_kept(browser_of, bob, typed, said):
    answer = send(browser_of(bob), vcpus=typed)
    text = answer.content.decode()
    assert (answer.status_code, QuotaRequest.objects.count()) == (422, 0)
    assert said in text
    assert f'value="{typed}"' in text or not typed.strip()
    assert "for the course" in text


def test_a_reason_is_needed_and_has_an_end(browser_of, bob):
    assert "Say what it is for" in send(browser_of(bob), vcpus="32", reason=" ").content.decode()
    assert "the most is 2000 characters" in send(browser_of(bob), vcpus="32", reason="x" * 2001).content.decode()
    assert QuotaRequest.objects.count() == 0


def test_two_clicks_are_one_request(browser_of, bob):
    browser = browser_of(bob)
    assert send(browser, vcpus="32")["Location"] == send(browser, vcpus="32")["Location"]
    assert QuotaRequest.objects.count() == 1


def test_hostile_words_are_only_shown(browser_of, bob, alice):
    send(browser_of(bob), vcpus="32", reason=HOSTILE)
    request = QuotaRequest.objects.get()
    for text in (page(browser_of(alice), "detail", "lab", request.pk), page(browser_of(alice), "inbox")):
        assert "<script>alert(1)" not in text
        assert "&lt;script&gt;alert(1)&lt;/script&gt;{{ 7|add:7 }}" in text


def test_the_form_is_filled_in_by_the_address(browser_of, bob, lab):
    text = page(browser_of(bob), "new", "lab", vcpus="28", nothing="1", reason="a<b")
    assert 'name="vcpus" value="28"' in text
    assert "a&lt;b" in text


def test_an_administrator_approves_and_the_page_tells_the_rest(browser_of, bob, root, ask, limit, lab):
    request = ask(vcpus=32)
    assert 'value="approve"' in page(browser_of(root), "detail", "lab", request.pk)
    assert decide(browser_of(root), request, "approve", vcpus="24").status_code == 303
    text = page(browser_of(bob), "detail", "lab", request.pk)
    assert "Approved in part" in text
    assert "approved a part of it" in text
    assert 'value="approve"' not in text
    assert limit(lab) == 24


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("-5", "cannot be negative"),
        ("1e30", "is not a whole number"),
        ("ten", "is not a whole number"),
        ("", "Type a number"),
        ("33", "32 was asked for"),
        ("19", "never lowers it"),
        ("20", "Nothing of it would be more"),
    ],
)
def test_what_cannot_be_given_is_said_at_its_field(browser_of, root, ask, limit, lab, typed, said):
    request = ask(vcpus=32)
    answer = decide(browser_of(root), request, "approve", vcpus=typed)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert limit(lab) == 20


def test_a_limit_that_changed_since_the_page_was_opened_is_told(browser_of, root, ask, limit, lab):
    request = ask(vcpus=32)
    Quota.objects.filter(tenant=lab, resource="vcpus").update(limit=24)
    answer = decide(browser_of(root), request, "approve")
    assert answer.status_code == 422
    assert "Somebody else changed this limit to 24" in answer.content.decode()
    assert limit(lab) == 24
    assert decide(browser_of(root), request, "approve", was="24").status_code == 303
    assert limit(lab) == 32


def test_the_second_approver_reads_who_was_first(browser_of, root, alice, as_alice, ask):
    request = ask()
    actions.deny(as_alice, request.pk, comment="not now")
    browser = browser_of(root)
    answer = decide(browser, request, "approve")
    assert "alice denied it" in browser.get(answer["Location"]).content.decode()


@pytest.mark.parametrize(("decision", "typed"), [("deny", "32"), ("approve", "many"), ("nonsense", "")])
def test_who_decides_what_was_withdrawn_meanwhile_is_told_whatever_the_form_has(
    browser_of, root, as_bob, ask, decision, typed
):
    request = ask()
    actions.withdraw(as_bob, request.pk)
    browser = browser_of(root)
    answer = decide(browser, request, decision, vcpus=typed)
    assert answer.status_code == 303
    assert "bob withdrew it" in browser.get(answer["Location"]).content.decode()


def test_denying_without_a_word_is_refused_at_the_comment(browser_of, alice, ask):
    request = ask()
    answer = decide(browser_of(alice), request, "deny", comment=" ")
    assert (answer.status_code, "Say why" in answer.content.decode()) == (422, True)
    assert decide(browser_of(alice), request, "nonsense").status_code == 422
    request.refresh_from_db()
    assert request.state == "open"


def test_a_manager_without_a_ceiling_endorses_or_denies(browser_of, alice, ask):
    text = page(browser_of(alice), "detail", "lab", ask().pk)
    assert 'value="endorse"' in text
    assert 'value="deny"' in text
    assert 'value="approve"' not in text


def test_a_manager_with_a_ceiling_approves_too(browser_of, alice, ask):
    Rules.objects.create(pk=1, managers_percent=100)
    request = ask(vcpus=32)
    assert 'value="approve"' in page(browser_of(alice), "detail", "lab", request.pk)
    answer = decide(browser_of(alice), request, "approve", vcpus="32")
    assert answer.status_code == 303


def test_each_inbox_has_what_its_owner_may_decide(browser_of, root, alice, charlie, ask):
    ask(reason="for the course")
    assert "for the course" in page(browser_of(root), "inbox")
    assert "for the course" in page(browser_of(alice), "inbox")
    assert "Nothing to decide" in page(browser_of(charlie), "inbox")
    assert page(browser_of(charlie), "count") == ""
    assert "1 waits for a decision" in page(browser_of(alice), "count")


def test_the_inbox_begins_with_what_managers_endorsed(browser_of, root, as_alice, ask):
    ask(reason="first")
    actions.endorse(as_alice, ask(reason="second").pk)
    text = page(browser_of(root), "inbox")
    assert text.index("second") < text.index("first")
    assert "first" not in page(browser_of(root), "inbox", show="decided")
    assert "first" not in page(browser_of(root), "inbox", q="second")


def test_another_tenants_manager_gets_404(browser_of, charlie, ask):
    request = ask()
    browser = browser_of(charlie)
    for tenant in ("lab", "other"):
        page(browser, "detail", tenant, request.pk, status=404)
        answer = browser.post(reverse("quota-requests:decide", args=[tenant, request.pk]), {"decision": "deny"})
        assert answer.status_code == 404


@pytest.mark.parametrize("name", ["quota", "inbox"])
def test_a_list_asks_the_database_a_few_times_whatever_its_length(
    browser_of, root, ask, name, django_assert_max_num_queries
):
    browser = browser_of(root)
    for number in range(12):
        ask(vcpus=30 + number, instances=20)
    args = ["lab"] if name == "quota" else []
    with django_assert_max_num_queries(8):
        page(browser, name, *args)


def test_what_does_not_fit_on_a_page_is_on_the_next(browser_of, root, ask, as_alice):
    for number in range(26):
        actions.withdraw(as_alice, ask(vcpus=30, reason=f"number {number:02}").pk)
    browser = browser_of(root)
    first, second = page(browser, "inbox", show="decided"), page(browser, "inbox", show="decided", page="2")
    assert ("number 25" in first, "number 00" in first) == (True, False)
    assert ("number 25" in second, "number 00" in second) == (False, True)
    assert "number 25" in page(browser, "inbox", show="decided", page="x" * 9)


# --- the rules -------------------------------------------------------------------------


RULES = {"version": "0", "is_on": "on", "percent": "10", "days": "30", "resources": ["vcpus"], "managers_percent": "0"}


def save_rules(browser, **typed):
    return browser.post(reverse("quota-requests:rules"), RULES | typed)


def test_rules_are_saved_and_shown(browser_of, root):
    assert save_rules(browser_of(root)).status_code == 303
    rules = Rules.objects.get()
    assert (rules.is_on, rules.percent, rules.days, rules.resources) == (True, 10, 30, ["vcpus"])


@pytest.mark.parametrize(
    ("field", "typed"),
    [(name, bad) for name in ("percent", "days", "managers_percent") for bad in ("-5", "1e30", "ten", "", "99999")]
    + [("percent", "0"), ("days", "0"), ("resources", []), ("resources", ["cheese"])],
)
def test_rules_that_are_none_are_refused(browser_of, root, field, typed):
    assert save_rules(browser_of(root), **{field: typed}).status_code == 422
    assert not Rules.objects.filter(is_on=True).exists()


def test_of_two_who_save_rules_the_second_is_told(browser_of, root):
    browser = browser_of(root)
    save_rules(browser)
    answer = save_rules(browser, percent="50")
    assert (answer.status_code, "Somebody else saved the rules" in answer.content.decode()) == (422, True)
    assert Rules.objects.get().percent == 10
