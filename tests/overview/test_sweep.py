from datetime import timedelta

from django.utils import timezone

from dashboard.consoles.models import Ticket
from dashboard.consoles.tasks import sweep as sweep_tickets
from dashboard.live.models import Event
from dashboard.overview.tasks import sweep


def test_only_what_is_old_is_swept(lab):
    for minutes in (5, 90):
        event = Event.objects.create(topic="instances")
        Event.objects.filter(pk=event.pk).update(at=timezone.now() - timedelta(minutes=minutes))
    sweep()
    assert Event.objects.count() == 1


def test_tickets_of_today_stay(launch, bob):
    for number, hours in enumerate((1, 30)):
        ticket = Ticket.objects.create(token_hash=str(number), user=bob, instance=launch(f"w{number}"), kind="serial")
        Ticket.objects.filter(pk=ticket.pk).update(created_at=timezone.now() - timedelta(hours=hours))
    sweep_tickets()
    assert Ticket.objects.count() == 1
