import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("operations", "0004_recovery_and_bell")]

    operations = [
        migrations.AddField(
            model_name="batch",
            name="again_for",
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name="batch",
            name="again_of",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="asked_again",
                to="operations.batch",
            ),
        ),
    ]
