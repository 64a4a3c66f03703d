"""Two versions of a filing compared, field by field: for its provider, and for an authority that has said why."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext

from registry.accounts import precision
from registry.accounts.policy import Permission
from registry.acting import Actor
from registry.errors import NotFound
from registry.filings.document.rendering import rendered
from registry.filings.models import Filing, Version
from registry.oversight.models import LookKind
from registry.portal import comparison, document_view, filing_files, filing_page, filings, labels, workspace
from registry.portal.page import PROVIDERS, REGULATORS, Page, language
from registry.portal.presentation.filing import ComparePage
from registry.portal.presentation.marks import Crumb, Field, Filters, Heading, Notice, Option


class Compare(Page):
    """The comparison, for an authority: documents are read, so it is a look like the download of one."""

    permission = Permission.FILING_READ
    audiences = REGULATORS

    def get(self, request: HttpRequest, reference: str) -> HttpResponse:
        """The page, once a purpose is stated."""
        why = filings.known_purpose(request, reference)
        if not why:
            return redirect("oversight-filings-open", reference=reference)
        with self.writing() as actor:
            filing = filings.opened(reference, why, by=actor, at=self.now, kind=LookKind.DOCUMENT)
            page = _page(
                request,
                filing,
                by=actor,
                at=self.now,
                crumbs=filings.crumbs(Crumb(reference, reverse("oversight-filings-one", args=[reference]))),
                purpose=filing_page.told_purpose(why.text(language())),
            )
        return self.shown("compare.html", page)


class OwnCompare(Page):
    """The comparison, for the provider whose filing it is."""

    permission = Permission.FILING_READ
    audiences = PROVIDERS

    def get(self, request: HttpRequest, reference: str) -> HttpResponse:
        """The page."""
        crumbs = (
            Crumb(gettext("My filings"), reverse("workspace")),
            Crumb(reference, reverse("workspace-filings-one", args=[reference])),
        )
        with self.reading() as actor:
            page = _page(request, workspace.own(reference, actor), by=actor, at=self.now, crumbs=crumbs)
        return self.shown("compare.html", page)


def _page(
    request: HttpRequest, filing: Filing, *, by: Actor, at: datetime, crumbs: tuple[Crumb, ...], purpose: str = ""
) -> ComparePage:
    """Raises `NotFound` for a version that the filing does not have."""
    kept = {each.number: each for each in filing.versions.select_related("filing").order_by("number") if each.canonical}
    old, new = _chosen(request, kept)
    compared = comparison.parts(_told(old, by), _told(new, by)) if old and new else ()
    heading = Heading(
        gettext("Compare versions"),
        gettext("%(reference)s: what one version says otherwise than another, field by field.")
        % {"reference": filing.reference},
        (*crumbs, Crumb(gettext("Compare versions"))),
        labels.status(filing.status),
    )
    return ComparePage(
        heading,
        _filters(request, kept, old, new) if old and new else None,
        compared,
        comparison.summary(compared) if compared else "",
        document_view.version_head(old) if old else "",
        document_view.version_head(new) if new else "",
        purpose,
        filing_files.paper(filing, at),
        () if old and new else (Notice("info", gettext("There are not two versions to compare yet.")),),
    )


def _chosen(request: HttpRequest, kept: Mapping[int, Version]) -> tuple[Version | None, Version | None]:
    """The two versions in the address; unless said the newest, and the one before the chosen one."""
    numbers = sorted(kept)
    if len(numbers) < 2:
        return None, None
    to = _number(request, "to") or numbers[-1]
    earlier = [number for number in numbers if number < to]
    old = _number(request, "from") or (earlier[-1] if earlier else numbers[0])
    if not {old, to} <= kept.keys():
        raise NotFound
    return kept[old], kept[to]


def _number(request: HttpRequest, name: str) -> int:
    """A number in the address; nought for nonsense."""
    said = request.GET.get(name, "")
    return int(said) if said.isascii() and said.isdigit() and len(said) < 7 else 0


def _told(version: Version, by: Actor) -> dict[str, Any]:
    """The document as this reader may be told it."""
    viewer = precision.viewer_of(by, territory=version.filing.territory)
    return rendered(document_view.members(version.canonical), precision.precisions(viewer=viewer, resource="document"))


def _filters(request: HttpRequest, kept: Mapping[int, Version], old: Version, new: Version) -> Filters:
    def select(name: str, label: str, picked: Version) -> Field:
        options = tuple(
            Option(str(number), f"{labels.kind(each.kind)} {number}", number == picked.number)
            for number, each in kept.items()
        )
        return Field(name, label, "select", options=options)

    fields = (select("from", gettext("From"), old), select("to", gettext("To"), new))
    return Filters(gettext("Choose the versions"), fields, request.path, request.path)
