"""A request that is refused for its form is one line in the log."""

import logging

import pytest

TOO_MUCH = {
    "Request body exceeded": {"body": "x" * (5 << 20)},
    "The number of GET/POST parameters exceeded": {f"field{number}": "x" for number in range(3000)},
}


@pytest.mark.parametrize("said", TOO_MUCH)
def test_it_is_a_warning_without_a_traceback(client, bob, caplog, said):
    client.force_login(bob)
    body = "&".join(f"{name}={value}" for name, value in TOO_MUCH[said].items())
    answer = client.post("/theme/", body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 400
    (record,) = [one for one in caplog.records if one.name.startswith("django.security")]
    assert (record.levelno, record.exc_info) == (logging.WARNING, None)
    assert said in record.getMessage()
    assert record.getMessage().endswith("'/theme/'")
