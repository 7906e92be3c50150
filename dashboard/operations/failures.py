"""Failures in words: what happened and what to do, by a code that rows store.

The cloud's own text is never shown to users: it may come from anywhere. Administrators
see it folded below the sentence.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from dashboard.clouds.interface import AuthFailed, CloudError, Conflict, NotFound, Refused, Unavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    cause: str | Promise
    action: str | Promise


FAILURES: dict[str, Failure] = {
    "cloud-away": Failure(
        cause=_("The cloud does not answer."),
        action=_("It is tried again by itself until it does; nothing needs to be done."),
    ),
    "credentials": Failure(
        cause=_("The cloud does not accept our credentials."),
        action=_("An administrator must renew the credentials of this cloud."),
    ),
    "gone": Failure(
        cause=_("The cloud says that it does not exist any more."),
        action=_("It was removed outside Skydeck. Launch another one if you need it."),
    ),
    "conflict": Failure(
        cause=_("The instance was in a state that does not allow this."),
        action=_("Look at its present status and try again."),
    ),
    "refused-capacity": Failure(
        cause=_("No host of the cloud has enough room for it."),
        action=_("Choose a smaller flavor, delete what is not needed, or ask your administrator for more capacity."),
    ),
    "refused-quota": Failure(
        cause=_("The cloud's own quota for this tenant is used up."),
        action=_("Delete something, or ask your administrator for more quota."),
    ),
    "refused-policy": Failure(
        cause=_("The cloud's rules do not allow this."), action=_("Ask your administrator; the details are below.")
    ),
    "refused-image-missing": Failure(
        cause=_("The image does not exist any more on the cloud."),
        action=_("Launch again with another image."),
    ),
    "refused-image-too-large": Failure(
        cause=_("The image needs a larger disk than the flavor has."),
        action=_("Launch again with a flavor that has a larger disk."),
    ),
    "refused-invalid": Failure(
        cause=_("The cloud did not accept what was asked for."),
        action=_("Ask your administrator; the details are below."),
    ),
    "refused-other": Failure(cause=_("The cloud refused."), action=_("Ask your administrator; the details are below.")),
    "deadline": Failure(
        cause=_("It took longer than allowed."),
        action=_("Look at the instance: wait for it, or delete it and launch another."),
    ),
    "build-error": Failure(
        cause=_("The cloud could not build the instance."),
        action=_("Delete it and launch another. If it happens again, ask your administrator."),
    ),
    "went-back": Failure(
        cause=_("The cloud began and went back to how it was."),
        action=_(
            "Look at what the cloud says in the timeline, or try again. If it happens again, ask your administrator."
        ),
    ),
    "crashed": Failure(
        cause=_("It crashed: its process on the host ended, or the cloud reports an error for it."),
        action=_("Try to start it again, or delete it."),
    ),
    "internal": Failure(
        cause=_("Something went wrong in Skydeck itself."),
        action=_("Tell your administrator the id of the operation: the log has the details."),
    ),
}


def failure(code: str) -> Failure:
    """The words for a code; an unknown one is said to be an error of ours."""
    return FAILURES.get(code, FAILURES["internal"])


def code_of(error: CloudError) -> str:
    """The code that a row stores for an error of a driver."""
    if isinstance(error, Refused):
        return f"refused-{error.reason.value}"
    for kind, code in (
        (Unavailable, "cloud-away"),
        (AuthFailed, "credentials"),
        (NotFound, "gone"),
        (Conflict, "conflict"),
    ):
        if isinstance(error, kind):
            return code
    return "refused-other"
