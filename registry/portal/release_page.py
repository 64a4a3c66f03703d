"""A release as pages and files show it: from stored cells only, so nothing that was withheld can get out here."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext, ngettext

from registry.periods import Quarter
from registry.portal.presentation import drawn, words
from registry.portal.presentation.drawn import QuarterCounts
from registry.portal.presentation.figures import Figure
from registry.portal.presentation.marks import Crumb, Fact, Heading, Label, Link, Meta, Tone
from registry.portal.presentation.statistics import (
    Cell,
    ColumnHead,
    Download,
    Flag,
    KeyNumber,
    ReleaseLine,
    ReleasePage,
    StatisticsRow,
    StatisticsTable,
)
from registry.statistics import evidence, releases, tables
from registry.statistics.models import Cell as StoredCell
from registry.statistics.models import Release

CONFIDENTIAL = "C"
LICENCE = "CC BY 4.0"


@dataclass(frozen=True)
class Published:
    """A release with its cells by quarter and band: a count, or None where it is confidential."""

    release: Release
    values: Mapping[Quarter, Mapping[str, int | None]]
    vintages: tuple[Release, ...] = ()

    @property
    def quarters(self) -> list[Quarter]:
        """Oldest first."""
        return sorted(self.values)

    @property
    def confidential(self) -> int:
        """How many cells are withheld."""
        return sum(value is None for row in self.values.values() for value in row.values())

    @property
    def cells(self) -> int:
        """How many cells there are."""
        return sum(len(row) for row in self.values.values())


def read(release: Release) -> Published:
    """The release with its cells and the other vintages of its table."""
    values: dict[Quarter, dict[str, int | None]] = {}
    for cell in release.cells.all():
        values.setdefault(_quarter(cell), {})[cell.band] = cell.value
    others = tuple(Release.objects.filter(table=release.table).order_by("-vintage"))
    return Published(release, values, others)


def _quarter(cell: StoredCell) -> Quarter:
    year, _, number = cell.quarter.partition("-Q")
    return Quarter(int(year), int(number))


def name(quarter: Quarter) -> str:
    """`Q3 2026`."""
    return f"Q{quarter.number} {quarter.year}"


def figure(found: Published, *, uid: str = "figure-1", title: str = "") -> Figure:
    """The counts as stacked columns. A total is shown only where every part is: nothing is added up over a secret."""
    quarters = []
    for quarter in found.quarters:
        row = found.values[quarter]
        a, b, c, d = (row.get(band.code) for band in tables.BANDS)
        known = [part for part in (a, b, c, d) if part is not None]
        quarters.append(QuarterCounts(quarter, (a, b, c, d), sum(known) if len(known) == len(tables.BANDS) else None))
    return drawn.runs_by_quarter(
        uid=uid,
        quarters=quarters,
        title=title or gettext("Figure 1. Reported runs per quarter"),
        subtitle=gettext("European Union, by compute per run, FLOP"),
        downloads=(Link("CSV", file_href(found.release, "csv"), "download-simple"),),
        tall=True,
    )


def numbers(found: Published) -> tuple[KeyNumber, ...]:
    """The newest quarter, band by band."""
    if not found.quarters:
        return ()
    newest = found.quarters[-1]
    row = found.values[newest]
    texts = zip(tables.BANDS, words.band_names(), strict=True)
    return tuple(
        KeyNumber(
            "c" if row.get(band.code) is None else words.count(row[band.code] or 0),
            gettext("runs %(band)s FLOP") % {"band": text},
            gettext("%(quarter)s, confidential") % {"quarter": name(newest)}
            if row.get(band.code) is None
            else name(newest),
        )
        for band, text in texts
    )


def page(found: Published, *, call_base: str) -> ReleasePage:
    """The page of the release."""
    release = found.release
    quarters = found.quarters
    period = f"{name(quarters[0])} – {name(quarters[-1])}" if quarters else ""
    title = gettext("Training runs reported in the European Union")
    withheld = ngettext(
        "%(hidden)s of %(all)s cells confidential", "%(hidden)s of %(all)s cells confidential", found.confidential
    ) % {"hidden": found.confidential, "all": found.cells}
    return ReleasePage(
        heading=Heading(
            title,
            gettext("%(period)s. Counts from filings to the register; no provider and no run can be identified.")
            % {"period": period},
            (
                Crumb(gettext("Home"), reverse("home")),
                Crumb(gettext("Statistics"), reverse("statistics")),
                Crumb(gettext("Training runs")),
            ),
            _status(release, found.vintages),
            (
                Meta("calendar-blank", gettext("Released %(moment)s") % {"moment": words.moment(release.published_at)}),
                Meta("stack", gettext("Vintage %(number)s") % {"number": release.vintage}),
                Meta("eye-slash", withheld),
            ),
        ),
        numbers=numbers(found),
        tables=(table(found),),
        figures=(figure(found),),
        downloads=_downloads(found),
        licence=gettext("Licence %(licence)s.") % {"licence": LICENCE},
        call=f"curl -O \\\n  {call_base}{file_href(release, 'csv')}",
        call_href=reverse("api-reference"),
        facts=_facts(found, period),
        method=_method(),
        citation=gettext("European Compute-Access Registry (%(year)s). %(title)s, %(period)s. Vintage %(number)s.")
        % {"year": release.published_at.year, "title": title, "period": period, "number": release.vintage},
        vintages=tuple(
            Link(
                gettext("Vintage %(number)s, %(day)s")
                % {"number": other.vintage, "day": words.day(other.published_at)},
                href(other),
            )
            for other in found.vintages
        ),
    )


def table(found: Published) -> StatisticsTable:
    """Every cell, newest quarter first."""
    rows = tuple(
        StatisticsRow(name(quarter), tuple(_cell(found.values[quarter].get(band.code)) for band in tables.BANDS))
        for quarter in reversed(found.quarters)
    )
    return StatisticsTable(
        title=gettext("Table 1. Runs by quarter and compute band"),
        subtitle=gettext("Number of training runs, European Union, by quarter of the first filing"),
        row_head=gettext("Quarter"),
        columns=tuple(ColumnHead(text, i) for i, text in enumerate(words.band_names())),
        rows=rows,
        group=gettext("Compute per run, FLOP"),
        grouped=len(tables.BANDS),
        note=gettext(
            "A cell is marked c where too few independent providers stand behind it. No sums are published, so that "
            "none can be taken apart."
        ),
        downloads=(
            Link("CSV", file_href(found.release, "csv"), "file-csv"),
            Link("JSON", file_href(found.release, "json"), "file-code"),
        ),
    )


def _cell(value: int | None) -> Cell:
    if value is None:
        return Cell("c", Flag.CONFIDENTIAL)
    return Cell(words.count(value), Flag.NONE if value else Flag.ZERO)


def _status(release: Release, vintages: Sequence[Release]) -> Label:
    if vintages and vintages[0].vintage > release.vintage:
        return Label(gettext("Superseded"), Tone.WAITING, "clock-counter-clockwise")
    return Label(gettext("Current"), Tone.DONE, "check-circle")


def _facts(found: Published, period: str) -> tuple[Fact, ...]:
    release = found.release
    return (
        Fact(gettext("Released"), words.moment(release.published_at)),
        Fact(gettext("Period"), period),
        Fact(gettext("Next release"), gettext("after the end of the running quarter")),
        Fact(gettext("Coverage"), gettext("all filings that stand, 27 Member States")),
        Fact(gettext("Disclosure control"), gettext("minimum of independent holdings in each cell; no sums")),
        Fact("SHA-256", bytes(release.content_digest).hex(), monospace=True),
        Fact(gettext("Entry of the public log"), words.count(release.entry_id)),
    )


def _method() -> tuple[str, ...]:
    return (
        gettext("A run is counted in the quarter of its first filing, in the band of its training compute."),
        gettext("Withdrawn filings are not counted. A quarter is published once it is over, and then stands."),
        gettext("Companies of one ultimate parent count as one contributor."),
    )


def line(release: Release, *, is_current: bool) -> ReleaseLine:
    """A release in the list."""
    label = (
        Label(gettext("Current"), Tone.DONE, "check-circle")
        if is_current
        else Label(gettext("Superseded"), Tone.PLAIN, "clock-counter-clockwise")
    )
    return ReleaseLine(
        gettext("Training runs reported in the European Union"),
        href(release),
        gettext("Vintage %(number)s") % {"number": release.vintage},
        words.day(release.published_at),
        label,
        gettext("Runs by quarter and compute band"),
    )


def href(release: Release) -> str:
    """The page of a release."""
    return reverse("release", args=[release.table, release.vintage])


def file_href(release: Release, form: str) -> str:
    """A file of a release."""
    return reverse("release-file", args=[release.table, release.vintage, form])


def _downloads(found: Published) -> tuple[Download, ...]:
    def one(form: str, text: str, note: str, icon: str) -> Download:
        size = words.size(len(content(found, form)))
        return Download(text, note, size, file_href(found.release, form), icon)

    proving = ("evidence", gettext("Evidence, JSON"), gettext("what the public log holds of it"), "seal-check")
    return (
        one("csv", gettext("Table 1, CSV"), gettext("UTF-8, one row per cell with flags"), "file-csv"),
        one("json", gettext("Table 1, JSON"), gettext("the same cells, with definitions"), "file-code"),
        *([one(*proving)] if found.release.salt else []),
    )


def content(found: Published, form: str) -> bytes:
    """The file of that form, the same bytes each time: codes, no words in any language. Raises KeyError for others."""
    return {"csv": _csv, "json": _json, "evidence": _evidence}[form](found)


def _evidence(found: Published) -> bytes:
    """What the log's entry about the release stands for, its opening, and its place; this grows until it is logged."""
    release = found.release
    if release.salt is None:
        raise KeyError("evidence")
    stated, digest = releases.stated(release), bytes(release.content_digest)
    return evidence.of(stated, salt=bytes(release.salt), digest=digest, entry=release.entry_id)


