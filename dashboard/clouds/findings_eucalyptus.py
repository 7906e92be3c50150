"""What a test of a connection to a Eucalyptus found, in words: title, cause and what to do.

Codes of the way to any host, such as `host-unknown`, are in findings.py.
"""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise

STEPS: dict[str, Text] = {
    "caller": _("Sign-in"),
    "release": _("Release"),
    "platforms": _("Networks"),
    "regions": _("Regions"),
    "zones": _("Availability zones"),
    "types": _("Instance types"),
    "accounts": _("Accounts"),
    "tokens": _("Tokens for accounts"),
}

HEALTHY: dict[str, Text] = {
    "caller": _("Signed in as %(arn)s."),
    "platforms": _("%(mode)s (the cloud says: %(platforms)s)"),
    "regions": _("%(regions)s"),
    "zones": _("%(zones)s"),
    "types": _("%(count)s are offered."),
    "accounts": _("For tenants: %(count)s. The cloud's own are not counted."),
}

CODES: dict[str, tuple[Text, Text, Text]] = {
    "euca-address-odd": (
        _("This is no web address"),
        _("An address begins with http:// or https://, then comes a host, and mostly the port 8773."),
        _("Copy the host and the port of EC2_URL from the eucarc: https://HOST:8773 is enough."),
    ),
    "euca-address-local": (
        _("%(host)s is an address that is not to be used"),
        _("It leads to %(address)s: to this machine itself, or to where a cloud keeps secrets of its guests."),
        _("Use the address of the cloud. If the cloud does run on this machine, choose yes for that under Edit."),
    ),
    "euca-port-closed": (
        _("Nobody listens on port %(port)s"),
        _("%(host)s is there and refuses the connection."),
        _("Check the port: the user-facing services have 8773, a proxy in front of them often 443."),
    ),
    "euca-no-cipher": (
        _("There is no common cipher"),
        _("%(host)s offers only ciphers that are not safe enough for this machine: Eucalyptus leaves out ECDHE."),
        _(
            "An administrator of the cloud can allow ECDHE in the property "
            "bootstrap.webservices.ssl.server_ssl_ciphers, or put a TLS proxy in front of it."
        ),
    ),
    "euca-tls-self-signed": (
        _("The certificate vouches for itself"),
        _("%(subject)s signed its own certificate, as that of a fresh Eucalyptus is. Its fingerprint is %(shown)s."),
        _(
            "Compare that with what the cloud's administrator sees: openssl x509 -noout -fingerprint -sha256 -in "
            "CERTIFICATE. Is it the same, copy it into the field Certificate's fingerprint, or paste the certificate "
            "(PEM) into CA certificates."
        ),
    ),
    "euca-tls-unknown-issuer": (
        _("The certificate's issuer is not known"),
        _("It was issued by %(issuer)s, which this machine does not trust. Its fingerprint is %(shown)s."),
        _(
            "Paste that CA's certificate (PEM) into the field CA certificates. Or compare the fingerprint with the "
            "cloud's administrator, and copy it into the field Certificate's fingerprint."
        ),
    ),
    "euca-tls-wrong-name": (
        _("The certificate is for another name"),
        _("You wrote %(host)s; the certificate is for %(names)s. Its fingerprint is %(shown)s."),
        _(
            "Use a name from the certificate in the address, if it leads to the same machine. Or compare the "
            "fingerprint with the cloud's administrator, and copy it into the field Certificate's fingerprint: then "
            "the name does not matter."
        ),
    ),
    "euca-fingerprint-odd": (
        _("The fingerprint cannot be read"),
        _("A fingerprint by SHA-256 has 64 hexadecimal digits, with or without colons."),
        _("Copy it from: openssl x509 -noout -fingerprint -sha256 -in cloud-cert.pem"),
    ),
    "euca-fingerprint-other": (
        _("It is another certificate"),
        _("%(host)s shows one whose fingerprint is %(shown)s."),
        _("If the cloud got a new certificate, copy its fingerprint. If not, somebody may stand in between."),
    ),
    "euca-clock-ahead": (
        _("This machine's clock is ahead"),
        _("By %(seconds)s seconds. Eucalyptus refuses what comes from more than 20 seconds ahead of it."),
        _("Turn on time synchronisation (chrony, systemd-timesyncd) on this machine and on the cloud's."),
    ),
    "euca-clock-behind": (
        _("This machine's clock is behind"),
        _("By %(seconds)s seconds. Eucalyptus refuses what is older than 15 minutes."),
        _("Turn on time synchronisation (chrony, systemd-timesyncd) on this machine and on the cloud's."),
    ),
    "euca-clock-refused": (
        _("The cloud does not accept the time"),
        _("The key may well be good: what was sent came too early or too late for the cloud's clock."),
        _("Turn on time synchronisation (chrony, systemd-timesyncd) on this machine and on the cloud's."),
    ),
    "euca-no-key": (
        _("No administrator's access key"),
        _("Each tenant brings a key of its own account; the rest can be tested only with one."),
        _("That is one of the two ways to work. For the other, fill in a key of a user in the account eucalyptus."),
    ),
    "euca-key-inactive": (
        _("The access key is not active"),
        _("The cloud knows it, and somebody turned it off there."),
        _("Turn it on there with: euare-usermodkey --status Active; or make a new key with: euare-useraddkey."),
    ),
    "euca-key-unknown": (
        _("The cloud does not know the access key"),
        _("It was mistyped or deleted there, or it is of another cloud."),
        _("Type it again, or make a new key with: euare-useraddkey. The cloud's own words are below."),
    ),
    "euca-secret-wrong": (
        _("The secret key is not the right one"),
        _("The cloud knows the access key; the secret key is not the one that belongs to it."),
        _("Type the secret key again, or make a new key with: euare-useraddkey."),
    ),
    "euca-key-wrong": (
        _("The cloud does not accept the key"),
        _("The access key is unknown or inactive, or the secret key is not the one that belongs to it."),
        _("Type both again, or make a new key with: euare-useraddkey. The cloud's own words are below."),
    ),
    "euca-not-eucalyptus": (
        _("This is not Eucalyptus"),
        _("Somebody answers there, but not as EC2 does."),
        _("Check host and port, and whether services are told apart by path or by name."),
    ),
    "euca-service-away": (
        _("The service does not answer as it should"),
        _("It is reached, and says %(status)s."),
        _("The cloud's administrator sees what is down with: euserv-describe-services"),
    ),
    "euca-refused": (
        _("The cloud refuses"),
        _("It understood, and said no; its own words are below."),
        _("Give the user whose key it is the rights that are missing."),
    ),
    "euca-release-other": (
        _("The cloud has another release"),
        _("The settings say %(told)s, and the cloud answers as %(found)s does."),
        _("Choose auto or %(found)s: a release refuses what only a later one knows."),
    ),
    "euca-never-tried": (
        _("%(release)s, not yet confirmed on a running cloud"),
        _("Built from the published interfaces of 4.4 and 5.1, and checked against a server made from them."),
        _(
            "Nothing need be done. In a terminal, manage.py cloud check NAME --launch tries what people do there; its "
            "report, which names nobody, helps whoever mends what does not work."
        ),
    ),
    "euca-no-zone": (
        _("No zone is available"),
        _("Without a cluster that works nothing can be launched."),
        _("The cloud's administrator sees what is down with: euserv-describe-services"),
    ),
    "euca-not-administrator": (
        _("Not an administrator of the cloud"),
        _("The key is good for its own account only: it may not list accounts, so it can make none."),
        _("Use a key of a user in the account eucalyptus; or leave it empty, and tenants bring their keys."),
    ),
    "euca-no-tokens": (
        _("No tokens for accounts"),
        _("The key may not ask for tokens of other users, by which tenants' accounts are entered."),
        _("Give its user the right sts:GetImpersonationToken, or choose to enter accounts by stored keys."),
    ),
}
