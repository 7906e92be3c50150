"""The failure catalogue, against answers of real services: `recorded/<service>.json`.

`origin` of each is `recorded` (an OpenStack of the releases in docs/openstack.md, asked until it refused; libvirt 9.0
with QEMU 7.2, with `how` it was provoked; Skydeck itself) or says after which source it was written, where it cannot be
provoked at will. All of EC2 is written after what is published: its `text` is `<code>: <message>`.
"""

import json
from pathlib import Path

import pytest
import requests

from dashboard.clouds.drivers.libvirt.errors import classify
from dashboard.clouds.drivers.openstack.errors import of_response
from dashboard.clouds.interface import Conflict, Refused, Unavailable
from dashboard.operations.failures import FAILURES, failure, told_by, told_by_fault, told_by_own

KINDS = {"Conflict": Conflict, "Refused": Refused, "Unavailable": Unavailable}
RECORDED = Path(__file__).parent / "recorded"
ANSWERS = [
    pytest.param(path.stem, answer, id=f"{path.stem}: {answer['name']}")
    for path in sorted(RECORDED.glob("*.json"))
    for answer in json.loads(path.read_text())
]


def response_of(answer) -> requests.Response:
    response = requests.Response()
    response.status_code = answer["http_status"]
    response.headers.update(answer["headers"])
    body = answer["body"]
    response._content = (body if isinstance(body, str) else json.dumps(body)).encode()
    return response


def told_of(source, answer):
    if source == "skydeck":
        name, _, text = answer["text"].partition(": ")
        return told_by_own(type(name, (Exception,), {})(text))
    if "libvirt" in answer:  # the very numbers that the binding gave
        return told_by(classify(**answer["libvirt"], text=answer["text"]))
    if "fault" in answer:
        return told_by_fault(answer["fault"])
    if "text" in answer:  # no HTTP: libvirt, and what the client library says when nothing usable came
        status = answer.get("http_status", 0)
        return told_by(KINDS[answer["kind"]](answer["text"], source=source, http_status=status))
    return told_by(of_response(response_of(answer), source=source))


@pytest.mark.parametrize(("source", "answer"), ANSWERS)
def test_each_recorded_answer_is_known(source, answer):
    told = told_of(source, answer)
    assert (told.code, told.values) == (answer["code"], answer["values"])


@pytest.mark.parametrize(("source", "answer"), ANSWERS)
def test_what_is_said_of_it_has_a_cause_and_something_to_do(source, answer):
    told = told_of(source, answer)
    words = failure(told.code, told.values)
    assert str(words.cause).strip()
    assert str(words.action).strip()
    for text in (words.cause, words.affects, words.action):
        assert "%(" not in str(text)


def test_every_entry_with_signs_has_an_answer_of_a_service_as_its_proof():
    proven = {answer.values[1]["code"] for answer in ANSWERS}
    assert [code for code, entry in FAILURES.items() if entry.signs and code not in proven] == []


@pytest.mark.parametrize(("source", "answer"), ANSWERS)
def test_every_answer_says_where_it_comes_from(source, answer):
    assert answer["origin"] == "recorded" or answer["origin"].startswith("written after ")


def test_both_numbers_of_a_limit_are_said():
    told = told_by_fault("Quota exceeded for cores: Requested 4, but already used 18 of 20 cores")
    cause = failure(told.code, {**told.values, "ours": "40"}).cause
    assert "It allows 20 vCPUs; 18 are used and 4 more were asked for. The quota here allows 40." in cause


def test_the_numbers_of_a_limit_on_memory_are_in_the_unit_that_people_read():
    told = told_by_fault("Quota exceeded for ram: Requested 4096, but already used 1843200 of 1844224 ram")
    cause = failure(told.code, {**told.values, "ours": "2097152"}).cause
    assert "It allows 1,801 GiB of memory; 1,800 GiB are used and 4 GiB more were asked for." in cause
    assert "The quota here allows 2,048 GiB." in cause


def test_a_sentence_whose_values_are_not_known_is_left_out():
    assert "%(" not in failure("cloud-limit", {"limit": "20"}).cause
    assert failure("cloud-limit", {"limit": "20"}).cause == str(FAILURES["cloud-limit"].cause)


def test_hostile_text_gets_no_further_than_its_expression():
    evil = "<script>alert(1)</script>\x1b[31m"
    told = told_by_fault(f"Quota exceeded for cores: Requested 4, but already used 18 of 20 cores {evil}")
    assert evil not in failure(told.code, told.values).cause
    assert told_by_fault(evil).code == "build-error"


def test_a_text_without_end_is_read_quickly():
    import time

    began = time.monotonic()
    for text in ("9" * 1_000_000, "Quota exceeded for " + "a, " * 300_000, "No valid host was found" * 50_000):
        told_by_fault(text)
    assert time.monotonic() - began < 1
