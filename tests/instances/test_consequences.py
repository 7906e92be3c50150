"""What a dialog says of what stays: the truth of the instance's own cloud."""

import pytest

from dashboard.clouds.interface import Feature
from dashboard.instances.consequences import consequences_of

pytestmark = pytest.mark.django_db


def said(instance, verb):
    return " ".join(consequences_of(instance, verb, None))


def test_where_addresses_stay_the_dialogs_promise_it(active):
    for verb in ("stop", "delete"):
        assert "Its addresses stay." in said(active, verb)


@pytest.mark.parametrize(
    ("declared", "words"),
    [
        ([], "Its addresses are taken away, floating IPs too"),
        ([Feature.PORTS_STAY], "Its private addresses and its floating IPs stay. A public address"),
    ],
)
def test_where_they_do_not_no_dialog_promises_them(active, declared, words):
    active.cloud.features = [name for name in active.cloud.features if name != Feature.ADDRESSES_STAY] + declared
    for verb in ("stop", "delete"):
        assert words in said(active, verb)
        assert "Its addresses stay." not in said(active, verb)
    assert "address" not in said(active, "restore")


def test_what_goes_on_running_keeps_its_addresses_and_nothing_is_said_of_them(active):
    active.keeps_disk = False
    assert "address" not in said(active, "delete")
