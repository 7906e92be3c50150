"""Why somebody cannot have a key on a cloud: one answer for the page, the form and the action."""

from __future__ import annotations

from django.utils.translation import gettext as _

from dashboard.clouds.interface import Feature
from dashboard.clouds.models import Cloud, CloudAccount
from dashboard.tenancy.access import Actor
from dashboard.tenancy.looking import disabled_words, only_looking
from dashboard.tenancy.models import Role

from .models import MOST, AccessKey, AccessKeyQuerySet


def why_none(cloud: Cloud, account: CloudAccount | None) -> str:
    """Why nobody of the tenant has keys there; empty where they can have some."""
    if cloud.tenants_bring:
        return _(
            "Skydeck has no administrator's credential for this cloud, so it cannot make keys there. Make them with "
            "the cloud's own dashboard or tools, as whoever brought the credential of this tenant did."
        )
    if not cloud.has_places:
        return _(
            "This cloud knows no people and no tenants: its own tools need an account on its hosts. What is done here "
            "is done in Skydeck."
        )
    if not cloud.can(Feature.ACCESS_KEYS):
        return _("Skydeck's credential for this cloud may not make keys for people there. Ask your administrator.")
    if account is None or not account.remote_id or not account.sealed:
        said = _("This tenant has no %(place)s on this cloud yet. Ask an administrator to make or link one.")
        return said % {"place": cloud.place.word}
    return ""


def own_keys(actor: Actor, account: CloudAccount) -> AccessKeyQuerySet:
    return AccessKey.objects.living().filter(tenant=actor.tenant, account=account, user=actor.user)


def why_not(actor: Actor, cloud: Cloud, account: CloudAccount | None) -> str:
    """Why this person cannot make a key there now; empty when it is possible. At most one query."""
    if reason := why_none(cloud, account):
        return reason
    if not actor.may(Role.MEMBER):
        return only_looking(Role.MEMBER)
    if actor.tenant.is_disabled:
        return disabled_words(actor.tenant)
    if account is not None and own_keys(actor, account).count() >= MOST:
        return _("You have %(most)s keys here, and more are not possible. Revoke one first.") % {"most": MOST}
    return ""
