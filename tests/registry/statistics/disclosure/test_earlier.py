"""Releases after releases: what was shown stays, and a change tells no more of a holding than a table would."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from hypothesis import given, settings

from registry.statistics.disclosure.cube import Contribution, Cube, TableSpec, tabulate
from registry.statistics.disclosure.earlier import Bound, Held, Vintage, bind
from registry.statistics.disclosure.protect import Pattern, protect
from registry.statistics.disclosure.release import protect_release
from registry.statistics.disclosure.rules import Rules, assess
from registry.statistics.disclosure.witness import verify
from tests.registry.statistics.disclosure.cubes import CUBES, HIERARCHIES, TWO_WAY, contributions, cube_of, interval

TOLERANCE = 1e-6


def filed(country: str, *values: int, sector: str = "cloud", quarter: str = "Q1", since: int = 0) -> list[Contribution]:
    where = {"country": country, "sector": sector, "quarter": quarter}
    return [
        Contribution(f"h{number}", "p", where, "hours", Decimal(value)) for number, value in enumerate(values, since)
    ]


BEFORE = [
    *(each for country in ("DK", "SE", "ES", "GR", "PT") for each in filed(country, 500, 510, 520, 530, 540)),
    *filed("DK", 500, 510, 520, 530, sector="model"),
]


def published(listed: list[Contribution]) -> tuple[Vintage, Cube]:
    cube = cube_of(listed, TWO_WAY)
    return Vintage("2026-Q1 vintage 1", cube, protect(cube, assess(cube, Rules())).withheld), cube


def test_a_late_filing_alone_in_a_published_cell_is_refused() -> None:
    vintage, _ = published(BEFORE)
    late = cube_of([*BEFORE, *filed("ES", 77, since=9)], TWO_WAY)
    found = protect_release(late, rules=Rules(), ledger=[vintage])
    assert isinstance(found, Held)
    assert ("ES", "cloud") in found.cells


def test_a_revision_of_enough_holdings_is_shown() -> None:
    vintage, _ = published(BEFORE)
    late = cube_of([*BEFORE, *filed("ES", 75, 76, 77, 78, since=9)], TWO_WAY)
    found = protect_release(late, rules=Rules(), ledger=[vintage])
    assert isinstance(found, Pattern)
    assert late.places["ES", "cloud"] not in found.withheld


def test_a_correction_of_one_figure_is_held_back_as_a_late_filing_is() -> None:
    vintage, _ = published(BEFORE)
    corrected = cube_of([replace(BEFORE[0], value=Decimal(505)), *BEFORE[1:]], TWO_WAY)
    found = bind(corrected, ledger=[vintage], rules=Rules())
    assert isinstance(found, Held)
    assert ("DK", "cloud") in found.cells


def test_a_figure_that_moves_between_companies_of_a_holding_changes_nothing() -> None:
    vintage, cube = published(BEFORE)
    moved = cube_of([replace(BEFORE[0], provider="other"), *BEFORE[1:]], TWO_WAY)
    found = bind(moved, ledger=[vintage], rules=Rules())
    assert found == Bound(frozenset(range(len(cube.cells))) - vintage.withheld, vintage.withheld)


def test_a_withheld_late_filing_is_not_told_by_the_sums_around_it() -> None:
    """Denmark's cells are withheld in both vintages, but all around them shown: their sum says who came late."""
    listed = [*BEFORE, *filed("DK", 900, sector="other"), *filed("SE", 700, 710, 720, 730, sector="other")]
    vintage, cube = published(listed)
    assert cube.places["DK", "other"] in vintage.withheld
    late = cube_of([*listed, *filed("DK", 77, sector="other", since=9)], TWO_WAY)
    assert isinstance(protect_release(late, rules=Rules(), ledger=[vintage]), Held)


def test_a_new_value_may_be_withheld_where_nothing_else_tells_it() -> None:
    """A table without its sums: the one cell can go, and the others stay."""
    leaves = {name: HIERARCHIES[name].leaves for name in ("country", "sector")}
    spec = [TableSpec("leaves", ("country", "sector"), leaves)]
    before = tabulate(BEFORE, specs=spec, hierarchies=HIERARCHIES)
    late = tabulate([*BEFORE, *filed("ES", 77, since=9)], specs=spec, hierarchies=HIERARCHIES)
    ledger = [Vintage("1", before, frozenset())]
    assert protect_release(late, rules=Rules(), ledger=ledger) == Held((("ES", "cloud"),))
    found = protect_release(late, rules=Rules(), ledger=ledger, may_withhold=True)
    assert isinstance(found, Pattern)
    assert found.withheld == {late.places["ES", "cloud"]}


def test_what_cannot_be_withheld_for_its_sums_is_held_back() -> None:
    vintage, _ = published(BEFORE)
    others = filed("PT", 75, 76, 77, 78, 79, since=20)
    late = cube_of([*BEFORE, *filed("ES", 77, since=9), *others], TWO_WAY)
    found = protect_release(late, rules=Rules(), ledger=[vintage], may_withhold=True)
    assert isinstance(found, Held)
    assert ("ES", "cloud") in found.cells


def test_a_year_is_the_sum_of_quarters_that_were_published_before() -> None:
    quarters = TableSpec("quarters", ("country", "quarter"), {"quarter": frozenset({"Q1"})})
    whole = TableSpec("year", ("country", "quarter"))
    first = [*filed("DK", 900), *(each for code in ("SE", "ES", "GR", "PT") for each in filed(code, 50, 60, 70, 80))]
    second = [each for code in ("DK", "SE", "ES", "GR", "PT") for each in filed(code, 50, 60, 70, 80, quarter="Q2a")]
    before = tabulate(first, specs=[quarters], hierarchies=HIERARCHIES)
    pattern = protect_release(before, rules=Rules(), ledger=[])
    assert isinstance(pattern, Pattern)
    assert before.places["DK", "Q1"] in pattern.withheld
    after = tabulate([*first, *second], specs=[whole], hierarchies=HIERARCHIES)
    vintage = Vintage("2026-Q1", before, pattern.withheld)
    found = protect_release(after, rules=Rules(), ledger=[vintage])
    assert isinstance(found, Pattern)
    for key, place in before.places.items():
        assert (after.places[key] in found.withheld) == (place in pattern.withheld)
    hidden = after.places["DK", "Q1"]
    total = after.measures["hours"].totals[hidden]
    least, most = interval(after, found.withheld, hidden)
    assert least <= total * Fraction(9, 10) + TOLERANCE
    assert most >= total * Fraction(11, 10) - TOLERANCE


@settings(max_examples=CUBES, deadline=None)
@given(contributions(), contributions(most=6))
def test_whatever_comes_later_what_was_shown_stays_and_all_is_proved(
    first: list[Contribution], more: list[Contribution]
) -> None:
    vintage, before = published(first)
    cube = cube_of([*first, *more], TWO_WAY)
    found = protect_release(cube, rules=Rules(), ledger=[vintage])
    if isinstance(found, Held):
        assert found.cells
        return
    for place, total in enumerate(before.measures["hours"].totals):
        if place not in vintage.withheld and total == cube.measures["hours"].totals[place]:
            assert place not in found.withheld
        if place in vintage.withheld:
            assert place in found.withheld
    bound = bind(cube, ledger=[vintage], rules=Rules())
    assert isinstance(bound, Bound)
    needs = [each for each in assess(cube, Rules()) if each.place not in bound.published]
    assert verify(cube, withheld=found.withheld, requirements=needs, proofs=found.proofs) == ()
