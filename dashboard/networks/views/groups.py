"""Security groups and their rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dashboard.operations.models import Operation
from dashboard.quotas.models import Resource
from dashboard.quotas.usage import usage_of
from dashboard.tenancy.access import Actor, tenant_view
from dashboard.tenancy.models import Role
from dashboard.ui.fragments import page

from .. import actions
from ..forms import GroupForm
from ..listing import GroupRow, group_rows, open_operations
from ..models import Rule, SecurityGroup
from ..plugs import Plugs, names
from ..rule_forms import RuleForm
from ..rule_kinds import all_gets_out, why_not_template
from ..rules import other_side, said, templates, traffic, warning
from ..verbs import why_not
from .making import Making, answer_to
from .parts import Question, act, confirm, find, frame, url


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleRow:
    rule: Rule
    operation: Operation | None
    traffic: str
    other_side: str
    said: str
    warning: str
    why_not: str
    """Why it cannot be removed now."""


@require_safe
@tenant_view(Role.READER)
def index(request: HttpRequest, actor: Actor) -> HttpResponse:
    context = {
        **frame(actor, "groups", making="security-group.create"),
        "groups": group_rows(actor, plugs=Plugs(actor.tenant), operations=open_operations(actor)),
        "usage": usage_of(actor.tenant, only=(Resource.SECURITY_GROUPS,)),
    }
    return page(request, "networks/groups.html", context, fragment="live")


MAKING = Making(
    kind="security-group.create",
    tab="groups",
    form=GroupForm,
    shown=("name", "description"),
    adding={Resource.SECURITY_GROUPS: 1},
    back="groups",
    make=lambda actor, form: actions.create_group(actor, **form.cleaned_data),
)


@require_http_methods(["GET", "HEAD", "POST"])
@tenant_view(Role.MEMBER)
def create(request: HttpRequest, actor: Actor) -> HttpResponse:
    return answer_to(request, actor, MAKING)


@require_safe
@tenant_view(Role.READER)
def detail(request: HttpRequest, actor: Actor, pk: UUID) -> HttpResponse:
    """`?template=ssh` fills the editor with a rule that many want."""
    group = find(actor, SecurityGroup, pk)
    initial = RuleForm.filled(request.GET.get("template", ""), of=group)
    form = RuleForm(of=group, groups=names_of(actor, group), initial=initial)
    wants_form = bool(request.GET.get("template"))
    return detail_page(request, actor, group, form, fragment="editor" if wants_form else "live")


def names_of(actor: Actor, group: SecurityGroup) -> dict[str, str]:
    """Of the tenant's groups on the same cloud, by the cloud's ids."""
    groups = SecurityGroup.objects.for_tenant(actor.tenant).filter(cloud=group.cloud).exclude(remote_id="")
    return dict(groups.values_list("remote_id", "name"))


def detail_page(
    request: HttpRequest, actor: Actor, group: SecurityGroup, form: RuleForm, *, fragment: str, status: int = 200
) -> HttpResponse:
    plugs, operations = Plugs(actor.tenant), open_operations(actor)
    using = plugs.using(group)
    row = GroupRow(
        thing=group, actor=actor, operation=operations.get(group.pk), users=names(using), rules=0, plugs=using
    )
    context: dict[str, Any] = {
        **frame(actor, "groups"),
        "row": row,
        "group": group,
        "form": form,
        "templates": [
            (name, template.label, why_not_template(group.cloud, template)) for name, template in templates().items()
        ],
        "all_gets_out": all_gets_out(group.cloud),
        "rules": rule_rows(actor, group, operations=operations),
        "delete": row.button("security-group.delete"),
        "why_no_rule": row.button("security-group.add-rule").why_not,
        "operations": timeline(actor, group),
    }
    return page(request, "networks/group.html", context, fragment=fragment, status=status)


def rule_rows(actor: Actor, group: SecurityGroup, *, operations: dict[UUID, Operation]) -> list[RuleRow]:
    known = names_of(actor, group)
    rows = []
    for rule in group.rules.all():
        rule.group = group
        operation = operations.get(rule.pk)
        reason = why_not(group, "security-group.remove-rule", role=actor.role, operation=operation)
        rows.append(
            RuleRow(
                rule=rule,
                operation=operation,
                traffic=traffic(rule),
                other_side=other_side(rule, known),
                said=said(rule, known),
                warning=warning(rule),
                why_not=reason,
            )
        )
    return rows


def timeline(actor: Actor, group: SecurityGroup) -> list[Operation]:
    """Also what was done to its rules."""
    mine = Operation.objects.for_tenant(actor.tenant)
    about = mine.filter(target_id=group.pk) | mine.filter(arguments__group=str(group.pk))
    return list(about.prefetch_related("steps")[:20])


@require_POST
@tenant_view(Role.MEMBER)
def add_rule(request: HttpRequest, actor: Actor, pk: UUID) -> HttpResponse:
    group = find(actor, SecurityGroup, pk)
    form = RuleForm(request.POST, of=group, groups=names_of(actor, group))
    if not form.is_valid():
        return detail_page(request, actor, group, form, fragment="editor", status=422)
    do = lambda: actions.add_rule(actor, pk, spec=form.spec)  # noqa: E731
    return act(request, str(group), do, back=url("group", actor, pk))


@require_POST
@tenant_view(Role.MEMBER)
def remove_rule(request: HttpRequest, actor: Actor, pk: UUID, rule: UUID) -> HttpResponse:
    group = find(actor, SecurityGroup, pk)
    if not group.rules.filter(pk=rule).exists():
        raise Http404
    do = lambda: actions.remove_rule(actor, pk, rule_id=rule)  # noqa: E731
    return act(request, str(group), do, back=url("group", actor, pk))


@require_http_methods(["GET", "HEAD", "POST"])
@tenant_view(Role.MEMBER)
def delete(request: HttpRequest, actor: Actor, pk: UUID) -> HttpResponse:
    group = find(actor, SecurityGroup, pk)
    users = names(Plugs(actor.tenant).using(group))
    operation = actions.open_operation(group)
    reason = why_not(group, "security-group.delete", role=actor.role, operation=operation, users=users)
    question = Question(
        kind="security-group.delete",
        name=str(group),
        sentence=_("The group and its rules are removed from the cloud."),
        why_not=reason,
        back=url("groups", actor),
        do=lambda: actions.delete_group(actor, pk),
    )
    return confirm(request, actor, question, tab="groups")
