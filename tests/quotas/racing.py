"""One of the processes of a race (contest.py): fifty threads launch at once, and it tells what each was answered.

    python -m tests.quotas.racing <number> <name of the database> <user's id>

It says `ready`, waits for a line, and then says `accepted`, or `refused: <resource>`, or `failed: <error>` of each.
"""

from __future__ import annotations

import sys
import threading

import django
from django.conf import settings

THREADS = 50


def main(number: str, database: str, user_id: str) -> None:
    use(database)
    django.setup()
    answers: list[str] = []
    barrier = threading.Barrier(THREADS + 1)
    ask = asker(user_id)

    def run(thread: int) -> None:
        from django.db import connection

        barrier.wait()
        try:
            answers.append(ask(f"n{number}-{thread}"))
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[thread]) for thread in range(THREADS)]
    for thread in threads:
        thread.start()
    print("ready", flush=True)
    sys.stdin.readline()
    barrier.wait()
    for thread in threads:
        thread.join()
    print("\n".join(f"= {answer}" for answer in answers), flush=True)


def use(database: str) -> None:
    """The test's database. On PostgreSQL with a pool, as in production: a thread waits for a connection."""
    settings.DATABASES["default"]["NAME"] = database
    if settings.DATABASES["default"]["ENGINE"].endswith("postgresql"):
        settings.DATABASES["default"]["OPTIONS"] = {"pool": {"min_size": 2, "max_size": 8, "timeout": 60}}


def asker(user_id: str):
    """Launches an instance of that name and says what came of it."""
    from dashboard.accounts.models import User
    from dashboard.images.models import Image
    from dashboard.instances.actions import launch
    from dashboard.instances.models import Flavor
    from dashboard.quotas.reservations import QuotaExceeded
    from tests.conftest import actor_of

    user = User.objects.get(pk=user_id)
    actor = actor_of(user, user.memberships.get(tenant__slug="lab").tenant)
    flavor = Flavor.objects.usable().for_tenant(actor.tenant).filter(name="small").order_by("pk").first()
    assert flavor is not None
    cloud = flavor.cloud
    image = Image.objects.usable().for_tenant(actor.tenant).filter(cloud=cloud).order_by("name").first()

    def ask(name: str) -> str:
        try:
            launch(actor, cloud=cloud, image=image, flavor=flavor, name=name, key=name)
        except QuotaExceeded as error:
            return "refused: " + ", ".join(f"{s.resource.value} {s.wanted} of {s.left}" for s in error.shortages)
        except Exception as error:  # whatever it is, the test tells of it
            return f"failed: {error!r}"
        return "accepted"

    return ask


if __name__ == "__main__":
    main(*sys.argv[1:])
