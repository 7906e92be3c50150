"""Elastic addresses. In EDGE an address is its own id, and is given to instances; with VPC it has an allocation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...interface import CloudError, NotFound, Refused, RemoteFloatingIp, RemotePort, Unavailable
from . import tags
from .ec2 import Ec2
from .errors import understood
from .groups import Groups
from .network_mapping import ADDRESS, address_id, to_floating_ip
from .session import Session


class Addresses:
    def __init__(
        self, session: Session, ec2: Ec2, groups: Groups, *, ports: Callable[[], tuple[RemotePort, ...]]
    ) -> None:
        self.session, self.ec2, self.groups, self.ports = session, ec2, groups, ports

    def list(self) -> tuple[RemoteFloatingIp, ...]:
        found = self.ec2.rows("describe_addresses", "Addresses")
        if not found:
            return ()
        is_told = all(raw.get("PrivateIpAddress") for raw in found if raw.get("InstanceId"))
        ports = {} if is_told else {port.id: port for port in self.ports()}
        marks = self._marks()
        with understood():
            return tuple(to_floating_ip(raw, marks=marks, ports=ports) for raw in found)

    def allocate(self, *, mark: str) -> RemoteFloatingIp:
        """AllocateAddress takes neither token nor tags: whether it was done when its answer is lost, nobody can tell.

        Raises Refused then, so that nobody asks again without having looked.
        """
        if found := next((one for one in self.list() if one.mark == mark), None):
            return found
        domain = {"Domain": "vpc"} if self.session.has_vpc else {}
        with understood():
            raw = self._allocated(domain)
            self._mark(raw, mark)
            return to_floating_ip(raw, marks={raw["PublicIp"]: mark}, ports={})

    def _allocated(self, domain: dict[str, str]) -> dict[str, Any]:
        try:
            return self.ec2.call("allocate_address", **domain)
        except Unavailable as error:
            if error.http_status:  # it did answer, and did nothing
                raise
            raise Refused(f"OutcomeUnknown: {error.detail}", source="ec2") from None

    def _mark(self, raw: dict[str, Any], mark: str) -> None:
        """Without its mark it would be nobody's, and the next try would take another: then it goes back."""
        try:
            self._note(raw["PublicIp"], mark)
        except CloudError:
            self.release(address_id(raw))
            raise

    def associate(self, floating_ip_id: str, *, port_id: str, fixed_address: str) -> RemoteFloatingIp:
        raw = self._raw(floating_ip_id)
        if self.session.has_vpc:
            fixed = {"PrivateIpAddress": fixed_address} if fixed_address else {}
            self.ec2.call("associate_address", AllocationId=raw["AllocationId"], NetworkInterfaceId=port_id, **fixed)
        else:
            self.ec2.call("associate_address", PublicIp=raw["PublicIp"], InstanceId=port_id)
        return self._now(floating_ip_id)

    def disassociate(self, floating_ip_id: str) -> None:
        raw = self._raw(floating_ip_id)
        if raw.get("AssociationId"):
            self.ec2.call("disassociate_address", AssociationId=raw["AssociationId"])
        elif raw.get("InstanceId"):
            self.ec2.call("disassociate_address", PublicIp=raw["PublicIp"])

    def release(self, floating_ip_id: str) -> None:
        try:
            raw = self._raw(floating_ip_id)
            self.disassociate(floating_ip_id)
            which = {key: raw[key] for key in ("AllocationId", "PublicIp") if raw.get(key)}
            self.ec2.call("release_address", **dict([next(iter(which.items()))]))
            self._forget(raw["PublicIp"])
        except NotFound:
            return

    def _now(self, floating_ip_id: str) -> RemoteFloatingIp:
        found = next((one for one in self.list() if one.id == floating_ip_id), None)
        if found is None:
            raise NotFound(f"InvalidAddress.NotFound: no address {floating_ip_id}", source="ec2")
        return found

    def _raw(self, floating_ip_id: str) -> dict[str, Any]:
        """Raises NotFound. Of all of them, since an unknown one among ids fails the whole call."""
        with understood():
            for raw in self.ec2.rows("describe_addresses", "Addresses"):
                if address_id(raw) == floating_ip_id:
                    return raw
        raise NotFound(f"InvalidAddress.NotFound: no address {floating_ip_id}", source="ec2")

    # --- marks, which are tags of the account's default group

    def _marks(self) -> dict[str, str]:
        """Address and mark."""
        found = {}
        for raw in self.groups.raw():
            for key, value in tags.in_list(raw.get("Tags", ())).items():
                if key.startswith(ADDRESS):
                    found[key.removeprefix(ADDRESS)] = value
        return found

    def _note(self, address: str, mark: str) -> None:
        pairs = tags.as_list({f"{ADDRESS}{address}": mark})
        self.ec2.call("create_tags", Resources=[self.groups.default_id()], Tags=pairs)

    def _forget(self, address: str) -> None:
        self.ec2.call("delete_tags", Resources=[self.groups.default_id()], Tags=[{"Key": f"{ADDRESS}{address}"}])
