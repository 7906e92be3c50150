"""What Skydeck asks of a cloud: the words, the answers and the errors.

No Django, no settings, no logging here or in any driver below. Statuses are the
cloud's last word in the field's own vocabulary; what we are *doing* about an
instance is an Operation, never a status. Sizes carry their unit in the name.

    Driver
    ├── compute      instances: make, find, list, start, stop, delete    (always there)
    ├── images       what an instance can boot from                      (always there)
    ├── lifecycle    the other verbs: pause, resize, rebuild, ...        (or None)
    ├── history      what changed, and what was done to an instance      (or None)
    ├── flavors      the sizes that the cloud itself offers              (or None)
    ├── placing      zones and server groups                             (or None)
    ├── consoles     live streams to a guest                             (or None)
    ├── networks     networks, ports, security groups, floating IPs      (or None)
    ├── quotas       the cloud's own limits of one tenant's place        (or None)
    ├── places       making and ending the places of tenants             (or None: admin credential only)
    ├── access       keys of people, for the cloud's own tools           (or None: admin credential only)
    ├── capacity     hosts and what is left on them                      (or None: admin credential only)
    ├── metrics      what each instance uses                             (or None: admin credential only)
    └── sign_in      people with accounts on the cloud                   (or None)
"""

from .access import Access, AccessFile, Door, IssuedKey
from .bounds import Bounds
from .calls import Call, note_call, noting_calls
from .compute import (
    Change,
    Changes,
    Compute,
    Flavors,
    History,
    Images,
    LaunchSpec,
    Lifecycle,
    Mark,
    NetworkChoice,
    Placing,
    RemoteAction,
    RemoteFlavor,
    RemoteImage,
    RemoteInstance,
    RemoteServerGroup,
    Verb,
)
from .consoles import ConsoleKind, Consoles, ConsoleStream
from .driver import CloudFacts, ConnectionField, Driver, Finding, FindingState
from .errors import AuthFailed, CloudError, Conflict, NotFound, Reason, Refused, Unavailable
from .metrics import Metrics, RemoteUsage
from .networks import (
    Networks,
    NetworkSpec,
    RemoteFloatingIp,
    RemoteNetwork,
    RemotePort,
    RemoteRouter,
    RemoteRule,
    RemoteSecurityGroup,
    RemoteSubnet,
    RuleSpec,
)
from .people import Receipt, RemoteMembership, RemotePerson, SignIn
from .places import Capacity, Credential, Limit, Places, Quotas, RemoteHost, RemotePlace
from .words import Feature, Status

__all__ = [
    "Access",
    "AccessFile",
    "AuthFailed",
    "Bounds",
    "Call",
    "Capacity",
    "Change",
    "Changes",
    "CloudError",
    "CloudFacts",
    "Compute",
    "Conflict",
    "ConnectionField",
    "ConsoleKind",
    "ConsoleStream",
    "Consoles",
    "Credential",
    "Door",
    "Driver",
    "Feature",
    "Finding",
    "FindingState",
    "Flavors",
    "History",
    "Images",
    "IssuedKey",
    "LaunchSpec",
    "Lifecycle",
    "Limit",
    "Mark",
    "Metrics",
    "NetworkChoice",
    "NetworkSpec",
    "Networks",
    "NotFound",
    "Places",
    "Placing",
    "Quotas",
    "Reason",
    "Receipt",
    "Refused",
    "RemoteAction",
    "RemoteFlavor",
    "RemoteFloatingIp",
    "RemoteHost",
    "RemoteImage",
    "RemoteInstance",
    "RemoteMembership",
    "RemoteNetwork",
    "RemotePerson",
    "RemotePlace",
    "RemotePort",
    "RemoteRouter",
    "RemoteRule",
    "RemoteSecurityGroup",
    "RemoteServerGroup",
    "RemoteSubnet",
    "RemoteUsage",
    "RuleSpec",
    "SignIn",
    "Status",
    "Unavailable",
    "Verb",
    "note_call",
    "noting_calls",
]
