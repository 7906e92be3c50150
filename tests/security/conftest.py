"""A tenant with something of everything."""

from __future__ import annotations

import pytest
from django.urls import reverse

from dashboard.clouds.drivers.fake.faults import Faults
from dashboard.instances.models import PasswordData
from dashboard.networks.models import FloatingIp, Network, Router, SecurityGroup
from tests.instances.conftest import placed  # noqa: F401
from tests.security.crawl import urls


@pytest.fixture
def everything(target, lab, launch, work, fake_path, alice, bob, rita) -> dict[str, str]:
    """Every page's address, once one instance runs, one failed, and each has something to show."""
    Faults(fake_path).end_in_error("No valid host was found.", times=1)
    launch("web-2")
    work()
    for model in (Network, Router, SecurityGroup, FloatingIp):
        model.objects.get_or_create(tenant=lab, cloud=target.cloud, remote_id="there")
    PasswordData.objects.get_or_create(instance=target)
    found = urls(target)
    found |= {f"{name} (searched)": f"{found[name]}?q=img" for name in ("search:index", "search:everywhere")}
    found["instances:index (filtered)"] = reverse("instances:index", args=["lab"]) + "?q=img+nonsense%3A%3Cimg%3E"
    return found
