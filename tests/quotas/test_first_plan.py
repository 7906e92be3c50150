"""What the migration does with what is there already."""

import importlib

from django.apps import apps

from dashboard.quotas.models import DEFAULT_LIMITS, Quota, Reservation

migration = importlib.import_module("dashboard.quotas.migrations.0005_first_plan")


def test_its_limits_are_the_usual_ones():
    assert {resource.value: limit for resource, limit in DEFAULT_LIMITS.items()} == migration.STANDARD


def test_ledger_rows_learn_on_which_cloud_their_holders_are(lab, cloud, launch):
    launch()
    Reservation.objects.update(cloud=None)
    migration.add_clouds(apps, None)
    assert set(Reservation.objects.values_list("cloud", flat=True)) == {cloud.pk}


def test_tenants_that_are_there_get_the_new_resources(lab):
    Quota.objects.filter(resource="buckets").delete()
    migration.add_rows(apps, None)
    assert Quota.objects.get(tenant=lab, resource="buckets").limit == 10
