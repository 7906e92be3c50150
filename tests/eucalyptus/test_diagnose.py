"""Testing a connection against clouds that are not what they should be."""

from __future__ import annotations

import hashlib
import re
import ssl
from dataclasses import replace

import pytest

from dashboard.clouds.drivers import reach
from dashboard.clouds.drivers.eucalyptus.diagnose import code_of, diagnose
from dashboard.clouds.drivers.eucalyptus.finding_codes import Code
from dashboard.clouds.findings import CODES, STEPS, words_for
from dashboard.clouds.interface import AuthFailed, FindingState

from .dialect import dialect
from .drivers import settings_of

BAD, OK, WARNING, SKIPPED = FindingState.BAD, FindingState.OK, FindingState.WARNING, FindingState.SKIPPED


def by_step(settings):
    return {finding.step: finding for finding in diagnose(settings)}


def first_bad(settings):
    """The first finding that is bad; all after it was skipped, all before it was not."""
    findings = list(diagnose(settings))
    at = next(number for number, finding in enumerate(findings) if finding.state is BAD)
    assert all(finding.state is SKIPPED for finding in findings[at + 1 :])
    assert all(finding.state in (OK, WARNING) for finding in findings[:at])
    assert settings.get("secret_key", "S3CR3T") not in repr(findings)
    return findings[at].step, findings[at].code


def certificate_in(cloud):
    text = cloud.certificate.read_text()
    return re.search("-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", text, re.DOTALL)[0]


def test_all_is_well_but_that_nobody_tried_it(cloud):
    found = by_step(settings_of(cloud))
    assert {step: finding.state for step, finding in found.items() if finding.state is not OK} == {"release": WARNING}
    assert (found["release"].code, found["release"].values["release"]) == (Code.NEVER_TRIED, cloud.release)
    assert found["platforms"].values["mode"] == cloud.mode.upper()
    assert found["zones"].values["zones"] == "zone-a"
    assert set(found) <= set(STEPS)


@pytest.mark.parametrize("code", list(Code))
def test_every_code_has_words(code):
    words = words_for("tls", code, {"host": "100 %s cloud"})
    assert code in CODES
    assert all(str(text) for text in (words.title, words.cause, words.action))


@pytest.mark.parametrize("endpoint", ["", "cloud.example.org", "ftp://cloud", "http://", "http://a:99999", "http://[/"])
def test_what_is_no_address_is_said_first(endpoint):
    assert first_bad({"endpoint": endpoint}) == ("address", Code.ADDRESS_ODD)


