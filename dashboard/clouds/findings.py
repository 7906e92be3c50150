"""What a test of a connection found, in words: the steps, and for each code its title, its cause and what to do."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from dashboard.ui.templatetags.ui import amount

from . import findings_eucalyptus as eucalyptus
from . import findings_openstack as openstack

Text = str | Promise

STEPS: dict[str, Text] = {
    "answer": _("Answer"),
    "address": _("Address"),
    "dns": _("Name"),
    "tcp": _("Port"),
    "tls": _("Certificate"),
    "clock": _("Clock"),
    "secrets": _("Stored secrets"),
    "skydeck": _("Skydeck itself"),
    **openstack.STEPS,
    **eucalyptus.STEPS,
}

HEALTHY: dict[str, Text] = {
    "address": _("%(host)s, port %(port)s"),
    "dns": _("%(host)s is %(addresses)s"),
    "tcp": _("Somebody listens on port %(port)s."),
    "tls": _("%(subject)s, until %(ends)s"),
    "clock": _("Differs by %(seconds)s s."),
    **openstack.HEALTHY,
    **eucalyptus.HEALTHY,
}
"""What a step says when all is well; of a service its version and its address."""

SERVICE_HEALTHY = _("%(version)s at %(url)s")


@dataclass(frozen=True, slots=True)
class Words:
    title: Text
    cause: Text
    action: Text


CODES: dict[str, Words] = {
    # of every kind of cloud
    "unreadable": Words(
        _("It cannot be read"),
        _("A stored secret was sealed with a key that is not in SKYDECK_FIELD_KEYS any more."),
        _("Put the old key back behind the new one, or edit the connection and type the secrets again."),
    ),
    "internal": Words(
        _("Something went wrong"),
        _("The test came to no end because of a mistake in Skydeck."),
        _("Tell whoever looks after Skydeck; the log has the details."),
    ),
    "Unavailable": Words(
        _("The cloud does not answer"), _("It is off, or cannot be reached from here."), _("Check that it runs.")
    ),
    "AuthFailed": Words(
        _("The cloud does not let us in"), _("The credential is not accepted."), _("Check user and password.")
    ),
    "NotFound": Words(
        _("Something is missing on the cloud"), _("What the settings name is not there."), _("Check the settings.")
    ),
    "Conflict": Words(
        _("The cloud's state does not allow it"), _("Something stands in the way there."), _("Try again later.")
    ),
    "Refused": Words(_("The cloud refused"), _("It understood, and said no."), _("Check the settings.")),
    # the way to any host
    "ca-not-pem": Words(
        _("The CA certificates cannot be read"),
        _("They are no PEM text, or a part of it was lost."),
        _("Paste the whole file, from -----BEGIN CERTIFICATE----- to the last -----END CERTIFICATE-----."),
    ),
    "host-unknown": Words(
        _("There is no host %(host)s"),
        _("The name servers that this machine asks do not know the name."),
        _("Check the name for slips; if it is known inside of the cloud's network only, use the public address."),
    ),
    "names-away": Words(
        _("The name servers do not answer"),
        _("Nobody told within 5 seconds which address %(host)s has."),
        _("Check /etc/resolv.conf on this machine, and that it may ask the name servers in there."),
    ),
    "port-closed": Words(
        _("Nobody listens on port %(port)s"),
        _("%(host)s is there and refuses the connection: Keystone is not running, or has another port."),
        _("Check the port in the address: Keystone often has 5000, or none at all with a path such as /identity."),
    ),
    "no-answer": Words(
        _("No answer"),
        _("%(host)s did not answer on port %(port)s in time. Mostly a firewall swallows the packets."),
        _("Let this machine through to that port; test with: curl -v %(host)s:%(port)s"),
    ),
    "unreachable": Words(
        _("%(host)s cannot be reached"),
        _("There is no way from this machine's network to that address."),
        _("Check this machine's routes and VPN."),
    ),
    "unencrypted-here": Words(
        _("There is none, since the address begins with http://"),
        _("Keys and what the cloud answers travel unencrypted, though only on this machine itself."),
        _("For a cloud on another machine use https://."),
    ),
    "unencrypted": Words(
        _("Not encrypted"),
        _("Passwords and tokens go over the network for everybody to read."),
        _("Use the https:// address, if the cloud has one."),
    ),
    "tls-plain": Words(
        _("No TLS on this port"),
        _("%(host)s answers there in plain HTTP."),
        _("Write http:// instead of https://, or use the port that has TLS."),
    ),
    "tls-broken": Words(
        _("TLS fails"),
        _("%(host)s and this machine do not come to terms about a secured connection."),
        _("Show the details below to whoever runs the cloud's load balancer."),
    ),
    "tls-expired": Words(
        _("The certificate is over"),
        _("That of %(host)s was good until %(ends)s."),
        _("The cloud's administrator must renew it. If that date is to come, this machine's clock is wrong."),
    ),
    "tls-not-yet": Words(
        _("The certificate is not good yet"),
        _("That of %(host)s begins on %(begins)s."),
        _("Check this machine's clock."),
    ),
    "tls-soon-over": Words(
        _("The certificate is over soon"),
        _("That of %(host)s is good until %(ends)s."),
        _("Tell the cloud's administrator."),
    ),
    "tls-wrong-name": Words(
        _("The certificate is for another name"),
        _("You wrote %(host)s; the certificate is for %(names)s."),
        _("Use a name from the certificate in the address, if it leads to the same machine."),
    ),
    "tls-unknown-issuer": Words(
        _("The certificate's issuer is not known"),
        _("It was issued by %(issuer)s, which this machine does not trust."),
        _("Paste that CA's certificate (PEM) into the field CA certificates. Your openrc names its file in OS_CACERT."),
    ),
    "tls-self-signed": Words(
        _("The certificate vouches for itself"),
        _("%(subject)s signed its own certificate."),
        _("If that is how it should be, paste this certificate (PEM) into the field CA certificates."),
    ),
    **{code: Words(*texts) for code, texts in (openstack.CODES | eucalyptus.CODES).items()},
}


def words_for(step: str, code: str, values: Mapping[str, str]) -> Words:
    """With the finding's values in them. Without a code the step's name, and what it found where it was asked."""
    known = defaultdict(str, {name: _with_unit(name, value) for name, value in values.items()})
    name = STEPS.get(step, step)
    found = CODES.get(code)
    if found is None:
        return Words(name, str(_healthy(step, values)) % known, "")
    title = _("%(step)s: %(title)s") % {"step": name, "title": str(found.title) % known}
    return Words(title, str(found.cause) % known, str(found.action) % known)


def words_for_reading(failure: str) -> Words | None:
    """Why something could not be read from a cloud; `failure` is that of a Fetched. None where it was read."""
    return CODES.get(failure)


def _with_unit(name: str, value: str) -> str:
    """The quota's numbers; a limit that there is none of is `∞`."""
    return amount(int(value), name) if name in ("instances", "vcpus", "ram_mib") and value.isdecimal() else value


def _healthy(step: str, values: Mapping[str, str]) -> Text:
    """Empty for what was skipped: it has no values."""
    if not values:
        return ""
    return SERVICE_HEALTHY if "url" in values else HEALTHY.get(step, "")
