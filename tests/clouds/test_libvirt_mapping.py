from __future__ import annotations

import uuid

import libvirt
import pytest

from dashboard.clouds.drivers.libvirt.mapping import domain_name, domain_uuid, to_fault, to_instance, to_status
from dashboard.clouds.interface import Status

STATES = [
    (libvirt.VIR_DOMAIN_NOSTATE, 0, Status.UNKNOWN),
    (libvirt.VIR_DOMAIN_RUNNING, libvirt.VIR_DOMAIN_RUNNING_BOOTED, Status.ACTIVE),
    (libvirt.VIR_DOMAIN_BLOCKED, 0, Status.ACTIVE),
    (libvirt.VIR_DOMAIN_PAUSED, libvirt.VIR_DOMAIN_PAUSED_USER, Status.PAUSED),
    (libvirt.VIR_DOMAIN_PAUSED, libvirt.VIR_DOMAIN_PAUSED_STARTING_UP, Status.BUILD),
    (libvirt.VIR_DOMAIN_PAUSED, libvirt.VIR_DOMAIN_PAUSED_IOERROR, Status.ERROR),
    (libvirt.VIR_DOMAIN_PAUSED, libvirt.VIR_DOMAIN_PAUSED_CRASHED, Status.ERROR),
    (libvirt.VIR_DOMAIN_SHUTDOWN, 0, Status.ACTIVE),
    (libvirt.VIR_DOMAIN_SHUTOFF, libvirt.VIR_DOMAIN_SHUTOFF_UNKNOWN, Status.SHUTOFF),
    (libvirt.VIR_DOMAIN_SHUTOFF, libvirt.VIR_DOMAIN_SHUTOFF_SHUTDOWN, Status.SHUTOFF),
    (libvirt.VIR_DOMAIN_SHUTOFF, libvirt.VIR_DOMAIN_SHUTOFF_DESTROYED, Status.SHUTOFF),
    (libvirt.VIR_DOMAIN_SHUTOFF, libvirt.VIR_DOMAIN_SHUTOFF_SAVED, Status.SUSPENDED),
    (libvirt.VIR_DOMAIN_SHUTOFF, libvirt.VIR_DOMAIN_SHUTOFF_CRASHED, Status.ERROR),
    (libvirt.VIR_DOMAIN_SHUTOFF, libvirt.VIR_DOMAIN_SHUTOFF_FAILED, Status.ERROR),
    (libvirt.VIR_DOMAIN_CRASHED, 0, Status.ERROR),
    (libvirt.VIR_DOMAIN_PMSUSPENDED, 0, Status.SUSPENDED),
    (99, 0, Status.UNKNOWN),
]


@pytest.mark.parametrize(("state", "reason", "status"), STATES)
def test_each_state_has_its_status(state, reason, status):
    assert to_status(state, reason) is status


@pytest.mark.parametrize(("state", "reason", "status"), STATES)
def test_an_error_says_why_and_nothing_else_does(state, reason, status):
    assert bool(to_fault(state, reason)) == (status is Status.ERROR)


def test_a_domain_without_our_mark_is_described_by_its_own_words():
    xml = "<domain><name>db</name><uuid>u-1</uuid><memory unit='KiB'>524288</memory><vcpu>2</vcpu></domain>"
    instance = to_instance(xml, state=libvirt.VIR_DOMAIN_RUNNING, reason=0, host="kvm1")
    assert (instance.id, instance.name, instance.mark, instance.host) == ("u-1", "db", None, "kvm1")
    assert (instance.vcpus, instance.ram_mib, instance.disk_gib, instance.created_at) == (2, 512, 0, None)


def test_a_mark_with_nonsense_in_it_is_read_as_far_as_it_goes():
    mark = "<instance xmlns='urn:skydeck:instance:1' id='i-1' disk-gib='-3x' created='yesterday'/>"
    xml = f"<domain><metadata>{mark}</metadata></domain>"
    instance = to_instance(xml, state=0, reason=0)
    assert instance.mark.instance_id == "i-1"
    assert (instance.disk_gib, instance.created_at) == (0, None)


def test_a_mark_without_an_id_is_none():
    xml = "<domain><metadata><instance xmlns='urn:skydeck:instance:1' tenant='lab'/></metadata></domain>"
    assert to_instance(xml, state=0, reason=0).mark is None


def test_a_uuid_of_ours_is_the_domains_uuid():
    ours = str(uuid.uuid4())
    assert domain_uuid(ours) == ours


def test_any_other_id_gives_the_same_uuid_each_time():
    assert domain_uuid("web/1") == domain_uuid("web/1") != domain_uuid("web/2")
    assert uuid.UUID(domain_uuid("web/1"))


def test_ids_that_begin_alike_have_different_domain_names():
    assert domain_name("01890a5d-ac96-774b-bcce-b302099a8057") == "skydeck-b302099a8057"
