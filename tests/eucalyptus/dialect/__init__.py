"""A cloud that speaks the dialect of Eucalyptus, for tests: EC2, IAM, STS and as much of S3 as emptying needs.

Built from the published sources of Eucalyptus 4.4.6 and 5.1.0 (data/), never checked against a running one: it
repeats our own reading. It is strict where Eucalyptus is: parameters that an action cannot bind are refused,
version 4 signatures are recomputed. Where our reading is silent (a type or a zone that is not there, a key that is
no ssh-rsa, a group that is in use) the code is the one of AWS: let nothing hang on such a code.

    with dialect(release="5.1", mode="vpc", instances=20) as cloud:
        cloud.url                    # http://127.0.0.1:PORT; services at /services/compute, /services/Euare, ...
        cloud.root_key.id, .secret   # of the administrator
        cloud.lab_key                # of `admin` in the account `lab`, which owns the instances
        cloud.requests[-1].action    # each call: service, action, parameters, key_id, account, status, code
        cloud.clock.advance(3600)
        cloud.faults.next("lost", "RunInstances")
        cloud.outside.terminate(instance_id)

By hand: `python -m tests.eucalyptus.dialect --release 4.4 --mode edge --instances 10`.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from .accounts import Key
from .cloud import Asked, Cloud
from .outside import Outside
from .server import Server
from .tls import context


class Dialect(Cloud):
    """A cloud and where it is served."""

    url: str
    port: int
    outside: Outside
    lab_key: Key
    certificate: Path | None = None


@contextmanager
def dialect(*, instances: int = 0, port: int = 0, tls: str = "", **seed: Any) -> Iterator[Dialect]:
    """`tls`: "" for none, "modern", "rsa-only" (no ECDHE, no DHE), "wrong-name" (a certificate of another host)."""
    cloud = Dialect(**seed)
    cloud.outside = Outside(cloud)
    cloud.lab_key = cloud.add_account("lab")
    cloud.outside.add_instances(instances, "lab")
    with TemporaryDirectory() as folder:
        cloud.certificate = Path(folder) / "cloud.pem" if tls else None
        server = Server(cloud, port, context(tls, cloud.certificate) if cloud.certificate else None)
        cloud.port = server.server_address[1]
        cloud.url = f"{'https' if tls else 'http'}://127.0.0.1:{cloud.port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.005}, daemon=True)
        thread.start()
        try:
            yield cloud
        finally:
            server.shutdown()
            server.server_close()
            thread.join()


__all__ = ["Asked", "Dialect", "dialect"]
