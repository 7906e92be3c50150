"""A list is complete, or it raises. A small cloud plays Nova's pages, and its cells that are down."""

from __future__ import annotations

import json

import pytest

from dashboard.clouds.drivers.openstack import compute
from dashboard.clouds.drivers.openstack.history import OpenStackHistory
from dashboard.clouds.drivers.openstack.images import OpenStackImages
from dashboard.clouds.drivers.openstack.servers import Servers
from dashboard.clouds.interface import Status, Unavailable

from .small_cloud import Answer, said, signed_in, small_cloud
from .test_mapping import IMAGE, SERVER

DETAIL = "/compute/servers/detail"
DOWN = {"id": "s-9", "status": "UNKNOWN", "created": "2026-11-22T21:39:51Z", "tenant_id": "p", "links": []}
NEXT = [{"rel": "next", "href": "http://nova/servers/detail?marker=s-2"}]


@pytest.fixture
def cloud():
    with small_cloud() as cloud:
        yield cloud


@pytest.fixture
def session(cloud):
    with signed_in(cloud) as session:
        yield session


def page(*ids: str, links: object = ()) -> Answer:
    return said(200, {"servers": [{**SERVER, "id": remote_id} for remote_id in ids], "servers_links": list(links)})


def asked(cloud) -> list[str]:
    return [path for _, path, _ in cloud.requests if path.startswith(DETAIL)]


def test_the_first_page_is_asked_for_bare_since_else_cells_that_are_down_are_left_out(session, cloud):
    cloud.tell(DETAIL, page("s-1"))
    assert [server.id for server in Servers(session).list()] == ["s-1"]
    assert asked(cloud) == [DETAIL]
    assert cloud.requests[-1][2]["OpenStack-API-Version"] == "compute 2.69"


def test_rows_of_a_cell_that_is_down_are_partial(session, cloud):
    cloud.tell(DETAIL, said(200, {"servers": [DOWN, SERVER]}))
    assert [server.is_partial for server in Servers(session).list()] == [True, False]


def test_all_pages_are_read(session, cloud):
    cloud.tell(DETAIL, page("s-1", "s-2", links=NEXT), page("s-3"))
    assert [server.id for server in Servers(session).list()] == ["s-1", "s-2", "s-3"]
    assert asked(cloud) == [DETAIL, f"{DETAIL}?marker=s-2"]


@pytest.mark.parametrize(
    "second",
    [
        said(500, {"computeFault": {"message": "a cell does not answer"}}),
        Answer(body=b'{"servers": [', length=1000),
        said(200, {"servers": None}),
        said(200, {"servers": [{"id": "s-3", "name": "half a row"}]}),
        page("s-1", "s-2", links=NEXT),
        page(links=NEXT),
    ],
    ids=["error", "cut off", "no list", "half a row", "a circle", "an empty page with more to come"],
)
def test_a_list_that_breaks_off_raises(session, cloud, second):
    cloud.tell(DETAIL, page("s-1", "s-2", links=NEXT), second)
    with pytest.raises(Unavailable):
        list(Servers(session).list())


def test_changes_take_the_clock_of_the_first_page(session, cloud):
    date = {"Date": "Sun, 22 Nov 2026 21:00:30 GMT"}
    first = said(200, {"servers": [SERVER], "servers_links": NEXT}, **date)
    cloud.tell(DETAIL, first, said(200, {"servers": []}, Date="Sun, 22 Nov 2026 22:00:00 GMT"))
    changes = OpenStackHistory(session, saw=lambda _servers: None).changes("2026-11-22T20:00:00Z")
    assert changes.cursor.startswith("2026-11-22T21:00:1")
    assert asked(cloud)[0] == f"{DETAIL}?changes-since=2026-11-22T20%3A00%3A00Z"


def test_images_come_in_pages_as_well(session, cloud):
    first = {"images": [IMAGE | {"visibility": "public"}], "next": "/v2/images?marker=i-1"}
    cloud.tell("/image/images", said(200, first), said(200, {"images": [IMAGE | {"id": "i-2"}]}))
    assert [image.id for image in OpenStackImages(session, is_place=True).list()] == ["i-1", "i-2"]


def test_what_is_listed_is_nova_text_and_stays_as_it_is(session, cloud):
    name = "<script>alert('1')</script>\u202e"
    cloud.tell(DETAIL, Answer(body=json.dumps({"servers": [{**SERVER, "name": name}]}).encode()))
    assert next(Servers(session).list()).name == name


@pytest.mark.parametrize("why", ["No valid host was found", ""], ids=["told", "never"])
def test_why_a_server_failed_is_told_a_moment_after_that_it_did(session, cloud, monkeypatch, why):
    monkeypatch.setattr(compute, "WHY_S", 0.0)
    failed = {**SERVER, "status": "ERROR", "OS-EXT-STS:vm_state": "error"}
    later = failed | ({"fault": {"message": why}} if why else {})
    cloud.tell("/compute/servers/s-1", said(200, {"server": failed}), said(200, {"server": later}))
    found = compute.OpenStackCompute(session).get("s-1")
    assert (found.status, found.fault) == (Status.ERROR, why)
    assert cloud.count("GET", "/compute/servers/s-1") == 2
