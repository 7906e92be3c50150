"""Mail leaves after the commit, once, and is tried again while its server is away."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from dashboard.mail import outbox, tasks
from dashboard.mail.models import OutgoingMail

from .server import mail_server

pytestmark = pytest.mark.django_db


def queued(body: str = "Come in: https://sky.example/x/token-canary/", **fields: object) -> OutgoingMail:
    outbox.send_text(to="dora@example.org", subject="Hello", body=body)
    OutgoingMail.objects.update(**fields)
    return OutgoingMail.objects.get()


@pytest.fixture
def smtp(settings):
    """A mail server that answers as it is told to."""
    with mail_server() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", server.port, False
        yield server


def test_what_was_rolled_back_is_not_sent(mailoutbox):
    with transaction.atomic():
        queued()
        transaction.set_rollback(True)
    tasks.deliver()
    assert mailoutbox == []


def test_it_leaves_once_and_its_text_is_forgotten(mailoutbox):
    mail = queued()
    tasks.deliver()
    tasks.deliver()
    (sent,) = mailoutbox
    mail.refresh_from_db()
    assert (sent.to, sent.subject, mail.body) == (["dora@example.org"], "Hello", "")
    assert "token-canary" in sent.body
    assert mail.sent_at is not None


def test_a_link_that_lets_somebody_in_is_not_in_the_row():
    assert "token-canary" not in queued().body


def test_the_first_line_of_a_template_is_the_subject_and_nothing_is_escaped(mailoutbox, tmp_path, settings):
    (tmp_path / "hello.txt").write_text("For {{ name }}\n\nDear {{ name }},\n")
    settings.TEMPLATES = [settings.TEMPLATES[0], settings.TEMPLATES[1] | {"DIRS": [tmp_path]}]
    outbox.send(to="d@example.org", template="hello.txt", context={"name": "A & B"})
    tasks.deliver()
    assert (mailoutbox[0].subject, mailoutbox[0].body) == ("For A & B", "Dear A & B,\n")


def test_a_line_break_cannot_make_another_header(mailoutbox):
    outbox.send_text(to="d@example.org", subject="Hi\nBcc: all@example.org", body="x")
    tasks.deliver()
    assert mailoutbox[0].subject == "Hi Bcc: all@example.org"
    assert mailoutbox[0].recipients() == ["d@example.org"]


def test_a_link_has_the_configured_origin(settings):
    settings.ORIGINS = ["https://sky.example", "https://other.example"]
    assert outbox.link("/t/lab/") == "https://sky.example/t/lab/"


def test_a_real_mail_server_gets_it(smtp):
    queued()
    tasks.deliver()
    (letter,) = smtp.letters
    assert "To: dora@example.org" in letter
    assert "token-canary" in letter


def test_a_server_that_is_away_is_tried_again_later(smtp):
    smtp.refuses = "451 4.3.0 Try again later"
    mail = queued()
    tasks.deliver()
    mail.refresh_from_db()
    assert (mail.sent_at, mail.given_up_at) == (None, None)
    assert mail.due_at > timezone.now() + timedelta(seconds=50)
    assert "451" in mail.problem
    smtp.refuses = ""
    OutgoingMail.objects.update(due_at=timezone.now())
    tasks.deliver()
    assert len(smtp.letters) == 1


def test_an_address_that_does_not_exist_is_given_up_at_once(smtp):
    smtp.refuses = "550 5.1.1 No such user"
    mail = queued()
    tasks.deliver()
    mail.refresh_from_db()
    assert mail.given_up_at is not None
    assert mail.body == ""


def test_after_a_day_it_is_given_up(smtp):
    smtp.refuses = "451 4.3.0 Try again later"
    mail = queued(created_at=timezone.now() - timedelta(hours=25))
    tasks.deliver()
    mail.refresh_from_db()
    assert mail.given_up_at is not None


def test_what_another_worker_has_is_left_to_it(mailoutbox):
    queued(due_at=timezone.now() + timedelta(minutes=1))
    tasks.deliver()
    assert mailoutbox == []
