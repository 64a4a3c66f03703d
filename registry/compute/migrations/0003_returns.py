"""Returns, their uploads, and access records in partitions by month."""

import uuid

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

RECORDS = """
create sequence compute_accessrecord_id_seq as bigint;
create table compute_accessrecord (
  id bigint not null default nextval('compute_accessrecord_id_seq'),
  month date not null,
  organisation_id uuid not null references organisations_organisation (id) deferrable initially deferred,
  territory varchar(2) not null,
  monthly_return_id uuid not null references compute_return (id) deferrable initially deferred,
  upload_id uuid references compute_upload (id) deferrable initially deferred,
  line_number integer not null check (line_number >= 0),
  line_id varchar(100) not null,
  revision integer not null check (revision >= 1),
  since_version integer not null check (since_version >= 1),
  until_version integer check (until_version >= since_version),
  facility_id uuid not null references compute_facility (id) deferrable initially deferred,
  accelerator_id varchar(64) not null references compute_accelerator (code) deferrable initially deferred,
  accelerators integer not null check (accelerators >= 1),
  starts_at timestamptz not null,
  ends_at timestamptz not null check (ends_at > starts_at),
  accelerator_hours numeric(16, 3) not null check (accelerator_hours >= 0),
  customer_key varchar(100) not null,
  customer_name varchar(200) not null,
  customer_lei varchar(20) not null,
  customer_euid varchar(60) not null,
  customer_vat varchar(16) not null,
  customer_country varchar(2) not null,
  customer_incorporated_on date,
  contracted_on date not null,
  workload_class varchar(24) not null,
  run_reference varchar(100) not null,
  document jsonb not null,
  digest bytea not null check (length(digest) = 32),
  recorded_at timestamptz not null,
  primary key (id, month)
) partition by range (month);
create unique index access_record_line_once on compute_accessrecord (monthly_return_id, line_id, month)
  where until_version is null;
create index access_record_by_customer on compute_accessrecord (organisation_id, customer_key, starts_at);
create index access_record_by_lei on compute_accessrecord (customer_lei) where customer_lei <> '';
create index access_record_by_facility on compute_accessrecord (facility_id, starts_at);
"""
DROP_RECORDS = "drop table compute_accessrecord; drop sequence compute_accessrecord_id_seq"

# Whoever may run it can make the partitions of the next months and do nothing else: the table's owner lends its hand.
MONTHS = """
create schema returns_by_month;
create function compute_make_months(wanted date) returns integer
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  start date := date '2025-01-01';
  made integer := 0;
  name text;
begin
  if wanted > now() + interval '25 months' then
    raise exception 'months are made two years ahead at most';
  end if;
  perform pg_advisory_xact_lock(hashtextextended('compute_make_months', 0));
  while start <= wanted loop
    name := 'record_' || to_char(start, 'YYYY_MM');
    if to_regclass('returns_by_month.' || name) is null then
      execute format(
        'create table returns_by_month.%I partition of public.compute_accessrecord for values from (%L) to (%L)',
        name, start, (start + interval '1 month')::date);
      execute format('alter table returns_by_month.%I enable row level security', name);
      execute format('alter table returns_by_month.%I force row level security', name);
      made := made + 1;
    end if;
    start := (start + interval '1 month')::date;
  end loop;
  return made;
end $$;
revoke all on function compute_make_months(date) from public;
select compute_make_months((date_trunc('month', now()) + interval '12 months')::date);
"""
DROP_MONTHS = "drop function compute_make_months(date); drop schema returns_by_month cascade"


