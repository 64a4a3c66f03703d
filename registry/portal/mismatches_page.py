"""Mismatches: each side's own view with its answer, and the list for the authority, which states a purpose first."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext

from registry.accounts.policy import Permission
from registry.acting import Actor
from registry.compute import catalogue
from registry.errors import Invalid, NotPossible
from registry.portal import purpose
from registry.portal.page import PROVIDERS, REGULATORS, Page, language, said
from registry.portal.paging import part
from registry.portal.presentation import words
from registry.portal.presentation.filing import Decision
from registry.portal.presentation.marks import Crumb, Fact, Field, Heading, Label, Link, Option, Pager, Tone
from registry.portal.step_forms import LONGEST_REASON
from registry.screening import mismatches
from registry.screening.models import MatchRate, Mismatch, MismatchAnswer


@dataclass(frozen=True)
class Row:
    """One mismatch in a list."""

    reference: str
    href: str
    who: str
    place: str
    days: str
    hours: str
    other: str
    state: Label
    answer: str


@dataclass(frozen=True)
class ListPage:
    """A list of mismatches; `rate` says how a provider's uses fared."""

    heading: Heading
    rows: tuple[Row, ...]
    rate: str
    has_who: bool
    pager: Pager | None


@dataclass(frozen=True)
class OnePage:
    """One mismatch with its answers and the form for another."""

    heading: Heading
    sentence: str
    facts: tuple[Fact, ...]
    answers: tuple[Fact, ...]
    decisions: tuple[Decision, ...]


class OwnMismatches(Page):
    """The organisation's own mismatches."""

    permission = Permission.MISMATCH_READ
    audiences = PROVIDERS

    def get(self, request: HttpRequest) -> HttpResponse:
        """The list, newest first."""
        heading = Heading(
            gettext("Mismatches"),
            gettext("Where what your organisation filed or reported does not agree with what another side says."),
            (Crumb(gettext("My filings"), reverse("workspace")), Crumb(gettext("Mismatches"))),
        )
        with self.reading() as actor:
            shown = part(request, mismatches.listed(actor))
            page = ListPage(
                heading, tuple(_rows(shown.rows, actor)), _rate(mismatches.match_rate(actor)), False, shown.pager
            )
        return self.shown("workspace/mismatches.html", page)


class OwnMismatch(Page):
    """One mismatch of the organisation."""

    permission = Permission.MISMATCH_READ
    audiences = PROVIDERS

    def get(self, request: HttpRequest, mismatch: str) -> HttpResponse:
        """What the organisation said, that another side does not agree, and the form to answer."""
        with self.reading() as actor:
            row = mismatches.found(mismatch, actor)
            page = OnePage(
                heading=_heading(row),
                sentence=mismatches.sentence(row, language()),
                facts=_facts(row),
                answers=tuple(_answer(each) for each in _answers(row, actor)),
                decisions=_decisions(row, actor),
            )
        return self.shown("workspace/mismatch.html", page)


class Answer(Page):
    """Answer a mismatch."""

    permission = Permission.MISMATCH_ANSWER
    audiences = PROVIDERS

    def post(self, request: HttpRequest, mismatch: str) -> HttpResponse:
        """Record it, or say why not; either way back to the mismatch."""
        try:
            with self.writing() as actor:
                mismatches.answer(
                    reference=mismatch,
                    reason_code=request.POST.get("reason_code", ""),
                    reason=request.POST.get("reason", "").strip()[:LONGEST_REASON],
                    by=actor,
                    at=self.now,
                )
        except (NotPossible, Invalid) as refused:
            messages.error(request, " ".join(said(refused)))
        else:
            messages.success(request, gettext("Answered. The authority reads it beside the other side’s words."))
        return HttpResponseRedirect(reverse("workspace-mismatches-one", args=[mismatch]))


class Mismatches(Page):
    """The mismatches of the authority's territory, every side by itself."""

    permission = Permission.MISMATCH_READ
    audiences = REGULATORS

    def get(self, request: HttpRequest) -> HttpResponse:
        """The list, once a purpose is stated."""
        if purpose.known(request) is None:
            return purpose.asked(request)
        links = (
            (Link(gettext("Positions"), reverse("oversight-positions"), "chart-line-up"),)
            if Permission.POSITION_READ in self.actor.permissions
            else ()
        )
        heading = Heading(
            gettext("Mismatches"),
            gettext("Where filings and returns do not agree, with what each side answers."),
            (Crumb(gettext("Oversight"), reverse("overview")), Crumb(gettext("Mismatches"))),
            links=links,
        )
        with self.reading() as actor:
            shown = part(request, mismatches.listed(actor).select_related("organisation").only(*_WITH_NAME))
            page = ListPage(heading, tuple(_rows(shown.rows, actor, has_who=True)), "", True, shown.pager)
        return self.shown("workspace/mismatches.html", page)


