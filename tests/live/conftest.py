import pytest

from tests.web import web_process


@pytest.fixture
def web(transactional_db):
    with web_process() as address:
        yield address
