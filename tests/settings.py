"""The settings of the tests: the real ones, in a home of their own."""

import atexit
import os
import shutil
import tempfile

if "SKYDECK_HOME" not in os.environ:
    os.environ["SKYDECK_HOME"] = tempfile.mkdtemp(prefix="skydeck-test-")
    if "PYTEST_XDIST_WORKER" not in os.environ:
        atexit.register(shutil.rmtree, os.environ["SKYDECK_HOME"], ignore_errors=True)

from dashboard.settings import *  # noqa: F403
from dashboard.settings import DATABASES

STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# Argon2 is slow on purpose; signing in is tested with it in tests/accounts.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", "django.contrib.auth.hashers.Argon2PasswordHasher"]
WHITENOISE_AUTOREFRESH = True
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # a file, not memory: tests use threads and processes
    DATABASES["default"]["TEST"] = {"NAME": os.path.join(os.environ["SKYDECK_HOME"], "test.sqlite3")}
else:
    DATABASES["default"]["OPTIONS"] = {}  # no pool: the test database must be free to be dropped
