"""What can be done about an operation on networks that failed or hangs; see operations/recovery.py."""

from __future__ import annotations

from django.utils.translation import gettext as _

from dashboard.operations.models import Operation, Step
from dashboard.operations.recovery import NotPossible, Recovery
from dashboard.quotas.reservations import QuotaExceeded, held_by, reserve
from dashboard.tenancy.access import Actor

from .floating import forget
from .models import FloatingIp, Network, Router, Rule, SecurityGroup, Seen


def model_of(operation: Operation) -> type[Seen]:
    nouns: dict[str, type[Seen]] = {
        "network": Network,
        "router": Router,
        "security-group": SecurityGroup,
        "floating-ip": FloatingIp,
    }
    return nouns[operation.noun]


def row_of(operation: Operation) -> Seen | None:
    return model_of(operation).objects.select_related("cloud", "tenant").filter(pk=operation.target_id).first()


def is_undone(operation: Operation) -> bool:
    return operation.steps.filter(name="clean-up", state=Step.State.DONE).exists()


def why_gone(operation: Operation) -> str:
    model = Rule if operation.verb in {"add-rule", "remove-rule"} else model_of(operation)
    there = model.objects.filter(pk=operation.target_id).exists()
    return "" if there else _("It does not exist any more. Ask for it anew.")


def why_not_taken_back(operation: Operation) -> str:
    if is_undone(operation):
        return _("Nothing was left of it on the cloud; it can be deleted here.")
    return why_gone(operation)


def take_again(operation: Operation, actor: Actor) -> None:
    """The quota that the failure gave back, for the row and what is made together with it. Raises NotPossible."""
    row = row_of(operation)
    assert row is not None
    assert row.RESOURCE is not None
    try:
        if not held_by(operation.tenant, holder=row.pk):
            reserve(operation.tenant, {row.RESOURCE: 1}, holder=row.pk, cloud_id=row.cloud_id)
        if isinstance(row, Network) and row.asked.get("external_network_id"):
            take_router_again(row)
    except QuotaExceeded as error:
        raise NotPossible(_("There is not enough quota for it any more."), is_quota=True) from error
    type(row).objects.filter(pk=row.pk).update(failure="")


def take_router_again(network: Network) -> None:
    """The router that leads out of the network: its row was forgotten when it failed."""
    assert network.tenant is not None
    if Router.objects.filter(cloud=network.cloud, tenant=network.tenant, mark=network.mark).exists():
        return
    router = Router(tenant=network.tenant, cloud=network.cloud, name=network.name, mark=network.mark)
    router.external_network_id = network.asked["external_network_id"]
    reserve(network.tenant, {Router.RESOURCE: 1}, holder=router.pk, cloud_id=router.cloud_id)
    router.save(force_insert=True)


def forget_all(operation: Operation) -> None:
    """It was cancelled before the cloud was asked."""
    row = row_of(operation)
    if row is None:
        return
    if isinstance(row, Network):
        for router in Router.objects.filter(cloud=row.cloud, tenant=row.tenant, mark=row.mark, remote_id=""):
            forget(router)
    forget(row)


def forget_rule(operation: Operation) -> None:
    if operation.verb == "add-rule":
        Rule.objects.filter(pk=operation.target_id).delete()


def making(ended_by: str) -> Recovery:
    """`ended_by`: the kind that deletes what was made."""
    return Recovery(
        why_not_resume=why_gone,
        take_again=take_again,
        roll_back=ended_by,
        why_not_roll_back=why_not_taken_back,
        forget=forget_all,
    )


CHANGING = Recovery(why_not_resume=why_gone, forget=forget_rule)
