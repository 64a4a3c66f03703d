"""The life of an application: its states, who owns each, and which step leads where. Pure.

One table, `TRANSITIONS`, feeds the check, the database trigger and the tests. Texts stand in `data/application.toml`.
Nobody is refused without having been heard: `hear` announces a refusal with its reason, `refuse` follows it.
"""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, Final

from registry.errors import NotPossible, told
from registry.languages import SPOKEN

_TEXTS: Final = Path(__file__).with_name("data") / "application.toml"


class Status(StrEnum):
    """Where an application stands. The values are the codes in the database and in answers."""

    UNCONFIRMED = "unconfirmed"
    SUBMITTED = "submitted"
    IN_REVIEW = "in_review"
    ASKED = "asked"
    HEARING = "hearing"
    APPROVED = "approved"
    ENROLLED = "enrolled"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class Owner(StrEnum):
    """Whose turn it is."""

    APPLICANT = "applicant"
    AUTHORITY = "authority"
    REGISTRY = "registry"


OWNER: Final[dict[Status, Owner]] = {
    Status.UNCONFIRMED: Owner.APPLICANT,
    Status.SUBMITTED: Owner.AUTHORITY,
    Status.IN_REVIEW: Owner.AUTHORITY,
    Status.ASKED: Owner.APPLICANT,
    Status.HEARING: Owner.APPLICANT,
    Status.APPROVED: Owner.REGISTRY,
    Status.ENROLLED: Owner.REGISTRY,
    Status.REFUSED: Owner.REGISTRY,
    Status.WITHDRAWN: Owner.REGISTRY,
}


@dataclass(frozen=True)
class Transition:
    """One step: from where to where, by which verb, by whom, and its kind in ledger and outbox."""

    source: Status
    target: Status
    verb: str
    who: Owner
    kind: str


def _step(source: Status, target: Status, verb: str, who: Owner, past: str) -> Transition:
    return Transition(source, target, verb, who, f"application.{past}")


_S = Status
TRANSITIONS: Final[tuple[Transition, ...]] = (
    _step(_S.UNCONFIRMED, _S.SUBMITTED, "confirm", Owner.APPLICANT, "submitted"),
    _step(_S.SUBMITTED, _S.IN_REVIEW, "review", Owner.AUTHORITY, "review_opened"),
    _step(_S.IN_REVIEW, _S.ASKED, "ask", Owner.AUTHORITY, "asked"),
    _step(_S.ASKED, _S.IN_REVIEW, "answer", Owner.APPLICANT, "answered"),
    _step(_S.IN_REVIEW, _S.HEARING, "hear", Owner.AUTHORITY, "refusal_announced"),
    _step(_S.HEARING, _S.IN_REVIEW, "answer", Owner.APPLICANT, "answered"),
    _step(_S.HEARING, _S.REFUSED, "refuse", Owner.AUTHORITY, "refused"),
    _step(_S.IN_REVIEW, _S.REFUSED, "refuse", Owner.AUTHORITY, "refused"),
    _step(_S.IN_REVIEW, _S.APPROVED, "approve", Owner.AUTHORITY, "approved"),
    _step(_S.APPROVED, _S.ENROLLED, "enrol", Owner.REGISTRY, "enrolled"),
    _step(_S.SUBMITTED, _S.WITHDRAWN, "withdraw", Owner.APPLICANT, "withdrawn"),
    _step(_S.IN_REVIEW, _S.WITHDRAWN, "withdraw", Owner.APPLICANT, "withdrawn"),
    _step(_S.ASKED, _S.WITHDRAWN, "withdraw", Owner.APPLICANT, "withdrawn"),
    _step(_S.HEARING, _S.WITHDRAWN, "withdraw", Owner.APPLICANT, "withdrawn"),
)
# What an applicant's own hand may leave an application in: the database holds it to this (registry.accounts.policy).
APPLICANTS = frozenset({_S.UNCONFIRMED, _S.SUBMITTED, _S.IN_REVIEW, _S.WITHDRAWN})
OPEN_FOR_AUTHORITY = frozenset({_S.SUBMITTED, _S.IN_REVIEW, _S.ASKED, _S.HEARING})
CLOCK_RUNS = frozenset({_S.SUBMITTED, _S.IN_REVIEW})
FINAL = frozenset({_S.ENROLLED, _S.REFUSED, _S.WITHDRAWN})


