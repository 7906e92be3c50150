"""Limits in a file: out, and in with a look at what would change."""

import csv
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from dashboard.audit.models import Entry
from dashboard.clouds.models import Cloud
from dashboard.quotas import csv_files
from dashboard.quotas.models import CloudQuota, Quota
from dashboard.tenancy.models import Tenant
from tests.conftest import make_tenant

from .test_pages import token, words


@pytest.fixture
def upload(admin):
    def send(content: str | bytes):
        raw = content if isinstance(content, bytes) else content.encode()
        return admin.post("/quotas/import/", {"file": SimpleUploadedFile("quotas.csv", raw, "text/csv")})

    return send


def problems(text: str | bytes) -> list[tuple[int, str]]:
    reading = csv_files.read(text if isinstance(text, bytes) else text.encode())
    return [(problem.line, problem.text) for problem in reading.problems]


def changes(text: str | bytes) -> list[tuple[str, int | None, int | None]]:
    reading = csv_files.read(text if isinstance(text, bytes) else text.encode())
    assert reading.problems == []
    return [(change.resource, change.was, change.limit) for change in reading.changes]


def test_what_goes_out_comes_in_and_changes_nothing(admin, lab, other, cloud):
    Quota.objects.filter(tenant=lab, resource="vcpus").update(limit=None, used=3)
    CloudQuota.objects.create(tenant=lab, cloud=cloud, resource="instances", limit=4)
    answer = admin.get("/quotas/export/")
    assert (answer["Content-Type"], answer.content[:3]) == ("text/csv; charset=utf-8", b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [(r["tenant"], r["cloud"], r["instances"]) for r in rows] == [
        ("lab", "", "10"),
        ("lab", cloud.name, "4"),
        ("other", "", "10"),
    ]
    assert (rows[0]["vcpus"], rows[0]["vcpus_used"], rows[1]["vcpus"]) == ("unlimited", "3", "")
    assert changes(answer.content) == []


def test_no_name_goes_out_as_a_formula(admin, lab):
    Tenant.objects.filter(pk=lab.pk).update(name='=HYPERLINK("http://evil.example")', slug="-lab")
    out = admin.get("/quotas/export/").content
    assert b"\"'=HYPERLINK(" in out
    assert b"\r\n'-lab," in out
    assert changes(out) == []


def test_only_what_the_list_shows_goes_out(admin, lab, other):
    assert b"\r\nlab," not in admin.get("/quotas/export/", {"q": "oth"}).content


def test_nothing_is_changed_until_it_is_confirmed_then_all_of_it(admin, upload, lab, other, cloud, limit_of):
    shown = upload(f"tenant,cloud,instances,vcpus\nlab,,25,unlimited\nlab,{cloud.name},3,\nother,,10,\n")
    assert (shown.status_code, "Change 3 limits" in words(shown)) == (200, True)
    assert (limit_of(lab, "instances"), Entry.objects.filter(verb="quota.change").count()) == (10, 0)
    admin.post("/quotas/apply/", {"preview": token(shown)})
    assert [limit_of(lab, "instances"), limit_of(lab, "vcpus"), limit_of(lab, "instances", cloud)] == [25, None, 3]
    assert Entry.objects.filter(verb="quota.change").count() == 3


def test_a_file_that_changes_nothing_says_so(upload, lab):
    assert "Nothing would change" in upload("tenant,instances\nlab,10\n").content.decode()


def test_semicolons_tabs_utf16_and_a_mark_of_the_encoding_are_read(lab):
    expected = [("instances", 10, 5)]
    assert changes("tenant;instances\nlab;5\n") == expected
    assert changes("tenant\tinstances\r\nlab\t5\r\n".encode("utf-16")) == expected
    assert changes("\ufeffTenant, Instances\n\nlab , 5\n") == expected


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("nobody,,5", "There is no tenant “nobody”."),
        (",,5", "It names no tenant."),
        ("lab,nowhere,5", "There is no cloud “nowhere”."),
        ("lab,,-5", "instances: A limit cannot be negative"),
        ("lab,,1e30", "instances: “1e30” is not a whole number"),
        ("lab,,ten", "instances: “ten” is not a whole number"),
        ("lab,,none", "instances: “none” is not a whole number"),
        ("lab,,=1+1", "instances: “=1+1” is a formula"),
        ("lab,,-1+cmd|' /C calc'!A0", "is a formula"),
        ("lab,,@SUM(1)", "is a formula"),
        ("lab,,9999999999999", "instances: That is too much"),
        ("lab,,5,6", "It has 4 cells, and there are 3 columns."),
        ('lab,,"5', "This is not CSV"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(lab, line, said):
    ((number, text),) = problems(f"tenant,cloud,instances\nlab,,9\n{line}\n".replace("lab,,9\n", "other,,9\n"))[-1:]
    assert number == 3
    assert said in text


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("lab,5\n", 1, "one of them must be “tenant”"),
        ("", 1, "one of them must be “tenant”"),
        ("tenant,name\nlab,Lab\n", 1, "no column with a limit"),
        ("tenant,vcpu\nlab,5\n", 1, "There is no resource “vcpu”. They are: instances, vcpus"),
        ("tenant,vcpus,vcpus\nlab,5,6\n", 1, "There are two columns “vcpus”."),
        ("tenant,vcpus\nlab,5\nlab,6\n", 3, "about “lab” once more: see line 2"),
        ("tenant,name,vcpus\nlab,B\xfcro,5\n".encode("latin-1"), 2, "not in UTF-8"),
        (b"tenant,vcpus\nlab,5\0\n", 2, "a byte of zero"),
        (b"\x89PNG\r\n\x1a\n\0\0", 1, "not in UTF-8"),
    ],
)
def test_what_is_wrong_with_the_file_is_named_with_its_line(lab, text, line, said):
    assert [(number, said in told) for number, told in problems(text)][:1] == [(line, True)]


