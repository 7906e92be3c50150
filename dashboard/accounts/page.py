"""The page “Your account”, and what is changed right on it."""

from __future__ import annotations

from allauth.account.views import PasswordChangeView
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse, reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dashboard.ui.fragments import page
from dashboard.ui.notices import answer

from . import sessions
from .factors import factors_of
from .forms import ProfileForm
from .models import User
from .notes import note
from .views import NotAccepted


@require_safe
@login_required
def index(request: HttpRequest) -> HttpResponse:
    user: User = request.user  # type: ignore[assignment]
    context = {
        "factors": factors_of(user),
        "sessions": sessions.sessions_of(user, this=request.session.session_key),
        "section": "account",
    }
    return page(request, "account/index.html", context, fragment="live")


@require_safe
@login_required
def second_factor(request: HttpRequest) -> HttpResponse:
    """Where they are led whose role demands a second factor; see tenancy/second_factor.py."""
    return page(request, "account/second_factor.html", {"factors": factors_of(request.user)})  # type: ignore[arg-type]


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def profile(request: HttpRequest) -> HttpResponse:
    user: User = request.user  # type: ignore[assignment]
    before = {"first_name": user.first_name, "last_name": user.last_name}
    form = ProfileForm(request.POST or None, instance=user)
    if request.method != "POST" or not form.is_valid():
        return page(request, "account/profile.html", {"form": form}, status=422 if form.is_bound else 200)
    with transaction.atomic():
        form.save()
        note("user.profile-change", user, request, before=before, after=form.cleaned_data)
    return answer(request, reverse("account_index"), _("Your name is saved."))


@method_decorator(login_required, name="dispatch")
class ChangePassword(NotAccepted, PasswordChangeView):  # type: ignore[misc]
    """With the one until now. Django ends all other sessions with it; their rows go, too."""

    template_name = "account/password.html"
    success_url = reverse_lazy("account_index")

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        user: User = request.user  # type: ignore[assignment]
        if not user.has_usable_password():  # it is kept somewhere else
            raise Http404
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return response

    @transaction.atomic
    def form_valid(self, form: ProfileForm) -> HttpResponse:
        sessions.end_others(self.request, self.request.user)
        response: HttpResponse = super().form_valid(form)
        sessions.tidy(self.request, self.request.user)
        note("user.password-change", self.request.user, self.request)
        return response

    def get_default_success_url(self) -> str:
        return reverse("account_index")


@require_POST
@login_required
def end_session(request: HttpRequest, pk: int) -> HttpResponse:
    user: User = request.user  # type: ignore[assignment]
    if not sessions.end(request, user, pk):
        raise Http404
    return answer(request, reverse("account_index"), _("The session has ended."))


@require_POST
@login_required
def end_other_sessions(request: HttpRequest) -> HttpResponse:
    user: User = request.user  # type: ignore[assignment]
    number = sessions.end_others(request, user)
    said = ngettext("%(number)d session has ended.", "%(number)d sessions have ended.", number) % {"number": number}
    return answer(request, reverse("account_index"), said if number else _("There was no other session."))
