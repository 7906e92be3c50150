"""One text, looked for in everything that a person may see: a few of each kind, in a fixed number of queries.

Members find what is their tenant's, and the names of the tenants that they may enter;
administrators find what is everybody's. Each kind has one queryset, scoped before it
is searched.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Case, IntegerField, Model, Q, QuerySet, Value, When
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.accounts.models import User
from dashboard.clouds.models import Cloud
from dashboard.images.models import Image
from dashboard.instances.filter_fields import Scope as Whose
from dashboard.instances.models import Instance, InstanceQuerySet
from dashboard.instances.verbs import status_word
from dashboard.keypairs.models import KeyPair
from dashboard.networks.models import Network
from dashboard.operations.models import Operation
from dashboard.tenancy.models import Role, Tenant
from dashboard.ui.matching import parts_of

from .asked import Asked

EACH = 6
"""How many of a kind are shown at first; on a page of one kind, ALL."""
ALL = 100
LONGEST = 200
EC2_ID = re.compile(r"i-([0-9a-f]{8}|[0-9a-f]{17})", re.IGNORECASE)
M = TypeVar("M", bound=Model)


@dataclass(frozen=True, kw_only=True)
class Scope:
    """Who looks for what, and from where. Without a tenant only tenants are found, but by administrators."""

    user: User
    role: Role
    tenant: Tenant | None
    q: str
    most: int = EACH

    @property
    def is_admin(self) -> bool:
        return self.role is Role.ADMIN

    @cached_property
    def asked(self) -> Asked:
        return Asked(
            self.q, Whose(tenant=None if self.is_admin else self.tenant, user=self.user, is_admin=self.is_admin)
        )

    def own(self, rows: QuerySet[M]) -> QuerySet[M]:
        """Of rows that have a tenant: the tenant's; everybody's for administrators."""
        if self.is_admin:
            return rows
        return rows.filter(tenant=self.tenant) if self.tenant else rows.none()

    @property
    def id(self) -> UUID | None:
        """What was typed, where it is a whole id."""
        try:
            return UUID(self.q)
        except ValueError:
            return None

    @property
    def whose_id(self) -> Q | None:
        """The instance whose whole id was typed: ours, or the cloud's."""
        if self.id:
            return Q(pk=self.id) | Q(remote_id=str(self.id))
        return Q(remote_id=self.q.lower()) if EC2_ID.fullmatch(self.q) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    url: str
    title: str
    words: list[str]
    where: str = ""
    """The tenant that it belongs to, by name."""
    detail: str = ""
    word: str = ""
    look: str = ""

    @property
    def parts(self) -> list[tuple[str, bool]]:
        return parts_of(self.title, self.words)

    @property
    def detail_parts(self) -> list[tuple[str, bool]]:
        return parts_of(self.detail, self.words)


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    kind: str
    label: str | Promise
    icon: str
    results: list[Result]
    more: str = ""
    """Where all of them are; empty when these are all."""


def cleaned(text: str) -> str:
    """What is looked for: neither endless nor with what no database takes."""
    return text.replace("\x00", "").strip()[:LONGEST]


