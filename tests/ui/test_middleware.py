"""What every request and every answer gets."""

import re

import pytest
from django.utils import timezone


@pytest.fixture
def answer(client, db):
    return client.get("/accounts/login/")


def test_an_answer_has_an_id_of_its_own(client, answer):
    again = client.get("/accounts/login/")
    assert re.fullmatch(r"[0-9a-f]{12}", answer["X-Request-Id"])
    assert answer["X-Request-Id"] != again["X-Request-Id"]


def test_scripts_and_styles_come_from_us_alone(answer):
    policy = dict(part.split(" ", 1) for part in answer["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == "'self'"
    assert "unsafe" not in answer["Content-Security-Policy"]


def test_a_page_is_never_stored_and_differs_for_htmx(answer):
    assert "no-store" in answer["Cache-Control"]
    assert {"HX-Request", "Cookie"} <= {name.strip() for name in answer["Vary"].split(",")}


@pytest.mark.parametrize(
    ("cookie", "zone"), [("Asia/Tokyo", "JST"), ("", "UTC"), ("../../etc/passwd", "UTC"), ("x" * 5000, "UTC")]
)
def test_times_are_in_the_zone_that_the_browser_named(client, bob, lab, cloud, cookie, zone):
    client.force_login(bob)
    client.cookies["zone"] = cookie
    assert f" {zone}</time>" in client.get(f"/t/lab/clouds/{cloud.pk}/").content.decode()


def test_the_zone_of_one_request_is_not_that_of_the_next(client, db):
    before = timezone.get_current_timezone_name()
    client.cookies["zone"] = "Asia/Tokyo"
    client.get("/accounts/login/")
    assert timezone.get_current_timezone_name() == before
