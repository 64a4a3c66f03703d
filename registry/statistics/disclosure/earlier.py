"""What everybody knows from earlier vintages, as one system with the cells of today.

A figure that the same holdings made then as now is one figure. Where it is another today, the one of then goes on to
stand in the sums of its vintage, beside cells that did not change: these bind what is withheld today to what was shown
before. What changed is a figure of its own, of the holdings whose figures changed, and has to meet the same rules.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from registry.statistics.disclosure.cube import Cube, Equation, Key, Measured
from registry.statistics.disclosure.rules import Requirement, Rules, assess, needs_of

Parts = Mapping[str, int]
Signature = tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Vintage:
    """A vintage as it was published: its cube, which nobody outside sees, and what was told of its places.

    `shown` are places by measure; `withheld` those of cells that were there without any figure.
    """

    cube: Cube = field(repr=False)
    shown: Mapping[str, frozenset[int]] = field(repr=False)
    withheld: frozenset[int] = field(repr=False)


@dataclass(frozen=True)
class Joined:
    """One system. `cube` has today's cells first, then figures of then that are others today, and changes.

    Of today's places, `shown` were shown with the figures of today, `withheld` were withheld and never shown so, and
    `changed` would tell too much of a change. `unknown` are all other places that nobody was told.
    """

    cube: Cube = field(repr=False)
    requirements: tuple[Requirement, ...] = field(repr=False)
    shown: frozenset[int] = frozenset()
    withheld: frozenset[int] = frozenset()
    changed: frozenset[int] = frozenset()
    unknown: frozenset[int] = frozenset()


def joined(cube: Cube, *, before: Sequence[Vintage], rules: Rules) -> Joined:
    """Today's cube with all that the vintages `before` it, the oldest first, told; their dimensions are the same."""
    names = sorted({name for each in (cube, *(vintage.cube for vintage in before)) for name in each.measures})
    cells, measures = list(cube.cells), []
    for name in names:
        measures.append(_Measure(name, cube, before, rules, first=len(cells)))
        cells += [(*key, name, str(number)) for number, key in enumerate(measures[-1].keys)]
    whole = replace(
        cube,
        cells=tuple(cells),
        heights=(*cube.heights, *(0 for _ in cells[len(cube.cells) :])),
        measures={each.name: each.measured(len(cells)) for each in measures},
    )
    shown, withheld = _of_today(cube, before, {each.name: each for each in measures})
    known = {name: each.known for name, each in whole.measures.items()}
    return Joined(
        whole,
        tuple(each for each in assess(whole, rules) if each.place not in known[each.measure]),
        shown,
        withheld - shown,
        frozenset(place for each in measures for place in each.changed),
        frozenset(range(len(cube.cells), len(cells))).difference(*known.values()),
    )


