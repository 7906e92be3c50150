"""The processes that make up a running Skydeck."""

from __future__ import annotations

import sys

from django.conf import settings

from . import home
from .embedded_cloud import EmbeddedCloud
from .environment import ROOT
from .libvirtd import Libvirtd
from .plan import Part, Plan

WORKER_OPTIONS = ["--pool", "threads", "--concurrency", "16", "--without-gossip", "--without-mingle"]
# Celery means pickled messages from others; ours are JSON and hold ids only
NO_WARNING = "ignore:You're running the worker with superuser privileges"


def plan_for(cloud: EmbeddedCloud) -> Plan:
    """What the supervisor shall run. A libvirtd that answers already is somebody else's: used, not run."""
    libvirtd = cloud.libvirtd
    daemons = [_libvirtd(libvirtd)] if libvirtd and not libvirtd.answers() else []
    return Plan(
        parts=[
            *daemons,
            _python("web", "-m", "dashboard.serve"),
            _python("worker", *_worker()),
            _python("scheduler", "manage.py", "scheduler"),
        ],
        log=settings.HOME / "log/skydeck.log",
        record=home.record(settings.HOME),
        health_url=f"http://{_reachable(settings.BIND)}:{settings.PORT}/healthz",
        welcome=_welcome(),
        has_guests=libvirtd is not None,
    )


def _libvirtd(libvirtd: Libvirtd) -> Part:
    return Part(
        name="libvirtd",
        command=libvirtd.command(),
        environment=libvirtd.environment(),
        account=libvirtd.account.popen_arguments(),
        ends_last=True,
    )


def _worker() -> list[str]:
    celery = ["-W", NO_WARNING, "-m", "celery", "--quiet", "--app", "dashboard"]
    return [*celery, "worker", *WORKER_OPTIONS, "--loglevel", settings.LOG_LEVEL]


def _python(name: str, *arguments: str) -> Part:
    return Part(name=name, command=[sys.executable, *arguments], folder=str(ROOT))


def _reachable(bind: str) -> str:
    """An address of this machine for one that may mean all of them."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(bind, bind)  # noqa: S104
    return f"[{host}]" if ":" in host else host


def _welcome() -> str:
    return f"\nSkydeck answers at {settings.ORIGINS[0]}/\nCtrl-C ends it.\n"
