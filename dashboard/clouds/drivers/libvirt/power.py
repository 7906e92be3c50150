"""A domain's power: the switch, the button, and what they do in each state."""

from __future__ import annotations

import time

import libvirt

from ...interface import Conflict, Status
from .mapping import to_status

GRACE_S = 25
"""How long a guest may take to shut down before it gets another size: within the time that one call has."""


def start(domain: libvirt.virDomain) -> None:
    """A guest that is paused goes on; one that crashed and was kept is turned off and on."""
    state = domain.state()[0]
    if state == libvirt.VIR_DOMAIN_PAUSED:
        domain.resume()
    elif state == libvirt.VIR_DOMAIN_PMSUSPENDED:
        domain.pMWakeup(0)
    elif state == libvirt.VIR_DOMAIN_CRASHED:
        _power_cycle(domain)
    else:
        power_on(domain)


def press_button(domain: libvirt.virDomain) -> None:
    """By ACPI, which returns at once; the guest's agent would hold the call until the guest is off.

    A guest that can hear nothing any more is turned off. Raises Conflict where it is off by an accident.
    """
    state, reason = domain.state()
    status = to_status(state, reason)
    if status is Status.ERROR and not domain.isActive():
        raise Conflict("the domain is off already, by an accident")
    if status is Status.ERROR:
        power_off(domain)
    elif domain.isActive():
        _resume_if_paused(domain)
        domain.shutdownFlags(_acpi(domain, libvirt.VIR_DOMAIN_SHUTDOWN_ACPI_POWER_BTN))


def reboot(domain: libvirt.virDomain) -> None:
    """The button too: when the guest is off libvirt turns it on again, whatever the button does in there."""
    if domain.state()[0] != libvirt.VIR_DOMAIN_RUNNING:
        raise Conflict("the domain is not running")
    domain.reboot(_acpi(domain, libvirt.VIR_DOMAIN_REBOOT_ACPI_POWER_BTN))


def hard_reboot(domain: libvirt.virDomain) -> None:
    """Ends with a running guest from any state, also from off, where an earlier try may have left it."""
    if domain.state()[0] == libvirt.VIR_DOMAIN_RUNNING:
        domain.reset(0)
    else:
        _power_cycle(domain)


def power_on(domain: libvirt.virDomain) -> None:
    """That it is running already shows as another error in each driver, so we look before and after."""
    if domain.isActive():
        return
    try:
        domain.create()
    except libvirt.libvirtError:
        if not domain.isActive():
            raise


def power_off(domain: libvirt.virDomain) -> None:
    if not domain.isActive():
        return
    try:
        domain.destroy()
    except libvirt.libvirtError:
        if domain.isActive():
            raise


def turn_off(domain: libvirt.virDomain) -> None:
    """By the button; by the switch when the guest has not obeyed in time, or is in no state to hear."""
    end = time.monotonic() + GRACE_S
    if domain.state()[0] == libvirt.VIR_DOMAIN_RUNNING:
        press_button(domain)
    while domain.state()[0] == libvirt.VIR_DOMAIN_RUNNING and time.monotonic() < end:
        time.sleep(0.2)
    power_off(domain)


def _power_cycle(domain: libvirt.virDomain) -> None:
    power_off(domain)
    power_on(domain)


def _resume_if_paused(domain: libvirt.virDomain) -> None:
    if domain.state()[0] == libvirt.VIR_DOMAIN_PAUSED:
        domain.resume()


def _acpi(domain: libvirt.virDomain, flag: int) -> int:
    """libvirt's test driver knows no ways to choose from."""
    return 0 if domain.connect().getType() == "TEST" else flag
