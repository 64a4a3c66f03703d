"""An application as a page: the same for its applicant and for the authority, less what only one may see."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.translation import gettext

from registry.onboarding import decisions, lifecycle
from registry.onboarding.lifecycle import Owner, Status
from registry.onboarding.models import Application, Observation, Step
from registry.portal import particulars_form
from registry.portal.page import language
from registry.portal.presentation import words
from registry.portal.presentation.filing import Decision, Exchange
from registry.portal.presentation.marks import (
    ClockCard,
    Crumb,
    Field,
    Happening,
    Heading,
    Label,
    Meta,
    Option,
    Pace,
    Tone,
)
from registry.portal.presentation.onboarding import ApplicationPage

LONGEST = decisions.LONGEST_REASON
_LOOKS = {
    Status.UNCONFIRMED: (Tone.WAITING, "envelope-simple"),
    Status.SUBMITTED: (Tone.NEW, "bell"),
    Status.IN_REVIEW: (Tone.REVIEW, "magnifying-glass"),
    Status.ASKED: (Tone.WAITING, "question"),
    Status.HEARING: (Tone.WAITING, "gavel"),
    Status.APPROVED: (Tone.DONE, "check-circle"),
    Status.ENROLLED: (Tone.DONE, "seal-check"),
    Status.REFUSED: (Tone.ALERT, "x-circle"),
    Status.WITHDRAWN: (Tone.PLAIN, "prohibit"),
}
_ICONS = {
    "confirm": "envelope-simple",
    "review": "user-plus",
    "ask": "question",
    "answer": "arrow-bend-up-left",
    "hear": "gavel",
    "refuse": "x-circle",
    "approve": "check-circle",
    "enrol": "seal-check",
    "withdraw": "prohibit",
}


def status(code: str) -> Label:
    """An application's status."""
    tone, icon = _LOOKS[Status(code)]
    return Label(lifecycle.status_text(code, language()).name, tone, icon)


def for_applicant(application: Application, steps: Sequence[Step], *, at: datetime, route: str) -> ApplicationPage:
    """The page of the secret link. `route` is its address, below which the steps stand. No officer is named."""
    text = lifecycle.status_text(application.status, language())
    buttons = tuple(
        _plain_decision(step.verb, f"{route}{step.verb}/", main=step.verb == "confirm")
        for step in lifecycle.allowed(application.status)
        if step.who is Owner.APPLICANT and step.verb != "answer"
    )
    return ApplicationPage(
        Heading(
            gettext("Application %(reference)s") % {"reference": application.reference},
            text.sentence,
            (Crumb(gettext("Home"), reverse("home")), Crumb(gettext("Register an organisation"))),
            status(application.status),
        ),
        particulars_form.sections(application.content),
        _exchanges(application, steps, f"{route}answer/"),
        buttons,
        _history(steps, named=False),
    )


def for_authority(
    application: Application,
    steps: Sequence[Step],
    observations: Sequence[Observation],
    *,
    at: datetime,
    may_refuse: bool,
    is_blocked: bool,
) -> ApplicationPage:
    """The authority's page: with what the register noticed, its clock, and the decisions that are possible now."""
    name = application.content["legal_name"]
    return ApplicationPage(
        Heading(
            application.reference,
            name,
            (
                Crumb(gettext("Oversight"), reverse("overview")),
                Crumb(gettext("Applications"), reverse("oversight-applications")),
                Crumb(application.reference),
            ),
            status(application.status),
            (Meta("calendar-blank", gettext("Handed in %(day)s") % {"day": words.moment(_handed_in(application))}),),
        ),
        particulars_form.sections(application.content),
        _exchanges(application, steps, ""),
        tuple(_decisions(application, may_refuse=may_refuse, is_blocked=is_blocked)),
        _history(steps, named=True),
        clock=_clock(steps, at) if Status(application.status) in lifecycle.OPEN_FOR_AUTHORITY else None,
        observations=tuple((lifecycle.observation_text(o.code, language()), o.detail) for o in observations),
        observations_shown=True,
    )


def worked(steps: Sequence[Step], at: datetime) -> timedelta:
    """How long the authority's clock has run."""
    return lifecycle.worked([(Status(step.target), step.at) for step in steps], at=at)


def _handed_in(application: Application) -> datetime:
    return application.submitted_at or application.created_at


