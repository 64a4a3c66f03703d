"""One vintage under review: what is withheld and why, what the auditor says, and the word of the second person."""

import json
import uuid
from collections.abc import Iterator, Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from registry.accounts.policy import Permission
from registry.acting import Actor
from registry.errors import Invalid, NotFound, NotPossible, Stale
from registry.portal.page import Page, language, said
from registry.portal.presentation import words
from registry.portal.presentation.marks import Crumb, Fact, Field, Heading, Meta, Notice
from registry.portal.presentation.publications import (
    ActForm,
    CorrectionLine,
    FileLine,
    FoundLine,
    PublicationPage,
    Reason,
    TableReviewed,
    WithheldCell,
)
from registry.portal.publications_page import PREPARES, state, title, verdict
from registry.statistics import definitions, vintages
from registry.statistics.formats.reading import CORRECTIONS
from registry.statistics.models import State, Verdict, Vintage, VintageFile, VintagePlan, VintageReport
from registry.statistics.vintage_models import UNDER_WAY

LISTED = 60  # withheld cells of a table that the page names
CORRECTED = 60
NOTICES = (("en", "English"), ("fr", "français"), ("de", "Deutsch"))


class Publication(Page):
    """The page, and what can be done about the vintage."""

    permission = Permission.RELEASE_READ
    audiences = PREPARES

    def get(self, request: HttpRequest, vintage: uuid.UUID) -> HttpResponse:
        """As it stands now."""
        return self._page(vintage)

    def post(self, request: HttpRequest, vintage: uuid.UUID) -> HttpResponse:
        """Approve, drop or withdraw it; what is refused is told on the page."""
        try:
            with self.writing() as actor:
                _do(request.POST, vintage, actor, self)
        except (Invalid, NotPossible, Stale) as refused:
            answer = self._page(vintage, notices=(Notice("error", " ".join(said(refused))),))
            answer.status_code = 400 if isinstance(refused, Invalid) else 409
            return answer
        messages.success(request, gettext("Your decision is recorded."))
        return redirect("publication", vintage=vintage)

    def _page(self, key: uuid.UUID, *, notices: tuple[Notice, ...] = ()) -> HttpResponse:
        with self.reading() as actor:
            found = Vintage.objects.visible_to(actor).filter(id=key).first()
            if found is None:
                raise NotFound
            review = VintagePlan.objects.filter(vintage=found).values_list("review", flat=True).first() or []
            report = VintageReport.objects.filter(vintage=found).values_list("report", flat=True).first() or "{}"
            files = VintageFile.objects.filter(vintage=found).order_by("path")
            shown = tuple(
                FileLine(path, words.size(size), digest)
                for path, size, digest in files.values_list("path", "size_bytes", "sha256")
            )
            corrections = files.filter(path=CORRECTIONS).values_list("content", flat=True).first()
        page = PublicationPage(
            heading=_heading(found),
            facts=tuple(_facts(found)),
            progress=found.progress,
            manifest=found.manifest_sha256,
            tables=tuple(_table(each) for each in review),
            attack=tuple(_attack(json.loads(report))),
            corrections=tuple(_corrections(bytes(corrections))) if corrections else (),
            files=shown,
            forms=tuple(_forms(found, self.actor)),
            notices=(*notices, *_told(found)),
        )
        return self.shown("oversight/publication.html", page)


def _do(form: Mapping[str, str], vintage: uuid.UUID, by: Actor, page: Publication) -> None:
    act = form.get("act", "")
    if act == "approve":
        vintages.approve(vintage=vintage, manifest_sha256=form.get("manifest", ""), by=by, at=page.now)
    elif act == "drop":
        vintages.drop(vintage=vintage, by=by, at=page.now)
    elif act == "withdraw":
        notice = {code: form.get(f"notice_{code}", "") for code, _ in NOTICES}
        vintages.withdraw(vintage=vintage, notice=notice, by=by, at=page.now)
    else:
        raise Invalid("Nothing of this name can be done here.", remedy="Choose what stands on the page.")


def _heading(vintage: Vintage) -> Heading:
    return Heading(
        title(vintage),
        gettext("What is withheld, why, and what somebody could work out from the rest."),
        (Crumb(gettext("Publications"), reverse("publications")), Crumb(title(vintage))),
        state(vintage),
        (
            Meta("calendar-blank", gettext("Appears %(moment)s") % {"moment": words.moment(vintage.publish_at)}),
            Meta("clock", gettext("Counts until %(moment)s") % {"moment": words.moment(vintage.as_of)}),
        ),
    )


