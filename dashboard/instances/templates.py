"""Saved launch templates: what was typed into the launch form, under a name, for all of a tenant."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.db import IntegrityError, transaction
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from dashboard.audit.record import record
from dashboard.clouds.models import Cloud
from dashboard.clouds.secrets import seal_text
from dashboard.keypairs.public_keys import LONGEST, is_private
from dashboard.tenancy.access import Actor
from dashboard.tenancy.models import Role
from dashboard.ui.templatetags.ui import words

from .forms import LaunchForm
from .models import LaunchTemplate
from .prefill import Labels, Prefill

NOT_KEPT = {"key", "cloud", "user_data", "user_data_file", "keep_as"}
"""Fields of the form that belong to one launch only, or are kept apart."""
ALWAYS_SAID = {"image", "flavor"}
"""What says something also where there is only one to choose, which the form chooses by itself."""
MOST_VALUES = 200


class Taken(Exception):
    """Another template has the name; the message names who saved it and when."""


def typed_values(form: LaunchForm, posted: QueryDict) -> tuple[dict[str, Any], Labels]:
    """What was typed into the fields that are offered, and what the chosen things are called."""
    values: dict[str, Any] = {}
    for name in list(form.fields)[:MOST_VALUES]:
        if name not in NOT_KEPT and name in posted:
            several = isinstance(form.fields[name], forms.MultipleChoiceField)
            values[name] = (
                [text(str(one)) for one in posted.getlist(name)][:MOST_VALUES] if several else text(str(posted[name]))
            )
    if is_private(values.get("public_key", "")):
        del values["public_key"]
    kept = {name: value for name, value in values.items() if value or isinstance(value, list)}
    return kept, {
        name: called(form.fields[name], value) for name, value in kept.items() if called(form.fields[name], value)
    }


def says_something(form: LaunchForm, values: Mapping[str, Any], user_data: str) -> bool:
    """Whether a template of `values` would fill in more than `form`, an untouched one, begins with."""
    usual = {"group_policy"} if not values.get("server_group") else set()
    begun = {name: form[name].value() for name in values}
    usual |= {name for name, value in begun.items() if name not in ALWAYS_SAID and shown(value) == shown(values[name])}
    return bool(user_data.strip() or set(values) - usual)


def shown(value: Any) -> list[str]:
    """A value of a field as a browser sends it."""
    return sorted(map(str, value)) if isinstance(value, list | tuple) else [str(value)]


def text(value: str) -> str:
    """PostgreSQL keeps no NUL."""
    return value.replace("\0", "")[:LONGEST]


def called(choice: forms.Field, value: Any) -> dict[str, str]:
    if not isinstance(choice, forms.ChoiceField):
        return {}
    offered = {str(key): str(label) for key, label in choice.choices if key}  # type: ignore[misc, union-attr]
    return {one: offered[one] for one in (value if isinstance(value, list) else [value]) if one in offered}


def save(
    actor: Actor, *, name: str, cloud: Cloud, values: Mapping[str, Any], labels: Labels, user_data: str, replace: bool
) -> LaunchTemplate:
    """With `replace` it takes the place of one of the same name. Raises Taken."""
    actor.require(Role.MEMBER)
    now = timezone.now()
    fields = {
        "cloud": cloud,
        "cloud_name": cloud.name,
        "values": dict(values),
        "labels": labels,
        "user_data": seal_text(user_data),
        "changed_by": actor.user,
        "changed_at": now,
    }
    try:
        with transaction.atomic():
            there = LaunchTemplate.objects.for_tenant(actor.tenant).select_for_update().filter(name=name).first()
            if there and not replace:
                raise taken(there)
            if there:
                before = said_of(there)
                LaunchTemplate.objects.filter(pk=there.pk).update(**fields)
                there.refresh_from_db()
                note(actor, there, "launch-template.replace", before=before, after=said_of(there))
                return there
            made = LaunchTemplate.objects.create(
                tenant=actor.tenant, name=name, created_by=actor.user, created_at=now, **fields
            )
            note(actor, made, "launch-template.save", after=said_of(made))
            return made
    except IntegrityError:  # somebody saved the same name in this moment
        raise taken(LaunchTemplate.objects.for_tenant(actor.tenant).filter(name=name).first()) from None


def save_prefill(actor: Actor, *, name: str, cloud: Cloud, prefill: Prefill, replace: bool) -> LaunchTemplate:
    """Of an instance: what a launch of another one like it would be filled in with. Raises Taken."""
    values = {key: value for key, value in prefill.values.items() if key not in NOT_KEPT}
    user_data = prefill.values.get("user_data", "")
    return save(
        actor, name=name, cloud=cloud, values=values, labels=prefill.labels, user_data=user_data, replace=replace
    )


def taken(other: LaunchTemplate | None) -> Taken:
    if other is None:
        return Taken(_("There was a template of this name a moment ago. Try again."))
    return Taken(
        _("%(who)s saved a template of this name %(age)s ago. Choose another name, or replace it.")
        % {"who": other.changed_by or "–", "age": words(timezone.now() - other.changed_at)}
    )


def rename(actor: Actor, pk: UUID, *, name: str) -> LaunchTemplate:
    """Raises Taken, LaunchTemplate.DoesNotExist."""
    actor.require(Role.MEMBER)
    try:
        with transaction.atomic():
            template = LaunchTemplate.objects.for_tenant(actor.tenant).select_for_update().get(pk=pk)
            before, template.name = template.name, name
            template.save(update_fields=["name"])
            note(actor, template, "launch-template.rename", before={"name": before}, after={"name": name})
            return template
    except IntegrityError:
        raise taken(LaunchTemplate.objects.for_tenant(actor.tenant).filter(name=name).first()) from None


@transaction.atomic
def delete(actor: Actor, pk: UUID) -> LaunchTemplate:
    """Raises LaunchTemplate.DoesNotExist."""
    actor.require(Role.MEMBER)
    template = LaunchTemplate.objects.for_tenant(actor.tenant).get(pk=pk)
    if not LaunchTemplate.objects.filter(pk=pk).delete()[0]:
        raise LaunchTemplate.DoesNotExist
    note(actor, template, "launch-template.delete", before=said_of(template))
    return template


def said_of(template: LaunchTemplate) -> dict[str, Any]:
    """For the audit trail: what it fills in; of user data only that there are some."""
    return {"cloud": template.cloud_name, "has_user_data": bool(template.user_data), **template.values}


def note(
    actor: Actor,
    template: LaunchTemplate,
    verb: str,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    record(
        verb,
        actor=actor.name,
        via=actor.via,
        address=actor.address,
        tenant=str(actor.tenant.pk),
        object_kind="launch-template",
        object_id=template.pk,
        object_name=template.name,
        outcome="done",
        before=before,
        after=after,
    )
