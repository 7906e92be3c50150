"""The list as a text that may be shown to anybody: no key, no account, no name, no address.

Nothing is taken out of it, since nothing of the cloud's own words is put in: only our names of steps and codes, our
reasons why something is not possible, numbers, the kind of its networks, and ids of calls that look like such.
"""

from __future__ import annotations

import platform
import re
from collections.abc import Iterable, Iterator

from dashboard.clouds.interface import CloudFacts, Finding
from dashboard.clouds.models import Cloud

from .results import Result, Verdict

CALL_ID = re.compile(r"(req-)?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
VERSION = re.compile(r"\D{0,20}(\d+(?:\.\d+){0,2})(?![.\d])")
"""At most three numbers: four may be an address."""


KIND_OF_NETWORKS = re.compile(r"[A-Z]{2,8}")
"""Such as `EDGE` or `VPC`."""


def report(
    cloud: Cloud,
    *,
    facts: CloudFacts,
    findings: Iterable[Finding],
    results: Iterable[Result],
    left: Iterable[str] = (),
    is_whole: bool = True,
) -> str:
    """`left` are the kinds of what could not be removed; not `is_whole` is one that was stopped before its end."""
    told = list(results)
    return "\n".join(
        [
            "# Skydeck's check of a cloud",
            "",
            f"kind: {cloud.kind}",
            f"release: {release_of(facts.version)}",
            f"networks: {networks_of(facts)}",
            f"features: {', '.join(cloud.features) or 'not known yet'}",
            f"python: {platform.python_version()}",
            "",
            "## Connection",
            "",
            *(f"- {found.state}: {found.step}{in_brackets(found.code)}" for found in findings),
            "",
            "## Calls",
            "",
            *(line for result in told for line in lines_of(result)),
            "",
            f"left there, to be removed by hand: {', '.join(left) or 'nothing'}",
            *([] if is_whole else ["stopped before its end"]),
            ", ".join(f"{verdict}: {sum(one.verdict is verdict for one in told)}" for verdict in Verdict),
            "",
        ]
    )


def lines_of(result: Result) -> Iterator[str]:
    many = "" if result.count is None else f", {result.count}"
    why = result.told if result.verdict is Verdict.NOT_POSSIBLE else result.code
    yield f"- {result.verdict}: {result.step}{in_brackets(why)}{many}, {result.took_s:.1f} s"
    for call in result.calls:
        yield f"  - {call if CALL_ID.fullmatch(call) else 'an id of another form'}"


def in_brackets(code: str) -> str:
    return f" ({code})" if code else ""


def release_of(version: str) -> str:
    found = VERSION.match(version)
    return found[1] if found else "not told"


def networks_of(facts: CloudFacts) -> str:
    said = facts.notes.get("networks", "")
    return said if KIND_OF_NETWORKS.fullmatch(said) else "not told"
