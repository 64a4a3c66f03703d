"""Logging that an authority saw identified filings: one look and one entry each, all in two statements.

A look cannot be edited by anybody; the provider reads its own and can open the commitment of each, which holds
everything but the person's name: that stands in it as a digest under the same salt.
"""

import hashlib
import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID

from django.db.models import Max, Q

from registry import rows
from registry.acting import Actor, inside_acting_as
from registry.compute.models import Facility, Return
from registry.filings import document
from registry.filings.models import Filing, Transition
from registry.ledger import chain, log
from registry.ledger.log import Line
from registry.oversight.models import Look, LookKind
from registry.oversight.purposes import Purpose

LOOKED: Final = "filing.looked_at"
FACILITY_LOOKED: Final = "facility.looked_at"
RETURN_LOOKED: Final = "return.looked_at"


class Seen(NamedTuple):
    """The filing that was seen, and whose it is; a facility and a return have no id here."""

    id: UUID | None
    reference: str
    organisation_id: UUID
    territory: str


@inside_acting_as
def note(filings: Sequence[Filing | Seen], *, kind: LookKind, purpose: Purpose, by: Actor, at: datetime) -> int:
    """Log that `by` sees these filings now; returns how many looks were written.

    A line of a list counts once a day for each person, filing and purpose; every other look counts each time.
    """
    unique = {filing.id: filing for filing in filings}
    if kind is LookKind.LISTED:
        known = _listed_today(unique, purpose=purpose, by=by, at=at)
        unique = {id_: filing for id_, filing in unique.items() if id_ not in known}
    return _write(list(unique.values()), LOOKED, kind=kind, purpose=purpose, by=by, at=at)


@inside_acting_as
def note_facilities(
    facilities: Sequence[Facility], *, kind: LookKind, purpose: Purpose, by: Actor, at: datetime
) -> int:
    """The same for facilities, which stand in a look by their references."""
    return _note_others(facilities, FACILITY_LOOKED, kind=kind, purpose=purpose, by=by, at=at)


@inside_acting_as
def note_returns(returns: Sequence[Return], *, kind: LookKind, purpose: Purpose, by: Actor, at: datetime) -> int:
    """The same for returns. Who sees a record sees its return: the look is at that."""
    return _note_others(returns, RETURN_LOOKED, kind=kind, purpose=purpose, by=by, at=at)


@inside_acting_as
def unread(filings: Collection[UUID], *, by: Actor) -> frozenset[UUID]:
    """Of these filings those whose provider answered or filed a further version since `by` last opened them."""
    further = Q(verb="answer") | Q(verb__in=("submit", "amend"), version_number__gt=1)
    said = Transition.objects.visible_to(by).filter(further, filing__in=filings)
    told = dict(said.order_by().values_list("filing").annotate(at=Max("at")))
    opened = Look.objects.filter(actor=by.id, filing__in=told, kind__in=(LookKind.OPENED, LookKind.DOCUMENT))
    seen = dict(opened.order_by().values_list("filing").annotate(at=Max("at")))
    return frozenset(id_ for id_, at in told.items() if id_ not in seen or seen[id_] < at)


def _note_others(
    others: Sequence[Facility] | Sequence[Return],
    word: str,
    *,
    kind: LookKind,
    purpose: Purpose,
    by: Actor,
    at: datetime,
) -> int:
    """Looks at what is no filing, known by its reference."""
    seen = {each.reference: Seen(None, each.reference, each.organisation_id, each.territory) for each in others}
    if kind is LookKind.LISTED:
        day = at.replace(hour=0, minute=0, second=0, microsecond=0)
        known = Look.objects.visible_to(by).filter(
            actor=by.id, kind=kind, filing=None, reference__in=list(seen), at__gte=day, at__lt=day + timedelta(days=1)
        )
        for reference in known.filter(**purpose.columns()).values_list("reference", flat=True):
            seen.pop(reference, None)
    return _write(list(seen.values()), word, kind=kind, purpose=purpose, by=by, at=at)


def _write(
    seen: Sequence[Filing | Seen], word: str, *, kind: LookKind, purpose: Purpose, by: Actor, at: datetime
) -> int:
    """The looks and their entries; returns how many."""
    if not seen:
        return 0
    columns = [_columns(each, kind=kind, purpose=purpose, by=by, at=at) for each in seen]
    lines = [Line(word, row["reference"], chain.commitment(salt=row["salt"], digest=digest_of(row))) for row in columns]
    entries = log.append(lines, by=by, at=at)
    rows.insert(Look, [{**row, "entry_id": entry.index} for row, entry in zip(columns, entries, strict=True)])
    return len(columns)


def statement(look: Mapping[str, Any]) -> dict[str, str]:
    """What the entry of a look commits to, as its provider can write it again from the columns it reads."""
    return {
        "filing": look["reference"],
        "kind": str(look["kind"]),
        "from": look["looked_from"],
        "role": look["role"],
        "basis": look["basis"],
        "case": look["case_reference"],
        "purpose": look["purpose"],
        "at": chain.moment_text(look["at"]),
        "actor_sha256": bytes(look["actor_digest"]).hex(),
    }


def digest_of(look: Mapping[str, Any]) -> bytes:
    """The digest that the commitment of a look is made of, under the look's salt."""
    return document.digest(document.canonical_json(statement(look)))


def _columns(filing: Filing | Seen, *, kind: LookKind, purpose: Purpose, by: Actor, at: datetime) -> dict[str, Any]:
    salt = os.urandom(chain.HASH_BYTES)
    return {
        "filing_id": filing.id,
        "reference": filing.reference,
        "organisation_id": filing.organisation_id,
        "territory": filing.territory,
        "at": at,
        "kind": kind.value,
        "looked_from": by.territory,
        "role": next(iter(sorted(by.roles)), ""),
        "actor": by.id,
        "actor_name": by.name,
        "salt": salt,
        "actor_digest": hashlib.sha256(salt + by.id.encode()).digest(),
        **purpose.columns(),
    }


def _listed_today(
    filings: Iterable[UUID | None], *, purpose: Purpose, by: Actor, at: datetime
) -> frozenset[UUID | None]:
    since = at.replace(hour=0, minute=0, second=0, microsecond=0)
    found = Look.objects.visible_to(by).filter(
        actor=by.id, kind=LookKind.LISTED, filing_id__in=list(filings), at__gte=since, at__lt=since + timedelta(days=1)
    )
    return frozenset(found.filter(**purpose.columns()).values_list("filing_id", flat=True))
