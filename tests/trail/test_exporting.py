import csv
import io
import json

import pytest

from dashboard.audit.models import Entry
from dashboard.audit.record import digest
from dashboard.trail import exporting
from dashboard.trail.exporting import cell


def file_of(client, form, path="/t/lab/audit/", **query):
    answer = client.get(f"{path}export/{form}/", query)
    assert answer.streaming
    return answer, b"".join(answer.streaming_content).decode()


def rows_of(text) -> list[dict]:
    return list(csv.DictReader(io.StringIO(text)))


def test_the_table_has_what_the_filter_finds_oldest_first(manager, write):
    for name in "abc":
        write(object_name=name, outcome="failed" if name == "b" else "done", after={"size": 1})
    answer, text = file_of(manager, "csv", q="outcome:done")
    assert [row["object_name"] for row in rows_of(text)] == ["a", "c"]
    assert (rows_of(text)[0]["tenant"], rows_of(text)[0]["after"]) == ("lab", '{"size": 1}')
    assert "audit-lab-" in answer["Content-Disposition"]
    assert answer["Content-Type"] == "text/csv; charset=utf-8"


@pytest.mark.parametrize("q", ["outcome:bogus", "outcome:done outcome:bogus"])
@pytest.mark.parametrize("form", exporting.FORMS)
def test_a_filter_that_is_not_understood_makes_no_file(manager, write, form, q):
    write(object_name="canary")
    answer = manager.get(f"/t/lab/audit/export/{form}/", {"q": q})
    assert answer.status_code == 422
    told = answer.content.decode()
    assert "outcome:bogus: " in told
    assert "canary" not in told
    assert "/audit/export/" not in manager.get("/t/lab/audit/", {"q": q}).content.decode()
    assert "/audit/export/" in manager.get("/t/lab/audit/", {"q": "outcome:done"}).content.decode()


def test_lines_have_all_that_the_digest_is_made_of(manager, write):
    write(after={"name": "\u0634\u0628\u0643\u0629", "n": 1})
    _answer, text = file_of(manager, "jsonl")
    (line,) = [json.loads(line) for line in text.splitlines()]
    entry = Entry(**{name: value for name, value in line.items() if name not in {"tenant", "tenant_id", "at"}})
    entry.tenant, entry.at = line["tenant_id"], Entry.objects.get().at
    assert digest(entry) == line["digest"]


def test_nobody_elses_are_in_it(manager, admin, write, other):
    write(tenant=str(other.pk), object_name="canary")
    write()
    for form in exporting.FORMS:
        assert "canary" not in file_of(manager, form)[1]
        assert "canary" in file_of(admin, form, "/audit/")[1]


def test_it_goes_on_over_slices_and_takes_one_query_for_each(
    manager, write, monkeypatch, django_assert_max_num_queries
):
    monkeypatch.setattr(exporting, "AT_ONCE", 2)
    for number in range(5):
        write(object_name=f"n-{number}")
    with django_assert_max_num_queries(3 + 2 * 3 + 1):
        assert [row["object_name"] for row in rows_of(file_of(manager, "csv")[1])] == [f"n-{n}" for n in range(5)]


@pytest.mark.parametrize("formula", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1"])
def test_no_cell_is_a_formula(manager, write, formula):
    assert cell(formula) == f"'{formula}"
    write(object_name=formula, actor=formula)
    (row,) = rows_of(file_of(manager, "csv")[1])
    assert row["object_name"].startswith("'")
    assert row["actor"].startswith("'")


def test_what_is_no_formula_stays_as_it_is():
    assert [cell(value) for value in ("web-1", "a=b", "", None, 5, {"a": [1]})] == [
        "web-1", "a=b", "", "", "5", '{"a": [1]}',
    ]  # fmt: skip


def test_another_form_does_not_exist(manager, admin):
    assert manager.get("/t/lab/audit/export/xlsx/").status_code == 404
    assert admin.get("/audit/export/xlsx/").status_code == 404
