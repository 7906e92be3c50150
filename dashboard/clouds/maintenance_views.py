"""Where an administrator closes a cloud for what is new, and opens it again."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from dashboard.tenancy.access import Administrator, admin_view
from dashboard.ui.fragments import page
from dashboard.ui.notices import answer

from . import maintenance
from .forms import mark_wrong
from .models import Cloud

LONGEST_REASON = 500


class MaintenanceForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Everybody who works on this cloud reads it."),
        error_messages={"required": gettext_lazy("Say why: it is what people read when their launch is refused.")},
    )
    until = forms.DateTimeField(
        label=gettext_lazy("Meant to end"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        error_messages={"invalid": gettext_lazy("Type a date and a time, such as 2030-01-31T18:00.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zone = timezone.get_current_timezone_name()
        self.fields["until"].help_text = _(
            "Only said to people; it goes on until you end it. In the time zone %(zone)s."
        ) % {"zone": zone}

    def full_clean(self) -> None:
        super().full_clean()
        mark_wrong(self)

    def clean_reason(self) -> str:
        """On one line: it stands in sentences."""
        return " ".join(self.cleaned_data["reason"].split())

    def clean_until(self) -> Any:
        until = self.cleaned_data["until"]
        if until and until <= timezone.now():
            raise forms.ValidationError(_("This time is over already. Type a later one, or leave it empty."))
        return until


@require_http_methods(["GET", "HEAD", "POST"])
@admin_view
def begin(request: HttpRequest, administrator: Administrator, pk: UUID) -> HttpResponse:
    """The form, with what is said now where it is closed already."""
    cloud = get_object_or_404(Cloud, pk=pk, is_draft=False)
    initial = {"reason": cloud.maintenance, "until": cloud.maintenance_until}
    form = MaintenanceForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_bound and form.is_valid():
        maintenance.begin(administrator, cloud, **form.cleaned_data)
        said = _("%(cloud)s is in maintenance: nothing new is made there.") % {"cloud": cloud.name}
        return answer(request, reverse("connections:detail", args=[pk]), said)
    mark_wrong(form)
    context = {"form": form, "cloud": cloud, "tab": "connection", "section": "connections"}
    return page(request, "connections/maintenance.html", context, fragment="form", status=422 if form.is_bound else 200)


@require_POST
@admin_view
def end(request: HttpRequest, administrator: Administrator, pk: UUID) -> HttpResponse:
    cloud = get_object_or_404(Cloud, pk=pk)
    done = maintenance.end(administrator, cloud)
    said = _("%(cloud)s is open again.") if done else _("%(cloud)s was open again already.")
    return answer(request, reverse("connections:detail", args=[pk]), said % {"cloud": cloud.name})
