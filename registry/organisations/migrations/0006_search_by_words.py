# Searching by words: the functions that take texts apart, for all packages, and the index over organisations.
#
# `ecar_plain` is registry.searching.plain. It names its punctuation and accents instead of asking a library of the
# machine, so that an index stays true when that changes. Texts beyond 100,000 characters are cut: a vector of
# words has an end, and a filing is not refused for being long.

import django.contrib.postgres.indexes
from django.db import migrations

import registry.searching

PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~’‘“”„«»–—…·•×"
_QUOTED = PUNCTUATION.replace("'", "''")
FORWARDS = f"""
create function ecar_plain(said text) returns text
language sql immutable strict parallel safe
return translate(
  replace(replace(replace(
    lower(regexp_replace(normalize(left(said, 100000), NFKD), '[\\u0300-\\u036f]', '', 'g')),
    'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'),
  'øłđı{_QUOTED}', 'oldi{" " * len(PUNCTUATION)}');

create function ecar_words(variadic said text[]) returns tsvector
language sql immutable parallel safe
return to_tsvector('pg_catalog.simple'::regconfig, coalesce(ecar_plain(array_to_string(said, ' ')), ''));

create function ecar_document_words(canonical text) returns tsvector
language sql immutable strict parallel safe
return (
  select to_tsvector('pg_catalog.simple'::regconfig, coalesce(ecar_plain(string_agg(member #>> '{{}}', ' ')), ''))
  from jsonb_path_query(nullif(canonical, '')::jsonb, 'strict $.** ? (@.type() == "string")') as found(member)
);
"""
BACKWARDS = """
drop function ecar_document_words(text);
drop function ecar_words(variadic text[]);
drop function ecar_plain(text);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("organisations", "0005_all_ultimate_parents"),
    ]

    operations = [
        migrations.RunSQL(FORWARDS, BACKWARDS),
        migrations.AddIndex(
            model_name="organisation",
            index=django.contrib.postgres.indexes.GinIndex(
                registry.searching.Words(
                    "legal_name", registry.searching.AsText("trade_names"), "lei", "euid"
                ),
                name="organisation_by_words",
            ),
        ),
    ]
