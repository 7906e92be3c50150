"""Clouds that are connected by hand: drafts, tests, and what is fetched for administrators."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("clouds", "0002_places")]

    operations = [
        migrations.AddField("cloud", "is_draft", models.BooleanField(default=False)),
        migrations.AddField("cloud", "tenants_bring", models.BooleanField(default=False)),
        migrations.AddField("cloud", "test_asked_at", models.DateTimeField(null=True)),
        migrations.AddField(
            "cloudaccount", "brought", models.TextField(blank=True, default=""), preserve_default=False
        ),
        migrations.CreateModel(
            name="Fetched",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("what", models.CharField(choices=[("hosts", "Hosts"), ("places", "Places")], max_length=16)),
                ("items", models.JSONField(default=list)),
                ("asked_at", models.DateTimeField(null=True)),
                ("read_at", models.DateTimeField(null=True)),
                ("failure", models.CharField(blank=True, max_length=64)),
                ("failure_detail", models.TextField(blank=True)),
                (
                    "cloud",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="fetched", to="clouds.cloud"
                    ),
                ),
            ],
            options={"constraints": [models.UniqueConstraint(fields=("cloud", "what"), name="fetched_once")]},
        ),
    ]
