"""What a cloud's features are called."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from .interface import Feature

FEATURES: dict[Feature, str | Promise] = {
    Feature.START_STOP: _("Start and stop"),
    Feature.REBOOT_SOFT: _("Reboot"),
    Feature.REBOOT_HARD: _("Hard reboot"),
    Feature.PUBLIC_KEY: _("Public keys in instances"),
    Feature.CONSOLE_VNC: _("Console in the browser"),
    Feature.CONSOLE_SERIAL: _("Serial console in the browser"),
    Feature.CONSOLE_LOG: _("Console log"),
    Feature.EVENTS: _("Changes told at once"),
}
