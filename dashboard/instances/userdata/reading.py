"""YAML into plain values, each with its line: no tags, no endless aliases, no keys twice.

PyYAML's parser gives events one by one; what is made of them is counted here before it is made, an alias as
often as it stands for something. So neither depth nor anchors can make a small text large.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml
from django.utils.translation import gettext as _
from yaml.constructor import ConstructorError, SafeConstructor
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from yaml.nodes import ScalarNode
from yaml.resolver import Resolver

from .problems import Path, Problem, name_of, shortened

MOST_NODES = 10_000
DEEPEST = 30
LONGEST_SCALAR = 100
"""What is longer is text: no number or date is, and their patterns need not be tried on it."""
PARSER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
TEXT_TAGS = {"tag:yaml.org,2002:str", "tag:yaml.org,2002:binary", "!"}
MERGE = "<<"


class Unreadable(Exception):
    """It is no YAML, or more than we read."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


class Reader:
    """Reads one document. `places` has the line and column of each entry, by its path; `problems` what was wrong."""

    def __init__(self, text: str, *, first_line: int = 1) -> None:
        self.events: Iterator[Event] = yaml.parse(text, Loader=PARSER)
        self.first_line = first_line
        self.places: dict[Path, tuple[int, int]] = {}
        self.problems: list[Problem] = []
        self.nodes = 0
        self.anchors: dict[str, tuple[Any, int]] = {}
        self.resolver, self.constructor = Resolver(), SafeConstructor()

    def read(self) -> Any:
        """The value of the document; None where there is none. Raises Unreadable."""
        value = None
        try:
            for event in self.events:
                if isinstance(event, DocumentStartEvent):
                    if self.places or self.nodes:
                        raise self.unreadable(event, _("A second document begins here (“---”); cloud-init reads one."))
                    value = self.value(next(self.events), (), depth=0)
        except yaml.MarkedYAMLError as error:
            raise Unreadable(self.problem_of(error)) from None
        except yaml.YAMLError:
            raise Unreadable(Problem(0, 0, "", _("This is not YAML."))) from None
        return value

    def problem_of(self, error: yaml.MarkedYAMLError) -> Problem:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + self.first_line, mark.column + 1) if mark else (0, 0)
        return Problem(line, column, "", in_words(error.problem or ""))

    def place(self, event: Event) -> tuple[int, int]:
        mark = event.start_mark
        assert mark is not None
        return mark.line + self.first_line, mark.column + 1

    def unreadable(self, event: Event, text: str) -> Unreadable:
        return Unreadable(Problem(*self.place(event), "", text))

    def count(self, event: Event, nodes: int) -> None:
        self.nodes += nodes
        if self.nodes > MOST_NODES:
            raise self.unreadable(
                event,
                _("It has more than %(most)s values, with all that its aliases stand for.") % {"most": MOST_NODES},
            )

    def value(self, event: Event, path: Path, *, depth: int) -> Any:
        before = self.nodes
        self.count(event, 1)
        if depth > DEEPEST:
            raise self.unreadable(event, _("It is nested deeper than %(most)s levels.") % {"most": DEEPEST})
        if isinstance(event, AliasEvent):
            return self.alias(event)
        if isinstance(event, MappingStartEvent):
            self.refuse_tag(event, path)
            value: Any = self.mapping(path, depth=depth)
        elif isinstance(event, SequenceStartEvent):
            self.refuse_tag(event, path)
            value = self.sequence(path, depth=depth)
        else:
            assert isinstance(event, ScalarEvent)
            value = self.scalar(event, path)
        if event.anchor:
            self.anchors[event.anchor] = (value, self.nodes - before)
        return value

    def alias(self, event: AliasEvent) -> Any:
        name = str(event.anchor)
        if name not in self.anchors:
            raise self.unreadable(
                event, _("The alias *%(name)s stands for nothing before it.") % {"name": shortened(name)}
            )
        value, nodes = self.anchors[name]
        self.count(event, nodes)
        return value

    def sequence(self, path: Path, *, depth: int) -> list[Any]:
        items: list[Any] = []
        while not isinstance(event := next(self.events), SequenceEndEvent):
            here = (*path, len(items))
            self.places[here] = self.place(event)
            items.append(self.value(event, here, depth=depth + 1))
        return items

    def mapping(self, path: Path, *, depth: int) -> dict[str, Any]:
        pairs: dict[str, Any] = {}
        merged: dict[str, Any] = {}
        while not isinstance(event := next(self.events), MappingEndEvent):
            key, place = self.key(event, path, depth=depth), self.place(event)
            here = (*path, key)
            is_merge = key == MERGE and not getattr(event, "style", None)
            if not is_merge and key in pairs:
                first = self.places[here][0]
                text = _("This key is there twice; the first is in line %(line)s.") % {"line": first}
                self.problems.append(Problem(*place, name_of(here), text))
            self.places[here] = place
            value = self.value(next(self.events), here, depth=depth + 1)
            if is_merge:
                self.merge(merged, value)
            else:
                pairs[key] = value
        return merged | pairs

    def merge(self, merged: dict[str, Any], value: Any) -> None:
        """`<<: *defaults`, or a list of such: what comes first wins."""
        for one in reversed(value if isinstance(value, list) else [value]):
            if isinstance(one, dict):
                merged.update(one)

    def key(self, event: Event, path: Path, *, depth: int) -> str:
        if isinstance(event, ScalarEvent):
            self.count(event, 1)
            return str(event.value)
        raise self.unreadable(event, _("A key has to be plain text."))

    def scalar(self, event: ScalarEvent, path: Path) -> Any:
        self.refuse_tag(event, path)
        if event.tag is not None or not event.implicit[0] or len(event.value) > LONGEST_SCALAR:
            return event.value
        resolve: Any = self.resolver.resolve
        tag = resolve(ScalarNode, event.value, event.implicit)
        try:
            return self.constructor.construct_object(ScalarNode(tag, event.value))
        except (ConstructorError, ValueError, OverflowError):  # such as 2024-99-99
            return event.value

    def refuse_tag(self, event: Any, path: Path) -> None:
        if event.tag is not None and event.tag not in TEXT_TAGS:
            text = _("The tag %(tag)s is not possible here.") % {"tag": shortened(event.tag)}
            self.problems.append(Problem(*self.place(event), name_of(path), text))


def in_words(problem: str) -> str:
    """libyaml's words for what people do most often, in ours."""
    for sign, words in (
        ("cannot start any token", _("A tab, or a character that needs quotes. Indent with spaces only.")),
        (
            "mapping values are not allowed",
            _("A “:” too much: put quotes around text that has one, or mend the indent."),
        ),
        ("did not find expected key", _("The indent does not fit the lines before it.")),
        ("did not find expected '-' indicator", _("The indent does not fit the list before it.")),
        ("could not find expected ':'", _("A key without its “:”.")),
        ("unexpected end of stream", _("It ends in the middle of something, such as open quotes.")),
        ("did not find expected ',' or", _("A bracket that was opened is not closed.")),
    ):
        if sign in problem:
            return words
    return _("This is not YAML: %(problem)s.") % {"problem": shortened(problem, 120)}
