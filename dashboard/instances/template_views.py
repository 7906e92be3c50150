"""The pages of saved launch templates."""

from __future__ import annotations

from contextlib import suppress
from typing import Any
from uuid import UUID

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dashboard.tenancy.access import Actor, tenant_view
from dashboard.tenancy.models import Role
from dashboard.ui.fragments import page
from dashboard.ui.names import check_name
from dashboard.ui.notices import answer

from . import prefill, templates
from .launch_views import form_again, launch_page
from .marked import MarkedForm
from .models import LaunchTemplate
from .userdata.check import MOST_BYTES
from .views import find


class NameForm(MarkedForm):
    name = forms.CharField(
        label=gettext_lazy("Name of the template"),
        max_length=255,
        validators=[check_name],
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": gettext_lazy("Give the template a name.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].widget.attrs.pop("maxlength", None)
        self.mark_wrong_fields()


class SaveForm(NameForm):
    """`is_taken`: there is one of this name, which may be replaced."""

    prefix = "template"
    replace = forms.BooleanField(label=gettext_lazy("Replace the one that is there"), required=False)
    is_taken = False

    def refuse(self, error: Exception) -> None:
        self.add_error("name", str(error))
        self.is_taken = True
        self.mark_wrong_fields()


def url(actor: Actor) -> str:
    return reverse("instances:templates", args=[actor.tenant.slug])


@require_safe
@tenant_view(Role.READER)
def index(request: HttpRequest, actor: Actor) -> HttpResponse:
    rows = LaunchTemplate.objects.for_tenant(actor.tenant).with_user_data().select_related("changed_by")
    context = {"rows": rows, "section": "instances", "may_launch": actor.may(Role.MEMBER)}
    return page(request, "instances/templates.html", context, fragment="live")


def find_template(actor: Actor, pk: UUID) -> LaunchTemplate:
    template = LaunchTemplate.objects.for_tenant(actor.tenant).filter(pk=pk).first()
    if template is None:
        raise Http404
    return template


@sensitive_variables()
@require_POST
@tenant_view(Role.MEMBER)
def save(request: HttpRequest, actor: Actor) -> HttpResponse:
    """What is in the launch form now. It comes back as it was, with what became of the saving."""
    launch_form = form_again(request, actor)
    if launch_form is None:
        raise Http404
    form, saved = SaveForm(request.POST), None
    typed = str(launch_form.initial.get("user_data", ""))
    if len(typed.encode(errors="replace")) > MOST_BYTES:
        form.add_error("name", _("The user data are too long to be saved; see what is said of them."))
    values, labels = templates.typed_values(launch_form, request.POST)
    if not templates.says_something(launch_form.untouched(), values, typed):
        form.add_error("name", _("There is nothing to save yet. Fill in what a launch from it is to begin with."))
    form.mark_wrong_fields()
    if form.is_valid():
        wanted: dict[str, Any] = {
            "cloud": launch_form.chosen_cloud,
            "values": values,
            "labels": labels,
            "user_data": typed,
        }
        try:
            saved = templates.save(actor, **wanted, **form.cleaned_data)
        except templates.Taken as error:
            form.refuse(error)
    context = {"save_form": form, "saved": saved}
    status = 200 if saved else 422
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "instances/launch_save.html", context, status=status)
    return launch_page(request, actor, launch_form, more=context, status=status)


@sensitive_variables()
@require_http_methods(["GET", "HEAD", "POST"])
@tenant_view(Role.MEMBER)
def save_instance(request: HttpRequest, actor: Actor, pk: UUID) -> HttpResponse:
    """A template of what an instance was launched with."""
    instance = find(actor, pk)
    here = reverse("instances:detail", args=[actor.tenant.slug, pk])
    if request.method != "POST":
        return name_page(request, SaveForm(initial={"name": instance.name}), instance=instance, back=here)
    form = SaveForm(request.POST)
    if form.is_valid():
        wanted = prefill.like(instance)
        try:
            saved = templates.save_prefill(actor, cloud=instance.cloud, prefill=wanted, **form.cleaned_data)
        except templates.Taken as error:
            form.refuse(error)
        else:
            return answer(request, here, _("Saved as the template %(name)s.") % {"name": saved.name})
    return name_page(request, form, instance=instance, back=here, status=422)


def name_page(request: HttpRequest, form: NameForm, *, back: str, status: int = 200, **more: Any) -> HttpResponse:
    context = {"form": form, "back": back, "section": "instances", **more}
    return page(request, "instances/template_name.html", context, fragment="dialog", status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@tenant_view(Role.MEMBER)
def rename(request: HttpRequest, actor: Actor, pk: UUID) -> HttpResponse:
    template = find_template(actor, pk)
    if request.method != "POST":
        return name_page(request, NameForm(initial={"name": template.name}), template=template, back=url(actor))
    form = NameForm(request.POST)
    if form.is_valid():
        try:
            templates.rename(actor, pk, name=form.cleaned_data["name"])
        except LaunchTemplate.DoesNotExist:
            return answer(request, url(actor), _("This template is deleted."), bad=True)
        except templates.Taken:
            form.add_error("name", _("There is another template of this name. Choose another name."))
            form.mark_wrong_fields()
        else:
            return answer(request, url(actor), _("The template is renamed."))
    return name_page(request, form, template=template, back=url(actor), status=422)


@require_http_methods(["GET", "HEAD", "POST"])
@tenant_view(Role.MEMBER)
def delete(request: HttpRequest, actor: Actor, pk: UUID) -> HttpResponse:
    template = find_template(actor, pk)
    if request.method != "POST":
        context = {"template": template, "back": url(actor), "section": "instances"}
        return page(request, "instances/template_delete.html", context, fragment="dialog")
    with suppress(LaunchTemplate.DoesNotExist):  # somebody else was first
        templates.delete(actor, pk)
    return answer(request, url(actor), _("The template %(name)s is deleted.") % {"name": template.name})
