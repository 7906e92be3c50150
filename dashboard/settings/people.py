"""Accounts, ways to sign in, sessions, invitations, and mail."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

from .address import IS_HTTPS
from .environment import env, env_bool, env_groups, env_int, env_list, env_map

# Roles that have to have a second factor; whoever has a greater one has to as well.
SECOND_FACTOR = env_list("SKYDECK_SECOND_FACTOR")
if unknown := set(SECOND_FACTOR) - {"reader", "member", "manager", "admin"}:
    raise ImproperlyConfigured(f"SKYDECK_SECOND_FACTOR: {', '.join(sorted(unknown))} is no role.")
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
# After ASVS 5: no rules about symbols, no end of their life. The longest one is in accounts/passwords.py.
PASSWORD_MIN_LENGTH = max(8, env_int("SKYDECK_PASSWORD_MIN_LENGTH", 8))
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": PASSWORD_MIN_LENGTH},
    },
    {"NAME": "dashboard.accounts.passwords.MaximumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["username", "email", "first_name", "last_name"]},
    },
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_ADAPTER = "dashboard.accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "dashboard.accounts.forms.LoginForm",
    "reauthenticate": "dashboard.accounts.forms.ReauthenticateForm",
    "change_password": "dashboard.accounts.forms.ChangePasswordForm",
}
# Of failures: of one login from one address; then, far more, of an address, behind which a whole office may sit; and of
# a login from everywhere. What the first refuses counts for no other, and what was right for none. All are over after
# the time that the refusal names.
ACCOUNT_RATE_LIMITS = {
    "login_failed": "5/5m/key,100/5m/ip",
    "login_failed_anywhere": "50/5m/key",
    "login": "120/m/ip",
    "change_password": "5/m/user",
}
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
PASSWORD_RESET_TIMEOUT = 3600
MFA_ADAPTER = "dashboard.tenancy.second_factor.Adapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True  # an address is no way in
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_TOTP_TOLERANCE = 1  # a phone's clock; accounts/steps.py takes each code once
MFA_FORMS = {
    "authenticate": "dashboard.accounts.forms.AuthenticateForm",
    "reauthenticate": "dashboard.accounts.forms.CodeForm",
    "activate_totp": "dashboard.accounts.forms.AppForm",
    "add_webauthn": "dashboard.accounts.forms.PasskeyForm",
    "edit_webauthn": "dashboard.accounts.forms.PasskeyNameForm",
}
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
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
# Signing in with an OpenID Connect provider; see dashboard/oidc/.
OIDC_ISSUER = env("SKYDECK_OIDC_ISSUER")
OIDC_CLIENT_ID = env("SKYDECK_OIDC_CLIENT_ID")
OIDC_CLIENT_SECRET = env("SKYDECK_OIDC_CLIENT_SECRET")
OIDC_NAME = env("SKYDECK_OIDC_NAME", "single sign-on")
OIDC_SCOPES = env("SKYDECK_OIDC_SCOPES", "openid profile email").split()
OIDC_NEW_ACCOUNTS = env_bool("SKYDECK_OIDC_NEW_ACCOUNTS")
OIDC_GROUPS_CLAIM = env("SKYDECK_OIDC_GROUPS_CLAIM", "groups")
OIDC_GROUPS = env_groups("SKYDECK_OIDC_GROUPS")
if OIDC_ISSUER and not (
    OIDC_CLIENT_ID and OIDC_ISSUER.startswith(("https://", "http://127.0.0.1:", "http://localhost:"))
):
    raise ImproperlyConfigured("SKYDECK_OIDC_ISSUER has to be an https:// URL, and wants SKYDECK_OIDC_CLIENT_ID.")
SOCIALACCOUNT_ADAPTER = "dashboard.oidc.accounts.SocialAdapter"
SESSION_COOKIE_AGE = env_int("SKYDECK_SESSION_AGE_S", 12 * 3600)
SESSION_COOKIE_NAME = "__Host-skydeck" if IS_HTTPS else "skydeck"
CSRF_COOKIE_NAME = "__Host-skydeck-csrf" if IS_HTTPS else "skydeck-csrf"

# For how many days the link of an invitation is good.
INVITATION_DAYS = env_int("SKYDECK_INVITATION_DAYS", 7)
# Whether people may ask for an account themselves; an administrator decides.
SIGN_UP = env_bool("SKYDECK_SIGN_UP")
SIGN_UP_LIMITS = {"sign_up": "5/m/ip,30/h/ip,3/h/key"}

# Rows first, see dashboard/mail/.
MAIL_URL = urlsplit(env("SKYDECK_MAIL_URL", "console:"))
if MAIL_URL.scheme not in {"console", "smtp", "smtps", "smtp+plain"}:
    raise ImproperlyConfigured("SKYDECK_MAIL_URL has to begin with console:, smtp://, smtps:// or smtp+plain://.")
_MAILER = "console" if MAIL_URL.scheme == "console" else "smtp"
EMAIL_BACKEND = f"django.core.mail.backends.{_MAILER}.EmailBackend"
EMAIL_HOST = MAIL_URL.hostname or "localhost"
EMAIL_PORT = MAIL_URL.port or {"smtps": 465, "smtp": 587}.get(MAIL_URL.scheme, 25)
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = unquote(MAIL_URL.username or ""), unquote(MAIL_URL.password or "")
EMAIL_USE_TLS, EMAIL_USE_SSL = MAIL_URL.scheme == "smtp", MAIL_URL.scheme == "smtps"
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env("SKYDECK_MAIL_FROM", "Skydeck <skydeck@localhost>")
