"""Statistics of instances, by the query protocol and nothing else; the service may be off.

The values are made up from the instance and the time, the same for each who asks again.
"""

from __future__ import annotations

import math
import uuid
from datetime import datetime

from .call import Actions, Call
from .clock import written
from .errors import NotServed, Refused, invalid
from .markup import element, elements, items, wrap

ACTIONS = Actions()
PERIOD_S = 300
UNITS = {"CPUUtilization": "Percent", "DiskReadOps": "Count", "DiskWriteOps": "Count"}
KNOWN = {*UNITS, "DiskReadBytes", "DiskWriteBytes", "NetworkIn", "NetworkOut"}


def answer(call: Call) -> str:
    if not call.cloud.has_metrics:
        raise Refused(503, "ServiceUnavailable", "Service Unavailable")
    if call.action not in ACTIONS:
        raise NotServed(400, f"Failed to bind the following fields:\nAction = {call.action}\n")
    if not call.user.may(f"cloudwatch:{call.action}"):
        raise Refused(403, "AccessDenied", f"Not authorized to call {call.action} by {call.user.name}")
    result = wrap(f"{call.action}Result", ACTIONS[call.action](call))
    metadata = wrap("ResponseMetadata", element("RequestId", uuid.uuid4()))
    place = "http://monitoring.amazonaws.com/doc/2010-08-01/"
    return f'<{call.action}Response xmlns="{place}">{result}{metadata}</{call.action}Response>'


def _moment(call: Call, name: str) -> float:
    try:
        return datetime.fromisoformat(call.asked[name]).timestamp()
    except (KeyError, ValueError):
        raise invalid("InvalidParameterValue", f"{name} is missing or no time") from None


@ACTIONS.named("GetMetricStatistics")
def statistics(call: Call) -> str:
    """Nothing for an instance of another account, or one that does not run."""
    name, period = call.asked.get("MetricName", ""), call.asked.number("Period", PERIOD_S) or PERIOD_S
    wanted = {row.get("Name"): row.get("Value", "") for row in call.asked.rows("Dimensions.member")}
    instance = call.cloud.instances.get(wanted.get("InstanceId", ""))
    label = element("Label", name)
    is_there = instance is not None and instance.account == call.account.id and instance.state == "running"
    if not is_there or name not in KNOWN or call.asked.get("Namespace") != "AWS/EC2":
        return items("Datapoints", []) + label
    start, end = _moment(call, "StartTime"), min(_moment(call, "EndTime"), call.cloud.clock.now())
    first = math.ceil(start / period) * period
    moments = range(int(first), int(end), period)
    return items("Datapoints", (_point(call, name, moment) for moment in moments), each="member") + label


def _point(call: Call, name: str, moment: int) -> str:
    value = round(50 + 40 * math.sin(moment / 3600), 3)
    asked = dict.fromkeys(call.asked.many("Statistics.member"), value)
    return elements(Timestamp=written(moment), Unit=UNITS.get(name, "Bytes"), **asked)
