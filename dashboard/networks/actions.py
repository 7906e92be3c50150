"""What people do with networks. Each verb is one transaction: quota, rows, operation, audit, event."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from dashboard.clouds.interface import RuleSpec
from dashboard.clouds.models import Cloud
from dashboard.operations import flow
from dashboard.operations.models import Operation
from dashboard.quotas.reservations import reserve
from dashboard.tenancy.access import Actor
from dashboard.tenancy.models import Role

from . import floating
from .models import FloatingIp, Network, Port, Router, Rule, SecurityGroup, Seen, Subnet
from .plugs import Plugs, names
from .rule_kinds import why_not_rule
from .rules import row_of_spec, said
from .verbs import why_not, why_not_on

S = TypeVar("S", bound=Seen)


class NotPossible(Exception):
    """The verb is not allowed (any more); the message is the sentence for the user."""


def open_operation(row: Seen | Rule) -> Operation | None:
    """Also the launch that a floating IP is planned for."""
    about = Q(target_id=row.pk)
    if isinstance(row, FloatingIp):
        about |= Q(tenant=row.tenant, arguments__floating_ip=str(row.pk))
    return Operation.objects.open().filter(about).first()


# --- making -----------------------------------------------------------------------


def create_network(
    actor: Actor, *, cloud: Cloud, name: str, subnet: Mapping[str, Any], external: Network | None, key: str
) -> Network:
    """A network with a subnet, `{"cidr", "gateway", "has_dhcp", "dns"}`, and with `external` a router to there.

    This, as all below: the same `key` again returns what it made. Raises QuotaExceeded or NotPossible;
    nothing is written then.
    """
    asked = {**subnet, "external_network_id": external.remote_id if external else ""}
    network = Network(tenant=actor.tenant, cloud=cloud, name=name, asked=asked)
    network.mark = str(network.pk)
    router = Router(tenant=actor.tenant, cloud=cloud, name=name, mark=network.mark)
    router.external_network_id = asked["external_network_id"]
    return ask(actor, network, "network.create", key=key, beside=[router] if external else [])


def create_router(actor: Actor, *, cloud: Cloud, name: str, external: Network | None, key: str) -> Router:
    router = Router(tenant=actor.tenant, cloud=cloud, name=name)
    router.mark = str(router.pk)
    router.external_network_id = external.remote_id if external else ""
    return ask(actor, router, "router.create", key=key)


def create_group(actor: Actor, *, cloud: Cloud, name: str, description: str, key: str) -> SecurityGroup:
    group = SecurityGroup(tenant=actor.tenant, cloud=cloud, name=name, description=description)
    group.mark = str(group.pk)
    return ask(actor, group, "security-group.create", key=key)


def allocate(actor: Actor, *, cloud: Cloud, external: Network, key: str) -> FloatingIp:
    row = floating.row_for(actor, cloud=cloud, network_id=external.remote_id)
    return ask(actor, row, "floating-ip.allocate", key=key)


def ask(actor: Actor, row: S, kind: str, *, key: str, beside: Sequence[Seen] = ()) -> S:
    """The row, what is made together with it, their quota, and the operation that makes them."""
    actor.require(Role.MEMBER)
    if reason := why_not_on(row.cloud, kind, role=actor.role):
        raise NotPossible(reason)
    key = f"{actor.user.pk}:{key}"
    try:
        with transaction.atomic():
            if made := made_with(actor, type(row), key):
                return made
            rows: list[Seen] = [row, *beside]
            for each in rows:
                assert each.RESOURCE is not None
                reserve(actor.tenant, {each.RESOURCE: 1}, holder=each.pk, cloud_id=each.cloud_id)
                each.save(force_insert=True)
            begin(actor, row, kind, key=key)
    except flow.AlreadyUnderWay:  # the second of two clicks, whose first had not committed when we looked
        made = made_with(actor, type(row), key)
        if made is None:
            raise
        return made
    return row


def made_with(actor: Actor, model: type[S], key: str) -> S | None:
    operation = Operation.objects.for_tenant(actor.tenant).filter(key=key).first()
    return model.objects.for_tenant(actor.tenant).filter(pk=operation.target_id).first() if operation else None


# --- changing ---------------------------------------------------------------------


def delete_network(actor: Actor, pk: UUID) -> Operation:
    """Raises NotPossible naming what is still plugged in; this, as all below, Model.DoesNotExist."""
    network = find(actor, Network, pk)
    return change(actor, network, "network.delete", users=Plugs(actor.tenant).holding(network))


def delete_router(actor: Actor, pk: UUID) -> Operation:
    router = find(actor, Router, pk)
    return change(actor, router, "router.delete", users=addresses_through(router))


def connect_router(actor: Actor, pk: UUID, *, subnet: Subnet) -> Operation:
    return change(actor, find(actor, Router, pk), "router.connect", arguments={"subnet_id": subnet.remote_id})


def disconnect_router(actor: Actor, pk: UUID, *, subnet_id: str) -> Operation:
    router = find(actor, Router, pk)
    if subnet_id not in router.subnet_ids:
        raise NotPossible(_("The router does not connect this subnet (any more)."))
    return change(actor, router, "router.disconnect", arguments={"subnet_id": subnet_id})


def delete_group(actor: Actor, pk: UUID) -> Operation:
    group = find(actor, SecurityGroup, pk)
    return change(actor, group, "security-group.delete", users=names(Plugs(actor.tenant).using(group)))


def add_rule(actor: Actor, pk: UUID, *, spec: RuleSpec) -> Operation:
    """The rule is shown at once; several may be under way."""
    actor.require(Role.MEMBER)
    group = find(actor, SecurityGroup, pk)
    if reason := why_not(group, "security-group.add-rule", role=actor.role) or why_not_rule(group.cloud, spec):
        raise NotPossible(reason)
    with transaction.atomic():
        rule = row_of_spec(spec, group)
        rule.save(force_insert=True)
        return begin_rule(actor, rule, "security-group.add-rule")


def remove_rule(actor: Actor, pk: UUID, *, rule_id: UUID) -> Operation:
    group = find(actor, SecurityGroup, pk)
    rule = group.rules.select_related("group__cloud").get(pk=rule_id)
    reason = why_not(group, "security-group.remove-rule", role=actor.role, operation=open_operation(rule))
    if reason:
        raise NotPossible(reason)
    try:
        with transaction.atomic():
            return begin_rule(actor, rule, "security-group.remove-rule")
    except flow.AlreadyUnderWay as error:
        raise NotPossible(_("Another change of it is under way; wait for it to end.")) from error


def associate(actor: Actor, pk: UUID, *, port: Port) -> Operation:
    """Raises NotPossible where it leads somewhere already."""
    address = next((address for _subnet, address in port.addresses if ":" not in address), "")
    arguments = {"port_id": port.remote_id, "fixed_address": address}
    return change(actor, find(actor, FloatingIp, pk), "floating-ip.associate", arguments=arguments)


def disassociate(actor: Actor, pk: UUID) -> Operation:
    return change(actor, find(actor, FloatingIp, pk), "floating-ip.disassociate")


def release(actor: Actor, pk: UUID) -> Operation:
    return change(actor, find(actor, FloatingIp, pk), "floating-ip.release")


def find(actor: Actor, model: type[S], pk: UUID) -> S:
    return model.objects.for_tenant(actor.tenant).select_related("cloud", "tenant").get(pk=pk)


def change(
    actor: Actor, row: Seen, kind: str, *, arguments: Mapping[str, Any] | None = None, users: Sequence[str] = ()
) -> Operation:
    """Doing twice what ends a thing is doing it once."""
    actor.require(Role.MEMBER)
    try:
        with transaction.atomic():
            under_way = open_operation(row)
            if under_way and under_way.kind == kind and not arguments:
                return under_way
            if reason := why_not(row, kind, role=actor.role, operation=under_way, users=users):
                raise NotPossible(reason)
            return begin(actor, row, kind, key=str(uuid.uuid4()), arguments=arguments)
    except flow.AlreadyUnderWay as error:
        raise NotPossible(_("Another change of it is under way; wait for it to end.")) from error


def begin(actor: Actor, row: Seen, kind: str, *, key: str, arguments: Mapping[str, Any] | None = None) -> Operation:
    operation = flow.start(
        kind, actor=actor, cloud=row.cloud, target_id=row.pk, target_name=str(row) or "–", key=key, arguments=arguments
    )
    flow.changed(operation)
    return operation


def begin_rule(actor: Actor, rule: Rule, kind: str) -> Operation:
    """`group` in the arguments lets the group's page find what happened to its rules."""
    operation = flow.start(
        kind,
        actor=actor,
        cloud=rule.group.cloud,
        target_id=rule.pk,
        target_name=f"{rule.group}: {said(rule)}",
        key=str(uuid.uuid4()),
        arguments={"group": str(rule.group_id), "rule_id": rule.remote_id},
    )
    flow.changed(operation)
    return operation


def addresses_through(router: Router) -> list[str]:
    """Floating IPs that reach their port through the router."""
    ports = Port.objects.filter(cloud=router.cloud, tenant=router.tenant)
    behind = [p.remote_id for p in ports if {subnet for subnet, _address in p.addresses} & set(router.subnet_ids)]
    rows = FloatingIp.objects.filter(cloud=router.cloud, tenant=router.tenant, port_id__in=behind)
    return list(rows.filter(network_id=router.external_network_id).values_list("address", flat=True))
