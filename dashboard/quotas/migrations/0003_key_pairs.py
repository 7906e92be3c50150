from django.db import migrations, models


def add_rows(apps, editor):
    """Tenants that are there already get the limit that a new tenant gets; without a row nothing is allowed."""
    tenants, quotas = apps.get_model("tenancy", "Tenant"), apps.get_model("quotas", "Quota")
    for tenant in tenants.objects.all():
        quotas.objects.get_or_create(tenant=tenant, resource="key_pairs", defaults={"limit": 20})


class Migration(migrations.Migration):
    dependencies = [
        ("quotas", "0002_more_resources"),
    ]

    operations = [
        migrations.AlterField(
            model_name="quota",
            name="resource",
            field=models.CharField(
                choices=[
                    ("instances", "Instances"),
                    ("vcpus", "vCPUs"),
                    ("ram_mib", "Memory"),
                    ("disk_gib", "Disk"),
                    ("volumes", "Volumes"),
                    ("volume_gib", "Volume space"),
                    ("snapshots", "Volume snapshots"),
                    ("networks", "Networks"),
                    ("routers", "Routers"),
                    ("security_groups", "Security groups"),
                    ("floating_ips", "Floating IPs"),
                    ("key_pairs", "Key pairs"),
                ],
                max_length=32,
            ),
        ),
        migrations.AlterField(
            model_name="reservation",
            name="resource",
            field=models.CharField(
                choices=[
                    ("instances", "Instances"),
                    ("vcpus", "vCPUs"),
                    ("ram_mib", "Memory"),
                    ("disk_gib", "Disk"),
                    ("volumes", "Volumes"),
                    ("volume_gib", "Volume space"),
                    ("snapshots", "Volume snapshots"),
                    ("networks", "Networks"),
                    ("routers", "Routers"),
                    ("security_groups", "Security groups"),
                    ("floating_ips", "Floating IPs"),
                    ("key_pairs", "Key pairs"),
                ],
                max_length=32,
            ),
        ),
        migrations.RunPython(add_rows, migrations.RunPython.noop),
    ]
