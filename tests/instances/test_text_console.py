"""The console of an instance whose cloud has neither a screen nor a serial line: its text, followed."""

import re
from html import unescape

import pytest
from django.test import Client

from dashboard.clouds.interface import Feature, Status
from dashboard.instances import console_log
from dashboard.instances.models import ConsoleLog, Instance

pytestmark = pytest.mark.django_db
WHY = "This cloud gives the console's text only"


@pytest.fixture
def told(active):
    """On a cloud without consoles, whose guest wrote two lines."""
    cloud = active.cloud
    cloud.features = [name for name in cloud.features if name not in (Feature.CONSOLE_VNC, Feature.CONSOLE_SERIAL)]
    cloud.save(update_fields=["features"])
    console_log.fetch(str(active.pk))
    ConsoleLog.objects.update(text="booting\nweb-1 login:")
    return active


def signed_in(user):
    browser = Client()
    browser.force_login(user)
    return browser


def page(browser, path):
    answer = browser.get(path)
    assert answer.status_code == 200
    return unescape(answer.content.decode())


@pytest.mark.parametrize("path", ["console", "serial", "console-log"])
def test_its_page_follows_the_text_and_says_why_there_is_no_more(told, bob, path):
    here = f"/t/lab/instances/{told.pk}/"
    shown = page(signed_in(bob), f"{here}{path}/")
    assert "web-1 login:" in shown
    assert WHY in shown
    assert "followed while you look" in shown
    assert f'hx-get="{here}console-log/?part=text"' in shown
    assert "cannot do this" not in shown


def test_a_cloud_with_a_console_says_nothing_of_it(active, bob):
    assert WHY not in page(signed_in(bob), f"/t/lab/instances/{active.pk}/console-log/")
    assert WHY not in page(signed_in(bob), f"/t/lab/instances/{active.pk}/serial/")


@pytest.mark.parametrize("where", ["", "{}/"])
@pytest.mark.parametrize("who", ["bob", "rita"])
def test_the_menus_lead_there_also_who_may_only_read(told, request, who, where):
    shown = page(signed_in(request.getfixturevalue(who)), f"/t/lab/instances/{where.format(told.pk)}")
    (link,) = set(re.findall(r'href="([^"]+/console-log/)"[^>]*>(?:<svg.*?</svg>)?Console<', shown))
    assert link == f"/t/lab/instances/{told.pk}/console-log/"
    assert "Serial console</" not in shown


def test_what_the_cloud_lacks_is_named_and_the_console_is_not_among_it(told, bob):
    shown = page(signed_in(bob), f"/t/lab/instances/{told.pk}/")
    assert re.search(r"does not offer: Serial console", shown)


def test_of_one_that_does_not_run_the_last_words_are_shown(told, bob):
    Instance.objects.update(status=Status.SHUTOFF)
    shown = page(signed_in(bob), f"/t/lab/instances/{told.pk}/console/")
    assert "web-1 login:" in shown
    assert "followed while you look" not in shown


def test_without_any_text_either_the_console_stays_grey(told, bob):
    told.cloud.features = [name for name in told.cloud.features if name != Feature.CONSOLE_LOG]
    told.cloud.save(update_fields=["features"])
    shown = page(signed_in(bob), f"/t/lab/instances/{told.pk}/console/")
    assert "keeps none" not in shown
    assert "cannot do this" in shown
