"""Keys on a fake cloud on which each tenant has a place. `lets_in` asks the cloud itself, past Skydeck."""

from __future__ import annotations

import re
import uuid

import pytest
from django.urls import reverse

from dashboard.access import actions
from dashboard.access.models import AccessKey
from dashboard.clouds.drivers.fake.store import reading
from dashboard.clouds.interface import AuthFailed
from dashboard.clouds.registry import connect
from tests.accounts.conftest import no_tries_counted, signed_in  # noqa: F401
from tests.conftest import actor_of
from tests.instances.conftest import placed  # noqa: F401


@pytest.fixture
def make(placed, work, lab):  # noqa: F811
    """A key of somebody's, made to the end unless it shall only be asked for."""

    def make(user, label="laptop", *, only_ask=False, key=None, tenant=lab):
        row = actions.create(actor_of(user, tenant), placed, label=label, key=key or uuid.uuid4().hex)
        if not only_ask:
            work()
        row.refresh_from_db()
        return row

    return make


@pytest.fixture
def fetch(lab):
    """The secret of somebody's key, by the verb that consumes it."""
    return lambda row, user=None: dict(actions.show(actor_of(user or row.user, row.tenant), row.pk)[1])


@pytest.fixture
def lets_in(placed):  # noqa: F811
    def lets_in(secret):
        try:
            return list(connect("fake", {**placed.settings, **secret}).compute.list()) is not None
        except AuthFailed:
            return False

    return lets_in


@pytest.fixture
def good(fake_path):
    """`(person, mark)` of every key of people's that still lets in somewhere."""

    def good():
        with reading(str(fake_path)) as db:
            rows = db.execute("SELECT person, mark FROM credentials WHERE NOT is_revoked AND person != ''").fetchall()
        return sorted((row["person"], row["mark"]) for row in rows)

    return good


@pytest.fixture
def here(placed):  # noqa: F811
    """Where the pages of `lab` are, by name."""
    return lambda name="index", *arguments: reverse(f"access:{name}", args=["lab", placed.pk, *arguments])


def said(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def living():
    return AccessKey.objects.living()
