"""Positions, what they are made of, and what came of holding runs and uses together."""

import uuid

import django.contrib.postgres.indexes
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


# What a further version of a return adds and ends is found without going through the whole return. Most records are of
# a first version and in force: neither index holds them.
CHANGED_RECORDS = """
create index access_record_added_later on compute_accessrecord (monthly_return_id, since_version)
  where since_version > 1;
create index access_record_ended on compute_accessrecord (monthly_return_id, until_version)
  where until_version is not null;
"""
NO_CHANGED_RECORDS = "drop index access_record_added_later; drop index access_record_ended"


class Migration(migrations.Migration):

    dependencies = [
        ('compute', '0004_facility_operator_name'),
        ('filings', '0009_duties_of_organisations'),
        ('ledger', '0003_tree'),
        ('organisations', '0004_only_emptied'),
        ('screening', '0003_findings_of_any_subject'),
    ]

    operations = [
        migrations.RunSQL(CHANGED_RECORDS, NO_CHANGED_RECORDS),
        migrations.CreateModel(
            name='Bundle',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('group', models.CharField(max_length=200)),
                ('key', models.CharField(max_length=300)),
                ('state', models.CharField(choices=[('matched', 'matched'), ('differing', 'differing'), ('unreported', 'unreported'), ('unfiled', 'unfiled'), ('open', 'open'), ('below', 'below'), ('own', 'own')], max_length=12)),
                ('facility', models.CharField(blank=True, max_length=36)),
                ('accelerator', models.CharField(blank=True, max_length=64)),
                ('starts_on', models.DateField()),
                ('ends_on', models.DateField()),
                ('filings', models.JSONField(default=list)),
                ('providers', models.JSONField(default=list)),
                ('filed_hours', models.DecimalField(decimal_places=6, max_digits=24)),
                ('reported_hours', models.DecimalField(decimal_places=6, max_digits=24)),
                ('filed_flop', models.DecimalField(blank=True, decimal_places=3, max_digits=40, null=True)),
                ('reported_flop', models.DecimalField(blank=True, decimal_places=3, max_digits=40, null=True)),
                ('ratio', models.DecimalField(blank=True, decimal_places=6, max_digits=20, null=True)),
                ('read_on', models.DateField()),
            ],
            options={
                'indexes': [models.Index(fields=['state', '-starts_on'], name='bundle_by_state')],
                'constraints': [models.UniqueConstraint(fields=('group', 'key'), name='bundle_once')],
            },
        ),
        migrations.CreateModel(
            name='GroupMember',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('account', models.CharField(max_length=200)),
                ('group', models.CharField(max_length=200)),
                ('group_name', models.CharField(max_length=300)),
                ('from_on', models.DateField()),
                ('until_on', models.DateField(blank=True, null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['group'], name='group_member_by_group')],
                'constraints': [models.UniqueConstraint(fields=('account', 'from_on'), name='group_member_once'), models.CheckConstraint(condition=models.Q(('until_on__isnull', True), ('until_on__gt', models.F('from_on')), _connector='OR'), name='group_member_days_in_order')],
            },
        ),
        migrations.CreateModel(
            name='Mismatch',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('territory', models.CharField(max_length=2)),
                ('reference', models.CharField(max_length=32, unique=True)),
                ('group', models.CharField(max_length=200)),
                ('bundle_key', models.CharField(max_length=300)),
                ('side', models.CharField(choices=[('developer', 'Developer'), ('provider', 'Provider')], max_length=12)),
                ('other_says', models.CharField(choices=[('nothing', 'Nothing'), ('less', 'Less'), ('more', 'More')], max_length=12)),
                ('status', models.CharField(choices=[('open', 'Open'), ('answered', 'Answered'), ('closed', 'Closed')], default='open', max_length=12)),
                ('customer_name', models.CharField(blank=True, max_length=200)),
                ('facility', models.CharField(blank=True, max_length=36)),
                ('facility_name', models.CharField(blank=True, max_length=200)),
                ('accelerator', models.CharField(blank=True, max_length=64)),
                ('starts_on', models.DateField()),
                ('ends_on', models.DateField()),
                ('own_hours', models.DecimalField(decimal_places=6, max_digits=24)),
                ('tolerance_percent', models.PositiveIntegerField()),
                ('revision', models.PositiveIntegerField(default=1)),
                ('found_at', models.DateTimeField()),
                ('changed_at', models.DateTimeField()),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('filing', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='mismatches', to='filings.filing')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisations.organisation')),
            ],
            options={
                'ordering': ['-found_at', 'reference'],
            },
        ),
        migrations.CreateModel(
            name='MismatchAnswer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('territory', models.CharField(max_length=2)),
                ('reason_code', models.CharField(max_length=32)),
                ('reason', models.TextField()),
                ('at', models.DateTimeField()),
                ('actor', models.CharField(max_length=64)),
                ('actor_name', models.CharField(max_length=200)),
                ('salt', models.BinaryField(max_length=32)),
                ('entry', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ledger.entry')),
                ('mandate', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisations.mandate')),
                ('mismatch', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='answers', to='screening.mismatch')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisations.organisation')),
            ],
            options={
                'ordering': ['at', 'id'],
            },
        ),
        migrations.CreateModel(
            name='Position',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('owner_group', 'Owner Group'), ('lineage', 'Lineage')], max_length=12)),
                ('subject', models.CharField(max_length=400)),
                ('group', models.CharField(max_length=200)),
                ('name', models.CharField(max_length=300)),
                ('window_days', models.PositiveIntegerField(blank=True, null=True)),
                ('read_on', models.DateField(blank=True, null=True)),
                ('window_flop', models.DecimalField(blank=True, decimal_places=3, max_digits=40, null=True)),
                ('window_hours', models.DecimalField(blank=True, decimal_places=3, max_digits=24, null=True)),
                ('peak_flop', models.DecimalField(blank=True, decimal_places=3, max_digits=40, null=True)),
                ('peak_hours', models.DecimalField(blank=True, decimal_places=3, max_digits=24, null=True)),
                ('peak_on', models.DateField(blank=True, null=True)),
                ('total_flop', models.DecimalField(blank=True, decimal_places=3, max_digits=40, null=True)),
                ('rate_flop_per_day', models.DecimalField(blank=True, decimal_places=3, max_digits=40, null=True)),
                ('limits', models.JSONField(blank=True, default=list)),
                ('crossed', models.JSONField(blank=True, default=list)),
                ('stale_since', models.DateTimeField(blank=True, null=True)),
                ('changed_at', models.DateTimeField()),
            ],
            options={
                'indexes': [models.Index(fields=['-peak_flop'], name='position_by_peak'), models.Index(fields=['group'], name='position_by_group'), models.Index(condition=models.Q(('stale_since__isnull', False)), fields=['stale_since'], name='position_stale'), django.contrib.postgres.indexes.GinIndex(fields=['crossed'], name='position_by_crossing')],
                'constraints': [models.UniqueConstraint(fields=('kind', 'subject'), name='position_once')],
            },
        ),
        migrations.CreateModel(
            name='PostedReturn',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('territory', models.CharField(max_length=2)),
                ('version', models.PositiveIntegerField()),
                ('at', models.DateTimeField()),
                ('monthly_return', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='posting', to='compute.return')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisations.organisation')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='PostedRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('territory', models.CharField(max_length=2)),
                ('version_number', models.PositiveIntegerField()),
                ('line', models.PositiveIntegerField()),
                ('account', models.CharField(max_length=200)),
                ('lineage', models.CharField(blank=True, max_length=200)),
                ('facility', models.CharField(blank=True, help_text='The id of a facility of the register', max_length=36)),
                ('operator', models.UUIDField(blank=True, null=True)),
                ('accelerator', models.CharField(blank=True, max_length=64)),
                ('starts_on', models.DateField()),
                ('ends_on', models.DateField()),
                ('hours', models.DecimalField(decimal_places=6, max_digits=24)),
                ('flop', models.DecimalField(blank=True, decimal_places=3, max_digits=40, null=True)),
                ('covers_flop', models.DecimalField(blank=True, decimal_places=3, max_digits=40, null=True)),
                ('filing', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='posted_runs', to='filings.filing')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisations.organisation')),
            ],
        ),
        migrations.CreateModel(
            name='PostedUse',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('territory', models.CharField(max_length=2)),
                ('month', models.DateField(help_text='Of the return')),
                ('account', models.CharField(max_length=200)),
                ('customer_name', models.CharField(max_length=200)),
                ('facility', models.CharField(max_length=36)),
                ('accelerator', models.CharField(max_length=64)),
                ('is_training', models.BooleanField(help_text='Whether its class of workload can be training')),
                ('starts_on', models.DateField()),
                ('ends_on', models.DateField()),
                ('records', models.BigIntegerField()),
                ('hours', models.DecimalField(decimal_places=6, max_digits=24)),
                ('flop', models.DecimalField(decimal_places=3, max_digits=40)),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisations.organisation')),
            ],
        ),
        migrations.CreateModel(
            name='MatchRate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('territory', models.CharField(max_length=2)),
                ('read_at', models.DateTimeField()),
                ('hours', models.JSONField(default=dict)),
                ('bundles', models.JSONField(default=dict)),
                ('matched_share', models.DecimalField(blank=True, decimal_places=4, max_digits=7, null=True)),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisations.organisation')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organisation',), name='match_rate_once')],
            },
        ),
        migrations.AddIndex(
            model_name='mismatch',
            index=models.Index(fields=['organisation', '-found_at', 'id'], name='mismatch_by_organisation'),
        ),
        migrations.AddIndex(
            model_name='mismatch',
            index=models.Index(fields=['territory', '-found_at', 'id'], name='mismatch_by_territory'),
        ),
        migrations.AddIndex(
            model_name='mismatch',
            index=models.Index(fields=['group'], name='mismatch_by_group'),
        ),
        migrations.AddConstraint(
            model_name='mismatch',
            constraint=models.UniqueConstraint(condition=models.Q(('status', 'closed'), _negated=True), fields=('organisation', 'group', 'bundle_key', 'side'), name='mismatch_once_for_each_side'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='mismatchanswer',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='ff997e5a4dbf6d0345e450b17436e5825a363f96', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_6673c', table='screening_mismatchanswer', when='BEFORE')),
        ),
        migrations.AddIndex(
            model_name='postedrun',
            index=models.Index(fields=['account'], name='posted_run_by_account'),
        ),
        migrations.AddConstraint(
            model_name='postedrun',
            constraint=models.UniqueConstraint(fields=('filing', 'line'), name='posted_run_once'),
        ),
        migrations.AddConstraint(
            model_name='posteduse',
            constraint=models.UniqueConstraint(fields=('account', 'organisation', 'month', 'facility', 'accelerator', 'starts_on', 'ends_on', 'is_training'), name='posted_use_once'),
        ),
    ]
