"""What a filing has to take along: its versions with what each changed, their documents, the evidence, the paper."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import pairwise

from django.urls import reverse
from django.utils.translation import gettext

from registry.filings.models import Filing, Transition, Version
from registry.portal import figure_file, labels
from registry.portal.presentation import words
from registry.portal.presentation.filing import Evidence, VersionLine
from registry.portal.presentation.marks import Label, Link, Tone


def documents(
    filing: Filing, kept: Sequence[Version], steps: Iterable[Transition], *, is_provider: bool
) -> tuple[Link, ...]:
    """The newest version as a file, and the letter once the filing was accepted; nothing before the first version."""
    if not kept:
        return ()
    found = [Link("JSON", _address("versions-one", filing, kept[-1].number, is_provider=is_provider), "file-code")]
    if any(step.verb == "accept" for step in steps):
        href = _address("acceptance", filing, is_provider=is_provider)
        found.append(Link(gettext("Letter of acceptance (PDF)"), href, "file-pdf"))
    return tuple(found)


def versions(filing: Filing, kept: Sequence[Version], *, is_provider: bool) -> tuple[VersionLine, ...]:
    """The versions (in their order), newest first; each but the first leads to what it changed."""
    before = {new.number: old for old, new in pairwise(kept) if old.canonical and new.canonical}
    compare = _address("compare", filing, is_provider=is_provider)
    return tuple(
        VersionLine(
            Link(
                f"{labels.kind(each.kind)} {each.number}, {words.short_moment(each.submitted_at)}",
                _address("versions-one", filing, each.number, is_provider=is_provider),
                "file-text",
            ),
            _compared(compare, before[each.number].number, each.number) if each.number in before else None,
        )
        for each in reversed(kept)
    )


def of_curve(filing: Filing, *, is_provider: bool) -> tuple[Link, ...]:
    """The buttons to the run's curve as files."""
    side = "workspace" if is_provider else "oversight"
    return figure_file.links(
        lambda shape: reverse(f"{side}-filings-curve", args=[filing.reference, shape]),
        of_what=gettext("Compute of this run"),
    )


def _compared(address: str, old: int, new: int) -> Link:
    said = gettext("Compare with version %(number)s") % {"number": old}
    return Link(said, f"{address}?from={old}&to={new}", "git-diff", gettext("version %(number)s") % {"number": new})


def evidence(filing: Filing, kept: Sequence[Version], *, is_provider: bool) -> Evidence | None:
    """Where the newest version stands in the public log."""
    if not kept:
        return None
    newest = kept[-1]
    receipt = reverse("workspace-filings-receipt", args=[filing.reference, newest.number]) if is_provider else ""
    return Evidence(
        bytes(newest.digest).hex(),
        words.count(newest.entry_id),
        Label(gettext("In the log"), Tone.DONE, "seal-check"),
        receipt,
        gettext("The log holds a commitment only; nothing of the filing can be read from it."),
    )


def paper(filing: Filing, at: datetime) -> str:
    """What stands on every printed page: which filing, which version, as of when."""
    said = gettext("%(reference)s, version %(number)s, as of %(moment)s")
    return said % {"reference": filing.reference, "number": filing.number, "moment": words.moment(at)}


def _address(route: str, filing: Filing, *more: int, is_provider: bool) -> str:
    side = "workspace" if is_provider else "oversight"
    return reverse(f"{side}-filings-{route}", args=[filing.reference, *more])