class _Measure:
    """One measure of all vintages. `keys` and `parts` are those of the places from `first` on, which are its alone."""

    def __init__(self, name: str, cube: Cube, before: Sequence[Vintage], rules: Rules, *, first: int) -> None:
        self.name = name
        self.keys: list[Key] = []
        self.changed: set[int] = set()
        self._cube, self._first = cube, first
        found = [each.measures[name] for each in (cube, *(vintage.cube for vintage in before)) if name in each.measures]
        self._decimals = max(each.decimals for each in found)
        self._waived = _waived(found)
        self._today = _parts(cube, name, self._decimals)
        self._parts: list[Parts] = []
        self._at = {
            (key, _signature(parts)): at for at, (key, parts) in enumerate(zip(cube.cells, self._today, strict=True))
        }
        self.places = [self._joined(each.cube) for each in before]
        self._known = {self.places[at][place] for at, each in enumerate(before) for place in each.shown.get(name, ())}
        self._sums = dict.fromkeys(
            _moved(each, places)
            for vintage, places in zip(before, self.places, strict=True)
            for each in vintage.cube.equations
        )
        for each in cube.equations:
            self._sums.pop(each, None)
        self._loose: set[int] = set()
        self._change(before, rules)

    def measured(self, count: int) -> Measured:
        """The measure over so many places in all."""
        between = self._first - len(self._today)
        own = (*self._today, *({} for _ in range(between)), *self._parts)
        parts = (*own, *({} for _ in range(count - len(own))))
        loose, known = frozenset(self._loose), frozenset(self._known)
        return Measured(parts, self._decimals, self._waived, tuple(self._sums), known, loose)

    def _joined(self, cube: Cube) -> list[int]:
        """By place of a vintage's cube the place here: that of a figure that the same holdings made, or a new one."""
        found = []
        for key, parts in zip(cube.cells, _parts(cube, self.name, self._decimals), strict=True):
            place = self._at.setdefault((key, _signature(parts)), self._first + len(self.keys))
            if place == self._first + len(self.keys):
                self._add(key, parts)
            found.append(place)
        return found

    def _add(self, key: Key, parts: Parts) -> int:
        self.keys.append(key)
        self._parts.append(parts)
        return self._first + len(self.keys) - 1

    def _change(self, before: Sequence[Vintage], rules: Rules) -> None:
        """Every change that would tell too much, between vintages and from what any showed to today."""
        for key, one, other in _changes(self._cube, before, self.places, self._known):
            if one in self._known and other in self._known:
                continue
            old, new = self._of(one), self._of(other)
            parts = {each: abs(new.get(each, 0) - old.get(each, 0)) for each in sorted({*old, *new})}
            parts = {each: part for each, part in parts.items() if part}
            if not any(True for _ in needs_of(parts, waived=self._waived, rules=rules)):
                continue
            change = self._add(key, parts)
            self._loose.add(change)
            self._sums[Equation(other, (one, change))] = None
            if one in self._known and other < len(self._cube.cells):
                self.changed.add(other)

    def _of(self, place: int) -> Parts:
        return self._parts[place - self._first] if place >= self._first else self._today[place]


def _changes(
    cube: Cube, before: Sequence[Vintage], places: Sequence[Sequence[int]], known: set[int]
) -> Iterator[tuple[Key, int, int]]:
    """Two figures of a cell, each pair once: of vintages that follow each other, or one that was shown and today's."""
    figures: dict[Key, list[int]] = {}
    for vintage, own in zip(before, places, strict=True):
        for key, place in zip(vintage.cube.cells, own, strict=True):
            figures.setdefault(key, []).append(place)
    for key, line in sorted(figures.items()):
        today = [cube.places[key]] if key in cube.places else []
        pairs = list(zip([*line, *today], [*line, *today][1:], strict=False))
        pairs += [(each, place) for place in today for each in line if each in known]
        for one, other in dict.fromkeys((min(pair), max(pair)) for pair in pairs if pair[0] != pair[1]):
            yield (key, other, one) if today and one == today[0] else (key, one, other)


def _of_today(
    cube: Cube, before: Sequence[Vintage], measures: Mapping[str, _Measure]
) -> tuple[frozenset[int], frozenset[int]]:
    """The places whose figures of today any vintage showed, and those that any withheld."""
    shown: set[int] = set()
    withheld: set[int] = set()
    for at, vintage in enumerate(before):
        for key, then in vintage.cube.places.items():
            place = cube.places.get(key)
            told = [
                name not in measures or measures[name].places[at][then] == place  # of nothing but zeros nothing changed
                for name, own in vintage.shown.items()
                if then in own
            ]
            if place is None:
                continue
            if told and all(told):
                shown.add(place)
            if then in vintage.withheld:
                withheld.add(place)
    return frozenset(shown), frozenset(withheld)


def _parts(cube: Cube, name: str, decimals: int) -> Sequence[Parts]:
    """By place who adds how much, in units of so many decimals."""
    measured = cube.measures.get(name)
    if measured is None:
        return [{} for _ in cube.cells]
    unit = 10 ** (decimals - measured.decimals)
    return [{each: part * unit for each, part in parts.items()} for parts in measured.parts]


def _signature(parts: Parts) -> Signature:
    return tuple(sorted(parts.items()))


def _moved(each: Equation, places: Sequence[int]) -> Equation:
    return Equation(places[each.parent], tuple(sorted(places[child] for child in each.children)))


def _waived(found: Sequence[Measured]) -> frozenset[str]:
    """The holdings that agreed, in every vintage in which they filed."""
    agreed = frozenset[str]().union(*(each.waived for each in found))
    return agreed.difference(*({name for parts in each.parts for name in parts} - each.waived for each in found))
