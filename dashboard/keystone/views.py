"""Signing in with an OpenStack account: name and password, and a passcode where Keystone wants one.

The same people may sign in locally at any time: whether the cloud answers is not what lets an administrator in.
"""

from __future__ import annotations

from typing import Any

import structlog
from allauth.account.utils import perform_login
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from dashboard.clouds.interface import AuthFailed, CloudError, Receipt, Refused, RemotePerson
from dashboard.clouds.models import Cloud
from dashboard.ui.redirects import own_path

from . import receipts
from .actions import admit
from .forms import PasscodeForm, PasswordForm
from .gate import Tries, address_of, open_gate, wanted

log = structlog.get_logger(__name__)


@sensitive_post_parameters("password")
@sensitive_variables("password", "form")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    cloud, keystone = open_gate()
    if request.user.is_authenticated:
        return redirect(wanted(request) or "/")
    if request.method != "POST":
        return form_page(request, cloud, PasswordForm.empty())
    form = PasswordForm(request.POST)
    if not form.is_valid():
        return form_page(request, cloud, form, status=422)
    fields = form.cleaned_data
    tries = Tries(request, f"{fields['domain']}/{fields['name']}")
    if not tries.begin(form):
        return form_page(request, cloud, form, status=422)
    try:
        answer = keystone.with_password(address=address_of(request), **fields)
    except CloudError as error:
        return refused(request, cloud, form, error, tries=tries)
    tries.succeeded()
    if isinstance(answer, Receipt):
        receipts.keep(request, answer, next_url=wanted(request))
        return redirect("keystone:passcode")
    return enter(request, cloud, answer, form=form, next_url=wanted(request))


@sensitive_post_parameters("passcode")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def passcode(request: HttpRequest) -> HttpResponse:
    cloud, keystone = open_gate()
    waiting = receipts.kept(request)
    if waiting is None:
        return redirect("keystone:sign-in")
    form = PasscodeForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return form_page(request, cloud, form, status=422 if form.is_bound else 200)
    tries = Tries(request, f"passcode {waiting.receipt.user_id}")
    if not tries.begin(form):
        return form_page(request, cloud, form, status=422)
    try:
        person = keystone.with_passcode(
            waiting.receipt, passcode=form.cleaned_data["passcode"], address=address_of(request)
        )
    except CloudError as error:
        return refused(request, cloud, form, error, tries=tries)
    tries.succeeded()
    receipts.forget(request)
    return enter(request, cloud, person, form=form, next_url=own_path(request, waiting.next))


def enter(request: HttpRequest, cloud: Cloud, person: RemotePerson, *, form: Form, next_url: str) -> HttpResponse:
    """Into a session of ours, by the same door as with a local password."""
    user = admit(cloud, person, address=address_of(request) or None)
    if user is None:
        log.info("sign-in refused: no project", name=person.name[:150], cloud=cloud.name)
        form.add_error(None, no_project(cloud))
        return form_page(request, cloud, form, status=403)
    response: HttpResponse = perform_login(request, user, redirect_url=next_url or None)
    return response


def no_project(cloud: Cloud) -> str:
    return _(
        "Your account is good, but it has no role in any project of %(cloud)s that Skydeck knows what to do with. "
        "Ask your administrator for one."
    ) % {"cloud": cloud.name}


def refused(request: HttpRequest, cloud: Cloud, form: Form, error: CloudError, *, tries: Tries) -> HttpResponse:
    """Why it did not work. Only a wrong answer counts as a try."""
    if isinstance(error, AuthFailed):
        tries.failed()
        form.add_error(None, wrong(form))
        return form_page(request, cloud, form, status=422)
    tries.succeeded()
    if isinstance(error, Refused):
        form.add_error(None, _("OpenStack wants something else to prove who you are, which Skydeck cannot show."))
        return form_page(request, cloud, form, status=422)
    log.warning("Keystone did not answer at sign-in", cloud=cloud.name, error=type(error).__name__)
    form.add_error(
        None,
        _("%(cloud)s does not answer, so that nobody can sign in with it now. Try again later, or use a local account.")
        % {"cloud": cloud.name},
    )
    return form_page(request, cloud, form, status=503)


def wrong(form: Form) -> str:
    if isinstance(form, PasscodeForm):
        return _("The passcode is not correct, or its time is over. Type the next one.")
    return _("The user name, password or domain is not correct, or the account is disabled.")


def form_page(request: HttpRequest, cloud: Cloud, form: Form, *, status: int = 200) -> HttpResponse:
    template = "keystone/passcode.html" if isinstance(form, PasscodeForm) else "keystone/sign_in.html"
    waiting = receipts.kept(request) if isinstance(form, PasscodeForm) else None
    context: dict[str, Any] = {"form": form, "cloud": cloud, "next": waiting.next if waiting else wanted(request)}
    return render(request, template, context, status=status)
