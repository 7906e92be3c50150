"""What can come of any call, whatever it was for."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from .entry import Failure, Sign

CLOUDS: dict[str, Failure] = {
    "policy": Failure(
        cause=_("The cloud's rules do not allow this to the credential that Skydeck works with."),
        facts=(_("The rule is called %(policy)s."),),
        action=_("Ask your administrator: the credential may lack a role."),
        affects=_("the credential's rights"),
        signs=(
            Sign(r"Policy does(?:n't| not) allow (?P<policy>[\w.:-]+) to be performed"),
            Sign(r"not authorized to (?:perform the requested action: |complete )(?P<policy>[\w:-]+)", status=403),
            Sign(r"\(?rule:(?P<policy>[\w:-]+)\)? is disallowed by policy"),
            Sign(r"(?P<policy>[\w:-]+)\)? is disallowed by policy"),
        ),
    ),
}
