"""A table as Parquet: codes as dictionaries, values as exact decimals, null where withheld.

The options of the writer are fixed, and nothing about the moment of writing goes into the file.
"""

import io
from decimal import Context, Decimal
from typing import Any, Final

import pyarrow
from pyarrow import parquet

from registry.statistics.formats.flat import VALUE_COLUMNS
from registry.statistics.formats.observations import Observation, observations
from registry.statistics.published import PublishedRelease, Table

DIGITS: Final = 38  # the most that a 128-bit decimal holds
ROW_GROUP: Final = 65_536
_EXACT: Final = Context(prec=DIGITS)
OPTIONS: Final[dict[str, Any]] = {
    "version": "2.6",
    "data_page_version": "1.0",
    "compression": "zstd",
    "compression_level": 9,
    "write_statistics": False,
    "row_group_size": ROW_GROUP,
    "store_schema": True,
}


def written(release: PublishedRelease, table: Table) -> bytes:
    """`tables/<table>.parquet`. Raises an error of Arrow for a value of more than 38 digits."""
    rows = list(observations(release, table))
    scale = max((release.measure[name].decimals for name in table.measures), default=0)
    columns: dict[str, Any] = {
        name: _codes([row.key[place] for row in rows]) for place, name in enumerate(table.dimensions)
    }
    measure, value, status, confidentiality = VALUE_COLUMNS
    columns[measure] = _codes([row.measure.id for row in rows])
    columns[value] = pyarrow.array([_scaled(row, scale) for row in rows], type=pyarrow.decimal128(DIGITS, scale))
    columns[status] = _codes([str(row.flags[0]) for row in rows])
    columns[confidentiality] = _codes([str(row.flags[1]) for row in rows])
    facts = {"release": release.id, "vintage": str(release.vintage), "table": table.id}
    made = pyarrow.table(columns).replace_schema_metadata(facts)
    out = io.BytesIO()
    parquet.write_table(made, out, **OPTIONS)
    return out.getvalue()


def _codes(values: list[str]) -> Any:
    return pyarrow.array(values, type=pyarrow.string()).dictionary_encode()


def _scaled(row: Observation, scale: int) -> Decimal | None:
    return None if row.value is None else row.value.quantize(Decimal(1).scaleb(-scale), context=_EXACT)
