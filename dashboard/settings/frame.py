"""What Django is made of here: apps, middleware, templates, static files, language."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from .environment import HOME, ROOT, env

ROOT_URLCONF = "dashboard.urls"
CSRF_FAILURE_VIEW = "dashboard.ui.errors.csrf_failed"
WSGI_APPLICATION = "dashboard.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = [
    "dashboard.setup",
    "dashboard.overview",
    "dashboard.search",
    "dashboard.consoles",
    "dashboard.places",
    "dashboard.access",
    "dashboard.quota_requests",
    "dashboard.trail",
    "dashboard.announcements",
    "dashboard.flavors",
    "dashboard.people",
    "dashboard.tenants",
    "dashboard.metrics",
    "dashboard.instances",
    "dashboard.images",
    "dashboard.keypairs",
    "dashboard.networks",
    "dashboard.keystone",
    "dashboard.operations",
    "dashboard.quotas",
    "dashboard.usage",
    "dashboard.clouds",
    "dashboard.live",
    "dashboard.keys",
    "dashboard.oidc",
    "dashboard.tenancy",
    "dashboard.accounts",
    "dashboard.audit",
    "dashboard.mail",
    "dashboard.ui",
    "template_partials",
    "django_htmx",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
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
    "dashboard.keys.middleware.Keys",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "dashboard.accounts.sessions.last_seen",
    "dashboard.tenancy.second_factor.Gate",
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
    },
    {  # for mail: text, in which nothing is escaped
        "NAME": "text",
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "OPTIONS": {"autoescape": False},
    },
]

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
