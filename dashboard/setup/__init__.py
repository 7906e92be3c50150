"""From a fresh checkout to a running Skydeck, and what is wrong when it does not run.

Before Django, standard library only:

    environment.py     the .venv and its hashed locks
    system_packages.py what apt has to install, and asking before it does
    terminal.py        saying, warning, asking

`manage.py up`, in this order:

    home.py            the folder of all state; one `up` at a time on it
    embedded_cloud.py  packages, account, place, demo image, KVM or TCG: a libvirt of our own
    first_run.py       the first tenant, administrator, cloud and flavors
    supervisor.py      starts web, worker, scheduler and libvirtd; ends exactly those

`manage.py doctor` is in doctor/.
"""
