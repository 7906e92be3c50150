from django.apps import AppConfig


class KeystoneConfig(AppConfig):
    name = "dashboard.keystone"
