"""The checks of an ownership statement, the pseudonyms of people, the days of changes, what follows for a day."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from string import Formatter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.errors import Invalid
from registry.filings import duties, ownership_checks, ownership_document, ownership_duties, ownership_resolution
from registry.filings.duties import State
from registry.filings.ownership_checks import Before
from registry.filings.ownership_document import OwnershipDocument
from registry.languages import SPOKEN
from tests.statements import holding, statement

TODAY = date(2026, 11, 20)
SECRET = b"secret"
NOTHING = Before()


def read(content: dict[str, Any]) -> OwnershipDocument:
    return ownership_document.read(content, language="en")


def keys(document: OwnershipDocument) -> dict[str, str]:
    return ownership_document.keys(document, filer="organisation:1", secret=SECRET)


def said(before: Before = NOTHING, **changes: Any) -> list[tuple[str, str]]:
    document = read(statement(**changes))
    found = ownership_checks.answers(document, keys=keys(document), before=before, today=TODAY)
    return [(each.code, each.pointer) for each in found]


def company(key: str, **more: Any) -> dict[str, Any]:
    return {"id": key, "kind": "company", "name": key, "country": "NL", **more}


ADA = statement()["entities"][1]
WHOLE = [holding("ada", "filer", "100")]
PAST = holding("ada", "filer", "1", since_on="2019-01-01", until_on="2019-02-01")
BORN = "1990-01-01"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"entities": [ADA], "holdings": WHOLE}, []),
        ({"entities": [ADA, ADA], "holdings": WHOLE}, [("id-taken", "/entities/1/id")]),
        ({"entities": [ADA, company("filer")], "holdings": WHOLE}, [("id-taken", "/entities/1/id")]),
        ({"entities": [ADA, {**ADA, "id": "twin"}], "holdings": WHOLE}, [("entity-twice", "/entities/1")]),
        (
            {"entities": [ADA, company("x", born_on="1990-01-01")], "holdings": WHOLE},
            [("person-as-company", "/entities/1")],
        ),
        ({"entities": [ADA, company("x")], "holdings": WHOLE}, [("not-connected", "/entities/1")]),
        (
            {"entities": [company("x")], "holdings": [holding("x", "filer", "100")]},
            [("owners-end-in-company", "/entities/0"), ("no-beneficial-owner", "/senior_managers")],
        ),
        (
            {
                "entities": [company("x")],
                "holdings": [holding("x", "filer", "100")],
                "senior_managers": [{"name": "Zoe", "function": "Director"}],
            },
            [("owners-end-in-company", "/entities/0")],
        ),
        ({"entities": [ADA], "holdings": [holding("ada", "filer", "99.999999")]}, [("share-unstated", "")]),
        (
            {"entities": [ADA], "holdings": [*WHOLE, holding("ada", "filer", "0.000001")]},
            [("more-than-whole", "/holdings/0")],
        ),
        (
            {
                "entities": [ADA],
                "holdings": [*WHOLE, holding("ada", "filer", "1", until_on="2019-02-01", since_on="2019-01-01")],
            },
            [],
        ),
        (
            {
                "entities": [ADA, company("x"), company("y")],
                "holdings": [
                    holding("x", "y", "100"),
                    holding("y", "x", "100"),
                    holding("x", "filer", "30"),
                    holding("ada", "filer", "70"),
                ],
            },
            [("circular", "/holdings")],
        ),
    ],
)
def test_each_check_speaks_where_it_should(changes: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    assert said(**changes) == expected


def test_what_the_statement_before_contained_is_missed() -> None:
    before = read(statement())
    found = said(
        Before(before, (date(2026, 10, 1),)), holdings=[holding("ada", "filer", "100"), holding("up", "ada", "1")]
    )
    assert ("person-held", "/holdings/1/owned_id") in found
    found = said(Before(before, (date(2026, 10, 1),)), holdings=[holding("ada", "filer", "100")])
    assert found.count(("gap", "/holdings")) == 2
    assert found.count(("late", "/holdings")) == 1


@pytest.mark.parametrize("code", ownership_checks.codes())
def test_a_check_has_its_words_in_three_languages(code: str) -> None:
    row = ownership_checks._texts()[code]
    assert row["severity"] in {"error", "warning", "note"}
    assert row["source"]
    wanted = {
        part: {name for _, name, _, _ in Formatter().parse(row["en"][part]) if name} for part in ("sentence", "remedy")
    }
    for language in SPOKEN:
        for part, names in wanted.items():
            assert {name for _, name, _, _ in Formatter().parse(row[language][part]) if name} == names
            assert row[language][part].endswith((".", "»", "“")), row[language][part]


def test_no_answer_names_a_person() -> None:
    document = read(statement(holdings=[holding("ada", "up", "10"), holding("up", "filer", "10")]))
    found = ownership_checks.answers(document, keys=keys(document), before=Before(), today=TODAY)
    told = json.dumps([ownership_checks.told(each, language="en").sentence for each in found])
    assert found
    assert "Ada" not in told


# --- pseudonyms ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "is_same"),
    [
        ({"name": "ADA  EXAMPLE"}, True),
        ({"country": "FR", "nationalities": ["FR"]}, True),
        ({"name": "Ada Exemple"}, False),
        ({"born_on": "1970-02-04"}, False),
    ],
)
def test_a_pseudonym_is_made_of_name_and_birth(change: dict[str, Any], is_same: bool) -> None:
    one, other = (keys(read(statement(entities=[{**ADA, **each}], holdings=[])))["ada"] for each in ({}, change))
    assert (one == other) is is_same
    assert one.startswith("person:")
    assert "ada" not in one.casefold().removeprefix("person:")


def test_without_the_secret_a_pseudonym_cannot_be_made() -> None:
    document = read(statement())
    assert ownership_document.keys(document, filer="x", secret=b"other")["ada"] != keys(document)["ada"]


def test_companies_are_known_by_lei_then_euid_then_name() -> None:
    document = read(
        statement(
            entities=[
                company("a", lei="969500DEMONSTRATIO14", euid="DEK1101R.HRB116737"),
                company("b", euid="DEK1101R.HRB116737"),
                company("c", name="Same  Name"),
                company("d", name="SAME NAME"),
                company("e", name="Same Name", registration_number="7"),
            ],
            holdings=[],
        )
    )
    found = keys(document)
    assert found["a"] == "lei:969500DEMONSTRATIO14"
    assert found["b"] == "euid:DEK1101R.HRB116737"
    assert found["c"] == found["d"] != found["e"]


# --- changes and duties ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("holdings", "days"),
    [
        ([holding("ada", "filer", "40")], []),
        ([holding("ada", "filer", "40", source="Another register")], []),
        ([holding("ada", "filer", "40", until_on="2026-11-05")], [date(2026, 11, 5)]),
        ([holding("ada", "filer", "40", until_on="2026-12-05")], []),
        ([holding("ada", "filer", "40"), holding("up", "filer", "1", since_on="2026-10-01")], [date(2026, 10, 1)]),
        ([holding("ada", "filer", "41")], [date(2020, 1, 1)]),
        ([], [date(2026, 11, 10)]),
    ],
)
def test_the_days_of_changes_are_those_no_earlier_statement_told(
    holdings: list[dict[str, Any]], days: list[date]
) -> None:
    before = read(statement(holdings=[holding("ada", "filer", "40")]))
    now = read(statement(as_of_on="2026-11-10", holdings=holdings))
    assert ownership_document.changes(before, now, named=keys(now), old=keys(before)) == days
    assert ownership_document.changes(None, now, named=keys(now), old={}) == []


def _duties(facts: tuple[duties.FilingFacts, ...], at: datetime) -> list[duties.Duty]:
    return [duty for each in facts for duty in duties.duties_of(each, {"FR": frozenset()}, at=at)]


@pytest.mark.parametrize(
    ("at", "state"),
    [
        (datetime(2026, 11, 30, 22, 59, tzinfo=UTC), State.MET),
        (datetime(2026, 11, 30, 23, 0, tzinfo=UTC), State.LATE),
    ],
)
def test_the_twenty_eight_days_end_at_midnight_in_brussels(at: datetime, state: State) -> None:
    """28 days after 2 November: Monday 30 November."""
    stated = ownership_duties.Stated(date(2026, 11, 2), at, (date(2026, 11, 2),))
    found = _duties(ownership_duties.facts_of([stated], territory="FR"), at)
    assert [duty.state for duty in found if duty.code == ownership_duties.CHANGE] == [state]


def test_who_has_stated_nothing_owes_a_first_statement_alone_and_only_if_the_law_asks() -> None:
    at = datetime(2027, 9, 1, tzinfo=UTC)
    asked = ownership_duties.facts_of([], territory="FR", registered_on=date(2020, 1, 1))
    assert [(duty.code, duty.state) for duty in _duties(asked, at)] == [(ownership_duties.FIRST, State.OVERDUE)]
    assert _duties(ownership_duties.facts_of([], territory="FR"), at) == []


# --- what follows ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("share", "text"),
    [("1/3", "33.333333"), ("1/2", "50"), ("1", "100"), ("0", "0"), ("0.0000001", "0.00001")],
)
def test_a_share_is_written_as_a_percentage(share: str, text: str) -> None:
    assert ownership_resolution.percent(ownership_resolution.Fraction(share)) == text


@settings(deadline=None)
@given(st.decimals(min_value=Decimal("0.000001"), max_value=100, places=6))
def test_a_stated_share_reads_back_as_it_was_written(percent: Decimal) -> None:
    document = read(statement(entities=[ADA], holdings=[holding("ada", "filer", f"{percent:f}")]))
    found = ownership_resolution.resolve(document, on=TODAY)
    assert Decimal(ownership_resolution.percent(found.owners[0].capital)) == percent


def test_a_statement_of_wrong_form_names_every_place() -> None:
    with pytest.raises(Invalid) as refused:
        read({"as_of_on": "yesterday", "holdings": [{"owner": "a"}]})
    assert {each.pointer for each in refused.value.obstacles} >= {
        "/as_of_on",
        "/holdings/0/owner_id",
        "/holdings/0/owner",
    }
