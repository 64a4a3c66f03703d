"""How far a figure can move in one direction: one linear programme for a block, asked again and again (HiGHS).

Only bounds and the objective change from one question to the next, so each starts from where the last one ended.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import highspy
import numpy as np

from ecar_audit.block import Block, Floats, Knowledge
from ecar_audit.refusals import OutOfTime

TOLERANCE: Final = 1e-6
"""Of what is asked for: a witness may fall short by this much."""

HAIR: Final = 1e-8
"""Of what is asked for: sums and bounds may be off by this much."""

FARTHEST: Final = 1e5
"""Times what is asked for: the farthest that a witness may move any figure. Farther ones are not looked for."""

_OPTIONS: Final[dict[str, bool | int | float | str]] = {
    "output_flag": False,
    "threads": 1,
    "presolve": "off",
    "solver": "simplex",
    "random_seed": 0,
    "primal_feasibility_tolerance": 1e-9,
}


@dataclass(frozen=True, eq=False)
class Answer:
    """How far the target moves (infinite: without end), and by how much every column does then.

    `hair` is how far off each move can be, because floating point is no more exact than that.
    """

    reach: float
    moves: Floats
    hair: Floats


class Undecidable(Exception):
    """The solver gave no answer that holds when it is checked by addition."""


class Programme:
    """The linear programme of one block. `remaining` tells the seconds left, None without a limit."""

    def __init__(self, block: Block, remaining: Callable[[], float | None]) -> None:
        self.solved = 0
        self._block = block
        self._remaining = remaining
        self._indices = np.arange(block.size, dtype=np.int32)
        self._ratio_rows = np.arange(block.equalities, block.matrix.shape[0], dtype=np.int32)
        self._solver = self._filled()
        self._target = 0

    def reach(self, target: int, side: int, known: Knowledge, *, unit: float, cap: float | None) -> Answer:
        """Move the target up (`side` 1) or down (-1) as far as what is known allows, at most by `cap`.

        Raises `Undecidable`, and `OutOfTime` where no time is left.
        """
        scale = unit * self._block.units / self._block.units[target]
        clip = np.inf if cap is None else FARTHEST * max(1.0, cap / unit)
        lower, upper = np.clip(known.lower / scale, -clip, 0.0), np.clip(known.upper / scale, 0.0, clip)
        if cap is not None:
            if side > 0:
                upper[target] = min(upper[target], cap / unit)
            else:
                lower[target] = max(lower[target], -cap / unit)
        slack = known.slack / (unit * self._block.row_units / self._block.units[target])
        scaled = Knowledge(lower, upper, slack)
        self._ask(target, side, scaled)
        for is_last in (False, True):
            found = self._run(target, side, scaled, is_last=is_last)
            if found is not None:
                return Answer(found[0] * unit, found[1] * scale, HAIR * scale)
        raise Undecidable

    def _ask(self, target: int, side: int, scaled: Knowledge) -> None:
        solver = self._solver
        solver.changeColCost(self._target, 0.0)
        solver.changeColCost(target, float(side))
        self._target = target
        solver.changeColsBounds(len(self._indices), self._indices, scaled.lower, scaled.upper)
        if len(self._ratio_rows):
            endless = np.full(len(self._ratio_rows), -highspy.kHighsInf)
            solver.changeRowsBounds(len(self._ratio_rows), self._ratio_rows, endless, scaled.slack)  # type: ignore[attr-defined]

    def _run(self, target: int, side: int, scaled: Knowledge, *, is_last: bool) -> tuple[float, Floats] | None:
        if (left := self._remaining()) is not None:
            if left <= 0:
                raise OutOfTime
            self._solver.setOptionValue("time_limit", self._solver.getRunTime() + left)  # its clock runs on
        if is_last:
            self._solver.clearSolver()
        self._solver.run()
        self.solved += 1
        status = self._solver.getModelStatus()
        if status == highspy.HighsModelStatus.kTimeLimit:
            raise OutOfTime
        if status == highspy.HighsModelStatus.kUnbounded:
            return np.inf, np.zeros(self._block.size)
        if status != highspy.HighsModelStatus.kOptimal:
            return None
        moves = np.array(self._solver.getSolution().col_value)
        return (side * float(moves[target]), moves) if self._fits(moves, scaled) else None

    def _fits(self, moves: Floats, scaled: Knowledge) -> bool:
        """Whether the witness keeps every sum, bound and ratio: by addition, whatever the solver says."""
        sums = self._block.matrix @ moves
        off = [np.abs(sums[: self._block.equalities]), sums[self._block.equalities :] - scaled.slack]
        off += [scaled.lower - moves, moves - scaled.upper]
        allowed = HAIR * max(1.0, float(np.abs(moves).max(initial=0.0)) * 1e-6)
        return all(bool((each <= allowed).all()) for each in off)

    def _filled(self) -> highspy.Highs:
        block, programme = self._block, highspy.HighsLp()
        rows = block.matrix.shape[0]
        programme.num_col_, programme.num_row_ = block.size, rows
        programme.sense_ = highspy.ObjSense.kMaximize
        programme.col_cost_ = np.zeros(block.size)
        programme.col_lower_, programme.col_upper_ = np.zeros(block.size), np.zeros(block.size)
        programme.row_lower_ = np.append(
            np.zeros(block.equalities), np.full(rows - block.equalities, -highspy.kHighsInf)
        )
        programme.row_upper_ = np.zeros(rows)
        programme.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        programme.a_matrix_.start_ = block.matrix.indptr
        programme.a_matrix_.index_ = block.matrix.indices
        programme.a_matrix_.value_ = block.matrix.data
        solver = highspy.Highs()  # type: ignore[no-untyped-call]
        for name, value in _OPTIONS.items():
            solver.setOptionValue(name, value)
        solver.passModel(programme)
        return solver
