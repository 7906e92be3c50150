"""The administrator's password, as Nova's API answers: from a small server here, and in test_compute.py from Nova."""

import pytest

from dashboard.clouds.drivers.openstack.compute import OpenStackCompute
from dashboard.clouds.interface import NotFound, Unavailable

from .small_cloud import Answer, said, signed_in, small_cloud

SERVER = "6c0a3d4e-5f2b-4f0e-9e57-1f6c1f1d2a11"
PATH = f"/compute/servers/{SERVER}/os-server-password"


@pytest.fixture
def cloud():
    with small_cloud() as cloud:
        yield cloud


def asked_of(cloud):
    with signed_in(cloud) as session:
        return OpenStackCompute(session).password_data(SERVER)


def test_it_is_what_the_guest_posted_and_empty_until_then(cloud):
    cloud.tell(PATH, said(200, {"password": "xlozO3w="}), said(200, {"password": ""}))
    assert asked_of(cloud) == "xlozO3w="
    assert asked_of(cloud) == ""


@pytest.mark.parametrize("body", [b"{}", b'["x"]', b"<html>"])
def test_an_answer_that_is_none_is_no_empty_password(cloud, body):
    cloud.tell(PATH, Answer(200, body))
    with pytest.raises(Unavailable):
        asked_of(cloud)


def test_a_server_that_is_gone_says_so(cloud):
    cloud.tell(PATH, said(404, {"itemNotFound": {"code": 404, "message": f"Instance {SERVER} could not be found."}}))
    with pytest.raises(NotFound):
        asked_of(cloud)
