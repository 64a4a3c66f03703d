"""Questions about a filing and their answers: what an authority asks about, and where the provider mends it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext, ngettext

from registry.accounts.policy import Permission
from registry.acting import Actor, Audience
from registry.filings import lifecycle
from registry.filings.lifecycle import Status
from registry.filings.models import Filing, Transition
from registry.portal import document_view, filing_form, step_forms
from registry.portal.presentation import words
from registry.portal.presentation.filing import AskedField, Exchange

ASK, ANSWER = "ask", "answer"


def exchanges(
    filing: Filing, steps: Sequence[Transition], content: Mapping[str, Any], *, by: Actor, at: datetime
) -> tuple[Exchange, ...]:
    """Each question with the answer that followed it, newest first; the open one with its form, for who may answer."""
    pairs: list[tuple[Transition, Transition | None]] = []
    for step in steps:
        if step.verb == ASK:
            pairs.append((step, None))
        elif step.verb == ANSWER and pairs:
            pairs[-1] = (pairs[-1][0], step)
    return tuple(_exchange(filing, *pair, content, by=by, at=at) for pair in reversed(pairs))


def due(step: Transition, at: datetime, *, is_open: bool) -> str:
    """Until when an answer is asked for, and whether that is past; nothing where no day was named."""
    if step.answer_by is None:
        return ""
    told = gettext("answer by %(moment)s") % {"moment": words.moment(step.answer_by)}
    return f"{told}, {gettext('overdue')}" if is_open and step.answer_by < at else told


def fields(filing: Filing, pointers: Sequence[str], content: Mapping[str, Any], *, by: Actor) -> tuple[AskedField, ...]:
    """The fields asked about with what they say now; for who may amend, with the form that shows them."""
    stated = document_view.stated(content)
    return tuple(
        AskedField(
            document_view.path(pointer),
            stated.get(pointer) or _beneath(pointer, stated),
            _href(filing, pointer, by),
        )
        for pointer in pointers
    )


def _exchange(
    filing: Filing,
    asked: Transition,
    answered: Transition | None,
    content: Mapping[str, Any],
    *,
    by: Actor,
    at: datetime,
) -> Exchange:
    is_open = answered is None and filing.status == Status.AWAITING_PROVIDER
    can_answer = is_open and by.audience is Audience.PROVIDER and Permission.FILING_ANSWER.value in by.permissions
    return Exchange(
        asked_by=asked.actor_name,
        asked_at=asked.at,
        question=asked.reason,
        due=due(asked, at, is_open=is_open),
        fields=fields(filing, asked.pointers, content, by=by),
        answer=answered.reason if answered else "",
        answered_at=answered.at if answered else None,
        answer_href=reverse("workspace-filings-answer", args=[filing.reference]) if can_answer else "",
        answer_fields=(step_forms.reason("answer", gettext("Your answer")),) if can_answer else (),
    )


def _beneath(pointer: str, stated: Mapping[str, str]) -> str:
    """What is stated of a part of the document: how much."""
    number = sum(each.startswith(f"{pointer}/") for each in stated)
    told = ngettext("%(number)s member", "%(number)s members", number) % {"number": words.count(number)}
    return told if number else gettext("not stated")


def _href(filing: Filing, pointer: str, by: Actor) -> str:
    """Where the field is amended, by who may amend the filing as it stands."""
    is_amending = by.audience is Audience.PROVIDER and Permission.FILING_AMEND.value in by.permissions
    if not is_amending or not lifecycle.holds(lifecycle.require_amendable, filing.status):
        return ""
    topic = filing_form.topic_of(pointer)
    href = reverse("workspace-filings-amend", args=[filing.reference])
    return f"{href}?topic={topic}" if topic else href
