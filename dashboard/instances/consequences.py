"""What a verb does to this very instance, in sentences: what is lost, what stays, until when it can be taken back."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboard.clouds.interface import Feature
from dashboard.networks.models import FloatingIp, Port
from dashboard.operations.models import Operation
from dashboard.ui.templatetags.ui import ahead

from .models import Instance
from .refusals import last
from .undoing import can_be_undone, window
from .words import CONSEQUENCES


def consequences_of(instance: Instance, verb: str, under_way: Operation | None) -> list[str]:
    """The most important first; none for a verb that explains itself."""
    match verb:
        case "delete" if can_be_undone(instance, under_way):
            return [undoable(instance), *addresses_meanwhile(instance), *what_stays(instance)]
        case "delete" | "delete-now" if not instance.remote_id:
            return [_("Nothing of it is on the cloud: only its entry here is removed.")]
        case "delete" | "delete-now":
            return [str(CONSEQUENCES["delete-now"]), *what_stays(instance)]
        case "restore":
            return [restored(instance)]
        case "stop":
            said = str(CONSEQUENCES[verb]) % {"seconds": settings.STOP_GRACE_S}
            lost = [] if floating_ips_go_along(instance) else floating_ips_stay(instance)
            return [said, _("Its disk and its quota stay."), *addresses_meanwhile(instance), *lost]
    return [str(CONSEQUENCES[verb])] if verb in CONSEQUENCES else []


def undoable(instance: Instance) -> str:
    if not instance.keeps_disk:
        return _(
            "It is taken out of the list and its quota stays held. It goes on running, since its disk is there only as "
            "long as it runs. It can be restored for %(time)s; then it is removed, and what is on its disk is lost."
        ) % {"time": ahead(window())}
    return _(
        "It is turned off and taken out of the list, and its quota stays held. It can be restored for "
        "%(time)s, with its disk and its id; then it is removed, and what is on its disk is lost."
    ) % {"time": ahead(window())}


def restored(instance: Instance) -> str:
    deletion = last(instance, "delete", ended=False)
    if deletion is not None and deletion.arguments.get("ran"):
        return _("It comes back with its disk and its id, and is turned on again, as it was.")
    return _("It comes back with its disk and its id, and stays turned off, as it was.")


def addresses_meanwhile(instance: Instance) -> list[str]:
    """What turning it off does to its addresses. One whose disk would be lost is never turned off."""
    if not instance.keeps_disk:
        return []
    if instance.cloud.can(Feature.ADDRESSES_STAY):
        return [_("Its addresses stay.")]
    if floating_ips_go_along(instance):
        return [
            _(
                "Its private addresses and its floating IPs stay. A public address that the cloud gave it by itself is "
                "taken away."
            )
        ]
    return [_("Its addresses are taken away, floating IPs too, and it gets others when it is started again.")]


def floating_ips_go_along(instance: Instance) -> bool:
    return instance.cloud.can(Feature.ADDRESSES_STAY) or instance.cloud.can(Feature.PORTS_STAY)


def floating_ips_stay(instance: Instance) -> list[str]:
    addresses = floating_ips_of(instance)
    if not addresses:
        return []
    return [
        ngettext(
            "Its floating IP %(addresses)s stays yours.", "Its floating IPs %(addresses)s stay yours.", len(addresses)
        )
        % {"addresses": ", ".join(addresses)}
    ]


def what_stays(instance: Instance) -> list[str]:
    """Floating IPs outlive an instance, its boot volume does not; of other volumes only the cloud knows."""
    found = floating_ips_stay(instance)
    if gib := instance.asked.get("boot_volume_gib"):
        found.append(_("Its volume of %(gib)s GiB is removed with it.") % {"gib": gib})
    elif number := len(instance.volume_ids):
        found.append(
            ngettext(
                "One volume is attached to it: whether it stays was decided when it was attached.",
                "%(number)s volumes are attached to it: whether they stay was decided when they were attached.",
                number,
            )
            % {"number": number}
        )
    return found


def floating_ips_of(instance: Instance) -> list[str]:
    if not instance.remote_id:
        return []
    ports = Port.objects.filter(tenant=instance.tenant_id, cloud=instance.cloud_id, instance_id=instance.remote_id)
    led = FloatingIp.objects.filter(
        tenant=instance.tenant_id, cloud=instance.cloud_id, port_id__in=ports.values("remote_id")
    )
    return sorted(led.exclude(address="").values_list("address", flat=True))