def test_a_key_pair_is_on_no_cloud(lab, cloud):
    ((line, text),) = problems(f"tenant,cloud,key_pairs\nlab,{cloud.name},5\n")
    assert (line, "This is on no cloud" in text) == (2, True)
    assert changes(f"tenant,cloud,key_pairs\nlab,{cloud.name},\n") == []


def test_all_that_is_wrong_is_said_at_once_and_nothing_is_offered(upload, lab, limit_of):
    answer = upload("tenant,vcpus\nlab,7\nnobody,5\nlab,ten\n")
    assert (answer.status_code, "2 things are wrong in the file; nothing was changed" in words(answer)) == (422, True)
    assert ("Line 3" in words(answer), "Line 4" in words(answer)) == (True, True)
    assert 'name="preview"' not in answer.content.decode()
    assert limit_of(lab, "vcpus") == 20


def test_of_a_file_full_of_nonsense_the_first_hundred_are_said(lab):
    assert len(problems("tenant,vcpus\n" + "nobody,5\n" * 5000)) == csv_files.MOST_PROBLEMS + 1


def test_a_file_that_is_empty_or_too_large_or_none_is_refused(admin, upload, lab):
    assert "Choose a file" in upload("").content.decode()
    assert "Choose a file" in admin.post("/quotas/import/", {}).content.decode()
    assert "larger than 2048 KiB" in upload("tenant,vcpus\n" + "lab,5\n" * 400_000).content.decode()


def test_a_name_in_another_script_comes_through(admin, upload, lab):
    make_tenant("physics")
    Tenant.objects.filter(slug="physics").update(name="قسم الفيزياء 🧪")
    Cloud.objects.create(name="سحابة", kind="fake")
    out = admin.get("/quotas/export/").content.decode("utf-8-sig")
    assert "قسم الفيزياء 🧪" in out
    shown = upload("tenant,cloud,vcpus\nphysics,سحابة,5\n")
    assert "on سحابة" in words(shown)


def test_a_thousand_tenants_are_read_in_few_queries(db, django_assert_max_num_queries):
    tenants = Tenant.objects.bulk_create(Tenant(slug=f"t{n}", name=f"T{n}") for n in range(1000))
    Quota.objects.bulk_create(Quota(tenant=tenant, resource="vcpus", limit=1) for tenant in tenants)
    text = "tenant,vcpus\n" + "".join(f"t{n},5\n" for n in range(1000))
    with django_assert_max_num_queries(8):
        assert len(changes(text)) == 1000