@dataclass(frozen=True)
class Text:
    """A name of a few words and one plain sentence, in one language."""

    name: str
    sentence: str


def allowed(source: Status | str) -> tuple[Transition, ...]:
    """Every step that leads out of `source`. Raises ValueError for an unknown code."""
    status = Status(source)
    return tuple(step for step in TRANSITIONS if step.source is status)


def require_verb(source: Status | str, verb: str) -> Transition:
    """The step that `verb` takes from `source`. Raises `NotPossible`, naming what is possible, when there is none."""
    steps = allowed(source)
    found = next((step for step in steps if step.verb == verb), None)
    if found is not None:
        return found
    here = {language: status_text(source, language).name for language in SPOKEN}
    ways = {each: ", ".join(verb_text(step.verb, each).name for step in steps) for each in SPOKEN} if steps else {}
    raise NotPossible(
        told("This step is not possible while the application stands so: {state}.", state=here),
        remedy=told("Possible now: {steps}.", steps=ways)
        if ways
        else told("Nothing more can be done with it; apply anew."),
    )


def pairs() -> tuple[tuple[str, str], ...]:
    """The (source, target) codes of all steps, sorted: what the database trigger admits."""
    return tuple(sorted((step.source.value, step.target.value) for step in TRANSITIONS))


def worked(history: Sequence[tuple[Status, datetime]], *, at: datetime) -> timedelta:
    """How long the authority's clock has run: the time in states in which it is the authority's turn.

    `history` holds each state with the moment it began, in order.
    """
    total = timedelta(0)
    ends = [moment for _, moment in history[1:]]
    for (status, start), end in zip(history, [*ends, max(at, history[-1][1])] if history else [], strict=True):
        if status in CLOCK_RUNS:
            total += end - start
    return total


def may_refuse(*, heard: bool, answered: bool, heard_until: datetime | None, at: datetime) -> bool:
    """Whether a refusal may be decided: announced before, and answered or its period over (Charter, Art. 41(2)(a))."""
    return heard and (answered or (heard_until is not None and at >= heard_until))


def status_text(status: Status | str, language: str = "en") -> Text:
    """Name and plain sentence of a state."""
    return _text("states", Status(status).value, language)


def verb_text(verb: str, language: str = "en") -> Text:
    """Name (for a button) and plain sentence of a step."""
    return _text("verbs", verb, language)


def refusal_reasons(language: str = "en") -> dict[str, str]:
    """The coded reasons of a refusal, in words."""
    return {code: str(row[language]) for code, row in _read()["refusals"].items()}


def observation_text(code: str, language: str = "en") -> str:
    """What the register noticed about an application, for the officer alone."""
    return str(_read()["observations"][code][language])


@dataclass(frozen=True)
class Periods:
    """The periods of onboarding, each with its source in `data/application.toml`."""

    decide: timedelta
    hearing: timedelta
    link: timedelta
    invitation: timedelta
    confirmation: timedelta
    confirmation_reminder: timedelta
    idle: timedelta
    idle_reminder: timedelta


@cache
def periods() -> Periods:
    """The periods in force."""
    return Periods(**{name: timedelta(days=row["days"]) for name, row in _read()["periods"].items()})


def _text(kind: str, code: str, language: str) -> Text:
    row = _read()[kind][code][language]
    return Text(row["name"], row["sentence"])


@cache
def _read() -> dict[str, Any]:
    return tomllib.loads(_TEXTS.read_text(encoding="utf-8"))
