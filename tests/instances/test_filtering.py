"""The filter's language: what it cuts a text into, what it finds, and what it says of what it does not understand."""

from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dashboard.accounts.models import User
from dashboard.clouds.interface import Status
from dashboard.instances.filter_fields import FIELDS, Scope, filter_of
from dashboard.instances.filtering import LONGEST, parse, quoted
from dashboard.instances.models import Instance
from dashboard.networks.models import FloatingIp, Port
from dashboard.operations.models import Operation

PIECES = [*(f"{name}:" for name in FIELDS), '"', "\\", ",", "-", " ", ":", "=", "*", "<7d", "%", "_", "\0", "error"]
TYPED = st.lists(st.sampled_from(PIECES) | st.text(max_size=8), max_size=30).map("".join)


@given(TYPED | st.text())
@example('name:"my we')
@example('"\\')
@example("-")
@example("x" * 5000)
def test_every_character_belongs_to_one_token_and_none_is_lost(text):
    tokens = parse(text)
    assert "".join(token.text for token in tokens) == text
    assert [token.start for token in tokens] == [sum(len(t.text) for t in tokens[:i]) for i in range(len(tokens))]
    assert all(token.text for token in tokens)


@given(st.text(min_size=1, max_size=300))
def test_what_is_quoted_is_taken_as_it_is(value):
    (token,) = parse(f"name:{quoted(value)}")
    assert (token.field, token.values, token.problem) == ("name", (value,), "")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("web", [("", ("web",), False)]),
        ("-tag:prod status:error,stopped", [("tag", ("prod",), True), ("status", ("error", "stopped"), False)]),
        ('name:"my web" db', [("name", ("my web",), False), ("", ("db",), False)]),
        ('name:"a\\"b,c",d', [("name", ('a"b,c', "d"), False)]),
        ("2001:db8::1 fe80::", [("", ("2001:db8::1",), False), ("", ("fe80::",), False)]),
        ('5"disk', [("", ('5"disk',), False)]),
        ('name:"open to the end', [("name", ("open to the end",), False)]),
    ],
)
def test_terms(text, expected):
    assert [(t.field, t.values, t.is_not) for t in parse(text) if not t.is_space] == expected


# --- what is found ----------------------------------------------------------------


@pytest.fixture
def scope(bob, lab):
    return Scope(tenant=lab, user=bob, is_admin=False)


@pytest.fixture
def rows(lab, cloud, image, small, bob, alice):
    """Four instances that differ in everything."""
    now = timezone.now()
    some = {"tenant": lab, "cloud": cloud, "vcpus": 1, "ram_mib": 512, "disk_gib": 5}
    made = [
        Instance(name="my web", status=Status.ACTIVE, image=image, flavor=small, tags=["prod", "söße \U0001f600"],
                 addresses=["10.0.0.5"], remote_id="aaaa-1", created_by=bob, **some),
        Instance(name="100%_db", status=Status.ERROR, tags=["nonprod", 'a"b'], addresses=["192.168.10.0", "10.1.0.9"],
                 remote_id="bbbb-2", created_by=alice, created_at=now - timedelta(days=9), is_locked=True, **some),
        Instance(name="cache", status=Status.SHUTOFF, task="migrating", zone="east", remote_id="cccc-3", **some),
        Instance(name="Big", status=Status.RESIZED, remote_id="dddd-4", description="nightly backup", **some),
    ]  # fmt: skip
    Instance.objects.bulk_create(made)
    return made


def found(text, scope) -> list[str]:
    queryset = Instance.objects.filter(tenant=scope.tenant) if scope.tenant else Instance.objects.all()
    return sorted(queryset.filter(filter_of(text, scope).q).values_list("name", flat=True))


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", ["100%_db", "Big", "cache", "my web"]),
        ("web", ["my web"]),
        ("-web", ["100%_db", "Big", "cache"]),
        ("big", ["Big"]),
        ("my web", ["my web"]),
        ("web,cache", ["cache", "my web"]),
        ('"my web"', ["my web"]),
        ("name:%", ["100%_db"]),
        ("name:_", ["100%_db"]),
        ("name:=big", ["Big"]),
        ("name:=bi", []),
        ("status:error", ["100%_db"]),
        ("status:Stopped,ERROR", ["100%_db", "cache"]),
        ("status:shutoff", ["cache"]),
        ('status:"to confirm"', ["Big"]),
        ("status:to-confirm", ["Big"]),
        ("-status:active -status:error", ["Big", "cache"]),
        ("status:busy", ["cache"]),
        ("status:err", ["100%_db"]),
        ("ip:10.", ["100%_db", "my web"]),
        ("ip:10.0", ["my web"]),
        ("10.0", ["100%_db", "my web"]),
        ("tag:prod", ["my web"]),
        ("tag:PROD", ["my web"]),
        ("-tag:prod", ["100%_db", "Big", "cache"]),
        ("tag:*prod", ["100%_db", "my web"]),
        ('tag:"a\\"b"', ["100%_db"]),
        ("tag:\"söße \U0001f600\"", ["my web"]),
        ("\U0001f600", ["my web"]),
        ("flavor:small", ["my web"]),
        ("-flavor:small", ["100%_db", "Big", "cache"]),
        ("owner:me", ["my web"]),
        ("owner:alice", ["100%_db"]),
        ("-owner:alice", ["Big", "cache", "my web"]),
        ("age:>7d", ["100%_db"]),
        ("age:<1h", ["Big", "cache", "my web"]),
        ("age:>999999y", []),
        ("locked:yes", ["100%_db"]),
        ("-locked:yes zone:EAST", ["cache"]),
        ("task:migr", ["cache"]),
        ("description:backup", ["Big"]),
        ("id:cccc", ["cache"]),
        ("cccc-3", ["cache"]),
        ("cloud:pretend name:b", ["100%_db", "Big", "my web"]),
    ],
)  # fmt: skip
def test_a_filter_finds(rows, scope, text, names):
    assert found(text, scope) == names
    assert filter_of(text, scope).problems == []


