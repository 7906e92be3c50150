"""User data on their way from the row, where they are sealed, to the guest."""

import pytest
from cryptography.fernet import Fernet

from dashboard.clouds.drivers.fake import outside
from dashboard.clouds.secrets import seal_text
from dashboard.instances.models import Instance
from dashboard.operations.models import Operation

TEXT = "#cloud-config\npassword: not to be seen\n"


@pytest.fixture
def sealed(launch):
    """A launch with user data that no worker has taken yet."""
    instance = launch()
    Instance.objects.filter(pk=instance.pk).update(user_data=seal_text(TEXT), description="Front end")
    return instance


def test_the_guest_gets_them_as_they_were_typed_and_the_row_keeps_the_description(sealed, work, fake_path):
    work()
    sealed.refresh_from_db()
    assert outside.user_data_of(str(fake_path), sealed.remote_id) == TEXT
    assert TEXT not in sealed.user_data
    assert sealed.description == "Front end"


def test_without_the_key_the_launch_ends_in_words_and_nothing_is_made(sealed, work, cloud, settings):
    Instance.objects.filter(pk=sealed.pk).update(user_data=_sealed_with_another_key(settings))
    work()
    assert Operation.objects.get(target_id=sealed.pk).error_code == "user-data-unreadable"
    assert list(cloud.driver().compute.list()) == []


def _sealed_with_another_key(settings):
    ours, settings.FIELD_KEYS = settings.FIELD_KEYS, [Fernet.generate_key().decode()]
    text = seal_text(TEXT)
    settings.FIELD_KEYS = ours
    return text
