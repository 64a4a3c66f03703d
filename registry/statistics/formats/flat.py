"""Tables as lines: plain CSV, and SDMX-CSV 2.0 for statistical software.

One line for each value of each cell; a withheld one is an empty field with its two codes, so that the lines of a table
are the same whatever the data.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Final

from registry.statistics.formats.observations import observations
from registry.statistics.published import PublishedRelease, Table

VALUE_COLUMNS: Final = ("measure", "value", "obs_status", "conf_status")
AGENCY, STRUCTURE_VERSION = "ECAR", "1.0"
TIME_PERIOD, INDICATOR = "TIME_PERIOD", "INDICATOR"


def plain_csv(release: PublishedRelease, table: Table) -> bytes:
    """`tables/<table>.csv`."""
    lines = ((*each.key, each.measure.id, each.text, *each.flags) for each in observations(release, table))
    return _written((*table.dimensions, *VALUE_COLUMNS), lines)


def sdmx_csv(release: PublishedRelease, table: Table) -> bytes:
    """`tables/<table>.sdmx.csv`: a dataflow of its own, every line an information (I), the measure as a dimension."""
    fixed = ("dataflow", structure_id(table), "I", table.frequency)
    lines = (
        (
            *fixed,
            *each.key,
            each.measure.id,
            each.text,
            each.measure.unit,
            each.measure.decimals,
            *each.flags,
        )
        for each in observations(release, table)
    )
    return _written(sdmx_columns(table), lines)


def structure_id(table: Table) -> str:
    """`ECAR:RUNS_BY_STATE(1.0)`."""
    return f"{AGENCY}:{sdmx_name(table.id)}({STRUCTURE_VERSION})"


def sdmx_name(name: str) -> str:
    """An id as SDMX writes one: capitals, digits and low lines."""
    return name.upper().replace("-", "_")


def sdmx_columns(table: Table) -> tuple[str, ...]:
    """The columns of SDMX-CSV 2.0; the dimension of time has the name that the standard gives it."""
    dimensions = (TIME_PERIOD if name == table.time else sdmx_name(name) for name in table.dimensions)
    attributes = ("UNIT_MEASURE", "DECIMALS", "OBS_STATUS", "CONF_STATUS")
    return ("STRUCTURE", "STRUCTURE_ID", "ACTION", "FREQ", *dimensions, INDICATOR, "OBS_VALUE", *attributes)


def _written(head: Sequence[str], lines: Iterable[Sequence[object]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(lines)
    return out.getvalue().encode()
