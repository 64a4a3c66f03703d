"""The frame that all releases share: the dimensions, where a table stands in them, and what adds up.

Cells of any table are known by their code in every dimension. Where a table leaves a dimension out, it shows the whole
of it; where its head names a period that is a code of that dimension, it shows that period.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product

from ecar_audit import calendar
from ecar_audit.refusals import BadInput
from ecar_audit.values import EVERYTHING, TIME, Bundle, Dimension, Key, Table, Truth, Ways


@dataclass(frozen=True)
class Frame:
    """The dimensions of all bundles. Their codes and splits are those of any bundle."""

    bundles: tuple[Bundle, ...]

    @cached_property
    def merged(self) -> Mapping[str, Dimension]:
        """Every dimension with the codes and the splits of all bundles."""
        found: dict[str, Dimension] = {}
        for each in (dimension for bundle in self.bundles for dimension in bundle.dimensions):
            known = found.get(each.id, Dimension(each.id, ()))
            codes = (*known.codes, *(code for code in each.codes if code not in set(known.codes)))
            splits = {
                parent: tuple(dict.fromkeys((*known.splits.get(parent, ()), *each.splits.get(parent, ()))))
                for parent in (*known.splits, *(one for one in each.splits if one not in known.splits))
            }
            found[each.id] = Dimension(each.id, codes, splits)
        return found

    @cached_property
    def times(self) -> tuple[str, ...]:
        """The periods that are told by heads of tables alone."""
        if TIME in self.merged:
            return ()
        codes = {*self.merged, *(code for each in self.merged.values() for code in each.codes)}
        listed = (table.time for bundle in self.bundles for table in bundle.tables)
        return tuple(dict.fromkeys(time for time in listed if time and time not in codes))

    @cached_property
    def dimensions(self) -> tuple[str, ...]:
        """All dimensions in order."""
        return (*self.merged, *((TIME,) if self.times else ()))

    def _whole(self, bundle: Bundle, name: str, time: str) -> str:
        """The code at which a table stands that leaves the dimension out."""
        if name == TIME and name not in self.merged:
            return time if time in self.times else EVERYTHING
        if time in self.merged[name].codes:
            return time
        return own_dimension(bundle, name, self.merged).top

    def place(self, bundle: Bundle, table: Table, key: Key) -> Key:
        """The codes of a table's cell in every dimension."""
        own = dict(zip(table.dimensions, key, strict=True))
        return tuple(own.get(name) or self._whole(bundle, name, table.time) for name in self.dimensions)

    def closed(self, bundle: Bundle, table: Table) -> Iterator[Key]:
        """Every cell of the table, those of codes that it does not list too."""
        codes = [own_dimension(bundle, name, self.merged).codes for name in table.dimensions]
        for key in product(*codes):
            yield self.place(bundle, table, key)

    def ways(self, bundle: Bundle) -> Mapping[tuple[str, str], Ways]:
        """By dimension and code: how the code adds up, as all bundles say, and as this one's codes make a whole."""
        found = {(name, code): ways for name, each in self.merged.items() for code, ways in each.splits.items()}
        for name in self.merged:
            tops = own_dimension(bundle, name, self.merged).tops
            if len(tops) > 1:
                found[name, EVERYTHING] = (tops,)
        for time in self.times:
            ways = tuple(way for way in calendar.splits(time) if set(way) <= set(self.times))
            if ways:
                found[TIME, time] = ways
        return found

    def lines(self, bundle: Bundle, truth: Truth) -> Sequence[Mapping[str, tuple[str, ...]]]:
        """For each dimension: where what lies on a code is counted: there, and in all above. More columns are left."""
        own = {each.id: each for each in bundle.dimensions}
        for name in own:
            if name not in truth.dimensions:
                raise BadInput(f"{truth.place}:1", f"has no column for the dimension {name}")
        return [self._line(bundle, truth, name) for name in self.dimensions]

    def _line(self, bundle: Bundle, truth: Truth, name: str) -> Mapping[str, tuple[str, ...]]:
        ways = {code: found for (dimension, code), found in self.ways(bundle).items() if dimension == name}
        if name not in truth.dimensions:
            return {code: (code,) for code in self._standing(bundle, truth, name)}
        codes = self.times if name == TIME and name not in self.merged else self.merged[name].codes
        above: dict[str, set[str]] = {code: set() for code in codes}
        for parent, children in ((parent, child) for parent, found in ways.items() for way in found for child in way):
            above[children].add(parent)
        return {code: tuple(sorted(_climbed(code, above))) for code in codes if code not in ways}

    def standing(self, bundle: Bundle, truth: Truth) -> tuple[str, ...]:
        """The periods that a truth is about where heads of tables tell them; none where it tells them itself."""
        return () if TIME in truth.dimensions or not self.times else self._standing(bundle, truth, TIME)

    def _standing(self, bundle: Bundle, truth: Truth, name: str) -> tuple[str, ...]:
        """Where all contributions stand in a dimension that the truth does not tell."""
        found = tuple(dict.fromkeys(self._whole(bundle, name, table.time) for table in bundle.tables))
        if len(found) > 1:
            raise BadInput(f"{truth.place}:1", f"the tables stand at {', '.join(found)}: a column {name} is needed")
        return found


def own_dimension(bundle: Bundle, name: str, merged: Mapping[str, Dimension]) -> Dimension:
    """The dimension as the bundle has it, or as the others do."""
    return next((each for each in bundle.dimensions if each.id == name), merged[name])


def _climbed(code: str, above: Mapping[str, set[str]]) -> set[str]:
    found, waiting = {code}, [code]
    while waiting:
        for parent in above.get(waiting.pop(), ()):
            if parent not in found:
                found.add(parent)
                waiting.append(parent)
    return found