_WITH_NAME = (*mismatches.OWN_COLUMNS, "organisation__legal_name")


def _rows(shown: Sequence[Mismatch], actor: Actor, *, has_who: bool = False) -> Iterable[Row]:
    rows = [row.pk for row in shown]
    stored = MismatchAnswer.objects.visible_to(actor).filter(mismatch__in=rows).order_by("at", "id")
    answers = {each.mismatch_id: each for each in stored}
    for row in shown:
        given = answers.get(row.pk)
        yield Row(
            reference=row.reference,
            href="" if has_who else reverse("workspace-mismatches-one", args=[row.reference]),
            who=row.organisation.legal_name if has_who else "",
            place=_place(row),
            days=f"{words.short_day(row.starts_on)} – {words.short_day(row.ends_on)}",
            hours=_hours(row),
            other=mismatches.sentence(row, language()),
            state=_state(row),
            answer=f"{_reason(given.reason_code)}: {given.reason}" if given else "",
        )


def _answers(row: Mismatch, actor: Actor) -> Iterable[MismatchAnswer]:
    return MismatchAnswer.objects.visible_to(actor).filter(mismatch_id=row.pk).order_by("-at", "-id")


def _answer(given: MismatchAnswer) -> Fact:
    return Fact(f"{words.moment(given.at)}, {given.actor_name}", _reason(given.reason_code), note=given.reason)


def _reason(code: str) -> str:
    known = mismatches.reasons().get(code)
    return known[language()] if known else code


def _state(row: Mismatch) -> Label:
    return {
        Mismatch.Status.OPEN: Label(gettext("Open"), Tone.WAITING, "hourglass-medium"),
        Mismatch.Status.ANSWERED: Label(gettext("Answered"), Tone.REVIEW, "check-circle"),
        Mismatch.Status.CLOSED: Label(gettext("Closed"), Tone.DONE, "check-circle"),
    }[Mismatch.Status(row.status)]


def _hours(row: Mismatch) -> str:
    return words.count(Decimal(str(row.own_hours)).quantize(Decimal(1)))


def _place(row: Mismatch) -> str:
    part_ = catalogue.catalogue().get(row.accelerator)
    known = (row.facility_name, part_.name if part_ else row.accelerator)
    return ", ".join(each for each in known if each) or gettext("no facility named")


def _heading(row: Mismatch) -> Heading:
    crumbs = (
        Crumb(gettext("My filings"), reverse("workspace")),
        Crumb(gettext("Mismatches"), reverse("workspace-mismatches")),
        Crumb(row.reference),
    )
    return Heading(row.reference, mismatches.sentence(row, language()), crumbs, label=_state(row))


def _facts(row: Mismatch) -> tuple[Fact, ...]:
    told = [Fact(gettext("Place"), _place(row))]
    if row.customer_name:
        told.append(Fact(gettext("Customer"), row.customer_name))
    told += [
        Fact(gettext("Days"), f"{words.day(row.starts_on)} – {words.day(row.ends_on)}"),
        Fact(gettext("Accelerator-hours that you state"), _hours(row)),
        Fact(gettext("Tolerance"), f"{row.tolerance_percent} %"),
        Fact(gettext("Found"), words.moment(row.found_at)),
    ]
    return tuple(told)


def _decisions(row: Mismatch, actor: Actor) -> tuple[Decision, ...]:
    if row.status == Mismatch.Status.CLOSED or Permission.MISMATCH_ANSWER not in actor.permissions:
        return ()
    options = tuple(Option(code, texts[language()]) for code, texts in mismatches.reasons().items())
    return (
        Decision(
            "answer",
            gettext("Answer"),
            gettext("Say why, in a code and a sentence. The authority reads it; the other side does not."),
            reverse("workspace-mismatches-answer", args=[row.reference]),
            "paper-plane-tilt",
            (
                Field("reason_code", gettext("Reason"), kind="select", options=options, required=True),
                Field("reason", gettext("In a sentence or two"), kind="area", required=True, limit=LONGEST_REASON),
            ),
            main=True,
            open=True,
        ),
    )


def _rate(rate: MatchRate | None) -> str:
    if rate is None or rate.matched_share is None:
        return ""
    share = words.share(rate.matched_share)
    return gettext("%(share)s of the training hours that you report are matched by filings.") % {"share": share}
