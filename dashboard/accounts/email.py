"""Another e-mail address: it is theirs once they opened the link that was sent there."""

from __future__ import annotations

from allauth.account.decorators import reauthentication_required
from allauth.account.models import EmailAddress
from allauth.core.internal.ratelimit import consume_or_429
from django import forms
from django.contrib.auth.decorators import login_required
from django.core import signing
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from dashboard.mail import outbox
from dashboard.ui.notices import answer

from .models import User
from .notes import note
from .reset import tell

SALT = "dashboard.accounts.email"
LASTS_S = 24 * 3600


class NewAddressForm(forms.Form):
    email = forms.EmailField(
        label=gettext_lazy("New e-mail address"), widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@reauthentication_required(app="dashboard.accounts")
def change(request: HttpRequest) -> HttpResponse:
    """The answer is the same where somebody has the address already; no mail is sent then."""
    user: User = request.user  # type: ignore[assignment]
    form = NewAddressForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return render(request, "account/email.html", {"form": form}, status=422 if form.is_bound else 200)
    email = form.cleaned_data["email"].lower()
    refused: HttpResponse | None = consume_or_429(request, app="allauth.account", action="manage_email", user=user)
    if refused:
        return refused
    if not User.objects.filter(email__iexact=email).exists():
        token = token_of(user, email)
        link = outbox.link(reverse("account_confirm_email", args=[token]))
        with transaction.atomic():
            outbox.send(to=email, template="account/mail/confirm.txt", context={"user": user, "link": link})
    return render(request, "account/email.html", {"sent_to": email})


def token_of(user: User, email: str) -> str:
    return signing.dumps({"user": user.pk, "from": user.email, "to": email}, salt=SALT)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Only the same person, and only while their address is the one that it was."""
    user: User = request.user  # type: ignore[assignment]
    try:
        wish = signing.loads(token, salt=SALT, max_age=LASTS_S)
    except signing.BadSignature:
        wish = {}
    if wish.get("user") != user.pk or wish.get("from") != user.email:
        return render(request, "account/link_void.html", status=404)
    if request.method != "POST":
        return render(request, "account/email_confirm.html", {"email": wish["to"]})
    try:
        replace(request, user, before=wish["from"], after=wish["to"])
    except IntegrityError:
        return render(request, "account/link_void.html", status=404)
    return answer(request, reverse("account_index"), _("Your e-mail address is %(email)s now.") % {"email": wish["to"]})


@transaction.atomic
def replace(request: HttpRequest, user: User, *, before: str, after: str) -> None:
    """Raises IntegrityError when somebody else has it by now. The old address is told."""
    if not User.objects.filter(pk=user.pk, email=before).update(email=after):
        return
    EmailAddress.objects.filter(user=user).delete()  # django-allauth's own list: nobody signs in with an old one
    tell(user, "account/mail/email_changed.txt", after=after)
    note("user.email-change", user, request, before={"email": before}, after={"email": after})
