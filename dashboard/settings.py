"""Every setting, from the environment. `docs/settings.md` describes each; a test compares the two.

Nothing here talks to anything: importing this module needs no database, no broker
and no cloud.
"""

from __future__ import annotations

import base64
import os
import secrets
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import dj_database_url
import structlog
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

ROOT = Path(__file__).resolve().parent.parent


def env(name: str, default: str = "") -> str:
    return os.environ.get(name, "").strip() or default


def env_int(name: str, default: int) -> int:
    value = env(name, str(default))
    if not value.isdigit():
        raise ImproperlyConfigured(f"{name} has to be a number; it is {value!r}.")
    return int(value)


def env_list(name: str, default: str = "") -> list[str]:
    return [part.strip() for part in env(name, default).split(",") if part.strip()]


def env_map(name: str, default: str, *, values: set[str]) -> dict[str, str]:
    """`a=x,b=y`; each value is one of `values`."""
    pairs = [part.partition("=") for part in env_list(name, default)]
    for given, _equals, meaning in pairs:
        if meaning.strip() not in values:
            raise ImproperlyConfigured(f"{name}: {given}={meaning} has to be one of {', '.join(sorted(values))}.")
    return {given.strip(): meaning.strip() for given, _equals, meaning in pairs}


def env_bool(name: str, *, default: bool = False) -> bool:
    return env(name, "yes" if default else "no").lower() in {"1", "yes", "true", "on"}


# --- where we are and who may talk to us ---------------------------------------

HOME = Path(env("SKYDECK_HOME", str(ROOT / "var"))).resolve()
BIND = env("SKYDECK_BIND", "127.0.0.1")
PORT = env_int("SKYDECK_PORT", 8000)
DEBUG = env_bool("SKYDECK_DEBUG")
if DEBUG and BIND not in {"127.0.0.1", "localhost"}:
    raise ImproperlyConfigured("SKYDECK_DEBUG shows secrets in its error pages: not on an address that others reach.")
# Consoles and forms compare the browser's Origin with these, never with the Host header.
ORIGINS = env_list("SKYDECK_ORIGINS", ",".join(f"http://{host}:{PORT}" for host in {"127.0.0.1", "localhost", BIND}))
IS_HTTPS = all(origin.startswith("https://") for origin in ORIGINS)
ALLOWED_HOSTS = sorted({origin.split("://")[1].rsplit(":", 1)[0] for origin in ORIGINS} | {"127.0.0.1"})
CSRF_TRUSTED_ORIGINS = ORIGINS


def own_secret(variable: str, *, file: str, make: Callable[[], str]) -> str:
    """From the environment, else a file of ours that only its owner reads; never a default."""
    if given := env(variable):
        return given
    path = HOME / file
    if not path.exists():
        HOME.mkdir(parents=True, exist_ok=True)
        made = path.with_name(f"{file}.{os.getpid()}")
        made.touch(mode=0o600)
        made.write_text(make())
        with suppress(FileExistsError):  # another process of ours was first
            os.link(made, path)  # whole or not at all: nobody reads half a key
        made.unlink()
    return path.read_text().strip()


SECRET_KEY = own_secret("SKYDECK_SECRET_KEY", file="secret_key", make=lambda: secrets.token_urlsafe(50))
# Seal the secrets of clouds in the database: the first seals, all of them open. See clouds/secrets.py.
FIELD_KEYS = [
    key.strip()
    for key in own_secret(
        "SKYDECK_FIELD_KEYS", file="field_keys", make=lambda: base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
    ).split(",")
]

# --- the frame -----------------------------------------------------------------

ROOT_URLCONF = "dashboard.urls"
CSRF_FAILURE_VIEW = "dashboard.ui.errors.csrf_failed"
WSGI_APPLICATION = "dashboard.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = [
    "dashboard.setup",
    "dashboard.overview",
    "dashboard.consoles",
    "dashboard.places",
    "dashboard.instances",
    "dashboard.images",
    "dashboard.networks",
    "dashboard.keystone",
    "dashboard.operations",
    "dashboard.quotas",
    "dashboard.clouds",
    "dashboard.live",
    "dashboard.tenancy",
    "dashboard.accounts",
    "dashboard.audit",
    "dashboard.ui",
    "template_partials",
    "django_htmx",
    "allauth",
    "allauth.account",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]
MIDDLEWARE = [
    "dashboard.ui.middleware.request_id",
    "django.middleware.security.SecurityMiddleware",
    "dashboard.ui.middleware.security_headers",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "dashboard.ui.middleware.viewer_time_zone",
]
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "dashboard.ui.context.frame",
            ],
            "builtins": ["template_partials.templatetags.partials", "dashboard.ui.templatetags.ui"],
        },
    }
]

