"""A release as its page shows it, from its published files only: head, key figures, figures, tables, downloads."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext, ngettext

from registry.portal import release_words
from registry.portal.presentation import drawn, words
from registry.portal.presentation.drawn import QuarterCounts
from registry.portal.presentation.figures import Figure
from registry.portal.presentation.marks import Crumb, Heading, Link, Meta
from registry.portal.presentation.statistics import KeyNumber, ReleasePage, StatisticsTable, TableLine
from registry.portal.release_tables import figure, tables, told, value
from registry.portal.release_words import Shown
from registry.statistics.formats import drawings
from registry.statistics.formats.observations import codes, withheld
from registry.statistics.published import PublishedRelease, Table

FORMS = (("csv", "CSV", "file-csv"), ("xlsx", "XLSX", "file-xls"), ("json", "JSON", "file-code"))


BESIDE_THE_MAP = 480


@dataclass(frozen=True)
class Drawn:
    """What the page of a release is drawn from: the vintage, its tables that are shown, and the releases before it."""

    shown: Shown
    release: PublishedRelease
    before: tuple[PublishedRelease, ...] = ()


@cache
def layout() -> dict[str, Any]:
    """What stands at the head of a release, from `data/release_page.toml`."""
    return tomllib.loads(resources.files("registry.portal").joinpath("data/release_page.toml").read_text("utf-8"))


def needed() -> frozenset[str]:
    """The tables that the head of a release and the home page are drawn from."""
    said = layout()
    named = [*(said[part]["table"] for part in ("first", "course", "map")), *(row["table"] for row in said["number"])]
    return frozenset(named)


def page(given: Drawn, *, call_base: str) -> ReleasePage:
    """The page of a release, with its first table."""
    shown, release = given.shown, given.release
    first = _named(release, layout()["first"]["table"]) or (release.tables[0] if release.tables else None)
    title = gettext("Training runs and compute access in the European Union")
    hidden = (_hidden(withheld(first), len(first.cells)),) if first else ()
    return ReleasePage(
        heading=Heading(
            title,
            gettext("%(period)s. Figures from filings to the register; no provider and no run can be identified.")
            % {"period": release_words.period(shown.release)},
            (*release_words.crumbs(), Crumb(release_words.quarter_name(shown.release))),
            release_words.label(shown),
            (*release_words.meta(shown), *hidden),
            main_link=Link(gettext("Download all tables"), release_words.whole_href(shown), "download-simple"),
        ),
        numbers=numbers(given),
        tables=_first_tables(given, first),
        figures=tuple(each for each in (course(given, height=BESIDE_THE_MAP), _spread(given)) if each is not None),
        downloads=release_words.downloads(shown),
        licence=release_words.licence(),
        call=_call(shown, first.id if first else "", call_base),
        call_href=reverse("api-reference"),
        facts=release_words.facts(shown),
        method=release_words.method(),
        method_href=reverse("statistics-methodology"),
        citation=release_words.citation(shown, title),
        vintages=release_words.vintages(shown),
        notices=release_words.notices(shown),
        all_tables=table_lines(shown, first.id if first else ""),
        corrections=release_words.corrections(shown, release),
    )


def table_page(given: Drawn, *, call_base: str, moment: str = "") -> ReleasePage:
    """The page of one table of a release, at a moment (the newest one by itself). Raises ValueError for another one."""
    shown, [table] = given.shown, given.release.tables
    moments = codes(given.release, table)[table.dimensions.index(table.time)]
    newest = drawings.moments(given.release, table)[-1]
    at = moment or newest
    if at not in moments:
        raise ValueError(f"{table.id} has no such moment")
    hidden = _hidden(withheld(table), len(table.cells))
    found = drawings.breakdown(given.release, table)
    return ReleasePage(
        heading=Heading(
            told(table.title),
            told(table.note),
            (
                *release_words.crumbs(),
                Crumb(release_words.quarter_name(shown.release), shown.href),
                Crumb(told(table.title)),
            ),
            release_words.label(shown),
            (*release_words.meta(shown), hidden),
        ),
        numbers=(),
        tables=tables(given.release, table, moment=at, downloads=lambda: links(shown, table.id)),
        figures=(_picture(given, table, found, title=_by_class(given, found)),) if found and at == newest else (),
        downloads=release_words.table_downloads(shown, table.id),
        licence=release_words.licence(),
        call=_call(shown, table.id, call_base),
        call_href=reverse("api-reference"),
        facts=release_words.facts(shown),
        citation=release_words.citation(shown, told(table.title)),
        notices=release_words.notices(shown),
        all_tables=table_lines(shown, table.id),
        moments=release_words.moments(shown, table.id, moments, at),
    )


def numbers(given: Drawn) -> tuple[KeyNumber, ...]:
    """The key figures that the release has, each with what it was in the quarter before."""
    previous = given.before[-1] if given.before else None
    return tuple(found for said in layout()["number"] if (found := _number(said, given.release, previous)) is not None)


def _number(said: Mapping[str, Any], release: PublishedRelease, previous: PublishedRelease | None) -> KeyNumber | None:
    now, before = _whole(said, release), _whole(said, previous) if previous else None
    if now is None:
        return None
    measure = release.measure[said["measure"]]
    note = ""
    if before is not None and previous is not None:
        known = {"value": value(before[0], measure), "quarter": release_words.quarter_name(previous.id)}
        note = gettext("%(value)s in %(quarter)s") % known
    return KeyNumber(value(now[0], measure), told(said["text"]), note)


def _whole(said: Mapping[str, Any], release: PublishedRelease) -> tuple[Decimal | None] | None:
    """The value that a place of the layout names, None in it where withheld; None where there is no such place."""
    table = _named(release, said["table"])
    if table is None or said["measure"] not in table.measures:
        return None
    at = {**drawings.tops(release, table), table.time: drawings.moments(release, table)[-1], **said.get("codes", {})}
    key = tuple(at.get(name, "") for name in table.dimensions)
    if key not in table.by_key:
        return None
    return (drawings.value_at(table, said["measure"], at),)


def course(given: Drawn, *, title: str = "", height: int = 0) -> Figure | None:
    """The counts of each release up to this one as stacked columns; None where the table is not there."""
    said = layout()["course"]
    quarters = [found for each in (*given.before, given.release) if (found := _counts(each, said)) is not None]
    if not quarters:
        return None
    return drawn.runs_by_quarter(
        uid="figure-course",
        quarters=quarters,
        title=title or gettext("Figure 1. Reported runs per quarter"),
        subtitle=gettext("European Union, by compute per run, FLOP; p = provisional"),
        downloads=(_chart_link(given.shown, said["table"], "csv", "CSV"),),
        tall=True,
        height=height,
    )


def _counts(release: PublishedRelease, said: Mapping[str, Any]) -> QuarterCounts | None:
    found = [_whole({**said, "codes": {said["dimension"]: part}}, release) for part in said["parts"]]
    total = _whole(said, release)
    if total is None or None in found:
        return None
    a, b, c, d = (None if each is None or each[0] is None else int(each[0]) for each in found)
    whole = None if total[0] is None else int(total[0])
    return QuarterCounts(release_words.quarter(release.id), (a, b, c, d), whole, release.is_provisional)


def _spread(given: Drawn) -> Figure | None:
    said = layout()["map"]
    table = _named(given.release, said["table"])
    found = drawings.breakdown(given.release, table, measure=said["measure"]) if table else None
    if table is None or found is None:
        return None
    by_region = gettext("Figure 2. Runs by region of the Union")
    return _picture(
        given, table, found, title=by_region if found.is_grouped else gettext("Figure 2. Runs by Member State")
    )


def _by_class(given: Drawn, found: drawings.Breakdown) -> str:
    """`Accelerator-hours – Accelerator family`."""
    return f"{told(found.measure.label)} – {told(given.release.dimension[found.dimension].label)}"


def _picture(given: Drawn, table: Table, found: drawings.Breakdown, *, title: str) -> Figure:
    downloads = (_chart_link(given.shown, table.id, "svg", "SVG"), _chart_link(given.shown, table.id, "csv", "CSV"))
    return figure(given.release, found, uid="figure-classes", title=title, downloads=downloads)


def _chart_link(shown: Shown, table: str, form: str, text: str) -> Link:
    path = f"charts/{table}.svg" if form == "svg" else f"tables/{table}.{form}"
    return Link(text, release_words.file_href(shown, path), "download-simple")


def _first_tables(given: Drawn, first: Table | None) -> tuple[StatisticsTable, ...]:
    if first is None:
        return ()
    newest = drawings.moments(given.release, first)[-1]
    return tables(given.release, first, moment=newest, downloads=lambda: links(given.shown, first.id))[:1]


def links(shown: Shown, table: str) -> tuple[Link, ...]:
    """The buttons over a table."""
    return tuple(
        Link(text, release_words.file_href(shown, f"tables/{table}.{form}"), icon) for form, text, icon in FORMS
    )


def table_lines(shown: Shown, current: str) -> tuple[TableLine, ...]:
    """Every table of the release."""
    return tuple(
        TableLine(
            told(each.title),
            release_words.table_href(shown, each.id),
            told(each.note),
            links(shown, each.id),
            each.id == current,
        )
        for each in shown.tables
    )


def _named(release: PublishedRelease, table: str) -> Table | None:
    return next((each for each in release.tables if each.id == table), None)


def _hidden(hidden: int, cells: int) -> Meta:
    text = ngettext("%(hidden)s of %(all)s cells confidential", "%(hidden)s of %(all)s cells confidential", hidden)
    return Meta("eye-slash", text % {"hidden": words.count(hidden), "all": words.count(cells)})


def _call(shown: Shown, table: str, call_base: str) -> str:
    address = f"{call_base}/api/v1/statistics/releases/{shown.release}/{shown.vintage}/tables/{table}/"
    return f"curl '{address}' \\\n  -H 'Accept: text/csv'"
