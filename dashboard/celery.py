"""The Celery application. Messages carry one row's id; losing one delays work, never loses it."""

from __future__ import annotations

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")

app = Celery("skydeck")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
