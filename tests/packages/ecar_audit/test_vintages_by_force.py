"""Two vintages of one table: the auditor agrees with one plain programme for each question (SciPy)."""

from collections import defaultdict
from collections.abc import Iterator

import numpy as np
from ecar_audit import Dimension, Outcome, Parameters, audit
from ecar_audit.findings import Subject
from ecar_audit.values import Unions
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from tests.packages.ecar_audit.releases import Codes, Filed, release
from tests.packages.ecar_audit.test_against_brute_force import inside, is_sensitive, outside

LINE = Dimension("sector", ("T", "A", "B", "C"), {"T": (("A", "B", "C"),)})
PLACES = ("first", "second")
RULES = Parameters(unions=Unions.OFF)
Parts = dict[str, int]
Known = tuple[str, str, tuple[str, ...]]


@st.composite
def vintages(draw: st.DrawFn) -> list[tuple[list[Filed], set[Codes]]]:
    """Filings and what is withheld, and the same after some figures changed and some came late."""
    names, leaves, amounts = [f"h{n}" for n in range(6)], ["A", "B", "C"], st.integers(1, 300)
    at = st.tuples(st.sampled_from(names), st.sampled_from(leaves))
    one = draw(st.dictionaries(at, amounts, min_size=3, max_size=14))
    two = {**one, **draw(st.dictionaries(at, amounts, min_size=1, max_size=5))}
    hidden = st.sets(st.sampled_from([(code,) for code in LINE.codes]), max_size=4)
    return [([(who, (leaf,), n) for (who, leaf), n in each.items()], draw(hidden)) for each in (one, two)]


@settings(max_examples=40, deadline=None, derandomize=True)
@given(vintages())
def test_what_is_found_in_two_vintages_is_what_a_programme_for_each_question_finds(
    drawn: list[tuple[list[Filed], set[Codes]]],
) -> None:
    first, second = (release(*each, [LINE], place=name) for each, name in zip(drawn, PLACES, strict=True))
    report = audit(bundle=second[0], truth=second[1], parameters=RULES, earlier=[first])
    found = set()
    for each in report.findings:
        kind = "change" if each.subject in {Subject.CHANGE, Subject.LATE_FILER} else each.release
        found.add((kind, each.codes["sector"], each.attackers))
    assert found == set(_expected(drawn))
    assert report.outcome is (Outcome.DISCLOSURE if found else Outcome.CLEAN)


def _expected(drawn: list[tuple[list[Filed], set[Codes]]]) -> Iterator[Known]:
    parts = [{code: _parts(code, filed) for code in LINE.codes} for filed, _ in drawn]
    hidden = [{codes[0] for codes in each} for _, each in drawn]
    for at, code in enumerate(LINE.codes):
        one, two = parts[0][code], parts[1][code]
        changed = {who: abs(two.get(who, 0) - one.get(who, 0)) for who in {*one, *two}}
        changed = {who: amount for who, amount in changed.items() if amount}
        questions = [("second", two, _row({at + 4: 1}))]
        if changed:
            questions += [("first", one, _row({at: 1})), ("change", changed, _row({at: -1, at + 4: 1}))]
        for kind, own, row in questions:
            if is_sensitive(own):
                yield from (
                    (kind, code, who) for who in _who_learns(parts, hidden, own, row, is_change=kind == "change")
                )


def _who_learns(
    parts: list[dict[str, Parts]], hidden: list[set[str]], own: Parts, row: np.ndarray, *, is_change: bool
) -> Iterator[tuple[str, ...]]:
    total, need = sum(own.values()), outside(own)
    if not _is_far(parts, hidden, "", row, need, need if is_change else min(need, total)):
        yield ()
        return
    for who in sorted({name for each in parts for cell in each.values() for name in cell}):
        need = inside(own, who) if who in own else outside(own)
        down = need if is_change else min(need, total - own.get(who, 0))
        if need > 0 and not _is_far(parts, hidden, who, row, need, down):
            yield (who,)


def _is_far(
    parts: list[dict[str, Parts]], hidden: list[set[str]], who: str, row: np.ndarray, up: int, down: int
) -> bool:
    bounds, sums = list[tuple[float, float | None]](), []
    for vintage in (0, 1):
        sums.append(_row({4 * vintage: -1, 4 * vintage + 1: 1, 4 * vintage + 2: 1, 4 * vintage + 3: 1}))
        for code in LINE.codes:
            cell = parts[vintage][code]
            total, mine = sum(cell.values()), cell.get(who, 0)
            is_known = code not in hidden[vintage] or (mine and mine == total)
            bounds.append((total, total) if is_known else (mine, None))
    sums += [_row({at: -1, at + 4: 1}) for at, code in enumerate(LINE.codes) if parts[0][code] == parts[1][code]]
    truth = row @ np.array([sum(parts[v][code].values()) for v in (0, 1) for code in LINE.codes])
    for sign, amount in ((-1, up), (1, down)):
        solved = linprog(sign * row, A_eq=np.array(sums), b_eq=np.zeros(len(sums)), bounds=bounds, method="highs")
        if solved.status != 3 and abs(sign * solved.fun - truth) < amount - 1e-6:
            return False
    return True


def _parts(code: str, filed: list[Filed]) -> Parts:
    found: Parts = defaultdict(int)
    for who, (leaf,), amount in filed:
        if code in {leaf, "T"}:
            found[who] += amount
    return dict(found)


def _row(entries: dict[int, int]) -> np.ndarray:
    row = np.zeros(8)
    for at, value in entries.items():
        row[at] = value
    return row
