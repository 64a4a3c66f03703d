"""Missing filers: models publicly reported above the threshold that no filing answers, and the AI Office's verdicts."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext

from registry.accounts.policy import Permission
from registry.acting import Audience
from registry.errors import Invalid
from registry.portal.page import Page, said
from registry.portal.presentation import words
from registry.portal.presentation.marks import Crumb, Heading, Label, Option, Tone
from registry.screening import missing_actions
from registry.screening.missing import Likeness, Verdict
from registry.screening.missing_actions import LONGEST_REASON, Missing

_UNION = frozenset({Audience.AI_OFFICE})
MOST_SHOWN = 200
MOST_CANDIDATES = 5


@dataclass(frozen=True)
class Candidate:
    """A filing that comes near."""

    reference: str
    href: str


@dataclass(frozen=True)
class Row:
    """One report. `reviewed` tells the newest verdict in words, empty where there is none."""

    number: int
    model: str
    makers: str
    countries: str
    observed_on: str
    flop: str
    confidence: str
    source: str
    likeness: Label
    candidates: tuple[Candidate, ...]
    reviewed: str
    href: str


@dataclass(frozen=True)
class ListPage:
    """The list; `total` may be more than is shown."""

    heading: Heading
    rows: tuple[Row, ...]
    total: int
    verdicts: tuple[Option, ...]
    longest: int


class MissingFilers(Page):
    """All reports above the threshold that nothing answers, most compute first."""

    permission = Permission.OBSERVATION_REVIEW
    audiences = _UNION

    def get(self, request: HttpRequest) -> HttpResponse:
        """The list, with a form for each."""
        del request
        with self.reading() as actor:
            found = missing_actions.missing_filers(by=actor, at=self.now)
            rows = tuple(_row(each) for each in found[:MOST_SHOWN])
        heading = Heading(
            gettext("Missing filers"),
            gettext("Models publicly reported above 10²⁵ FLOP for which the register knows no filing."),
            (Crumb(gettext("Oversight"), reverse("overview")), Crumb(gettext("Missing filers"))),
        )
        options = tuple(Option(each.value, _verdict(each)) for each in Verdict)
        return self.shown("oversight/missing.html", ListPage(heading, rows, len(found), options, LONGEST_REASON))


class Review(Page):
    """A person's verdict on one report."""

    permission = Permission.OBSERVATION_REVIEW
    audiences = _UNION

    def post(self, request: HttpRequest, observation: int) -> HttpResponse:
        """Keep it, then back to the list."""
        form = request.POST
        try:
            verdict = Verdict(form.get("verdict", ""))
        except ValueError:
            messages.error(request, gettext("Choose a verdict."))
            return redirect("missing-filers")
        try:
            with self.writing() as actor:
                missing_actions.review(
                    observation=observation,
                    verdict=verdict,
                    reason=form.get("reason", ""),
                    reference=form.get("reference", "").strip().upper(),
                    by=actor,
                    at=self.now,
                )
        except Invalid as refused:
            messages.error(request, " ".join(said(refused)))
        else:
            messages.success(request, gettext("Your verdict is kept."))
        return redirect("missing-filers")


def _row(found: Missing) -> Row:
    seen, near, review = found.observation, found.unmatched, found.review
    return Row(
        number=seen.pk,
        model=seen.name,
        makers=seen.organisation_name,
        countries=seen.countries,
        observed_on=seen.observed_on.isoformat() if seen.observed_on else "",
        flop=words.flop(near.reported.training_compute_flop, digits=2),
        confidence=seen.confidence,
        source=seen.attribution,
        likeness=_likeness(near.likeness),
        candidates=tuple(
            Candidate(each, reverse("oversight-filings-one", args=[each])) for each in near.candidates[:MOST_CANDIDATES]
        ),
        reviewed=f"{_verdict(Verdict(review.verdict))}: {review.reason} ({review.actor_name})" if review else "",
        href=reverse("missing-filers-review", args=[seen.pk]),
    )


def _likeness(likeness: Likeness) -> Label:
    told = {
        Likeness.MODEL: Label(gettext("Same model, another maker"), Tone.WAITING, "question"),
        Likeness.MAKER: Label(gettext("Same maker, another model"), Tone.REVIEW, "question"),
        Likeness.NONE: Label(gettext("Nothing comes near"), Tone.PLAIN, "x"),
    }
    return told[likeness]


def _verdict(verdict: Verdict) -> str:
    told = {
        Verdict.MISSING: gettext("A filing is missing"),
        Verdict.FILED: gettext("It is filed"),
        Verdict.NOT_COVERED: gettext("The law does not cover it"),
    }
    return told[verdict]
