"""From the page of a Eucalyptus cloud to an SDK that works in the tenant's account, and to its end."""

from __future__ import annotations

import base64
import html
import re

import botocore.session
import pytest
from botocore.exceptions import ClientError
from django.urls import reverse

from dashboard.access.tasks import end_due
from dashboard.clouds import secrets
from dashboard.clouds.models import Cloud
from dashboard.places import actions as places
from tests.accounts.conftest import no_tries_counted, signed_in  # noqa: F401
from tests.conftest import actor_of

from .dialect import dialect
from .drivers import settings_of

pytestmark = [pytest.mark.slow, pytest.mark.django_db]


@pytest.fixture
def euca():
    with dialect(release="5.1", mode="vpc") as cloud:
        yield cloud


@pytest.fixture
def connected(euca, lab, root, work):
    settings = settings_of(euca)
    hidden = {"secret_key": settings.pop("secret_key")}
    cloud = Cloud.objects.create(name="euca", kind="eucalyptus", settings=settings, sealed=secrets.seal(hidden))
    Cloud.objects.filter(pk=cloud.pk).update(features=[feature.value for feature in cloud.driver().features])
    places.make(actor_of(root, lab), cloud, name="blue")
    work()
    yield cloud
    cloud.driver().close()


def test_files_of_the_page_let_an_sdk_in_until_the_role_is_gone(connected, euca, bob, work, tmp_path, monkeypatch):
    browser = signed_in(bob)
    here = reverse("access:index", args=["lab", connected.pk])
    assert f"{euca.url}/services/compute" in browser.get(here).content.decode()
    assert browser.post(f"{here}new/", {"label": "laptop", "key": "k"}).status_code == 303
    work()
    shown = browser.post(re.search(rf'action="({here}[^"]+/show/)"', browser.get(here).content.decode())[1])
    files = dict(re.findall(r'download="([^"]+)" href="data:[^;]+;base64,([^"]+)"', shown.content.decode()))
    assert set(files) == {"lab-euca-eucarc", "lab-euca-aws-config", "lab-euca-aws-credentials"}
    for ending, variable in (("config", "AWS_CONFIG_FILE"), ("credentials", "AWS_SHARED_CREDENTIALS_FILE")):
        path = tmp_path / ending
        path.write_bytes(base64.b64decode(html.unescape(files[f"lab-euca-aws-{ending}"])))
        monkeypatch.setenv(variable, str(path))
    ec2 = botocore.session.Session(profile="lab-euca").create_client("ec2")
    assert ec2.describe_instances()["Reservations"] == []
    assert euca.requests[-1].account == connected.accounts.get().remote_id
    bob.memberships.all().delete()
    end_due()
    work()
    with pytest.raises(ClientError):
        ec2.describe_instances()
    ec2.close()
