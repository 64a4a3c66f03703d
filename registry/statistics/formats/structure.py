"""`structure.json`: the dimensions, codes, measures and tables of a release, with their names in every language.

`dictionary.csv` says the same a line each, for those who read it in a spreadsheet. `corrections.json` names every
published value that is another in this vintage.
"""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from registry import cells
from registry.languages import SPOKEN
from registry.statistics.formats.observations import plain
from registry.statistics.published import (
    Code,
    Correction,
    Dimension,
    Measure,
    PublishedRelease,
    Table,
    Texts,
)

DICTIONARY_HEAD: Final = ("kind", "of", "id", *SPOKEN, "unit", "decimals", "rounded_to")
FLAGS: Final[Mapping[tuple[str, str], Texts]] = {
    ("obs_status", "A"): {"en": "normal value", "fr": "valeur normale", "de": "normaler Wert"},
    ("obs_status", "P"): {"en": "provisional value", "fr": "valeur provisoire", "de": "vorläufiger Wert"},
    ("obs_status", "Q"): {
        "en": "withheld: statistical confidentiality",
        "fr": "non diffusée : secret statistique",
        "de": "nicht veröffentlicht: statistische Geheimhaltung",
    },
    ("conf_status", "F"): {"en": "free", "fr": "libre", "de": "frei"},
    ("conf_status", "C"): {"en": "confidential", "fr": "confidentielle", "de": "geheim"},
}


def pretty(body: Any) -> bytes:
    """JSON for people and programs alike: one space, UTF-8, a line feed at the end."""
    return (json.dumps(body, indent=1, ensure_ascii=False) + "\n").encode()


def moment(at: datetime) -> str:
    """RFC 3339 in UTC. Raises ValueError for a moment without a zone."""
    if at.tzinfo is None:
        raise ValueError("a moment needs its zone")
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def structure(release: PublishedRelease) -> bytes:
    """The structure of the release."""
    return pretty(
        {
            "dimensions": [_dimension(each) for each in release.dimensions],
            "measures": [_measure(each) for each in release.measures],
            "tables": [_table(each) for each in release.tables],
        }
    )


def texts(given: Texts) -> dict[str, str]:
    """A text in every language. Raises KeyError where one is missing."""
    return {language: given[language] for language in SPOKEN}


def _dimension(dimension: Dimension) -> dict[str, Any]:
    return {
        "id": dimension.id,
        "label": texts(dimension.label),
        "codes": [{"id": code.id, "label": texts(code.label)} for code in dimension.codes],
        "splits": {
            code.id: [list(split) for split in dimension.splits[code.id]]
            for code in dimension.codes
            if dimension.splits.get(code.id)
        },
    }


def _measure(measure: Measure) -> dict[str, Any]:
    return {
        "id": measure.id,
        "label": texts(measure.label),
        "unit": measure.unit,
        "decimals": measure.decimals,
        "rounded_to": measure.rounded_to,
        "is_additive": measure.is_additive,
    }


def _table(table: Table) -> dict[str, Any]:
    return {
        "id": table.id,
        "title": texts(table.title),
        "note": texts(table.note),
        "frequency": table.frequency,
        "time": table.time,
        "dimensions": list(table.dimensions),
        "measures": list(table.measures),
    }


def corrections(release: PublishedRelease) -> bytes:
    """Every correction of the vintage; none in the first one. Values are decimals as text, null where withheld."""
    return pretty(
        {
            "release": release.id,
            "vintage": release.vintage,
            "corrects": release.vintage - 1 or None,
            "corrections": [_correction(release, each) for each in release.corrections],
        }
    )


def _correction(release: PublishedRelease, each: Correction) -> dict[str, Any]:
    table = next(table for table in release.tables if table.id == each.table)
    decimals = release.measure[each.measure].decimals
    return {
        "table": each.table,
        "key": dict(zip(table.dimensions, each.key, strict=True)),
        "measure": each.measure,
        "before": plain(each.before, decimals=decimals) or None,
        "after": plain(each.after, decimals=decimals) or None,
        "versions": each.versions,
    }


def dictionary(release: PublishedRelease) -> bytes:
    """Every table, dimension, code, measure and flag in a line, with its names; nothing in it is a formula."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(DICTIONARY_HEAD)
    for row in _entries(release):
        writer.writerow([cells.harmless(cell) for cell in row])
    return out.getvalue().encode()


def _entries(release: PublishedRelease) -> Iterator[tuple[object, ...]]:
    for table in release.tables:
        yield ("table", "", table.id, *_words(table.title), "", "", "")
    for dimension in release.dimensions:
        yield ("dimension", "", dimension.id, *_words(dimension.label), "", "", "")
        for code in dimension.codes:
            yield _code_entry(dimension, code)
    for measure in release.measures:
        numbers = (measure.unit, measure.decimals, measure.rounded_to)
        yield ("measure", "", measure.id, *_words(measure.label), *numbers)
    for (column, flag), label in FLAGS.items():
        yield ("flag", column, flag, *_words(label), "", "", "")


def _code_entry(dimension: Dimension, code: Code) -> tuple[object, ...]:
    return ("code", dimension.id, code.id, *_words(code.label), "", "", "")


def _words(given: Texts) -> tuple[str, ...]:
    return tuple(texts(given).values())
