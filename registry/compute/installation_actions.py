"""Clusters and installations of a facility: put up, change, retire; each a step from a day on, none ever deleted."""

import uuid
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from registry import rows
from registry.acting import Actor, inside_acting_as
from registry.compute import facility, facility_storing
from registry.compute.catalogue import catalogue
from registry.compute.facility import ClusterStatement, InstallationChange, InstallationStatement
from registry.compute.models import Cluster, Facility, Installation
from registry.errors import Conflict, Invalid, NotFound, NotPossible, Obstacle, told

CLUSTER_PUT_UP, CLUSTER_CHANGED = "facility.cluster_put_up", "facility.cluster_changed"
PUT_UP, CHANGED = "facility.installation_put_up", "facility.installation_changed"
RETIRED = "retired"


@inside_acting_as
def put_up_cluster(
    *, reference: str, content: Mapping[str, Any], by: Actor, at: datetime, language: str = "en"
) -> Cluster:
    """Put up a cluster in a facility. Raises `Conflict` where the facility has one of that name."""
    row = facility_storing.locked(reference, by)
    by.require("facility_state")
    said = facility.read(ClusterStatement, content, language=language)
    _require_name(row, said.name, besides=None)
    _require_order(said.from_on, said.until_on)
    made = {"id": uuid.uuid4(), "recorded_at": at, "changed_at": at, "revision": 1, **_columns(said)}
    rows.insert(Cluster, [{**facility_storing.scope(row), **made}])
    facility_storing.judge(row, subject=f"cluster:{said.name}", at=at, language=language)
    facility_storing.record(CLUSTER_PUT_UP, row, facility.plain(said), subject=str(made["id"]), by=by, at=at)
    return Cluster.objects.visible_to(by).get(id=made["id"])


@inside_acting_as
def change_cluster(
    *,
    reference: str,
    cluster: uuid.UUID,
    content: Mapping[str, Any],
    revision: int,
    by: Actor,
    at: datetime,
    language: str = "en",
) -> Cluster:
    """State a cluster anew, as a whole; its last day ends it. Raises `Stale` when it changed since `revision`."""
    row = facility_storing.locked(reference, by)
    found = Cluster.objects.visible_to(by).filter(facility=row, id=cluster).first()
    if found is None:
        raise NotFound
    by.require("facility_state")
    facility_storing.require_revision(found, revision)
    said = facility.read(ClusterStatement, content, language=language)
    _require_name(row, said.name, besides=found)
    _require_order(said.from_on, said.until_on)
    for name, value in _columns(said).items():
        setattr(found, name, value)
    found.revision += 1
    found.changed_at = at
    found.save(update_fields=[*_columns(said), "revision", "changed_at"])
    facility_storing.judge(row, subject=f"cluster:{said.name}", at=at, language=language)
    facility_storing.record(CLUSTER_CHANGED, row, facility.plain(said), subject=str(found.id), by=by, at=at)
    return found


@inside_acting_as
def put_up(
    *, reference: str, content: Mapping[str, Any], by: Actor, at: datetime, language: str = "en"
) -> Installation:
    """Put up a lot of accelerators in a facility: planned, ordered or there already, from a day on.

    Raises `Conflict` where the facility has a lot of that name: that one is changed.
    """
    row = facility_storing.locked(reference, by)
    by.require("facility_state")
    said = facility.read(InstallationStatement, content, language=language)
    _require_part(said.accelerator)
    _require_something(said.count)
    if Installation.objects.filter(facility=row, lot=said.lot).exists():
        raise Conflict("The facility has a lot of this name.", remedy="Change that one, or call this one otherwise.")
    return _begin(row, said, kind=PUT_UP, by=by, at=at, language=language)


