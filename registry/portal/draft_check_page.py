"""Check your answers: all of them, what the checks say, the compute, the declaration; then the receipt."""

from collections.abc import Mapping
from typing import Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext

from registry.accounts.policy import Permission
from registry.errors import DomainError, NotFound, Stale
from registry.filings import drafts, duty_lists
from registry.filings.assessment import Assessment
from registry.filings.checks import engine
from registry.filings.checks.catalogue import every_check, reasons
from registry.filings.checks.engine import Acknowledgement, Answer
from registry.filings.drafts import Draft
from registry.filings.models import Filing, Kind, Version
from registry.ledger import models as ledger
from registry.portal import calculator, document_view, duty_marks, filing_form, labels
from registry.portal.draft_pages import REFUSED, REVISION, crumbs, heading, number, posted
from registry.portal.page import PROVIDERS, Page, language, said
from registry.portal.presentation import words
from registry.portal.presentation.drafts import AnswersOf, CheckPage, FiledPage, Remark
from registry.portal.presentation.filing import CheckRow
from registry.portal.presentation.marks import Crumb, Fact, Field, Heading, Label, Link, Notice, Option, Tone

P = Permission
BECAUSE: Final = "because"
SENTENCE: Final = "sentence"
SIGNED: Final = ("name", "capacity", "place")
AGREED: Final = "agreed"
KEEP: Final = "keep"
_LONGEST: Final = 500
_LONGEST_POINTER: Final = 200
_MOST: Final = 200


class Check(Page):
    """All answers of what is being written, and the declaration with which it is submitted."""

    permission = P.FILING_DRAFT
    audiences = PROVIDERS

    def get(self, request: HttpRequest, reference: str) -> HttpResponse:
        """The page; the signatory as signed before, else the person who looks."""
        with self.reading() as actor:
            draft = drafts.draft_of(reference, by=actor)
        signed = draft.content.get("signature") or {}
        values = {name: str(signed.get(name, "")) for name in SIGNED}
        values["name"] = values["name"] or self.actor.name
        for each in draft.acknowledgements:
            of = f"{each.code}:{each.pointer}"
            values |= {f"{BECAUSE}:{of}": each.reason_code, f"{SENTENCE}:{of}": each.sentence}
        return self._page(reference, {**values, REVISION: str(draft.revision)})

    def post(self, request: HttpRequest, reference: str) -> HttpResponse:
        """Submit, or say what stands in the way; what was written here stays, the reasons with the draft."""
        values = posted(request)
        with self.writing() as actor:
            drafts.keep_acknowledgements(reference=reference, acknowledgements=_acknowledgements(values), by=actor)
        if values.get("then") == KEEP:
            messages.success(request, gettext("Your reasons are kept with the draft."))
            return redirect("workspace-filings-draft", reference=reference)
        if not values.get(AGREED):
            told = gettext("Confirm the declaration before you submit.")
            return self._page(reference, values, (told,), {AGREED: told})
        try:
            with self.writing() as actor:
                filing = drafts.hand_in(
                    reference=reference,
                    signature=self._signature(values),
                    revision=number(values.get(REVISION, "")),
                    acknowledgements=_acknowledgements(values),
                    by=actor,
                    at=self.now,
                    language=language(),
                )
        except REFUSED as refused:
            return self._refused(reference, values, refused)
        messages.success(request, gettext("Submitted: %(reference)s") % {"reference": reference})
        return redirect("workspace-filings-filed", reference=reference, number=filing.number)

    def _signature(self, values: Mapping[str, str]) -> dict[str, object]:
        stated = {name: text for name in SIGNED if (text := values.get(name, "").strip())}
        return {**stated, "signed_at": self.now.replace(microsecond=0).isoformat(), "warning_acknowledged": True}

    def _refused(self, reference: str, values: dict[str, str], refused: DomainError) -> HttpResponse:
        wrong = {
            each.pointer.removeprefix("/signature/"): each.sentence
            for each in refused.obstacles
            if each.pointer.startswith("/signature/")
        }
        why: tuple[str, ...] = said(refused)[:2]
        if isinstance(refused, Stale):
            why = (
                gettext("The draft or the filing changed since you opened this page; nothing of yours is lost."),
                gettext("Look at the answers below once more, then submit again."),
            )
            with self.reading() as actor:
                values[REVISION] = str(drafts.draft_of(reference, by=actor).revision)
        return self._page(reference, values, why, wrong, is_refused=True)

    def _page(
        self,
        reference: str,
        values: Mapping[str, str],
        why: tuple[str, ...] = (),
        wrong: Mapping[str, str] | None = None,
        *,
        is_refused: bool = False,
    ) -> HttpResponse:
        with self.reading() as actor:
            draft = drafts.draft_of(reference, by=actor)
            assessed = drafts.examined(draft, by=actor, at=self.now, language=language())
        unsigned = [each for each in assessed.answers if not each.pointer.startswith("/signature")]
        seen: set[tuple[str, str]] = set()
        remarks = [_remark(reference, each, values, seen, is_refused=is_refused) for each in unsigned]
        by_severity = {
            severity: tuple(remark for remark, each in zip(remarks, unsigned, strict=True) if each.severity == severity)
            for severity in ("error", "warning", "note")
        }
        can_submit = not by_severity["error"] and not draft.is_overtaken
        page = CheckPage(
            heading=heading(draft, gettext("Check your answers")),
            topics=tuple(_answers(draft, topic) for topic in filing_form.TOPICS if _is_shown(draft, topic, assessed)),
            errors=by_severity["error"],
            warnings=by_severity["warning"],
            notes=by_severity["note"],
            declaration=_declaration(values, wrong or {}),
            hidden=(Field(REVISION, "", "hidden", values.get(REVISION, "")),),
            action=self.request.get_full_path(),
            button=gettext("Declare and submit"),
            can_submit=can_submit,
            calculator=calculator.of(assessed.estimates, on=self.now.date()),
            notices=_notices(draft, why),
        )
        return self.shown("workspace/check.html", page)


