"""What the statistician is told of a plan: by table how much is withheld, for which reason, and what of it is lost."""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from registry.statistics.definitions import TableRule
from registry.statistics.disclosure.cube import Cube
from registry.statistics.disclosure.rules import Rules
from registry.statistics.facts import Key


@dataclass(frozen=True)
class TableReview:
    """What the statistician reads of a table: cells with figures, withheld ones by reason, what of each sum is lost.

    `admitted` is false where more of it is sensitive than the limit even after its finest codes were left out.
    """

    table: str
    cells: int
    filled: int
    withheld: Mapping[str, int]
    lost: Mapping[str, str]
    is_coarser: bool
    is_admitted: bool
    reasons: tuple[tuple[Key, str], ...]


def share(cube: Cube, places: Iterable[int], hidden: frozenset[int]) -> Fraction:
    """How many of the cells with figures are among the hidden ones."""
    filled = [place for place in places if any(each.parts[place] for each in cube.measures.values())]
    return Fraction(sum(place in hidden for place in filled), len(filled)) if filled else Fraction(0)


def review(
    cube: Cube,
    rule: TableRule,
    keys: Mapping[int, Key],
    why: Mapping[int, str],
    sensitive: frozenset[int],
    rules: Rules,
    coarser: AbstractSet[str],
) -> TableReview:
    """The review of a table: its cells are `keys` by place, and `why` says for which reason each is withheld."""
    reasons = tuple((key, why[place]) for place, key in keys.items() if place in why)
    counts: dict[str, int] = {}
    for _, reason in reasons:
        counts[reason] = counts.get(reason, 0) + 1
    lost = {
        name: _percent(sum(each.totals[p] for p in keys if p in why), sum(each.totals[p] for p in keys))
        for name, each in cube.measures.items()
        if name in rule.measures
    }
    filled = sum(any(each.parts[place] for each in cube.measures.values()) for place in keys)
    is_admitted = share(cube, keys, sensitive) <= rules.admitted_share
    return TableReview(rule.id, len(keys), filled, counts, lost, rule.id in coarser, is_admitted, reasons)


def _percent(part: int, whole: int) -> str:
    """A share in per cent with one decimal; nothing of nothing is none."""
    return str((Decimal(part) * 100 / Decimal(whole)).quantize(Decimal("0.1"))) if whole else "0.0"
