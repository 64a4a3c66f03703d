"""What analysts may be told of a count: by the same control as published statistics, with rules of their own. Pure.

The contributor is the owner group that the counted things are about. A sum and its parts by territory stand in one
equation, so that none that is withheld follows from those that are told.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from registry.organisations.identifiers import MEMBER_STATES
from registry.statistics.disclosure.cube import Contribution, Hierarchy, TableSpec, tabulate
from registry.statistics.disclosure.protect import protect
from registry.statistics.disclosure.rules import Rules, assess

UNION: Final = "EU"
SHARED: Final = "of several"
"""Where a thing counts that no single territory has: a part of the Union's sum that no table shows."""
_COUNT: Final = "count"
_TERRITORY: Final = Hierarchy("territory", {UNION: ((*sorted(MEMBER_STATES), SHARED),)})
_TABLE: Final = TableSpec("tally", ("territory",))


def told(counts: Mapping[tuple[str, str], int], rules: Rules) -> Mapping[str, int | None]:
    """By territory, and EU for all, what is told of counts by territory (or `SHARED`) and owner group.

    None is withheld; a territory that is not there counts nothing. Source: design, section 11 (role views).
    """
    given = [
        Contribution(group, group, {"territory": territory}, _COUNT, Decimal(number))
        for (territory, group), number in sorted(counts.items())
    ]
    cube = tabulate(given, specs=[_TABLE], hierarchies={_TERRITORY.dimension: _TERRITORY})
    unseen = frozenset({cube.places[(SHARED,)]})
    withheld = protect(cube, assess(cube, rules), withheld=unseen).withheld
    totals = cube.measures[_COUNT].totals if given else (0,) * len(cube.cells)
    return {
        code: None if place in withheld else totals[place]
        for (code,), place in cube.places.items()
        if place not in unseen and (totals[place] or place in withheld)
    }
