from django.apps import AppConfig


class KeypairsConfig(AppConfig):
    name = "dashboard.keypairs"
