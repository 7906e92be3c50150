"""A `clouds.yaml`: several clouds, each in several regions.

It is read as a tree of nodes, not as Python values: each node knows its line, and every value stays as it was typed (a
password of digits is no number, the region `no` is not False). How deep it goes and how often it points elsewhere is
counted before the tree is built.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml

from .pasted import Pasted, PasteError, Word, pasted_of

MAX_DEPTH = 12
MAX_ALIASES = 16
MAX_CLOUDS = 100

PLAIN = [
    "profile", "auth_type", "region_name", "interface", "endpoint_type", "verify", "insecure", "cacert", "cert",
    "key", "identity_api_version", "default_domain", "default_domain_name",
]  # fmt: skip
"""What stands beside `auth`."""

AUTH = [
    "auth_url", "username", "user_name", "password", "user_id", "user_domain_name", "user_domain_id",
    "domain_name", "domain_id", "project_name", "project_id", "project_domain_name", "project_domain_id",
    "tenant_name", "tenant_id", "system_scope", "application_credential_id", "application_credential_name",
    "application_credential_secret", "default_domain", "default_domain_name",
]  # fmt: skip
"""What stands in `auth`, and is found beside it too in older files."""


def read(text: str) -> tuple[Pasted, ...]:
    """Raises PasteError."""
    clouds = list(_clouds(_tree(text)))
    if len(clouds) > MAX_CLOUDS:
        raise PasteError("too-many", values={"most": str(MAX_CLOUDS)})
    if not clouds:
        raise PasteError("nothing-known")
    return tuple(clouds)


def _tree(text: str) -> yaml.Node:
    """The text as nodes. An error tells the line and never quotes it: a password may stand there."""
    try:
        _measure(text)
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        raise PasteError("yaml", line=_from_one(error.problem_mark)) from None
    except (yaml.YAMLError, ValueError):
        raise PasteError("yaml") from None
    if not isinstance(root, yaml.MappingNode):
        raise PasteError("nothing-known")
    return root


def _measure(text: str) -> None:
    depth = aliases = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        aliases += isinstance(event, yaml.AliasEvent)
        if depth > MAX_DEPTH:
            raise PasteError("too-deep", line=_from_one(event.start_mark))
        if aliases > MAX_ALIASES:
            raise PasteError("alias-too-many", line=_from_one(event.start_mark))


def _clouds(root: yaml.Node) -> Iterator[Pasted]:
    """Those below `clouds`; or the one that was pasted without its name."""
    top = _map(root, field="")
    if "clouds" in top:
        for name, node in _map(top["clouds"], field="clouds").items():
            yield from _regions(node, name=name)
    elif "auth" in top or "auth_url" in top:
        yield from _regions(root, name="")
    elif all(isinstance(node, yaml.MappingNode) and "auth" in _map(node, field=name) for name, node in top.items()):
        for name, node in top.items():
            yield from _regions(node, name=name)


def _regions(node: yaml.Node, *, name: str) -> Iterator[Pasted]:
    """One for each region of the cloud; one without, where it names none."""
    cloud = _map(node, field=name)
    auth = _map(cloud["auth"], field="auth") if "auth" in cloud else {}
    words = _words(cloud, PLAIN, "") | _words(cloud, AUTH, "") | _words(auth, AUTH, "auth.")
    single = words["region_name"].value if "region_name" in words else ""
    regions = [single] if single else list(_region_names(cloud)) or [""]
    for region in regions:
        yield pasted_of(words, name=name, region=region)


def _region_names(cloud: dict[str, yaml.Node]) -> Iterator[str]:
    """`regions` holds names, or maps with a `name`."""
    if "regions" not in cloud:
        return
    node = cloud["regions"]
    if not isinstance(node, yaml.SequenceNode):
        raise PasteError("not-a-list", line=_line(node), field="regions")
    for region in node.value:
        if isinstance(region, yaml.MappingNode):
            region = _map(region, field="regions").get("name", region)
        yield _text(region, field="regions")


def _words(nodes: dict[str, yaml.Node], names: list[str], prefix: str) -> dict[str, Word]:
    return {name: _word(nodes[name], field=prefix + name) for name in names if name in nodes}


def _word(node: yaml.Node, *, field: str) -> Word:
    return Word(value=_text(node, field=field), line=_line(node), field=field)


def _text(node: yaml.Node, *, field: str) -> str:
    """The value as it was typed; nothing at all, `null` and `~` are empty."""
    if not isinstance(node, yaml.ScalarNode):
        raise PasteError("not-text", line=_line(node), field=field)
    return "" if node.tag == "tag:yaml.org,2002:null" else str(node.value)


def _map(node: yaml.Node, *, field: str, merges: int = 4) -> dict[str, yaml.Node]:
    """What a map holds, what it merges (`<<: *other`) beneath what it says itself."""
    if not isinstance(node, yaml.MappingNode):
        raise PasteError("not-a-map", line=_line(node), field=field)
    merged: dict[str, yaml.Node] = {}
    own: dict[str, yaml.Node] = {}
    for key, value in node.value:
        if key.tag == "tag:yaml.org,2002:merge":
            merged = _merged(value, field=field, merges=merges) | merged
        elif isinstance(key, yaml.ScalarNode):
            own[key.value] = value
    return merged | own


def _merged(node: yaml.Node, *, field: str, merges: int) -> dict[str, yaml.Node]:
    if not merges:
        raise PasteError("too-deep", line=_line(node), field=field)
    sources = node.value if isinstance(node, yaml.SequenceNode) else [node]
    found: dict[str, yaml.Node] = {}
    for source in sources:
        found = _map(source, field=field, merges=merges - 1) | found
    return found


def _line(node: yaml.Node) -> int:
    return _from_one(node.start_mark)


def _from_one(mark: Any) -> int:
    """Where it is, counted from 1; 0 where the parser does not say."""
    return int(mark.line) + 1 if mark else 0
