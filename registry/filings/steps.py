"""One step of a filing's life: the status moves, the outbox announces it, the ledger commits to it."""

import os
import uuid
from dataclasses import dataclass
from datetime import datetime

from registry import rows
from registry.acting import Actor
from registry.dispatch import outbox
from registry.filings import document, lifecycle
from registry.filings.lifecycle import Status, Transition
from registry.filings.models import Filing
from registry.filings.models import Transition as Step
from registry.filings.questions import Question
from registry.ledger import chain, log
from registry.ledger.log import Line


@dataclass(frozen=True)
class Said:
    """What goes with a step: the status it leaves, the words, and what a question is about."""

    source: str
    reason: str
    question: Question | None


def take(
    *, filing: Filing, verb: str, reason: str, by: Actor, at: datetime, question: Question | None = None
) -> Filing:
    """Take the one transition called `verb` out of the present status of a locked filing, announce and record it.

    `question` says what is asked about where the step asks. Raises `NotPossible` where that status has no such step.
    """
    transition = lifecycle.require_verb(filing.status, verb)
    source = filing.status
    filing.status = transition.target.value
    filing.revision += 1
    filing.changed_at = at
    if transition.target in {Status.ACCEPTED, Status.RETURNED}:
        filing.decided_at = at
    if verb == "review":
        filing.assigned_to = uuid.UUID(by.id.removeprefix("person:")) if by.id.startswith("person:") else None
    filing.save(update_fields=["status", "revision", "changed_at", "decided_at", "assigned_to"])
    outbox.put(transition.kind, subjects=[filing.reference], organisation=filing.organisation_id, at=at)
    _record(filing, transition, Said(source, reason, question), by=by, at=at)
    return filing


def _record(filing: Filing, transition: Transition, said: Said, *, by: Actor, at: datetime) -> None:
    salt = os.urandom(32)
    statement = document.canonical_json(
        {
            "filing": filing.reference,
            "verb": transition.verb,
            "version": filing.number,
            "reason": said.reason,
            **(said.question.members() if said.question else {}),
            "by": by.id,
            **({"mandate": str(by.mandate)} if by.mandate else {}),
            "at": at.isoformat(),
        }
    )
    commitment = chain.commitment(salt=salt, digest=document.digest(statement))
    entry = log.append([Line(transition.kind, filing.reference, commitment)], by=by, at=at)[0]
    rows.insert(
        Step,
        [
            {
                "filing_id": filing.id,
                "organisation_id": filing.organisation_id,
                "territory": filing.territory,
                "verb": transition.verb,
                "source": said.source,
                "target": filing.status,
                "version_number": filing.number,
                "at": at,
                "actor": by.id,
                "actor_name": by.name,
                "mandate_id": by.mandate,
                "reason": said.reason,
                **(said.question.columns() if said.question else {}),
                "salt": salt,
                "entry_id": entry.index,
            }
        ],
    )
