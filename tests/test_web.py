"""The web process: what its two lanes do with requests that are slow, large or wrong, and how it ends."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from dashboard.asgi import THREADS
from dashboard.audit.models import Entry
from dashboard.ui.headers import protection
from tests.services import free_port
from tests.web import EventReader, cookie_of, reading, wait_until, web_process

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def web(transactional_db):
    with web_process() as address:
        yield address


def dial(web) -> socket.socket:
    host, port = web.removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)), timeout=10)


def exchange(web, request: bytes) -> str:
    with dial(web) as connection:
        connection.sendall(request)
        return connection.recv(65536).decode(errors="replace")


@pytest.fixture
def instance(launch, work):
    instance = launch()
    work()
    return instance


def address_written_down(web, user, instance, **headers) -> str:
    """The audit's idea of where a request came from."""
    cookies = f"{cookie_of(user)}; skydeck-csrf={'a' * 32}"
    headers = {"Cookie": cookies, "X-CSRFToken": "a" * 32} | headers
    assert httpx.post(f"{web}/t/lab/instances/{instance.pk}/stop/", headers=headers).status_code == 303
    return Entry.objects.get(verb="instance.stop").address


def test_a_page_knows_the_address_of_its_visitor(web, bob, instance):
    assert address_written_down(web, bob, instance) == "127.0.0.1"


def test_nobody_pretends_to_be_elsewhere(web, bob, instance):
    made_up = {"X-Forwarded-For": "192.0.2.1", "X_Forwarded_For": "192.0.2.1", "Forwarded": "for=192.0.2.1"}
    assert address_written_down(web, bob, instance, **made_up) == "127.0.0.1"


def test_behind_a_proxy_its_own_word_counts_and_not_the_browsers(transactional_db, bob, instance):
    with web_process(is_behind_proxy=True) as web:
        chain = {"X-Forwarded-For": "192.0.2.1, 198.51.100.7"}  # the proxy adds what it sees
        assert address_written_down(web, bob, instance, **chain) == "198.51.100.7"


def test_a_large_form_is_refused_before_it_is_read(web):
    answer = httpx.post(f"{web}/accounts/login/", content=b"x" * 9 * 2**20)
    assert answer.status_code == 413


def protected(answer: str) -> set[str]:
    """The names of what a browser keeps to, and of what it must not keep, in an answer's head."""
    names = {line.partition(":")[0].lower() for line in answer.partition("\r\n\r\n")[0].splitlines()[1:]}
    return names & {name.lower() for name in protection()} | names & {"cache-control"}


@pytest.mark.parametrize(
    ("status", "request_"),
    [
        (200, b"GET /accounts/login/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"),
        (413, b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9437184\r\n\r\n" + b"x" * 9 * 2**20),
        (401, b"GET /t/lab/events/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"),
        (400, b"GET /?q=\xff\xfe HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"),
        (400, b"nonsense\r\n\r\n"),
    ],
)
def test_whoever_answers_the_headers_are_the_same(web, status, request_):
    answer = exchange(web, request_)
    assert f" {status} " in answer.splitlines()[0]
    assert protected(answer) == {name.lower() for name in protection()} | {"cache-control"}


def test_slow_senders_hold_no_thread(web):
    head = b"POST /accounts/login/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\nhalf"
    slow = [dial(web) for _ in range(THREADS * 3)]
    for connection in slow:
        connection.sendall(head)
    start = time.monotonic()
    assert httpx.get(f"{web}/healthz").status_code == 200
    assert time.monotonic() - start < 2
    for connection in slow:
        connection.close()


def test_slow_readers_hold_no_thread(web):
    """Each asks for more than the kernel's buffers hold, and reads nothing."""
    get = b"GET /static/vendor/xterm/6.0.0/lib/xterm.mjs HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    slow = [dial(web) for _ in range(THREADS * 2)]
    for connection in slow:
        connection.sendall(get * 40)
    time.sleep(3)
    start = time.monotonic()
    assert httpx.get(f"{web}/healthz").status_code == 200
    assert time.monotonic() - start < 2
    for connection in slow:
        connection.close()


def test_a_large_file_arrives_whole(web):
    path = "vendor/xterm/6.0.0/lib/xterm.mjs"
    answer = httpx.get(f"{web}/static/{path}")
    assert answer.content == (ROOT / "static" / path).read_bytes()
    assert answer.headers["content-type"].startswith("text/javascript")


def test_who_leaves_in_the_middle_harms_nobody(web):
    for _ in range(THREADS * 2):
        with dial(web) as connection:
            connection.sendall(b"POST /accounts/login/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\nhalf")
    assert httpx.get(f"{web}/healthz").status_code == 200


def test_what_is_not_http_is_a_bad_request(web):
    assert " 400 " in exchange(web, b"GET /?q=\xff\xfe HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n").splitlines()[0]
    assert " 400 " in exchange(web, b"nonsense\r\n\r\n").splitlines()[0]


def test_a_name_that_is_not_ours_is_refused(web):
    assert httpx.get(f"{web}/accounts/login/", headers={"Host": "evil.example"}).status_code == 400


def test_it_does_not_say_what_it_is_made_of(web):
    assert "server" not in httpx.get(f"{web}/accounts/login/").headers


def test_streams_beside_pages_hold_no_thread(web, bob, settings):
    cookie = cookie_of(bob)
    streams = [EventReader(web, cookie) for _ in range(settings.STREAMS_PER_USER)]
    assert len(streams) > THREADS
    assert httpx.get(f"{web}/healthz").status_code == 200
    for stream in streams:
        stream.close()


def test_it_ends_at_once_with_streams_open(transactional_db, bob):
    with web_process() as web:
        opened = reading(web, bob)
        reader = opened.__enter__()
        start = time.monotonic()
    assert time.monotonic() - start < 2
    assert reader.ended() < 1
    opened.__exit__(None, None, None)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_process(tmp_path, number):
    port = free_port()
    environment = {**os.environ, "SKYDECK_HOME": str(tmp_path), "SKYDECK_PORT": str(port)}
    environment = {**environment, "DJANGO_SETTINGS_MODULE": "dashboard.settings", "SKYDECK_DATABASE_URL": ""}
    process = subprocess.Popen([sys.executable, "-m", "dashboard.serve"], cwd=ROOT, env=environment)
    try:
        wait_until(lambda: answers(port), within_s=20)
        process.send_signal(number)
        assert process.wait(5) in (0, -number)
    finally:
        process.kill()
        process.wait()


def answers(port) -> bool:
    with socket.socket() as connection:
        return connection.connect_ex(("127.0.0.1", port)) == 0
