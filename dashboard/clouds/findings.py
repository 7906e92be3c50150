"""What a test of a connection found, in words: the steps, and for each code its title, its cause and what to do."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise

STEPS: dict[str, Text] = {
    "answer": _("Answer"),
    "address": _("Address"),
    "dns": _("Name"),
    "tcp": _("Port"),
    "tls": _("Certificate"),
    "version": _("Keystone's version"),
    "clock": _("Clock"),
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
    "secrets": _("Stored secrets"),
    "skydeck": _("Skydeck itself"),
}

HEALTHY: dict[str, Text] = {
    "address": _("%(host)s, port %(port)s"),
    "dns": _("%(host)s is %(addresses)s"),
    "tcp": _("Somebody listens on port %(port)s."),
    "tls": _("%(subject)s, until %(ends)s"),
    "version": _("Keystone %(version)s"),
    "clock": _("Differs by %(seconds)s s."),
    "sign-in": _("Signed in to the project %(project)s. Roles: %(roles)s."),
    "catalogue": _("Regions: %(regions)s. Services: %(services)s."),
    "rights": _("Roles: %(roles)s."),
    "quota": _("Instances: %(instances)s, vCPUs: %(vcpus)s, memory: %(ram_mib)s MiB."),
}
"""What a step says when all is well; of a service its version and its address."""

SERVICE_HEALTHY = _("%(version)s at %(url)s")


@dataclass(frozen=True, slots=True)
class Words:
    title: Text
    cause: Text
    action: Text


CODES: dict[str, Words] = {
    # of every kind of cloud
    "unreadable": Words(
        _("It cannot be read"),
        _("A stored secret was sealed with a key that is not in SKYDECK_FIELD_KEYS any more."),
        _("Put the old key back behind the new one, or edit the connection and type the secrets again."),
    ),
    "internal": Words(
        _("Something went wrong"),
        _("The test came to no end because of a mistake in Skydeck."),
        _("Tell whoever looks after Skydeck; the log has the details."),
    ),
    "Unavailable": Words(
        _("The cloud does not answer"), _("It is off, or cannot be reached from here."), _("Check that it runs.")
    ),
    "AuthFailed": Words(
        _("The cloud does not let us in"), _("The credential is not accepted."), _("Check user and password.")
    ),
    "NotFound": Words(
        _("Something is missing on the cloud"), _("What the settings name is not there."), _("Check the settings.")
    ),
    "Conflict": Words(
        _("The cloud's state does not allow it"), _("Something stands in the way there."), _("Try again later.")
    ),
    "Refused": Words(_("The cloud refused"), _("It understood, and said no."), _("Check the settings.")),
    # the way to Keystone
    "address-odd": Words(
        _("This is no web address"),
        _("An address begins with http:// or https://, then comes a host."),
        _("Copy OS_AUTH_URL or auth_url as it stands in the openrc or in clouds.yaml."),
    ),
    "ca-not-pem": Words(
        _("The CA certificates cannot be read"),
        _("They are no PEM text, or a part of it was lost."),
        _("Paste the whole file, from -----BEGIN CERTIFICATE----- to the last -----END CERTIFICATE-----."),
    ),
    "host-unknown": Words(
        _("There is no host %(host)s"),
        _("The name servers that this machine asks do not know the name."),
        _("Check the name for slips; if it is known inside of the cloud's network only, use the public address."),
    ),
    "names-away": Words(
        _("The name servers do not answer"),
        _("Nobody told within 5 seconds which address %(host)s has."),
        _("Check /etc/resolv.conf on this machine, and that it may ask the name servers in there."),
    ),
    "port-closed": Words(
        _("Nobody listens on port %(port)s"),
        _("%(host)s is there and refuses the connection: Keystone is not running, or has another port."),
        _("Check the port in the address: Keystone often has 5000, or none at all with a path such as /identity."),
    ),
    "no-answer": Words(
        _("No answer"),
        _("%(host)s did not answer on port %(port)s in time. Mostly a firewall swallows the packets."),
        _("Let this machine through to that port; test with: curl -v %(host)s:%(port)s"),
    ),
    "unreachable": Words(
        _("%(host)s cannot be reached"),
        _("There is no way from this machine's network to that address."),
        _("Check this machine's routes and VPN."),
    ),
    "unencrypted": Words(
        _("Not encrypted"),
        _("Passwords and tokens go over the network for everybody to read."),
        _("Use the https:// address, if the cloud has one."),
    ),
    "tls-plain": Words(
        _("No TLS on this port"),
        _("%(host)s answers there in plain HTTP."),
        _("Write http:// instead of https://, or use the port that has TLS."),
    ),
    "tls-broken": Words(
        _("TLS fails"),
        _("%(host)s and this machine do not come to terms about a secured connection."),
        _("Show the details below to whoever runs the cloud's load balancer."),
    ),
    "tls-expired": Words(
        _("The certificate is over"),
        _("That of %(host)s was good until %(ends)s."),
        _("The cloud's administrator must renew it. If that date is to come, this machine's clock is wrong."),
    ),
    "tls-not-yet": Words(
        _("The certificate is not good yet"),
        _("That of %(host)s begins on %(begins)s."),
        _("Check this machine's clock."),
    ),
    "tls-soon-over": Words(
        _("The certificate is over in %(days)s days"),
        _("That of %(host)s is good until %(ends)s."),
        _("Tell the cloud's administrator."),
    ),
    "tls-wrong-name": Words(
        _("The certificate is for another name"),
        _("You wrote %(host)s; the certificate is for %(names)s."),
        _("Use a name from the certificate in the address, if it leads to the same machine."),
    ),
    "tls-unknown-issuer": Words(
        _("The certificate's issuer is not known"),
        _("It was issued by %(issuer)s, which this machine does not trust."),
        _("Paste that CA's certificate (PEM) into the field CA certificates. Your openrc names its file in OS_CACERT."),
    ),
    "tls-self-signed": Words(
        _("The certificate vouches for itself"),
        _("%(subject)s signed its own certificate."),
        _("If that is how it should be, paste this certificate (PEM) into the field CA certificates."),
    ),
    "web-page": Words(
        _("This is a web page"),
        _("%(url)s answers with HTML. It is probably Horizon, the cloud's own dashboard."),
        _("Use Keystone's address: Horizon shows it at Project, API Access, as Identity. Often: port 5000, path /v3."),
    ),
    "not-keystone": Words(
        _("This is not Keystone"),
        _("%(url)s answers, but not as OpenStack's identity service."),
        _("Use the address of the service Identity, as OS_AUTH_URL has it."),
    ),
    "v2-only": Words(
        _("This is Keystone v2"),
        _("That version went away years ago."),
        _("Write /v3 at the end of the address in place of /v2.0."),
    ),
    "wrong-path": Words(
        _("Nothing is at this path"),
        _("%(url)s answers 404."),
        _("Check the path: Keystone is often at /v3 or at /identity/v3."),
    ),
    "server-error": Words(
        _("Keystone is ill"),
        _("%(url)s answers %(status)s."),
        _("The cloud's administrator finds the reason in Keystone's log."),
    ),
    "clock-off": Words(
        _("The clocks differ"),
        _("This machine's clock and the cloud's differ by %(seconds)s seconds: tokens end too early, or start late."),
        _("Turn on time synchronisation (chrony, systemd-timesyncd) on this machine and on the cloud's."),
    ),
    # signing in
    "no-credential": Words(
        _("No administrator's credential"),
        _("Each tenant brings an application credential of its own; the rest can be tested only with one."),
        _("That is one of the two ways to work. For the other, fill in user and password of an administrator."),
    ),
    "wrong-user": Words(
        _("Keystone does not let us in"),
        _("User %(user)s in the domain %(user_domain)s, or the password, is wrong; or the account is disabled."),
        _("Type the password again. Check the user's domain: in an openrc it is OS_USER_DOMAIN_NAME."),
    ),
    "wrong-project": Words(
        _("User and password are right, the project is not"),
        _("%(user)s has no role in a project %(project)s of the domain %(project_domain)s."),
        _("Choose one of these: %(projects)s. Or give the user a role in that project."),
    ),
    "no-project": Words(
        _("No project was named"),
        _("Without one Keystone lets %(user)s in, and nowhere."),
        _("Fill in a project, such as: %(projects)s."),
    ),
    "password-expired": Words(
        _("The password is over"),
        _("Keystone wants a new one of %(user)s."),
        _("Change it with: openstack user password set. An application credential does not end in this way."),
    ),
    "second-factor": Words(
        _("A second factor is asked for"),
        _("The account of %(user)s needs a one-time code as well, which nobody can type at night."),
        _("Use an application credential of this account, or an account for this dashboard alone."),
    ),
    "credential-gone": Words(
        _("There is no such application credential"),
        _("%(credential)s was deleted, or its user was; or it is of another cloud."),
        _("Make a new one and paste both its id and its secret."),
    ),
    "credential-wrong": Words(
        _("The application credential is not accepted"),
        _("The secret is wrong, or the credential is over, or its user is disabled or has lost the role."),
        _("Make a new one and paste both its id and its secret."),
    ),
    "sign-in-refused": Words(
        _("Keystone refuses the sign-in"),
        _("It understood, and said no; its own words are below."),
        _("Check domain and project."),
    ),
    # the catalogue and the services
    "region-unknown": Words(
        _("There is no region %(region)s"),
        _("The cloud's catalogue has these: %(regions)s."),
        _("Choose one of them; capital letters count."),
    ),
    "region-missing": Words(
        _("There are several regions"),
        _("They are: %(regions)s. Without a choice the first that comes is taken."),
        _("Choose one. For more regions connect the cloud once for each."),
    ),
    "interface-missing": Words(
        _("The catalogue has no %(interface)s addresses here"),
        _("None of its endpoints in this region is of that kind."),
        _("Choose other endpoints; mostly public is right."),
    ),
    "service-missing": Words(
        _("Not in the catalogue"),
        _("Without the service %(service)s nothing works, and region %(region)s does not offer it."),
        _("Check region and endpoints, or ask the cloud's administrator to register it."),
    ),
    "service-absent": Words(
        _("Not offered"),
        _("This cloud has no %(service)s in this region."),
        _("Nothing need be done: pages that need it are left out."),
    ),
    "endpoint-unreachable": Words(
        _("In the catalogue, but not reachable from here"),
        _("The catalogue's %(interface)s address for %(service)s is %(url)s."),
        _("Choose other endpoints (public, internal, admin), or let this machine through to that address."),
    ),
    "service-away": Words(
        _("The service does not work"),
        _("%(url)s is reached, but does not answer as it should (%(status)s)."),
        _("The cloud's administrator finds the reason in that service's log."),
    ),
    "service-refused": Words(
        _("The service refuses"),
        _("%(url)s does not let this account in (%(status)s): it has no role that this service knows."),
        _("Give the account the role that the service's policy wants; for Swift see operator_roles."),
    ),
    # rights
    "rights-none": Words(
        _("No role that we know"),
        _("The account has these: %(roles)s. None is admin, manager, member or reader."),
        _("Give it the role member, or for the whole cloud the role admin."),
    ),
    "rights-reader": Words(
        _("May only read"),
        _("The roles are: %(roles)s. Lists and details work; launching, changing and deleting do not."),
        _("Give the account the role member."),
    ),
    "rights-member": Words(
        _("Not an administrator"),
        _("The roles are: %(roles)s. That is enough for one project, not for making projects, quotas and credentials."),
        _("Use an administrator's account; or leave user and password empty, and tenants bring their credentials."),
    ),
    "rights-partial": Words(
        _("An administrator whose rights have gaps"),
        _("The cloud's policy refuses: %(refused)s."),
        _("Ask the cloud's administrator to change the policy, or live without what needs them."),
    ),
    "rights-too-many": Words(
        _("Has more rights than a tenant should"),
        _("The roles are: %(roles)s. Whoever holds this credential rules over the whole cloud."),
        _("Make an application credential with the role member alone."),
    ),
    "quota-unreadable": Words(
        _("The quota cannot be read"),
        _("The cloud did not tell its limits."),
        _("Nothing need be done: only the page of quotas shows less."),
    ),
}


def words_for(step: str, code: str, values: Mapping[str, str]) -> Words:
    """With the finding's values in them. Without a code the step's name, and what it found where it was asked."""
    known = defaultdict(str, values)
    name = STEPS.get(step, step)
    found = CODES.get(code)
    if found is None:
        return Words(name, str(_healthy(step, values)) % known, "")
    title = _("%(step)s: %(title)s") % {"step": name, "title": str(found.title) % known}
    return Words(title, str(found.cause) % known, str(found.action) % known)


def _healthy(step: str, values: Mapping[str, str]) -> Text:
    """Empty for what was skipped: it has no values."""
    if not values:
        return ""
    return SERVICE_HEALTHY if "url" in values else HEALTHY.get(step, "")
