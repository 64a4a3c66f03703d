"""The auditor agrees with methods too simple to be wrong: counting all tables, one programme per question (SciPy)."""

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from itertools import product
from math import ceil

import numpy as np
from ecar_audit import Bundle, Dimension, Measure, Outcome, Parameters, Truth, audit
from ecar_audit.findings import Subject
from ecar_audit.values import Unions
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from tests.packages.ecar_audit.releases import COUNTRY, SECTOR, Codes, Filed, leaves_below, release

few = settings(max_examples=20, deadline=None, derandomize=True)
TWO = Dimension("country", ("EU", "DE", "FR"), {"EU": (("DE", "FR"),)})
PAIR = Dimension("sector", ("T", "A", "B"), {"T": (("A", "B"),)})
CELLS = list(product(TWO.codes, PAIR.codes))
RULES = Parameters(unions=Unions.OFF)


@few
@given(st.lists(st.integers(0, 3), min_size=4, max_size=4), st.sets(st.sampled_from(CELLS[1:])))
def test_intervals_are_those_of_all_tables_that_fit(amounts: list[int], hidden: set[Codes]) -> None:
    leaves = list(product(("DE", "FR"), ("A", "B")))
    filed = [(f"h{at}", codes, amount) for at, (codes, amount) in enumerate(zip(leaves, amounts, strict=True))]
    released = release(filed, hidden, [TWO, PAIR])
    shown = {key: value for (key, _), value in released[0].tables[0].values.items()}
    total = sum(amounts)
    seen = defaultdict(set)
    for table in product(range(total + 1), repeat=4):
        full = dict(_added_up(dict(zip(leaves, table, strict=True))))
        if all(value is None or full[key] == value for key, value in shown.items()):
            for key in hidden:
                seen[key].add(full[key])
    report = audit(bundle=released[0], truth=released[1], parameters=RULES, with_intervals=True)
    told = {tuple(row["codes"].values()): row["interval"] for row in report.intervals}  # type: ignore[attr-defined]
    for key in hidden:
        ends = [min(seen[key]), max(seen[key])]
        assert [Decimal(end) for end in told[key]] == ends if key in told else ends[0] == ends[1]


def _added_up(table: dict[Codes, int]) -> Iterator[tuple[Codes, int]]:
    for country, sector in CELLS:
        below = product(leaves_below(TWO, country), leaves_below(PAIR, sector))
        yield (country, sector), sum(table[codes] for codes in below)


@st.composite
def filings(draw: st.DrawFn) -> tuple[list[Filed], set[Codes]]:
    """A few holdings in a table of sixteen cells, and some of its cells."""
    leaves = list(product(("DE", "FR", "ES"), ("A", "B", "C")))
    filed = [
        (f"h{draw(st.integers(1, 7))}", draw(st.sampled_from(leaves)), draw(st.integers(1, 400)))
        for _ in range(draw(st.integers(4, 24)))
    ]
    return filed, draw(st.sets(st.sampled_from(list(product(COUNTRY.codes, SECTOR.codes))), min_size=4, max_size=16))


@few
@given(filings(), st.sampled_from([None, 5, 60]))
def test_what_is_found_is_what_a_programme_for_each_question_finds(
    drawn: tuple[list[Filed], set[Codes]], base: int | None
) -> None:
    filed, hidden = drawn
    released = release(filed, hidden, measures=[Measure("hours", rounded_to=base)])
    report = audit(bundle=released[0], truth=released[1], parameters=RULES)
    expected = set(_expected(*released, filed))
    assert {(tuple(each.codes.values()), each.attackers) for each in report.findings} == expected
    assert all(each.subject is Subject.CELL for each in report.findings)
    assert report.outcome is (Outcome.DISCLOSURE if expected else Outcome.CLEAN)


