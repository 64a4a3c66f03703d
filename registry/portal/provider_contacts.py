"""Who answers for a provider, and what it was asked and has not answered: two parts of its page."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext

from registry.acting import Actor
from registry.filings.models import Transition
from registry.filings.working_days import day_of
from registry.organisations import mandates
from registry.organisations.models import Mandate, Organisation
from registry.oversight import provider_queries
from registry.portal.page import language
from registry.portal.presentation import words
from registry.portal.presentation.marks import Fact, Label, Tone
from registry.portal.presentation.providers import Line, ShortList

LONGEST: Final = 160  # of a question in the list; the whole stands on the page of the filing
_SECOND: Final = timedelta(seconds=1)  # a mandate ends at midnight: its last day is the one before


def contacts(found: Organisation, by: Actor, *, at: datetime) -> tuple[Fact, ...]:
    """Who answers for it, as it stated: contact, administrators, representative, agents; and who did so last."""
    stated = provider_queries.statement_of(found, by)
    return (
        *(_stated(stated.content) if stated else ()),
        *(_agent(each, at) for each in provider_queries.mandates_of(found, by, at=at)),
        *_last(provider_queries.spoken_last(found, by)),
    )


def _stated(content: Mapping[str, Any]) -> Iterator[Fact]:
    contact, representative = content["contact"], content["representative"]
    if contact["email"]:
        spoken = {"language": words.locale().languages.get(contact["language"], contact["language"])}
        yield _person(gettext("Contact"), contact, gettext("in %(language)s") % spoken)
    for each in content["administrators"]:
        yield _person(gettext("Administrator"), each)
    if representative:
        yield _person(gettext("Authorised representative"), representative, words.country(representative["country"]))


def _person(term: str, person: Mapping[str, Any], more: str = "") -> Fact:
    told = ", ".join(part for part in (person["email"], more) if part)
    return Fact(term, person["name"] or person["email"], told, f"mailto:{person['email']}")


def _agent(mandate: Mandate, at: datetime) -> Fact:
    """An agent with how its mandate stands, until when, and what it may do."""
    state = mandates.state_text(mandates.state_at(mandate.terms, at), language())
    until = gettext("until %(day)s") % {"day": words.short_day(day_of(mandate.ends_at - _SECOND))}
    scopes = "; ".join(mandates.scope_text(code, language()) for code in mandate.scopes)
    return Fact(gettext("Acts for it"), mandate.agent_name or mandate.agent_lei, f"{state}, {until}: {scopes}")


def _last(step: Transition | None) -> Iterator[Fact]:
    if step is not None and step.actor_name:
        href = reverse("oversight-filings-one", args=[step.filing.reference])
        yield Fact(gettext("Filed or answered last"), step.actor_name, words.short_moment(step.at), href)


def questions(asked: Iterable[Transition], *, at: datetime) -> ShortList:
    """What authorities asked about its filings and it has not answered, each with its page."""
    return ShortList(
        "questions",
        gettext("Questions it has not answered"),
        "question",
        (gettext("Filing"), gettext("Question"), gettext("Asked"), gettext("Answer")),
        tuple(_question(each, at) for each in asked),
        gettext("No question waits for its answer."),
    )


def _question(step: Transition, at: datetime) -> Line:
    href = f"{reverse('oversight-filings-one', args=[step.filing.reference])}#questions"
    text = Truncator(step.reason).chars(LONGEST)
    asked = f"{words.short_moment(step.at)}, {step.actor_name}"
    return Line(step.filing.reference, href, (text, asked), _due(step, at), sub=step.filing.run_id)


def _due(step: Transition, at: datetime) -> Label:
    """Until when an answer is asked for; no day may be named."""
    if step.answer_by is None:
        return Label(gettext("no day named"), Tone.PLAIN)
    told = {"moment": words.short_moment(step.answer_by)}
    if step.answer_by < at:
        return Label(gettext("overdue since %(moment)s") % told, Tone.ALERT, "warning-octagon")
    return Label(gettext("by %(moment)s") % told, Tone.WAITING, "hourglass-medium")
