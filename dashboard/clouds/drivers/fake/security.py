"""Security groups of the fake cloud."""

from __future__ import annotations

import ipaddress
import sqlite3
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import asdict

from ...interface import Conflict, NotFound, Reason, Refused, RemoteRule, RemoteSecurityGroup, RuleSpec
from . import quotas
from .calls import Calls

DEFAULT = "default"
FAMILIES = {"IPv4": 4, "IPv6": 6}


class SecurityGroups:
    calls: Calls

    def security_groups(self) -> tuple[RemoteSecurityGroup, ...]:
        with self.calls.read("security_groups") as db:
            rules: dict[str, list[RemoteRule]] = {}
            for row in db.execute("SELECT * FROM rules WHERE place_id = ? ORDER BY rowid", (self.calls.place_id,)):
                rules.setdefault(row["security_group_id"], []).append(to_rule(row))
            groups = db.execute(
                "SELECT * FROM security_groups WHERE place_id = ? ORDER BY rowid", (self.calls.place_id,)
            )
            return tuple(to_group(row, rules=rules.get(row["id"], ())) for row in groups)

    def create_security_group(self, *, mark: str, name: str, description: str = "") -> RemoteSecurityGroup:
        with self.calls.write("create_security_group", about=mark) as db:
            find = "SELECT id FROM security_groups WHERE mark = ? AND place_id = ?"
            row = db.execute(find, (mark, self.calls.place_id)).fetchone()
            if row:
                return _group(db, row["id"], calls=self.calls)
            if name == DEFAULT:
                raise Conflict("Default security group already exists.", source="fake", http_status=409)
            quotas.check(db, calls=self.calls, security_groups=1, security_group_rules=2)
            group_id = add_group(db, place_id=self.calls.place_id, name=name, description=description, mark=mark)
            return _group(db, group_id, calls=self.calls)

    def delete_security_group(self, group_id: str) -> None:
        with self.calls.write("delete_security_group", about=group_id) as db:
            values = (group_id, self.calls.place_id)
            row = db.execute("SELECT name FROM security_groups WHERE id = ? AND place_id = ?", values).fetchone()
            if row is None:
                return
            used = db.execute("SELECT 1 FROM port_groups WHERE security_group_id = ?", (group_id,)).fetchone()
            if used or row["name"] == DEFAULT:
                raise Conflict(f"Security Group {group_id} in use.", source="fake", http_status=409)
            db.execute("DELETE FROM rules WHERE ? IN (security_group_id, group_id)", (group_id,))
            db.execute("DELETE FROM security_groups WHERE id = ?", (group_id,))

    def add_rule(self, group_id: str, rule: RuleSpec) -> RemoteRule:
        with self.calls.write("add_rule", about=group_id) as db:
            for wanted in filter(None, (group_id, rule.group_id)):
                _group(db, wanted, calls=self.calls)
            _check_rule(rule)
            same = _same_rule(db, group_id, rule=rule)
            if same is None:
                quotas.check(db, calls=self.calls, security_group_rules=1)
                insert_rule(db, group_id, rule=rule, place_id=self.calls.place_id)
                same = _same_rule(db, group_id, rule=rule)
                assert same is not None
            return to_rule(same)

    def remove_rule(self, rule_id: str) -> None:
        with self.calls.write("remove_rule", about=rule_id) as db:
            db.execute("DELETE FROM rules WHERE id = ? AND place_id = ?", (rule_id, self.calls.place_id))

    def set_security_groups(self, port_id: str, *, group_ids: Iterable[str]) -> None:
        wanted = list(group_ids)
        with self.calls.write("set_security_groups", about=port_id) as db:
            find = "SELECT 1 FROM ports WHERE id = ? AND place_id = ?"
            if not db.execute(find, (port_id, self.calls.place_id)).fetchone():
                raise NotFound(f"Port {port_id} could not be found.", source="fake", http_status=404)
            for group_id in wanted:
                _group(db, group_id, calls=self.calls)
            put_groups(db, port_id, group_ids=wanted)


def to_rule(row: sqlite3.Row) -> RemoteRule:
    return RemoteRule(id=row["id"], **{name: row[name] for name in asdict(RuleSpec(direction=""))})


def to_group(row: sqlite3.Row, *, rules: Sequence[RemoteRule]) -> RemoteSecurityGroup:
    return RemoteSecurityGroup(
        id=row["id"], name=row["name"], description=row["description"], rules=tuple(rules), mark=row["mark"]
    )