def _facts(vintage: Vintage) -> Iterator[Fact]:
    yield Fact(gettext("Drafted by"), vintage.drafter_name, words.moment(vintage.drafted_at))
    if vintage.approved_at is not None:
        yield Fact(gettext("Approved by"), vintage.approver_name, words.moment(vintage.approved_at))
    yield Fact(gettext("Figures are"), gettext("provisional") if vintage.is_provisional else gettext("final"))
    if vintage.published_at is not None:
        yield Fact(gettext("Entry of the public log"), words.count(vintage.entry_id or 0))
    if vintage.manifest_sha256:
        yield Fact(gettext("SHA-256 of the manifest"), vintage.manifest_sha256, monospace=True)


def _told(vintage: Vintage) -> Iterator[Notice]:
    if vintage.failure:
        yield Notice("error", gettext("No pattern protects these tables. Coarsen a table, or wait for more filings."))
    if vintage.state == State.WITHDRAWN:
        yield Notice("warning", getattr(vintage, f"notice_{language()}"))


def _forms(vintage: Vintage, actor: Actor) -> Iterator[ActForm]:
    approves = Permission.RELEASE_APPROVE.value in actor.permissions
    is_clean = vintage.state == State.ATTACKED and vintage.verdict == Verdict.CLEAN
    if approves and is_clean and vintage.drafted_by != actor.id:
        yield ActForm(
            "approve",
            gettext("Approve"),
            gettext("It appears at the announced moment, with the files below and no others."),
            gettext("Approve"),
            "check",
            is_main=True,
        )
    if vintage.state in UNDER_WAY:
        text = gettext("It will not appear. A new draft takes its number.")
        yield ActForm("drop", gettext("Drop"), text, gettext("Drop"), "x")
    if approves and vintage.state == State.PUBLISHED:
        fields = tuple(
            Field(f"notice_{code}", name, "area", rows=2, limit=vintages.LONGEST_NOTICE, required=True)
            for code, name in NOTICES
        )
        text = gettext("It stays listed and readable, marked with a notice in three languages.")
        yield ActForm("withdraw", gettext("Withdraw"), text, gettext("Withdraw"), "arrow-u-up-left", fields)


def reasons() -> Mapping[str, str]:
    """Why a cell is withheld, in words."""
    return {
        "few": gettext("too few holdings"),
        "concentrated": gettext("one holding could be told"),
        "changed": gettext("changed by too few holdings"),
        "others": gettext("protects other cells"),
        "before": gettext("withheld before"),
    }


def _table(review: Mapping[str, Any]) -> TableReviewed:
    rule = next((each for each in definitions.tables() if each.id == review["table"]), None)
    told = reasons()
    withheld = sum(review["withheld"].values())
    labels = definitions.measures()
    notes = []
    if review["is_coarser"]:
        notes.append(gettext("The finest codes are left out: too many of their cells were to be withheld."))
    if not review["is_admitted"]:
        notes.append(gettext("More is withheld than the limit of admission allows: consider dropping the release."))
    return TableReviewed(
        title=rule.title[language()] if rule else review["table"],
        cells=words.count(review["cells"]),
        filled=words.count(review["filled"]),
        withheld=words.count(withheld),
        reasons=tuple(Reason(told[code], words.count(count)) for code, count in review["withheld"].items()),
        lost=tuple(Fact(labels[name].label[language()], f"{share} %") for name, share in review["lost"].items()),
        notes=tuple(notes),
        listed=tuple(WithheldCell(" · ".join(key), told[code]) for key, code in review["reasons"][:LISTED]),
    )


def _attack(report: Mapping[str, Mapping[str, Any]]) -> Iterator[FoundLine]:
    for subject, found in report.items():
        yield FoundLine(subject, verdict(found["verdict"]), json.dumps(found, ensure_ascii=False, indent=1))


def _corrections(content: bytes) -> Iterator[CorrectionLine]:
    for each in json.loads(content)["corrections"][:CORRECTED]:
        cell = " · ".join((each["table"], *each["key"].values(), each["measure"]))
        versions = ngettext("%(count)s version", "%(count)s versions", each["versions"]) % {"count": each["versions"]}
        yield CorrectionLine(cell, each["before"] or words.WITHHELD, each["after"] or words.WITHHELD, versions)
