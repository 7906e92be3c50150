"""The tables of the fake cloud's file, as the steps by which they grew.

A new file takes all steps, an older one those that it lacks. A step that was ever released is never changed.
"""

from __future__ import annotations

INSTANCES_AND_IMAGES = """
CREATE TABLE instances (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, status TEXT NOT NULL,
    vcpus INTEGER NOT NULL, ram_mib INTEGER NOT NULL, disk_gib INTEGER NOT NULL,
    tenant_id TEXT, instance_id TEXT, operation_id TEXT NOT NULL DEFAULT '',
    address TEXT NOT NULL DEFAULT '', image_id TEXT NOT NULL DEFAULT '', flavor_id TEXT NOT NULL DEFAULT '',
    created_at REAL NOT NULL, fault TEXT NOT NULL DEFAULT '', console_log TEXT NOT NULL DEFAULT '',
    settles_at REAL, settles_to TEXT, settles_fault TEXT NOT NULL DEFAULT ''
);
CREATE INDEX instances_by_mark ON instances (instance_id);
CREATE INDEX instances_unsettled ON instances (settles_at) WHERE settles_at IS NOT NULL;
CREATE TABLE images (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, min_disk_gib INTEGER NOT NULL, min_ram_mib INTEGER NOT NULL,
    size_bytes INTEGER NOT NULL, login_hint TEXT NOT NULL
);
CREATE TABLE changes (number INTEGER PRIMARY KEY AUTOINCREMENT, remote_id TEXT NOT NULL);
CREATE TABLE journal (
    number INTEGER PRIMARY KEY AUTOINCREMENT, at REAL NOT NULL, call TEXT NOT NULL, about TEXT NOT NULL,
    answer TEXT NOT NULL
);
CREATE TABLE faults (
    number INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, call TEXT NOT NULL, times INTEGER,
    value TEXT NOT NULL
);
CREATE TABLE consoles (remote_id TEXT PRIMARY KEY, holder TEXT NOT NULL);
INSERT INTO images VALUES
    ('demo', 'Demo Linux', 1, 64, 19000000, 'User demo, password demo.'),
    ('debian-12', 'Debian 12', 4, 512, 350000000, 'User debian, with your key.'),
    ('ubuntu-24.04', 'Ubuntu 24.04 LTS', 4, 1024, 600000000, 'User ubuntu, with your key.');
"""

