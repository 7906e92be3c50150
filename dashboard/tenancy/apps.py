from django.apps import AppConfig


class TenancyConfig(AppConfig):
    name = "dashboard.tenancy"
