import pytest
from django.test import Client

from dashboard.quotas.models import CloudQuota, Quota
from dashboard.tenancy.access import Administrator


@pytest.fixture
def as_root(root) -> Administrator:
    return Administrator(user=root)


@pytest.fixture
def admin(root) -> Client:
    client = Client()
    client.force_login(root)
    return client


@pytest.fixture
def limit_of():
    """A limit as it is now, in total or on a cloud."""

    def ask(tenant, resource, cloud=None):
        if cloud is None:
            return Quota.objects.get(tenant=tenant, resource=resource).limit
        row = CloudQuota.objects.filter(tenant=tenant, resource=resource, cloud=cloud).first()
        return row.limit if row else None

    return ask
