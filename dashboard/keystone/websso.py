"""Web single sign-on: Keystone's own pages find out who somebody is, and have the browser post us a token.

    websso    to Keystone, with the address where it shall post: `origin`
    arrive    Keystone's page posts an unscoped token here, across sites, so without any cookie of ours
    confirm   our own page, with our cookies: who it is, and a button

Anybody can have a browser post somebody's token here, and so try to sign a victim in as somebody else (login CSRF). A
secret in `origin` would tell; but Keystone compares it with `trusted_dashboard` character by character
(keystone/api/auth.py, `_get_sso_origin_host`), so that it cannot change from one time to the next, and
a cookie that crosses sites (SameSite=None) would be sent with a forged post as well. Therefore nothing happens at
`arrive`: it shows whose the token is and gives it back, sealed. Only a post from that page of ours, with the CSRF
token, from a browser that began here within ten minutes (a signed SameSite=Lax cookie), signs in.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from allauth.core import ratelimit
from django.conf import settings
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_POST

from dashboard.clouds import secrets
from dashboard.clouds.interface import AuthFailed, CloudError, SignIn
from dashboard.clouds.models import Cloud
from dashboard.ui.redirects import own_path

from .forms import PasswordForm
from .gate import address_of, open_gate, wanted
from .views import enter, form_page

log = structlog.get_logger(__name__)

COOKIE = f"{settings.SESSION_COOKIE_NAME}-websso"
SALT = "dashboard.keystone.websso"
TIME = timedelta(minutes=10)
LONGEST_TOKEN = 4096


def open_websso() -> tuple[Cloud, SignIn]:
    """Raises Http404 where it is turned off."""
    if not settings.OPENSTACK_WEBSSO:
        raise Http404
    return open_gate()


def origin_of(request: HttpRequest) -> str:
    """Our address as Keystone must know it: the one of SKYDECK_ORIGINS that the browser uses."""
    here = f"{request.scheme}://{request.get_host()}"
    root = here if here in settings.ORIGINS else settings.ORIGINS[0]
    return root + reverse("keystone:arrive")


@never_cache
@require_GET
def websso(request: HttpRequest) -> HttpResponse:
    _cloud, keystone = open_websso()
    url = keystone.websso_url(
        url=settings.OPENSTACK_WEBSSO_URL, protocol=settings.OPENSTACK_WEBSSO, origin=origin_of(request)
    )
    response = redirect(url)
    response.set_cookie(
        COOKIE,
        signing.dumps({"next": wanted(request)}, salt=SALT),
        max_age=TIME,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


@csrf_exempt  # it comes from Keystone's page; nothing is changed here, see above
@sensitive_post_parameters("token")
@never_cache
@require_POST
def arrive(request: HttpRequest) -> HttpResponse:
    cloud, keystone = open_websso()
    limited: HttpResponse | None = ratelimit.consume_or_429(request, action="login")
    if limited is not None:
        return limited
    token = request.POST.get("token", "")
    try:
        if not token or len(token) > LONGEST_TOKEN:
            raise AuthFailed
        person = keystone.whose(token)
    except CloudError as error:
        log.info("single sign-on refused", cloud=cloud.name, error=type(error).__name__)
        return again(request, cloud, _("OpenStack sent nothing that it accepts itself. Begin again."))
    until = (timezone.now() + TIME).isoformat()
    context = {
        "cloud": cloud,
        "person": person,
        "arrived": secrets.seal({"for": COOKIE, "token": token, "until": until}),
    }
    return render(request, "keystone/confirm.html", context)


@sensitive_post_parameters("arrived")
@never_cache
@require_POST
def confirm(request: HttpRequest) -> HttpResponse:
    cloud, keystone = open_websso()
    begun, token = begun_by(request), arrived(request)
    if begun is None or not token:
        return again(request, cloud, _("This sign-in did not begin in this browser, or too long ago. Begin again."))
    try:
        person = keystone.with_token(token, address=address_of(request))
    except CloudError as error:
        log.info("single sign-on refused", cloud=cloud.name, error=type(error).__name__)
        return again(request, cloud, _("OpenStack did not accept it any more. Begin again."))
    response = enter(request, cloud, person, form=bare_form(), next_url=own_path(request, begun["next"]))
    response.delete_cookie(COOKIE, samesite="Lax")
    return response


def begun_by(request: HttpRequest) -> dict[str, str] | None:
    """What this browser wanted when it began; None when it did not."""
    try:
        found: dict[str, str] = signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=TIME)
    except signing.BadSignature:
        return None
    return found


def arrived(request: HttpRequest) -> str:
    """The token that Keystone's page posted; empty when it is not from us or too old."""
    try:
        fields = secrets.unseal(request.POST.get("arrived", ""))
    except secrets.Unreadable:
        return ""
    if fields.get("for") != COOKIE or datetime.fromisoformat(fields["until"]) < timezone.now():
        return ""
    return fields["token"]


def again(request: HttpRequest, cloud: Cloud, sentence: str) -> HttpResponse:
    form = bare_form()
    form.add_error(None, sentence)
    return form_page(request, cloud, form, status=403)


def bare_form() -> PasswordForm:
    """The form to begin again with, able to hold a sentence, and without complaints about empty fields."""
    form = PasswordForm({"domain": settings.OPENSTACK_SIGN_IN_DOMAIN})
    form.full_clean()
    form.errors.clear()
    return form
