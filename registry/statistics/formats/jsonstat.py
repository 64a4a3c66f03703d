"""A table as a JSON-stat 2.0 dataset: all values in one list, null where withheld, the code of each beside it.

Numbers are written digit by digit, so that large ones lose nothing in a reader that keeps integers whole.
"""

import json
from typing import Any

from registry.statistics.formats.observations import codes, observations
from registry.statistics.formats.structure import moment, texts
from registry.statistics.published import Measure, PublishedRelease, Table

METRIC = "measure"
_PLACE = "\u0000values"


def dataset(release: PublishedRelease, table: Table) -> bytes:
    """`tables/<table>.json`. Labels are English; `extension` has those in the other languages."""
    rows = list(observations(release, table))
    listed = codes(release, table)
    written = [row.text or "null" for row in rows]
    body = {
        "version": "2.0",
        "class": "dataset",
        "label": table.title["en"],
        "note": [table.note["en"]] if table.note["en"] else [],
        "source": "European Compute-Access Registry",
        "updated": moment(release.published_at),
        "id": [*table.dimensions, METRIC],
        "size": [*(len(each) for each in listed), len(table.measures)],
        "role": _roles(table),
        "dimension": {
            **{name: _dimension(release, name, listed[place]) for place, name in enumerate(table.dimensions)},
            METRIC: _metric([release.measure[name] for name in table.measures]),
        },
        "value": _PLACE,
        "status": [str(row.flags[0]) for row in rows],
        "extension": {
            "release": release.id,
            "vintage": release.vintage,
            "table": table.id,
            "frequency": table.frequency,
            "conf_status": [str(row.flags[1]) for row in rows],
            "title": texts(table.title),
            "note": texts(table.note),
        },
    }
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return (text.replace(json.dumps(_PLACE), f"[{','.join(written)}]", 1) + "\n").encode()


def _roles(table: Table) -> dict[str, list[str]]:
    roles = {"time": [table.time], "metric": [METRIC]}
    return {**roles, "geo": ["geo"]} if "geo" in table.dimensions else roles


def _dimension(release: PublishedRelease, name: str, listed: tuple[str, ...]) -> dict[str, Any]:
    dimension = release.dimension[name]
    labels = {code.id: code.label for code in dimension.codes}
    return {
        "label": dimension.label["en"],
        "category": {"index": list(listed), "label": {code: labels[code]["en"] for code in listed}},
        "extension": {
            "label": texts(dimension.label),
            "category": {code: texts(labels[code]) for code in listed},
        },
    }


def _metric(measures: list[Measure]) -> dict[str, Any]:
    return {
        "label": "Measure",
        "category": {
            "index": [measure.id for measure in measures],
            "label": {measure.id: measure.label["en"] for measure in measures},
            "unit": {measure.id: {"label": measure.unit, "decimals": measure.decimals} for measure in measures},
        },
        "extension": {"category": {measure.id: texts(measure.label) for measure in measures}},
    }
