from django.apps import AppConfig


class ConsolesConfig(AppConfig):
    name = "dashboard.consoles"
