"""What surrounds the figures of a release: names, moments, notices, files, vintages, how to cite it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext, ngettext

from registry.periods import Quarter
from registry.portal.page import language
from registry.portal.presentation import words
from registry.portal.presentation.marks import Crumb, Fact, Label, Link, Meta, Notice, PageLink, Tone
from registry.portal.presentation.statistics import CorrectedValue, Corrections, Download
from registry.portal.release_tables import told, value
from registry.statistics.formats.catalogue import FORMATS
from registry.statistics.formats.manifest import File
from registry.statistics.models import Vintage
from registry.statistics.published import Correction, Listed, PublishedRelease

LICENCE = "CC BY 4.0"
SHOWN_CORRECTIONS = 50
ALL = "all.zip"
EVIDENCE = "evidence.json"


@dataclass(frozen=True)
class Shown:
    """One vintage as pages name it, with the others of its release (the newest first) and what comes next."""

    vintage_row: Vintage
    others: tuple[Vintage, ...]
    tables: tuple[Listed, ...]
    files: tuple[File, ...]
    next_at: datetime | None = None
    next_release: str = ""
    entry: str = ""

    @property
    def release(self) -> str:
        """Its quarter, such as 2026-Q3."""
        return str(self.vintage_row.release)

    @property
    def vintage(self) -> int:
        """Its number."""
        return int(self.vintage_row.number)

    @property
    def published_at(self) -> datetime:
        """When it appeared."""
        return self.vintage_row.published_at or self.vintage_row.publish_at

    @property
    def is_newest(self) -> bool:
        """Whether no later vintage stands."""
        return not any(each.number > self.vintage and each.withdrawn_at is None for each in self.others)

    @property
    def href(self) -> str:
        """Its page."""
        return reverse("statistics-vintage", args=[self.release, self.vintage])


def quarter(release: str) -> Quarter:
    """The quarter that a release is named after."""
    year, _, number = release.partition("-Q")
    return Quarter(int(year), int(number))


def quarter_name(release: str) -> str:
    """`Q3 2026`."""
    found = quarter(release)
    return f"Q{found.number} {found.year}"


def period(release: str) -> str:
    """`Third quarter 2026`."""
    found = quarter(release)
    ordinal = (gettext("First"), gettext("Second"), gettext("Third"), gettext("Fourth"))[found.number - 1]
    return gettext("%(ordinal)s quarter %(year)s") % {"ordinal": ordinal, "year": found.year}


def crumbs() -> tuple[Crumb, ...]:
    """The path to the releases."""
    return (Crumb(gettext("Home"), reverse("home")), Crumb(gettext("Statistics"), reverse("statistics")))


def label(shown: Shown) -> Label:
    """Withdrawn, superseded, provisional or final."""
    if shown.vintage_row.withdrawn_at is not None:
        return Label(gettext("Withdrawn"), Tone.ALERT, "prohibit")
    if not shown.is_newest:
        return Label(gettext("Superseded"), Tone.WAITING, "clock-counter-clockwise")
    return status(shown.vintage_row)


def status(vintage: Vintage) -> Label:
    """Provisional or final."""
    if vintage.is_provisional:
        return Label(gettext("Provisional"), Tone.WAITING, "hourglass-medium")
    return Label(gettext("Final"), Tone.DONE, "check-circle")


def meta(shown: Shown) -> tuple[Meta, ...]:
    """When it was released, when the next one comes, which vintage."""
    released = gettext("Released %(moment)s") % {"moment": words.moment(shown.published_at)}
    lines = [Meta("calendar-blank", released)]
    if shown.next_at is not None:
        lines.append(Meta("clock", gettext("Next release %(day)s") % {"day": words.day(shown.next_at)}))
    return (*lines, Meta("stack", gettext("Vintage %(number)s") % {"number": shown.vintage}))


def notices(shown: Shown) -> tuple[Notice, ...]:
    """What a reader has to know before: withdrawn, corrected, superseded."""
    row = shown.vintage_row
    found = []
    if row.withdrawn_at is not None:
        title = gettext("This vintage was withdrawn on %(day)s.") % {"day": words.day(row.withdrawn_at)}
        found.append(Notice("error", getattr(row, f"notice_{language()}"), title))
    if not shown.is_newest:
        newest = max(each.number for each in shown.others if each.withdrawn_at is None)
        text = gettext("Vintage %(number)s is the newest one; it is listed under “Vintages”.") % {"number": newest}
        found.append(Notice("warning", text, gettext("There is a newer vintage.")))
    return tuple(found)


def corrections(shown: Shown, release: PublishedRelease) -> Corrections | None:
    """What the vintage corrects; None in a first one."""
    if not release.corrections:
        return None
    rows = tuple(_corrected(release, shown.tables, each) for each in release.corrections[:SHOWN_CORRECTIONS])
    count = len(release.corrections)
    note = ngettext(
        "%(count)s published value is another than in the vintage before.",
        "%(count)s published values are others than in the vintage before.",
        count,
    ) % {"count": words.count(count)}
    return Corrections(rows, note, file_href(shown, "corrections.json"))


def _corrected(release: PublishedRelease, listed: Sequence[Listed], each: Correction) -> CorrectedValue:
    labels = {code.id: told(code.label) for dimension in release.dimensions for code in dimension.codes}
    title = next(told(table.title) for table in listed if table.id == each.table)
    measure = release.measure[each.measure]
    where = ", ".join(labels.get(code, code) for code in each.key)
    return CorrectedValue(
        f"{title}: {where}", told(measure.label), value(each.before, measure), value(each.after, measure)
    )


def downloads(shown: Shown) -> tuple[Download, ...]:
    """The files about the whole release; those of each table stand with the tables."""
    told_of = {
        "structure.json": (gettext("Structure, JSON"), gettext("dimensions, codes, measures, tables"), "file-code"),
        "dictionary.csv": (gettext("Data dictionary, CSV"), gettext("every code in three languages"), "file-csv"),
        "catalogue.ttl": (gettext("Catalogue, DCAT-AP 3"), gettext("for data portals, as Turtle"), "file-code"),
        "corrections.json": (gettext("Corrections, JSON"), gettext("every value that changed"), "file-code"),
        "manifest.json": (gettext("Manifest, JSON"), gettext("size and digest of every file"), "seal-check"),
        "SHA256SUMS": (gettext("Checksums"), gettext("for sha256sum --check"), "seal-check"),
    }
    files = {each.path: each for each in shown.files}
    total = sum(each.size_bytes for each in shown.files)
    note = gettext("tables in five formats, charts")
    whole = Download(gettext("All files, ZIP"), note, words.size(total), whole_href(shown), "stack")
    return (
        whole,
        *(
            Download(text, note, words.size(files[path].size_bytes), file_href(shown, path), icon)
            for path, (text, note, icon) in told_of.items()
            if path in files
        ),
    )


def table_downloads(shown: Shown, table: str) -> tuple[Download, ...]:
    """A table in every format."""
    notes = {
        ".csv": (gettext("UTF-8, one row per value with flags"), "file-csv"),
        ".sdmx.csv": (gettext("codes and OBS_STATUS, CONF_STATUS"), "file-csv"),
        ".json": (gettext("for charts and notebooks"), "file-code"),
        ".parquet": (gettext("exact decimals, for analysis"), "table"),
        ".xlsx": (gettext("three sheets with codes and notes"), "file-xls"),
    }
    files = {each.path: each for each in shown.files}
    return tuple(
        Download(FORMATS[ending][3], note, words.size(files[path].size_bytes), file_href(shown, path), icon)
        for ending, (note, icon) in notes.items()
        if (path := f"tables/{table}{ending}") in files
    )


def facts(shown: Shown) -> tuple[Fact, ...]:
    """The facts beside the tables."""
    row = shown.vintage_row
    next_release = words.moment(shown.next_at) if shown.next_at else gettext("not announced yet")
    vintage = gettext("vintage %(number)s") % {"number": shown.vintage}
    signed = [each.path for each in shown.files if each.path == "manifest.json.sig"]
    return (
        Fact(gettext("Released"), words.moment(shown.published_at)),
        Fact(gettext("Next release"), next_release, href=reverse("statistics-calendar-page")),
        Fact(gettext("Status"), f"{status(row).text}, {vintage}"),
        Fact(gettext("Counted until"), words.moment(row.as_of)),
        Fact(gettext("Coverage"), gettext("all filings that stand, 27 Member States")),
        Fact(
            gettext("Disclosure control"),
            gettext("withheld cells, attacked before release by an independent auditor"),
            href=reverse("statistics-methodology"),
        ),
        Fact(gettext("SHA-256 of the manifest"), row.manifest_sha256, monospace=True),
        *(Fact(gettext("Signature"), path, href=file_href(shown, path)) for path in signed),
        Fact(gettext("Proof in the public log"), EVIDENCE, href=file_href(shown, EVIDENCE)),
    )


def method() -> tuple[str, ...]:
    """How the figures were made, in three lines."""
    return (
        gettext("A run is counted in the quarter of its first filing, an access record in the quarter of its month."),
        gettext(
            "Companies of one ultimate parent count as one. A cell is withheld where it, or a sum with it, would let "
            "somebody work out a contribution closely."
        ),
        gettext("Every release is attacked together with all earlier ones, and published only if nothing was found."),
    )


def citation(shown: Shown, title: str) -> str:
    """How to cite it."""
    return gettext(
        "European Compute-Access Registry (%(year)s). %(title)s, %(period)s. %(status)s, vintage %(number)s."
    ) % {
        "year": shown.published_at.year,
        "title": title,
        "period": quarter_name(shown.release),
        "status": status(shown.vintage_row).text,
        "number": shown.vintage,
    }


def vintages(shown: Shown) -> tuple[Link, ...]:
    """Every vintage of the release, the newest first."""
    return tuple(_vintage_link(each) for each in shown.others)


def _vintage_link(vintage: Vintage) -> Link:
    day = words.day(vintage.published_at or vintage.publish_at)
    text = gettext("Vintage %(number)s, %(day)s") % {"number": vintage.number, "day": day}
    if vintage.withdrawn_at is not None:
        text = f"{text} ({gettext('withdrawn')})"
    return Link(text, reverse("statistics-vintage", args=[vintage.release, vintage.number]))


def moments(shown: Shown, table: str, known: Sequence[str], current: str) -> tuple[PageLink, ...]:
    """The moments of a table, where it has more than one."""
    href = table_href(shown, table)
    return tuple(PageLink(each, f"{href}?at={each}", each == current) for each in known) if len(known) > 1 else ()


def licence() -> str:
    """Under which licence."""
    return gettext("Licence %(licence)s.") % {"licence": LICENCE}


def file_href(shown: Shown, path: str) -> str:
    """The address of a file."""
    return reverse("release-bundle", args=[shown.release, shown.vintage, path])


def whole_href(shown: Shown) -> str:
    """The address of all files in one."""
    return file_href(shown, ALL)


def table_href(shown: Shown, table: str) -> str:
    """The page of a table."""
    return reverse("statistics-table", args=[shown.release, shown.vintage, table])
