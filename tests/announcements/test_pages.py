"""Announcements: who reads which when, what closing does, and how they are written."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from dashboard.announcements.models import Announcement
from dashboard.live.models import Event


@pytest.fixture
def browser(bob):
    client = Client()
    client.force_login(bob)
    return client


@pytest.fixture
def admin(root):
    client = Client()
    client.force_login(root)
    return client


def announced(text="Cake at four", **more):
    return Announcement.objects.create(text=text, created_by="root", **more)


def shown(client):
    return [row.text for row in client.get("/announcements/shown/").context["announcements"]]


def test_everybody_signed_in_reads_it_and_strangers_only_what_is_for_them(browser, db):
    announced()
    announced("For all", before_sign_in=True)
    assert shown(browser) == ["For all", "Cake at four"]
    assert shown(Client()) == ["For all"]


def test_only_while_its_time_is(browser):
    now = timezone.now()
    announced("to come", starts_at=now + timedelta(hours=1))
    announced("over", ends_at=now - timedelta(seconds=1))
    announced("now", starts_at=now - timedelta(hours=1), ends_at=now + timedelta(hours=1))
    assert shown(browser) == ["now"]


def test_closed_it_stays_closed_in_this_browser_until_it_is_changed(browser, admin, alice):
    row, other = announced(), announced("other")
    browser.post(f"/announcements/close/{row.mark}/")
    assert shown(browser) == ["other"]
    other_browser = Client()
    other_browser.force_login(alice)
    assert len(shown(other_browser)) == 2
    admin.post(f"/announcements/{row.pk}/", {"text": "Cake at five", "severity": "info", "version": "1"})
    assert shown(browser) == ["other", "Cake at five"]
    assert other.pk


def test_the_text_is_only_text(browser):
    announced("<script>alert(1)</script>\nsecond line")
    page = browser.get("/announcements/shown/").content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;<br>second line" in page


def test_it_costs_no_page_a_query(browser, cloud):
    announced()
    browser.get("/t/lab/clouds/")
    with CaptureQueriesContext(connection) as queries:
        page = browser.get("/t/lab/clouds/").content.decode()
    assert not [query for query in queries if "announcement" in query["sql"]]
    assert 'hx-get="/announcements/shown/"' in page
    assert "Cake" not in page


def test_open_pages_are_told(admin):
    admin.post("/announcements/create/", {"text": "Cake", "severity": "warning"})
    assert Event.objects.filter(topic="announcements", tenant_id=None).count() == 1


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("text", " ", "Type what everybody shall read."),
        ("link", "javascript:alert(1)", "Begin with https:// or http://."),
        ("link", "ftp://x.example/", "Begin with https:// or http://."),
        ("ends_at", "2001-01-01T10:00", "It would be over before it begins."),
        ("starts_at", "soon", "Type a date and a time"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_the_rest_is_kept(admin, field, value, said):
    typed = {"text": "Cake", "severity": "warning", "link": "https://x.example/", field: value}
    answer = admin.post("/announcements/create/", typed)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert said in page
    assert f'id="{field}-error"' in page
    assert not Announcement.objects.exists()


def test_of_two_who_change_it_the_second_is_told(admin):
    row = announced()
    typed = {"text": "Other", "severity": "info", "version": "1"}
    assert admin.post(f"/announcements/{row.pk}/", typed).status_code == 303
    answer = admin.post(f"/announcements/{row.pk}/", typed | {"text": "Mine"})
    assert answer.status_code == 422
    assert "Somebody else changed it meanwhile." in answer.content.decode()
    assert Announcement.objects.get().text == "Other"


def test_the_list_says_how_each_stands_and_empty_what_to_do(admin):
    assert "Nothing is announced" in admin.get("/announcements/").content.decode()
    row = announced("x" * 900, severity="warning")
    assert "Shown" in admin.get("/announcements/").content.decode()
    admin.post(f"/announcements/{row.pk}/end/")
    assert "Over" in admin.get("/announcements/").content.decode()
    admin.post(f"/announcements/{row.pk}/delete/")
    assert not Announcement.objects.exists()
