"""A release made again of its own public files: what pages and the interface show is what everybody can fetch."""

import csv
import io
import json
from collections.abc import Callable, Collection, Iterator
from decimal import Decimal
from typing import Any

from registry.statistics.formats.manifest import MANIFEST
from registry.statistics.formats.manifest import read as read_manifest
from registry.statistics.published import (
    Cell,
    Code,
    Correction,
    Dimension,
    Listed,
    Measure,
    PublishedRelease,
    Table,
)

STRUCTURE, CORRECTIONS = "structure.json", "corrections.json"


def read(fetch: Callable[[str], bytes], *, only: Collection[str] | None = None) -> PublishedRelease:
    """The release of the folder whose files `fetch` gives by path; with `only` some of its tables, by id."""
    manifest, said = read_manifest(fetch(MANIFEST)), json.loads(fetch(STRUCTURE))
    wanted = [each for each in said["tables"] if only is None or each["id"] in only]
    tables = tuple(_table(each, fetch(f"tables/{each['id']}.csv")) for each in wanted)
    return PublishedRelease(
        id=manifest.release,
        vintage=manifest.vintage,
        as_of=manifest.as_of,
        published_at=manifest.published_at,
        is_provisional=manifest.is_provisional,
        dimensions=tuple(_dimension(each) for each in said["dimensions"]),
        measures=tuple(Measure(**each) for each in said["measures"]),
        tables=tables,
        corrections=tuple(_corrections(said["tables"], json.loads(fetch(CORRECTIONS))["corrections"])),
    )


def listed(structure: bytes) -> tuple[Listed, ...]:
    """The tables that a structure names, without their cells."""
    said = json.loads(structure)["tables"]
    return tuple(Listed(each["id"], each["title"], each["note"], each["frequency"]) for each in said)


def _dimension(said: dict[str, Any]) -> Dimension:
    codes = tuple(Code(each["id"], each["label"]) for each in said["codes"])
    splits = {parent: tuple(tuple(split) for split in each) for parent, each in said["splits"].items()}
    return Dimension(said["id"], said["label"], codes, splits)


def _table(said: dict[str, Any], content: bytes) -> Table:
    lines = list(csv.reader(io.StringIO(content.decode())))[1:]
    width, height = len(said["dimensions"]), len(said["measures"])
    cells = tuple(
        Cell(tuple(lines[first][:width]), tuple(_value(row[width + 1]) for row in lines[first : first + height]))
        for first in range(0, len(lines), height)
    )
    return Table(
        id=said["id"],
        title=said["title"],
        note=said["note"],
        frequency=said["frequency"],
        time=said["time"],
        dimensions=tuple(said["dimensions"]),
        measures=tuple(said["measures"]),
        cells=cells,
    )


def _corrections(tables: list[dict[str, Any]], said: list[dict[str, Any]]) -> Iterator[Correction]:
    dimensions = {table["id"]: table["dimensions"] for table in tables}
    for each in said:
        key = tuple(each["key"][name] for name in dimensions[each["table"]])
        before, after = _value(each["before"]), _value(each["after"])
        yield Correction(each["table"], key, each["measure"], before, after, each["versions"])


def _value(text: str | None) -> Decimal | None:
    return Decimal(text) if text else None
