"""Showing a filing to the authority of another State: told roughly, for a stated purpose, until a day (Art. 78(3)).

What is shown is rendered by the competent authority's side and stored; the other authority reads that and nothing else,
so that the exact document is out of its reach in the application and in the database alike.
"""

import json
import os
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

from registry import rows
from registry.accounts import precision
from registry.accounts.policy import UNION, Permission
from registry.acting import Actor, inside_acting_as
from registry.errors import Invalid, NotFound, NotPossible
from registry.filings import document
from registry.filings.document.rendering import rendered
from registry.filings.models import Filing, Version
from registry.ledger import chain, log
from registry.organisations.models import Authority
from registry.oversight import looks
from registry.oversight.models import LookKind, Sharing
from registry.oversight.purposes import Purpose

SHARED: Final = "filing.shared"
LONGEST: Final = timedelta(days=180)
BASIS: Final = "cooperation"


@inside_acting_as
def share(*, reference: str, recipient: str, ends_at: datetime, purpose: Purpose, by: Actor, at: datetime) -> Sharing:
    """Show the newest version of a filing to the authority of `recipient`, a Member State other than the filing's own.

    Raises `NotFound`, `NotPermitted`, `NotPossible` for what has no version, and `Invalid` for the filing's own State,
    a State without an authority, another purpose than cooperation, or an end that is past or beyond 180 days.
    """
    filing = Filing.objects.visible_to(by).filed().filter(reference=reference).select_related("organisation").first()
    if filing is None:
        raise NotFound
    by.require(Permission.FILING_SHARE)
    version = Version.objects.visible_to(by).filter(filing_id=filing.id).order_by("-number").first()
    if version is None:
        raise NotPossible("Nothing was filed yet.", remedy="Wait for the filing.")
    _require_sound(filing, recipient, ends_at, purpose, at)
    shown: dict[str, Any] = {
        "id": uuid4(),
        "filing_id": filing.id,
        "organisation_id": filing.organisation_id,
        "territory": filing.territory,
        "reference": filing.reference,
        "provider": filing.organisation.legal_name,
        "version_number": version.number,
        "recipient": recipient,
        "at": at,
        "ends_at": ends_at,
        "rendering": rendered(
            json.loads(version.canonical), precision.precisions(viewer=precision.ELSEWHERE, resource="document")
        ),
        "looked_from": by.territory,
        "role": next(iter(sorted(by.roles)), ""),
        "actor": by.id,
        "actor_name": by.name,
        **purpose.columns(),
        "salt": os.urandom(chain.HASH_BYTES),
    }
    digest = document.digest(document.canonical_json(statement(shown)))
    line = log.Line(SHARED, filing.reference, chain.commitment(salt=shown["salt"], digest=digest))
    entry = log.append([line], by=by, at=at)[0]
    rows.insert(Sharing, [{**shown, "entry_id": entry.index}])
    looks.note([filing], kind=LookKind.SHARED, purpose=purpose, by=by, at=at)
    return Sharing.objects.visible_to(by).get(id=shown["id"])


@inside_acting_as
def open_shared(*, sharing: UUID, by: Actor, at: datetime) -> Sharing:
    """What was shown to the actor's authority; the look is logged where the provider reads it. Raises `NotFound`."""
    found = Sharing.objects.visible_to(by).filter(id=sharing, recipient=by.territory, ends_at__gt=at).first()
    if found is None:
        raise NotFound
    by.require(Permission.FILING_READ)
    seen = looks.Seen(found.filing_id, found.reference, found.organisation_id, found.territory)
    purpose = Purpose(found.basis, found.case_reference, found.purpose)
    looks.note([seen], kind=LookKind.SHOWN, purpose=purpose, by=by, at=at)
    return found


def statement(shown: dict[str, Any]) -> dict[str, Any]:
    """What the ledger's entry about a showing commits to."""
    named = ("reference", "version_number", "recipient", "looked_from", "role", "basis", "case_reference", "purpose")
    told = {name: str(shown[name]) for name in named}
    moments = {name: chain.moment_text(shown[name]) for name in ("at", "ends_at")}
    return {**told, **moments, "by": shown["actor"], "rendering": shown["rendering"]}


def _require_sound(filing: Filing, recipient: str, ends_at: datetime, purpose: Purpose, at: datetime) -> None:
    if purpose.basis != BASIS:
        raise Invalid("A filing is shown for the exchange between authorities only.", remedy="Choose that purpose.")
    known = Authority.objects.exclude(territory=UNION).filter(territory=recipient).exists()
    if not known or recipient == filing.territory:
        raise Invalid("Choose another Member State.", remedy="The AI Office sees every filing.")
    if not at < ends_at <= at + LONGEST:
        raise Invalid("The end must lie ahead, within 180 days.", remedy="Choose another day.")