def best(rows: QuerySet[M], field: str, scope: Scope, *then: str) -> QuerySet[M]:
    """The very name first, then what begins with it."""
    name = " ".join(scope.asked.words)
    rank = Case(
        When(**{f"{field}__iexact": name}, then=Value(0)),
        When(**{f"{field}__istartswith": name}, then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    return rows.order_by(rank, *then)


def having(rows: QuerySet[M], scope: Scope, *fields: str) -> QuerySet[M]:
    return rows.filter(scope.asked.among(*fields))


# --- each kind ---------------------------------------------------------------------


def instances(scope: Scope) -> Iterable[Result]:
    for instance in those_of(scope, Instance.objects.listed()):
        look = "busy" if instance.task else instance.status.lower()
        yield result_of(scope, instance, word=status_word(instance, None), look=look)


def deleted(scope: Scope) -> Iterable[Result]:
    """Those that can still be restored; their pages have the button."""
    restorable = Instance.objects.restorable().filter(delete_at__gt=timezone.now())
    for instance in those_of(scope, restorable):
        yield result_of(scope, instance, word=_("Deleted, can be restored"), look="deleting")


def those_of(scope: Scope, rows: InstanceQuerySet) -> Iterable[Instance]:
    mine: InstanceQuerySet = scope.own(rows)  # type: ignore[assignment]
    asked = scope.asked.of_instances
    found = mine.filter(asked.q) if asked.applied else mine.none()
    if scope.whose_id:
        found = mine.filter(scope.whose_id)
    return best(found, "name", scope, "-created_at", "-id").select_related("tenant")[: scope.most + 1]


def result_of(scope: Scope, instance: Instance, *, word: str, look: str) -> Result:
    return Result(
        url=reverse("instances:detail", args=[instance.tenant.slug, instance.pk]),
        title=instance.name,
        words=scope.asked.words,
        where=instance.tenant.name,
        detail=", ".join(map(str, instance.addresses[:2])),
        word=word,
        look=look,
    )


def images(scope: Scope) -> Iterable[Result]:
    usable = Image.objects.usable()
    if not scope.is_admin:
        if scope.tenant is None:
            return
        usable = usable.for_tenant(scope.tenant).filter(cloud__in=scope.tenant.cloud_accounts.values("cloud"))
    found = having(usable, scope, "name").select_related("cloud", "tenant")
    for image in best(found, "name", scope, "name", "id")[: scope.most + 1]:
        yield Result(
            url=image_url(scope, image),
            title=image.name,
            words=scope.asked.words,
            where=image.tenant.name if image.tenant else "",
            detail=_("snapshot on %(cloud)s") % {"cloud": image.cloud.name} if image.is_snapshot else image.cloud.name,
        )


def image_url(scope: Scope, image: Image) -> str:
    """To a launch from it; for readers, who launch nothing, to what was made from it."""
    if scope.tenant is None:
        return reverse("connections:detail", args=[image.cloud_id])
    if scope.role.includes(Role.MEMBER):
        chosen = urlencode({"cloud": str(image.cloud_id), "image": str(image.pk)})
        return f"{reverse('instances:launch', args=[scope.tenant.slug])}?{chosen}"
    return f"{reverse('instances:index', args=[scope.tenant.slug])}?{urlencode({'q': image.name})}"


def key_pairs(scope: Scope) -> Iterable[Result]:
    found = having(scope.own(KeyPair.objects.all()), scope, "name", "fingerprint", "comment")
    for pair in best(found, "name", scope, "name", "id").select_related("tenant")[: scope.most + 1]:
        yield Result(
            url=reverse("keypairs:detail", args=[pair.tenant.slug, pair.pk]),
            title=pair.name,
            words=scope.asked.words,
            where=pair.tenant.name,
            detail=pair.fingerprint,
        )


def networks(scope: Scope) -> Iterable[Result]:
    if scope.tenant is None and not scope.is_admin:
        return
    rows = Network.objects.all() if scope.is_admin else Network.objects.for_tenant(scope.tenant)  # type: ignore[arg-type]
    found = having(rows, scope, "name").select_related("tenant", "cloud")
    for network in best(found, "name", scope, "name", "id")[: scope.most + 1]:
        tenant = network.tenant or scope.tenant
        if tenant is None:
            continue
        yield Result(
            url=reverse("networks:detail", args=[tenant.slug, network.pk]),
            title=network.name,
            words=scope.asked.words,
            where=tenant.name,
            detail=network.cloud.name,
        )


def operations(scope: Scope) -> Iterable[Result]:
    rows = scope.own(Operation.objects.all())
    if scope.id:
        found = rows.filter(Q(pk=scope.id) | Q(target_id=scope.id)).order_by("-created_at")
    else:
        # one look through the names: choosing the newest first would sort all of them, at five times the cost
        found = having(rows, scope, "target_name").order_by("-created_at")
    for operation in found.select_related("tenant")[: scope.most + 1]:
        yield Result(
            url=reverse("operations:detail", args=[operation.tenant.slug, operation.pk]),
            title=operation.target_name,
            words=scope.asked.words,
            where=operation.tenant.name,
            detail=str(operation.label),
            word=str(operation.get_state_display()),
            look=operation.state,
        )


def tenants(scope: Scope) -> Iterable[Result]:
    mine = Tenant.objects.all() if scope.is_admin else Tenant.objects.filter(memberships__user=scope.user)
    found = having(mine, scope, "name", "slug")
    for tenant in best(found, "name", scope, "slug")[: scope.most + 1]:
        detail = tenant.slug if tenant.slug != tenant.name else ""
        url = reverse("overview:tenant", args=[tenant.slug])
        yield Result(url=url, title=tenant.name, words=scope.asked.words, detail=detail)


def clouds(scope: Scope) -> Iterable[Result]:
    rows = Cloud.objects.filter(is_draft=False)
    if not scope.is_admin:
        rows = rows.filter(pk__in=scope.tenant.cloud_accounts.values("cloud")) if scope.tenant else rows.none()
    for cloud in best(having(rows, scope, "name"), "name", scope, "name")[: scope.most + 1]:
        own = reverse("connections:detail", args=[cloud.pk])
        url = (
            own if scope.is_admin or not scope.tenant else reverse("clouds:detail", args=[scope.tenant.slug, cloud.pk])
        )
        yield Result(url=url, title=cloud.name, words=scope.asked.words)


Find = Callable[[Scope], Iterable[Result]]
KINDS: dict[str, tuple[Any, str, Find]] = {
    "instances": (gettext_lazy("Instances"), "server-2", instances),
    "deleted": (gettext_lazy("Recently deleted"), "trash", deleted),
    "images": (gettext_lazy("Images"), "archive", images),
    "key-pairs": (gettext_lazy("Key pairs"), "key", key_pairs),
    "networks": (gettext_lazy("Networks"), "network", networks),
    "operations": (gettext_lazy("Operations"), "activity", operations),
    "tenants": (gettext_lazy("Tenants"), "users-group", tenants),
    "clouds": (gettext_lazy("Clouds"), "cloud-computing", clouds),
}


WITH_FIELDS = ("instances", "deleted")


def find(scope: Scope, *, only: str = "") -> list[Group]:
    """The kinds of which something was found, in their order; `only` one of them, if it is named."""
    if not scope.q:
        return []
    groups = []
    for kind, (label, icon, look) in KINDS.items():
        if (only and kind != only) or (scope.asked.has_fields and kind not in WITH_FIELDS):
            continue
        results = list(look(scope))
        more = more_url(scope, kind) if len(results) > scope.most and not only else ""
        if results:
            groups.append(Group(kind=kind, label=label, icon=icon, results=results[: scope.most], more=more))
    return groups


def more_url(scope: Scope, kind: str) -> str:
    """The list of instances filtered by it; of other kinds a page of this search."""
    asked = urlencode({"q": scope.q})
    if kind == "instances" and scope.is_admin:
        return f"{reverse('instances:all')}?{asked}"
    if kind == "instances" and scope.tenant:
        return f"{reverse('instances:index', args=[scope.tenant.slug])}?{asked}"
    return f"{page_url(scope.tenant)}?{asked}&only={kind}"


def page_url(tenant: Tenant | None) -> str:
    return reverse("search:index", args=[tenant.slug]) if tenant else reverse("search:everywhere")
