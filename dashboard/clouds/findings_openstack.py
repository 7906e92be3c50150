"""What a test of a connection to an OpenStack found, in words: title, cause and what to do.

Codes of the way to any host, such as `host-unknown`, are in findings.py.
"""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise

STEPS: dict[str, Text] = {
    "version": _("Keystone's version"),
    "sign-in": _("Sign-in"),
    "catalogue": _("Catalogue"),
    "identity": _("Keystone"),
    "compute": _("Compute (Nova)"),
    "network": _("Network (Neutron)"),
    "image": _("Images (Glance)"),
    "block-storage": _("Volumes (Cinder)"),
    "placement": _("Placement"),
    "object-store": _("Objects (Swift)"),
    "rights": _("Rights"),
    "quota": _("Quota"),
}

HEALTHY: dict[str, Text] = {
    "version": _("Keystone %(version)s"),
    "sign-in": _("Signed in to the project %(project)s. Roles: %(roles)s."),
    "catalogue": _("Regions: %(regions)s. Services: %(services)s."),
    "rights": _("Roles: %(roles)s."),
    "quota": _("Instances: %(instances)s, vCPUs: %(vcpus)s, memory: %(ram_mib)s."),
}

CODES: dict[str, tuple[Text, Text, Text]] = {
    "address-odd": (
        _("This is no web address"),
        _("An address begins with http:// or https://, then comes a host."),
        _("Copy OS_AUTH_URL or auth_url as it stands in the openrc or in clouds.yaml."),
    ),
    # Keystone itself
    "web-page": (
        _("This is a web page"),
        _("%(url)s answers with HTML. It is probably Horizon, the cloud's own dashboard."),
        _("Use Keystone's address: Horizon shows it at Project, API Access, as Identity. Often: port 5000, path /v3."),
    ),
    "not-keystone": (
        _("This is not Keystone"),
        _("%(url)s answers, but not as OpenStack's identity service."),
        _("Use the address of the service Identity, as OS_AUTH_URL has it."),
    ),
    "v2-only": (
        _("This is Keystone v2"),
        _("That version went away years ago."),
        _("Write /v3 at the end of the address in place of /v2.0."),
    ),
    "wrong-path": (
        _("Nothing is at this path"),
        _("%(url)s answers 404."),
        _("Check the path: Keystone is often at /v3 or at /identity/v3."),
    ),
    "server-error": (
        _("Keystone is ill"),
        _("%(url)s answers %(status)s."),
        _("The cloud's administrator finds the reason in Keystone's log."),
    ),
    "clock-off": (
        _("The clocks differ"),
        _("This machine's clock and the cloud's differ by %(seconds)s seconds: tokens end too early, or start late."),
        _("Turn on time synchronisation (chrony, systemd-timesyncd) on this machine and on the cloud's."),
    ),
    # signing in
    "no-credential": (
        _("No administrator's credential"),
        _("Each tenant brings an application credential of its own; the rest can be tested only with one."),
        _("That is one of the two ways to work. For the other, fill in user and password of an administrator."),
    ),
    "wrong-user": (
        _("Keystone does not let us in"),
        _("User %(user)s in the domain %(user_domain)s, or the password, is wrong; or the account is disabled."),
        _("Type the password again. Check the user's domain: in an openrc it is OS_USER_DOMAIN_NAME."),
    ),
    "wrong-project": (
        _("User and password are right, the project is not"),
        _("%(user)s has no role in a project %(project)s of the domain %(project_domain)s."),
        _("Choose one of these: %(projects)s. Or give the user a role in that project."),
    ),
    "no-project": (
        _("No project was named"),
        _("Without one Keystone lets %(user)s in, and nowhere."),
        _("Fill in a project, such as: %(projects)s."),
    ),
    "password-expired": (
        _("The password is over"),
        _("Keystone wants a new one of %(user)s."),
        _("Change it with: openstack user password set. An application credential does not end in this way."),
    ),
    "second-factor": (
        _("A second factor is asked for"),
        _("The account of %(user)s needs a one-time code as well, which nobody can type at night."),
        _("Use an application credential of this account, or an account for this dashboard alone."),
    ),
    "credential-gone": (
        _("There is no such application credential"),
        _("%(credential)s was deleted, or its user was; or it is of another cloud."),
        _("Make a new one and paste both its id and its secret."),
    ),
    "credential-wrong": (
        _("The application credential is not accepted"),
        _("The secret is wrong, or the credential is over, or its user is disabled or has lost the role."),
        _("Make a new one and paste both its id and its secret."),
    ),
    "sign-in-refused": (
        _("Keystone refuses the sign-in"),
        _("It understood, and said no; its own words are below."),
        _("Check domain and project."),
    ),
    # the catalogue and the services
    "region-unknown": (
        _("There is no region %(region)s"),
        _("The cloud's catalogue has these: %(regions)s."),
        _("Choose one of them; capital letters count."),
    ),
    "region-missing": (
        _("There are several regions"),
        _("They are: %(regions)s. Without a choice the first that comes is taken."),
        _("Choose one. For more regions connect the cloud once for each."),
    ),
    "interface-missing": (
        _("The catalogue has no %(interface)s addresses here"),
        _("None of its endpoints in this region is of that kind."),
        _("Choose other endpoints; mostly public is right."),
    ),
    "service-missing": (
        _("Not in the catalogue"),
        _("Without the service %(service)s nothing works, and region %(region)s does not offer it."),
        _("Check region and endpoints, or ask the cloud's administrator to register it."),
    ),
    "service-absent": (
        _("Not offered"),
        _("This cloud has no %(service)s in this region."),
        _("Nothing need be done: pages that need it are left out."),
    ),
    "endpoint-unreachable": (
        _("In the catalogue, but not reachable from here"),
        _("The catalogue's %(interface)s address for %(service)s is %(url)s."),
        _("Choose other endpoints (public, internal, admin), or let this machine through to that address."),
    ),
    "service-away": (
        _("The service does not work"),
        _("%(url)s is reached, but does not answer as it should (%(status)s)."),
        _("The cloud's administrator finds the reason in that service's log."),
    ),
    "service-refused": (
        _("The service refuses"),
        _("%(url)s does not let this account in (%(status)s): it has no role that this service knows."),
        _("Give the account the role that the service's policy wants; for Swift see operator_roles."),
    ),
    # rights
    "rights-none": (
        _("No role that we know"),
        _("The account has these: %(roles)s. None is admin, manager, member or reader."),
        _("Give it the role member, or for the whole cloud the role admin."),
    ),
    "rights-reader": (
        _("May only read"),
        _("The roles are: %(roles)s. Lists and details work; launching, changing and deleting do not."),
        _("Give the account the role member."),
    ),
    "rights-member": (
        _("Not an administrator"),
        _("The roles are: %(roles)s. That is enough for one project, not for making projects, quotas and credentials."),
        _("Use an administrator's account; or leave user and password empty, and tenants bring their credentials."),
    ),
    "rights-partial": (
        _("An administrator whose rights have gaps"),
        _("The cloud's policy refuses: %(refused)s."),
        _("Ask the cloud's administrator to change the policy, or live without what needs them."),
    ),
    "rights-too-many": (
        _("Has more rights than a tenant should"),
        _("The roles are: %(roles)s. Whoever holds this credential rules over the whole cloud."),
        _("Make an application credential with the role member alone."),
    ),
    "quota-unreadable": (
        _("The quota cannot be read"),
        _("The cloud did not tell its limits."),
        _("Nothing need be done: only the page of quotas shows less."),
    ),
}
