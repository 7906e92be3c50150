from django.apps import AppConfig


class OidcConfig(AppConfig):
    name = "dashboard.oidc"
