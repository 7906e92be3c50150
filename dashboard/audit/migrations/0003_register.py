import hashlib

from django.db import migrations, models


def list_chains(apps, schema_editor):
    """Those that are there begin the list."""
    Chain, Beginning = apps.get_model("audit", "Chain"), apps.get_model("audit", "Beginning")
    number, head = 0, ""
    for number, name in enumerate(Chain.objects.order_by("name").values_list("name", flat=True), start=1):
        head = hashlib.sha256(f"{head} {name}".encode()).hexdigest()
        Beginning.objects.create(name=name, number=number, digest=head)
    if number:
        apps.get_model("audit", "Register").objects.create(pk=1, length=number, head=head)


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_on_behalf_of")]

    operations = [
        migrations.CreateModel(
            "Register",
            [
                ("id", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("length", models.BigIntegerField(default=0)),
                ("head", models.CharField(default="", max_length=64)),
            ],
        ),
        migrations.CreateModel(
            "Beginning",
            [
                ("number", models.BigIntegerField(primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=64)),
                ("digest", models.CharField(max_length=64)),
            ],
        ),
        migrations.RunPython(list_chains, migrations.RunPython.noop),
    ]
