"""An address for each name of the access matrix. What it names in `lab` is made where it is not there yet."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from django.urls import URLResolver, get_resolver, reverse
from django.utils import timezone

from dashboard.access.models import AccessKey
from dashboard.accounts.models import User
from dashboard.announcements.models import Announcement
from dashboard.audit.models import Entry
from dashboard.clouds import secrets
from dashboard.clouds.models import Cloud, CloudAccount
from dashboard.instances.models import Flavor, LaunchTemplate
from dashboard.keypairs.models import KeyPair
from dashboard.networks.models import FloatingIp, Network, Router, Rule, SecurityGroup
from dashboard.operations.models import Batch, Operation
from dashboard.people.invitations import hashed
from dashboard.people.models import Invitation, SignUp
from dashboard.quota_requests.models import QuotaRequest
from dashboard.quotas.models import Plan
from dashboard.tenancy.models import Membership
from dashboard.tenants.models import Emptying
from dashboard.usage.actions import PRICES
from dashboard.usage.models import PriceList


def named(patterns: Any, space: str = "", keys: tuple[str, ...] = ()) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each URL's name, and what its address has to be given."""
    for pattern in patterns:
        wanted = (*keys, *pattern.pattern.regex.groupindex)
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from named(pattern.url_patterns, inner, wanted)
        else:
            yield space + (pattern.name or str(pattern.pattern)), wanted


def all_urls() -> list[tuple[str, tuple[str, ...]]]:
    return list(named(get_resolver().url_patterns))


def url_of(name: str, target) -> str:
    """`target` is an instance of `lab` that runs; bob is the one whose things are named."""
    keys, values = dict(all_urls())[name], {"tenant": "lab", "slug": "lab"}
    if set(keys) - set(values):
        app, _, page = name.rpartition(":")
        values |= ROWS[app](page, target)
    return reverse(name, kwargs={key: values[key] for key in keys})


def account_row(_page: str, _target) -> dict[str, Any]:
    """Nobody's."""
    return {"pk": 1, "uid": "x", "token": "x"}


def instance_row(page: str, target) -> dict[str, Any]:
    if page in {"retry", "again"}:
        return {"pk": batch_of(target, "instance.launch" if page == "retry" else "instance.stop").pk}
    if page in {"rename-template", "delete-template"}:
        return {"pk": LaunchTemplate.objects.get_or_create(tenant=target.tenant, name="web")[0].pk}
    return {"pk": target.pk, "verb": "stop", "kind": "serial"}


def operation_row(page: str, target) -> dict[str, Any]:
    if page == "batch":
        return {"pk": batch_of(target, "instance.stop").pk}
    return {"pk": Operation.objects.get(target_id=target.pk).pk, "verb": "resume"}


def batch_of(target, kind: str) -> Batch:
    return Batch.objects.get_or_create(tenant=target.tenant, kind=kind, key=kind)[0]


def cloud_row(page: str, target) -> dict[str, Any]:
    if page == "bring":
        Cloud.objects.filter(pk=target.cloud_id).update(tenants_bring=True)
    return {"pk": target.cloud_id, "kind": "fake", "what": "hosts", "verb": "read"}


def access_row(_page: str, target) -> dict[str, Any]:
    """Bob's key on a cloud with places."""
    bob = User.objects.get(username="bob")
    about = {"kind": "fake", "features": ["access-keys"], "settings": {**target.cloud.settings, "places": "yes"}}
    cloud, _ = Cloud.objects.get_or_create(name="with-places", defaults=about)
    about = {"sealed": secrets.seal({"place_id": "p", "key": "k"}), "remote_id": "p", "remote_name": "lab"}
    account, _ = CloudAccount.objects.get_or_create(tenant=target.tenant, cloud=cloud, defaults=about)
    about = {"tenant": target.tenant, "account": account, "user": bob, "person": str(bob.pk), "label": "laptop"}
    about |= {"issued_at": timezone.now(), "remote_id": "k-1", "sealed": account.sealed}
    row, _ = AccessKey.objects.get_or_create(key="k", defaults=about)
    return {"pk": cloud.pk, "key": row.pk}


