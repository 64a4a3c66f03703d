"""Duties with what the authority granted; pleas, decisions, acts outside the register, reminders."""

import django.db.models.deletion
import django.db.models.functions.comparison
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
import uuid
from datetime import UTC, datetime

from django.db import migrations, models

# Duties stored before are reckoned anew, once.
BEFORE_EVERYTHING = datetime(1970, 1, 1, tzinfo=UTC)


class Migration(migrations.Migration):
    dependencies = [
        ("filings", "0002_reference_sequence"),
        ("ledger", "0001_initial"),
        ("organisations", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Act",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("territory", models.CharField(max_length=2)),
                ("at", models.DateTimeField()),
                ("actor", models.CharField(max_length=64)),
                ("actor_name", models.CharField(max_length=200)),
                ("salt", models.BinaryField(max_length=32)),
                ("kind", models.CharField(max_length=32)),
                ("done_on", models.DateField()),
                ("evidence", models.TextField(help_text="Where it can be seen: an address, a reference")),
            ],
            options={
                "ordering": ["at", "id"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Decision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("territory", models.CharField(max_length=2)),
                ("at", models.DateTimeField()),
                ("actor", models.CharField(max_length=64)),
                ("actor_name", models.CharField(max_length=200)),
                ("salt", models.BinaryField(max_length=32)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("extension", "Extension"),
                            ("excuse", "Excuse"),
                            ("rebuttal", "Rebuttal"),
                            ("reassessment", "Reassessment"),
                            ("designation", "designation"),
                        ],
                        max_length=16,
                    ),
                ),
                ("is_granted", models.BooleanField()),
                ("granted_until", models.DateTimeField(blank=True, null=True)),
                ("reason", models.TextField()),
            ],
            options={
                "ordering": ["at", "id"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Plea",
            fields=[
                ("territory", models.CharField(max_length=2)),
                ("at", models.DateTimeField()),
                ("actor", models.CharField(max_length=64)),
                ("actor_name", models.CharField(max_length=200)),
                ("salt", models.BinaryField(max_length=32)),
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("extension", "Extension"),
                            ("excuse", "Excuse"),
                            ("rebuttal", "Rebuttal"),
                            ("reassessment", "Reassessment"),
                        ],
                        max_length=16,
                    ),
                ),
                ("reason", models.TextField()),
                ("until", models.DateTimeField(blank=True, help_text="The moment asked for", null=True)),
                ("digest", models.BinaryField(help_text="SHA-256 of what was asked, to know it again", max_length=32)),
            ],
            options={
                "ordering": ["at", "id"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Reminder",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("territory", models.CharField(max_length=2)),
                ("stage", models.CharField(max_length=8)),
                ("falls_at", models.DateTimeField()),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.RemoveIndex(
            model_name="duty",
            name="duty_by_territory",
        ),
        migrations.RemoveIndex(
            model_name="duty",
            name="duty_by_organisation",
        ),
        migrations.AddField(
            model_name="duty",
            name="changed_at",
            field=models.DateTimeField(default=django.utils.timezone.now),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="duty",
            name="excused_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="duty",
            name="extended_until",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="duty",
            name="reckoned_at",
            field=models.DateTimeField(
                default=BEFORE_EVERYTHING, help_text="Time that has passed since may have brought a further occurrence"
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="duty",
            name="sequence",
            field=models.PositiveIntegerField(
                default=0, help_text="Grows with every change; that of its calendar event"
            ),
        ),
        migrations.AddField(
            model_name="duty",
            name="falls_at",
            field=models.GeneratedField(
                db_persist=True,
                expression=django.db.models.functions.comparison.Coalesce(
                    django.db.models.functions.comparison.Greatest("due_at", "extended_until"), "not_before"
                ),
                output_field=models.DateTimeField(),
            ),
        ),
        migrations.AddIndex(
            model_name="duty",
            index=models.Index(fields=["territory", "falls_at", "id"], name="duty_by_territory"),
        ),
        migrations.AddIndex(
            model_name="duty",
            index=models.Index(fields=["organisation", "falls_at", "id"], name="duty_by_organisation"),
        ),
        migrations.AddIndex(
            model_name="duty",
            index=models.Index(
                condition=models.Q(("is_current", True), ("met_at__isnull", True)),
                fields=["falls_at"],
                name="duty_unmet",
            ),
        ),
        migrations.AddIndex(
            model_name="duty",
            index=models.Index(
                condition=models.Q(("is_current", True), ("reckoned_at__lte", models.F("due_at"))),
                fields=["due_at"],
                name="duty_to_reckon",
            ),
        ),
        migrations.AddConstraint(
            model_name="duty",
            constraint=models.CheckConstraint(
                condition=models.Q(("due_at__isnull", True), ("not_before__isnull", True), _connector="XOR"),
                name="duty_has_a_moment",
            ),
        ),
        migrations.AddField(
            model_name="act",
            name="entry",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="ledger.entry"
            ),
        ),
        migrations.AddField(
            model_name="act",
            name="filing",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="%(class)ss", to="filings.filing"
            ),
        ),
        migrations.AddField(
            model_name="act",
            name="organisation",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="organisations.organisation"
            ),
        ),
        migrations.AddField(
            model_name="decision",
            name="entry",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="ledger.entry"
            ),
        ),
        migrations.AddField(
            model_name="decision",
            name="filing",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="%(class)ss", to="filings.filing"
            ),
        ),
        migrations.AddField(
            model_name="decision",
            name="organisation",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="organisations.organisation"
            ),
        ),
        migrations.AddField(
            model_name="plea",
            name="duty",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="pleas",
                to="filings.duty",
            ),
        ),
        migrations.AddField(
            model_name="plea",
            name="entry",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="ledger.entry"
            ),
        ),
        migrations.AddField(
            model_name="plea",
            name="filing",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="%(class)ss", to="filings.filing"
            ),
        ),
        migrations.AddField(
            model_name="plea",
            name="organisation",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="organisations.organisation"
            ),
        ),
        migrations.AddField(
            model_name="plea",
            name="version",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="filings.version",
            ),
        ),
        migrations.AddField(
            model_name="decision",
            name="plea",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="decision",
                to="filings.plea",
            ),
        ),
        migrations.AddField(
            model_name="reminder",
            name="duty",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="reminders", to="filings.duty"
            ),
        ),
        migrations.AddField(
            model_name="reminder",
            name="organisation",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="organisations.organisation"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="act",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="1570bb71e229a3e2ab9fc299cfe3cf4dbe53a567",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_02532",
                    table="filings_act",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="plea",
            index=models.Index(fields=["territory", "-at"], name="plea_by_territory"),
        ),
        migrations.AddConstraint(
            model_name="plea",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("duty__isnull", False), ("kind__in", ["extension", "excuse"]), ("version__isnull", True)),
                    models.Q(("duty__isnull", True), ("kind", "rebuttal"), ("version__isnull", False)),
                    models.Q(("duty__isnull", True), ("kind", "reassessment"), ("version__isnull", True)),
                    _connector="OR",
                ),
                name="plea_is_about_something",
            ),
        ),
        migrations.AddConstraint(
            model_name="plea",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind", "extension"), ("until__isnull", True), _connector="XOR"),
                name="plea_extension_until",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="plea",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="a5d0ab76528703e24ba8e39d2b3eb0dcc81a0ec7",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_06208",
                    table="filings_plea",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind", "designation"), ("plea__isnull", False), _connector="XOR"),
                name="decision_answers_a_plea",
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("is_granted", True), ("kind", "extension")),
                    ("granted_until__isnull", True),
                    _connector="XOR",
                ),
                name="decision_extension_until",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="decision",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="a75859934d80d3aa2f67b97768d6357e0032acb7",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_bb8a0",
                    table="filings_decision",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="reminder",
            constraint=models.UniqueConstraint(fields=("duty", "stage", "falls_at"), name="reminder_once"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="reminder",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="85bc9c4ac18d492c11447e5db96cdf52c60eb4a2",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_27ce6",
                    table="filings_reminder",
                    when="BEFORE",
                ),
            ),
        ),
    ]
