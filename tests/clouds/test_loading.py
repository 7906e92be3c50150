"""What a process loads that only serves pages: nothing that talks to a cloud."""

from __future__ import annotations

import os
import subprocess
import sys

from django.conf import settings

SDKS = {"openstack", "keystoneauth1", "boto3", "botocore", "libvirt"}
PAGES = """
import sys, django
django.setup()
from django.urls import get_resolver
assert get_resolver().url_patterns
print(*(name for name in sys.modules if "." not in name))
"""


def test_pages_load_no_sdk():
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "dashboard.settings"}
    done = subprocess.run(
        [sys.executable, "-c", PAGES], cwd=settings.ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert "django" in done.stdout.split()
    assert SDKS & set(done.stdout.split()) == set()
