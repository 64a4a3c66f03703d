"""Vintages after vintages: what was shown goes on to tell, and a change tells no more than a table would."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from registry.statistics.disclosure.cube import Contribution, Cube, Key, TableSpec, tabulate
from registry.statistics.disclosure.earlier import Joined, Vintage, joined
from registry.statistics.disclosure.protect import Pattern, protect
from registry.statistics.disclosure.rules import Rules, assess, needs_of
from registry.statistics.disclosure.search import Unprotectable
from registry.statistics.disclosure.witness import verify
from tests.registry.statistics.disclosure.cubes import CUBES, HIERARCHIES, TWO_WAY, cube_of, interval

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

    def parts(self, key: Key) -> Mapping[str, int] | None:
        """Who adds how much to a cell; None where the vintage has no such cell."""
        place = self.cube.places.get(key)
        return None if place is None else self.cube.measures[HOURS].parts[place]


Figure = tuple[int, Key]
"""A cell of a vintage, by the number of the vintage."""


class Attacker:
    """Another look than ours: each vintage has its figures to itself; those the same holdings made are set equal."""

    def __init__(self, releases: Sequence[Release]) -> None:
        self.releases = releases
        listed = [(number, key) for number, each in enumerate(releases) for key in each.cube.cells]
        self.at = {figure: column for column, figure in enumerate(listed)}
        rows: list[dict[int, float]] = []
        for number, key in listed:
            parts = releases[number].parts(key)
            same = [self.at[other, key] for other in range(number) if releases[other].parts(key) == parts]
            rows += [{self.at[number, key]: 1.0, other: -1.0} for other in same]
        for number, each in enumerate(releases):
            places = [self.at[number, key] for key in each.cube.cells]
            for equation in each.cube.equations:
                rows.append({places[equation.parent]: 1.0} | {places[child]: -1.0 for child in equation.children})
        self.sums = np.zeros((len(rows), len(listed)))
        for at, row in enumerate(rows):
            self.sums[at, list(row)] = list(row.values())

    def interval(self, weights: Mapping[Figure, float], knows: str) -> tuple[float, float]:
        """What everybody, or a holding that `knows` its own parts, can work out of weighed figures together."""
        target = np.zeros(len(self.at))
        target[[self.at[figure] for figure in weights]] = list(weights.values())
        bounds, found = [self._bounds(*figure, knows) for figure in self.at], []
        for sign in (1, -1):
            solved = linprog(
                sign * target, A_eq=self.sums, b_eq=np.zeros(len(self.sums)), bounds=bounds, method="highs"
            )
            found.append(sign * solved.fun if solved.status == 0 else sign * -np.inf)
        return found[0], found[1]

    def _bounds(self, number: int, key: Key, knows: str) -> tuple[float, float | None]:
        each = self.releases[number]
        parts, place = each.cube.measures[HOURS].parts[each.cube.places[key]], each.cube.places[key]
        total, own = sum(parts.values()), parts.get(knows, 0)
        is_known = place not in each.withheld or (own and own == total)
        return (total, total) if is_known else (own, None)


WHERE = (TableSpec("places", ("country", "quarter")), TableSpec("sectors", ("sector", "quarter")))
FIRST = tuple(replace(each, codes={"quarter": frozenset({"Q1"})}) for each in WHERE)


@st.composite
def quarters(draw: st.DrawFn, *, quarter: str) -> list[Contribution]:
    """Filings of a quarter: of no holding, one or a few in each place."""
    listed = []
    for country in sorted(HIERARCHIES["country"].leaves):
        for sector in sorted(HIERARCHIES["sector"].leaves):
            amounts = draw(st.lists(st.sampled_from((13, 47, 120, 333, 800)), min_size=country == "DK", max_size=3))
            listed += filed(country, *amounts, sector=sector, quarter=quarter, since=draw(st.integers(0, 3)))
    return listed


@st.composite
def amended(draw: st.DrawFn, listed: list[Contribution]) -> list[Contribution]:
    """The same with an amount that is another, or a filing that is late."""
    if listed and draw(st.booleans()):
        chosen = draw(st.integers(0, len(listed) - 1))
        return [replace(each, value=each.value * 2) if at == chosen else each for at, each in enumerate(listed)]
    late = draw(quarters(quarter="Q1"))
    return [*listed, *late[:1]]


@settings(max_examples=CUBES, deadline=None, suppress_health_check=[HealthCheck.too_slow])  # the machine may be busy
@given(st.data())
def test_whatever_comes_later_no_vintage_tells_more_beside_those_before(data: st.DataObject) -> None:
    """A quarter and its revision, then the year, in which the quarter is a part."""
    first, second = data.draw(quarters(quarter="Q1")), data.draw(quarters(quarter="Q2a"))
    late = data.draw(amended(first))
    releases: list[Release] = []
    for listed, specs in ((first, FIRST), (late, FIRST), ([*late, *second], WHERE)):
        cube = tabulate(listed, specs=specs, hierarchies=HIERARCHIES)
        before = [shown(each.cube, each.withheld) for each in releases]
        try:
            known, pattern = revised(cube, *before)
        except Unprotectable:
            continue  # it has to wait
        needs = known.requirements
        assert verify(known.cube, withheld=pattern.withheld, requirements=needs, proofs=pattern.proofs) == ()
        releases.append(Release(cube, frozenset(range(len(cube.cells))) & pattern.withheld))
    attacker = Attacker(releases)
    for weights, parts in [*_figures(releases), *_changes(releases)]:
        true = sum(weight * sum((releases[at].parts(key) or {}).values()) for (at, key), weight in weights.items())
        for attackers, amount in needs_of(parts, waived=frozenset(), rules=Rules()):
            least, most = attacker.interval(weights, attackers[0] if attackers else "")
            assert least <= true - amount + TOLERANCE, (weights, attackers)
            assert most >= true + amount - TOLERANCE, (weights, attackers)


def _figures(releases: Sequence[Release]) -> Iterator[tuple[Mapping[Figure, float], Mapping[str, int]]]:
    for number, each in enumerate(releases):
        for key in each.cube.cells:
            yield {(number, key): 1.0}, each.parts(key) or {}


def _changes(releases: Sequence[Release]) -> Iterator[tuple[Mapping[Figure, float], Mapping[str, int]]]:
    """What changed since the vintage before, figure by figure, as a table of its own."""
    for number in range(1, len(releases)):
        for key in releases[number].cube.cells:
            old, new = releases[number - 1].parts(key), releases[number].parts(key) or {}
            moved = {} if old is None else {n: abs(new.get(n, 0) - old.get(n, 0)) for n in sorted({*old, *new})}
            if any(moved.values()):
                yield {(number, key): 1.0, (number - 1, key): -1.0}, {n: part for n, part in moved.items() if part}
