"""Something of everything that a view can change, on a fake cloud that can do all that a cloud can do."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.urls import reverse

from dashboard.accounts.models import User
from dashboard.clouds.interface import NetworkSpec, Status
from dashboard.clouds.models import Cloud
from dashboard.instances import actions
from dashboard.instances.models import Flavor, Instance, LaunchTemplate
from dashboard.keypairs.actions import generate
from dashboard.networks import actions as networking
from dashboard.networks.models import FloatingIp, Network, Port, Router, SecurityGroup
from dashboard.operations.models import Batch, Operation
from tests.conftest import actor_of
from tests.instances.conftest import look


@dataclass
class Case:
    """One request that changes something, and the entries that it has to leave: `(verb, name of the object)`."""

    name: str
    entries: list[tuple[str, str]]
    args: list[Any] = field(default_factory=list)
    data: dict[str, Any] = field(default_factory=dict)
    by: str = "bob"
    comes_from: tuple[str, dict[str, Any]] | None = None
    """What is posted before."""
    session: dict[str, Any] = field(default_factory=dict)
    """What the session has from pages before."""

    @property
    def url(self) -> str:
        return reverse(self.name, args=self.args)


@dataclass
class World:
    people: dict[str, User]
    cloud: Cloud
    lab: Any
    work: Callable[[], None]

    @cached_property
    def bob(self) -> Any:
        return actor_of(self.people["bob"], self.lab)

    @cached_property
    def instance(self) -> Instance:
        return self.launched()

    def launched(self, name: str = "web", **more: Any) -> Instance:
        wanted = {"image": self.image, "flavor": self.flavor, "key": uuid.uuid4().hex} | more
        made = actions.launch(self.bob, name=name, cloud=self.cloud, **wanted)
        self.work()
        made.refresh_from_db()
        assert made.status == Status.ACTIVE
        return made

    @cached_property
    def image(self) -> Any:
        return self.cloud.images.get(name="Demo Linux")

    @cached_property
    def flavor(self) -> Flavor:
        return Flavor.objects.get(cloud=self.cloud, name="m1.tiny")

    @cached_property
    def network(self) -> Network:
        """With a router to the outside."""
        networks = self.cloud.driver_for(self.lab.pk).networks
        networks.create_network(NetworkSpec(mark="n", name="own", cidr="10.9.0.0/24", external_network_id="public"))
        look(self.cloud)
        return Network.objects.for_tenant(self.lab).get(name="own")

    @cached_property
    def router(self) -> Router:
        assert self.network
        return Router.objects.for_tenant(self.lab).get()

    @cached_property
    def group(self) -> SecurityGroup:
        return SecurityGroup.objects.for_tenant(self.lab).get(name="default")

    @cached_property
    def public(self) -> Network:
        return Network.objects.for_tenant(self.lab).get(name="public")

    @cached_property
    def port(self) -> Port:
        """Of an instance in the network that leads out."""
        instance = self.launched(asked={"networks": [{"id": self.network.remote_id, "address": ""}]})
        look(self.cloud)
        return Port.objects.get(instance_id=instance.remote_id)

    @cached_property
    def address(self) -> FloatingIp:
        row = networking.allocate(self.bob, cloud=self.cloud, external=self.public, key="f")
        self.work()
        row.refresh_from_db()
        return row

    @cached_property
    def key_pair(self) -> Any:
        return generate(self.bob, name="laptop", key="k").key_pair

    @cached_property
    def template(self) -> LaunchTemplate:
        return LaunchTemplate.objects.create(tenant=self.lab, cloud=self.cloud, name="like web")

    def operation(self, **where: Any) -> Operation:
        return Operation.objects.filter(**where).latest("created_at")

    def batch(self, kind: str, *operations: Operation) -> Batch:
        made = Batch.objects.create(tenant=self.lab, kind=kind, key=uuid.uuid4().hex)
        for operation in operations:
            Operation.objects.filter(pk=operation.pk).update(batch=made)
        return made
