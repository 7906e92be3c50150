"""What the services stand on: MariaDB, RabbitMQ with its name server, memcached."""

from __future__ import annotations

import shutil
import socket
import subprocess
from collections.abc import Iterable
from pathlib import Path

from .configuration import DATABASES
from .place import HOST, Lab, is_listening
from .processes import Daemon, start, wait_for

# ended in this order, after everything else
NAMES = ("rabbitmq", "epmd", "memcached", "mariadb")
# Nothing is written through to the disk: a lab may lose its data with its machine
MARIADB_OPTIONS = [
    "--skip-name-resolve",
    "--max-connections=2000",
    "--character-set-server=utf8mb3",
    "--collation-server=utf8mb3_general_ci",
    "--innodb-buffer-pool-size=512M",
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-doublewrite=0",
    "--innodb-log-file-size=128M",
    "--skip-log-bin",
    "--performance-schema=OFF",
]
# Erlang's schedulers spin while they wait, for speed that nobody needs here
ERLANG_OPTIONS = "-kernel inet_dist_use_interface {127,0,0,1} +sbwt none +sbwtdcpu none +sbwtdio none"


def begin(lab: Lab) -> None:
    """Start them and wait until they answer. Raises LabFailed."""
    _make_data_folder(lab)
    daemons = [_mariadb(lab), _memcached(lab), _epmd(lab), _rabbitmq(lab)]
    for daemon in daemons:
        start(lab, daemon)
    wait_for(lab, daemons)
    make_databases(lab, DATABASES)


def _data_folder(lab: Lab) -> Path:
    return lab.folder("data") / "mariadb"


def _socket(lab: Lab) -> Path:
    return lab.folder("run") / "mariadb.sock"


def _make_data_folder(lab: Lab) -> None:
    if (_data_folder(lab) / "mysql").exists():
        return
    users = ["--user=root", "--auth-root-authentication-method=socket", "--auth-root-socket-user=root"]
    command = ["mariadb-install-db", "--no-defaults", f"--datadir={_data_folder(lab)}", "--skip-test-db", *users]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=lab.environment())


def _mariadb(lab: Lab) -> Daemon:
    places = [
        f"--datadir={_data_folder(lab)}",
        f"--socket={_socket(lab)}",
        f"--pid-file={lab.folder('run')}/mariadb.own",
    ]
    listen = [f"--bind-address={HOST}", f"--port={lab.port('mariadb')}"]
    command = ["/usr/sbin/mariadbd", "--no-defaults", "--user=root", *places, *listen, *MARIADB_OPTIONS]
    return Daemon("mariadb", command, lambda: is_listening(lab.port("mariadb")))


def make_databases(lab: Lab, names: Iterable[str]) -> None:
    make = [f"CREATE DATABASE IF NOT EXISTS {name} CHARACTER SET utf8mb3;" for name in names]
    for host in (HOST, "localhost"):
        make.append(f"CREATE USER IF NOT EXISTS 'lab'@'{host}' IDENTIFIED BY '{lab.secrets['database']}';")
        make.append(f"GRANT ALL ON *.* TO 'lab'@'{host}';")
    client = ["mariadb", "--no-defaults", f"--socket={_socket(lab)}", "--user=root"]
    subprocess.run(client, input="".join(make), text=True, check=True, env=lab.environment())


def _memcached(lab: Lab) -> Daemon:
    port = lab.port("memcached")
    command = ["/usr/bin/memcached", "-u", "root", "-l", HOST, "-p", str(port), "-m", "128", "-c", "4096"]
    return Daemon("memcached", command, lambda: is_listening(port))


def _epmd(lab: Lab) -> Daemon:
    """Erlang's name server; RabbitMQ would else start one on the usual port."""
    port = lab.port("epmd")
    program = shutil.which("epmd") or "/usr/bin/epmd"
    listens = {"ERL_EPMD_ADDRESS": HOST}
    return Daemon("epmd", [program, "-port", str(port)], lambda: is_listening(port), listens)


def _rabbitmq(lab: Lab) -> Daemon:
    data, settings = lab.folder("data") / "rabbitmq", lab.folder("etc") / "rabbitmq"
    environment = {
        "HOME": str(data),
        "RABBITMQ_HOME": str(data),
        "RABBITMQ_NODENAME": f"lab{lab.port_base}@localhost",
        "RABBITMQ_CONFIG_FILE": str(settings / "rabbitmq.conf"),
        "RABBITMQ_CONF_ENV_FILE": str(settings / "environment"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(settings / "enabled_plugins"),
        "RABBITMQ_MNESIA_BASE": str(data / "mnesia"),
        "RABBITMQ_LOG_BASE": str(data / "log"),
        "RABBITMQ_PID_FILE": str(data / "own.pid"),
        "RABBITMQ_NODE_IP_ADDRESS": HOST,
        "RABBITMQ_NODE_PORT": str(lab.port("rabbitmq")),
        "RABBITMQ_DIST_PORT": str(lab.port("rabbitmq_peers")),
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": ERLANG_OPTIONS,
        "ERL_EPMD_ADDRESS": HOST,
        "ERL_EPMD_PORT": str(lab.port("epmd")),
    }
    command = ["/usr/lib/rabbitmq/bin/rabbitmq-server"]
    return Daemon("rabbitmq", command, lambda: _speaks_amqp(lab), environment)


def _speaks_amqp(lab: Lab) -> bool:
    """RabbitMQ listens before it can answer: shake hands."""
    try:
        with socket.create_connection((HOST, lab.port("rabbitmq")), timeout=3) as connection:
            connection.sendall(b"AMQP\x00\x00\x09\x01")
            return connection.recv(1) == b"\x01"
    except OSError:
        return False