class TestOneCloud:
    @pytest.fixture
    def cloud(self):
        with dialect() as cloud:
            yield cloud

    @pytest.mark.parametrize(
        ("wrong", "step", "code"),
        [
            ({"allow_local": "no"}, "dns", Code.ADDRESS_LOCAL),
            ({"secret_key": "wrong-one"}, "caller", Code.SIGNATURE_WRONG),
            ({"access_key": "AKIWRONG"}, "caller", Code.KEY_UNKNOWN),
            ({"ca_bundle": "hello"}, "address", reach.Code.CA_NOT_PEM),
        ],
    )
    def test_what_is_wrong_is_named(self, cloud, wrong, step, code):
        assert first_bad(settings_of(cloud, **wrong)) == (step, code)

    def test_a_key_that_was_taken_away(self, cloud):
        cloud.outside.deactivate_key(cloud.root_key.id)
        assert first_bad(settings_of(cloud)) == ("caller", Code.KEY_INACTIVE)

    def test_a_key_that_is_refused_in_other_words_may_be_any_of_them(self):
        assert code_of(AuthFailed("403 Forbidden: Forbidden", source="ec2")) == Code.KEY_WRONG

    @pytest.mark.parametrize(("ahead_s", "code"), [(-60, Code.CLOCK_AHEAD), (1000, Code.CLOCK_BEHIND)])
    def test_a_clock_that_is_off_is_no_wrong_key(self, cloud, ahead_s, code):
        cloud.faults.clock_ahead_s = ahead_s
        assert first_bad(settings_of(cloud)) == ("clock", code)

    def test_a_clock_that_is_off_behind_a_proxy_with_a_good_one_is_no_wrong_key(self, cloud):
        cloud.faults.next("clock", "GetCallerIdentity", times=5)
        assert first_bad(settings_of(cloud)) == ("caller", Code.CLOCK_REFUSED)

    def test_a_web_page_is_no_eucalyptus(self, cloud):
        cloud.faults.next("page", "GetCallerIdentity", times=5)
        assert first_bad(settings_of(cloud)) == ("caller", Code.NOT_EUCALYPTUS)

    def test_a_tenants_key_is_good_for_one_account_only(self, cloud):
        found = by_step(settings_of(cloud, access_key=cloud.lab_key.id, secret_key=cloud.lab_key.secret))
        assert (found["accounts"].state, found["accounts"].code) == (WARNING, Code.NOT_ADMINISTRATOR)

    def test_without_a_key_the_rest_is_skipped(self, cloud):
        found = by_step(settings_of(cloud, access_key="", secret_key=""))
        assert (found["caller"].code, found["zones"].state) == (Code.NO_KEY, SKIPPED)

    def test_accounts_of_the_cloud_itself_are_not_counted(self, cloud):
        assert any(account.is_system for account in cloud.accounts.by_id.values())
        tenants = [one for one in cloud.accounts.by_id.values() if not one.is_system]
        assert by_step(settings_of(cloud))["accounts"].values == {"count": str(len(tenants))}

    def test_another_release_than_the_settings_say(self, cloud):
        assert by_step(settings_of(cloud, release="4.4"))["release"].code == Code.RELEASE_OTHER

    def test_no_zone(self, cloud):
        for name, zone in cloud.zones.items():
            cloud.zones[name] = replace(zone, state="unavailable")
        assert by_step(settings_of(cloud))["zones"].code == Code.NO_ZONE

    def test_nothing_that_is_asked_changes_anything(self, cloud):
        cloud.requests.clear()
        by_step(settings_of(cloud))
        assert all(one.action.startswith(("Describe", "Get", "List")) for one in cloud.requests)


class TestTls:
    def test_a_certificate_of_its_own_is_believed_once_it_is_given(self):
        with dialect(tls="modern") as cloud:
            assert first_bad(settings_of(cloud)) == ("tls", Code.TLS_SELF_SIGNED)
            found = by_step(settings_of(cloud, ca_bundle=certificate_in(cloud)))
            assert found["caller"].state is OK

    def test_one_for_another_name_is_believed_only_by_its_fingerprint(self):
        with dialect(tls="wrong-name") as cloud:
            pem = certificate_in(cloud)
            assert first_bad(settings_of(cloud, ca_bundle=pem)) == ("tls", Code.TLS_WRONG_NAME)
            fingerprint = hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem)).hexdigest()
            assert by_step(settings_of(cloud, fingerprint=fingerprint.upper()))["caller"].state is OK
            assert first_bad(settings_of(cloud, fingerprint="0" * 64)) == ("tls", Code.FINGERPRINT_OTHER)
            assert first_bad(settings_of(cloud, fingerprint="abc")) == ("tls", Code.FINGERPRINT_ODD)

    @pytest.mark.parametrize("kind", ["modern", "wrong-name"])
    def test_the_fingerprint_that_is_shown_is_the_one_to_be_typed(self, kind):
        with dialect(tls=kind) as cloud:
            given = certificate_in(cloud) if kind == "wrong-name" else ""
            shown = by_step(settings_of(cloud, ca_bundle=given))["tls"]
            words = words_for("tls", shown.code, shown.values)
            assert shown.values["shown"] in str(words.cause)
            pinned = by_step(settings_of(cloud, fingerprint=shown.values["shown"]))
            assert (pinned["tls"].state, pinned["caller"].state) == (OK, OK)
            assert re.search(r"until 20\d\d-", str(words_for("tls", "", pinned["tls"].values).cause))

    def test_a_cloud_without_ecdhe_is_told_as_such(self):
        with dialect(tls="rsa-only") as cloud:
            assert first_bad(settings_of(cloud, ca_bundle=certificate_in(cloud))) == ("tls", Code.NO_CIPHER)
