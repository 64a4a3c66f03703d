"""From stored facilities to snapshots: what stands there on a day, what it needs, and which licence was needed."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Final
from uuid import UUID

from django.db.models import F

from registry.acting import Actor
from registry.compute import catalogue
from registry.compute import models as compute
from registry.compute.facility import STANDING
from registry.organisations.models import Organisation
from registry.screening.keeping import Subject, content_of
from registry.screening.shapes import ControlEvent, FacilitySnapshot, Installation, Stage, SubjectKind
from registry.screening.taking import Taken, chunks

_STAGES: Final[Mapping[str, Stage]] = {
    compute.Stage.PLANNED: "planned",
    compute.Stage.ORDERED: "planned",
    compute.Stage.DELIVERED: "delivered",
    compute.Stage.INSTALLED: "installed",
    compute.Stage.OPERATING: "installed",
}


def of_facilities(actor: Actor, *, on: date, references: Iterable[str] | None = None) -> Iterator[Taken]:
    """Each facility that the actor may see and that is not closed, as of a day; all, or those named."""
    found = compute.Facility.objects.visible_to(actor).exclude(closed_on__lte=on).order_by("reference")
    if references is not None:
        found = found.filter(reference__in=list(references))
    for facilities in chunks(found.iterator(chunk_size=200)):
        lots = _lots([each.id for each in facilities], on)
        parents = _parents({each.organisation_id for each in facilities}, actor)
        for each in facilities:
            snapshot = FacilitySnapshot(
                as_of=on,
                name=f"{each.name} ({each.reference})",
                country=each.country,
                operator=each.operator_name,
                parent_country=parents.get(each.organisation_id, ""),
                it_power_kw=each.it_power_kw,
                installations=tuple(lots[each.id]),
            )
            yield _subject(each, snapshot), snapshot


def _subject(facility: compute.Facility, snapshot: FacilitySnapshot) -> Subject:
    return Subject(
        kind=SubjectKind.FACILITY,
        key=facility.reference,
        name=facility.name,
        organisation_id=facility.organisation_id,
        territory=facility.territory,
        facility_id=facility.id,
        content=content_of(snapshot),
    )


def _lots(facilities: list[UUID], on: date) -> Mapping[UUID, list[Installation]]:
    """What is said to stand in each on a day, and since when each lot has been there: by facility."""
    stored = compute.Installation.objects.filter(facility__in=facilities)
    since: dict[tuple[UUID, str], date] = {}
    used = stored.filter(stage__in=STANDING, from_on__lte=on).exclude(until_on=F("from_on"))
    for facility_id, lot, from_on in used.order_by("-from_on").values_list("facility_id", "lot", "from_on"):
        since[facility_id, lot] = from_on  # the earliest comes last
    found: defaultdict[UUID, list[Installation]] = defaultdict(list)
    for each in stored.holding(on).exclude(stage=compute.Stage.RETIRED).order_by("facility_id", "lot"):
        found[each.facility_id].append(_installation(each, since.get((each.facility_id, each.lot))))
    return found


def _installation(stored: compute.Installation, since: date | None) -> Installation:
    """One lot. That nothing shows the delivery of what is said to stand there counts as none delivered."""
    part = catalogue.catalogue().get(stored.accelerator_id)
    stage = _STAGES[stored.stage]
    is_unseen = stage == "installed" and stored.delivered_on is None and not stored.evidence
    return Installation(
        accelerator=stored.accelerator_id,
        count=stored.count,
        stage=stage,
        tdp_w=part.power_w if part else None,
        in_use_from=since,
        delivered=0 if is_unseen else None,
        delivery_on=stored.delivered_on,
        events=tuple(
            ControlEvent(code=event.code, on=event.on, kind=event.kind.value)
            for event in catalogue.export_events()
            if part is not None and event.concerns(part)
        ),
    )


def _parents(organisations: set[UUID], actor: Actor) -> Mapping[UUID, str]:
    """The country of each operator's ultimate parent; its own where it has none."""
    stored = Organisation.objects.visible_to(actor).filter(id__in=organisations)
    found = stored.values_list("id", "ultimate_parent_country", "seat_country")
    return {identity: parent or seat for identity, parent, seat in found}