def _clock(steps: Sequence[Step], at: datetime) -> ClockCard:
    used, aim = worked(steps, at), lifecycle.periods().decide
    stands = steps[-1].target in {Status.ASKED, Status.HEARING}
    told = gettext("Aim: a decision within %(days)s days of the authority’s own time.") % {"days": aim.days}
    if stands:
        return ClockCard(Pace.STOPPED, gettext("The clock stands still: it is the applicant’s turn"), told)
    if used > aim:
        late = gettext("%(time)s over the aim") % {"time": words.in_words(used - aim)}
        return ClockCard(Pace.LATE, late, told)
    left = gettext("%(time)s left of the aim") % {"time": words.in_words(aim - used)}
    return ClockCard(Pace.RUNNING, left, told)


def _exchanges(application: Application, steps: Sequence[Step], answer_href: str) -> tuple[Exchange, ...]:
    """Questions and announcements, newest first; the open one with its form where `answer_href` is given."""
    authority = gettext("The authority")
    found: list[Exchange] = []
    for step in steps:
        if step.verb in {"ask", "hear"}:
            about = (
                particulars_form.label(step.pointer)
                if step.pointer
                else lifecycle.refusal_reasons(language())[step.code]
            )
            found.append(Exchange(authority, step.at, f"{about}: {step.reason}"))
        elif step.verb == "answer" and found:
            asked = found.pop()
            made = gettext("%(answer)s (changed to: %(value)s)") if step.changed_to else "%(answer)s"
            answer = made % {"answer": step.reason, "value": step.changed_to}
            found.append(Exchange(authority, asked.asked_at, asked.question, answer=answer, answered_at=step.at))
    is_open = application.status in {Status.ASKED, Status.HEARING}
    if found and is_open and answer_href:
        asked, last = found.pop(), steps[-1]
        fields = [Field("reason", gettext("Your answer"), "area", required=True, limit=LONGEST)]
        if last.pointer:
            values = particulars_form.values_of(application.content)
            text = gettext("Corrected: %(field)s") % {"field": particulars_form.label(last.pointer)}
            fields.append(Field("value", text, value=values.get(last.pointer, "")))
        due = words.moment(application.heard_until) if application.heard_until and not last.pointer else ""
        due = gettext("until %(moment)s") % {"moment": due} if due else ""
        found.append(
            Exchange(
                authority, asked.asked_at, asked.question, due, answer_href=answer_href, answer_fields=tuple(fields)
            )
        )
    return tuple(reversed(found))


def _history(steps: Sequence[Step], *, named: bool) -> tuple[Happening, ...]:
    newest = steps[-1].id if steps else None
    return tuple(
        Happening(
            _ICONS[step.verb],
            lifecycle.status_text(step.target, language()).name
            if step.verb != "answer"
            else lifecycle.verb_text(step.verb, language()).name,
            step.at,
            _detail(step),
            step.actor_name if named else "",
            "current" if step.id == newest else "",
        )
        for step in reversed(steps)
    )


def _detail(step: Step) -> str:
    if step.code and step.verb == "refuse":
        return f"{lifecycle.refusal_reasons(language())[step.code]} {step.reason}"
    return ""


def _plain_decision(verb: str, href: str, *, main: bool) -> Decision:
    text = lifecycle.verb_text(verb, language())
    return Decision(verb, text.name, text.sentence, href, _ICONS[verb], main=main)


def _decisions(application: Application, *, may_refuse: bool, is_blocked: bool) -> list[Decision]:
    """What the authority can do now. Approving is not offered where the identifier is registered already."""
    made = []
    revision = Field("revision", "", "hidden", str(application.revision))
    for step in lifecycle.allowed(application.status):
        if step.who is not Owner.AUTHORITY or (step.verb == "refuse" and not may_refuse):
            continue
        if step.verb == "approve" and is_blocked:
            continue
        text = lifecycle.verb_text(step.verb, language())
        made.append(
            Decision(
                step.verb,
                text.name,
                text.sentence,
                reverse("oversight-applications-step", args=[application.reference, step.verb]),
                _ICONS[step.verb],
                (*_fields(step.verb, application), revision),
                decisions.receives(step.verb, application.language),
                main=step.verb in {"approve", "review"},
                open=step.verb == "review",
            )
        )
    return sorted(made, key=lambda each: not each.main)


def _fields(verb: str, application: Application) -> tuple[Field, ...]:
    reason = Field(
        "reason",
        gettext("Question") if verb == "ask" else gettext("Reason"),
        "area",
        help=gettext("The applicant reads this word by word."),
        required=True,
        limit=LONGEST,
    )
    if verb == "ask":
        known = tuple(Option(each, particulars_form.label(each)) for each in decisions.questionable(application))
        return (Field("pointer", gettext("About"), "select", options=known, required=True), reason)
    if verb in {"hear", "refuse"}:
        coded = tuple(Option(code, text) for code, text in lifecycle.refusal_reasons(language()).items())
        return (Field("code", gettext("Ground"), "select", options=coded, required=True), reason)
    return ()