class Migration(migrations.Migration):

    dependencies = [
        ('compute', '0002_facilities'),
        ('ledger', '0002_entry_mandate'),
        ('organisations', '0003_statements_and_mandates'),
    ]

    operations = [
        migrations.CreateModel(
            name='Return',
            fields=[
                ('territory', models.CharField(max_length=2)),
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('reference', models.CharField(max_length=32, unique=True)),
                ('month', models.DateField()),
                ('state', models.CharField(choices=[('open', 'Open'), ('submitted', 'Submitted'), ('amending', 'Amending')], default='open', max_length=12)),
                ('is_none', models.BooleanField(default=False, help_text='Nobody used accelerators: the negative return')),
                ('version', models.PositiveIntegerField(default=0)),
                ('revision', models.PositiveIntegerField(default=1, help_text='Grows with every change; the ETag')),
                ('uploads_made', models.PositiveIntegerField(default=0, help_text='Number of the newest upload')),
                ('records', models.PositiveBigIntegerField(default=0)),
                ('accelerator_hours', models.DecimalField(decimal_places=3, default=0, max_digits=20)),
                ('opened_at', models.DateTimeField()),
                ('opened_by', models.CharField(max_length=64)),
                ('changed_at', models.DateTimeField()),
                ('submitted_at', models.DateTimeField(blank=True, help_text='Of the newest version', null=True)),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisations.organisation')),
            ],
        ),
        migrations.CreateModel(
            name='ReturnVersion',
            fields=[
                ('territory', models.CharField(max_length=2)),
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('number', models.PositiveIntegerField()),
                ('is_none', models.BooleanField()),
                ('records', models.PositiveBigIntegerField()),
                ('accelerator_hours', models.DecimalField(decimal_places=3, max_digits=20)),
                ('digest', models.BinaryField(max_length=32)),
                ('salt', models.BinaryField(max_length=32)),
                ('rule_set', models.CharField(help_text='Version of the checks it was judged by', max_length=16)),
                ('submitted_at', models.DateTimeField()),
                ('submitted_by', models.CharField(max_length=64)),
                ('entry', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ledger.entry')),
                ('mandate', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisations.mandate')),
                ('monthly_return', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='compute.return')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisations.organisation')),
            ],
            options={
                'ordering': ['number'],
            },
        ),
        migrations.CreateModel(
            name='Upload',
            fields=[
                ('territory', models.CharField(max_length=2)),
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('number', models.PositiveIntegerField()),
                ('state', models.CharField(choices=[('received', 'Received'), ('checking', 'Checking'), ('storing', 'Storing'), ('stored', 'Stored'), ('refused', 'Refused')], default='received', max_length=12)),
                ('format', models.CharField(choices=[('ndjson', 'Ndjson'), ('csv', 'Csv')], max_length=8)),
                ('atomicity', models.CharField(choices=[('all', 'All'), ('each', 'Each')], max_length=8)),
                ('header', models.TextField(blank=True)),
                ('digest', models.BinaryField(help_text='SHA-256 of the body as it was sent', max_length=32)),
                ('size_bytes', models.PositiveBigIntegerField()),
                ('parts_made', models.PositiveIntegerField()),
                ('lines_read', models.PositiveIntegerField()),
                ('lines_checked', models.PositiveIntegerField(default=0)),
                ('lines_stored', models.PositiveIntegerField(default=0)),
                ('lines_refused', models.PositiveIntegerField(default=0)),
                ('lines_noted', models.PositiveIntegerField(default=0)),
                ('checked_parts', models.PositiveIntegerField(default=0)),
                ('stored_parts', models.PositiveIntegerField(default=0)),
                ('received_at', models.DateTimeField()),
                ('received_from', models.CharField(max_length=64)),
                ('changed_at', models.DateTimeField()),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('mandate', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisations.mandate')),
                ('monthly_return', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='uploads', to='compute.return')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisations.organisation')),
            ],
            options={
                'ordering': ['number'],
            },
        ),
        # a sequence, because a number once shown is never given again, not even after a rollback
        migrations.RunSQL("create sequence compute_return_number as bigint", "drop sequence compute_return_number"),
        # partitioned by month, which Django cannot say: made by hand, with the columns of the model
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(RECORDS, DROP_RECORDS), migrations.RunSQL(MONTHS, DROP_MONTHS)],
            state_operations=[
                migrations.CreateModel(
                    name='AccessRecord',
                    fields=[
                        ('territory', models.CharField(max_length=2)),
                        ('id', models.BigAutoField(primary_key=True, serialize=False)),
                        ('month', models.DateField()),
                        ('line_number', models.PositiveIntegerField(default=0, help_text='In the upload, from 1; 0 where amended by itself')),
                        ('line_id', models.CharField(help_text="The provider's own; once in a return", max_length=100)),
                        ('revision', models.PositiveIntegerField(default=1)),
                        ('since_version', models.PositiveIntegerField()),
                        ('until_version', models.PositiveIntegerField(blank=True, null=True)),
                        ('accelerators', models.PositiveIntegerField()),
                        ('starts_at', models.DateTimeField()),
                        ('ends_at', models.DateTimeField()),
                        ('accelerator_hours', models.DecimalField(decimal_places=3, max_digits=16)),
                        ('customer_key', models.CharField(max_length=100)),
                        ('customer_name', models.CharField(max_length=200)),
                        ('customer_lei', models.CharField(blank=True, max_length=20)),
                        ('customer_euid', models.CharField(blank=True, max_length=60)),
                        ('customer_vat', models.CharField(blank=True, max_length=16)),
                        ('customer_country', models.CharField(max_length=2)),
                        ('customer_incorporated_on', models.DateField(blank=True, null=True)),
                        ('contracted_on', models.DateField()),
                        ('workload_class', models.CharField(max_length=24)),
                        ('run_reference', models.CharField(blank=True, max_length=100)),
                        ('document', models.JSONField()),
                        ('digest', models.BinaryField(max_length=32)),
                        ('recorded_at', models.DateTimeField()),
                        ('accelerator', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='compute.accelerator')),
                        ('facility', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='compute.facility')),
                        ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisations.organisation')),
                        ('monthly_return', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='access_records', to='compute.return')),
                        ('upload', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='compute.upload')),
                    ],
                    options={
                        'ordering': ['month', 'id'],
                    },
                ),
            ],
        ),
        migrations.CreateModel(
            name='UploadPart',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('territory', models.CharField(max_length=2)),
                ('number', models.PositiveIntegerField(help_text='From 1')),
                ('first_line', models.PositiveIntegerField(help_text='Number of its first line in the file, from 1')),
                ('lines', models.PositiveIntegerField()),
                ('content', models.BinaryField(blank=True, null=True)),
                ('verdicts', models.BinaryField(blank=True, null=True)),
                ('stored', models.PositiveIntegerField(default=0)),
                ('refused', models.PositiveIntegerField(default=0)),
                ('noted', models.PositiveIntegerField(default=0)),
                ('checked_at', models.DateTimeField(blank=True, null=True)),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisations.organisation')),
                ('upload', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='parts', to='compute.upload')),
            ],
            options={
                'ordering': ['number'],
            },
        ),
        migrations.AddIndex(
            model_name='return',
            index=models.Index(fields=['territory', '-month', 'id'], name='return_by_territory'),
        ),
        migrations.AddConstraint(
            model_name='return',
            constraint=models.UniqueConstraint(fields=('organisation', 'month'), name='return_once_a_month'),
        ),
        migrations.AddConstraint(
            model_name='return',
            constraint=models.CheckConstraint(condition=models.Q(('month__day', 1)), name='return_month_by_its_first_day'),
        ),
        migrations.AddConstraint(
            model_name='return',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['open', 'submitted', 'amending'])), name='return_state'),
        ),
        migrations.AddConstraint(
            model_name='return',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'open'), ('submitted_at__isnull', True), ('version', 0)), models.Q(models.Q(('state', 'open'), _negated=True), ('submitted_at__isnull', False), ('version__gte', 1)), _connector='OR'), name='return_submitted_has_a_version'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='return',
            trigger=pgtrigger.compiler.Trigger(name='state_follows_the_table', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE _is_valid_transition BOOLEAN;', func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{open:submitted,submitted:amending,amending:submitted}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;', hash='c9fd067e348556f1a4f589f18f218a6092e8be19', operation='UPDATE', pgid='pgtrigger_state_follows_the_table_65368', table='compute_return', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='return',
            trigger=pgtrigger.compiler.Trigger(name='return_identity_stays', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."reference" IS DISTINCT FROM (NEW."reference") OR OLD."organisation_id" IS DISTINCT FROM (NEW."organisation_id") OR OLD."territory" IS DISTINCT FROM (NEW."territory") OR OLD."month" IS DISTINCT FROM (NEW."month"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='ed2772a2ae229feb2ff2950ac043cd0926bd9910', operation='UPDATE', pgid='pgtrigger_return_identity_stays_9ee69', table='compute_return', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='return',
            trigger=pgtrigger.compiler.Trigger(name='never_deleted', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='2aa6f24f52472ceacaac1a63a8d1bc07f298162a', operation='DELETE', pgid='pgtrigger_never_deleted_f62b8', table='compute_return', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='returnversion',
            constraint=models.UniqueConstraint(fields=('monthly_return', 'number'), name='return_version_number'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='returnversion',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='b581ecdc844681121ff1a691679682ad18371463', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_65dbe', table='compute_returnversion', when='BEFORE')),
        ),
        migrations.AddIndex(
            model_name='upload',
            index=models.Index(condition=models.Q(('finished_at__isnull', True)), fields=['received_at'], name='upload_under_way'),
        ),
        migrations.AddConstraint(
            model_name='upload',
            constraint=models.UniqueConstraint(fields=('monthly_return', 'number'), name='upload_number'),
        ),
        migrations.AddConstraint(
            model_name='upload',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['received', 'checking', 'storing', 'stored', 'refused'])), name='upload_state'),
        ),
        migrations.AddConstraint(
            model_name='upload',
            constraint=models.CheckConstraint(condition=models.Q(('lines_read__gte', models.F('lines_checked')), ('lines_read__gte', models.F('lines_stored')), ('parts_made__gte', models.F('checked_parts')), ('parts_made__gte', models.F('stored_parts'))), name='upload_counts_no_line_twice'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='upload',
            trigger=pgtrigger.compiler.Trigger(name='upload_state_follows_the_table', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE _is_valid_transition BOOLEAN;', func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{received:checking,received:storing,checking:storing,checking:refused,storing:stored}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;', hash='79f4369ec823b42a935c4b73896c576750b92420', operation='UPDATE', pgid='pgtrigger_upload_state_follows_the_table_0c98c', table='compute_upload', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='upload',
            trigger=pgtrigger.compiler.Trigger(name='never_deleted', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='144f0b1eb9f339c3f183e137821b24601ce07e8b', operation='DELETE', pgid='pgtrigger_never_deleted_efd8e', table='compute_upload', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='accessrecord',
            trigger=pgtrigger.compiler.Trigger(name='record_stays', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."organisation_id" IS DISTINCT FROM (NEW."organisation_id") OR OLD."territory" IS DISTINCT FROM (NEW."territory") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."month" IS DISTINCT FROM (NEW."month") OR OLD."monthly_return_id" IS DISTINCT FROM (NEW."monthly_return_id") OR OLD."upload_id" IS DISTINCT FROM (NEW."upload_id") OR OLD."line_number" IS DISTINCT FROM (NEW."line_number") OR OLD."line_id" IS DISTINCT FROM (NEW."line_id") OR OLD."revision" IS DISTINCT FROM (NEW."revision") OR OLD."since_version" IS DISTINCT FROM (NEW."since_version") OR OLD."facility_id" IS DISTINCT FROM (NEW."facility_id") OR OLD."accelerator_id" IS DISTINCT FROM (NEW."accelerator_id") OR OLD."accelerators" IS DISTINCT FROM (NEW."accelerators") OR OLD."starts_at" IS DISTINCT FROM (NEW."starts_at") OR OLD."ends_at" IS DISTINCT FROM (NEW."ends_at") OR OLD."accelerator_hours" IS DISTINCT FROM (NEW."accelerator_hours") OR OLD."customer_key" IS DISTINCT FROM (NEW."customer_key") OR OLD."customer_name" IS DISTINCT FROM (NEW."customer_name") OR OLD."customer_lei" IS DISTINCT FROM (NEW."customer_lei") OR OLD."customer_euid" IS DISTINCT FROM (NEW."customer_euid") OR OLD."customer_vat" IS DISTINCT FROM (NEW."customer_vat") OR OLD."customer_country" IS DISTINCT FROM (NEW."customer_country") OR OLD."customer_incorporated_on" IS DISTINCT FROM (NEW."customer_incorporated_on") OR OLD."contracted_on" IS DISTINCT FROM (NEW."contracted_on") OR OLD."workload_class" IS DISTINCT FROM (NEW."workload_class") OR OLD."run_reference" IS DISTINCT FROM (NEW."run_reference") OR OLD."document" IS DISTINCT FROM (NEW."document") OR OLD."digest" IS DISTINCT FROM (NEW."digest") OR OLD."recorded_at" IS DISTINCT FROM (NEW."recorded_at"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='d1a9665dfff3473210b1b49fdd4a34ec3b66f213', operation='UPDATE', pgid='pgtrigger_record_stays_f3a90', table='compute_accessrecord', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='accessrecord',
            trigger=pgtrigger.compiler.Trigger(name='record_is_kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n                if current_user = 'ecar_housekeeper' then\n                  return old;\n                end if;\n                raise exception 'pgtrigger: Cannot delete rows from % table', tg_table_name;\n                ", hash='c23952cc7b71bc8d32f6377a29cc8c8be53b7b03', operation='DELETE', pgid='pgtrigger_record_is_kept_41041', table='compute_accessrecord', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='uploadpart',
            constraint=models.UniqueConstraint(fields=('upload', 'number'), name='upload_part_number'),
        ),
    ]