def named_or_default(db: sqlite3.Connection, group_ids: Sequence[str], *, calls: Calls) -> list[str]:
    """Raises Refused for a group that the place does not have."""
    try:
        return [_group(db, group_id, calls=calls).id for group_id in group_ids] or [default_group(db, calls.place_id)]
    except NotFound as error:
        raise Refused(error.detail, reason=Reason.INVALID, source="fake", http_status=400) from error


def default_group(db: sqlite3.Connection, place_id: str) -> str:
    """Made when it is first needed, as Neutron does."""
    find = "SELECT id FROM security_groups WHERE place_id = ? AND name = ?"
    row = db.execute(find, (place_id, DEFAULT)).fetchone()
    if row:
        return str(row["id"])
    group_id = add_group(db, place_id=place_id, name=DEFAULT, description="Default security group")
    for family in FAMILIES:
        insert_rule(
            db, group_id, rule=RuleSpec(direction="ingress", family=family, group_id=group_id), place_id=place_id
        )
    return group_id


def add_group(db: sqlite3.Connection, *, place_id: str, name: str, description: str, mark: str = "") -> str:
    """With the rules that let everything out, as in Neutron."""
    group_id = str(uuid.uuid4())
    values = (group_id, place_id, name, description, mark)
    db.execute("INSERT INTO security_groups (id, place_id, name, description, mark) VALUES (?, ?, ?, ?, ?)", values)
    for family in FAMILIES:
        insert_rule(db, group_id, rule=RuleSpec(direction="egress", family=family), place_id=place_id)
    return group_id


def insert_rule(db: sqlite3.Connection, group_id: str, *, rule: RuleSpec, place_id: str) -> None:
    columns = asdict(rule)
    names, marks = ", ".join(columns), ", ".join("?" * len(columns))
    db.execute(
        f"INSERT INTO rules (id, place_id, security_group_id, {names}) VALUES (?, ?, ?, {marks})",  # noqa: S608
        (str(uuid.uuid4()), place_id, group_id, *columns.values()),
    )


def put_groups(db: sqlite3.Connection, port_id: str, *, group_ids: Sequence[str]) -> None:
    db.execute("DELETE FROM port_groups WHERE port_id = ?", (port_id,))
    db.executemany("INSERT OR IGNORE INTO port_groups VALUES (?, ?)", [(port_id, group_id) for group_id in group_ids])


def _group(db: sqlite3.Connection, group_id: str, *, calls: Calls) -> RemoteSecurityGroup:
    find = "SELECT * FROM security_groups WHERE id = ? AND place_id = ?"
    row = db.execute(find, (group_id, calls.place_id)).fetchone()
    if row is None:
        raise NotFound(f"Security group {group_id} does not exist", source="fake", http_status=404)
    rules = db.execute("SELECT * FROM rules WHERE security_group_id = ? ORDER BY rowid", (group_id,))
    return to_group(row, rules=[to_rule(rule) for rule in rules])


def _same_rule(db: sqlite3.Connection, group_id: str, *, rule: RuleSpec) -> sqlite3.Row | None:
    """The description does not make another rule of it."""
    columns = {name: value for name, value in asdict(rule).items() if name != "description"}
    equal = " AND ".join(f"{name} = ?" for name in columns)
    row: sqlite3.Row | None = db.execute(
        f"SELECT * FROM rules WHERE security_group_id = ? AND {equal}",  # noqa: S608  our own names
        (group_id, *columns.values()),
    ).fetchone()
    return row


def _check_rule(rule: RuleSpec) -> None:
    """What Neutron looks at. Raises Refused."""
    wrong = (
        rule.direction not in ("ingress", "egress")
        or rule.family not in FAMILIES
        or rule.port_min > rule.port_max
        or (rule.port_max and not rule.protocol)
        or (rule.cidr and rule.group_id)
        or (rule.cidr and not _is_of_family(rule))
    )
    if wrong:
        raise Refused("Invalid value for the rule", reason=Reason.INVALID, source="fake", http_status=400)


def _is_of_family(rule: RuleSpec) -> bool:
    try:
        return ipaddress.ip_network(rule.cidr, strict=False).version == FAMILIES[rule.family]
    except ValueError:
        return False
