"""Reading a facility as the checks see it, and recording what was said of it: act, outbox, ledger."""

import json
import os
import uuid
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db.models import Max

from registry import rows
from registry.acting import Actor
from registry.compute import facility, facility_checks
from registry.compute.facility import FacilityStatement
from registry.compute.facility_checks import Lot, Network, Said, Site
from registry.compute.models import Cluster, Facility, FacilityAct, Installation
from registry.dispatch import outbox
from registry.errors import Invalid, NotFound, Stale
from registry.forms.parts import canonical_json, digest
from registry.ledger import chain, log
from registry.ledger.log import Line

BRUSSELS: Final = ZoneInfo("Europe/Brussels")


def today(at: datetime) -> date:
    """The day in Brussels."""
    return at.astimezone(BRUSSELS).date()


def found(reference: str, by: Actor) -> Facility:
    """The facility, if the actor may see it; a stranger's and a random reference look alike."""
    row = Facility.objects.visible_to(by).filter(reference=reference).first()
    if row is None:
        raise NotFound
    return row


def locked(reference: str, by: Actor) -> Facility:
    """The same, locked until the unit of work ends: what is said of a facility is said one at a time."""
    row = Facility.objects.visible_to(by).filter(reference=reference).select_for_update(of=("self",)).first()
    if row is None:
        raise NotFound
    return row


def require_revision(row: Facility | Cluster | Installation, revision: int) -> None:
    """Raise `Stale` unless the row is as the caller read it."""
    if row.revision != revision:
        raise Stale("It has changed since you read it.", remedy="Read it and repeat the change.")


def statement_of(row: Facility) -> FacilityStatement:
    """What is said of the facility now."""
    return facility.read(FacilityStatement, json.loads(row.document))


def site_of(row: Facility) -> Site:
    """The facility with its clusters and installations, as the checks see it."""
    clusters = {each.id: each for each in row.clusters.all()}
    return Site(
        statement_of(row),
        lots=tuple(lot_of(each, clusters) for each in row.installations.all()),
        networks=tuple(
            Network(
                name=each.name,
                interconnect_gbit_per_s=each.interconnect_gbit_per_s,
                from_on=each.from_on,
                until_on=each.until_on,
            )
            for each in clusters.values()
        ),
    )


def lot_of(row: Installation, clusters: Mapping[uuid.UUID, Cluster]) -> Lot:
    """A stored period of a lot as the checks see it."""
    return Lot(
        lot=row.lot,
        accelerator=row.accelerator_id,
        count=row.count,
        stage=row.stage,
        from_on=row.from_on,
        until_on=row.until_on,
        delivered_on=row.delivered_on,
        evidence=row.evidence,
        cluster=clusters[row.cluster_id].name if row.cluster_id else "",
    )


def stored_answers(said: Sequence[Said]) -> list[dict[str, Any]]:
    """What the checks said, as it is kept."""
    return [
        {"code": each.code, "pointer": each.pointer, "subject": each.subject, "inputs": dict(each.inputs)}
        for each in said
    ]


def said_in(answers: Sequence[Mapping[str, Any]]) -> list[Said]:
    """The same read back."""
    return [Said(each["code"], each["pointer"], each["subject"], each["inputs"]) for each in answers]


def require_sound(said: Sequence[Said], *, subject: str, language: str) -> None:
    """Raise `Invalid` where the checks find an error in what is about `subject`."""
    wrong = [each for each in said if each.severity == "error" and each.subject == subject]
    if wrong:
        raise Invalid(
            "This cannot be kept: each obstacle is listed.",
            remedy="Mend the errors; warnings and notes do not block.",
            obstacles=[facility_checks.told(each, language=language) for each in wrong],
        )


def judge(row: Facility, *, subject: str, at: datetime, language: str) -> None:
    """Let the checks say what there is to say about the whole site, and keep it; raises `Invalid` as above."""
    said = facility_checks.of_site(site_of(row), today=today(at))
    require_sound(said, subject=subject, language=language)
    row.answers = stored_answers(said)
    row.revision += 1
    row.changed_at = at
    row.save(update_fields=["answers", "revision", "changed_at"])


def scope(row: Facility) -> dict[str, Any]:
    """The columns that every row about a facility carries."""
    return {"organisation_id": row.organisation_id, "territory": row.territory, "facility_id": row.id}


def enter(kind: str, row: Facility, canonical: bytes, *, by: Actor, at: datetime) -> dict[str, Any]:
    """Announce and record canonical content; returns the columns that stand for it: digest, salt, entry, who, when."""
    outbox.put(kind, subjects=[row.reference], organisation=row.organisation_id, at=at)
    salt, found_digest = os.urandom(32), digest(canonical)
    commitment = chain.commitment(salt=salt, digest=found_digest)
    entry = log.append([Line(kind, row.reference, commitment)], by=by, at=at)[0]
    who = {"at": at, "actor": by.id, "actor_name": by.name}
    return {"digest": found_digest, "salt": salt, "entry_id": entry.index, **who}


def record(kind: str, row: Facility, content: Mapping[str, Any], *, subject: str = "", by: Actor, at: datetime) -> None:
    """Announce and record what was said of a facility, and keep it as an act, for ever."""
    last = FacilityAct.objects.filter(facility=row).aggregate(last=Max("number"))["last"] or 0
    canonical = canonical_json(content)
    act = {"id": uuid.uuid4(), "number": last + 1, "kind": kind, "subject": subject, "content": canonical.decode()}
    rows.insert(FacilityAct, [{**scope(row), **act, **enter(kind, row, canonical, by=by, at=at)}])