VERBS_AND_HISTORY = """
ALTER TABLE instances ADD COLUMN place_id TEXT NOT NULL DEFAULT '';
ALTER TABLE instances ADD COLUMN task TEXT NOT NULL DEFAULT '';
ALTER TABLE instances ADD COLUMN is_locked INTEGER NOT NULL DEFAULT 0;
ALTER TABLE instances ADD COLUMN is_partial INTEGER NOT NULL DEFAULT 0;
ALTER TABLE instances ADD COLUMN host TEXT NOT NULL DEFAULT 'fake-host';
ALTER TABLE instances ADD COLUMN server_group_id TEXT NOT NULL DEFAULT '';
ALTER TABLE instances ADD COLUMN tags TEXT NOT NULL DEFAULT '[]';
ALTER TABLE instances ADD COLUMN metadata TEXT NOT NULL DEFAULT '{}';
ALTER TABLE instances ADD COLUMN volume_ids TEXT NOT NULL DEFAULT '[]';
ALTER TABLE instances ADD COLUMN volume_gib INTEGER NOT NULL DEFAULT 0;
ALTER TABLE instances ADD COLUMN earlier TEXT NOT NULL DEFAULT '{}';
ALTER TABLE instances ADD COLUMN settles_with TEXT NOT NULL DEFAULT '{}';
CREATE INDEX instances_by_place ON instances (place_id, created_at, id);
CREATE INDEX instances_by_group ON instances (server_group_id) WHERE server_group_id != '';
ALTER TABLE images ADD COLUMN place_id TEXT NOT NULL DEFAULT '';
ALTER TABLE images ADD COLUMN snapshot_key TEXT;
ALTER TABLE changes ADD COLUMN place_id TEXT NOT NULL DEFAULT '';
ALTER TABLE journal ADD COLUMN place_id TEXT NOT NULL DEFAULT '';
ALTER TABLE journal ADD COLUMN credential TEXT NOT NULL DEFAULT '';
ALTER TABLE journal ADD COLUMN is_read INTEGER NOT NULL DEFAULT 0;
CREATE TABLE gone (id TEXT PRIMARY KEY, place_id TEXT NOT NULL, instance TEXT NOT NULL);
CREATE TABLE actions (
    number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL, remote_id TEXT NOT NULL, place_id TEXT NOT NULL,
    name TEXT NOT NULL, started_at REAL NOT NULL, credential TEXT NOT NULL, message TEXT NOT NULL DEFAULT ''
);
CREATE INDEX actions_by_instance ON actions (remote_id);
CREATE TABLE flavors (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, vcpus INTEGER NOT NULL, ram_mib INTEGER NOT NULL,
    disk_gib INTEGER NOT NULL, extra_specs TEXT NOT NULL DEFAULT '{}'
);
INSERT INTO flavors VALUES
    ('m1.tiny', 'm1.tiny', 1, 512, 1, '{}'),
    ('m1.small', 'm1.small', 1, 2048, 20, '{}'),
    ('m1.medium', 'm1.medium', 2, 4096, 40, '{}'),
    ('m1.large', 'm1.large', 4, 8192, 80, '{}'),
    ('c1.pinned', 'c1.pinned', 2, 2048, 20, '{"hw:cpu_policy": "dedicated"}');
CREATE TABLE server_groups (
    id TEXT PRIMARY KEY, place_id TEXT NOT NULL, name TEXT NOT NULL, policy TEXT NOT NULL,
    UNIQUE (place_id, name, policy)
);
CREATE TABLE places (
    id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, is_enabled INTEGER NOT NULL DEFAULT 1,
    mark TEXT NOT NULL DEFAULT ''
);
CREATE TABLE credentials (
    id TEXT PRIMARY KEY, place_id TEXT NOT NULL, label TEXT NOT NULL, key TEXT NOT NULL,
    is_revoked INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE limits (
    place_id TEXT NOT NULL, resource TEXT NOT NULL, amount INTEGER, PRIMARY KEY (place_id, resource)
);
"""

