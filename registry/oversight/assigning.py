"""Giving filings that wait for a decision to people of one's own authority, several at once.

Who has a filing is the authority's own affair: it is no step of the filing's life, its provider hears nothing, and what
the provider read of it stays as it was (its revision). That it was given, by whom and when, stands in the ledger.
"""

import os
from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from registry import rows
from registry.accounts.models import Membership
from registry.accounts.policy import Permission
from registry.acting import Actor, inside_acting_as
from registry.dispatch import outbox
from registry.errors import Invalid, NotPossible
from registry.filings import document, lifecycle
from registry.filings.models import Filing
from registry.ledger import chain, log
from registry.oversight import case_actions

ASSIGNED: Final = "filing.assigned"
MOST_AT_ONCE: Final = 200


@inside_acting_as
def assign(*, references: Sequence[str], to: UUID | None, by: Actor, at: datetime) -> None:
    """Give filings to a person of one's own authority who reviews filings, or with `to` None to nobody; all or none.

    Raises `Invalid` for nobody of the authority or too many, `NotFound`, `NotPermitted`, `NotPossible` for a filing
    that waits for no decision.
    """
    found = rows.locked_all(Filing.objects.visible_to(by), references, at_most=MOST_AT_ONCE)
    by.require(Permission.FILING_ASSIGN)
    if to is not None and to not in {each.user_id for each in colleagues_of(by, at)}:
        raise Invalid("Nobody of your authority who reviews filings is meant.", remedy="Choose a person from the list.")
    waiting = {status.value for status in lifecycle.OPEN_FOR_AUTHORITY}
    for filing in found:
        if filing.status not in waiting:
            raise NotPossible(
                "The filing {filing} waits for no decision.", remedy="Look at it again.", filing=filing.reference
            )
    Filing.objects.visible_to(by).filter(pk__in=[each.pk for each in found]).update(assigned_to=to)
    outbox.put(ASSIGNED, subjects=[each.reference for each in found], at=at)
    log.append([log.Line(ASSIGNED, each.reference, _commitment(each, to, at)) for each in found], by=by, at=at)


def colleagues_of(by: Actor, at: datetime) -> list[Membership]:
    """Whom filings can be given to: people of one's own authority whose roles let them review filings, by name."""
    return case_actions.colleagues(by, at, permission=Permission.FILING_REVIEW)


def _commitment(filing: Filing, to: UUID | None, at: datetime) -> bytes:
    """What the entry says beside kind, subject and actor. To whom is internal, and nobody opens it: no salt is kept."""
    told = {"filing": filing.reference, "to": str(to or ""), "at": chain.moment_text(at)}
    return chain.commitment(salt=os.urandom(chain.HASH_BYTES), digest=document.digest(document.canonical_json(told)))
