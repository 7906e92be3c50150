"""Secrets go in by every way that there is, also where it fails, and come out nowhere: log, row, page or file."""

from __future__ import annotations

import json
import logging
import re
import secrets
import threading
import uuid
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.apps import apps
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from dashboard.access.models import AccessKey
from dashboard.clouds.drivers.fake.faults import Faults
from dashboard.clouds.models import Cloud
from dashboard.clouds.secrets import unseal
from dashboard.clouds.tasks import diagnose, fetch
from dashboard.instances.models import Instance
from dashboard.keypairs.models import KeyPair
from dashboard.keys.models import ApiKey
from dashboard.mail import tasks as mail
from dashboard.mail.models import OutgoingMail
from dashboard.operations.models import Operation
from dashboard.quota_requests.models import CarriedLaunch, QuotaRequest
from dashboard.quotas.models import Quota
from dashboard.tenancy.models import Tenant
from tests.accounts.conftest import sign_in, signed_in
from tests.conftest import PASSWORD
from tests.instances.conftest import give_place
from tests.mail.server import mail_server
from tests.ui.test_scrubbing import lines  # noqa: F401

from .crawl import Page, pages

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


class Canaries(dict):
    """What must be found nowhere, by what it is."""

    def new(self, name: str) -> str:
        return self.keep(name, f"canary-{secrets.token_hex(8)}")

    def keep(self, name: str, text: str) -> str:
        """One that Skydeck made itself."""
        assert len(text) >= 16
        self[name] = text
        return text

    def within(self, text: str) -> list[str]:
        return [name for name, canary in self.items() if canary in text]


class Echo(BaseHTTPRequestHandler):
    """A cloud that refuses everybody, and repeats in its words what it was sent."""

    def answer(self) -> None:
        sent = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        said = json.dumps({"error": {"code": 401, "title": "Unauthorized", "message": f"No: {sent}"}}).encode()
        self.send_response(401)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    do_GET = do_POST = answer

    def log_message(self, *args: object) -> None:
        """Nothing on the terminal of the tests."""


@pytest.fixture
def echo() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Echo) as server:
        threading.Thread(target=server.serve_forever, daemon=True, kwargs={"poll_interval": 0.02}).start()
        yield f"http://127.0.0.1:{server.server_port}/v3"
        server.shutdown()


@pytest.fixture
def canaries() -> Iterator[Canaries]:
    cache.clear()
    yield Canaries()
    cache.clear()


