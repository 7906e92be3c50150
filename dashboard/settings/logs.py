"""Words for whoever runs this."""

from __future__ import annotations

import sys
from typing import Any

import structlog

from dashboard.ui import scrubbing

from .environment import env

LOG_LEVEL = env("SKYDECK_LOG_LEVEL", "INFO").upper()
_RENDERER: Any = (
    structlog.processors.JSONRenderer()
    if env("SKYDECK_LOG_FORMAT", "text") == "json"
    else structlog.dev.ConsoleRenderer(
        colors=sys.stdout.isatty(),
        pad_event_to=0,
        # never the pretty one: it prints local variables, and with them whatever is secret
        exception_formatter=structlog.dev.plain_traceback,
    )
)
_SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso"),
]
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": structlog.stdlib.ProcessorFormatter,
            "processors": [
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                scrubbing.fields,
                _RENDERER,
                scrubbing.line,
            ],
            "foreign_pre_chain": _SHARED,
        }
    },
    "filters": {"one_line": {"()": "dashboard.ui.refusals.OneLine"}},
    "handlers": {"stdout": {"class": "logging.StreamHandler", "formatter": "line", "stream": "ext://sys.stdout"}},
    "root": {"handlers": ["stdout"], "level": LOG_LEVEL},
    "loggers": {
        "django.server": {"handlers": ["stdout"], "propagate": False},
        # a refusal in words is no error of ours, and needs no traceback
        "django.request": {"level": "ERROR"},
        "django.security.DisallowedHost": {"level": "CRITICAL"},
        "django.security.RequestDataTooBig": {"filters": ["one_line"]},
        "django.security.TooManyFieldsSent": {"filters": ["one_line"]},
        "django.security.TooManyFilesSent": {"filters": ["one_line"]},
        # Celery says each tick of the schedule at INFO: four lines a second of nothing
        "celery.beat": {"level": "WARNING"},
        "celery.app.trace": {"level": "WARNING"},
        "celery.worker.strategy": {"level": "WARNING"},
    },
}
structlog.configure(
    processors=[
        *_SHARED,
        structlog.processors.format_exc_info,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)
