"""What people do about releases: announce, draft, approve, drop, withdraw. Two different persons release.

The worker does the rest (registry.statistics.building): it builds a draft, has it attacked, and publishes at the
embargo what was approved. Nothing that the auditor did not find clean can be approved; the database says so, too.
"""

import hashlib
import os
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

import rfc8785

from registry import rows
from registry.accounts.policy import Permission
from registry.acting import Actor, inside_acting_as
from registry.dispatch import outbox
from registry.errors import Conflict, Invalid, NotFound, NotPermitted, NotPossible, Stale
from registry.languages import SPOKEN
from registry.ledger import chain, log
from registry.ledger.log import Line
from registry.statistics import definitions
from registry.statistics.models import CalendarEntry, State, Verdict, Vintage
from registry.statistics.vintage_models import UNDER_WAY

DRAFTED: Final = "release.drafted"
APPROVED: Final = "release.approved"
DROPPED: Final = "release.dropped"
WITHDRAWN: Final = "release.withdrawn"
LONGEST_NOTICE: Final = 500
SHORTEST_NOTICE: Final = 10


@inside_acting_as
def announce(*, release: str, publish_at: datetime, by: Actor, at: datetime) -> CalendarEntry:
    """Put a moment into the public calendar. Raises `Invalid` for one that has passed, `Conflict` for one there is."""
    by.require(Permission.RELEASE_DRAFT)
    _require_quarter(release, publish_at)
    if publish_at <= at:
        raise Invalid("A release is announced before it appears.", remedy="Choose a later moment.")
    if CalendarEntry.objects.filter(release=release, publish_at=publish_at).exists():
        raise Conflict("This moment is announced already.", remedy="Choose another moment.")
    is_revision = Vintage.objects.visible_to(by).published().filter(release=release).exists()
    entry = {"release": release, "publish_at": publish_at, "is_revision": is_revision, "announced_at": at}
    rows.insert(CalendarEntry, [entry])
    return CalendarEntry(**entry)


@inside_acting_as
def draft(*, release: str, publish_at: datetime, is_provisional: bool, by: Actor, at: datetime) -> Vintage:
    """Have the next vintage of a release built from what was submitted until now, to appear at an announced moment.

    Raises `NotPossible` where none is announced then, the quarter runs on, or another vintage is under way.
    """
    by.require(Permission.RELEASE_DRAFT)
    quarter = _require_quarter(release, publish_at)
    if quarter.next().starts_on > at.date():
        raise NotPossible("The quarter is not over.", remedy="Draft its release once it is.")
    if publish_at <= at or not CalendarEntry.objects.filter(release=release, publish_at=publish_at).exists():
        raise NotPossible("No release is announced for this moment.", remedy="Announce it first.")
    known = Vintage.objects.visible_to(by).filter(release=release).exclude(state=State.DROPPED)
    if known.filter(state__in=UNDER_WAY).exists():
        raise NotPossible("A vintage of this release is under way.", remedy="Publish or drop it first.")
    vintage = {
        "id": uuid4(),
        "release": release,
        "number": known.count() + 1,
        "state": State.DRAFT.value,
        "as_of": at,
        "publish_at": publish_at,
        "is_provisional": is_provisional,
        "progress": 0,
        "drafted_by": by.id,
        "drafter_name": by.name[:200],
        "drafted_at": at,
    }
    empty = ("failure", "verdict", "software", "manifest_sha256", "approved_by", "approver_name")
    notices = ("notice_en", "notice_fr", "notice_de")
    rows.insert(Vintage, [{**vintage, **dict.fromkeys((*empty, *notices), "")}])
    outbox.put(DRAFTED, subjects=[str(vintage["id"])], at=at)
    return Vintage(**vintage)


