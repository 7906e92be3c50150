"""Bringing the database up to date."""

from __future__ import annotations

from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.migration import Migration

from .terminal import say


def missing_migrations() -> list[Migration]:
    """Those that this code has and the database has not. Raises django.db.Error."""
    executor = MigrationExecutor(connection)
    return [migration for migration, _ in executor.migration_plan(executor.loader.graph.leaf_nodes())]


def migrate() -> None:
    """Nothing, quickly, when the database is up to date. Raises django.db.Error."""
    if missing := missing_migrations():
        say(f"Migrating the database: {len(missing)} steps")
        call_command("migrate", interactive=False, verbosity=0)
