"""A real, small OpenStack on the loopback address: `python3 manage.py lab up|down|status|seed`.

Keystone, Placement, Glance, Nova, Neutron, Cinder and Swift of one release series, with MariaDB, RabbitMQ and
memcached, as processes of one machine. It is for tests and for looking at; nothing in it is meant to last.

Real: every API, the schedulers, the databases, the messages; and on the compute host `kvm1` libvirt and QEMU (in
software), where the image `demo` boots to a login prompt. Flavors real.tiny and real.demo go there, all others not.
Pretended (see stand_ins/): the compute hosts `fake1` and `fake2`, whose guests are rows with a console; the network,
which gives addresses and binds ports but carries nothing; and volumes, which are sparse files that no guest reads.
Left out: Heat, Octavia, Barbican, Ironic, DHCP, metadata service, volume backup.

    place.py           its folder, ports and passwords     SKYDECK_LAB_HOME, SKYDECK_LAB_PORT_BASE
    packages.py        what it is made of                  requirements.in, requirements.lock
    configuration.py   the services' configuration         etc/, stand_ins/
    ground.py          MariaDB, RabbitMQ, memcached
    database.py        the services' databases
    services.py        the services; libvirtd.py for kvm1
    processes.py       starting, finding and ending them
    clouds.py          clouds.yaml
    ec2.py             EC2 on top of it, for those tests that ask it
    seed/              what is in it from the start
    life.py            up, down, status, seed: the parts above in their order

Everything is in one folder (/var/tmp/skydeck-lab): to start afresh, `lab down` and remove it. Each service listens on
its usual port plus 20000. Its guests and services run as root, on 127.0.0.1 only, and see no network but that.
"""