@inside_acting_as
def approve(*, vintage: UUID, manifest_sha256: str, by: Actor, at: datetime) -> Vintage:
    """Release a vintage at its embargo, as the second person; `manifest_sha256` is what this person looked at.

    Raises `NotPermitted` for whoever drafted it, `NotPossible` where the auditor did not find it clean or its moment
    has passed, `Stale` where the manifest is another.
    """
    by.require(Permission.RELEASE_APPROVE)
    found = _locked(vintage, by)
    if found.drafted_by == by.id:
        raise NotPermitted("Another person approves than the one who drafted.", remedy="Ask a publisher.")
    if found.state != State.ATTACKED or found.verdict != Verdict.CLEAN:
        raise NotPossible(
            "Only what the auditor found clean can be approved.", remedy="Have it built anew, or drop it."
        )
    if at >= found.publish_at:
        raise NotPossible("The announced moment has passed.", remedy="Announce a later one and draft it anew.")
    year = Vintage.objects.visible_to(by).published().filter(release__startswith=found.release[:4])
    if year.filter(approved_at__gt=found.drafted_at).exists():
        raise NotPossible(
            "Another release of this year appeared since it was built.", remedy="Drop it and draft it anew."
        )
    if manifest_sha256 != found.manifest_sha256:
        raise Stale("The vintage changed since you read it.", remedy="Read it again.")
    changed = {"state": State.APPROVED.value, "approved_by": by.id, "approver_name": by.name[:200], "approved_at": at}
    Vintage.objects.filter(pk=found.pk).update(**changed)
    _record(APPROVED, found, {"manifest_sha256": manifest_sha256}, by=by, at=at)
    return _with(found, changed)


@inside_acting_as
def drop(*, vintage: UUID, by: Actor, at: datetime) -> Vintage:
    """Give a vintage up before it is published; its number is free again. Raises `NotPossible` afterwards."""
    by.require(Permission.RELEASE_READ)
    found = _locked(vintage, by)
    if found.state not in UNDER_WAY:
        raise NotPossible("This vintage is not under way any more.", remedy="Withdraw what is published.")
    changed = {"state": State.DROPPED.value}
    Vintage.objects.filter(pk=found.pk).update(**changed)
    _record(DROPPED, found, {}, by=by, at=at)
    return _with(found, changed)


@inside_acting_as
def withdraw(*, vintage: UUID, notice: Mapping[str, str], by: Actor, at: datetime) -> Vintage:
    """Mark a published vintage as withdrawn, with a notice in each language; it stays listed and readable.

    Raises `Invalid` for a notice that is missing in a language, `NotPossible` for what is not published.
    """
    by.require(Permission.RELEASE_APPROVE)
    said = {language: " ".join(notice.get(language, "").split()) for language in SPOKEN}
    if not all(SHORTEST_NOTICE <= len(text) <= LONGEST_NOTICE for text in said.values()):
        raise Invalid("A notice of 10 to 500 characters is needed in each language.", remedy="Complete it.")
    found = _locked(vintage, by)
    if found.state != State.PUBLISHED:
        raise NotPossible("Only a published vintage can be withdrawn.", remedy="Drop what is not published.")
    changed = {"state": State.WITHDRAWN.value, "withdrawn_at": at}
    changed |= {f"notice_{language}": text for language, text in said.items()}
    Vintage.objects.filter(pk=found.pk).update(**changed)
    _record(WITHDRAWN, found, {"notice": said}, by=by, at=at)
    return _with(found, changed)


def name(vintage: Vintage) -> str:
    """How the log calls a vintage: `2026-Q3-1`."""
    return f"{vintage.release}-{vintage.number}"


def _require_quarter(release: str, publish_at: datetime) -> Any:
    try:
        quarter = definitions.quarter_of(release)
    except ValueError:
        raise Invalid("A release is named by its quarter, such as 2026-Q3.", remedy="Choose a quarter.") from None
    if publish_at.tzinfo is None:
        raise Invalid("A moment needs its zone.", remedy="Choose another moment.")
    return quarter


def _locked(vintage: UUID, by: Actor) -> Vintage:
    found = Vintage.objects.visible_to(by).filter(id=vintage).select_for_update(of=("self",)).first()
    if found is None:
        raise NotFound
    return found


def _with(found: Vintage, changed: Mapping[str, object]) -> Vintage:
    for column, value in changed.items():
        setattr(found, column, value)
    return found


def _record(kind: str, vintage: Vintage, said: Mapping[str, Any], *, by: Actor, at: datetime) -> None:
    """Enter an act in the ledger: what was said, committed to with a salt that nobody keeps."""
    digest = hashlib.sha256(rfc8785.dumps({"release": vintage.release, "vintage": vintage.number, **said})).digest()
    commitment = chain.commitment(salt=os.urandom(chain.HASH_BYTES), digest=digest)
    log.append([Line(kind, name(vintage), commitment)], by=by, at=at)
