"""What stands in for hardware inside the lab's services: hypervisors, a network, disks, screens.

Copied as the package `skydeck_lab` into the lab, where the services load it; it is imported by nothing of ours.

    compute.py    two hypervisors without guests, for Nova
    ports.py      binds every port at once, for Neutron
    agents.py     says that the network's agents live, as a process of its own
    volumes.py    volumes as sparse files, for Cinder
    consoles.py   a screen and a serial line for guests that do not exist, as a process of its own
    wsgi.py       the services' APIs, for gunicorn
"""
