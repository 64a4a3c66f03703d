"""Vintages after vintages: what was shown goes on to tell, and a change tells no more than a table would."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from registry.statistics.disclosure.cube import Contribution, Cube, TableSpec, tabulate
from registry.statistics.disclosure.earlier import Joined, Vintage, joined
from registry.statistics.disclosure.protect import Pattern, protect
from registry.statistics.disclosure.rules import Rules, assess, needs_of
from registry.statistics.disclosure.search import Unprotectable
from registry.statistics.disclosure.witness import verify
from tests.registry.statistics.disclosure.cubes import CUBES, HIERARCHIES, TWO_WAY, contributions, cube_of, interval

TOLERANCE = 1e-6
HOURS = "hours"


def filed(country: str, *values: int, sector: str = "cloud", quarter: str = "Q1", since: int = 0) -> list[Contribution]:
    where = {"country": country, "sector": sector, "quarter": quarter}
    return [Contribution(f"h{number}", "p", where, HOURS, Decimal(value)) for number, value in enumerate(values, since)]


BEFORE = [
    *(each for country in ("DK", "SE", "ES", "GR", "PT") for each in filed(country, 500, 510, 520, 530, 540)),
    *filed("DK", 500, 510, 520, 530, sector="model"),
]


def shown(cube: Cube, withheld: frozenset[int]) -> Vintage:
    """A vintage that shows all but these places."""
    return Vintage(cube, {HOURS: frozenset(range(len(cube.cells))) - withheld}, withheld)


def published(listed: list[Contribution]) -> tuple[Vintage, Cube]:
    cube = cube_of(listed, TWO_WAY)
    return shown(cube, protect(cube, assess(cube, Rules())).withheld), cube


def revised(cube: Cube, *before: Vintage) -> tuple[Joined, Pattern]:
    """The pattern of a vintage, given those before."""
    known = joined(cube, before=before, rules=Rules())
    sensitive = frozenset(each.place for each in assess(cube, Rules()))
    fixed = known.shown - known.withheld - known.changed - sensitive
    hidden = known.withheld | known.changed | known.unknown
    return known, protect(known.cube, known.requirements, published=fixed, withheld=hidden)


def test_a_late_filing_alone_in_a_published_cell_is_withheld() -> None:
    vintage, _ = published(BEFORE)
    late = cube_of([*BEFORE, *filed("ES", 77, since=9)], TWO_WAY)
    known, pattern = revised(late, vintage)
    changed = {("ES", "cloud"), ("ES", "all"), ("S", "cloud"), ("S", "all"), ("EU", "cloud"), ("EU", "all")}
    assert {late.cells[place] for place in known.changed} == changed
    assert known.changed <= pattern.withheld


def test_a_revision_of_enough_holdings_is_shown() -> None:
    vintage, _ = published(BEFORE)
    late = cube_of([*BEFORE, *filed("ES", 75, 76, 77, 78, since=9)], TWO_WAY)
    known, pattern = revised(late, vintage)
    assert not known.changed
    assert late.places["ES", "cloud"] not in pattern.withheld


def test_a_correction_of_one_figure_is_withheld_as_a_late_filing_is() -> None:
    vintage, _ = published(BEFORE)
    corrected = cube_of([replace(BEFORE[0], value=Decimal(505)), *BEFORE[1:]], TWO_WAY)
    known, pattern = revised(corrected, vintage)
    assert corrected.places["DK", "cloud"] in known.changed & pattern.withheld


def test_a_figure_that_moves_between_companies_of_a_holding_changes_nothing() -> None:
    vintage, cube = published(BEFORE)
    moved = cube_of([replace(BEFORE[0], provider="other"), *BEFORE[1:]], TWO_WAY)
    known, pattern = revised(moved, vintage)
    assert known.cube.cells == cube.cells
    assert (known.shown, known.withheld) == (vintage.shown[HOURS], vintage.withheld)
    assert pattern.withheld == vintage.withheld


def test_what_was_withheld_and_then_shown_as_it_is_today_stays_shown() -> None:
    cube = cube_of(BEFORE, TWO_WAY)
    first = shown(cube, frozenset({cube.places["ES", "cloud"]}))
    known, _ = revised(cube, first, shown(cube, frozenset()))
    assert known.withheld == frozenset()
    assert known.shown == frozenset(range(len(cube.cells)))


def test_a_figure_of_then_stands_in_the_sums_of_then_with_what_did_not_change() -> None:
    """Spain's cloud hours bind Greece's and Portugal's: their sum was shown, and only Spain's is another today."""
    vintage, cube = published(BEFORE)
    late = cube_of([*BEFORE, *filed("ES", 77, since=9)], TWO_WAY)
    measured = joined(late, before=[vintage], rules=Rules()).cube.measures[HOURS]
    stay = {late.places["GR", "cloud"], late.places["PT", "cloud"]}
    (bound,) = (each for each in measured.sums if stay <= set(each.children))
    south, spain = bound.parent, *(set(bound.children) - stay)
    assert {south, spain} <= measured.known
    assert measured.totals[south] == cube.measures[HOURS].totals[cube.places["S", "cloud"]]
    assert measured.totals[spain] == cube.measures[HOURS].totals[cube.places["ES", "cloud"]]


def test_a_measure_that_did_not_change_stays_known_in_a_cell_that_is_withheld_for_another() -> None:
    energy = [replace(each, measure="energy", value=each.value * 3) for each in BEFORE]
    cube = cube_of([*BEFORE, *energy], TWO_WAY)
    all_of_it = frozenset(range(len(cube.cells)))
    vintage = Vintage(cube, {HOURS: all_of_it, "energy": all_of_it}, frozenset())
    later = cube_of([replace(BEFORE[0], value=Decimal(505)), *BEFORE[1:], *energy], TWO_WAY)
    known, _ = revised(later, vintage)
    place = later.places["DK", "cloud"]
    assert place in known.changed
    assert place in known.cube.measures["energy"].known
    assert place not in known.cube.measures[HOURS].known


def test_what_no_pattern_hides_is_refused() -> None:
    """All that three filed was shown; then one withdraws: that it filed so much can only be denied upwards."""
    leaves = {name: HIERARCHIES[name].leaves for name in ("country", "sector")}
    spec = [TableSpec("leaves", ("country", "sector"), leaves)]
    before = tabulate(filed("ES", 5, 5, 500), specs=spec, hierarchies=HIERARCHIES)
    later = tabulate(filed("ES", 5, 5), specs=spec, hierarchies=HIERARCHIES)
    with pytest.raises(Unprotectable):
        revised(later, shown(before, frozenset()))


def test_a_year_is_the_sum_of_quarters_that_were_published_before() -> None:
    quarters = TableSpec("quarters", ("country", "quarter"), {"quarter": frozenset({"Q1"})})
    whole = TableSpec("year", ("country", "quarter"))
    first = [*filed("DK", 900), *(each for code in ("SE", "ES", "GR", "PT") for each in filed(code, 50, 60, 70, 80))]
    second = [each for code in ("DK", "SE", "ES", "GR", "PT") for each in filed(code, 50, 60, 70, 80, quarter="Q2a")]
    before = tabulate(first, specs=[quarters], hierarchies=HIERARCHIES)
    pattern = protect(before, assess(before, Rules()))
    assert before.places["DK", "Q1"] in pattern.withheld
    after = tabulate([*first, *second], specs=[whole], hierarchies=HIERARCHIES)
    _, found = revised(after, shown(before, pattern.withheld))
    for key, place in before.places.items():
        assert (after.places[key] in found.withheld) == (place in pattern.withheld)
    hidden = after.places["DK", "Q1"]
    total = after.measures[HOURS].totals[hidden]
    least, most = interval(after, found.withheld, hidden)
    assert least <= total * 0.9 + TOLERANCE
    assert most >= total * 1.1 - TOLERANCE


@dataclass(frozen=True)
class Release:
    """One vintage for the other solver: what was counted and what was withheld."""

    cube: Cube
    withheld: frozenset[int]


def between(releases: list[Release], weigh: Callable[[int, int], float], knows: str) -> tuple[float, float]:
    """What somebody can work out of a sum of figures, weighed by vintage and place, from all vintages together.

    Another look than ours: every vintage has its figures to itself; those that the same holdings made are set equal.
    """
    width = len(releases[0].cube.cells)
    bounds: list[tuple[float, float | None]] = []
    rows: list[dict[int, float]] = []
    for number, each in enumerate(releases):
        measured, first = each.cube.measures[HOURS], number * width
        for place, parts in enumerate(measured.parts):
            total, own = measured.totals[place], parts.get(knows, 0)
            bounds.append((total, total) if place not in each.withheld or (own and own == total) else (own, None))
            same = [at for at in range(number) if releases[at].cube.measures[HOURS].parts[place] == parts]
            rows += [{first + place: 1.0, at * width + place: -1.0} for at in same]
        for equation in each.cube.equations:
            rows.append({first + equation.parent: 1.0} | {first + child: -1.0 for child in equation.children})
    sums = np.zeros((len(rows), len(bounds)))
    for at, row in enumerate(rows):
        sums[at, list(row)] = list(row.values())
    target = np.array([weigh(number, place) for number in range(len(releases)) for place in range(width)])
    found = []
    for sign in (1, -1):
        solved = linprog(sign * target, A_eq=sums, b_eq=np.zeros(len(rows)), bounds=bounds, method="highs")
        found.append(sign * solved.fun if solved.status == 0 else sign * -np.inf)
    return found[0], found[1]


@st.composite
def amended(draw: st.DrawFn, listed: list[Contribution]) -> list[Contribution]:
    """The same with a few late filings, and some amounts another."""
    chosen = draw(st.sets(st.integers(0, len(listed) - 1), max_size=3))
    kept = [replace(e, value=e.value + 7 * (at + 1)) if at in chosen else e for at, e in enumerate(listed)]
    return [*kept, *draw(contributions(most=2))]


@settings(max_examples=CUBES, deadline=None)
@given(st.data())
def test_whatever_comes_later_no_vintage_tells_more_beside_those_before(data: st.DataObject) -> None:
    listed = data.draw(contributions(most=20))
    releases: list[Release] = []
    for _ in range(3):
        cube = cube_of(listed, TWO_WAY)
        known, pattern = revised_or_none(cube, releases)
        if pattern is not None:
            releases.append(Release(cube, frozenset(range(len(cube.cells))) & pattern.withheld))
            needs = known.requirements
            assert verify(known.cube, withheld=pattern.withheld, requirements=needs, proofs=pattern.proofs) == ()
        listed = data.draw(amended(listed))
    for number in range(len(releases)):
        _figures_are_safe(releases, number)
        if number:
            _changes_are_safe(releases, number)


def revised_or_none(cube: Cube, releases: list[Release]) -> tuple[Joined, Pattern | None]:
    """The next pattern; none where the vintage has to wait."""
    before = [shown(each.cube, each.withheld) for each in releases]
    try:
        return revised(cube, *before)
    except Unprotectable:
        return joined(cube, before=before, rules=Rules()), None


def _figures_are_safe(releases: list[Release], number: int) -> None:
    cube = releases[number].cube
    for need in assess(cube, Rules()):
        total = cube.measures[HOURS].totals[need.place]
        knows = need.attackers[0] if need.attackers else ""
        least, most = between(releases, lambda at, place, need=need: (at, place) == (number, need.place), knows)
        assert least <= total - need.amount + TOLERANCE, need
        assert most >= total + need.amount - TOLERANCE, need


def _changes_are_safe(releases: list[Release], number: int) -> None:
    """What changed since the vintage before, figure by figure, as a table of its own."""
    one, other = releases[number - 1].cube.measures[HOURS], releases[number].cube.measures[HOURS]
    for place, (old, new) in enumerate(zip(one.parts, other.parts, strict=True)):
        moved = {name: abs(new.get(name, 0) - old.get(name, 0)) for name in {*old, *new}}
        moved = {name: amount for name, amount in sorted(moved.items()) if amount}
        change = other.totals[place] - one.totals[place]
        for attackers, amount in needs_of(moved, waived=frozenset(), rules=Rules()):

            def weigh(at: int, cell: int, place: int = place) -> float:
                return 0.0 if cell != place else {number: 1.0, number - 1: -1.0}.get(at, 0.0)

            least, most = between(releases, weigh, attackers[0] if attackers else "")
            assert least <= change - amount + TOLERANCE, (place, attackers)
            assert most >= change + amount - TOLERANCE, (place, attackers)
