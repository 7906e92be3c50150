"""The long kill test:  .venv/bin/python -m tests.kill_run [--kills 50] [--launches 200] [--database postgresql]

Launches and deletes while the worker is killed with -9 again and again, the broker is emptied now and
then, and every tenth request is sent twice. Prints what was lost, doubled or miscounted; exit status 1 if anything.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests import services

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--kills", type=int, default=50)
    arguments.add_argument("--launches", type=int, default=200)
    arguments.add_argument("--seed", type=int, default=7)
    arguments.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    arguments.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    options = arguments.parse_args()
    if options.inside:
        return run(options)
    with tempfile.TemporaryDirectory(prefix="sky-kill-") as home:
        command = [sys.executable, "-m", "tests.kill_run", "--inside", *sys.argv[1:]]
        base = {**os.environ, "SKYDECK_HOME": home, "DJANGO_SETTINGS_MODULE": "dashboard.settings"}
        if options.database == "sqlite":
            return subprocess.run(command, cwd=ROOT, env=base, check=False).returncode
        with services.both() as urls:
            return subprocess.run(command, cwd=ROOT, env={**base, **urls}, check=False).returncode


def run(options: argparse.Namespace) -> int:
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    from tests import stack as stacks

    call_command("migrate", verbosity=0)
    chance = random.Random(options.seed)
    actor, ask = scene(Path(settings.HOME), slow=True)
    began, kills, emptied, asked = time.monotonic(), 0, 0, 0
    with stacks.running(Path(settings.HOME) / "lab") as stack:
        next_kill = time.monotonic() + 4
        while asked < options.launches or kills < options.kills:
            if asked < options.launches * (kills + 1) / options.kills:
                ask(asked, chance)
                asked += 1
            if kills < options.kills and time.monotonic() > next_kill:
                stack.kill_worker()
                kills += 1
                next_kill = time.monotonic() + chance.uniform(2.5, 5)
                if kills % 17 == 0:
                    stack.empty_broker()
                    emptied += 1
            time.sleep(chance.uniform(0, 0.1))
        stacks.wait_until(nothing_open, seconds=120, what="every operation ends")
    print(
        f"{options.database}: {asked} launches, {kills} kills of the worker, broker emptied {emptied} times, "
        f"{time.monotonic() - began:.0f} s"
    )
    return verdict(actor, asked)


def nothing_open() -> bool:
    from dashboard.operations.models import Operation

    return not Operation.objects.open().exists()


def scene(home: Path, *, slow: bool):
    """A tenant without limits on a fake cloud that forgets who asked before; `slow`: and takes its time."""
    from dashboard.clouds.drivers.fake.faults import Faults
    from dashboard.clouds.models import Cloud, CloudAccount
    from dashboard.images.models import Image
    from dashboard.instances import actions, inventory
    from dashboard.instances.models import Flavor, Instance
    from dashboard.operations.models import Operation
    from dashboard.quotas.models import Quota
    from dashboard.tenancy.models import Role
    from tests.conftest import actor_of, make_tenant, make_user

    tenant = make_tenant("lab")
    Quota.objects.update(limit=10**6)
    actor = actor_of(make_user("bob", tenant, Role.MEMBER), tenant)
    path = str(home / "fake-cloud.sqlite3")
    cloud = Cloud.objects.create(
        name="pretend", kind="fake", settings={"path": path, "forgetful": "yes", "delay_s": "0.3"}
    )
    CloudAccount.objects.create(tenant=tenant, cloud=cloud)
    flavor = Flavor.objects.create(cloud=cloud, name="small", vcpus=1, ram_mib=512, disk_gib=5)
    assert inventory.sync_cloud(cloud.pk)
    if slow:
        Faults(path).slow(0.1)
        Faults(path).slow_answer(0.2, call="create")
    image = Image.objects.first()

    def ask(number: int, chance: random.Random) -> None:
        for _ in range(2 if number % 10 == 0 else 1):
            actions.launch(actor, cloud=cloud, image=image, flavor=flavor, name=f"n{number}", key=f"n{number}")
        if number % 7 == 3:
            busy = Operation.objects.open().values("target_id")
            idle = list(Instance.objects.listed().exclude(pk__in=busy)[:20])
            if idle:
                actions.change(actor, chance.choice(idle).pk, chance.choice(("delete", "delete-now")))

    return actor, ask


def verdict(actor, asked: int) -> int:
    """Compare the rows, the ledger and the cloud."""
    from collections import Counter

    from dashboard.audit.verify import first_broken
    from dashboard.clouds.models import Cloud
    from dashboard.instances.counting_check import differing
    from dashboard.instances.models import Instance
    from dashboard.operations.models import Operation
    from dashboard.quotas.models import Quota
    from dashboard.quotas.reservations import drift
    from dashboard.usage.checking import overlapping

    on_cloud = Counter(remote.mark.instance_id for remote in Cloud.objects.get().driver().compute.list())
    present = {str(pk) for pk in Instance.objects.present().values_list("pk", flat=True)}
    used = Quota.objects.get(tenant=actor.tenant, resource="instances").used
    found = {
        "operations that did not end as done": Operation.objects.exclude(state="done").count(),
        "requests without an instance": asked - Instance.objects.count(),
        "instances lost on the cloud": len(present - set(on_cloud)),
        "instances doubled on the cloud": sum(count - 1 for count in on_cloud.values()),
        "left behind on the cloud": len(set(on_cloud) - present),
        "quota drift": len(drift(actor.tenant)) + abs(used - len(present)),
        "usage that differs": len([*overlapping(), *differing()]),
        "broken audit entries": int(first_broken(str(actor.tenant.pk)) is not None),
    }
    for what, number in found.items():
        print(f"  {number:5}  {what}")
    deleted = Instance.objects.exclude(deleted_at=None).count()
    print(f"  ({len(present)} instances present, {deleted} deleted, quota says {used})")
    return int(any(found.values()))


if __name__ == "__main__":
    sys.exit(main())
