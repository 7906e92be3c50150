"""One verb on many instances: who qualifies, why the others do not, and the asking.

Each instance is asked for in a transaction of its own, as if it were alone: the lock, the open operation and the
other person are looked at there again, and none waits for the rest. The batch is written first, with all of them
as not asked for yet; who dies on the way leaves a batch that says which were not, and that can be asked again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from django.utils.functional import lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.operations.batches import open_batch, settle_refused, to_ask_again
from dashboard.operations.models import Batch, Operation
from dashboard.tenancy.access import Actor
from dashboard.tenancy.models import Role
from dashboard.ui.templatetags.ui import ahead

from . import actions
from .allowed import why_not
from .models import Instance, InstanceQuerySet
from .notes import MOST_TAGS, why_reserved
from .refusals import NotPossible
from .undoing import window
from .verbs import VERBS, Text
from .words import CONSEQUENCES

MOST = 500
"""Instances that are asked for at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """Something that can be done to many. `verb` is what it is for each of them."""

    verb: str
    label: Text
    icon: str
    consequence: Text = ""
    tags: str = ""
    """What happens to the tags that are asked for: `add` or `remove`."""


def plain_deed(verb: str) -> Deed:
    return Deed(
        verb=verb,
        label=VERBS[verb].label,
        icon=VERBS[verb].icon,
        consequence=MANY.get(verb, CONSEQUENCES.get(verb, "")),
    )


def deleted_together() -> str:
    if not window():
        return _("The instances and their disks are removed from the cloud. This cannot be undone.")
    return _(
        "They are turned off, where that is possible, and taken out of the list. Each of them can be restored for "
        "%(time)s, from the page “Recently deleted”; then it is removed, and what is on its disk is lost."
    ) % {"time": ahead(window())}


MANY: dict[str, Text] = {
    "delete": lazy(deleted_together, str)(),
    "hard-reboot": gettext_lazy("Their power is cut and comes back at once: what a guest has not written is lost."),
    "stop": gettext_lazy("The guests are asked to shut down; of those that do not in time, the power is cut."),
    "shelve": gettext_lazy("Their power is cut, their disks are kept as images, their hosts may be given to others."),
    "lock": gettext_lazy("While they are locked nothing can be done to them, so that nobody deletes or stops them."),
}
PLAIN = (
    *("start", "stop", "reboot", "hard-reboot", "pause", "unpause", "suspend", "resume", "shelve", "unshelve"),
    *("lock", "unlock", "delete"),
)
DEEDS: dict[str, Deed] = {
    **{verb: plain_deed(verb) for verb in PLAIN},
    "add-tags": Deed(verb="tags", label=gettext_lazy("Add tags"), icon="tag", tags="add"),
    "remove-tags": Deed(verb="tags", label=gettext_lazy("Remove tags"), icon="tag", tags="remove"),
}
FIRST = ("start", "stop", "reboot", "delete")
"""Those that are buttons of their own; the others are in a menu."""


