"""The first tables of `runtime.sqlite3`."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """Attempts to enter, form keys."""

    initial = True
    dependencies: ClassVar[list[tuple[str, str]]] = []
    operations: ClassVar[list[migrations.operations.base.Operation]] = [
        migrations.CreateModel(
            name="FailedEntry",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("account", models.CharField(db_index=True, max_length=64)),
                ("address", models.CharField(db_index=True, max_length=64)),
                ("at_ms", models.BigIntegerField(db_index=True)),
            ],
            options={"db_table": "runtime_failed_entry"},
        ),
        migrations.CreateModel(
            name="FormKey",
            fields=[
                ("key", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("log", models.CharField(default="", max_length=128)),
                ("index", models.BigIntegerField(default=-1)),
                ("recorded_at_us", models.BigIntegerField(default=0)),
                ("at_ms", models.BigIntegerField(db_index=True)),
            ],
            options={"db_table": "runtime_form_key"},
        ),
    ]