def test_our_own_id_is_found_by_its_beginning_and_whole(rows, scope):
    pk = str(rows[2].pk)
    for text in (f"id:{pk[:11]}", f"id:{pk}", pk, pk.upper()):
        assert found(text, scope) == ["cache"]


def test_a_floating_ip_finds_only_what_it_leads_to_in_this_tenant(rows, scope, lab, other, cloud):
    for tenant, address in ((lab, "203.0.113.7"), (other, "203.0.113.8")):
        port = Port.objects.create(tenant=tenant, cloud=cloud, remote_id=f"p-{tenant}", instance_id="cccc-3")
        FloatingIp.objects.create(
            tenant=tenant, cloud=cloud, remote_id=f"f-{tenant}", address=address, port_id=port.remote_id
        )
    assert found("ip:203.0.113.7", scope) == found("113.7", scope) == ["cache"]
    assert found("ip:203.0.113.8", scope) == []


def test_what_we_are_doing_is_a_status_too(launch, scope):
    launch("web-1")
    Operation.objects.update(kind="instance.stop")
    assert found("status:stopping", scope) == found("status:busy", scope) == ["web-1"]
    assert found("status:starting", scope) == []


# --- what is not understood ---------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "place", "says"),
    [
        ("statsu:error my", "statsu:error", "did you mean “status:”?"),
        ("my http://x", "http://x", "put them in quotes"),
        ("age:<x my", "age:<x", "“<x” is no age"),
        ("age:7d my", "age:7d", "is no age"),
        ("my status:stoped", "status:stoped", "did you mean “stopped”?"),
        ("my status:zzz", "status:zzz", "There are: Building, Active"),
        ("my status:", "status:", "Nothing follows “status:”"),
        ("my -", "-", "Nothing follows the minus"),
        ('my ""', '""', "There is nothing in it."),
        ("my locked:maybe", "locked:maybe", "yes or no"),
        ("my host:cmp-07", "host:cmp-07", "is no field"),
        ("my tenant:lab", "tenant:lab", "is no field"),
        ("my name:a\0b", "name:a\0b", "cannot be searched for"),
        ('my name:"zzz', 'name:"zzz', "not closed"),
    ],
)
def test_what_is_not_understood_keeps_its_place_and_the_rest_is_applied(rows, scope, text, place, says):
    understood = filter_of(text, scope)
    (wrong,) = understood.problems
    assert (wrong.text, text[wrong.start : wrong.end]) == (place, place)
    assert says in wrong.problem
    assert found(text, scope) == ["my web"]


def test_of_several_values_the_good_ones_are_applied(rows, scope):
    assert found("status:error,zzz", scope) == ["100%_db"]
    assert len(filter_of("status:error,zzz", scope).problems) == 1


def test_a_thousand_words_and_a_text_without_end_are_answered(rows, scope):
    assert found("my " * 1000, scope) == ["my web"]
    assert found("x" * 100_000, scope) == []
    assert filter_of("x " * LONGEST, scope).problems[-1].start == LONGEST


@settings(max_examples=40)
@given(texts=st.lists(TYPED, min_size=10, max_size=10))
@pytest.mark.django_db
def test_no_filter_makes_a_query_fail(texts):
    scope = Scope(tenant=None, user=User(pk=1), is_admin=True)
    for text in texts:
        list(Instance.objects.filter(filter_of(text, scope).q).values("pk")[:1])


def test_hosts_and_tenants_are_for_administrators(rows, root, lab):
    Instance.objects.filter(name="Big").update(host="cmp-07")
    everything = Scope(tenant=None, user=root, is_admin=True)
    assert found("host:cmp tenant:=LAB", everything) == ["Big"]
    assert found("tenant:=la", everything) == []
