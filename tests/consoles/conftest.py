import pytest

from dashboard.clouds.interface import Feature
from tests.consoles.browsers import Tab
from tests.consoles.screens import screens
from tests.web import web_process


@pytest.fixture
def web(transactional_db, settings):
    settings.CONSOLES_PER_USER = 3
    with web_process() as address:
        settings.ORIGINS = [address]
        yield address


@pytest.fixture
def instance(transactional_db, launch, work):
    """An active one of bob's, on the fake cloud."""
    instance = launch("web-1")
    work()
    instance.refresh_from_db()
    return instance


@pytest.fixture
def screen(instance):
    """A VNC server as the screen of every instance: `screen.keys` is what was typed there."""
    with screens() as (address, server):
        cloud = instance.cloud
        cloud.settings = {**cloud.settings, "screens": address}
        cloud.features = [*cloud.features, Feature.CONSOLE_VNC]
        cloud.save(update_fields=["settings", "features"])
        yield server


@pytest.fixture
def tab(web, instance):
    """Opens a console page in a browser of its own: `tab(user)`. All are closed at the end."""
    opened = []

    def open_tab(user, instance=instance, **options):
        opened.append(Tab(web, user, instance, **options))
        return opened[-1]

    yield open_tab
    for one in opened:
        one.close()
