"""Every table and column is classified by the policy, and the migrations are those of the models."""

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection, models

from registry.accounts.policy import CONFIDENTIAL, FRAMEWORK, OPEN, OWN, SIGN_IN, TERRITORY, Grant
from registry.acting import Audience
from registry.organisations.models import Scoped

TABLES = {model._meta.db_table: model for model in apps.get_models(include_auto_created=True)}
OURS = {table: model for table, model in TABLES.items() if model.__module__.startswith("registry.")}
LISTS = {"CONFIDENTIAL": set(CONFIDENTIAL), "OPEN": set(OPEN), "SIGN_IN": set(SIGN_IN), "FRAMEWORK": set(FRAMEWORK)}

# Words that name a secret: a column with one of them may be granted to no audience but the owner's own and authorities.
SECRETS = ("salt", "secret", "private", "password", "token")


def _columns(model: type[models.Model]) -> set[str]:
    return {field.column for field in model._meta.concrete_fields}


def _grants() -> list[tuple[str, str, Grant]]:
    return [
        (table, audience, grant)
        for table, by_audience in CONFIDENTIAL.items()
        for audience, grants in by_audience.items()
        for grant in grants
    ]


@pytest.mark.parametrize("table", sorted(TABLES))
def test_a_table_is_classified_once(table: str) -> None:
    assert [label for label, tables in LISTS.items() if table in tables] != [], "in no list of the policy"
    assert sum(table in tables for tables in LISTS.values()) == 1, "in two lists of the policy"


@pytest.mark.django_db
def test_no_table_of_the_database_escapes_the_policy() -> None:
    known = set().union(*LISTS.values())
    there = set(connection.introspection.table_names())
    assert there <= known, f"unclassified: {sorted(there - known)}"


def test_every_confidential_model_is_confidential_in_the_policy() -> None:
    scoped = {table for table, model in OURS.items() if issubclass(model, Scoped)}
    assert scoped
    assert scoped <= set(CONFIDENTIAL)


@pytest.mark.parametrize(("table", "audience", "grant"), _grants())
def test_a_grant_names_columns_that_exist(table: str, audience: str, grant: Grant) -> None:
    assert table in OURS, "no such table"
    fields = {field.attname for field in OURS[table]._meta.concrete_fields} | _columns(OURS[table])
    assert set(grant.columns) <= fields


@pytest.mark.parametrize(("table", "audience", "grant"), _grants())
def test_a_scoped_grant_has_its_column(table: str, audience: str, grant: Grant) -> None:
    columns = _columns(OURS[table])
    if grant.rows == OWN:
        assert columns & {"organisation_id", "id"}
    if grant.rows == TERRITORY:
        assert "territory" in columns


@pytest.mark.parametrize(("table", "audience", "grant"), _grants())
def test_a_column_with_a_secret_goes_to_nobody_outside(table: str, audience: str, grant: Grant) -> None:
    seen = set(grant.columns) or _columns(OURS[table])
    secret = {column for column in seen if any(word in column for word in SECRETS)}
    if (table, audience) == ("ledger_entry", Audience.AUDITOR):
        secret -= {"salt"}  # it hides what the auditor reads anyway, and shows that the public log commits to it
    if table == "statistics_vintage":
        secret -= {"salt"}  # made when a release is published: it opens the entry for everybody
    outside = {Audience.PUBLIC, Audience.ANALYST, Audience.STATISTICIAN, Audience.AUDITOR, Audience.OPERATOR}
    if grant.command == "select":
        assert not secret or audience not in outside


@pytest.mark.parametrize("table", sorted(OPEN))
def test_an_open_table_leads_to_no_person_and_no_organisation(table: str) -> None:
    for field in OURS[table]._meta.concrete_fields:
        related = field.related_model
        if isinstance(related, type):
            other = related._meta.db_table
            assert other in OPEN or Audience.PUBLIC in CONFIDENTIAL[other], f"{field.name} leads to what is not public"
        assert field.name not in {"organisation", "actor", "user"}


@pytest.mark.django_db
def test_no_migration_is_missing(capsys: pytest.CaptureFixture[str]) -> None:
    labels = sorted({model._meta.app_label for model in OURS.values()})
    try:
        call_command("makemigrations", *labels, check=True, dry_run=True, verbosity=1)
    except SystemExit:
        pytest.fail(f"models and migrations differ:\n{capsys.readouterr().out}")


def test_a_model_says_what_it_is_called() -> None:
    for model in OURS.values():
        if not model._meta.auto_created:
            assert model.__doc__
            assert "__str__" in vars(model), f"{model.__name__} has no __str__"
