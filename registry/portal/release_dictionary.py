"""The data dictionary of a release as a page: tables, dimensions with their codes, measures, flags."""

from collections.abc import Iterator

from django.utils.translation import gettext

from registry.portal import release_words
from registry.portal.presentation import words
from registry.portal.presentation.marks import Heading, Link
from registry.portal.presentation.statistics import DictionaryPage, DictionaryPart
from registry.portal.release_tables import told
from registry.portal.release_words import Shown
from registry.statistics.formats.structure import FLAGS
from registry.statistics.published import PublishedRelease


def dictionary(heading: Heading, release: PublishedRelease | None, shown: Shown | None) -> DictionaryPage:
    """The page; without parts but the flags before there is a release."""
    if release is None or shown is None:
        return DictionaryPage(heading, (_flags(),))
    files = ("dictionary.csv", "CSV", "file-csv"), ("structure.json", "JSON", "file-code")
    downloads = tuple(Link(text, release_words.file_href(shown, path), icon) for path, text, icon in files)
    return DictionaryPage(heading, (_flags(), _tables(shown), _measures(release), *_dimensions(release)), downloads)


def _tables(shown: Shown) -> DictionaryPart:
    rows = tuple((each.id, told(each.title), told(each.note)) for each in shown.tables)
    return DictionaryPart("tables", gettext("Tables"), (gettext("Code"), gettext("Meaning"), gettext("Note")), rows)


def _measures(release: PublishedRelease) -> DictionaryPart:
    head = (gettext("Code"), gettext("Meaning"), gettext("Unit"), gettext("Rounded to"))
    rows = tuple(
        (each.id, told(each.label), each.unit, words.count(each.rounded_to) if each.rounded_to else "–")
        for each in release.measures
    )
    return DictionaryPart("measures", gettext("Measures"), head, rows)


def _dimensions(release: PublishedRelease) -> Iterator[DictionaryPart]:
    head = (gettext("Code"), gettext("Meaning"), gettext("Sum of"))
    for dimension in release.dimensions:
        rows = tuple(
            (code.id, told(code.label), "; ".join(", ".join(split) for split in dimension.splits.get(code.id, ())))
            for code in dimension.codes
        )
        yield DictionaryPart(dimension.id, f"{told(dimension.label)} ({dimension.id})", head, rows)


def _flags() -> DictionaryPart:
    rows = tuple((f"{column} {flag}", told(label)) for (column, flag), label in FLAGS.items())
    note = gettext("Every withheld value has the same two codes, whatever the reason. All rows are always there.")
    return DictionaryPart("flags", gettext("Flags"), (gettext("Code"), gettext("Meaning")), rows, note)
