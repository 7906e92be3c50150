"""The cloud's own limits. Skydeck's quota said yes before, so that these say: the cloud's is lower."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from .entry import Failure, Sign

OUR_NAMES = {
    "cores": "vcpus",
    "vcpu": "vcpus",
    "ram": "ram_mib",
    "memory_mb": "ram_mib",
    "disk_gb": "disk_gib",
    "servers": "instances",
    "server_key_pairs": "key_pairs",
    "key pairs": "key_pairs",
    "keypairs": "key_pairs",
    "server groups": "server_groups",
    "servers in group": "server_group_members",
    "metadata items": "metadata",
    "gigabytes": "volume_gib",
    "network": "networks",
    "subnet": "subnets",
    "router": "routers",
    "port": "ports",
    "security groups or rules": "security_groups",
    "security_group": "security_groups",
    "security_group_rule": "security_group_rules",
    "floatingip": "floating_ips",
    "floating ips": "floating_ips",
}
"""What services call things in their refusals, and what we call them."""

LIMITS: dict[str, Failure] = {
    "cloud-limit-again": Failure(
        cause=_("The cloud says that its own limit is reached."),
        action=_("It is asked once more in a moment: two requests at the same time may both be refused."),
        affects=_("the tenant's limits on the cloud"),
    ),
    "cloud-limit": Failure(
        is_quota=True,
        cause=_("The cloud's own limit for this tenant is lower than the quota here."),
        facts=(
            _("It allows %(limit)s %(of_what)s; %(used)s are used and %(wanted)s more were asked for."),
            _("The quota here allows %(ours)s."),
        ),
        action=_("Delete something, or ask your administrator to raise the tenant's limit on the cloud."),
        affects=_("the tenant's limits on the cloud"),
        signs=(
            # nova/exception.py TooManyInstances; of several resources the first is told
            Sign(
                r"Quota exceeded for (?P<resource>\w+)[^:]*: Requested (?P<wanted>\d+)[\d, ]*,"
                r" but already used (?P<used>\d+)[\d, ]* of (?P<limit>\d+)"
            ),
            # oslo_limit/exception.py, where limits are kept in Keystone
            Sign(
                r"Resource (class:)?(?P<resource>[\w-]+) is over limit of (?P<limit>\d+)"
                r" due to current usage (?P<used>\d+) and delta (?P<wanted>\d+)"
            ),
            # cinder/exception.py VolumeSizeExceedsAvailableQuota
            Sign(
                r"exceeds allowed (?P<resource>gigabytes)\w* quota\. Requested (?P<wanted>\d+)G,"
                r" quota is (?P<limit>\d+)G and (?P<used>\d+)G has been consumed"
            ),
        ),
    ),
    "cloud-limit-count": Failure(
        is_quota=True,
        cause=_("The cloud's own limit for this tenant is lower than the quota here."),
        facts=(
            _("It allows %(limit)s %(of_what)s."),
            _("%(used)s are used."),
            _("The quota here allows %(ours)s."),
        ),
        action=_("Delete something, or ask your administrator to raise the tenant's limit on the cloud."),
        affects=_("the tenant's limits on the cloud"),
        signs=(
            # cinder/exception.py VolumeLimitExceeded, SnapshotLimitExceeded, BackupLimitExceeded
            Sign(r"Maximum number of (?P<resource>volumes|snapshots|backups) allowed \((?P<limit>\d+)\) exceeded"),
            # nova/exception.py MetadataLimitExceeded
            Sign(r"Maximum number of (?P<resource>metadata items) exceeds (?P<limit>\d+)"),
        ),
    ),
    "cloud-limit-unnamed": Failure(
        is_quota=True,
        cause=_("The cloud's own limit for this tenant is reached."),
        facts=(
            _("It concerns: %(resource)s."),
            _("The cloud allows %(limit)s, of which %(used)s are used."),
            _("The quota here allows %(ours)s."),
        ),
        action=_("Delete something, or ask your administrator to raise the tenant's limit on the cloud."),
        affects=_("the tenant's limits on the cloud"),
        signs=(
            # neutron_lib/exceptions OverQuota; nova/exception.py KeypairLimitExceeded and the like say no numbers
            Sign(r"Quota exceeded for resources: \[?'?(?P<resource>\w+)"),
            Sign(r"Quota exceeded, too many (?P<resource>key pairs|server groups|servers in group)"),
            Sign(r"Maximum number of (?P<resource>ports|security groups or rules|floating IPs) exceeded"),
        ),
    ),
}
