"""What an authority or the register said to a provider, gathered from where it stands: steps, decisions, mismatches.

Each source gives rows of the same four columns, so that one query puts them in order and pages through them; what is
shown is then fetched by its keys.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from django.db.models import Case, CharField, Exists, F, IntegerField, Model, OuterRef, Q, QuerySet, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast

from registry.accounts.policy import Permission
from registry.acting import Actor
from registry.filings.lifecycle import Status
from registry.filings.models import Decision, Transition
from registry.screening import mismatches
from registry.screening.models import Mismatch


class Source(StrEnum):
    """Where a message stands."""

    QUESTION = "question"
    STEP = "step"
    DECISION = "decision"
    MISMATCH = "mismatch"


DECIDED: Final = ("accept", "return", "confirm_withdrawal")
NOW, LATER = 0, 1  # whose turn comes first: what waits for the provider, then all else
_WAITING_IN: Final[Mapping[str, str]] = {
    "ask": Status.AWAITING_PROVIDER.value,
    "return": Status.RETURNED.value,
}
_COLUMNS: Final = ("found_in", "found_key", "turn", "said_at")
Found = dict[str, Any]
Rows = QuerySet[Any, Found]


def listed(actor: Actor, sources: Iterable[Source], *, only_waiting: bool, after: datetime | None = None) -> Rows:
    """Messages of some sources as rows of (found_in, found_key, turn, said_at): what waits first, then newest first.

    `after` leaves out what was said until then.
    """
    parts = [_READERS[source](actor) for source in sources if source is not Source.MISMATCH or _reads_mismatches(actor)]
    if only_waiting:
        parts = [part.filter(turn=NOW) for part in parts]
    if after is not None:
        parts = [part.filter(said_at__gt=after) for part in parts]
    first, *others = parts or [_decisions(actor).none()]
    return first.union(*others, all=True).order_by("turn", "-said_at", "found_in", "-found_key")


def waiting(actor: Actor) -> int:
    """How many messages wait for the provider."""
    return listed(actor, Source, only_waiting=True).count()


def fetched(rows: Iterable[Found], actor: Actor) -> dict[tuple[str, str], Model]:
    """What the rows stand for, by source and key, each with what its line shows."""
    keys: dict[str, list[str]] = {}
    for row in rows:
        keys.setdefault(row["found_in"], []).append(row["found_key"])
    steps = Transition.objects.visible_to(actor).select_related("filing")
    answered = Transition.objects.filter(filing=OuterRef("filing"), verb="answer", id__gt=OuterRef("id"))
    decided = Decision.objects.visible_to(actor).select_related("filing", "plea__duty__filing", "plea__duty")
    known: dict[str, QuerySet[Any]] = {
        Source.QUESTION: steps.annotate(is_answered=Exists(answered)),
        Source.STEP: steps,
        Source.DECISION: decided,
        Source.MISMATCH: mismatches.listed(actor),
    }
    return {
        (source, str(row.pk)): row for source, wanted in keys.items() for row in known[source].filter(pk__in=wanted)
    }


def key_of(row: Found) -> tuple[str, str]:
    """By what a row is found in what was fetched."""
    return row["found_in"], row["found_key"]


def is_waiting(row: Found) -> bool:
    """Whether the provider is asked to do something."""
    return bool(row["turn"] == NOW)


def _reads_mismatches(actor: Actor) -> bool:
    return Permission.MISMATCH_READ.value in actor.permissions


def _rows(found: "QuerySet[Any]", source: Source, moment: str, waits: "Q | Combinable") -> Rows:
    turn = Case(When(waits, then=Value(NOW)), default=Value(LATER), output_field=IntegerField())
    named = found.order_by().annotate(
        found_in=Value(source.value, output_field=CharField()), found_key=Cast("pk", CharField()), turn=turn
    )
    rows: Rows = named.annotate(said_at=F(moment)).values(*_COLUMNS)
    return rows


def _steps(actor: Actor, source: Source, verbs: Iterable[str]) -> Rows:
    later = Transition.objects.filter(filing=OuterRef("filing"), verb=OuterRef("verb"), id__gt=OuterRef("id"))
    stands = Q()
    for verb, status in _WAITING_IN.items():
        stands |= Q(verb=verb, filing__status=status)
    found = Transition.objects.visible_to(actor).filter(verb__in=tuple(verbs))
    return _rows(found, source, "at", stands & ~Exists(later))


def _questions(actor: Actor) -> Rows:
    return _steps(actor, Source.QUESTION, ["ask"])


def _decided(actor: Actor) -> Rows:
    return _steps(actor, Source.STEP, DECIDED)


def _decisions(actor: Actor) -> Rows:
    return _rows(Decision.objects.visible_to(actor), Source.DECISION, "at", Q(pk__in=[]))


def _mismatches(actor: Actor) -> Rows:
    found = Mismatch.objects.visible_to(actor)
    return _rows(found, Source.MISMATCH, "found_at", Q(status=Mismatch.Status.OPEN.value))


_READERS: Final = {
    Source.QUESTION: _questions,
    Source.STEP: _decided,
    Source.DECISION: _decisions,
    Source.MISMATCH: _mismatches,
}
