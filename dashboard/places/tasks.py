"""The flows of a tenant's place: each step asks the cloud, shortly, and may be called again at any time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from dashboard.clouds import registry, secrets
from dashboard.clouds.interface import (
    AuthFailed,
    Conflict,
    Credential,
    Feature,
    NetworkSpec,
    NotFound,
    Places,
    RemotePlace,
)
from dashboard.clouds.models import CloudAccount
from dashboard.instances import inventory
from dashboard.operations import flow
from dashboard.operations.failpoints import failpoint
from dashboard.operations.flow import Flow, StepDefinition, StepFailed, Wait
from dashboard.operations.models import Operation
from dashboard.operations.recovery import Recovery
from dashboard.quotas.models import Quota
from dashboard.tenancy.models import Role

from .closing import close
from .limits import limits_from, read_into


def target(operation: Operation) -> CloudAccount:
    return CloudAccount.objects.select_related("cloud", "tenant").get(pk=operation.target_id)


def places_of(account: CloudAccount) -> Places:
    """With the administrator's credential."""
    places = account.cloud.driver().places if account.cloud.makes_places else None
    if places is None:
        raise StepFailed("no-administrator")
    return places


@contextmanager
def there() -> Iterator[None]:
    """What is done in a place that the cloud does not know any more fails as that."""
    try:
        yield
    except NotFound as error:
        raise StepFailed("place-removed", detail=error.detail) from error


# --- the project --------------------------------------------------------------------


def make_project(operation: Operation) -> None:
    """The driver looks for our mark first: an earlier worker may have died after the cloud had made it."""
    account = target(operation)
    name = operation.arguments["name"]
    try:
        place = places_of(account).create(mark=str(account.tenant_id), name=name)
    except Conflict as error:
        raise StepFailed("place-name-taken", detail=error.detail, values={"name": name}) from error
    failpoint("place.make.project.done")
    enter(operation, account, place)


def find_project(operation: Operation) -> None:
    account = target(operation)
    wanted = operation.arguments["place_id"]
    place = next((place for place in places_of(account).list() if place.id == wanted), None)
    if place is None:
        raise StepFailed("place-gone")
    if not place.is_enabled:
        raise StepFailed("place-disabled", values={"name": place.name})
    enter(operation, account, place)


def enter(operation: Operation, account: CloudAccount, place: RemotePlace, **fields: Any) -> None:
    """Write down which project is the tenant's. No project is two tenants'."""
    others = CloudAccount.objects.filter(cloud=account.cloud, remote_id=place.id).exclude(pk=account.pk)
    if taken := others.select_related("tenant").first():
        raise StepFailed("place-taken", values={"name": place.name, "tenant": taken.tenant.name})
    with transaction.atomic():
        flow.write(operation)
        CloudAccount.objects.filter(pk=account.pk).update(remote_id=place.id, remote_name=place.name[:255], **fields)
        flow.changed(operation)


# --- the credential -------------------------------------------------------------------


def grant(operation: Operation) -> None:
    """The first credential of a place."""
    account = target(operation)
    if not account.sealed:
        with there():
            keep(operation, account, asked_for(operation, account))


def grant_another(operation: Operation) -> None:
    account = target(operation)
    if account.credential_id == operation.arguments["old"]:
        with there():
            keep(operation, account, asked_for(operation, account))


def asked_for(operation: Operation, account: CloudAccount) -> Credential:
    """A new one. Where this step was begun before, one may be out that nobody kept: then all are ended first."""
    places = places_of(account)
    if operation.arguments.get("asked"):
        places.withdraw(account.remote_id)
    flow.write(operation, arguments={**operation.arguments, "asked": True})
    credential = places.grant(account.remote_id, label=f"skydeck {account.tenant.slug}")
    failpoint("place.grant.done")
    return credential


def keep(operation: Operation, account: CloudAccount, credential: Credential) -> None:
    account.keep(credential)
    account.credential_made_at = timezone.now()
    with transaction.atomic():
        flow.write(operation)
        account.save(update_fields=["credential_id", "sealed", "credential_made_at"])
        flow.changed(operation)


def revoke_old(operation: Operation) -> None:
    account = target(operation)
    places_of(account).revoke(account.remote_id, credential_id=operation.arguments["old"])


def prove(operation: Operation) -> None:
    """Sign in with what the tenant brought: the cloud itself says which project it is for."""
    account = target(operation)
    if not account.brought:
        return
    brought = secrets.unseal(account.brought)
    place = place_of(account, brought)
    if account.remote_id and account.remote_id != place.id:
        raise StepFailed("place-other", values={"name": place.name})
    enter(
        operation,
        account,
        place,
        sealed=secrets.seal({**brought, "place_id": place.id}),
        brought="",
        credential_id=brought.get("application_credential_id") or brought.get("access_key", ""),
        credential_made_at=timezone.now(),
        origin=CloudAccount.Origin.BROUGHT,
    )


def place_of(account: CloudAccount, brought: dict[str, str]) -> RemotePlace:
    with closing(registry.connect(account.cloud.kind, {**account.cloud.settings, **brought})) as driver:
        try:
            return driver.place()
        except (AuthFailed, NotFound) as error:
            raise StepFailed("credential-refused", detail=error.detail) from error


def let_go(operation: Operation) -> Wait | None:
    """Nothing new begins in the place; who reads there just now comes to an end."""
    CloudAccount.objects.filter(pk=operation.target_id).update(sealed="", credential_id="", brought="")
    is_read = CloudAccount.objects.filter(pk=operation.target_id, sync_lease_until__gt=Now()).exists()
    return Wait(1) if is_read else None


