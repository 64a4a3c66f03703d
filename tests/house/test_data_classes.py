"""Every column has a class and a purpose, what the database grants fits the precision, and the record is fresh."""

import pytest
from django.apps import apps
from django.core.management import call_command

from registry.accounts import data_classes, policy, precision
from registry.acting import Audience
from registry.filings.document import element_at
from registry.quantities import Precision

MODELS = {model._meta.db_table: model for model in apps.get_models(include_auto_created=True)}
BESIDE = {"accounts_cache", "django_migrations"}  # tables without a model
# What a table's fields are to the policy of precision. Tables that are not here carry nothing about a filing.
RESOURCES = {
    "filings_filing": "filing",
    "filings_version": "document",
    "organisations_organisation": "organisation",
    "screening_finding": "finding",
    "oversight_look": "look",
    "oversight_exportpart": "export",
    "ledger_entry": "entry",
    "ledger_leaf": "entry",
}
WORKERS = {Audience.BUILDER}  # reads single rows to make sums of them


@pytest.mark.parametrize("table", sorted(MODELS))
def test_every_column_has_its_class(table: str) -> None:
    """A new field needs a line in registry/accounts/data/data_classes.toml: which class, and whether about a person."""
    columns = {field.column for field in MODELS[table]._meta.concrete_fields}
    said = data_classes.tables().get(table)
    assert said is not None, "no such table in data_classes.toml"
    assert set(said.classes) == columns
    assert said.activity in data_classes.activities()


def test_no_table_is_described_that_does_not_exist() -> None:
    assert set(data_classes.tables()) - set(MODELS) == set()


@pytest.mark.parametrize("activity", data_classes.activities().values(), ids=lambda each: each.code)
def test_an_activity_says_what_article_30_asks(activity: data_classes.Activity) -> None:
    assert all((activity.name, activity.purposes, activity.legal_basis, activity.subjects))
    for pointer in activity.document:
        assert element_at(pointer) is not None, pointer


def test_persons_inside_the_document_are_all_named() -> None:
    said = data_classes.activities()["filings"].document
    for kind in ("/filer/contacts/0/email", "/filer/alert_contact/phone", "/customer/phone", "/signature/name"):
        assert any(kind.replace("/0/", "/*/").startswith(pointer.removesuffix("/*")) for pointer in said), kind


def _exact(audience: Audience, resource: str, cls: str) -> bool:
    """Whether any role of an audience is told a class exactly; the worker's roles too."""
    roles = [role.code for role in policy.ROLES.values() if role.audience is audience]
    roles += ["public"] if audience is Audience.PUBLIC else []
    told = {precision.precision(viewer=role, resource=resource, cls=cls) for role in roles}
    return Precision.EXACT in told or (audience in WORKERS and Precision.AGGREGATE in told)


@pytest.mark.parametrize("table", sorted(RESOURCES))
def test_no_audience_may_read_a_column_that_it_is_not_told_exactly(table: str) -> None:
    """The second layer fits the first: a grant of a column to an audience whose precision is less would be a leak."""
    classes = data_classes.tables()[table].classes
    told = []
    for audience, grants in policy.CONFIDENTIAL[table].items():
        for grant in grants:
            if (grant.command == "select" and grant.rows != "all") or audience is not Audience.HOUSEKEEPER:
                columns = grant.columns or tuple(classes)
                told += [
                    f"{audience.name} {column}"
                    for column in columns
                    if grant.command == "select"
                    and classes[column] in "SRA"
                    and not _exact(audience, RESOURCES[table], classes[column])
                ]
    assert not told


@pytest.mark.parametrize("table", sorted(policy.CONFIDENTIAL))
def test_a_secret_of_signing_in_is_granted_to_no_audience(table: str) -> None:
    """Salts go to whose document it is and to those who verify; other secrets to the one worker that needs them."""
    secret = {column for column, cls in data_classes.tables()[table].classes.items() if cls == "K"} - {"salt"}
    for audience, grants in policy.CONFIDENTIAL[table].items():
        for grant in grants:
            if grant.command == "select" and audience is Audience.PROVIDER:
                assert not secret & set(grant.columns or data_classes.tables()[table].classes), audience


@pytest.mark.parametrize(
    "said",
    [{"activity": "x", "S": ["a"], "R": ["a"]}, {"activity": "x", "S": ["a"], "personal": ["b"]}],
    ids=["two classes", "no such column"],
)
def test_a_contradiction_in_the_file_is_refused(said: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"two classes|no column"):
        data_classes.table_of("t", said)


def test_the_record_of_processing_is_fresh() -> None:
    call_command("draw_processing_record", check=True)