# --- rows ------------------------------------------------------------------------

DATABASE_URL = env("SKYDECK_DATABASE_URL", f"sqlite:///{HOME / 'skydeck.sqlite3'}")
DATABASES: dict[str, Any] = {"default": dj_database_url.parse(DATABASE_URL)}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = {
        # IMMEDIATE: a transaction that reads, then writes, waits its turn instead of failing
        # at once with "database is locked" (3,312 of 23,806 did, against 0 of 11,493).
        "transaction_mode": "IMMEDIATE",
        "timeout": 30,
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-16000; PRAGMA foreign_keys=ON;"
        ),
    }
    DATABASES["default"]["CONN_MAX_AGE"] = None
else:
    DATABASES["default"]["OPTIONS"] = {"pool": {"min_size": 1, "max_size": 16, "timeout": 10}}

# --- tasks: messages are hints, rows are the truth ---------------------------------

BROKER_URL = env("SKYDECK_BROKER_URL", "folder://localhost/")
BROKER_FOLDER = HOME / "broker"
CELERY_BROKER_URL = BROKER_URL
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_TIMEOUT = 2
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_TASK_DEFAULT_QUEUE = "skydeck"
CELERY_TIMEZONE = "UTC"
if BROKER_URL.startswith("folder:"):
    CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = {
        "data_folder_in": str(BROKER_FOLDER / "messages"),
        "data_folder_out": str(BROKER_FOLDER / "messages"),
        "control_folder": str(BROKER_FOLDER / "control"),
        "store_processed": False,
        # kombu's default of 1 s makes the first step of a launch wait 1.4 s; this is 36 ms at 0.4 % CPU
        "polling_interval": 0.05,
    }
else:
    # Redelivered after this long when a worker dies; our tasks end within 60 s.
    CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 300, "socket_connect_timeout": 2, "socket_timeout": 5}
CELERY_BEAT_SCHEDULE = {
    "reconcile": {"task": "operations.reconcile", "schedule": 1.0, "options": {"expires": 5}},
    "heartbeat": {"task": "operations.beat", "schedule": 5.0, "options": {"expires": 10}},
    "sync": {"task": "instances.sync_clouds", "schedule": 15.0, "options": {"expires": 15}},
    "limits": {"task": "places.read_limits", "schedule": 300.0, "options": {"expires": 300}},
    "hosts": {"task": "clouds.fetch_hosts", "schedule": 300.0, "options": {"expires": 300}},
    "sweep": {"task": "overview.sweep", "schedule": 300.0, "options": {"expires": 300}},
    "sweep-tickets": {"task": "consoles.sweep", "schedule": 300.0, "options": {"expires": 300}},
}
# How long a worker may be silent before another takes its operation: longer than the longest single cloud call.
OPERATION_LEASE_S = env_int("SKYDECK_OPERATION_LEASE_S", 60)
# How long an operation may wait for a cloud before it is given up and cleaned away.
OPERATION_DEADLINE_S = env_int("SKYDECK_OPERATION_DEADLINE_S", 3600)
# How old the complete picture of a tenant's place may grow while only its changes are asked for.
FULL_SYNC_S = env_int("SKYDECK_FULL_SYNC_S", 300)
# How long a guest may take to shut down by itself before its power is cut.
STOP_GRACE_S = env_int("SKYDECK_STOP_GRACE_S", 60)
# Tests only: a folder whose files say where a process shall die. Empty means that failpoints do nothing.
FAILPOINT_FOLDER = env("SKYDECK_FAILPOINT_FOLDER")

CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": env("SKYDECK_CACHE_URL")}
    if env("SKYDECK_CACHE_URL")
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
}

