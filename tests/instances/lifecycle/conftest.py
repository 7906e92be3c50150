"""An instance on a cloud that can do everything, and where its verbs are asked for."""

import pytest

from dashboard.images.models import Image
from dashboard.instances.models import Flavor
from tests.instances.conftest import again

HTMX = {"HX-Request": "true"}


@pytest.fixture
def cloud(placed):
    return placed


@pytest.fixture
def small(tiny):
    return tiny


@pytest.fixture
def image(placed):
    return Image.objects.get(name="Demo Linux")


@pytest.fixture
def active(launch, work):
    instance = launch()
    work()
    return again(instance)


def url(instance, verb):
    return f"/t/lab/instances/{instance.pk}/{verb}/"


def resize(browser, instance, name):
    return browser.post(url(instance, "resize"), {"flavor": Flavor.objects.get(name=name).pk}, headers=HTMX)
