"""Small invented releases: contributions and what is withheld go in, bundle and truth come out, added up naively."""

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from itertools import product
from pathlib import Path

from ecar_audit import Bundle, Contribution, Dimension, Measure, Table, Truth

Codes = tuple[str, ...]
Filed = tuple[str, Codes, int]
"""A holding, the leaf codes, an amount of the first measure; the other measures are filed by name (`also`)."""

COUNTRY = Dimension("country", ("EU", "DE", "FR", "ES"), {"EU": (("DE", "FR", "ES"),)})
SECTOR = Dimension("sector", ("T", "A", "B", "C"), {"T": (("A", "B", "C"),)})
HOURS = Measure("hours")


def leaves_below(dimension: Dimension, code: str) -> set[str]:
    """The leaves that a code is the sum of."""
    ways = dimension.splits.get(code, ())
    return {leaf for child in ways[0] for leaf in leaves_below(dimension, child)} if ways else {code}


def crowd(*codes: str, each: int = 100) -> list[Filed]:
    """Five holdings of the same size, whom nobody else knows: what they add up to may be told."""
    return [(f"{'/'.join(codes)}-{number}", codes, each) for number in range(5)]


def release(
    filed: Iterable[Filed],
    withheld: Iterable[Codes],
    dimensions: Sequence[Dimension] = (COUNTRY, SECTOR),
    *,
    place: str = "now",
    tables: Mapping[str, Sequence[str]] | None = None,
    time: str = "",
    measures: Sequence[Measure] = (HOURS,),
    also: Iterable[tuple[str, Filed]] = (),
    withheld_also: Iterable[tuple[str, Codes]] = (),
) -> tuple[Bundle, Truth]:
    """A release. `withheld` are codes in all dimensions: of a dimension that a table leaves out, the top."""
    listed = [Contribution(who, codes, measures[0].id, Decimal(amount)) for who, codes, amount in filed]
    listed += [Contribution(who, codes, name, Decimal(amount)) for name, (who, codes, amount) in also]
    hidden = {(measures[0].id, codes) for codes in withheld} | set(withheld_also)
    named = tables or {"t": [each.id for each in dimensions]}
    made = [_table(name, axes, dimensions, measures, listed, hidden, time) for name, axes in named.items()]
    bundle = Bundle(place, tuple(dimensions), tuple(measures), tuple(made))
    return bundle, Truth(f"{place}.csv", tuple(each.id for each in dimensions), tuple(listed))


def _table(
    name: str,
    axes: Sequence[str],
    dimensions: Sequence[Dimension],
    measures: Sequence[Measure],
    listed: Sequence[Contribution],
    hidden: set[tuple[str, Codes]],
    time: str,
) -> Table:
    values = {}
    for codes in product(*(each.codes if each.id in axes else each.tops for each in dimensions)):
        below = [leaves_below(dimension, code) for dimension, code in zip(dimensions, codes, strict=True)]
        key = tuple(code for dimension, code in zip(dimensions, codes, strict=True) if dimension.id in axes)
        for measure in measures:
            inside = (each for each in listed if each.measure == measure.id)
            total = sum(
                (each.value for each in inside if all(c in b for c, b in zip(each.codes, below, strict=True))),
                Decimal(0),
            )
            base = measure.rounded_to or 0
            shown = round(total / base) * Decimal(base) if base else total
            values[key, measure.id] = None if (measure.id, codes) in hidden else shown
    return Table(name, time, tuple(axes), tuple(each.id for each in measures), values)


def write(folder: Path, bundle: Bundle, truth: Truth) -> Path:
    """Write a bundle into a folder, and its truth beside it; returns where the truth lies."""
    (folder / "tables").mkdir(parents=True)
    (folder / "structure.json").write_text(json.dumps(structure(bundle)), encoding="utf-8")
    for table in bundle.tables:
        rows = [[*key, measure, *_shown(value)] for (key, measure), value in table.values.items()]
        header = [*table.dimensions, "measure", "value", "obs_status", "conf_status"]
        _write_csv(folder / "tables" / f"{table.id}.csv", [header, *rows])
    header = ["holding", "provider", *truth.dimensions, "measure", "value", "has_waiver"]
    flags = {True: "true", False: "false"}
    rows = [[e.holding, "p", *e.codes, e.measure, f"{e.value:f}", flags[e.has_waiver]] for e in truth.contributions]
    _write_csv(path := folder.with_suffix(".truth.csv"), [header, *rows])
    return path


def structure(bundle: Bundle) -> dict[str, object]:
    """The content of structure.json."""
    label = {"en": "x", "fr": "x", "de": "x"}
    return {
        "dimensions": [
            {
                "id": each.id,
                "label": label,
                "codes": [{"id": code, "label": label} for code in each.codes],
                "splits": {parent: [list(way) for way in ways] for parent, ways in each.splits.items()},
            }
            for each in bundle.dimensions
        ],
        "measures": [
            {
                "id": each.id,
                "label": label,
                "unit": "h",
                "decimals": each.decimals,
                "rounded_to": each.rounded_to,
                "is_additive": each.is_additive,
            }
            for each in bundle.measures
        ],
        "tables": [
            {
                "id": each.id,
                "title": label,
                "note": label,
                "frequency": "Q",
                "time": each.time,
                "dimensions": list(each.dimensions),
                "measures": list(each.measures),
            }
            for each in bundle.tables
        ],
    }


def _shown(value: Decimal | None) -> tuple[str, str, str]:
    return ("", "Q", "C") if value is None else (f"{value:f}", "A", "F")


def _write_csv(path: Path, rows: Sequence[Sequence[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
