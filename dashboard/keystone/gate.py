"""The cloud that people sign in with, and how often they may try."""

from __future__ import annotations

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import Http404, HttpRequest

from dashboard.clouds.interface import SignIn
from dashboard.clouds.models import Cloud
from dashboard.ui.redirects import own_path


def sign_in_cloud() -> Cloud | None:
    """The one that SKYDECK_OPENSTACK_SIGN_IN names; None when nobody signs in with a cloud."""
    if not settings.OPENSTACK_SIGN_IN:
        return None
    return Cloud.objects.filter(name=settings.OPENSTACK_SIGN_IN, is_draft=False).first()


def open_gate() -> tuple[Cloud, SignIn]:
    """Raises Http404 where it is turned off, so that nobody finds a trace of it."""
    cloud = sign_in_cloud()
    sign_in = cloud.driver().sign_in if cloud else None
    if cloud is None or sign_in is None:
        raise Http404
    return cloud, sign_in


def wanted(request: HttpRequest) -> str:
    """Where they wanted to go: one of our own pages, or nothing."""
    url = request.POST.get("next") or request.GET.get("next") or ""
    return own_path(request, url)


def address_of(request: HttpRequest) -> str:
    return str(request.META.get("REMOTE_ADDR") or "")


class Tries:
    """Counts failures as local sign-in does, under the same limits; what was right does not count."""

    def __init__(self, request: HttpRequest, who: str) -> None:
        self.request, self.who, self.adapter = request, f"openstack {who}", get_adapter(request)

    def begin(self, form: Form) -> bool:
        """False, with words in the form, when there were too many."""
        try:
            self.adapter.pre_authenticate(self.request, username=self.who)
        except ValidationError as error:
            form.add_error(None, error)
            return False
        return True

    def failed(self) -> None:
        self.adapter.authentication_failed(self.request, username=self.who)

    def succeeded(self) -> None:
        self.adapter._rollback_login_failed_rl_usage()
