"""Who is asking, for which tenant, and what that allows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from dashboard.accounts.models import User

from .models import Membership, Role, Tenant

View = Callable[..., HttpResponse]


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """A person acting in one tenant with one role. Every action takes one and checks it."""

    user: User
    tenant: Tenant
    role: Role
    address: str | None = None

    def may(self, role: Role) -> bool:
        return self.role.includes(role)

    def require(self, role: Role) -> None:
        """Raises PermissionDenied with a sentence that names the missing role."""
        if not self.may(role):
            raise PermissionDenied(
                _("This needs the role %(needed)s in %(tenant)s; yours is %(role)s.")
                % {"needed": role.label, "tenant": self.tenant.name, "role": self.role.label}
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Administrator:
    """A person who runs the installation, acting outside any tenant. Only `find_administrator` makes one."""

    user: User
    address: str | None = None

    def in_tenant(self, tenant: Tenant) -> Actor:
        """The same person, acting for one tenant."""
        return Actor(user=self.user, tenant=tenant, role=Role.ADMIN, address=self.address)


def find_administrator(user: User, *, address: str | None = None) -> Administrator | None:
    """None for everybody who is none."""
    return Administrator(user=user, address=address) if user.is_admin else None


def find_actor(user: User, slug: str, *, address: str | None = None) -> Actor | None:
    """What `user` is in the tenant `slug`; None for a stranger, exactly as for no such tenant."""
    if not user.is_active:
        return None
    if user.is_admin:
        tenant = Tenant.objects.filter(slug=slug).first()
        return Actor(user=user, tenant=tenant, role=Role.ADMIN, address=address) if tenant else None
    membership = Membership.objects.select_related("tenant").filter(user=user, tenant__slug=slug).first()
    if membership is None:
        return None
    return Actor(user=user, tenant=membership.tenant, role=Role(membership.role), address=address)


def tenants_of(user: User) -> list[Tenant]:
    """The tenants that this person may enter."""
    tenants = Tenant.objects.all() if user.is_admin else Tenant.objects.filter(memberships__user=user)
    return list(tenants)


def admin_view(view: View) -> View:
    """A view of the whole installation: gets the Administrator as its second argument.

    Strangers, who are in no tenant at all, get 404; members of any tenant get 403 with the sentence.
    """

    @login_required
    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        user: User = request.user  # type: ignore[assignment]
        administrator = find_administrator(user, address=request.META.get("REMOTE_ADDR"))
        if administrator is None:
            if not Membership.objects.filter(user=user).exists():
                raise Http404
            raise PermissionDenied(_("This needs the role %(needed)s.") % {"needed": Role.ADMIN.label})
        request.role = Role.ADMIN  # type: ignore[attr-defined]
        return view(request, administrator, *args, **kwargs)

    return wrapped


def tenant_view(role: Role) -> Callable[[View], View]:
    """A view below `/t/<tenant>/`: gets the Actor as its second argument.

    Strangers get 404: a tenant's name is nobody else's business. Members whose role is
    too small get 403 with the sentence that says which role is needed.
    """

    def decorate(view: View) -> View:
        @login_required
        @wraps(view)
        def wrapped(request: HttpRequest, tenant: str, *args: Any, **kwargs: Any) -> HttpResponse:
            actor = find_actor(request.user, tenant, address=request.META.get("REMOTE_ADDR"))  # type: ignore[arg-type]
            if actor is None:
                raise Http404
            request.tenant, request.role = actor.tenant, actor.role  # type: ignore[attr-defined]
            actor.require(role)
            return view(request, actor, *args, **kwargs)

        return wrapped

    return decorate
