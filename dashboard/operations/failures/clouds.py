"""What can come of any call, whatever it was for. Tried last, since it says least."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from .entry import Failure, Sign

AGAIN = _("It is tried again by itself until it does; nothing needs to be done.")

CLOUDS: dict[str, Failure] = {
    "policy": Failure(
        cause=_("The cloud's rules do not allow this to the credential that Skydeck works with."),
        facts=(_("The rule is called %(policy)s."),),
        affects=_("the credential's rights"),
        action=_("Ask your administrator: the credential may lack a role."),
        signs=(
            Sign(r"Policy does(?:n't| not) allow (?P<policy>[\w.:-]+) to be performed"),
            Sign(r"not authorized to (?:perform the requested action: |complete )(?P<policy>[\w:-]+)", status=403),
            Sign(r"rule:(?P<policy>[\w:-]+)\)* is disallowed by policy"),
        ),
    ),
    "cloud-key": Failure(
        cause=_("The cloud does not accept Skydeck's own key any more."),
        affects=_("the cloud's connection"),
        action=_("An administrator must give the connection a key that it accepts; then it goes on by itself."),
    ),
    "credential-gone": Failure(
        cause=_("The credential that Skydeck works with was deleted on the cloud."),
        affects=_("the credential"),
        action=_("An administrator must link the tenant again, or renew the cloud's credential."),
        signs=(Sign(r"Could not find Application Credential", source="keystone"),),
    ),
    "credential-expired": Failure(
        cause=_("The password of the user that Skydeck works as has expired."),
        affects=_("the credential"),
        action=_("An administrator must set a new password there and here."),
        signs=(Sign(r"password is expired and needs to be changed", source="keystone"),),
    ),
    "name-taken": Failure(
        cause=_("The cloud has another one of this name."),
        affects=_("the name"),
        action=_("Choose another name."),
        signs=(Sign(r"Conflict occurred attempting to store", source="keystone"),),
    ),
    "cloud-too-old": Failure(
        cause=_("The cloud is older than what this needs."),
        facts=(_("It was asked for version %(asked)s and knows up to %(newest)s."),),
        affects=_("the cloud"),
        action=_("Ask your administrator: the cloud must be upgraded for it."),
        signs=(Sign(r"Version (?P<asked>[\d.]+) is not supported.* maximum is (?P<newest>\d+\.\d+)"),),
    ),
    "cloud-busy": Failure(
        cause=_("The cloud takes no more calls for a moment: too many came at once."),
        affects=_("the cloud"),
        action=_("It is tried again by itself after the time that the cloud named; nothing needs to be done."),
        signs=(
            Sign(status=429),
            Sign(r"^RequestLimitExceeded\b", source="ec2"),
            Sign(r"This request was rate-limited", status=413),
        ),
    ),
    "cloud-broken": Failure(
        cause=_("The cloud answered with an error of its own."),
        affects=_("the cloud"),
        action=_("It is tried again by itself. If it goes on, an administrator must look at the cloud's logs."),
        signs=(Sign(status=500),),
    ),
    "cloud-unready": Failure(
        cause=_("A service of the cloud is not ready: it is down, or something that it needs is."),
        affects=_("the cloud"),
        action=AGAIN,
        signs=(Sign(status=502), Sign(status=503)),
    ),
    "cloud-slow": Failure(
        cause=_("The cloud did not answer in time."),
        affects=_("the cloud"),
        action=AGAIN,
        signs=(Sign(status=504), Sign(r"timed? ?out\b|the answer did not end")),
    ),
    "cloud-not-understood": Failure(
        cause=_("What answered does not speak like a cloud; something else may answer at its address."),
        affects=_("the cloud"),
        action=_("It is tried again by itself. If it goes on, an administrator must check the address of the cloud."),
        signs=(
            Sign(r"the answer was not understood|the answer is no JSON object"),
            Sign(r"^Invalid response from server", source="keystone"),  # keystoneauth's words
        ),
    ),
}
