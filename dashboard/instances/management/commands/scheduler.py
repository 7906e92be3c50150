"""`manage.py scheduler`: the clock, and the ears. Rings the bells of the schedule, listens to the clouds."""

from __future__ import annotations

import signal
import threading
from typing import Any

from celery import current_app
from celery.beat import Scheduler, Service
from django.core.management.base import BaseCommand

from dashboard.instances.follow import follow_places
from dashboard.instances.watch import watch_clouds


class Command(BaseCommand):
    help = "Run Celery's beat and the listeners of all clouds in one process. Two of them are harmless."

    def handle(self, *args: Any, **options: Any) -> None:
        stop = threading.Event()
        beat = Service(current_app, scheduler_cls=Scheduler)  # in memory: the schedule is fixed
        signal.signal(signal.SIGTERM, lambda *_: beat.stop())
        ears = [threading.Thread(target=ear, args=(stop,), name=ear.__name__) for ear in (watch_clouds, follow_places)]
        for ear in ears:
            ear.start()
        try:
            beat.start()
        except KeyboardInterrupt:
            beat.stop()
        finally:
            stop.set()
            for ear in ears:
                ear.join(timeout=5)
