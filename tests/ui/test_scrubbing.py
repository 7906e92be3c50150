"""No secret in a log line, whatever way it came there."""

import json
import logging

import pytest
import structlog
from django.conf import settings

from dashboard.clouds import secrets
from dashboard.ui import scrubbing

CANARY = "canary-7f3a91c2d4"


@pytest.mark.parametrize(
    "said",
    [
        f"password={CANARY}",
        f'{{"password": "{CANARY}", "user": "bob"}}',
        f"{{'adminPass': '{CANARY}'}}",
        f"OS_PASSWORD={CANARY}",
        f"application_credential_secret: {CANARY}",
        f"X-Auth-Token: {CANARY}",
        f"{{'X-Auth-Token': '{CANARY}'}}",
        f"Authorization: Bearer {CANARY}",
        f"'Authorization': 'Basic {CANARY}'",
        f"Cookie: skydeck={CANARY}; theme=dark",
        f"Set-Cookie: skydeck={CANARY}",
        f"postgres://skydeck:{CANARY}@db/skydeck",
        f"amqp://:{CANARY}@mq/",
        f"sky_{CANARY}",
        f"token='with \\' a quote {CANARY}'",
        f"-----BEGIN OPENSSH PRIVATE KEY-----\n{CANARY}\n-----END OPENSSH PRIVATE KEY-----",
        f"-----BEGIN PRIVATE KEY-----\n{CANARY}",
        f"clouds:\n  a:\n    auth:\n      password: {CANARY}\n",
        f"api_key={CANARY}&x=1",
    ],
)
def test_it_is_hidden(said):
    assert CANARY not in scrubbing.text(said)
    assert scrubbing.HIDDEN in scrubbing.text(said)


@pytest.mark.parametrize(
    "said",
    [
        "GET /t/lab/instances/?q=status:error 200",
        "the tenant has no credential on this cloud",
        "operation=ad8cf6c1-b2ef-4dba-9e06-24e7dc0009aa kind=instance.launch outcome=done",
        "http://127.0.0.1:8000/clouds/",
        "A stored secret cannot be read with the keys in SKYDECK_FIELD_KEYS.",
    ],
)
def test_ordinary_words_stay(said):
    assert scrubbing.text(said) == said


def test_what_was_opened_or_sealed_here_is_hidden_in_anybodys_words():
    secrets.unseal(secrets.seal({"password": "correct-horse-battery-9"}))
    assert scrubbing.text("login failed for bob/correct-horse-battery-9") == f"login failed for bob/{scrubbing.HIDDEN}"


@pytest.fixture
def lines(monkeypatch):
    """What the handler of the installation would write."""
    written = []
    line = settings.LOGGING["formatters"]["line"]
    formatter = structlog.stdlib.ProcessorFormatter(
        processors=line["processors"], foreign_pre_chain=line["foreign_pre_chain"]
    )
    handler = logging.Handler()
    handler.emit = lambda record: written.append(formatter.format(record))
    root = logging.getLogger()
    root.addHandler(handler)
    yield written
    root.removeHandler(handler)


def test_fields_and_tracebacks_of_ours_and_of_others(lines):
    def fail():
        raise ValueError(f"refused: {{'password': '{CANARY}'}}")

    structlog.get_logger("ours").warning("cloud said", password=CANARY, headers={"X-Auth-Token": CANARY}, names=["a"])
    try:
        fail()
    except ValueError:
        structlog.get_logger("ours").exception("it failed")
        logging.getLogger("others").exception("it failed, token=%s", CANARY)
    logging.getLogger("others").error("login %s", {"secret": CANARY})
    assert len(lines) == 4
    assert not [one for one in lines if CANARY in one]
    assert "ValueError" in lines[1]
    assert "ValueError" in lines[2]


def test_a_line_of_json_stays_json(lines):
    event = scrubbing.fields(None, "info", {"event": "x", "password": CANARY, "n": 3})
    text = scrubbing.line(None, "info", json.dumps(event))
    assert json.loads(text) == {"event": "x", "password": scrubbing.HIDDEN, "n": 3}
