import uuid

import pytest
from django.test import Client

from dashboard.quota_requests import actions
from dashboard.quota_requests.wanted import limits_of
from dashboard.quotas.models import Quota
from dashboard.tenancy.access import Actor
from tests.conftest import actor_of


@pytest.fixture
def as_alice(alice, lab) -> Actor:
    return actor_of(alice, lab)


@pytest.fixture
def as_root(root, lab) -> Actor:
    return actor_of(root, lab)


@pytest.fixture
def ask(as_bob, lab):
    """Ask for new limits in total, as bob."""

    def make(actor=None, *, reason="for the course", key="", launch_id=None, **limits):
        actor = actor or as_bob
        now = {one.name: one for one in limits_of(actor.tenant)}
        wanted = [(now[name], limit) for name, limit in (limits or {"vcpus": 32}).items()]
        return actions.ask(actor, wanted=wanted, reason=reason, key=key or uuid.uuid4().hex, launch_id=launch_id)

    return make


@pytest.fixture
def approve(as_root):
    """All of it, or what `given` says."""

    def decide(request, actor=None, *, comment="", was=None, **given):
        grants = []
        for wish in request.wishes.select_related("request", "cloud"):
            now = Quota.objects.get(tenant=request.tenant, resource=wish.resource).limit
            limit = given.get(wish.resource, wish.limit)
            grants.append(actions.Grant(wish=wish, was=now if was is None else was, limit=limit))
        return actions.approve(actor or as_root, request.pk, grants=grants, comment=comment)

    return decide


@pytest.fixture
def limit():
    def ask(tenant, resource="vcpus"):
        return Quota.objects.get(tenant=tenant, resource=resource).limit

    return ask


@pytest.fixture
def browser_of():
    def sign_in(user):
        client = Client()
        client.force_login(user)
        return client

    return sign_in