class Filed(Page):
    """The receipt of a version."""

    permission = P.FILING_READ
    audiences = PROVIDERS

    def get(self, request: HttpRequest, reference: str, number: int) -> HttpResponse:
        """What was filed when, by which proof, and what follows by when."""
        restricted = tuple(f"entry__{name}" for name in ledger.RESTRICTED)
        with self.reading() as actor:
            filing = Filing.objects.visible_to(actor).filter(reference=reference).first()
            versions = filing.versions.select_related("entry").defer(*restricted) if filing else Version.objects.none()
            version = versions.filter(number=number).first()
            due = tuple(duty_lists.of_filing(filing)) if filing else ()
        if filing is None or version is None:
            raise NotFound
        kind = labels.kind(version.kind)
        page = FiledPage(
            heading=Heading(
                gettext("Filed: %(reference)s") % {"reference": reference},
                gettext("%(kind)s, version %(number)s. Keep the receipt beside the document: it proves what was filed.")
                % {"kind": kind, "number": number},
                (*crumbs(reference), Crumb(gettext("Receipt"))),
                Label(gettext("In the log"), Tone.DONE, "seal-check"),
            ),
            facts=(
                Fact(gettext("Reference"), reference),
                Fact(gettext("Received"), words.moment(version.submitted_at)),
                Fact(gettext("Entry of the public log"), words.count(version.entry_id)),
                Fact(gettext("SHA-256 of this version"), bytes(version.digest).hex(), monospace=True),
            ),
            receipt=Link(
                gettext("Download the receipt"), reverse("workspace-filings-receipt", args=[reference, number])
            ),
            filing=Link(gettext("Go to the filing"), reverse("workspace-filings-one", args=[reference])),
            duties=tuple(
                Fact(row.text, row.due, row.state.text)
                for row in (duty_marks.row(each, self.now, is_provider=True) for each in due)
            ),
        )
        return self.shown("workspace/filed.html", page)


def _is_shown(draft: Draft, topic: str, assessed: Assessment) -> bool:
    return filing_form.state(draft.content, topic, assessed.answers) is not filing_form.State.NOT_NEEDED


def _answers(draft: Draft, topic: str) -> AnswersOf:
    stated = filing_form.part_of(draft.content, filing_form.TOPICS[topic])
    sections = tuple(section for chapter in document_view.chapters(stated) for section in chapter.sections)
    href = reverse("workspace-filings-draft-topic", args=[draft.filing.reference, topic])
    return AnswersOf(filing_form.title(topic), href, sections)


