import pytest

from dashboard.audit.models import Entry
from dashboard.audit.record import record
from dashboard.audit.verify import first_broken


@pytest.fixture
def chain(db):
    for number in range(5):
        record(
            "instance.stop", actor="bob", tenant="t", object_kind="instance", object_id=number, object_name="web",
            outcome="done", address="10.0.0.1", after={"status": "SHUTOFF"},
        )  # fmt: skip
    return Entry.objects.filter(chain="t")


def test_an_untouched_chain_holds(chain):
    assert first_broken("t") is None
    assert [entry.number for entry in chain.order_by("number")] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("change", [{"actor": "eve"}, {"outcome": "denied"}, {"after": {}}, {"object_name": "db"}])
def test_a_changed_entry_is_named(chain, change):
    chain.filter(number=3).update(**change)
    assert first_broken("t").number == 3


def test_a_removed_entry_is_named(chain):
    chain.filter(number=3).delete()
    assert (first_broken("t").number, first_broken("t").why) == (3, "it is missing")


def test_one_tenants_chain_does_not_depend_on_anothers(chain):
    record("x", actor="a", tenant="other", object_kind="k", object_id=1, object_name="n", outcome="done")
    chain.filter(number=1).update(actor="eve")
    assert first_broken("other") is None
