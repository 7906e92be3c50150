"""What is there when counting begins counts from then on."""

from datetime import UTC, datetime

from django.db import migrations

NOT_YET = ("BUILD", "UNKNOWN", "ERROR")
OFF = ("SHUTOFF", "SHELVED")


def begin(apps, schema_editor):
    now = datetime.now(UTC)
    second = int(now.timestamp())
    apps.get_model("usage", "Counted").objects.get_or_create(
        pk=1, defaults={"since_s": second, "rolled_until": now.date()}
    )
    there = apps.get_model("instances", "Instance").objects.filter(deleted_at=None).exclude(remote_id="")
    there = there.exclude(status__in=NOT_YET).select_related("tenant", "cloud", "flavor").defer("user_data")
    span = apps.get_model("usage", "Span")
    span.objects.bulk_create(
        (
            span(
                tenant_id=one.tenant_id,
                tenant_name=one.tenant.name,
                cloud_id=one.cloud_id,
                cloud_name=one.cloud.name,
                instance_id=one.pk,
                instance_name=one.name,
                flavor=one.flavor.name if one.flavor else "",
                vcpus=one.vcpus,
                ram_mib=one.ram_mib,
                disk_gib=one.asked.get("boot_volume_gib") or one.disk_gib,
                is_running=one.status not in OFF,
                began_s=second,
            )
            for one in there.order_by().iterator(chunk_size=500)
        ),
        batch_size=500,
    )


class Migration(migrations.Migration):
    dependencies = [
        ("clouds", "0001_initial"),
        ("instances", "0008_launch_template"),
        ("tenancy", "0001_initial"),
        ("usage", "0001_initial"),
    ]

    operations = [migrations.RunPython(begin, migrations.RunPython.noop)]
