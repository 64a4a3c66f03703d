"""The life of a filing: its states, who owns each, and which step leads where.

One table, `TRANSITIONS`, feeds the check, the database trigger, the routes, the drawing in the README and the tests.
Names and sentences for people stand in `data/states.toml` in English, French and German.
"""

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, ParamSpec

from registry.errors import NotPossible, told
from registry.languages import SPOKEN

P = ParamSpec("P")

_TEXTS = Path(__file__).with_name("data") / "states.toml"


class Status(StrEnum):
    """Where a filing stands. The values are the codes in the database and in documents."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    IN_REVIEW = "in_review"
    AWAITING_PROVIDER = "awaiting_provider"
    ACCEPTED = "accepted"
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"


class Owner(StrEnum):
    """Whose turn it is: the one from whom the next step is expected."""

    PROVIDER = "provider"
    REGISTRY = "registry"
    AUTHORITY = "authority"


OWNER: dict[Status, Owner] = {
    Status.DRAFT: Owner.PROVIDER,
    Status.SUBMITTED: Owner.AUTHORITY,
    Status.IN_REVIEW: Owner.AUTHORITY,
    Status.AWAITING_PROVIDER: Owner.PROVIDER,
    Status.ACCEPTED: Owner.REGISTRY,
    Status.RETURNED: Owner.PROVIDER,
    Status.WITHDRAWN: Owner.REGISTRY,
}


@dataclass(frozen=True)
class Text:
    """A name of a few words and one plain sentence, in one language."""

    name: str
    sentence: str


@dataclass(frozen=True)
class Transition:
    """One step: from where to where, by which verb, under which permission, by whom, and its kind in the ledger."""

    source: Status
    target: Status
    verb: str
    permission: str
    who: Owner
    kind: str

    @property
    def route(self) -> str:
        """The name of the route of this step, such as `filings-submit`."""
        return f"filings-{self.verb.replace('_', '-')}"

    @property
    def sentence(self) -> str:
        """What the step does, in English; `verb_text` has the other languages."""
        return verb_text(self.verb).sentence


def _step(source: Status, target: Status, verb: str, who: Owner, past: str) -> Transition:
    return Transition(source, target, verb, f"FILING_{verb.upper()}", who, f"filing.{past}")


_S = Status
TRANSITIONS: tuple[Transition, ...] = (
    _step(_S.DRAFT, _S.SUBMITTED, "submit", Owner.PROVIDER, "submitted"),
    _step(_S.RETURNED, _S.SUBMITTED, "submit", Owner.PROVIDER, "submitted"),
    _step(_S.SUBMITTED, _S.IN_REVIEW, "review", Owner.AUTHORITY, "review_opened"),
    _step(_S.IN_REVIEW, _S.AWAITING_PROVIDER, "ask", Owner.AUTHORITY, "asked"),
    _step(_S.AWAITING_PROVIDER, _S.IN_REVIEW, "answer", Owner.PROVIDER, "answered"),
    _step(_S.IN_REVIEW, _S.ACCEPTED, "accept", Owner.AUTHORITY, "accepted"),
    _step(_S.IN_REVIEW, _S.RETURNED, "return", Owner.AUTHORITY, "returned"),
    _step(_S.DRAFT, _S.WITHDRAWN, "withdraw", Owner.PROVIDER, "withdrawn"),
    _step(_S.SUBMITTED, _S.WITHDRAWN, "withdraw", Owner.PROVIDER, "withdrawn"),
    _step(_S.IN_REVIEW, _S.WITHDRAWN, "withdraw", Owner.PROVIDER, "withdrawn"),
    _step(_S.AWAITING_PROVIDER, _S.WITHDRAWN, "withdraw", Owner.PROVIDER, "withdrawn"),
    _step(_S.RETURNED, _S.WITHDRAWN, "withdraw", Owner.PROVIDER, "withdrawn"),
    _step(_S.ACCEPTED, _S.WITHDRAWN, "confirm_withdrawal", Owner.AUTHORITY, "withdrawal_confirmed"),
)

# A further version (update, completion, correction) may be filed in these states and moves nothing by itself: what was
# accepted stays accepted until somebody decides otherwise. A withdrawal version is for accepted filings alone, since
# before acceptance the provider withdraws without asking anybody.
AMENDABLE = frozenset({Status.SUBMITTED, Status.IN_REVIEW, Status.AWAITING_PROVIDER, Status.ACCEPTED})
WITHDRAWAL_VERSION_IN = frozenset({Status.ACCEPTED})

FINAL = frozenset({Status.WITHDRAWN})
# What waits for a decision of the authority, its own turn or not.
OPEN_FOR_AUTHORITY = frozenset({Status.SUBMITTED, Status.IN_REVIEW, Status.AWAITING_PROVIDER})
# The authority's own clock runs in these states and stands still in AWAITING_PROVIDER.
UNDER_REVIEW = frozenset({Status.SUBMITTED, Status.IN_REVIEW})


def allowed(source: Status | str) -> tuple[Transition, ...]:
    """Every step that leads out of `source`, in the order of the table. Raises ValueError for an unknown code."""
    status = Status(source)
    return tuple(step for step in TRANSITIONS if step.source is status)


def pairs() -> tuple[tuple[str, str], ...]:
    """The (source, target) codes of all steps, sorted: what the database trigger admits."""
    return tuple(sorted((step.source.value, step.target.value) for step in TRANSITIONS))


def require_transition(source: Status | str, target: Status | str) -> Transition:
    """The step from `source` to `target`. Raises `NotPossible`, naming what is possible, when there is none."""
    here, there = Status(source), Status(target)
    steps = allowed(here)
    for step in steps:
        if step.target is there:
            return step
    raise NotPossible(
        "A filing that is {state} cannot become {wanted}.",
        remedy=_possible(steps),
        state=_plain(here),
        wanted=_plain(there),
    )


def require_verb(source: Status | str, verb: str) -> Transition:
    """The step that `verb` takes from `source`. Raises `NotPossible`, naming what is possible, when there is none."""
    here = Status(source)
    steps = allowed(here)
    for step in steps:
        if step.verb == verb:
            return step
    raise NotPossible(
        "You cannot {verb} a filing that is {state}.",
        remedy=_possible(steps),
        verb=_spoken(verb),
        state=_plain(here),
    )


def require_amendable(status: Status | str, *, withdrawal: bool = False) -> None:
    """Raise `NotPossible` when no further version may be filed; `withdrawal` asks about a withdrawal version."""
    here = Status(status)
    if withdrawal and here not in WITHDRAWAL_VERSION_IN:
        sentence = told("A withdrawal version is for accepted filings; this one is {state}.", state=_plain(here))
    elif here not in AMENDABLE:
        sentence = told("No further version can be filed while the filing is {state}.", state=_plain(here))
    else:
        return
    raise NotPossible(sentence, remedy=_possible(allowed(here)))


def holds(requirement: Callable[P, object], *args: P.args, **kwargs: P.kwargs) -> bool:
    """The boolean half of any `require_…` of this module, for templates: True when it does not refuse."""
    try:
        requirement(*args, **kwargs)
    except NotPossible:
        return False
    return True


def status_text(status: Status | str, language: str = "en") -> Text:
    """Name and plain sentence of a state. Raises KeyError for a language other than en, fr, de."""
    return _text("states", Status(status).value, language)


def verb_text(verb: str, language: str = "en") -> Text:
    """Name (for a button) and plain sentence of a step. Raises KeyError for an unknown verb or language."""
    return _text("verbs", verb, language)


def owner_text(owner: Owner | str, language: str = "en") -> Text:
    """Name and plain sentence of an owner. Raises KeyError for a language other than en, fr, de."""
    return _text("owners", Owner(owner).value, language)


def drawing() -> str:
    """The state diagram in Mermaid, made from the table: the same table always gives the same text."""
    lines = ["stateDiagram-v2", "    [*] --> draft"]
    lines += [
        f"    {step.source} --> {step.target}: {step.verb.replace('_', ' ')} ({step.who})" for step in TRANSITIONS
    ]
    lines += [f"    {status} --> [*]" for status in Status if status in FINAL]
    return "\n".join(lines)


def _plain(status: Status) -> dict[str, str]:
    """The state in the middle of a sentence, by language."""
    names = {language: status_text(status, language).name for language in SPOKEN}
    return {**names, "en": names["en"].lower()}


def _spoken(verb: str) -> dict[str, str]:
    """The verb in a sentence, by language; as it stands where the table does not know it."""
    known = _texts()["verbs"].get(verb)
    names = {language: known[language]["name"] if known else verb for language in ("fr", "de")}
    return {**names, "en": verb.replace("_", " ")}


def _possible(steps: tuple[Transition, ...]) -> str:
    if not steps:
        return told("Nothing more can be done with it; file anew.")
    return told("Possible now: {ways}.", ways=_ways(steps))


def _ways(steps: tuple[Transition, ...]) -> dict[str, str]:
    """The steps in a sentence, by language."""
    ways = {
        language: [
            f"{verb_text(step.verb, language).name} ({owner_text(step.who, language).name} → "
            f"{status_text(step.target, language).name})"
            for step in steps
        ]
        for language in ("fr", "de")
    }
    ways["en"] = [f"{_spoken(step.verb)['en']} (by the {step.who}, then {_plain(step.target)['en']})" for step in steps]
    return {language: ", ".join(each) for language, each in ways.items()}


def _text(kind: str, code: str, language: str) -> Text:
    entry = _texts()[kind][code][language]
    return Text(name=entry["name"], sentence=entry["sentence"])


@cache
def _texts() -> dict[str, Any]:
    return tomllib.loads(_TEXTS.read_text(encoding="utf-8"))
