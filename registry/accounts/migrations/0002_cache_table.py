"""The table that Django's database cache uses where there is no Valkey: as `createcachetable` makes it, but unlogged."""

from django.db import migrations

MAKE = """
create unlogged table if not exists accounts_cache (
    cache_key varchar(255) primary key,
    value text not null,
    expires timestamptz not null
);
create index if not exists accounts_cache_expires on accounts_cache (expires);
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [migrations.RunSQL(MAKE, "drop table if exists accounts_cache")]
