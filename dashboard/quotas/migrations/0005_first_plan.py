from django.db import migrations
from django.db.models import OuterRef, Subquery

NEW = {"buckets": 10, "object_gib": 100}
STANDARD = {
    "instances": 10,
    "vcpus": 16,
    "ram_mib": 16384,
    "disk_gib": 100,
    "volumes": 10,
    "volume_gib": 100,
    "snapshots": 10,
    "networks": 5,
    "routers": 5,
    "security_groups": 10,
    "floating_ips": 5,
    "key_pairs": 20,
    **NEW,
}
HOLDERS = (
    ("instances", "Instance"),
    ("networks", "Network"),
    ("networks", "Router"),
    ("networks", "SecurityGroup"),
    ("networks", "FloatingIp"),
)


def add_rows(apps, editor):
    """Tenants that are there already get the limits that a new tenant gets; without a row nothing is allowed."""
    tenants, quotas = apps.get_model("tenancy", "Tenant"), apps.get_model("quotas", "Quota")
    for tenant in tenants.objects.all():
        for resource, limit in NEW.items():
            quotas.objects.get_or_create(tenant=tenant, resource=resource, defaults={"limit": limit})


def add_plan(apps, editor):
    """What new tenants got until now. Who is there already has limits of its own, and no plan."""
    apps.get_model("quotas", "Plan").objects.create(name="Standard", key="standard", limits=STANDARD, is_default=True)


def add_clouds(apps, editor):
    """Each ledger row learns on which cloud its holder is."""
    held = apps.get_model("quotas", "Reservation").objects.filter(released_at=None)
    for app, name in HOLDERS:
        holders = apps.get_model(app, name).objects
        where = holders.filter(pk=OuterRef("holder")).values("cloud")[:1]
        held.filter(holder__in=holders.values("pk")).update(cloud=Subquery(where))


class Migration(migrations.Migration):
    dependencies = [
        ("quotas", "0004_limits_of_clouds_and_plans"),
        ("instances", "0001_initial"),
        ("networks", "0001_initial"),
    ]

    operations = [
        migrations.RunPython(add_rows, migrations.RunPython.noop),
        migrations.RunPython(add_plan, migrations.RunPython.noop),
        migrations.RunPython(add_clouds, migrations.RunPython.noop),
    ]
