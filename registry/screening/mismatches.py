"""What an organisation sees of its mismatches, and its answer to one: a coded reason and a sentence.

A provider reads only columns that hold its own words; which owner group and bundle a mismatch is about, and with them
who the other side is, stay with the authorities.
"""

import os
import tomllib
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Final

from django.db.models import QuerySet

from registry import rows
from registry.accounts.policy import Permission
from registry.acting import Actor, inside_acting_as
from registry.dispatch import outbox
from registry.errors import Invalid, NotFound, NotPossible, Obstacle
from registry.filings import document
from registry.ledger import chain, log
from registry.ledger.log import Line
from registry.screening.models import MatchRate, Mismatch, MismatchAnswer

ANSWERED: Final = "mismatch.answered"
REASON_LENGTH: Final = 4_000
OWN_COLUMNS: Final = (
    "id",
    "organisation_id",
    "territory",
    "reference",
    "side",
    "other_says",
    "status",
    "filing_id",
    "customer_name",
    "facility",
    "facility_name",
    "accelerator",
    "starts_on",
    "ends_on",
    "own_hours",
    "tolerance_percent",
    "revision",
    "found_at",
    "changed_at",
    "closed_at",
)
_DATA: Final = Path(__file__).with_name("data") / "mismatch_reasons.toml"


def reasons() -> dict[str, dict[str, str]]:
    """The coded reasons, each in three languages."""
    return _texts()["reason"]


def sentence(row: Mismatch, language: str) -> str:
    """What does not agree, in a sentence that tells nothing of the other side but that."""
    return _texts()["sentence"][f"{row.side}_{row.other_says}"][language]


def listed(actor: Actor) -> QuerySet[Mismatch]:
    """The mismatches that an actor sees, newest first, by the columns that everybody of them may read."""
    return Mismatch.objects.visible_to(actor).only(*OWN_COLUMNS).order_by("-found_at", "-id")


def found(reference: str, actor: Actor) -> Mismatch:
    """One mismatch, or NotFound."""
    row = listed(actor).filter(reference=reference).first()
    if row is None:
        raise NotFound
    return row


def match_rate(actor: Actor) -> MatchRate | None:
    """How the uses of the actor's organisation fared, if any were looked at."""
    if actor.organisation is None:
        return None
    return MatchRate.objects.visible_to(actor).filter(organisation_id=actor.organisation).first()


@inside_acting_as
def answer(*, reference: str, reason_code: str, reason: str, by: Actor, at: datetime) -> Mismatch:
    """Say why a mismatch stands; a further answer can follow while it is open. Returns the mismatch.

    Raises `NotFound`, `NotPossible` where it is closed, `Invalid` for an unknown code or an empty sentence.
    """
    row = listed(by).select_for_update(of=("self",)).filter(reference=reference).first()
    if row is None:
        raise NotFound
    by.require(Permission.MISMATCH_ANSWER)
    if row.status == Mismatch.Status.CLOSED:
        raise NotPossible("This mismatch is closed: both sides agree again.", remedy="Nothing more is needed.")
    _require_reason(reason_code, reason)
    row.status, row.revision, row.changed_at = Mismatch.Status.ANSWERED, row.revision + 1, at
    row.save(update_fields=["status", "revision", "changed_at"])
    outbox.put(ANSWERED, subjects=[row.reference], organisation=row.organisation_id, at=at)
    _record(row, reason_code, reason, by=by, at=at)
    return row


def _record(row: Mismatch, reason_code: str, reason: str, *, by: Actor, at: datetime) -> None:
    salt = os.urandom(32)
    said = {"mismatch": row.reference, "reason_code": reason_code, "reason": reason, "by": by.id, "at": at.isoformat()}
    commitment = chain.commitment(salt=salt, digest=document.digest(document.canonical_json(said)))
    entry = log.append([Line(ANSWERED, row.reference, commitment)], by=by, at=at)[0]
    rows.insert(
        MismatchAnswer,
        [
            {
                "mismatch_id": row.pk,
                "organisation_id": row.organisation_id,
                "territory": row.territory,
                "reason_code": reason_code,
                "reason": reason,
                "at": at,
                "actor": by.id,
                "actor_name": by.name,
                "mandate_id": by.mandate,
                "salt": salt,
                "entry_id": entry.index,
            }
        ],
    )


@cache
def _texts() -> dict[str, dict[str, dict[str, str]]]:
    return tomllib.loads(_DATA.read_text(encoding="utf-8"))


def _require_reason(reason_code: str, reason: str) -> None:
    missing = []
    if reason_code not in reasons():
        missing.append(
            Obstacle(
                "validation", "/reason_code", "This is none of the reasons in the list.", "Choose one of the list."
            )
        )
    if not reason.strip() or len(reason) > REASON_LENGTH:
        missing.append(
            Obstacle(
                "validation",
                "/reason",
                "A reason is needed, of 4,000 characters at most.",
                "Write it in a sentence or two.",
            )
        )
    if missing:
        raise Invalid("The answer is not complete.", obstacles=tuple(missing))
