"""No byte of one tenant reaches another: no page, fragment, search, export or error has the canary in it."""

import pytest
from django.test import Client

from .crawl import pages, poison

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
CANARY = "canary-of-lab-img"


@pytest.fixture
def sung(everything, lab) -> dict[str, str]:
    """Every page's address, once everything of `lab` has the canary in it."""
    assert poison(CANARY, tenant=lab) > 30
    return everything


def seen_by(user, found: dict[str, str]) -> set[str]:
    client = Client()
    client.force_login(user)
    return {page.name for page in pages(client, found) if CANARY in page.text}


def test_its_own_people_see_it(sung, alice):
    assert len(seen_by(alice, sung)) > 15


def test_the_manager_of_another_tenant_sees_nothing_of_it_anywhere(sung, charlie):
    assert seen_by(charlie, sung) == set()
    theirs = {name: url.replace("/t/lab/", "/t/other/") for name, url in sung.items()}
    assert seen_by(charlie, theirs) == set()


def test_nobody_sees_anything_without_signing_in(sung):
    sung.pop("people:invitation", None)  # whoever has its secret address was sent it, and by whom
    assert {page.name for page in pages(Client(), sung) if CANARY in page.text} == set()


def test_somebody_who_was_removed_sees_nothing_any_more(sung, bob):
    assert seen_by(bob, sung)
    bob.memberships.all().delete()
    of_their_own = {name for name in sung if name.startswith("account_")}
    assert seen_by(bob, sung) - of_their_own == set()
