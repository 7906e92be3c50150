from django.apps import AppConfig


class QuotaRequestsConfig(AppConfig):
    name = "dashboard.quota_requests"
