"""Names for several instances: patterns, what is no pattern, and names that are taken."""

import pytest

from dashboard.instances.models import Instance
from dashboard.instances.naming import Naming, TooLong, names_for, problem_with


@pytest.mark.parametrize(
    ("pattern", "count", "first", "names"),
    [
        ("web", 1, 1, ["web"]),
        ("web", 2, 1, ["web-1", "web-2"]),
        ("web", 3, 8, ["web-08", "web-09", "web-10"]),
        ("web", 1, 10**12, ["web"]),
        ("web", 2, 10**12, ["web-1000000000000", "web-1000000000001"]),
        ("web-{n}", 2, 9, ["web-9", "web-10"]),
        ("web-{n:02}-a", 2, 9, ["web-09-a", "web-10-a"]),
        ("{n:09}", 1, 0, ["000000000"]),
        ("{n}{n}", 2, 1, ["11", "22"]),
        ("\N{ROCKET}-{n}", 1, 3, ["\N{ROCKET}-3"]),
        ("%s %d \\1 {n}", 1, 3, ["%s %d \\1 3"]),
    ],
)
def test_the_number_takes_the_place_of_its_mark(lab, pattern, count, first, names):
    assert problem_with(pattern) == ""
    assert names_for(lab, Naming(pattern=pattern, count=count, first=first)).names == names


@pytest.mark.parametrize(
    "pattern", ["web-{", "web-}", "{}", "{0.__class__}", "{n:999}", "{n:2}", "{n!r}", "{{n}}", "{N}", "{n}{"]
)
def test_any_other_brace_is_no_pattern(pattern):
    assert "only {n} stands for the number" in problem_with(pattern)


def test_names_that_are_taken_are_passed_over(launch, lab):
    for name in ("web-2", "web-3", "other-1"):
        launch(name)
    named = names_for(lab, Naming(pattern="web", count=3))
    assert (named.names, named.skipped) == (["web-1", "web-4", "web-5"], ["web-2", "web-3"])


def test_the_name_of_one_that_is_deleted_or_anothers_is_free(launch, lab, other):
    instance = launch("web-1")
    Instance.objects.filter(pk=instance.pk).update(tenant=other)
    assert names_for(lab, Naming(pattern="web", count=1, first=1)).names == ["web"]
    assert names_for(lab, Naming(pattern="web", count=2)).skipped == []


def test_a_name_that_its_number_makes_too_long_is_refused(lab):
    assert len(names_for(lab, Naming(pattern="x" * 253, count=9)).names) == 9
    with pytest.raises(TooLong):
        names_for(lab, Naming(pattern="x" * 253, count=10))
