"""`manage.py usage check` finds what is wrong, and nothing where all is right."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from dashboard.clouds.interface import Status
from dashboard.instances.models import Instance
from dashboard.usage.models import Counted, DayUse, Span
from dashboard.usage.rolling import roll_up
from dashboard.usage.spans import seconds


@pytest.fixture
def built(launch, work):
    instance = launch()
    work()
    began = timezone.now() - timedelta(days=3)
    Span.objects.update(began_s=seconds(began))
    Counted.objects.update_or_create(
        pk=1, defaults={"since_s": seconds(began), "rolled_until": began.astimezone(UTC).date()}
    )
    return instance


def checked() -> str:
    out = StringIO()
    with suppress(SystemExit):
        call_command("usage", "check", stdout=out)
        return "" if out.getvalue() == "Nothing differs.\n" else out.getvalue()
    return f"exit status 1: {out.getvalue()}"


def test_nothing_differs_after_a_launch_and_when_days_are_summed_up(built):
    assert checked() == ""
    assert roll_up() >= 2
    assert checked() == ""


def test_a_span_that_overlaps_is_named(built):
    span = Span.objects.get()
    Span.objects.create(
        **{
            field.name: getattr(span, field.name)
            for field in Span._meta.fields
            if field.name not in ("id", "began_s", "ended_s")
        },
        began_s=span.began_s - 100,
        ended_s=span.began_s + 100,
    )
    assert "overlaps" in checked()


def test_a_row_that_changed_without_a_span_is_named(built):
    Instance.objects.update(status=Status.SHUTOFF)
    assert "counts as another than it is" in checked()
    Instance.objects.update(remote_id="")
    assert "is not on its cloud" in checked()
    Instance.objects.update(deleted_at=timezone.now())
    assert "has no row that is open" in checked()
    Span.objects.all().delete()
    Instance.objects.update(deleted_at=None, remote_id="x", status=Status.ACTIVE)
    assert "does not count" in checked()


def test_a_sum_that_was_changed_is_named(built):
    roll_up()
    DayUse.objects.filter(pk=DayUse.objects.first().pk).update(vcpu_s=1)
    assert "the sum is not what its spans add up to" in checked()


def test_the_clock_sums_up_days(built):
    from dashboard.usage.tasks import sum_up_days

    sum_up_days()
    over = datetime.fromtimestamp(timezone.now().timestamp() - 3600, UTC).date()
    assert Counted.objects.get().rolled_until == over
