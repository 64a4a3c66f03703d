"""Reads the folder of one vintage of a release: `structure.json` and `tables/<table>.csv`; other forms say the same."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from graphlib import CycleError, TopologicalSorter
from math import prod
from pathlib import Path

from ecar_audit import places
from ecar_audit.refusals import BadInput
from ecar_audit.values import Bundle, Dimension, Key, Measure, Table, Ways

_WITHHELD = ("Q", "C")
_SHOWN = {("A", "F"), ("P", "F")}
_LAST = ("measure", "value", "obs_status", "conf_status")


def read_bundle(folder: Path) -> Bundle:
    """Read a bundle. Raises `BadInput` with file and place for anything that is not of its form."""
    path = folder / "structure.json"
    said, place = places.json_object(path), str(path)
    dimensions = tuple(_dimension(each, at) for at, each in places.objects(said, "dimensions", place))
    measures = tuple(_measure(each, at) for at, each in places.objects(said, "measures", place))
    places.require_once([each.id for each in dimensions], f"{place}.dimensions")
    places.require_once([each.id for each in measures], f"{place}.measures")
    heads = list(places.objects(said, "tables", place))
    if not heads:
        raise BadInput(f"{place}.tables", "a release has at least one table")
    tables = tuple(_table(folder, head, at, dimensions, measures) for at, head in heads)
    places.require_once([each.id for each in tables], f"{place}.tables")
    return Bundle(str(folder), dimensions, measures, tables)


def _dimension(said: Mapping[str, object], place: str) -> Dimension:
    codes = tuple(places.text(each, "id", at) for at, each in places.objects(said, "codes", place))
    if not codes:
        raise BadInput(f"{place}.codes", "a dimension has at least one code")
    places.require_once(codes, f"{place}.codes")
    splits = places.member(said, "splits", place)
    if not isinstance(splits, dict):
        raise BadInput(f"{place}.splits", "an object is expected")
    dimension = Dimension(
        places.text(said, "id", place),
        codes,
        {parent: _ways(ways, f"{place}.splits.{parent}") for parent, ways in splits.items()},
    )
    _require_tree(dimension, f"{place}.splits")
    return dimension


def _ways(said: object, place: str) -> Ways:
    if not isinstance(said, list):
        raise BadInput(place, "a list of lists is expected")
    ways = tuple(places.texts(way, f"{place}[{position}]") for position, way in enumerate(said))
    if not all(ways):
        raise BadInput(place, "a split names at least one child")
    return ways


def _require_tree(dimension: Dimension, place: str) -> None:
    below = {parent: {child for way in ways for child in way} for parent, ways in dimension.splits.items()}
    for parent, children in below.items():
        for code in sorted({parent, *children} - set(dimension.codes)):
            raise BadInput(f"{place}.{parent}", f"{code} is no code of {dimension.id}")
    try:
        TopologicalSorter(below).prepare()
    except CycleError:
        raise BadInput(place, f"a code of {dimension.id} is part of itself") from None


def _measure(said: Mapping[str, object], place: str) -> Measure:
    base, is_additive = said.get("rounded_to"), places.member(said, "is_additive", place)
    if not isinstance(is_additive, bool):
        raise BadInput(f"{place}.is_additive", "true or false is expected")
    return Measure(
        places.text(said, "id", place),
        places.whole(said, "decimals", place, least=0),
        None if base is None else places.whole(said, "rounded_to", place, least=1),
        is_additive,
    )


def _table(
    folder: Path,
    head: Mapping[str, object],
    place: str,
    dimensions: tuple[Dimension, ...],
    measures: tuple[Measure, ...],
) -> Table:
    name = places.text(head, "id", place)
    if Path(name).name != name:
        raise BadInput(f"{place}.id", f"{name} cannot name a file")
    named = places.texts(places.member(head, "dimensions", place), f"{place}.dimensions")
    counted = places.texts(places.member(head, "measures", place), f"{place}.measures")
    codes = {each.id: frozenset(each.codes) for each in dimensions}
    for each in (*(one for one in named if one not in codes), *(one for one in counted if not _has(measures, one))):
        raise BadInput(place, f"{each} is not described in this structure")
    values: dict[tuple[Key, str], Decimal | None] = {}
    read_at: dict[tuple[Key, str], str] = {}
    for at, key, measure, value in _cells(folder / "tables" / f"{name}.csv", named, counted, codes):
        if (key, measure) in values:
            raise BadInput(at, f"the cell of {read_at[key, measure]} stands here again")
        values[key, measure], read_at[key, measure] = value, at
    _require_whole(values, len(named), counted, str(folder / "tables" / f"{name}.csv"))
    return Table(name, str(head.get("time") or ""), named, counted, values, read_at)


def _has(measures: tuple[Measure, ...], name: str) -> bool:
    return any(each.id == name for each in measures)


def _cells(
    path: Path, dimensions: tuple[str, ...], measures: tuple[str, ...], codes: Mapping[str, frozenset[str]]
) -> Iterator[tuple[str, Key, str, Decimal | None]]:
    listed = places.rows(path)
    at, header = next(listed)
    if header != [*dimensions, *_LAST]:
        raise BadInput(at, f"the header is not {','.join((*dimensions, *_LAST))}")
    for at, row in listed:
        key, (measure, value, status, confidentiality) = tuple(row[: len(dimensions)]), row[len(dimensions) :]
        for name, code in zip(dimensions, key, strict=True):
            if code not in codes[name]:
                raise BadInput(at, f"{code!r} is no code of {name}")
        if measure not in measures:
            raise BadInput(at, f"{measure!r} is no measure of this table")
        is_withheld = (status, confidentiality) == _WITHHELD
        if not is_withheld and (status, confidentiality) not in _SHOWN:
            raise BadInput(at, f"{status},{confidentiality} is no status of a release")
        if is_withheld != (value == ""):
            raise BadInput(at, "a value and the code of a withheld one, or neither")
        yield at, key, measure, None if is_withheld else places.amount(value, at)


def _require_whole(values: Mapping[tuple[Key, str], object], width: int, measures: tuple[str, ...], place: str) -> None:
    """All combinations of the codes that occur are there, so that rows do not depend on the data."""
    keys = {key for key, _ in values}
    if not keys:
        raise BadInput(place, "has no cells")
    crossed = prod(len({key[axis] for key in keys}) for axis in range(width))
    if len(keys) != crossed or len(values) != crossed * len(measures):
        raise BadInput(place, f"{len(values)} rows, where all combinations make {crossed * len(measures)}")
