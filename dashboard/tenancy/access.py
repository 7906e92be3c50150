"""Who is asking, for which tenant, and what that allows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from dashboard.accounts.models import User

from .finding import remember
from .looking import because_of, disabled_words
from .models import Membership, Role, Tenant

View = Callable[..., HttpResponseBase]
SYSTEM = "system"
"""The name under which rows keep what nobody asked for in this moment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """A person acting in one tenant with one role. Every action takes one and checks it."""

    user: User
    tenant: Tenant
    role: Role
    """What may be done now: in a disabled tenant no member may do more than look."""
    address: str | None = None
    via: str = ""
    """The name of the key with which the person acts, where that is no page."""
    standing: Role | None = None
    """The role that the person has, where the tenant is disabled; None: the same as `role`."""
    has_others: bool = False
    """Whether there is another tenant that the person may enter."""

    @property
    def name(self) -> str:
        return self.user.username

    @property
    def on_behalf_of(self) -> str:
        return ""

    @property
    def held(self) -> Role:
        """The role that the person has, whatever may be done with it now."""
        return self.standing or self.role

    def may(self, role: Role, *, look: bool = False) -> bool:
        """`look`: only to see what such a role may see, which a disabled tenant does not take away."""
        return (self.held if look else self.role).includes(role)

    def require(self, role: Role, *, look: bool = False) -> None:
        """Raises PermissionDenied with a sentence that names the missing role, or says that the tenant is disabled."""
        if self.may(role, look=look):
            return
        if self.held.includes(role):
            raise PermissionDenied(disabled_words(self.tenant))
        raise PermissionDenied(
            _("This needs the role %(needed)s in %(tenant)s; yours is %(role)s.")
            % {"needed": role.label, "tenant": self.tenant.name, "role": self.held.label}
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """Skydeck itself, at a time that somebody set before: the end of a window, a deadline.

    `user` is for whom it acts, and who is told what came of it; None where that account is no more.
    """

    tenant: Tenant
    user: User | None
    address: None = None

    @property
    def name(self) -> str:
        return SYSTEM

    @property
    def on_behalf_of(self) -> str:
        return self.user.username if self.user else ""

    @property
    def via(self) -> str:
        """Kept beside the name, to be said with it."""
        return self.on_behalf_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Administrator:
    """A person who runs the installation, acting outside any tenant. Only `find_administrator` makes one."""

    user: User
    address: str | None = None
    via: str = ""

    def in_tenant(self, tenant: Tenant) -> Actor:
        """The same person, acting for one tenant."""
        return Actor(user=self.user, tenant=tenant, role=Role.ADMIN, address=self.address, via=self.via)


def find_administrator(user: User, *, address: str | None = None) -> Administrator | None:
    """None for everybody who is none."""
    return Administrator(user=user, address=address) if user.is_admin else None


def find_actor(user: User, slug: str, *, address: str | None = None) -> Actor | None:
    """What `user` is in the tenant `slug`; None for a stranger, exactly as for no such tenant.

    The one place that knows what a disabled tenant means: members may look, administrators may do as always,
    since they have to be able to empty it.
    """
    if not user.is_active:
        return None
    if user.is_admin:
        others = Tenant.objects.exclude(pk=OuterRef("pk"))
        tenant = Tenant.objects.annotate(has_others=Exists(others)).filter(slug=slug).first()
        return actor_in(tenant, user=user, role=Role.ADMIN, address=address, of=tenant) if tenant else None
    others_of = Membership.objects.filter(user=user).exclude(pk=OuterRef("pk"))
    mine = Membership.objects.select_related("tenant").annotate(has_others=Exists(others_of))
    membership = mine.filter(user=user, tenant__slug=slug).first()
    if membership is None:
        return None
    return actor_in(membership.tenant, user=user, role=Role(membership.role), address=address, of=membership)


def actor_in(tenant: Tenant, *, user: User, role: Role, address: str | None, of: Any) -> Actor:
    """`of` is the row that says whether there are others."""
    is_held = tenant.is_disabled and role is not Role.ADMIN
    return Actor(
        user=user,
        tenant=tenant,
        role=Role.READER if is_held else role,
        standing=role if is_held else None,
        address=address,
        has_others=of.has_others,
    )


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
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        user: User = request.user  # type: ignore[assignment]
        administrator = find_administrator(user, address=request.META.get("REMOTE_ADDR"))
        if administrator is None:
            if not Membership.objects.filter(user=user).exists():
                raise Http404
            raise PermissionDenied(_("This needs the role %(needed)s.") % {"needed": Role.ADMIN.label})
        request.role = Role.ADMIN  # type: ignore[attr-defined]
        return view(request, administrator, *args, **kwargs)

    return wrapped


def tenant_view(role: Role, *, look: bool = False) -> Callable[[View], View]:
    """A view below `/t/<tenant>/`: gets the Actor as its second argument.

    Strangers get 404: a tenant's name is nobody else's business. Members whose role is
    too small get 403 with the sentence that says which role is needed. With `look` the view changes
    nothing: who has the role sees it in a disabled tenant too.
    """

    def decorate(view: View) -> View:
        @login_required
        @wraps(view)
        def wrapped(request: HttpRequest, tenant: str, *args: Any, **kwargs: Any) -> HttpResponseBase:
            actor = find_actor(request.user, tenant, address=request.META.get("REMOTE_ADDR"))  # type: ignore[arg-type]
            if actor is None:
                raise Http404
            request.tenant, request.role = actor.tenant, actor.role  # type: ignore[attr-defined]
            request.held_role, request.has_others = actor.held, actor.has_others  # type: ignore[attr-defined]
            actor.require(role, look=look)
            with because_of(actor.tenant if actor.standing else None):
                response = view(request, actor, *args, **kwargs)
            remember(request, response, actor.tenant)
            return response

        wrapped.role, wrapped.look = role, look  # type: ignore[attr-defined]  # for the page that says what one may do
        return wrapped

    return decorate
