# ruff: noqa: E501
"""User data as people type them, and as nobody should: what is said, where, and that it ends soon."""

import hashlib
import json
import sys

import pytest

from dashboard.instances.userdata.check import MOST_BYTES, check
from dashboard.instances.userdata.problems import MOST
from dashboard.instances.userdata.reading import MOST_NODES
from dashboard.instances.userdata.schema import FILE, MOST_ERRORS, known_keys

GOOD = """#cloud-config
packages:
  - git
  - [nginx, "1.2"]
users:
  - default
  - name: bob
    ssh_authorized_keys: [ssh-ed25519 AAAA]
    sudo: ALL=(ALL) NOPASSWD:ALL
write_files:
  - path: /etc/motd
    permissions: "0644"
    content: !!binary aGVsbG8=
runcmd:
  - [systemctl, restart, nginx]
  - echo "done"
"""
MIME = """Content-Type: multipart/mixed; boundary="b"
MIME-Version: 1.0

--b
Content-Type: text/cloud-config

#cloud-config
runcmd: 5
--b
Content-Type: text/x-shellscript

#!/bin/sh
--b--
"""
LAUGHS = "#cloud-config\na0: &a0 [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"a{i}: &a{i} [{','.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 12)
)


def told(text: str) -> list[str]:
    return [str(problem) for problem in check(text).first]


def config(text: str) -> str:
    return f"#cloud-config\n{text}\n"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (GOOD, "#cloud-config"),
        (GOOD.replace("\n", "\r\n"), "#cloud-config"),
        ("\n#Cloud-Config\nruncmd: [ls]", "#cloud-config"),
        ("#!/bin/sh\necho hello", "Script"),
        (MIME.replace("runcmd: 5", "runcmd: [ls]"), "MIME multi-part"),
        ("#include\nhttps://example.org/x", "List of addresses"),
        ("#cloud-boothook\n#!/bin/sh", "Boot hook"),
        ("#cloud-config-archive\n- x", "cloud-config archive"),
    ],
)
def test_what_is_right_has_no_problem_and_no_warning(text, kind):
    report = check(text)
    assert (report.kind, list(report.problems), list(report.warnings)) == (kind, [], [])


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("packages:\n  - git\n  - 5", "line 4, column 5, packages[1]: It has to be a list or text, and is a whole number."),
        ("runcmd: ls", "line 2, column 1, runcmd: It has to be a list, and is text."),
        ("users:\n  - nmae: bob\n    name: b", "line 3, column 5, users[0].nmae: cloud-init does not know this key. Did you mean name?"),
        ("write_files:\n  - content: x", "line 3, column 5, write_files[0]: path is missing."),
        ("power_state: {mode: fly}", "line 2, column 15, power_state.mode: It has to be one of: poweroff, reboot, halt."),
        ("ntp: {pools: [a, a]}", "line 2, column 7, ntp.pools: An entry is there twice."),
        ("packages: []", "line 2, column 1, packages: It has to have 1 entries at least."),
        ("runcmd: [a]\nusers: [b]\nruncmd: [c]", "line 4, column 1, runcmd: This key is there twice; the first is in line 2."),
        ("packages:\n\t- git", "line 3, column 1: A tab, or a character that needs quotes. Indent with spaces only."),
        ("runcmd:\n  - echo a: b: c", "line 3, column 14: A “:” too much: put quotes around text that has one, or mend the indent."),
        ("runcmd: [a, b\nusers: [c]", "line 3, column 6: A bracket that was opened is not closed."),
        ("a: 'x", "line 3, column 1: It ends in the middle of something, such as open quotes."),
        ("hostname: 2024-01-01", "line 2, column 1, hostname: It has to be text, and is a date."),
        ("x: !!python/object/apply:os.system [ls]", "line 2, column 4, x: The tag tag:yaml.org,2002:python/object/apply:o… is not possible here."),
        ("x: *y", "line 2, column 4: The alias *y stands for nothing before it."),
        ("x: &y [*y]", "line 2, column 8: The alias *y stands for nothing before it."),
        ("? [a]\n: b", "line 2, column 3: A key has to be plain text."),
        ("x: 1\n---\ny: 2", "line 3, column 1: A second document begins here (“---”); cloud-init reads one."),
        ("- a", "It has to be lines of “key: value”, such as packages: [git]."),
        ("x: &d {nmae: b, name: c}\nusers: [<<: *d]", "line 3, column 9, users[0].nmae: cloud-init does not know this key. Did you mean name?"),
    ],
)  # fmt: skip
def test_a_problem_names_line_column_and_field(text, problem):
    assert told(config(text)) == [problem]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("# cloud-config\npackages: [a]", "line 1, column 1: The first line has to be #cloud-config, just so."),
        ("\ncloud-conifg\npackages: [a]", "line 2, column 1: The first line has to be #cloud-config, just so."),
        (MIME, "line 8, column 1, runcmd: It has to be a list, and is a whole number."),
        ("Content-Type: multipart/mixed; boundary=c\n\nxx", "It says that it has parts, and has none: look at its boundary."),
        ("Content-Type: multipart/mixed; boundary=c\n" + "\n--c\n" * 5000, "It has too many parts, or parts in parts."),
        ("\x1f\ufffd\x08", "It is compressed. Give the text itself."),
        ("ab\n\x7fELF\x00", "line 2, column 1: It is not text: there is a character that no text has."),
        ("#!" + "a" * 1_000_000, f"It has 1,000,002 bytes; {MOST_BYTES:,} are possible. Let it fetch what is large."),
    ],
)  # fmt: skip
def test_what_is_no_cloud_config_is_told_in_words(text, problem):
    assert told(text) == [problem]


