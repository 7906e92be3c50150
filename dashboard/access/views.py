"""The page “API access” of a cloud: where its own tools find it, and the keys of people for them.

A secret is in one answer, that of the request which consumes it, and nowhere else.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from allauth.account.decorators import reauthentication_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dashboard.clouds import registry
from dashboard.clouds.interface import RemotePlace
from dashboard.clouds.models import Cloud, CloudAccount
from dashboard.clouds.views import offered_to
from dashboard.tenancy.access import Actor, tenant_view
from dashboard.tenancy.models import Role
from dashboard.ui.fragments import go, page
from dashboard.ui.notices import answer

from . import actions, listing
from .actions import NotPossible
from .forms import KeyForm
from .models import MOST, AccessKey
from .rules import why_none, why_not

MOST_ROWS = 12
"""Of a file's text that are seen at once; the boxes of one page are of one height."""


def find(actor: Actor, pk: UUID) -> tuple[Cloud, CloudAccount | None]:
    cloud = get_object_or_404(offered_to(actor), pk=pk)
    account = cloud.accounts.filter(tenant=actor.tenant).first()
    if account is not None:
        account.cloud = cloud
    return cloud, account


def url(name: str, actor: Actor, cloud: Cloud, *arguments: object) -> str:
    return reverse(f"access:{name}", args=[actor.tenant.slug, cloud.pk, *arguments])


def frame(cloud: Cloud, **more: Any) -> dict[str, Any]:
    return {"cloud": cloud, "clouds": [cloud], "section": "clouds", "most": MOST, **more}


@require_safe
@tenant_view(Role.READER)
def index(request: HttpRequest, actor: Actor, pk: UUID) -> HttpResponse:
    cloud, account = find(actor, pk)
    place = RemotePlace(id=account.remote_id, name=account.remote_name) if account else RemotePlace(id="", name="")
    context = frame(
        cloud,
        account=account,
        doors=registry.access_doors(cloud.kind, cloud.settings, place),
        why_none=why_none(cloud, account),
        why_not=why_not(actor, cloud, account),
        may_have=actor.may(Role.MEMBER, look=True),
        sees_all=actor.may(Role.MANAGER, look=True),
        rows=listing.rows_of(actor, account) if account else [],
        failed=listing.failed_of(actor, cloud),
    )
    return page(request, "access/list.html", context, fragment="live")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@tenant_view(Role.MEMBER)
@reauthentication_required(app="dashboard.access")
def create(request: HttpRequest, actor: Actor, pk: UUID) -> HttpResponse:
    """Has a worker make it. Whoever has a key can work without signing in, so one proves first who one is."""
    cloud, account = find(actor, pk)
    form = KeyForm(request.POST if request.method == "POST" else None)
    wrong = "" if form.is_bound else why_not(actor, cloud, account)
    if form.is_bound and form.is_valid():
        try:
            actions.create(actor, cloud, label=form.cleaned_data["label"], key=form.cleaned_data["key"])
        except NotPossible as refusal:
            wrong = str(refusal)
        else:
            return go(request, url("index", actor, cloud))
    context = frame(cloud, form=form, wrong=wrong)
    return page(request, "access/create.html", context, status=422 if form.is_bound else 200)


@never_cache
@sensitive_variables()
@require_POST
@tenant_view(Role.MEMBER)
def show(request: HttpRequest, actor: Actor, pk: UUID, key: UUID) -> HttpResponse:
    """The files with the secret: once. The same request again says that they were shown before."""
    cloud, _account = find(actor, pk)
    try:
        row, secret = actions.show(actor, find_key(actor, cloud, key).pk)
    except NotPossible as refusal:
        return answer(request, url("index", actor, cloud), str(refusal), bad=True)
    except AccessKey.DoesNotExist as error:  # somebody else's, or its place was left in this moment
        raise Http404 from error
    context = frame(cloud, key=row, files=files_of(actor, cloud, secret))
    return page(request, "access/shown.html", context)


@sensitive_variables()
def files_of(actor: Actor, cloud: Cloud, secret: Mapping[str, str]) -> list[dict[str, Any]]:
    """Nothing where the secret was shown before."""
    if not secret:
        return []
    name = f"{actor.tenant.slug}-{cloud.name}"
    files = registry.access_files(cloud.kind, cloud.settings, secret, name=name)
    rows = min(MOST_ROWS, max((len(file.text.splitlines()) for file in files), default=1))
    return [{"file": file, "rows": rows, "encoded": base64.b64encode(file.text.encode()).decode()} for file in files]


@require_http_methods(["GET", "HEAD", "POST"])
@tenant_view(Role.MEMBER)
def revoke(request: HttpRequest, actor: Actor, pk: UUID, key: UUID) -> HttpResponse:
    """GET asks; POST has it ended."""
    cloud, _account = find(actor, pk)
    row = find_key(actor, cloud, key)
    if row.user_id != actor.user.pk and not actor.may(Role.MANAGER):
        raise Http404
    if request.method != "POST":
        return page(request, "access/revoke.html", frame(cloud, key=row), fragment="dialog")
    try:
        actions.revoke(actor, row.pk)
    except NotPossible as refusal:
        return answer(request, url("index", actor, cloud), str(refusal), bad=True)
    except AccessKey.DoesNotExist as error:  # its place was left in this moment
        raise Http404 from error
    return answer(request, url("index", actor, cloud), _("The key %(name)s is being ended.") % {"name": row})


def find_key(actor: Actor, cloud: Cloud, pk: UUID) -> AccessKey:
    found = AccessKey.objects.for_tenant(actor.tenant).filter(account__cloud=cloud, pk=pk)
    row = found.select_related("user").first()
    if row is None:
        raise Http404
    return row