def _remark(
    reference: str, answer: Answer, values: Mapping[str, str], seen: set[tuple[str, str]], *, is_refused: bool
) -> Remark:
    """An answer with its way to be mended; one acknowledgement stands for all warnings of a code at a place."""
    sentence, remedy = engine.render(answer, language())
    topic = filing_form.topic_of(answer.pointer)
    check = CheckRow(
        answer.code,
        labels.severity(answer.severity),
        words.powers(sentence),
        words.powers(remedy),
        answer.pointer,
        every_check()[answer.code].source,
    )
    href = reverse("workspace-filings-draft-topic", args=[reference, topic]) if topic else ""
    is_asked = answer.severity == "warning" and (answer.code, answer.pointer) not in seen
    seen.add((answer.code, answer.pointer))
    fields = _acknowledging(answer, values, is_refused=is_refused) if is_asked else ()
    return Remark(check, filing_form.title(topic) if topic else "", href, fields)


def _acknowledging(answer: Answer, values: Mapping[str, str], *, is_refused: bool) -> tuple[Field, ...]:
    """The reason from the list and the sentence with which a warning is kept."""
    of = f"{answer.code}:{answer.pointer}"
    code, sentence = values.get(f"{BECAUSE}:{of}", ""), values.get(f"{SENTENCE}:{of}", "")
    given = Acknowledgement(answer.code, answer.pointer, code, sentence)
    error = ""
    if is_refused and not given.is_complete:
        error = gettext("Mend it, or choose a reason and write a sentence of at least %(shortest)s characters.")
        error %= {"shortest": engine.SHORTEST_SENTENCE}
    options = tuple(Option(each, reason.names[language()], each == code) for each, reason in reasons().items())
    return (
        Field(
            f"{BECAUSE}:{of}",
            gettext("Reason for keeping it"),
            "select",
            code,
            (Option("", "–", not code), *options),
            error=error,
            is_needed=True,
        ),
        Field(
            f"{SENTENCE}:{of}",
            gettext("In a sentence"),
            "area",
            sentence,
            is_needed=True,
            rows=2,
            limit=_LONGEST,
        ),
    )


def _acknowledgements(values: Mapping[str, str]) -> tuple[Acknowledgement, ...]:
    """Those that were begun, complete or not."""
    found = []
    for name, code in values.items():
        kind, _, of = name.partition(":")
        sentence = values.get(f"{SENTENCE}:{of}", "").strip()[:_LONGEST]
        check, _, pointer = of.partition(":")
        is_known = kind == BECAUSE and check in every_check() and len(pointer) <= _LONGEST_POINTER
        if is_known and (code or sentence):
            found.append(Acknowledgement(check, pointer, code if code in reasons() else "", sentence))
    return tuple(found[:_MOST])


def _declaration(values: Mapping[str, str], wrong: Mapping[str, str]) -> tuple[Field, ...]:
    """Who signs, in which capacity, and that the consequences are known (AI Act Art. 91(5), 101(1)(b))."""
    named = {
        "name": gettext("Name of the signatory"),
        "capacity": gettext("Capacity in which they sign"),
        "place": gettext("Place"),
    }
    texts = tuple(
        Field(name, text, value=values.get(name, ""), error=wrong.get(name, ""), required=name != "place", limit=200)
        for name, text in named.items()
    )
    told = gettext(
        "I declare that what is stated is correct and complete, and know that incorrect, incomplete or misleading "
        "information can be fined (AI Act Art. 91(5), 101(1)(b))."
    )
    return (*texts, Field(AGREED, told, "check", values.get(AGREED, ""), error=wrong.get(AGREED, ""), required=True))


def _notices(draft: Draft, why: tuple[str, ...]) -> tuple[Notice, ...]:
    made = [Notice("error", " ".join(why), gettext("Not submitted yet"))] if why else []
    if draft.is_overtaken:
        told = gettext("The filing changed since you began this version. Go on from the task list.")
        made.append(Notice("warning", told))
    if draft.kind is not Kind.NOTIFICATION:
        made.append(Notice("info", gettext("This becomes a new version; the ones before it stay as they are.")))
    return tuple(made)