def _expected(bundle: Bundle, truth: Truth, filed: list[Filed]) -> Iterator[tuple[Codes, tuple[str, ...]]]:
    cells = list(product(COUNTRY.codes, SECTOR.codes))
    parts = {codes: _parts(codes, filed) for codes in cells}
    spread = (bundle.measures[0].rounded_to or 0) // 2
    values = {key: value for (key, _), value in bundle.tables[0].values.items()}
    shown = {key: (float(v) - spread, float(v) + spread) for key, v in values.items() if v is not None}
    holdings = sorted({who for who, _, _ in filed})
    for codes in cells:
        if not _is_sensitive(parts[codes]):
            continue
        if not _is_far(cells, parts, shown, codes, "", _outside(parts[codes])):
            yield codes, ()
            continue
        for who in holdings:
            need = _inside(parts[codes], who) if who in parts[codes] else _outside(parts[codes])
            if need > 0 and not _is_far(cells, parts, shown, codes, who, need):
                yield codes, (who,)


def _parts(codes: Codes, filed: list[Filed]) -> dict[str, int]:
    found: dict[str, int] = defaultdict(int)
    for who, (country, sector), amount in filed:
        if country in leaves_below(COUNTRY, codes[0]) and sector in leaves_below(SECTOR, codes[1]):
            found[who] += amount
    return dict(found)


def _is_sensitive(parts: dict[str, int]) -> bool:
    largest = [*sorted(parts.values(), reverse=True), 0, 0]
    return 0 < len(parts) < 3 or sum(parts.values()) - largest[0] - largest[1] < Fraction(1, 10) * largest[0]


def _outside(parts: dict[str, int]) -> int:
    ends = [Fraction(1, 10) * x - (sum(parts.values()) - x) for x in parts.values()]
    if len(parts) < 3:
        ends.append(Fraction(1, 10) * max(parts.values()))
    return max(1, ceil(max(ends)))


def _inside(parts: dict[str, int], who: str) -> int:
    rest = sum(parts.values()) - parts[who]
    return max((ceil(Fraction(1, 10) * x - (rest - x)) for name, x in parts.items() if name != who), default=0)


def _is_far(
    cells: list[Codes],
    parts: dict[Codes, dict[str, int]],
    shown: dict[Codes, tuple[float, float]],
    codes: Codes,
    who: str,
    need: int,
) -> bool:
    """Whether the interval of one attacker reaches far enough on both sides."""
    at = {key: place for place, key in enumerate(cells)}
    sums = []
    for key, (axis, dimension) in product(cells, enumerate((COUNTRY, SECTOR))):
        for way in dimension.splits.get(key[axis], ()):
            row = np.zeros(len(cells))
            row[at[key]] = -1
            for code in way:
                row[at[(*key[:axis], code, *key[axis + 1 :])]] = 1
            sums.append(row)
    bounds: list[tuple[float, float | None]] = []
    for key in cells:
        total, own = sum(parts[key].values()), parts[key].get(who, 0)
        low, high = shown.get(key, (0.0, None))
        bounds.append((total, total) if own and own == total else (max(own, low), high))
    total = sum(parts[codes].values())
    down = min(need, total - parts[codes].get(who, 0))
    for sign, amount in ((-1, need), (1, down)):
        target = np.zeros(len(cells))
        target[at[codes]] = sign
        solved = linprog(target, A_eq=np.array(sums), b_eq=np.zeros(len(sums)), bounds=bounds, method="highs")
        is_endless = solved.status == 3
        if not is_endless and abs(sign * solved.fun - total) < amount - 1e-6:
            return False
    return True


@few
@given(filings(), st.integers(2, 9))
def test_the_unit_and_the_order_make_no_difference(drawn: tuple[list[Filed], set[Codes]], power: int) -> None:
    filed, hidden = drawn
    one = release(filed, hidden)
    other = release([(who, codes, amount * 10**power) for who, codes, amount in reversed(filed)], hidden)
    found = [
        {(tuple(each.codes.values()), each.attackers) for each in audit(bundle=b, truth=t, parameters=RULES).findings}
        for b, t in (one, other)
    ]
    # What is asked for in whole steps is the same in finer ones but for the rounding up; nothing that is told hides.
    assert found[1] <= found[0]
