from django.apps import AppConfig


class FlavorsConfig(AppConfig):
    name = "dashboard.flavors"
