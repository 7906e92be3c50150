"""A new password by mail, for whoever forgot theirs. The answer and the work are the same for every address."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import ResetPasswordKeyForm
from allauth.core.internal.ratelimit import consume_or_429
from django import forms
from django.contrib.auth.tokens import default_token_generator
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.encoding import force_bytes, force_str
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from dashboard.mail import outbox
from dashboard.ui.notices import keep

from . import sessions
from .forms import plain
from .models import User
from .notes import note


class AddressForm(forms.Form):
    email = forms.EmailField(
        label=gettext_lazy("Your e-mail address"), widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def ask(request: HttpRequest) -> HttpResponse:
    form = AddressForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return render(request, "account/reset.html", {"form": form}, status=422 if form.is_bound else 200)
    email = form.cleaned_data["email"].lower()
    refused: HttpResponse | None = consume_or_429(request, app="allauth.account", action="reset_password", key=email)
    if refused:
        return refused
    send_link(email)
    return render(request, "account/reset.html", {"sent_to": email})


@transaction.atomic
def send_link(email: str) -> None:
    """For an address that is nobody's all is done and taken back, so that it takes as long."""
    user = User.objects.filter(email__iexact=email, is_active=True).first()
    is_known = user is not None and user.has_usable_password()
    someone = user if user is not None and is_known else User(pk=0, username=email, email=email)
    parts = [urlsafe_base64_encode(force_bytes(someone.pk)), default_token_generator.make_token(someone)]
    link = outbox.link(reverse("account_reset_password_from_key", args=parts))
    outbox.send(to=email, template="account/mail/reset.txt", context={"user": someone, "link": link})
    transaction.set_rollback(not is_known)


def user_of(uid: str, token: str) -> User | None:
    """None for a link that was used, is older than an hour, or never was one."""
    try:
        user = User.objects.filter(pk=int(force_str(urlsafe_base64_decode(uid))), is_active=True).first()
    except (ValueError, OverflowError):
        return None
    return user if user and user.has_usable_password() and default_token_generator.check_token(user, token) else None


class NewPasswordForm(ResetPasswordKeyForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        plain(self)
        self.fields["password1"].label = _("New password")
        self.fields["password2"].label = _("New password, again")


@sensitive_post_parameters("password1", "password2")
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def choose(request: HttpRequest, uid: str, token: str) -> HttpResponse:
    """Signs nobody in: a second factor is asked for as always."""
    user = user_of(uid, token)
    if user is None:
        return render(request, "account/link_void.html", status=404)
    form = NewPasswordForm(request.POST or None, user=user)
    if request.method != "POST" or not form.is_valid():
        return render(request, "account/reset_choose.html", {"form": form}, status=422 if form.is_bound else 200)
    with transaction.atomic():
        user.set_password(form.cleaned_data["password1"])
        user.save(update_fields=["password"])
        sessions.end_all(user)
        tell(user, "account/mail/password_changed.txt")
        note("user.password-reset", user, request)
    keep(request, _("The new password is set. Sign in with it."), bad=False, link=None)
    return redirect("account_login")


def tell(user: User, template: str, **context: object) -> None:
    """To the address of the account, where it has one. Part of the caller's transaction."""
    if user.email:
        outbox.send(to=user.email, template=template, context={"user": user, **context})
