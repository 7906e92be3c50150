"""A tenant's place on a cloud gets an id of ours, a credential, and what was seen of it."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

HEALTH = [("unknown", "Not asked yet"), ("up", "Up"), ("away", "Away")]
ORIGINS = [("made", "Made by Skydeck"), ("linked", "Linked"), ("brought", "Brought by the tenant")]


def copy(apps, editor):
    old, new = apps.get_model("clouds", "OldAccount"), apps.get_model("clouds", "CloudAccount")
    for row in old.objects.all():
        new.objects.create(tenant_id=row.tenant_id, cloud_id=row.cloud_id)


class Migration(migrations.Migration):
    dependencies = [("clouds", "0001_initial"), ("tenancy", "0001_initial")]

    operations = [
        migrations.AddField("cloud", "sealed", models.TextField(blank=True, default=""), preserve_default=False),
        migrations.AddField("cloud", "findings", models.JSONField(default=list)),
        migrations.AddField("cloud", "tested_at", models.DateTimeField(null=True)),
        migrations.RenameModel("CloudAccount", "OldAccount"),
        migrations.CreateModel(
            name="CloudAccount",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("origin", models.CharField(choices=ORIGINS, default="made", max_length=16)),
                ("remote_id", models.CharField(blank=True, max_length=255)),
                ("remote_name", models.CharField(blank=True, max_length=255)),
                ("credential_id", models.CharField(blank=True, max_length=255)),
                ("credential_made_at", models.DateTimeField(null=True)),
                ("sealed", models.TextField(blank=True)),
                ("health", models.CharField(choices=HEALTH, default="unknown", max_length=16)),
                ("health_detail", models.TextField(blank=True)),
                ("checked_at", models.DateTimeField(null=True)),
                ("seen_at", models.DateTimeField(null=True)),
                ("full_at", models.DateTimeField(null=True)),
                ("cursor", models.CharField(blank=True, max_length=255)),
                ("sync_lease_until", models.DateTimeField(null=True)),
                ("limits", models.JSONField(default=dict)),
                ("limits_read_at", models.DateTimeField(null=True)),
                (
                    "cloud",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="accounts", to="clouds.cloud"
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="cloud_accounts", to="tenancy.tenant"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("tenant", "cloud"), name="account_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("remote_id", ""), _negated=True),
                        fields=("cloud", "remote_id"),
                        name="account_place_once",
                    ),
                ],
            },
        ),
        migrations.RunPython(copy, migrations.RunPython.noop),
        migrations.DeleteModel("OldAccount"),
    ]
