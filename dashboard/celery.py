"""The Celery application. Messages carry one row's id; losing one delays work, never loses it."""

from __future__ import annotations

import os
from pathlib import Path

from celery import Celery
from django.conf import settings

from dashboard import broker

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")

broker.register()
app = Celery("skydeck")
app.set_default()  # for the threads that answer requests too, not only for the one that imports this
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

if settings.BROKER_URL.startswith(broker.SCHEME):
    for folder in ("messages", "control"):
        Path(settings.BROKER_FOLDER, folder).mkdir(parents=True, exist_ok=True)
