"""Invented cubes for the tests of disclosure control, and another look at intervals (SciPy, not our programme)."""

import os
from decimal import Decimal

import numpy as np
from hypothesis import strategies as st
from scipy.optimize import linprog

from registry.statistics.disclosure.cube import Contribution, Cube, Hierarchy, TableSpec, tabulate

CUBES = int(os.environ.get("DISCLOSURE_CUBES", "25"))  # for each property: 1,000 and more on demand

HIERARCHIES = {
    "country": Hierarchy("country", {"EU": (("N", "S"),), "N": (("DK", "SE"),), "S": (("ES", "GR", "PT"),)}),
    "sector": Hierarchy("sector", {"all": (("cloud", "model", "other"),)}),
    "quarter": Hierarchy("quarter", {"year": (("Q1", "Q2"),), "Q2": (("Q2a",),)}),
}
LEAVES = {name: tuple(sorted(tree.leaves)) for name, tree in HIERARCHIES.items()}
TWO_WAY = (TableSpec("by country and sector", ("country", "sector")),)
LINKED = (*TWO_WAY, TableSpec("by country and quarter", ("country", "quarter")))


@st.composite
def contributions(draw: st.DrawFn, *, holdings: int = 6, most: int = 25) -> list[Contribution]:
    """A few contributions of a few holdings, some of them of two providers."""
    listed = []
    for _ in range(draw(st.integers(1, most))):
        holding = draw(st.integers(1, holdings))
        key = {name: draw(st.sampled_from(codes)) for name, codes in LEAVES.items()}
        provider = f"p{holding}{draw(st.sampled_from('ab'))}"
        listed.append(Contribution(f"h{holding}", provider, key, "hours", Decimal(draw(st.integers(1, 1000)))))
    return listed


def cube_of(listed: list[Contribution], specs: tuple[TableSpec, ...] = LINKED) -> Cube:
    """The cube over the invented dimensions."""
    return tabulate(listed, specs=specs, hierarchies=HIERARCHIES)


def interval(cube: Cube, withheld: frozenset[int], place: int, knows: str = "") -> tuple[float, float]:
    """What somebody can work out of one cell, by two linear programmes; a holding that `knows` its own parts."""
    measured = cube.measures["hours"]
    bounds = []
    for each, parts in enumerate(measured.parts):
        total = measured.totals[each]
        known = parts.get(knows, 0)
        is_known = each not in withheld or not parts or known == total
        bounds.append((total, total) if is_known else (known, None))
    sums = np.zeros((len(cube.equations), len(cube.cells)))
    for row, equation in enumerate(cube.equations):
        sums[row, equation.parent] = 1
        sums[row, list(equation.children)] -= 1
    found = []
    for sign in (1, -1):
        target = np.zeros(len(cube.cells))
        target[place] = sign
        solved = linprog(target, A_eq=sums, b_eq=np.zeros(len(cube.equations)), bounds=bounds, method="highs")
        found.append(sign * solved.fun if solved.status == 0 else sign * -np.inf)
    return found[0], found[1]