def browser_of(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


# --- the ways in: each returns the pages that there are to look at afterwards ------------------------


def connect_clouds(root, canaries: Canaries, echo: str) -> Iterator[str]:
    """By a form, by a file, by a file of two, and each of it also wrong; then their tests fail."""
    form = {"name": "typed", "auth_url": echo, "username": "root", "project": "admin", "interface": "public"}
    form |= {"password": canaries.new("password of the form")}
    bad = form | {"auth_url": "no address", "password": canaries.new("password of a wrong form")}
    assert root.post("/clouds/connect/openstack/", bad).status_code == 422
    assert root.post("/clouds/connect/openstack/", form).status_code == 303
    for name, ending in (("pasted", ""), ("pasted wrongly", "  a: ["), ("one of two", "two")):
        text = file_of("pasted", echo, canaries.new(f"password in a file {name}"))
        if ending == "two":
            text += file_of("other", echo, canaries.new("the other's")).replace("clouds:\n", "", 1)
        else:
            text += ending
        assert root.post("/clouds/connect/", {"text": text}).status_code == (422 if ending == "  a: [" else 303)
    for cloud in Cloud.objects.filter(kind="openstack"):
        diagnose(str(cloud.pk))
        for what in ("hosts", "places"):
            fetch(str(cloud.pk), what)
        cloud.driver().close()
        cloud.refresh_from_db()
        assert {finding["state"] for finding in cloud.findings} & {"bad"}, cloud.findings
        yield from (reverse(f"connections:{page}", args=[cloud.pk]) for page in ("detail", "edit", "capacity"))
    yield reverse("connections:choose")


def file_of(name: str, url: str, password: str) -> str:
    auth = f'auth_url: "{url}", username: root, password: {password}, project_name: admin'
    return f"clouds:\n  {name}:\n    auth: {{{auth}, user_domain_name: Default, project_domain_name: Default}}\n"


def bring_a_credential(alice, canaries: Canaries, path, work) -> Iterator[str]:
    settings = {"path": str(path), "delay_s": "0", "places": "yes"}
    cloud = Cloud.objects.create(name="brought", kind="fake", settings=settings, tenants_bring=True)
    made = cloud.driver().places.create(mark="", name="own")
    given = dict(cloud.driver().places.grant(made.id, label="own").settings)
    given["key"] = canaries.new("credential that a manager brings")
    url = reverse("places:bring", args=["lab", cloud.pk])
    Faults(path).fail("AuthFailed", call="place", times=1, detail=f"no such key: {given['key']}")
    assert alice.post(url, given).status_code == 303
    work()
    failed = Operation.objects.get(kind="place.bring")
    assert (failed.state, failed.error_detail) == ("failed", "no such key: •••")
    yield from (url, reverse("clouds:detail", args=["lab", cloud.pk]))


def change_passwords(user, canaries: Canaries) -> None:
    browser, new = browser_of(user), canaries.new("new password")
    wrong, unlike = canaries.new("old password that is wrong"), canaries.new("new password that is typed once")
    for old, first, second in ((wrong, new, new), (PASSWORD, unlike, new), (PASSWORD, new, new)):
        data = {"oldpassword": old, "password1": first, "password2": second}
        browser.post(reverse("account_change_password"), data)
    assert sign_in(Client(), user.username, new).status_code == 302
    for number in range(8):  # until it is refused for having been tried too often
        sign_in(Client(), user.username, canaries.new(f"wrong password {number}"))
    sign_in(Client(), "nobody", canaries.new("password of nobody"))


def launch_with_user_data(bob, canaries: Canaries, typed, path, work) -> Iterator[str]:
    """One that is built, one that the form refuses, one that the cloud refuses, one that a request carries."""

    def typed_with(name: str, **more) -> dict[str, object]:
        text = f"#cloud-config\npassword: {canaries.new(f'user data of one that is {name}')}\n"
        return typed | {"key": uuid.uuid4().hex, "name": name, "user_data": text} | more

    url = reverse("instances:launch", args=["lab"])
    assert bob.post(url, typed_with("built")).status_code == 303
    assert bob.post(url, typed_with("wrong", flavor="nonsense")).status_code == 422
    bob.post(reverse("instances:check-user-data", args=["lab"]), {"user_data": typed_with("looked-at")["user_data"]})
    private = f"-----BEGIN OPENSSH PRIVATE KEY-----\n{canaries.new('private key in the wrong field')}\n"
    pasted = {"key_pair": "paste", "public_key": private}
    assert bob.post(url, typed_with("pasted", **pasted)).status_code == 422
    bob.post(reverse("keypairs:import", args=["lab"]), {"key": "k", "name": "x", "public_key": private})
    work()
    Faults(path).fail("Refused", reason="other", call="create", times=1, detail="policy")
    assert bob.post(url, typed_with("refused")).status_code == 303
    work()
    Quota.objects.filter(tenant__slug="lab", resource="vcpus").update(limit=0)
    assert bob.post(url, typed_with("over-quota")).status_code == 422
    answer = bob.post(reverse("quota-requests:carry", args=["lab"]), typed_with("carried"))
    wanted = bob.get(answer["Location"]).context["form"].initial
    asked = {"key": "k", "reason": "for the course", "with_launch": "on"} | {
        name: wanted[name] for name in ("launch", "vcpus")
    }
    assert bob.post(reverse("quota-requests:new", args=["lab"]), asked).status_code == 303
    assert CarriedLaunch.objects.exists()
    yield answer["Location"]
    yield from (reverse("quota-requests:detail", args=["lab", row.pk]) for row in QuotaRequest.objects.all())
    yield from (reverse("instances:detail", args=["lab", row.pk]) for row in Instance.objects.all())
    yield from (reverse("operations:detail", args=["lab", row.pk]) for row in Operation.objects.all())


def make_keys(bob, canaries: Canaries) -> Iterator[str]:
    """Each is shown once, in the answer to the request that makes it."""
    url, data = reverse("keypairs:generate", args=["lab"]), {"key": "once", "name": "mine", "type": "ed25519"}
    shown = bob.post(url, data).content.decode()
    block = re.search(r"-----BEGIN OPENSSH PRIVATE KEY-----\s+(.*?)-----END", shown, re.DOTALL)[1]
    canaries.keep("private key of a key pair", sorted(block.split(), key=len)[-1])
    assert not canaries.within(bob.post(url, data).content.decode()), "the same again shows nothing"
    yield reverse("keypairs:detail", args=["lab", KeyPair.objects.get(name="mine").pk])

    tenant = Tenant.objects.get(slug="lab").pk
    asked = {"name": "backup", "tenant": tenant, "role": "reader", "days": 90}
    page = bob.post(reverse("keys:create"), asked).content.decode()
    token = re.search(r"sky_[0-9a-f]{12}_[0-9a-f]{64}", page)[0]
    secret = canaries.keep("secret of an API key", token.rpartition("_")[2])
    for sent in (token, token.replace(secret, secret[::-1]), token[:-1]):
        Client().get("/healthz", headers={"Authorization": f"Bearer {sent}"})
    yield reverse("keys:revoke", args=[ApiKey.objects.get().pk])


def make_a_key_of_the_cloud(bob, canaries: Canaries, path, work) -> Iterator[str]:
    """One whose files are shown, and one that fails with the cloud's words. Both end."""
    lab = Tenant.objects.get(slug="lab")
    cloud = Cloud.objects.create(
        name="with-keys", kind="fake", settings={"path": str(path), "delay_s": "0", "places": "yes"}
    )
    give_place(cloud, lab)
    Cloud.objects.filter(pk=cloud.pk).update(features=[feature.value for feature in cloud.driver().features])

    def ask(label: str) -> AccessKey:
        assert (
            bob.post(reverse("access:create", args=["lab", cloud.pk]), {"label": label, "key": label}).status_code
            == 303
        )
        work()
        return AccessKey.objects.filter(label=label).first()

    row = ask("shown")
    url = reverse("access:show", args=["lab", cloud.pk, row.pk])
    kept = unseal(row.sealed)["key"]
    assert kept in bob.post(url).content.decode()
    canaries.keep("key for a cloud's own tools", kept)
    assert not canaries.within(bob.post(url).content.decode()), "the same again shows nothing"
    Faults(path).fail("Refused", reason="other", call="issue_key", times=1, detail=f"key={kept}")
    assert ask("refused") is None
    bob.post(reverse("access:revoke", args=["lab", cloud.pk, row.pk]))
    work()
    yield reverse("access:index", args=["lab", cloud.pk])
    yield from (reverse("operations:detail", args=["lab", each.pk]) for each in Operation.objects.filter(cloud=cloud))


def send_links(alice, canaries: Canaries, settings, mailoutbox) -> Iterator[str]:
    """By a mail server that fails first, with a password of its own."""
    alice.post("/t/lab/people/invite/", {"addresses": "dora@example.org", "role": "member"})
    Client().post(reverse("account_reset_password"), {"email": "bob@example.org"})
    usual = settings.EMAIL_BACKEND
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "skydeck", canaries.new("password of the mail server")
    settings.EMAIL_HOST, settings.EMAIL_USE_TLS = "127.0.0.1", False
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    with mail_server() as server:  # it knows no AUTH
        settings.EMAIL_PORT = server.port
        mail.deliver()
    assert not OutgoingMail.objects.filter(problem="").exists()
    settings.EMAIL_BACKEND = usual
    OutgoingMail.objects.update(due_at=timezone.now())
    mail.deliver()
    links = {each.to[0]: re.search(r"http://127\.0\.0\.1:8000(/\S+)", each.body)[1] for each in mailoutbox}
    token = canaries.keep("link of an invitation", links["dora@example.org"].split("/")[2])
    canaries.keep("link to a new password", links["bob@example.org"].rstrip("/").rpartition("/")[2])
    dora = {"username": "dora", "full_name": "Dora", "password": canaries.new("password of an invited person")}
    Client().get(links["bob@example.org"], follow=True)
    Client().post(links["dora@example.org"], dora | {"username": ""})
    assert Client().post(links["dora@example.org"], dora).status_code in (302, 303)
    Client().get(links["dora@example.org"])  # used already
    Client().get(links["dora@example.org"].replace(token, token[:-2]))
    yield reverse("people:index", args=["lab"])


# --- the ways out -------------------------------------------------------------------------------


def in_rows(canaries: Canaries) -> set[tuple[str, str, str]]:
    """`(model, field, what)`, of every column of every row, also of others' models."""
    found = set()
    for model in apps.get_models():
        for row in model._base_manager.values():
            if model is Session:
                row["session_data"] = Session(**row).get_decoded()
            for field, value in row.items():
                found |= {(model._meta.label, field, what) for what in canaries.within(str(value))}
    return found


def on_pages(canaries: Canaries, client: Client, urls: dict[str, str]) -> set[tuple[str, str]]:
    shown: list[Page] = list(pages(client, urls))
    assert not [page.url for page in shown if page.status >= 500]
    return {(page.name, what) for page in shown for what in canaries.within(page.text)}


def test_what_is_secret_comes_out_nowhere(
    everything,
    root,
    alice,
    bob,
    cloud,
    image,
    small,
    work,
    fake_path,
    echo,
    canaries,
    caplog,
    lines,  # noqa: F811
    settings,
    mailoutbox,
):
    caplog.set_level(logging.DEBUG)
    typed = {"cloud": cloud.pk, "image": image.pk, "flavor": small.pk}
    more = [
        *connect_clouds(browser_of(root), canaries, echo),
        *launch_with_user_data(browser_of(bob), canaries, typed, fake_path, work),
        *make_keys(signed_in(bob), canaries),
        *make_a_key_of_the_cloud(signed_in(bob), canaries, fake_path, work),
        *send_links(browser_of(alice), canaries, settings, mailoutbox),
        *bring_a_credential(browser_of(alice), canaries, fake_path, work),
    ]
    change_passwords(bob, canaries)
    exports = [reverse("audit:export", args=["lab", "jsonl"]), reverse("audit:export-all", args=["jsonl"])]
    urls = everything | {url: url for url in (*more, *exports)}

    assert in_rows(canaries) == set()
    for user in (root, bob):
        assert on_pages(canaries, browser_of(user), urls) == set(), user
    assert canaries.within("\n".join(lines)) == []
    assert canaries.within(caplog.text) == []

    planted = Canaries()
    Tenant.objects.filter(slug="lab").update(description=planted.new("planted"))
    logging.getLogger("dashboard").warning("said: %s", planted["planted"])
    assert in_rows(planted) == {("tenancy.Tenant", "description", "planted")}
    assert on_pages(planted, browser_of(root), {"tenant": urls["tenants:detail"]})
    assert planted.within(lines[-1])
    assert planted.within(caplog.text)
    assert len(canaries) > 25
