import io
from importlib import import_module

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dashboard.audit import verify
from dashboard.audit.models import Beginning, Chain, Entry, Register
from dashboard.audit.record import digest, record
from dashboard.audit.register import amiss, listed
from dashboard.audit.verify import Checked, chains, first_broken

ABOUT = {"actor": "bob", "object_kind": "instance", "object_id": 1, "object_name": "web", "outcome": "done"}


def add(count=1, tenant="t", **more):
    for _number in range(count):
        record("instance.stop", tenant=tenant, **ABOUT | more)


def verified():
    """What the command says, and with which status it ends."""
    out = io.StringIO()
    try:
        call_command("audit", "verify", stdout=out)
    except SystemExit as end:
        return out.getvalue(), end.code
    return out.getvalue(), 0


def test_the_command_says_how_many_it_checked(db):
    add(3)
    add(2, tenant="")
    assert verified() == ("5 entries checked in 2 chains, none of them broken.\n", 0)


def test_it_is_content_where_there_is_nothing(db):
    assert verified() == ("0 entries checked in 0 chains, none of them broken.\n", 0)


def test_it_names_the_first_broken_entry_of_each_chain(db):
    add(3)
    add(3, tenant="u")
    Entry.objects.filter(chain="t", number__gte=2).update(actor="eve")
    said, status = verified()
    assert (status, said.splitlines()[0]) == (1, "Entry 2 of the chain t: it was changed.")
    assert said.endswith("4 entries checked in 2 chains, 1 of them broken.\n")


@pytest.mark.parametrize(
    ("tamper", "number", "why"),
    [
        (lambda entries: entries.filter(number=3).delete(), 3, "it is missing at the end"),
        (lambda entries: entries.filter(number=1).delete(), 1, "it is missing"),
        (lambda entries: entries.all().delete(), 1, "it is missing at the end"),
        (lambda entries: entries.filter(number=2).update(on_behalf_of="eve"), 2, "it was changed"),
        (lambda entries: entries.filter(number=2).update(via="key"), 2, "it was changed"),
        (lambda entries: entries.filter(number=2).update(version=1), 2, "it was changed"),
        (lambda entries: entries.filter(number=2).update(version=9), 2, "its version is unknown"),
        (lambda entries: Chain.objects.update(head="x"), 3, "the head of the chain is another one's"),
        (lambda entries: Chain.objects.all().delete(), 3, "the head of the chain is another one's"),
    ],
)
def test_whatever_is_done_to_it_is_noticed(db, tamper, number, why):
    add(3)
    tamper(Entry.objects.filter(chain="t"))
    found = first_broken("t")
    assert (found.number, found.why) == (number, why)
    assert verified()[1] == 1


def remove(name):
    Entry.objects.filter(chain=name).delete()
    Chain.objects.filter(name=name).delete()


def test_a_chain_that_is_gone_as_a_whole_is_named(db):
    for tenant in ("t", "u", ""):
        add(2, tenant=tenant)
    remove("t")
    assert verified() == (
        "The chain t: the whole chain is missing.\n4 entries checked in 2 chains, 1 of them broken.\n", 1,
    )  # fmt: skip


def test_a_chain_that_begins_anew_does_not_hide_the_one_that_is_gone(db):
    add(2)
    remove("t")
    add()
    assert first_broken("t") is None
    said, status = verified()
    assert (status, said.splitlines()[0]) == (
        1, "The chain t: it began a second time, and what was before is missing.",
    )  # fmt: skip


def test_a_chain_that_begins_while_the_others_are_looked_at_is_not_amiss(db):
    add()
    since, there = listed(), list(chains())
    add(tenant="u")
    assert list(amiss(there, since=since)) == []
    assert list(amiss([*there, "u"], since=since)) == []
    assert list(amiss(there, since=listed())) == [("u", "the whole chain is missing")]


@pytest.mark.parametrize(
    ("tamper", "said"),
    [
        (lambda lines: lines.filter(name="t").delete(), "Line 1 of the list of chains: it is missing."),
        (lambda lines: lines.filter(name="v").delete(), "Line 3 of the list of chains: it is missing at the end."),
        (lambda lines: lines.filter(name="u").update(name="x"), "Line 2 of the list of chains: it was changed."),
        (lambda lines: Register.objects.update(head="x"), "Line 3 of the list of chains: the head is another one's."),
        (lambda lines: Register.objects.all().delete(), "The chain v: nothing says that it began."),
    ],
)
def test_who_changes_the_list_of_chains_is_noticed(db, tamper, said):
    for tenant in ("t", "u", "v"):
        add(tenant=tenant)
    tamper(Beginning.objects)
    if said.startswith("The chain"):
        Beginning.objects.filter(name="v").delete()
    told, status = verified()
    assert (status, said in told.splitlines()) == (1, True)


def test_chains_from_before_the_list_begin_it(db):
    for tenant in ("u", "t"):
        add(tenant=tenant)
    Beginning.objects.all().delete()
    Register.objects.all().delete()
    import_module("dashboard.audit.migrations.0003_register").list_chains(apps, None)
    add(tenant="v")
    assert verified() == ("3 entries checked in 3 chains, none of them broken.\n", 0)


def test_an_entry_of_the_first_version_is_still_proved_and_cannot_be_added_to(db):
    add()
    entry = Entry.objects.get()
    entry.version = 1
    entry.digest = digest(entry)
    entry.save()
    Chain.objects.update(head=entry.digest)
    assert first_broken("t") is None
    Entry.objects.update(on_behalf_of="eve")
    assert first_broken("t").why == "it says more than its digest covers"


def test_what_databases_write_otherwise_is_made_plain_before_it_is_chained(db):
    odd = {"big": 1e30, "none": float("nan"), "deep": ("a", {"b": 1.5}), "nul": "a\0b", "half": "\ud800", 5: None}
    add(address="2001:DB8:0:0::1", after=odd)
    add(address="::ffff:192.0.2.1")
    add(address="no address")
    assert first_broken("t") is None
    assert [entry.address for entry in Entry.objects.order_by("number")] == ["2001:db8::1", "192.0.2.1", None]


@pytest.mark.parametrize("name", ["password", "admin_password", "user_data", "private_key", "API_Token"])
def test_a_secret_is_never_kept(db, name):
    add(before={"settings": {name: "canary"}}, after={name: "canary", "secrets": ["password"]})
    entry = Entry.objects.get()
    assert "canary" not in str((entry.before, entry.after))
    assert entry.after["secrets"] == ["password"]


def test_it_looks_at_slices_however_many_there_are(db, monkeypatch):
    monkeypatch.setattr(verify, "AT_ONCE", 10)
    add(25)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        checked = Checked()
        assert first_broken("t", checked=checked) is None
    assert checked.entries == 25
    assert sum("LIMIT 10" in query["sql"] for query in queries) == 4
