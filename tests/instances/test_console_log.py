"""The console log: who may see it, how often its cloud is asked, what a search finds."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from dashboard.clouds.interface import Feature, Status
from dashboard.instances import console_log
from dashboard.instances.models import ConsoleLog, Instance
from dashboard.live.models import Event

pytestmark = pytest.mark.django_db


@pytest.fixture
def active(launch, work):
    instance = launch("web-1")
    work()
    instance.refresh_from_db()
    return instance


@pytest.fixture
def rung(monkeypatch):
    """The instances for which a worker was asked."""
    asked = []
    monkeypatch.setattr(console_log, "ring", lambda instance: asked.append(instance.pk))
    return asked


@pytest.fixture
def see(rita, rung, django_capture_on_commit_callbacks):
    """Opens the page as who may only read; `see(instance, q=...)`."""
    browser = Client()
    browser.force_login(rita)

    def open_page(instance, **query):
        with django_capture_on_commit_callbacks(execute=True):
            return browser.get(reverse("instances:console-log", args=["lab", instance.pk]), query)

    return open_page


def written(instance, text, **fields):
    now = timezone.now()
    fields = {"text": text, "taken_at": now, "asked_at": now} | fields
    return ConsoleLog.objects.update_or_create(instance=instance, defaults=fields)[0]


def test_a_hundred_looks_ring_once(see, active, rung):
    for _ in range(100):
        assert see(active).status_code == 200
    assert rung == [active.pk]


def test_who_still_looks_after_some_seconds_rings_again_and_nobody_else_does(see, active, rung):
    written(active, "x", asked_at=timezone.now() - timedelta(seconds=5))
    assert rung == []
    see(active)
    see(active)
    assert rung == [active.pk]


@pytest.mark.parametrize(
    ("seconds", "fields", "rings"),
    [
        (10, {"taken_at": None}, False),  # the cloud has not answered yet
        (61, {"taken_at": None}, True),
        (10, {"failure": "unavailable"}, False),
        (31, {"failure": "unavailable"}, True),
    ],
)
def test_a_cloud_that_is_slow_or_away_is_asked_less_often(see, active, rung, seconds, fields, rings):
    written(active, "x", asked_at=timezone.now() - timedelta(seconds=seconds), **fields)
    see(active)
    assert bool(rung) is rings


def test_a_guest_that_does_not_run_is_not_followed(see, active, rung):
    Instance.objects.update(status=Status.SHUTOFF)
    see(active)
    assert rung == [active.pk]  # once, for what it wrote at its end
    ConsoleLog.objects.update(asked_at=timezone.now() - timedelta(hours=1))
    answer = see(active)
    assert rung == [active.pk]
    assert "followed while you look" not in answer.content.decode()


def test_a_cloud_that_keeps_none_says_so_and_is_not_asked(see, active, rung):
    active.cloud.features = [name for name in active.cloud.features if name != Feature.CONSOLE_LOG]
    active.cloud.save(update_fields=["features"])
    assert "keeps none of what its guests write" in see(active).content.decode()
    assert rung == []
    detail = Client()
    detail.force_login(active.created_by)
    assert "console-log" not in detail.get(reverse("instances:detail", args=["lab", active.pk])).content.decode()


def test_pages_hear_of_it_only_when_something_is_new(active):
    for _ in range(3):
        console_log.fetch(str(active.pk))
    assert Event.objects.filter(topic="console-log").count() == 1
    log = ConsoleLog.objects.get()
    assert log.text
    assert log.failure == ""


def test_a_search_without_javascript_shows_lines_around_and_marks_what_matches(see, active):
    written(active, "\n".join(f"line {number}" for number in range(1, 21)) + "\nkernel <b>Panic</b>\nend")
    page = see(active, q="panic").content.decode()
    assert "kernel &lt;b&gt;<mark>Panic</mark>&lt;/b&gt;" in page
    found = page.partition('class="panel log-lines"')[2].partition("</section>")[0]
    assert "line 19\n" in found
    assert "line 18\n" not in found


@pytest.mark.parametrize("q", ["%", "_", "\\", "(", "x" * 10_000, "\x00", "é" * 300])
def test_hostile_searches_find_nothing_and_break_nothing(see, active, q):
    written(active, "a\nb")
    answer = see(active, q=q)
    assert answer.status_code == 200
    assert "<mark>" not in answer.content.decode()


def test_it_is_downloaded_as_text_under_the_name_of_its_instance(active, bob):
    written(active, "<script>alert(1)</script>\nétrange")
    Instance.objects.update(name='../a"b\r\nc é')
    browser = Client()
    browser.force_login(bob)
    answer = browser.get(reverse("instances:console-log-download", args=["lab", active.pk]))
    assert answer.content.decode() == "<script>alert(1)</script>\nétrange"
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Disposition"] == "attachment; filename*=utf-8''a-b-c-%C3%A9-console.log"


def test_instead_of_an_empty_download_the_page_says_why(active, bob):
    browser = Client()
    browser.force_login(bob)
    answer = browser.get(reverse("instances:console-log-download", args=["lab", active.pk]))
    assert answer["Location"] == reverse("instances:console-log", args=["lab", active.pk])


def test_nothing_of_it_is_obeyed_by_a_terminal():
    text = "\x1b[31mred\x1b[0m \x1b]0;title\x07 \x9b31mC1\x00\x07 a\tb\r\n"
    assert console_log.plain(text) == "red  31mC1 a\tb\n"
