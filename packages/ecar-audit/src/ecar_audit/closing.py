"""Closes the system: all tables of all releases and vintages over one set of figures, and every sum between them.

Two vintages of a cell are one figure where the same holdings add the same to it, and two where not. That a figure did
not change is taken as known to everybody: an auditor errs on the side of the attacker.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from ecar_audit import figures
from ecar_audit.figures import Figures, units
from ecar_audit.frame import Frame
from ecar_audit.known_ratios import proportions
from ecar_audit.refusals import BadInput
from ecar_audit.system import Change, Column, Proportion, Sum, System
from ecar_audit.values import Bundle, Key, Measure, Parameters, Released, Table

Signature = tuple[tuple[str, int], ...]
Met = Mapping[tuple[str, Key], int]
"""By measure and cell: the column that it is in one vintage."""


def close(released: Released, parameters: Parameters) -> System:
    """The system of these bundles, in the order in which they were published. Raises `BadInput`."""
    bundles = tuple(bundle for bundle, _ in released)
    contributions = [each for _, truth in released for each in truth.contributions]
    measures = figures.additive(bundles)
    scales = figures.scales(measures, contributions)
    closing = _Closing(Frame(bundles), released, measures, scales, figures.steps(measures, contributions, scales))
    closing.gather()
    met = [closing.vintage(number) for number in range(len(bundles))]
    sums = dict.fromkeys(each for number in range(len(bundles)) for each in closing.sums(number, met[number]))
    ways = [closing.frame.ways(bundle) for bundle in bundles]
    known: dict[Proportion, None] = {}
    widened = 0
    for number in range(len(bundles)):
        found, over = proportions(
            parameters.ratios, closing.frame.dimensions, ways[number], met[number], closing.columns, scales
        )
        known.update(dict.fromkeys(found))
        widened += over
    return System(
        closing.frame.dimensions,
        tuple(closing.columns),
        tuple(sums),
        tuple(known),
        tuple(closing.changes()),
        scales,
        closing.steps,
        _waived(released),
        (f"{widened} known ratios do not hold in the truth; they were taken as far as it",) if widened else (),
    )


def _waived(released: Released) -> Mapping[str, frozenset[str]]:
    """By measure: the holdings that agreed for all their figures that this may be told."""
    found: dict[str, dict[str, bool]] = {}
    for each in (each for _, truth in released for each in truth.contributions):
        told = found.setdefault(each.measure, {})
        told[each.holding] = told.get(each.holding, True) and each.has_waiver
    return {measure: frozenset(name for name, is_told in told.items() if is_told) for measure, told in found.items()}


@dataclass
class _Closing:
    frame: Frame
    released: Released
    measures: Mapping[str, Measure]
    scales: Mapping[str, int]
    steps: Mapping[str, int]
    columns: list[Column] = field(default_factory=list)
    _cells: list[tuple[tuple[str, Key], ...]] = field(default_factory=list)
    _standing: list[frozenset[str]] = field(default_factory=list)
    _own: list[Figures] = field(default_factory=list)
    _at: dict[tuple[str, Key, Signature], int] = field(default_factory=dict)

    def gather(self) -> None:
        """Add up every truth over all cells that any bundle has."""
        for bundle, truth in self.released:
            listed = (
                (measure, key)
                for table in bundle.tables
                for key in self.frame.closed(bundle, table)
                for measure in table.measures
                if measure in self.measures
            )
            self._cells.append(tuple(dict.fromkeys(listed)))
            self._standing.append(frozenset(self.frame.standing(bundle, truth)))
        needed = frozenset(key for cells in self._cells for _, key in cells)
        for bundle, truth in self.released:
            self._own.append(figures.added_up(self.frame, bundle, truth, needed, self.scales))
        for number, (bundle, _) in enumerate(self.released):
            for table in bundle.tables:
                self._list(number, bundle, table)

    def _source(self, number: int, key: Key) -> Figures:
        """The truth that holds for a cell in a vintage: its own; where heads tell periods, the last of its period."""
        for earlier in range(number, -1, -1) if self.frame.times else ():
            if not self._standing[earlier] or key[-1] in self._standing[earlier]:
                return self._own[earlier]
        return self._own[number]

    def _signature(self, number: int, measure: str, key: Key) -> Signature:
        return tuple(sorted(self._source(number, key).get((measure, key), {}).items()))

    def _column(self, number: int, measure: str, key: Key, table: str) -> int:
        signature = self._signature(number, measure, key)
        found = self._at.setdefault((measure, key, signature), len(self.columns))
        if found < len(self.columns) and table:  # named after where it was last seen
            self.columns[found] = replace(self.columns[found], release=self.released[number][0].place, table=table)
        if found == len(self.columns):
            release = self.released[number][0].place
            total = sum(part for _, part in signature)
            self.columns.append(Column(measure, key, release, table, dict(signature), total, 0, None))
        return found

    def _list(self, number: int, bundle: Bundle, table: Table) -> None:
        """Every cell of a table with what it shows."""
        described = {each.id: each for each in bundle.measures}
        for measure in (described[name] for name in table.measures if described[name].is_additive):
            shown = {}
            for (key, name), value in table.values.items():
                if name == measure.id:
                    shown[self._column(number, name, self.frame.place(bundle, table, key), table.id)] = (key, value)
            spread = self._spread(measure, shown)
            for column, (key, value) in shown.items():
                if value is not None:
                    self._tell(column, value, spread, table.places.get((key, measure.id), f"{table.id} {key}"))

    def _spread(self, measure: Measure, shown: Mapping[int, tuple[Key, Decimal | None]]) -> int:
        """How far off a shown value can be from the truth, in units."""
        unit: int = 10 ** self.scales[measure.id]
        if measure.rounded_to is not None:
            step = self.steps[measure.id]
            return int(measure.rounded_to * unit // 2 // step * step)
        off = (self._off(column, value) for column, (_, value) in shown.items() if value is not None)
        return int(unit // 10**measure.decimals // 2) if any(off) else 0

    def _off(self, column: int, value: Decimal) -> int:
        known = self.columns[column]
        return abs(units(value, self.scales[known.measure]) - known.truth)

    def _tell(self, column: int, value: Decimal, spread: int, place: str) -> None:
        if self._off(column, value) > spread:
            raise BadInput(place, "shows another value than the truth adds up to")
        known, centre = self.columns[column], units(value, self.scales[self.columns[column].measure])
        low, high = max(known.low, centre - spread), centre + spread
        high = high if known.high is None else min(known.high, high)
        self.columns[column] = replace(known, low=low, high=high)

    def vintage(self, number: int) -> Met:
        """What every cell of the system is in a vintage, as far as it is met in it or is known from another."""
        met = {cell: self._column(number, *cell, "") for cell in self._cells[number]}
        for cell in (cell for cells in self._cells for cell in cells):
            column = self._at.get((*cell, self._signature(number, *cell)))
            if column is not None:
                met.setdefault(cell, column)
        return met

    def sums(self, number: int, met: Met) -> Iterator[Sum]:
        """Every sum between cells of a vintage that holds by holding."""
        ways = self.frame.ways(self.released[number][0])
        for (measure, key), whole in met.items():
            for axis, name in enumerate(self.frame.dimensions):
                for way in ways.get((name, key[axis]), ()):
                    terms = [met.get((measure, (*key[:axis], code, *key[axis + 1 :]))) for code in way]
                    found = tuple(term for term in terms if term is not None)
                    if len(found) == len(way) and self._holds(whole, found):
                        yield Sum(whole, found)

    def _holds(self, whole: int, terms: Sequence[int]) -> bool:
        return self.columns[whole].truth == sum(self.columns[term].truth for term in terms)

    def changes(self) -> Iterator[Change]:
        """Every cell that a later vintage shows anew, with what changed."""
        last: dict[tuple[str, Key], int] = {}
        for number, cells in enumerate(self._cells):
            for cell in cells:
                column = self._column(number, *cell, "")
                before = last.get(cell, column)
                last[cell] = column
                if before != column:
                    yield Change(before, column, self._difference(before, column))

    def _difference(self, before: int, after: int) -> Mapping[str, int]:
        old, new = self.columns[before].parts, self.columns[after].parts
        moved = {name: abs(new.get(name, 0) - old.get(name, 0)) for name in {*old, *new}}
        return {name: amount for name, amount in sorted(moved.items()) if amount}