def remove(operation: Operation) -> None:
    """Before anything else: where the cloud still finds something in it, the place is as it was."""
    account = target(operation)
    if not account.remote_id:
        return
    try:
        places_of(account).remove(account.remote_id)
    except Conflict as error:
        left = error.detail.partition(" still has ")[2]
        raise StepFailed("place-not-empty", detail=error.detail, values={"left": left}) from error


def end_keys(operation: Operation) -> Wait | None:
    """Those of people. A worker that is just making one comes out of the cloud first: else its key would stay."""
    account = target(operation)
    if not account.remote_id or account.origin == CloudAccount.Origin.BROUGHT:
        return None
    making = Operation.objects.filter(tenant=account.tenant, cloud=account.cloud, kind="access-key.create")
    for other in making.open():
        with transaction.atomic():
            flow.cancel(other)
    if making.filter(lease_until__gt=Now()).exists():
        return Wait(1)
    if account.cloud.makes_places and (access := account.cloud.driver().access) is not None:
        access.end_all(account.remote_id)
    return None


def withdraw(operation: Operation) -> None:
    """What a tenant brought, only the tenant can end."""
    account = target(operation)
    if account.remote_id and account.origin != CloudAccount.Origin.BROUGHT:
        places_of(account).withdraw(account.remote_id)


# --- a network to begin with ------------------------------------------------------------

FIRST_NETWORK = "10.0.0.0/24"


def make_network(operation: Operation) -> None:
    """With a way out where the cloud has one. The place's id is its mark: asked for twice, it is one network."""
    account = target(operation)
    driver = account.driver()
    networks = driver.networks
    if networks is None or Feature.NETWORK_EDIT not in driver.features:
        return
    outside = next((network.id for network in networks.networks() if network.is_external), "")
    name = f"{account.tenant.slug}-network"
    networks.create_network(
        NetworkSpec(mark=str(account.pk), name=name, cidr=FIRST_NETWORK, external_network_id=outside)
    )


# --- limits ------------------------------------------------------------------------------


def push(operation: Operation) -> None:
    """Only what the cloud knows and has otherwise; then what it says after that."""
    account = target(operation)
    quotas = limits_from(account)
    if quotas is None:
        return
    ours = dict(Quota.objects.filter(tenant=account.tenant).values_list("resource", "limit"))
    with there():
        theirs = quotas.get(account.remote_id)
        other = {name: limit for name, limit in ours.items() if name in theirs and theirs[name].limit != limit}
        if other:
            quotas.set(account.remote_id, other)
    read(operation)


def read(operation: Operation) -> None:
    with there():
        read_into(target(operation))
    flow.changed(operation)


# --- the ends ----------------------------------------------------------------------------


def nothing(operation: Operation) -> None:
    """The page shows why it failed; the place is as it was."""


def entered(operation: Operation) -> None:
    """Look at once, and at all that is there: an earlier look may have seen it half made."""
    CloudAccount.objects.filter(pk=operation.target_id).update(full_at=None)
    transaction.on_commit(lambda: inventory.ring_account(operation.target_id), robust=True)


def not_entered(operation: Operation) -> None:
    """Without a credential there is no place. What was made on the cloud carries our mark and is found next time."""
    CloudAccount.objects.filter(pk=operation.target_id).update(brought="")
    CloudAccount.objects.filter(pk=operation.target_id, sealed="").delete()


def left(operation: Operation) -> None:
    close(target(operation))


def why_on_its_page(operation: Operation) -> str:
    return _("Ask for it again on the page of the cloud: what is there already is found and not made twice.")


def not_begun(operation: Operation) -> None:
    """Cancelled before the cloud was asked: as if it had failed at once."""
    if operation.verb in {"make", "link", "bring"}:
        not_entered(operation)


def recovery_of(verb: str) -> Recovery:
    role = Role.MANAGER if verb == "bring" else Role.ADMIN
    return Recovery(role=role, why_not_resume=why_on_its_page, forget=not_begun)


PROJECT_MADE = StepDefinition(name="project", run=make_project)
PROJECT_FOUND = StepDefinition(name="find-project", run=find_project)
GRANT = StepDefinition(name="grant", run=grant)
PUSH = StepDefinition(name="push-limits", run=push)
NETWORK = StepDefinition(name="first-network", run=make_network, wants="network")
READ = StepDefinition(name="read-limits", run=read)

for kind, steps, on_done, on_failed in (
    ("make", (PROJECT_MADE, GRANT, PUSH, NETWORK), entered, not_entered),
    ("link", (PROJECT_FOUND, GRANT, READ), entered, not_entered),
    ("bring", (StepDefinition(name="prove", run=prove), READ), entered, not_entered),
    (
        "rotate",
        (StepDefinition(name="grant", run=grant_another), StepDefinition(name="revoke", run=revoke_old)),
        nothing,
        nothing,
    ),
    (
        "unlink",
        (
            StepDefinition(name="remove-place", run=remove, wants="remove"),
            StepDefinition(name="let-go", run=let_go),
            StepDefinition(name="end-access-keys", run=end_keys),
            StepDefinition(name="withdraw", run=withdraw),
        ),
        left,
        nothing,
    ),
    ("push", (PUSH,), nothing, nothing),
    ("read", (READ,), nothing, nothing),
):
    mended = recovery_of(kind)
    flow.register(Flow(kind=f"place.{kind}", steps=steps, on_done=on_done, on_failed=on_failed, recovery=mended))
