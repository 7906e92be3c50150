"""A place for a tenant, made, entered and deleted again: nobody's, and there for this moment only.

In it a person's key is made and ended, where the cloud has such: the person is nobody either.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field

from dashboard.clouds import registry
from dashboard.clouds.interface import Access, Feature, Places, RemotePlace
from dashboard.clouds.models import Cloud

from .left import Left, Thing
from .reading import allowed, count, given
from .results import NotPossible, Result, Told, Verdict, Wrong, attempt

NAME = "skydeck-check-"


@dataclass
class PlaceTrial:
    """`driver` has the cloud's own credential."""

    cloud: Cloud
    places: Places | None
    access: Access | None
    features: frozenset[Feature]
    left: Left
    mark: str = field(default_factory=lambda: str(uuid.uuid4()))
    key_mark: str = field(default_factory=lambda: uuid.uuid4().hex)
    place: RemotePlace | None = None

    @property
    def name(self) -> str:
        return NAME + self.mark[:8]

    @property
    def person(self) -> str:
        """No account of ours: those are numbers. Short, since IAM takes 64 characters for all of the key's name."""
        return f"check-{self.key_mark[:8]}"

    def run(self) -> Iterator[Result]:
        try:
            made = attempt("make a place", self._make)
            yield made
            if made.verdict is Verdict.PASS:
                yield attempt("enter it", self._enter)
                yield attempt("make a key for one's own tools", self._issue)
        finally:
            ended = self.left.remove_all()
        yield from ended

    def _make(self) -> Told:
        places: Places = given(self.places)
        if Feature.PLACE_REMOVE not in self.features:
            raise NotPossible("this cloud deletes no place, so one would stay")
        thing = self.left.note("delete the place", Thing("place", self.name, self._delete))
        self.place = place = allowed(lambda: places.create(mark=self.mark, name=self.name))
        thing.id = f"{place.id} ({self.name})"
        return thing.id

    def _enter(self) -> Told:
        """With a credential of it, as a tenant's first sync does."""
        granted = given(self.places).grant(given(self.place).id, label="Skydeck's check").settings
        own = self.cloud.connection() if registry.borrows(self.cloud.kind, granted) else self.cloud.settings
        with closing(registry.connect(self.cloud.kind, {**own, **granted})) as inside:
            if there := count(inside.compute.list()):
                raise Wrong(f"it was new, and {there} instances are in it")
        return "nothing is in it"

    def _issue(self) -> Told:
        """Its secret is dropped at once: told are only the names of its parts."""
        if Feature.ACCESS_KEYS not in self.features:
            raise NotPossible("this cloud does not offer it")
        access: Access = given(self.access)
        thing = self.left.note("end the key", Thing("access key", f"marked {self.key_mark}", self._end_key))
        issued = access.issue(given(self.place).id, person=self.person, mark=self.key_mark, label="Skydeck's check")
        thing.id = issued.id
        if not issued.id or not all(issued.secret.values()):
            raise Wrong("the key has no id, or a part of it is empty")
        return f"of {len(issued.secret)} parts"

    def _end_key(self) -> Told:
        """By its mark, and with it all that this person, who is nobody, could have there."""
        access: Access = given(self.access)
        access.revoke(given(self.place).id, person=self.person, mark=self.key_mark)
        access.end(given(self.place).id, person=self.person)
        return "nothing of it is left"

    def _delete(self) -> Told:
        """By its mark or its name, which is nobody else's: the answer that told its id may have been lost."""
        places: Places = given(self.places)
        for one in self._found(places):
            places.withdraw(one.id)
            places.remove(one.id)
        if left := self._found(places):
            raise Wrong(f"{left[0].id} is still there: delete it by hand")
        return "it is in the list no more"

    def _found(self, places: Places) -> list[RemotePlace]:
        return [one for one in places.list() if self.mark == one.mark or self.name == one.name]
