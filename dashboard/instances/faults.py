"""Why a cloud could not build or keep an instance: its own text, with what we know of the instance and of the hosts."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from dashboard.clouds.models import Fetched
from dashboard.operations.failures import Told, told_by_fault
from dashboard.operations.flow import StepFailed

from .models import Instance

NO_HOST = "no-host-has-room"
HOSTS_BELIEVED = timedelta(minutes=15)
FREE = {
    "vcpus": ("vcpus", "vcpus_used"),
    "ram_mib": ("ram_mib", "ram_used_mib"),
    "disk_gib": ("disk_gib", "disk_used_gib"),
}
"""Of each part of an instance's size: what a host has of it and what is given away."""


def told_of(instance: Instance, fault: str) -> Told:
    """What to say of a fault."""
    told = told_by_fault(fault, values=size_of(instance))
    if told.code == NO_HOST and (short := short_of(instance)):
        told.values["short"] = short
    return told


def told_of_built(instance: Instance, fault: str) -> Told:
    """What to say of one that was built before; where its fault says nothing that we know, it crashed."""
    told = told_of(instance, fault)
    return Told("crashed") if told.code == "build-error" else told


def came_into_error(instance: Instance) -> StepFailed:
    """How a verb ends that left it in ERROR."""
    told = told_of_built(instance, instance.fault)
    return StepFailed(told.code, detail=instance.fault, values=told.values)


def size_of(instance: Instance) -> dict[str, str]:
    name = instance.flavor.name if instance.flavor else instance.name
    return {"flavor": name, **{part: str(getattr(instance, part)) for part in FREE}}


def short_of(instance: Instance) -> str:
    """What no host that is up has enough of, by the administrator's last look at Placement; empty: not known.

    Only its name, never an amount: how much room there is on a cloud is not for its tenants to know.
    """
    fetched = Fetched.objects.filter(
        cloud=instance.cloud_id, what=Fetched.What.HOSTS, read_at__gt=timezone.now() - HOSTS_BELIEVED
    ).first()
    hosts = [host for host in fetched.items if host["state"] == "up"] if fetched else []
    for part, (has, given) in FREE.items():
        if hosts and all(host[has] - host[given] < getattr(instance, part) for host in hosts):
            return part
    return ""
