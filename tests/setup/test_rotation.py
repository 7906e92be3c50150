"""Another key for the secrets: all of them are sealed anew, whenever it was stopped, and the old key may go."""

import base64
import secrets as random

import pytest
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet
from django.apps import apps
from django.core.management import call_command
from django.db import models
from django.test import override_settings

from dashboard.access.models import AccessKey
from dashboard.accounts.sealing import SealingAdapter
from dashboard.clouds import secrets
from dashboard.clouds.models import Cloud, CloudAccount
from dashboard.instances.models import Instance, LaunchTemplate
from dashboard.mail.models import OutgoingMail
from dashboard.mail.sealing import seal as seal_mail
from dashboard.mail.sealing import unseal as unseal_mail
from dashboard.setup import rotation


def new_key():
    return base64.urlsafe_b64encode(random.token_bytes(32)).decode()


OLD, NEW = new_key(), new_key()


@pytest.fixture
def sealed(cloud, lab, bob, launch):
    """One of each kind, under the old key."""
    with override_settings(FIELD_KEYS=[OLD]):
        Cloud.objects.filter(pk=cloud.pk).update(sealed=secrets.seal({"password": "of the cloud"}))
        CloudAccount.objects.filter(cloud=cloud, tenant=lab).update(
            sealed=secrets.seal({"secret": "of the place"}), brought=secrets.seal({"secret": "brought"})
        )
        account = CloudAccount.objects.get(cloud=cloud, tenant=lab)
        whose = {"tenant": lab, "account": account, "user": bob, "person": "1", "label": "laptop", "key": "k"}
        AccessKey.objects.create(**whose, sealed=secrets.seal({"key": "of a person"}))
        launch(user_data="#cloud-config")
        LaunchTemplate.objects.create(tenant=lab, cloud=cloud, name="t", user_data=secrets.seal_text("of a template"))
        due = {"due_at": "2030-01-01T00:00Z"}
        OutgoingMail.objects.create(to="a@b.example", subject="s", body=seal_mail("of a mail"), **due)
        Authenticator.objects.create(
            user=bob, type=Authenticator.Type.TOTP, data={"secret": SealingAdapter().encrypt("of an app")}
        )
    return 8


def opened():
    """All of them, with the keys of now."""
    account = CloudAccount.objects.exclude(sealed="").get()
    return [
        secrets.unseal(Cloud.objects.get().sealed)["password"],
        secrets.unseal(account.sealed)["secret"],
        secrets.unseal(account.brought)["secret"],
        secrets.unseal(AccessKey.objects.get().sealed)["key"],
        secrets.unseal_text(Instance.objects.defer(None).get().user_data),
        secrets.unseal_text(LaunchTemplate.objects.get().user_data),
        unseal_mail(OutgoingMail.objects.get().body),
        SealingAdapter().decrypt(Authenticator.objects.get().data["secret"]),
    ]


ALL = [
    "of the cloud",
    "of the place",
    "brought",
    "of a person",
    "#cloud-config",
    "of a template",
    "of a mail",
    "of an app",
]


def test_with_the_new_key_alone_everything_opens_again(sealed, capsys):
    with override_settings(FIELD_KEYS=[NEW, OLD]):
        call_command("rotate_secrets")
    said = capsys.readouterr().out
    assert f"{sealed} secrets are sealed anew" in said
    assert f"Key 2 ({rotation.key_id(OLD)}): not needed any more" in said
    assert OLD not in said
    with override_settings(FIELD_KEYS=[NEW]):
        assert opened() == ALL


def test_before_it_the_old_key_is_said_to_be_needed(sealed, capsys):
    with override_settings(FIELD_KEYS=[NEW, OLD]):
        call_command("rotate_secrets", "--check")
        assert f"Key 2 ({rotation.key_id(OLD)}): still needed, opens {sealed}." in capsys.readouterr().out
        assert opened() == ALL


@pytest.mark.parametrize("after", [1, 3, 6])
def test_killed_in_the_middle_it_goes_on_and_all_opens_at_any_time(sealed, after, capsys):
    done = []

    def die():
        done.append(1)
        if len(done) == after:
            raise KeyboardInterrupt

    with override_settings(FIELD_KEYS=[NEW, OLD]):
        with pytest.raises(KeyboardInterrupt):
            rotation.rotate(progress=die)
        assert opened() == ALL
        report = rotation.rotate()
    assert (report.rotated + report.already, report.already) == (sealed, after)
    with override_settings(FIELD_KEYS=[NEW]):
        assert opened() == ALL


def test_twice_changes_nothing_the_second_time(sealed):
    with override_settings(FIELD_KEYS=[NEW, OLD]):
        rotation.rotate()
        before = Cloud.objects.get().sealed
        report = rotation.rotate()
        assert (report.rotated, report.already) == (0, sealed)
        assert Cloud.objects.get().sealed == before


def test_what_no_key_opens_is_named_and_not_shown_and_the_others_are_sealed_anew(sealed, capsys):
    lost = Fernet(new_key()).encrypt(b"x").decode()
    Cloud.objects.update(sealed=lost)
    with override_settings(FIELD_KEYS=[NEW, OLD]):
        with pytest.raises(SystemExit) as end:
            call_command("rotate_secrets")
        said = capsys.readouterr()
        assert end.value.code == 1
        assert f"clouds.Cloud {Cloud.objects.get().pk}, sealed" in said.err
        assert lost not in said.out + said.err
        assert f"{sealed - 1} secrets are sealed anew" in said.out


def test_what_somebody_changes_at_the_same_moment_is_kept(sealed, monkeypatch):
    """Between reading and writing a row."""
    with override_settings(FIELD_KEYS=[NEW, OLD]):
        newer = secrets.seal({"password": "changed meanwhile"})
        real = rotation.resealed

        def slowly(token):
            Cloud.objects.exclude(sealed=newer).update(sealed=newer)
            return real(token)

        monkeypatch.setattr(rotation, "resealed", slowly)
        rotation.rotate()
        assert secrets.unseal(Cloud.objects.get().sealed) == {"password": "changed meanwhile"}


def test_every_column_that_holds_something_sealed_is_known():
    names = {"sealed", "brought", "user_data"}
    found = {
        (model, field.name)
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if isinstance(field, models.TextField) and field.name in names
    }
    known = {(model, name) for model, columns in rotation.SEALED for name in columns}
    assert found <= known