def argue(deed: Deed, instance: Instance, tags: Iterable[str]) -> tuple[dict[str, Any], str]:
    """The arguments for this instance, and why it cannot have them."""
    if not deed.tags:
        return {}, ""
    tags = list(tags)
    if deed.tags == "add":
        if problem := next(filter(None, (why_reserved(tag, cloud=instance.cloud) for tag in tags)), ""):
            return {}, problem
        new = [*instance.tags, *(tag for tag in tags if tag not in instance.tags)]
        nothing = _("It has these tags already.")
    else:
        new = [tag for tag in instance.tags if tag not in tags]
        nothing = _("It has none of these tags.")
    if new == instance.tags:
        return {}, nothing
    if len(new) > MOST_TAGS:
        return {}, _("It would have %(number)s tags; %(most)s are possible.") % {"number": len(new), "most": MOST_TAGS}
    return {"tags": new, deed.tags: tags}, ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why some do not qualify."""

    text: str
    instances: list[Instance] = field(default_factory=list)


class Judged:
    """Of `instances`, who qualifies for the deed now. Two queries."""

    def __init__(self, actor: Actor, deed: Deed, instances: Iterable[Instance], *, tags: Iterable[str] = ()) -> None:
        self.deed = deed
        self.instances = list(instances)
        self.fitting: list[Instance] = []
        self.refused: list[tuple[Instance, str]] = []
        tags = list(tags)
        for instance, reason in self._reasons(actor, tags):
            if reason:
                self.refused.append((instance, reason))
            else:
                self.fitting.append(instance)

    def _reasons(self, actor: Actor, tags: list[str]) -> Iterable[tuple[Instance, str]]:
        under_way = Operation.objects.open().filter(target_id__in=[instance.pk for instance in self.instances])
        operations = {operation.target_id: operation for operation in under_way}
        for instance in self.instances:
            operation = operations.get(instance.pk)
            reason = why_not(instance, self.deed.verb, role=actor.role, operation=operation)
            yield instance, reason or (argue(self.deed, instance, tags)[1] if tags else "")

    @property
    def reasons(self) -> list[Reason]:
        """The most frequent first."""
        found: dict[str, Reason] = {}
        for instance, reason in self.refused:
            found.setdefault(reason, Reason(text=reason)).instances.append(instance)
        return sorted(found.values(), key=lambda one: -len(one.instances))

    @property
    def fence(self) -> str:
        """Who is selected: what was shown before the yes must be what the yes is for."""
        ids = sorted(instance.pk.hex for instance in self.instances)
        return sha256(" ".join(ids).encode()).hexdigest()[:32]


def selected(queryset: InstanceQuerySet) -> list[Instance]:
    """One more than MOST at most, so that too many are noticed."""
    return list(queryset.select_related("cloud").order_by("created_at", "id")[: MOST + 1])


def ask(actor: Actor, judged: Judged, *, key: str, tags: Iterable[str] = (), again_of: Batch | None = None) -> Batch:
    """One batch with an operation for each that still qualifies. The same key again is the same batch."""
    actor.require(Role.MEMBER)
    tags = list(tags)
    deed = judged.deed
    refused = [said(instance, reason) for instance, reason in judged.refused]
    waiting = [said(instance, "") | {"arguments": {deed.tags: tags}} for instance in judged.fitting]
    again_for = [str(instance.pk) for instance in judged.instances] if again_of else []
    batch, is_new = open_batch(
        actor,
        kind=f"instance.{deed.verb}",
        key=key,
        refused=[*refused, *waiting],
        again_of=again_of,
        again_for=again_for,
    )
    if not is_new:
        return batch
    for instance in judged.fitting:
        if reason := ask_one(actor, deed, instance, batch=batch, tags=tags):
            refused.append(said(instance, reason))
    settle_refused(batch, refused)
    return batch


def ask_one(actor: Actor, deed: Deed, instance: Instance, *, batch: Batch, tags: list[str]) -> str:
    """The reason when it was not possible any more."""
    arguments, reason = argue(deed, instance, tags)
    if reason:
        return reason
    try:
        operation = actions.change(actor, instance.pk, deed.verb, arguments=arguments, batch=batch)
    except NotPossible as error:
        return str(error)
    except Instance.DoesNotExist:
        return _("The instance is not there any more.")
    return "" if operation.batch_id == batch.pk else _("It is under way already.")


def said(instance: Instance, reason: str) -> dict[str, Any]:
    return {"id": str(instance.pk), "name": instance.name, "reason": reason}


def ask_again(actor: Actor, batch: Batch) -> Batch:
    """Those of the batch that failed, or were never asked for, as a new batch. Twice is once, also of two people."""
    wanted = to_ask_again(batch)
    if not wanted and (there := batch.asked_again.first()):
        return there
    arguments = next((one for one in wanted.values() if one), {})
    verb = batch.kind.partition(".")[2]
    name = f"{'add' if 'add' in arguments else 'remove'}-tags" if verb == "tags" else verb
    tags = arguments.get("add") or arguments.get("remove") or ()
    instances = selected(Instance.objects.for_tenant(actor.tenant).filter(pk__in=list(wanted)))
    judged = Judged(actor, DEEDS[name], instances, tags=tags)
    return ask(actor, judged, key=f"again:{batch.pk}:{judged.fence}", tags=tags, again_of=batch)
