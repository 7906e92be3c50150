"""The failure catalogue, against answers of real services: `recorded/<service>.json`.

`origin` of each is `recorded` (an OpenStack of the releases in docs/openstack.md, asked until it refused) or says
after which source it was written, where it cannot be provoked at will.
"""

import json
from pathlib import Path

import pytest
import requests

from dashboard.clouds.drivers.openstack.errors import of_response
from dashboard.clouds.interface import Refused, Unavailable
from dashboard.operations.failures import FAILURES, failure, told_by, told_by_fault

KINDS = {"Refused": Refused, "Unavailable": Unavailable}
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
    if "fault" in answer:
        return told_by_fault(answer["fault"])
    if "text" in answer:  # no HTTP: libvirt, and what the client library says when nothing usable came
        return told_by(KINDS[answer["kind"]](answer["text"], source=source))
    return told_by(of_response(response_of(answer), source=source))


@pytest.mark.parametrize(("source", "answer"), ANSWERS)
def test_each_recorded_answer_is_known(source, answer):
    told = told_of(source, answer)
    assert (told.code, told.values) == (answer["code"], answer["values"])


@pytest.mark.parametrize(("source", "answer"), ANSWERS)
def test_what_is_said_of_it_has_a_cause_a_thing_and_something_to_do(source, answer):
    told = told_of(source, answer)
    words = failure(told.code, told.values)
    for text in (words.cause, words.affects, words.action):
        assert str(text).strip()
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
