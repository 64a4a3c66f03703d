"""Texts about the statistics: how figures are made and protected, and the rules by which they are released."""

from django.utils.translation import gettext

from registry.portal.presentation.open_pages import TextSection


def release_rules() -> tuple[str, ...]:
    """The rules of release (European Statistics Code of Practice, principle 6)."""
    return (
        gettext("Every release is announced with its day and time. It appears then, for everybody at once."),
        gettext("Before that moment a release is seen by those who prepare and approve it, two persons at least."),
        gettext("A published vintage never changes. What was wrong is corrected in a new vintage, with a list."),
        gettext("A vintage that must not be used any more is marked as withdrawn, with the reason; it stays."),
    )


def methodology() -> tuple[TextSection, ...]:
    """How figures are made, why nobody can be found in them, how they are published."""
    return (_counted(), _protected(), _rounded(), _published())


def _counted() -> TextSection:
    return TextSection(
        gettext("What is counted"),
        (
            gettext(
                "The figures come from what providers filed: notifications of training runs, monthly returns of "
                "compute providers, facilities and their yearly reports. They are not estimated and not weighted."
            ),
        ),
        (
            gettext("A run counts in the quarter of its first filing, with what its newest version says."),
            gettext("A withdrawn filing does not count. An access record counts in the quarter of its month."),
            gettext("Training compute is the filer’s estimate; the law allows a margin of 30 %."),
            gettext("Companies of one ultimate parent are one contributor, under whatever names they file."),
        ),
    )


def _protected() -> TextSection:
    return TextSection(
        gettext("Why nobody can be found"),
        (
            gettext(
                "A cell is withheld where too few independent companies stand behind it, or where one of them, or "
                "somebody who knows its own share, could estimate another’s contribution closely. Further cells are "
                "withheld so that none of these can be worked out from sums. The limits are not published, since they "
                "would help whoever tries."
            ),
            gettext(
                "All tables of a release and everything published before are protected together. A second program, "
                "which shares no code with the first, then attacks the release as an outsider and as every single "
                "contributor would. A release in which it finds anything is not published."
            ),
        ),
        (
            gettext("Every withheld cell has one code, c, whatever the reason; in files an empty value with Q and C."),
            gettext("Every row is always there, so that a missing row tells nothing."),
            gettext("A true zero is shown as 0."),
        ),
    )


def _rounded() -> TextSection:
    return TextSection(
        gettext("Rounding and quality"),
        (
            gettext(
                "Counts are rounded to multiples of five where the table says so, each by itself: rounded parts need "
                "not add up to their rounded sum. Compute and hours are not rounded in the files; pages shorten them."
            ),
            gettext(
                "A provisional figure may change when filings are amended or corrected; a final one changes only to "
                "mend an error."
            ),
        ),
        (),
    )


def _published() -> TextSection:
    return TextSection(
        gettext("How it is published"),
        (
            gettext(
                "A vintage is a folder of files: tables as CSV, SDMX-CSV 2.0, JSON-stat 2.0, Parquet and XLSX, the "
                "structure, a data dictionary, a DCAT-AP 3 catalogue, charts, corrections, and a manifest with "
                "the size and SHA-256 of each. The manifest is signed (Ed25519), its digest entered in the public log."
            ),
            gettext(
                "The same figures are open to programs without an account, under /api/v1/statistics/releases/; answers "
                "may be kept, and have an entity tag."
            ),
        ),
        (),
    )
