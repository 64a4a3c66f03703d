"""Published tables as pages show them: every cell, `c` where one is withheld; and the picture of one by class."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

from django.utils.translation import gettext

from registry.charts import bars, europe
from registry.portal.page import language
from registry.portal.presentation import words
from registry.portal.presentation.figures import DataTable, Figure, Key
from registry.portal.presentation.marks import Link
from registry.portal.presentation.statistics import Cell, ColumnHead, Flag, StatisticsRow, StatisticsTable
from registry.statistics.formats import drawings
from registry.statistics.formats.drawings import Breakdown
from registry.statistics.formats.observations import codes
from registry.statistics.published import Dimension, Measure, PublishedRelease, Table, Texts

BAND = "band"
FLOP = "FLOP"
NO_BREAK = "\u00a0"
LARGE = 100  # from here on a page leaves decimals to the files


def told(given: Texts) -> str:
    """A text in the reader's language."""
    return given[language()]


def value(amount: Decimal | None, measure: Measure) -> str:
    """A value as a page tells it: compute with three figures, other large amounts without decimals."""
    if amount is None:
        return "c"
    if measure.unit == FLOP:
        return words.flop(amount, digits=3).replace(" ", NO_BREAK)
    return words.count(round(amount) if abs(amount) >= LARGE else amount)


def tables(
    release: PublishedRelease, table: Table, *, moment: str, downloads: Callable[[], tuple[Link, ...]] = tuple
) -> tuple[StatisticsTable, ...]:
    """The cells of one moment: a table for each measure where there are two dimensions, else one with all measures."""
    rows, *across = [name for name in table.dimensions if name != table.time]
    if not across:
        measured = tuple(ColumnHead(_measured(release.measure[name])) for name in table.measures)
        keys: list[tuple[str, dict[str, str]]] = [(name, {}) for name in table.measures]
        return (_table(release, table, rows, measured, keys, moment, downloads()),)
    found = []
    for place, name in enumerate(table.measures):
        dimension = release.dimension[across[0]]
        used = _used(release, table, dimension.id)
        heads = tuple(_head(dimension, code) for code in used)
        keys = [(name, {dimension.id: code}) for code in used]
        shown = _table(release, table, rows, heads, keys, moment, downloads() if place == 0 else ())
        title = told(release.measure[name].label) if place else shown.title
        found.append(_grouped(shown, title, release.measure[name], dimension, used))
    return tuple(found)


def _table(
    release: PublishedRelease,
    table: Table,
    rows: str,
    heads: tuple[ColumnHead, ...],
    keys: list[tuple[str, dict[str, str]]],
    moment: str,
    downloads: tuple[Link, ...],
) -> StatisticsTable:
    dimension = release.dimension[rows]
    labels = {code.id: code.label for code in dimension.codes}
    whole = {**drawings.tops(release, table), table.time: moment}
    made = []
    for code in _used(release, table, rows):
        cells = tuple(_cell(release, table, measure, {**whole, rows: code, **at}) for measure, at in keys)
        sign = _sign(code) if code in drawings.MEMBERS else ""
        made.append(StatisticsRow(told(labels[code]), cells, sign, bool(dimension.splits.get(code))))
    return StatisticsTable(
        title=told(table.title),
        subtitle=moment,
        row_head=told(dimension.label),
        columns=heads,
        rows=tuple(made),
        note=told(table.note),
        downloads=downloads,
    )


def _grouped(
    shown: StatisticsTable, title: str, measure: Measure, dimension: Dimension, used: tuple[str, ...]
) -> StatisticsTable:
    """The table with its dimension over the columns, the measure beneath its title."""
    subtitle = f"{_measured(measure)}, {shown.subtitle}"
    return replace(shown, title=title, subtitle=subtitle, group=told(dimension.label), grouped=len(used))


def _used(release: PublishedRelease, table: Table, name: str) -> tuple[str, ...]:
    return codes(release, table)[table.dimensions.index(name)]


def _head(dimension: Dimension, code: str) -> ColumnHead:
    label = next(each.label for each in dimension.codes if each.id == code)
    leaves = [each.id for each in dimension.codes if not dimension.splits.get(each.id)]
    return ColumnHead(told(label), leaves.index(code) if dimension.id == BAND and code in leaves else None)


def _cell(release: PublishedRelease, table: Table, measure: str, chosen: dict[str, str]) -> Cell:
    amount = drawings.value_at(table, measure, chosen)
    if amount is None:
        return Cell("c", Flag.CONFIDENTIAL)
    return Cell(value(amount, release.measure[measure]), Flag.NONE if amount else Flag.ZERO)


def _measured(measure: Measure) -> str:
    """`Accelerator-hours (h)`; a rounded count says to what."""
    if measure.rounded_to:
        rounded = gettext("rounded to %(base)s") % {"base": words.count(measure.rounded_to)}
        return f"{told(measure.label)} ({rounded})"
    return told(measure.label) if measure.unit == "count" else f"{told(measure.label)} ({measure.unit})"


def _sign(code: str) -> str:
    """The letters of a country as the Union writes them."""
    return "EL" if code == "GR" else code


def figure(
    release: PublishedRelease, found: Breakdown, *, uid: str, title: str, downloads: tuple[Link, ...] = ()
) -> Figure:
    """A map where the classes are the Member States, else bars; the same values as a table beneath."""
    labels = {code.id: told(code.label) for code in release.dimension[found.dimension].codes}
    rows = tuple((labels[code], value(amount, found.measure)) for code, amount in found.values.items())
    table = DataTable(title, (told(release.dimension[found.dimension].label), _measured(found.measure)), rows)
    shown = f"{_measured(found.measure)}, {found.moment}"
    finding = gettext("%(hidden)s of %(all)s values are confidential.") % {
        "hidden": found.withheld,
        "all": len(found.values),
    }
    if not found.is_map:
        drawn = bars.bars(uid=uid, title=title, finding=finding, rows=_bars(found, labels))
        return Figure(uid, title, shown, drawn, table, downloads=downloads, layout="wide")
    return Figure(
        uid=uid,
        title=title,
        subtitle=shown,
        svg=europe.choropleth(
            uid=uid,
            title=title,
            finding=finding,
            values=drawings.map_values(
                found, hidden=gettext("c, confidential"), shown=lambda amount: value(amount, found.measure)
            ),
            names=drawings.map_names(found, labels),
            not_covered=gettext("European Economic Area, not covered"),
            nothing="0",
        ),
        table=table,
        legend=(
            *(Key(f"state-{step}", text) for step, text in enumerate(_steps(found))),
            Key("state-none", "0"),
            Key("hidden", gettext("c, confidential")),
            Key("eea", gettext("not covered")),
        ),
        downloads=downloads,
        table_words="" if found.is_grouped else gettext("Show all 27 Member States as a table"),
        note=gettext("Boundaries: Natural Earth. The map states no view on the status of any territory."),
        layout="map",
    )


def _bars(found: Breakdown, labels: dict[str, str]) -> list[bars.Bar]:
    return [
        bars.Bar(labels[code], None if amount is None else float(amount), value(amount, found.measure))
        for code, amount in found.values.items()
    ]


def _steps(found: Breakdown) -> list[str]:
    """The words of each shade: below the first bound, from each bound on."""
    bounds = [value(bound, found.measure) for bound in found.bounds]
    if not bounds:
        return [gettext("above 0")]
    between = [f"{low} – {high}" for low, high in pairwise(bounds)]
    return [f"< {bounds[0]}", *between, f"≥ {bounds[-1]}"]
