"""OpenStack's ec2-api, an EC2 on the lab's Nova: started by the tests that ask it, not by `up`; ended by `down` too.

Nobody maintains it, and it wants a SQLAlchemy that the services have left: its packages are in a venv of its own.
Instances, images, key pairs, groups, addresses, volumes and tags are there. What does not work any more: a subnet
cannot be made (Neutron refuses the gateway that ec2-api sets), so there are no interfaces either.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from . import configuration, database, ground, packages, processes, services
from .place import Lab
from .processes import Daemon

NAME, DATABASE = "ec2-api", "ec2"
LOCK = packages.LOCK.with_name("ec2_requirements.lock")
FILES = ("ec2/ec2api.conf", "ec2/api-paste.ini")


def begin(lab: Lab) -> bool:
    """Install and start it in a lab that is up, and wait until it answers; False where it ran. Raises LabFailed."""
    if processes.find(lab, NAME):
        return False
    packages.make_venv(_venv(lab), lock=LOCK)
    _configure(lab)
    ground.make_databases(lab, [DATABASE])
    sync = [_program(lab, "ec2-api-manage"), *_settings(lab), "db_sync"]
    database.bring_up(lab, {DATABASE: [sync]}, wanted=packages.fingerprint(LOCK))
    daemon = Daemon(NAME, [_program(lab, "ec2-api"), *_settings(lab)], lambda: services.serves(lab.port("ec2"), "/"))
    processes.start(lab, daemon)
    processes.wait_for(lab, [daemon])
    return True


def end(lab: Lab) -> None:
    processes.end(lab, [process for process in processes.running(lab) if process.name == NAME])


def _venv(lab: Lab) -> Path:
    return lab.folder("venv-ec2")


def _program(lab: Lab, name: str) -> str:
    return str(_venv(lab) / "bin" / name)


def _settings(lab: Lab) -> list[str]:
    return ["--config-file", lab.config(FILES[0])]


def _configure(lab: Lab) -> None:
    """A lab that was started before this part was known has neither the folder nor the stand-in."""
    (lab.folder("data") / "ec2").mkdir(exist_ok=True)
    shutil.copy(configuration.HERE / "stand_ins/ec2_tokens.py", lab.folder("stand_ins") / "skydeck_lab")
    configuration.fill(lab, FILES)
