from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from dashboard.ui import sprite


class Command(BaseCommand):
    help = "Make static/icons.svg of the outlines that vendor.toml takes from Tabler Icons."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        files = sprite.outlines()
        sprite.target().write_text(sprite.build(files))
        self.stdout.write(f"{len(files)} icons")