def network_row(page: str, target) -> dict[str, Any]:
    models = {"router": Router, "group": SecurityGroup, "rule": SecurityGroup}
    models |= {"associate": FloatingIp, "disassociate": FloatingIp, "release": FloatingIp}
    model = models.get(page.rpartition("-")[2], Network)
    row, _ = model.objects.get_or_create(tenant=target.tenant, cloud=target.cloud, remote_id="there")
    if page != "remove-rule":
        return {"pk": row.pk}
    return {"pk": row.pk, "rule": Rule.objects.get_or_create(group=row, remote_id="there")[0].pk}


def key_pair_row(_page: str, target) -> dict[str, Any]:
    return {"pk": KeyPair.objects.get_or_create(tenant=target.tenant, name="laptop", defaults={"bits": 256})[0].pk}


def quota_row(page: str, target) -> dict[str, Any]:
    if page == "on-cloud":
        return {"pk": target.cloud_id}
    return {"pk": Plan.objects.get_or_create(key="large", defaults={"name": "Large", "limits": {}})[0].pk}


def person_row(page: str, target) -> dict[str, Any]:
    """Bob, an invitation that waits, or somebody who asked for an account."""
    now = timezone.now()
    if page in {"user", "add", "change-user"}:
        return {"pk": User.objects.get(username="bob").pk, "verb": "disable"}
    if page in {"sign-up", "accept-sign-up", "reject-sign-up"}:
        about = {"expires_at": now + timedelta(days=1), "verified_at": now, "token_hash": "x"}
        return {"pk": SignUp.objects.get_or_create(address="dora@example.org", defaults=about)[0].pk}
    if page in {"send-again", "withdraw", "invitation"}:
        about = {"role": "member", "expires_at": now + timedelta(days=1), "token_hash": hashed("token")}
        row, _ = Invitation.objects.get_or_create(tenant=target.tenant, email="dora@example.org", defaults=about)
        return {"pk": row.pk, "token": "token"}
    if page == "prove":
        return {"token": "token"}
    return {"pk": Membership.objects.get(user__username="bob").pk}


def emptying_row(_page: str, target) -> dict[str, Any]:
    now = timezone.now()
    about = {"begun_at": now, "moved_at": now}
    return {"pk": Emptying.objects.get_or_create(tenant=target.tenant, defaults=about)[0].pk}


def price_row(_page: str, _target) -> dict[str, Any]:
    about = {"currency": "EUR"} | dict.fromkeys(PRICES, 1)
    return {"pk": PriceList.objects.get_or_create(valid_from=date(2099, 1, 1), defaults=about)[0].pk}


def request_row(_page: str, target) -> dict[str, Any]:
    about = {"requested_by_name": "carol"}
    return {"pk": QuotaRequest.objects.get_or_create(tenant=target.tenant, key="k", defaults=about)[0].pk}


def entry_row(_page: str, target) -> dict[str, Any]:
    return {"pk": Entry.objects.filter(tenant=str(target.tenant.pk)).latest("number").pk, "form": "csv"}


def announcement_row(_page: str, _target) -> dict[str, Any]:
    return {"pk": Announcement.objects.get_or_create(text="Cake", created_by="root")[0].pk, "mark": "1.1"}


def flavor_row(page: str, _target) -> dict[str, Any]:
    """Of a cloud that has no flavors of its own."""
    bare, _ = Cloud.objects.get_or_create(name="bare", kind="fake", features=["flavor-edit"])
    row, _ = Flavor.objects.get_or_create(cloud=bare, name="kept", vcpus=1, ram_mib=512, disk_gib=5)
    return {"pk": bare.pk if page == "create" else row.pk}


ROWS = {
    "": account_row,
    "keys": account_row,
    "viewings": account_row,
    "access": access_row,
    "announcements": announcement_row,
    "audit": entry_row,
    "clouds": cloud_row,
    "connections": cloud_row,
    "places": cloud_row,
    "consoles": instance_row,
    "instances": instance_row,
    "metrics": instance_row,
    "flavors": flavor_row,
    "keypairs": key_pair_row,
    "networks": network_row,
    "operations": operation_row,
    "people": person_row,
    "quotas": quota_row,
    "quota-requests": request_row,
    "tenants": emptying_row,
    "usage": price_row,
}
"""What the addresses of each part have to be given beside the tenant."""
