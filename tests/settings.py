"""The settings of the tests: the real ones, in a home, a database and a broker of their own."""

import atexit
import os
import shutil
import tempfile

WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")  # gw0, gw1, ... or nothing
NUMBER = int(WORKER[2:] or 0) if WORKER else 0

if not os.environ.get("SKYDECK_HOME"):
    os.environ["SKYDECK_HOME"] = tempfile.mkdtemp(prefix="skydeck-test-")
    atexit.register(shutil.rmtree, os.environ["SKYDECK_HOME"], ignore_errors=True)
home = os.path.join(os.environ["SKYDECK_HOME"], WORKER)
os.makedirs(os.path.join(home, "static"), exist_ok=True)  # whitenoise warns where it is not
os.environ["SKYDECK_HOME"] = home
for name in ("SKYDECK_BROKER_URL", "SKYDECK_CACHE_URL"):  # database 0, 1, 2, ... of the same Redis
    if os.environ.get(name, "").startswith("redis"):
        server, _, database = os.environ[name].rpartition("/")
        os.environ[name] = f"{server}/{int(database) + 2 * NUMBER}"

from dashboard.settings import *  # noqa: E402, F403
from dashboard.settings import DATABASES, MIDDLEWARE  # noqa: E402

STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# One UPDATE a minute would be among the queries that a first page is counted by. tests/accounts turns it on.
LAST_SEEN = "dashboard.accounts.sessions.last_seen"
MIDDLEWARE = [name for name in MIDDLEWARE if name != LAST_SEEN]
# Argon2 is slow on purpose; signing in is tested with it in tests/accounts.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", "django.contrib.auth.hashers.Argon2PasswordHasher"]
WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS = True  # static files as they lie there, also for browsers
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # a file, not memory: tests use threads and processes
    DATABASES["default"]["TEST"] = {"NAME": os.path.join(home, "test.sqlite3")}
else:
    DATABASES["default"]["OPTIONS"] = {}  # no pool: the test database must be free to be dropped