@inside_acting_as
def change(
    *,
    reference: str,
    installation: uuid.UUID,
    content: Mapping[str, Any],
    revision: int,
    by: Actor,
    at: datetime,
    language: str = "en",
) -> Installation:
    """Say what is otherwise about a lot from a day on: more or fewer, a further stage, elsewhere, retired.

    What was said for that day and later is replaced: a period that began then or later is struck, the one that the day
    lies in ends there. Raises `Stale` when the installation changed since `revision`.
    """
    row = facility_storing.locked(reference, by)
    found = Installation.objects.visible_to(by).filter(facility=row, id=installation).first()
    if found is None:
        raise NotFound
    by.require("facility_state")
    facility_storing.require_revision(found, revision)
    said = facility.read(InstallationChange, content, language=language)
    if found.until_on is not None:
        raise NotPossible("This period has ended.", remedy="Change the newest period of the lot.")
    _require_something(said.count)
    after = _changed(found, said)
    periods = Installation.objects.filter(facility=row, lot=found.lot)
    if said.from_on < min(each.from_on for each in periods):
        raise _refused("/from_on", told("The lot begins later."), told("A change begins with the lot or later."))
    for each in periods:
        if each.until_on is None or each.until_on > said.from_on:
            _end(each, on=max(each.from_on, said.from_on), at=at)
    return _begin(row, after, kind=CHANGED, by=by, at=at, language=language)


def _begin(
    row: Facility, said: InstallationStatement, *, kind: str, by: Actor, at: datetime, language: str
) -> Installation:
    cluster = _cluster(row, said.cluster)
    columns = {
        "id": uuid.uuid4(),
        **facility_storing.scope(row),
        "cluster_id": cluster.id if cluster else None,
        "lot": said.lot,
        "accelerator_id": said.accelerator,
        "count": said.count,
        "stage": said.stage,
        "from_on": said.from_on,
        "until_on": None,
        "delivered_on": said.delivered_on,
        "evidence": said.evidence or "",
        "revision": 1,
        "recorded_at": at,
        "changed_at": at,
    }
    rows.insert(Installation, [columns])
    facility_storing.judge(row, subject=f"lot:{said.lot}", at=at, language=language)
    facility_storing.record(kind, row, facility.plain(said), subject=str(columns["id"]), by=by, at=at)
    return Installation(**columns)


def _end(period: Installation, *, on: date, at: datetime) -> None:
    period.until_on = on
    period.revision += 1
    period.changed_at = at
    period.save(update_fields=["until_on", "revision", "changed_at"])


def _changed(found: Installation, said: InstallationChange) -> InstallationStatement:
    """The lot as it was, with what is otherwise."""
    before = {
        "lot": found.lot,
        "cluster": str(found.cluster_id) if found.cluster_id else None,
        "accelerator": found.accelerator_id,
        "count": found.count,
        "stage": found.stage,
        "delivered_on": found.delivered_on.isoformat() if found.delivered_on else None,
        "evidence": found.evidence or None,
    }
    return facility.read(InstallationStatement, {**before, **facility.plain(said)})


def _columns(said: ClusterStatement) -> dict[str, Any]:
    return {
        "name": said.name,
        "network": said.network or "",
        "interconnect_gbit_per_s": said.interconnect_gbit_per_s,
        "from_on": said.from_on,
        "until_on": said.until_on,
    }


def _cluster(row: Facility, told_id: str | None) -> Cluster | None:
    if told_id is None:
        return None
    found = Cluster.objects.filter(facility=row, id=told_id).first()
    if found is None:
        raise _refused(
            "/cluster", told("The facility has no such cluster."), told("Take an id from the list of its clusters.")
        )
    return found


def _require_part(code: str) -> None:
    if code not in catalogue():
        raise _refused(
            "/accelerator",
            told("The catalogue has no such accelerator."),
            told("Take a code from /api/v1/accelerators/."),
        )


def _require_something(count: int | None) -> None:
    if count == 0:
        raise _refused(
            "/count", told("A lot has at least one accelerator."), told("Say “retired” when there are none left.")
        )


def _require_name(row: Facility, name: str, *, besides: Cluster | None) -> None:
    taken = Cluster.objects.filter(facility=row, name=name)
    if (taken.exclude(id=besides.id) if besides else taken).exists():
        raise Conflict("The facility has a cluster of this name.", remedy="Change that one, or choose another name.")


def _require_order(from_on: date, until_on: date | None) -> None:
    if until_on is not None and until_on < from_on:
        raise _refused("/until_on", told("It cannot end before it begins."), told("Correct one of the days."))


def _refused(pointer: str, sentence: str, remedy: str) -> Invalid:
    return Invalid(sentence, remedy=remedy, obstacles=[Obstacle("validation", pointer, sentence, remedy)])
