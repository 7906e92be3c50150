from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]

    operations = [
        migrations.AddField("chain", "removed", models.BigIntegerField(default=0)),
        migrations.AddField("chain", "anchor", models.CharField(blank=True, default="", max_length=64)),
        migrations.AddField("entry", "version", models.PositiveSmallIntegerField(default=1)),
        migrations.AddField("entry", "on_behalf_of", models.CharField(blank=True, default="", max_length=150)),
        migrations.AddField("entry", "via", models.CharField(blank=True, default="", max_length=150)),
        migrations.RemoveIndex("entry", "audit_entry_object__e37171_idx"),
        migrations.RemoveIndex("entry", "audit_entry_tenant_df549d_idx"),
        migrations.AddIndex("entry", models.Index(fields=["at", "id"], name="entry_at")),
        migrations.AddIndex("entry", models.Index(fields=["tenant", "at", "id"], name="entry_tenant")),
        migrations.AddIndex("entry", models.Index(fields=["actor", "at", "id"], name="entry_actor")),
        migrations.AddIndex("entry", models.Index(fields=["verb", "at", "id"], name="entry_verb")),
        migrations.AddIndex("entry", models.Index(fields=["object_id", "at", "id"], name="entry_object")),
        migrations.AddIndex(
            "entry",
            models.Index(condition=~models.Q(operation_id=""), fields=["operation_id"], name="entry_operation"),
        ),
    ]
