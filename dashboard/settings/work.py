"""Tasks, their schedule, and how long things may take. Messages are hints, rows are the truth."""

from __future__ import annotations

from typing import Any

from celery.schedules import crontab

from .environment import HOME, env, env_int

BROKER_URL = env("SKYDECK_BROKER_URL", "folder://localhost/")
BROKER_FOLDER = HOME / "broker"
CELERY_BROKER_URL = BROKER_URL
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_TIMEOUT = 2
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_WORKER_REDIRECT_STDOUTS = False  # mail that is printed is no warning
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_TASK_DEFAULT_QUEUE = "skydeck"
CELERY_TIMEZONE = "UTC"
if BROKER_URL.startswith("folder:"):
    CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = {
        "data_folder_in": str(BROKER_FOLDER / "messages"),
        "data_folder_out": str(BROKER_FOLDER / "messages"),
        "control_folder": str(BROKER_FOLDER / "control"),
        "store_processed": False,
        # kombu's default of 1 s makes the first step of a launch wait 1.4 s; this is 36 ms at 0.4 % CPU
        "polling_interval": 0.05,
    }
else:
    # Redelivered after this long when a worker dies; our tasks end within 60 s.
    CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 300, "socket_connect_timeout": 2, "socket_timeout": 5}
CELERY_BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    "access-keys": {"task": "access.end_due", "schedule": 5.0, "options": {"expires": 10}},
    "reconcile": {"task": "operations.reconcile", "schedule": 1.0, "options": {"expires": 5}},
    "deadlines": {"task": "instances.keep_deadlines", "schedule": 5.0, "options": {"expires": 10}},
    "empty-tenants": {"task": "tenants.empty_due", "schedule": 2.0, "options": {"expires": 5}},
    "heartbeat": {"task": "operations.beat", "schedule": 5.0, "options": {"expires": 10}},
    "sync": {"task": "instances.sync_clouds", "schedule": 15.0, "options": {"expires": 15}},
    "limits": {"task": "places.read_limits", "schedule": 300.0, "options": {"expires": 300}},
    "hosts": {"task": "clouds.fetch_hosts", "schedule": 300.0, "options": {"expires": 300}},
    "sweep": {"task": "overview.sweep", "schedule": 300.0, "options": {"expires": 300}},
    "sweep-tickets": {"task": "consoles.sweep", "schedule": 300.0, "options": {"expires": 300}},
    "drift": {"task": "quotas.report_drift", "schedule": crontab(hour=3, minute=17), "options": {"expires": 3600}},
    "requested-launches": {"task": "quota_requests.ring_due", "schedule": 5.0, "options": {"expires": 10}},
    "tidy-requests": {"task": "quota_requests.tidy", "schedule": 300.0, "options": {"expires": 300}},
    "usage": {"task": "usage.roll_up", "schedule": crontab(minute=23), "options": {"expires": 3600}},
    "sweep-metrics": {"task": "metrics.sweep", "schedule": 300.0, "options": {"expires": 300}},
    "mail": {"task": "mail.deliver", "schedule": 30.0, "options": {"expires": 30}},
}
# How many days the audit trail is kept; 0: for ever.
AUDIT_DAYS = env_int("SKYDECK_AUDIT_DAYS", 0)
if AUDIT_DAYS:
    CELERY_BEAT_SCHEDULE["audit"] = {
        "task": "audit.remove_old",
        "schedule": crontab(hour=3, minute=17),
        "options": {"expires": 3600},
    }
# How often clouds are asked what each instance uses; 0: never. Finer than a minute is not kept.
METRICS_EVERY_S = env_int("SKYDECK_METRICS_EVERY_S", 60)
if METRICS_EVERY_S:
    CELERY_BEAT_SCHEDULE["metrics"] = {
        "task": "metrics.sample_clouds",
        "schedule": float(METRICS_EVERY_S),
        "options": {"expires": METRICS_EVERY_S},
    }

# How long a worker may be silent before another takes its operation: longer than the longest single cloud call.
OPERATION_LEASE_S = env_int("SKYDECK_OPERATION_LEASE_S", 60)
# How long an operation may wait for a cloud before it is given up and cleaned away.
OPERATION_DEADLINE_S = env_int("SKYDECK_OPERATION_DEADLINE_S", 3600)
# How old the complete picture of a tenant's place may grow while only its changes are asked for.
FULL_SYNC_S = env_int("SKYDECK_FULL_SYNC_S", 300)
# How long a guest may take to shut down by itself before its power is cut.
STOP_GRACE_S = env_int("SKYDECK_STOP_GRACE_S", 60)
# How many instances one person may ask for in a minute, in one tenant; 0: as many as the quota holds.
LAUNCHES_PER_MINUTE = env_int("SKYDECK_LAUNCHES_PER_MINUTE", 300)
# How long an instance that was deleted can be restored; 0: it is gone at once.
UNDO_DELETE_S = env_int("SKYDECK_UNDO_DELETE_S", 600)
# How long a new size waits for its word before it is confirmed by itself; 0: for ever.
RESIZE_CONFIRM_S = env_int("SKYDECK_RESIZE_CONFIRM_S", 86400)
# Tests only: a folder whose files say where a process shall die. Empty means that failpoints do nothing.
FAILPOINT_FOLDER = env("SKYDECK_FAILPOINT_FOLDER")

CONSOLE_TICKET_S = 30
CONSOLES_PER_USER = env_int("SKYDECK_CONSOLES_PER_USER", 10)
CONSOLES_IN_ALL = env_int("SKYDECK_CONSOLES_IN_ALL", 200)
# A console in which nothing was typed for so long is closed, and every one after its longest time.
CONSOLE_IDLE_S = env_int("SKYDECK_CONSOLE_IDLE_S", 3600)
CONSOLE_MAX_S = env_int("SKYDECK_CONSOLE_MAX_S", 8 * 3600)
STREAMS_PER_USER = env_int("SKYDECK_STREAMS_PER_USER", 20)