@pytest.mark.parametrize(
    ("text", "warning"),
    [
        (config("pakages: [x]"), "line 2, column 1, pakages: cloud-init does not know this key. Did you mean packages?"),
        (config("apt_update: true"), "line 2, column 1, apt_update: It is out of date: use package_update instead."),
        ("#cloud-config", "There is nothing in it yet."),
        ("## template: jinja\n#cloud-config\n{% for a in range(10**9) %}{{ 'x' * 10**9 }}{% endfor %}", "Skydeck does not fill it in; the guest does."),
        ("<powershell>", "cloud-init does not know what to do with it: its first line is neither #cloud-config nor begins with #!."),
    ],
)  # fmt: skip
def test_what_may_be_wrong_is_warned_of_and_goes_through(text, warning):
    report = check(text)
    assert (list(report.problems), [str(one) for one in report.warnings]) == ([], [warning])


def test_all_problems_are_told_at_once_up_to_ten_in_the_order_of_their_lines():
    report = check(config("packages:\n" + "  - 5\n" * 30))
    assert [problem.line for problem in report.first] == list(range(3, 13))
    assert (len(report.first), report.more) == (MOST, 20)


def calls_of(text: str) -> int:
    """How many functions the check calls: its work, whatever the clock says."""
    count = 0

    def note(frame, event, argument):
        nonlocal count
        count += event in {"call", "c_call"}

    sys.setprofile(note)
    try:
        check(text)
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize(
    "text",
    [
        LAUGHS,
        config("[" * 40_000),
        config("{a: " * 10_000),
        config("x:" + " - " * 15_000),
        config("packages:\n" + "- 1\n" * 9_900),
        config("users:\n" + "- {x: 1}\n" * 3_300),
        config("ntp:\n  pools: [" + ",".join(f"{{a: {n}}}" for n in range(3_300)) + "]"),
        config("".join(f"k{n}: 1\n" for n in range(4_900))),
        config("x: " + "1" * 40_000 + "\ny: " + "1:" * 3_000 + "1"),
    ],
    ids=["laughs", "lists", "blocks", "dashes", "errors", "users", "twice", "keys", "numbers"],
)
def test_a_text_that_is_meant_to_take_long_does_not(text):
    assert calls_of(text) < 3_000_000  # half a second to one second
    assert len(check(text).problems) <= 2 * MOST_ERRORS


def test_aliases_count_for_what_they_stand_for():
    assert told(LAUGHS) == [
        f"line 6, column 10: It has more than {MOST_NODES} values, with all that its aliases stand for."
    ]
    assert told(config("x: &a [1, 2]\ny: [*a, *a]")) == []


def test_a_slow_pattern_sees_short_texts_only():
    (problem,) = told(config('swap: {size: "' + "1" * 48_000 + '"}'))
    assert problem.startswith("line 2, column 8, swap.size: It does not have the form")


def test_the_schema_is_the_one_that_its_readme_names():
    digest = hashlib.sha256(FILE.read_bytes()).hexdigest()
    assert digest == "5b66b595fff85f4098f1cf1212e801e13b83026381155ef6df455247052272ef"
    assert {"packages", "users", "write_files", "runcmd", "bootcmd", "ntp"} <= known_keys()
    assert json.loads(FILE.read_text())["$schema"].endswith("draft-04/schema#")
