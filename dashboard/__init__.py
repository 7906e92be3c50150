"""Skydeck: one self-service web dashboard for private clouds."""

from .celery import app as celery_app

__all__ = ["celery_app"]
