import pytest

from tests.consoles.browsers import Tab
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
def tab(web, instance):
    """Opens a console page in a browser of its own: `tab(user)`. All are closed at the end."""
    opened = []

    def open_tab(user, instance=instance):
        opened.append(Tab(web, user, instance))
        return opened[-1]

    yield open_tab
    for one in opened:
        one.close()