NETWORKS = """
CREATE TABLE networks (
    id TEXT PRIMARY KEY, place_id TEXT NOT NULL, name TEXT NOT NULL, status TEXT NOT NULL DEFAULT 'ACTIVE',
    is_external INTEGER NOT NULL DEFAULT 0, is_shared INTEGER NOT NULL DEFAULT 0, mark TEXT NOT NULL DEFAULT ''
);
CREATE TABLE subnets (
    id TEXT PRIMARY KEY, place_id TEXT NOT NULL, network_id TEXT NOT NULL, name TEXT NOT NULL, cidr TEXT NOT NULL,
    gateway TEXT NOT NULL, has_dhcp INTEGER NOT NULL DEFAULT 1, dns TEXT NOT NULL DEFAULT '[]',
    first TEXT NOT NULL, last TEXT NOT NULL
);
CREATE INDEX subnets_by_network ON subnets (network_id);
CREATE TABLE routers (
    id TEXT PRIMARY KEY, place_id TEXT NOT NULL, name TEXT NOT NULL, external_network_id TEXT NOT NULL DEFAULT '',
    mark TEXT NOT NULL DEFAULT ''
);
CREATE TABLE ports (
    id TEXT PRIMARY KEY, place_id TEXT NOT NULL, network_id TEXT NOT NULL, subnet_id TEXT NOT NULL,
    address TEXT NOT NULL, number INTEGER NOT NULL, mac TEXT NOT NULL, status TEXT NOT NULL DEFAULT 'ACTIVE',
    device_id TEXT NOT NULL DEFAULT '', owner TEXT NOT NULL DEFAULT '',
    UNIQUE (subnet_id, number)
);
CREATE INDEX ports_by_device ON ports (device_id);
CREATE INDEX ports_by_place ON ports (place_id);
CREATE TABLE security_groups (
    id TEXT PRIMARY KEY, place_id TEXT NOT NULL, name TEXT NOT NULL, description TEXT NOT NULL DEFAULT '',
    mark TEXT NOT NULL DEFAULT ''
);
CREATE TABLE rules (
    id TEXT PRIMARY KEY, place_id TEXT NOT NULL, security_group_id TEXT NOT NULL, direction TEXT NOT NULL,
    family TEXT NOT NULL, protocol TEXT NOT NULL DEFAULT '', port_min INTEGER NOT NULL DEFAULT 0,
    port_max INTEGER NOT NULL DEFAULT 0, cidr TEXT NOT NULL DEFAULT '', group_id TEXT NOT NULL DEFAULT '',
    description TEXT NOT NULL DEFAULT ''
);
CREATE INDEX rules_by_group ON rules (security_group_id);
CREATE TABLE port_groups (
    port_id TEXT NOT NULL, security_group_id TEXT NOT NULL, PRIMARY KEY (port_id, security_group_id)
);
CREATE TABLE floating_ips (
    id TEXT PRIMARY KEY, place_id TEXT NOT NULL, network_id TEXT NOT NULL, address TEXT NOT NULL,
    port_id TEXT NOT NULL DEFAULT '', mark TEXT NOT NULL DEFAULT ''
);
CREATE INDEX floating_ips_by_port ON floating_ips (port_id);
INSERT INTO networks (id, place_id, name, is_external, is_shared) VALUES
    ('public', '', 'public', 1, 0),
    ('shared', '', 'shared', 0, 1);
INSERT INTO subnets (id, place_id, network_id, name, cidr, gateway, first, last) VALUES
    ('public-v4', '', 'public', 'public-v4', '203.0.113.0/24', '203.0.113.1', '203.0.113.2', '203.0.113.254'),
    ('shared-v4', '', 'shared', 'shared-v4', '10.20.0.0/16', '10.20.0.1', '10.20.0.2', '10.20.255.254');
CREATE VIEW servers AS SELECT instances.*,
    (SELECT group_concat(ports.address || coalesce(' ' || floating_ips.address, ''), ' ') FROM ports
     LEFT JOIN floating_ips ON floating_ips.port_id = ports.id WHERE ports.device_id = instances.id) AS port_addresses
    FROM instances;
"""

WORDS_AND_USER_DATA = """
ALTER TABLE instances ADD COLUMN description TEXT NOT NULL DEFAULT '';
ALTER TABLE instances ADD COLUMN user_data TEXT NOT NULL DEFAULT '';
UPDATE gone SET instance = json_set(instance, '$.description', '');
"""

OWNERS_OF_IMAGES = """
ALTER TABLE images ADD COLUMN tenant_id TEXT NOT NULL DEFAULT '';
"""

HOSTS = """
CREATE TABLE hosts (
    name TEXT PRIMARY KEY, vcpus INTEGER NOT NULL, ram_mib INTEGER NOT NULL, disk_gib INTEGER NOT NULL,
    state TEXT NOT NULL DEFAULT 'up'
);
"""

KEYS_OF_PEOPLE = """
ALTER TABLE credentials ADD COLUMN person TEXT NOT NULL DEFAULT '';
ALTER TABLE credentials ADD COLUMN mark TEXT NOT NULL DEFAULT '';
"""

PASSWORDS = """
ALTER TABLE instances ADD COLUMN password_data TEXT NOT NULL DEFAULT '';
"""

ZONES_OF_NETWORKS = """
ALTER TABLE networks ADD COLUMN zone TEXT NOT NULL DEFAULT '';
"""

SYSTEMS_OF_IMAGES = """
ALTER TABLE images ADD COLUMN is_windows INTEGER;
"""

STEPS = (
    INSTANCES_AND_IMAGES,
    VERBS_AND_HISTORY,
    NETWORKS,
    WORDS_AND_USER_DATA,
    OWNERS_OF_IMAGES,
    HOSTS,
    KEYS_OF_PEOPLE,
    PASSWORDS,
    ZONES_OF_NETWORKS,
    SYSTEMS_OF_IMAGES,
)


def statements(step: str) -> list[str]:
    """One by one, since `executescript` ends the transaction that it is called in."""
    return [statement for statement in step.split(";\n") if statement.strip()]