def _csv(found: Published) -> bytes:
    """SDMX-CSV columns: an empty value with CONF_STATUS C is confidential."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("TABLE", "VINTAGE", "GEO", "TIME_PERIOD", "COMPUTE_BAND", "OBS_VALUE", "CONF_STATUS"))
    for quarter, band, value in _rows(found):
        status = CONFIDENTIAL if value is None else ""
        shown = "" if value is None else value
        writer.writerow((found.release.table, found.release.vintage, "EU27_2020", quarter, band, shown, status))
    return out.getvalue().encode()


def _json(found: Published) -> bytes:
    body = {
        "table": found.release.table,
        "vintage": found.release.vintage,
        "published_at": found.release.published_at.isoformat().replace("+00:00", "Z"),
        "licence": LICENCE,
        "measure": "number of training runs, by quarter of the first filing",
        "bands_flop": [
            {
                "code": band.code,
                "above": None if band.above is None else str(band.above),
                "up_to": None if band.up_to is None else str(band.up_to),
            }
            for band in tables.BANDS
        ],
        "cells": [
            {"quarter": quarter, "band": band, "value": value, "confidential": value is None}
            for quarter, band, value in _rows(found)
        ],
    }
    return (json.dumps(body, indent=1, ensure_ascii=False) + "\n").encode()


def _rows(found: Published) -> list[tuple[str, str, int | None]]:
    return [
        (str(quarter), band.code, found.values[quarter].get(band.code))
        for quarter in found.quarters
        for band in tables.BANDS
    ]
