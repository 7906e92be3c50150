"""For gunicorn: skydeck_lab.wsgi:app("nova-api") is that service's own WSGI application.

The services read sys.argv while they are imported, so gunicorn's own arguments are hidden from them.
"""

from __future__ import annotations

import importlib
import os
import sys

MODULES = {
    "keystone": "keystone.wsgi.api",
    "placement-api": "placement.wsgi.api",
    "glance-api": "glance.wsgi.api",
    "nova-api": "nova.wsgi.osapi_compute",
    "neutron-api": "neutron.wsgi.api",
    "cinder-api": "cinder.wsgi.api",
}


def app(name):
    # the only one that knows no environment variable for its folder
    cinder = ["--config-file", f"{os.environ['SKYDECK_LAB_HOME']}/etc/cinder/cinder.conf"]
    sys.argv = [name, *(cinder if name == "cinder-api" else [])]
    return importlib.import_module(MODULES[name]).application
