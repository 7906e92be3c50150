"""What testing a connection to a Eucalyptus can find. Codes of the way to any host are in drivers/reach.py."""

from __future__ import annotations

from enum import StrEnum


class Code(StrEnum):
    ADDRESS_ODD = "euca-address-odd"
    ADDRESS_LOCAL = "euca-address-local"
    PORT_CLOSED = "euca-port-closed"
    NO_CIPHER = "euca-no-cipher"
    TLS_SELF_SIGNED = "euca-tls-self-signed"
    TLS_UNKNOWN_ISSUER = "euca-tls-unknown-issuer"
    TLS_WRONG_NAME = "euca-tls-wrong-name"
    FINGERPRINT_ODD = "euca-fingerprint-odd"
    FINGERPRINT_OTHER = "euca-fingerprint-other"
    CLOCK_AHEAD = "euca-clock-ahead"
    CLOCK_BEHIND = "euca-clock-behind"
    CLOCK_REFUSED = "euca-clock-refused"
    NO_KEY = "euca-no-key"
    KEY_INACTIVE = "euca-key-inactive"
    KEY_UNKNOWN = "euca-key-unknown"
    SIGNATURE_WRONG = "euca-secret-wrong"
    KEY_WRONG = "euca-key-wrong"
    NOT_EUCALYPTUS = "euca-not-eucalyptus"
    SERVICE_AWAY = "euca-service-away"
    REFUSED = "euca-refused"
    RELEASE_OTHER = "euca-release-other"
    NO_ZONE = "euca-no-zone"
    NOT_ADMINISTRATOR = "euca-not-administrator"
    NO_TOKENS = "euca-no-tokens"
    NEVER_TRIED = "euca-never-tried"
