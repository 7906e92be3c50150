"""What is told by the kind of an error alone, and what Skydeck itself finds. No signs: the others were tried before."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from .entry import Failure

GENERAL: dict[str, Failure] = {
    "cloud-away": Failure(
        cause=_("The cloud does not answer."),
        affects=_("the cloud"),
        action=_("It is tried again by itself until it does; nothing needs to be done."),
    ),
    "credentials": Failure(
        cause=_("The cloud does not accept our credentials."),
        affects=_("the credential"),
        action=_("An administrator must renew the credentials of this cloud."),
    ),
    "gone": Failure(
        cause=_("The cloud says that it does not exist any more."),
        affects=_("the instance"),
        action=_("It was removed outside Skydeck. Launch another one if you need it."),
    ),
    "conflict": Failure(
        cause=_("The instance was in a state that does not allow this."),
        affects=_("the instance"),
        action=_("Look at its present status and try again."),
    ),
    "refused-capacity": Failure(
        cause=_("No host of the cloud has enough room for it."),
        affects=_("the hosts"),
        action=_("Choose a smaller flavor, delete what is not needed, or ask your administrator for more capacity."),
    ),
    "refused-quota": Failure(
        is_quota=True,
        cause=_("The cloud's own quota for this tenant is used up."),
        affects=_("the tenant's limits on the cloud"),
        action=_("Delete something, or ask your administrator for more quota."),
    ),
    "refused-policy": Failure(
        cause=_("The cloud's rules do not allow this."),
        affects=_("the credential's rights"),
        action=_("Ask your administrator."),
        is_unexplained=True,
    ),
    "refused-image-too-large": Failure(
        cause=_("The image needs a larger disk than the flavor has."),
        affects=_("the image"),
        action=_("Launch again with a flavor that has a larger disk."),
    ),
    "refused-invalid": Failure(
        cause=_("The cloud did not accept what was asked for."),
        action=_("Ask your administrator."),
        is_unexplained=True,
    ),
    "refused-other": Failure(
        cause=_("The cloud refused."),
        action=_("Ask your administrator."),
        is_unexplained=True,
    ),
    "deadline": Failure(
        cause=_("It took longer than allowed."),
        action=_("Look at the instance: wait for it, or delete it and launch another."),
    ),
    "build-error": Failure(
        cause=_("The cloud could not build the instance."),
        affects=_("the instance"),
        action=_("Delete it and launch another. If it happens again, ask your administrator."),
    ),
    "went-back": Failure(
        cause=_("The cloud began and went back to how it was."),
        affects=_("the instance"),
        action=_(
            "Look at what the cloud says in the timeline, or try again. If it happens again, ask your administrator."
        ),
    ),
    "user-data-unreadable": Failure(
        cause=_("The user data are stored under a key that Skydeck does not have any more."),
        affects=_("the user data"),
        action=_("Launch it anew with the user data typed again. An administrator can bring the old key back."),
    ),
    "crashed": Failure(
        cause=_("It crashed: its process on the host ended, or the cloud reports an error for it."),
        affects=_("the instance"),
        action=_("Try to start it again, or delete it."),
    ),
    "internal": Failure(
        cause=_("Something went wrong in Skydeck itself."),
        affects=_("Skydeck"),
        action=_("Tell your administrator the id of the operation: the log has the details."),
    ),
}
