"""What can follow a field of the filter, as one types it: the values that there are, for whoever looks.

None looks through the instances: names of clouds, images and flavors stand in small tables of their own, statuses are
words, and tags are those of the newest instances.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import chain

from django.db.models import QuerySet

from dashboard.clouds.models import Cloud
from dashboard.images.models import Image
from dashboard.tenancy.models import Tenant

from .filter_fields import ALIASES, SHOWN, Scope, fields_for, plain
from .filtering import quoted
from .models import Flavor, Instance
from .verbs import STATUS_WORDS

MOST = 12
LONGEST = 100
NEWEST = 2000
"""So many instances are asked for their tags: what a person types is mostly what was given lately."""


@dataclass(frozen=True, slots=True)
class Value:
    """What is read, and what is put into the filter."""

    text: str

    @property
    def typed(self) -> str:
        return quoted(self.text)


def statuses(_scope: Scope) -> Iterable[str]:
    return [plain(str(STATUS_WORDS[one]).partition(",")[0]) for one in SHOWN] + ["busy"]


def clouds(scope: Scope) -> QuerySet[Cloud]:
    """Those that the tenant has a place on; of all tenants, all."""
    if scope.tenant is None:
        return Cloud.objects.filter(is_draft=False)
    return Cloud.objects.filter(accounts__tenant=scope.tenant)


def names(rows: QuerySet, typed: str) -> Iterable[str]:
    found = rows.filter(name__icontains=typed).order_by("name").values_list("name", flat=True)
    return found.distinct()[: MOST * 4]  # those that begin with it come first, wherever they stand


def cloud_names(scope: Scope, typed: str) -> Iterable[str]:
    return names(clouds(scope), typed)


def image_names(scope: Scope, typed: str) -> Iterable[str]:
    images = Image.objects.filter(cloud__in=clouds(scope))
    return names(images.for_tenant(scope.tenant) if scope.tenant else images, typed)


def flavor_names(scope: Scope, typed: str) -> Iterable[str]:
    flavors = Flavor.objects.filter(cloud__in=clouds(scope))
    return names(flavors.for_tenant(scope.tenant) if scope.tenant else flavors, typed)


def tags(scope: Scope, _typed: str) -> Iterable[str]:
    """The most frequent first."""
    listed = Instance.objects.listed().order_by("-created_at", "-id")
    mine = listed.for_tenant(scope.tenant) if scope.tenant else listed
    counted = Counter(chain.from_iterable(mine.values_list("tags", flat=True)[:NEWEST]))
    return [tag for tag, _number in counted.most_common()]


def tenant_slugs(_scope: Scope, typed: str) -> Iterable[str]:
    found = Tenant.objects.filter(slug__icontains=typed).order_by("slug")
    return found.values_list("slug", flat=True)[: MOST * 4]


VALUES: dict[str, Callable[[Scope, str], Iterable[str]]] = {
    "status": lambda scope, _typed: statuses(scope),
    "cloud": cloud_names,
    "image": image_names,
    "flavor": flavor_names,
    "tag": tags,
    "locked": lambda _scope, _typed: ("yes", "no"),
    "tenant": tenant_slugs,
}
"""By the field's name: what may follow it. It is narrowed to what was typed below."""


def values_of(name: str, typed: str, scope: Scope) -> list[Value]:
    """At most MOST: those that begin with what was typed, then those that have it. One query at most."""
    name = ALIASES.get(name.lower(), name.lower())
    if name not in VALUES or name not in fields_for(scope) or "\0" in typed:
        return []
    typed = typed[:LONGEST].casefold()
    having = [text for text in VALUES[name](scope, typed) if text and typed in text.casefold()]
    having.sort(key=lambda text: not text.casefold().startswith(typed))
    return [Value(text) for text in having[:MOST]]
