"""The cheapest set of cells to withhold, as a 0/1 programme over cuts that are found one by one (HiGHS).

Source: Fischetti and Salazar, Management Science 47 (2001), 1008-1027: a master programme says what to withhold, and
for what it says, whatever is not met yields further cuts; first with shares of cells, then with whole ones.
"""

from collections.abc import Sequence
from typing import Final

import highspy
import numpy as np

from registry.statistics.disclosure.changes import INFINITE, Array
from registry.statistics.disclosure.cuts import Cut

_OPTIONS: Final[dict[str, bool | int | float]] = {
    "output_flag": False,
    "threads": 1,
    "random_seed": 0,
    "mip_rel_gap": 0.0,
    "mip_abs_gap": 0.0,
}
_MARGIN: Final = 1e-7
_FEASIBLE: Final = 2  # of HiGHS' solution status


class Master:
    """Which cells to withhold at least cost, as far as the cuts known so far tell. `prices` are per place.

    `steps` counts what the search took so far, in iterations of the simplex method: the same in every run.
    """

    def __init__(self, prices: Array) -> None:
        self.prices = prices
        self.steps = 0
        self.cuts: list[Cut] = []

    def cheapest(
        self, places: Sequence[int], *, withheld: frozenset[int], nodes: int, is_whole: bool = True
    ) -> tuple[Array, bool] | None:
        """How far to withhold each place, 0 to 1, where those `withheld` are and only `places` may be besides.

        Besides, whether nothing costs less. None where no choice meets the cuts, or none was found within so many
        `nodes` of the search.
        """
        solver = self._programme(places, withheld, is_whole)
        if solver is None:
            return None
        solver.setOptionValue("mip_max_nodes", nodes)
        solver.run()
        self.steps += max(0, solver.getInfo().simplex_iteration_count)
        is_least = solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
        if not is_least and solver.getInfo().primal_solution_status != _FEASIBLE:
            return None
        values = np.asarray(solver.getSolution().col_value)
        found = np.zeros_like(self.prices)
        found[sorted(withheld)] = 1.0
        found[list(places)] = np.rint(values) if is_whole else np.clip(values, 0.0, 1.0)
        return found, is_least

    def _programme(self, places: Sequence[int], withheld: frozenset[int], is_whole: bool) -> highspy.Highs | None:
        at = {place: column for column, place in enumerate(places)}
        starts, columns, values, lows = [0], [], [], []
        for cut in self.cuts:
            need = 1.0 - sum(share for place, share in cut.items() if place in withheld)
            if need <= _MARGIN:
                continue
            terms = sorted((at[place], min(share, need)) for place, share in cut.items() if place in at)
            if not terms:
                return None
            columns += [column for column, _ in terms]
            values += [share for _, share in terms]
            starts.append(len(columns))
            lows.append(need - _MARGIN)
        programme = highspy.HighsLp()
        programme.num_col_, programme.num_row_ = len(places), len(lows)
        programme.col_cost_ = self.prices[list(places)]
        programme.col_lower_, programme.col_upper_ = np.zeros(len(places)), np.ones(len(places))
        programme.row_lower_, programme.row_upper_ = np.array(lows), np.full(len(lows), INFINITE)
        programme.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        programme.a_matrix_.start_ = np.array(starts, dtype=np.int32)
        programme.a_matrix_.index_ = np.array(columns, dtype=np.int32)
        programme.a_matrix_.value_ = np.array(values, dtype=np.float64)
        if is_whole:
            programme.integrality_ = [highspy.HighsVarType.kInteger] * len(places)
        solver = highspy.Highs()  # type: ignore[no-untyped-call]
        for name, value in _OPTIONS.items():
            solver.setOptionValue(name, value)
        solver.passModel(programme)
        return solver
