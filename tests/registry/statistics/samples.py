"""A release built in code: invented figures, a few of them withheld, in the shape that the real ones have."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import product

from registry.charts import europe
from registry.periods import Quarter
from registry.statistics.published import (
    Cell,
    Code,
    Correction,
    Dimension,
    Measure,
    PublishedRelease,
    Table,
    Texts,
)

MEMBERS = tuple(sorted(europe.geometry()["members"]))
PUBLISHED_AT = datetime(2026, 11, 17, 10, tzinfo=UTC)


def said(text: str) -> Texts:
    """A text in three languages."""
    return {"en": text, "fr": f"{text} (fr)", "de": f"{text} (de)"}


def dimension(name: str, top: str, leaves: Mapping[str, str]) -> Dimension:
    """A dimension whose first code is the whole of the others."""
    codes = (Code(top, said("All")), *(Code(code, said(label)) for code, label in leaves.items()))
    return Dimension(name, said(name.replace("_", " ").capitalize()), codes, {top: (tuple(leaves),)})


STATES = dimension("member_state", "EU", {code: f"State {code}" for code in MEMBERS})
BANDS = dimension(
    "band", "all", {"up-to-1e23": "up to 10²³", "1e23-1e24": "to 10²⁴", "1e24-1e25": "to 10²⁵", "above-1e25": "above"}
)
REGIONS = dimension("parent_region", "WORLD", {"EU27": "European Union", "US": "=United States", "OTHER": "Other"})
RUNS = Measure("runs", said("Training runs"), "count", 0, 5)
FLOP = Measure("training_flop", said("Training compute"), "FLOP", 0)
HOURS = Measure("accelerator_hours", said("Accelerator-hours"), "h", 3)


def period(quarter: Quarter) -> Dimension:
    """The one period of a release."""
    return Dimension("quarter", said("Quarter"), (Code(str(quarter), said(str(quarter))),), {})


def release(
    quarter: Quarter | None = None, *, vintage: int = 1, is_provisional: bool = True, more: int = 0
) -> PublishedRelease:
    """A vintage of the release of a quarter; `more` is added to every count, and then is a correction of the first."""
    quarter = quarter or Quarter(2026, 3)
    time = period(quarter)
    growth = (quarter.year - 2024) * 4 + quarter.number + more
    states = _table("runs-by-state-and-band", (time, STATES, BANDS), (RUNS, FLOP), growth)
    regions = _table("hours-by-customer-region", (time, REGIONS), (HOURS,), growth)
    published_at = datetime(quarter.next().year, quarter.next().starts_on.month, 17, 10, tzinfo=UTC)
    appears = published_at + timedelta(days=30 * (vintage - 1))
    key = (str(quarter), "WORLD")
    changed = (Correction(regions.id, key, HOURS.id, Decimal("1.000"), regions.by_key[key].values[0], 2),)
    return PublishedRelease(
        id=str(quarter),
        vintage=vintage,
        as_of=appears - timedelta(days=10),
        published_at=appears,
        is_provisional=is_provisional,
        dimensions=(time, STATES, BANDS, REGIONS),
        measures=(RUNS, FLOP, HOURS),
        tables=(states, regions),
        corrections=changed if vintage > 1 else (),
    )


def _table(name: str, dimensions: tuple[Dimension, ...], measures: tuple[Measure, ...], growth: int) -> Table:
    keys = product(*([code.id for code in each.codes] for each in dimensions))
    return Table(
        id=name,
        title=said(name.replace("-", " ").capitalize()),
        note=said("As filed, “quoted”, with a comma"),
        frequency="Q",
        time="quarter",
        dimensions=tuple(each.id for each in dimensions),
        measures=tuple(each.id for each in measures),
        cells=tuple(Cell(key, _values(key, measures, growth)) for key in keys),
    )


def _values(key: tuple[str, ...], measures: tuple[Measure, ...], growth: int) -> tuple[Decimal | None, ...]:
    seed = sum(ord(letter) * place for place, letter in enumerate("".join(key[1:]), start=3))
    if seed % 5 == 0 and key[1] not in {"EU", "WORLD"}:
        return (None,) * len(measures)
    weight = {"EU": 24, "WORLD": 24}.get(key[1], seed % 4)
    made = {
        "runs": Decimal(5 * weight * growth // 3),
        "training_flop": Decimal(seed * weight) * Decimal(10) ** 21 + weight * 7,
        "accelerator_hours": Decimal(seed * 1000 * weight * growth + 125).scaleb(-3),
    }
    return tuple(made[measure.id] for measure in measures)