# --- people ------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 8}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_ADAPTER = "dashboard.accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {"login": "dashboard.accounts.forms.LoginForm"}
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
# Signing in with the accounts of an OpenStack; see dashboard/keystone/.
OPENSTACK_SIGN_IN = env("SKYDECK_OPENSTACK_SIGN_IN")
OPENSTACK_SIGN_IN_DOMAIN = env("SKYDECK_OPENSTACK_SIGN_IN_DOMAIN", "Default")
OPENSTACK_ROLES = env_map(
    "SKYDECK_OPENSTACK_ROLES",
    "admin=manager,manager=manager,member=member,_member_=member,reader=reader",
    values={"manager", "member", "reader"},
)
OPENSTACK_ADMIN_ROLE = env("SKYDECK_OPENSTACK_ADMIN_ROLE")
OPENSTACK_ADMIN_PROJECT = env("SKYDECK_OPENSTACK_ADMIN_PROJECT")
OPENSTACK_WEBSSO = env("SKYDECK_OPENSTACK_WEBSSO")
OPENSTACK_WEBSSO_URL = env("SKYDECK_OPENSTACK_WEBSSO_URL")
SESSION_COOKIE_AGE = env_int("SKYDECK_SESSION_AGE_S", 12 * 3600)
SESSION_COOKIE_NAME = "__Host-skydeck" if IS_HTTPS else "skydeck"
CSRF_COOKIE_NAME = "__Host-skydeck-csrf" if IS_HTTPS else "skydeck-csrf"

# --- what leaves us ------------------------------------------------------------------

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_HTTPS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31536000 if IS_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = IS_HTTPS
SECURE_SSL_REDIRECT = False  # the proxy in front redirects; we never see plain HTTP from outside
if env_bool("SKYDECK_BEHIND_PROXY"):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
X_FRAME_OPTIONS = "DENY"
# Django 6's own setting names, so that moving there deletes our middleware. See ui/middleware.py.
SECURE_CSP = {
    "default-src": ["'none'"],
    "script-src": ["'self'"],
    "style-src": ["'self'"],
    "img-src": ["'self'", "data:"],
    "font-src": ["'self'"],
    "connect-src": ["'self'", *[origin.replace("http", "ws", 1) for origin in ORIGINS]],
    "worker-src": ["'self'"],
    "form-action": ["'self'"],
    "frame-ancestors": ["'none'"],
    "base-uri": ["'none'"],
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000

# --- what people see ---------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English"))]
LOCALE_PATHS = [ROOT / "dashboard" / "locale"]
TIME_ZONE = env("SKYDECK_TIME_ZONE", "UTC")
USE_I18N = USE_TZ = True
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"
STATIC_URL = "/static/"
STATIC_ROOT = HOME / "static"
STATICFILES_DIRS = [ROOT / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
# Kept by browsers for good: what has a hash in its name, and what lies in a folder of its version.
WHITENOISE_IMMUTABLE_FILE_TEST = r"^/static/(vendor/[^/]+/[^/]+/|.+\.[0-9a-f]{12}\.[^/]+$)"
SILENCED_SYSTEM_CHECKS = [
    "security.W008",  # redirecting to https is the proxy's work, see deploy/
]

# --- consoles and streams ------------------------------------------------------------------

CONSOLE_TICKET_S = 30
CONSOLES_PER_USER = env_int("SKYDECK_CONSOLES_PER_USER", 10)
# A console in which nothing was typed for so long is closed.
CONSOLE_IDLE_S = env_int("SKYDECK_CONSOLE_IDLE_S", 3600)
STREAMS_PER_USER = env_int("SKYDECK_STREAMS_PER_USER", 20)

# --- words for whoever runs this --------------------------------------------------------------

LOG_LEVEL = env("SKYDECK_LOG_LEVEL", "INFO").upper()
_RENDERER: Any = (
    structlog.processors.JSONRenderer()
    if env("SKYDECK_LOG_FORMAT", "text") == "json"
    else structlog.dev.ConsoleRenderer(
        colors=sys.stdout.isatty(),
        pad_event_to=0,
        # never the pretty one: it prints local variables, and with them whatever is secret
        exception_formatter=structlog.dev.plain_traceback,
    )
)
_SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso"),
]
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": structlog.stdlib.ProcessorFormatter,
            "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, _RENDERER],
            "foreign_pre_chain": _SHARED,
        }
    },
    "handlers": {"stdout": {"class": "logging.StreamHandler", "formatter": "line", "stream": "ext://sys.stdout"}},
    "root": {"handlers": ["stdout"], "level": LOG_LEVEL},
    "loggers": {
        "django.server": {"handlers": ["stdout"], "propagate": False},
        # a refusal in words is no error of ours, and needs no traceback
        "django.request": {"level": "ERROR"},
        "django.security.DisallowedHost": {"level": "CRITICAL"},
        # Celery says each tick of the schedule at INFO: four lines a second of nothing
        "celery.beat": {"level": "WARNING"},
        "celery.app.trace": {"level": "WARNING"},
        "celery.worker.strategy": {"level": "WARNING"},
    },
}
structlog.configure(
    processors=[
        *_SHARED,
        structlog.processors.format_exc_info,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)
