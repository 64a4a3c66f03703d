"""Checks of a version against the one before it: what may not go back, and what needs a reason. Pure.

A correction may change what an update may not: it says that the earlier version was wrong. Texts in `versions.toml`.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from registry.filings.checks.subject import Hit, Subject, check, hit
from registry.filings.document import STAGES, FilingDocument
from registry.filings.estimation import MARGIN
from registry.quantities import within

DECLARED: Final = "/run/training_compute/training_compute_flop"


def _previous(subject: Subject) -> FilingDocument | None:
    """The earlier version that this one goes on from; None where there is none, or where this one corrects it."""
    return None if subject.context.kind == "correction" else subject.context.previous


def _flop(filed: FilingDocument) -> Decimal | None:
    return filed.run.training_compute.training_compute_flop if filed.run.training_compute else None


@check("nothing-to-amend")
def _nothing_to_amend(subject: Subject) -> Iterator[Hit]:
    if subject.context.kind != "notification" and subject.context.previous is None:
        yield hit("", kind=subject.context.kind)


@check("nothing-changed")
def _nothing_changed(subject: Subject) -> Iterator[Hit]:
    if subject.context.kind in ("update", "correction") and subject.document == subject.context.previous:
        yield hit("", kind=subject.context.kind)


@check("withdrawal-changes-content")
def _withdrawal_changes_content(subject: Subject) -> Iterator[Hit]:
    previous = subject.context.previous
    if subject.context.kind == "withdrawal" and previous is not None:
        unsigned = {"signature": None}
        if subject.document.model_copy(update=unsigned) != previous.model_copy(update=unsigned):
            yield hit("")


@check("completion-not-completed")
def _completion_not_completed(subject: Subject) -> Iterator[Hit]:
    if subject.context.kind == "completion" and subject.document.stage != "completed":
        yield hit("/stage", stage=subject.document.stage)


@check("update-already-completed")
def _update_already_completed(subject: Subject) -> Iterator[Hit]:
    previous = subject.context.previous
    if subject.context.kind != "update" or previous is None or subject.document.stage != "completed":
        return
    if previous.stage != "completed":
        yield hit("/stage")


@check("stage-goes-back")
def _stage_goes_back(subject: Subject) -> Iterator[Hit]:
    previous = _previous(subject)
    if previous is not None and STAGES.index(subject.document.stage) < STAGES.index(previous.stage):
        yield hit("/stage", stage=subject.document.stage, earlier=previous.stage)


@check("compute-shrinks")
def _compute_shrinks(subject: Subject) -> Iterator[Hit]:
    previous = _previous(subject)
    now, before = subject.flop, _flop(previous) if previous else None
    if now is not None and before is not None and now < before and not within(before, now, tolerance=MARGIN):
        yield hit(DECLARED, now=now, before=before)


@check("compute-grows")
def _compute_grows(subject: Subject) -> Iterator[Hit]:
    previous = _previous(subject)
    now, before = subject.flop, _flop(previous) if previous else None
    if now is not None and before is not None and now > before and not within(before, now, tolerance=MARGIN):
        yield hit(DECLARED, now=now, before=before)


@check("run-id-changed")
def _run_id_changed(subject: Subject) -> Iterator[Hit]:
    previous = subject.context.previous
    if previous is not None and previous.run.client_run_id != subject.run.client_run_id:
        yield hit("/run/client_run_id", now=subject.run.client_run_id, before=previous.run.client_run_id)


@check("lineage-changed")
def _lineage_changed(subject: Subject) -> Iterator[Hit]:
    previous = _previous(subject)
    now, before = subject.run.lineage_id, previous.run.lineage_id if previous else None
    if now is not None and before is not None and now != before:
        yield hit("/run/lineage_id", now=now, before=before)


@check("run-stage-changed")
def _run_stage_changed(subject: Subject) -> Iterator[Hit]:
    previous = _previous(subject)
    if previous is not None and previous.run.stage != subject.run.stage:
        yield hit("/run/stage", now=subject.run.stage, before=previous.run.stage)


@check("role-changed")
def _role_changed(subject: Subject) -> Iterator[Hit]:
    previous = subject.context.previous
    if previous is not None and previous.filer.role != subject.document.filer.role:
        yield hit("/filer/role", now=subject.document.filer.role, before=previous.filer.role)


@check("filer-changed")
def _filer_changed(subject: Subject) -> Iterator[Hit]:
    previous, filer = subject.context.previous, subject.document.filer
    for name in ("legal_name", "lei", "seat_country") if previous else ():
        now, before = getattr(filer, name), getattr(previous.filer, name) if previous else None
        if before is not None and now != before:
            yield hit(f"/filer/{name}", element=f"/filer/{name}", now=now or "—", before=before)


@check("start-moved-after-reached")
def _start_moved_after_reached(subject: Subject) -> Iterator[Hit]:
    previous = _previous(subject)
    before = previous.run.actual_start_on if previous else None
    if before is not None and subject.run.actual_start_on != before:
        now = subject.run.actual_start_on
        yield hit("/run/actual_start_on", now=now.isoformat() if now else "—", before=before)


@check("end-moved-after-reached")
def _end_moved_after_reached(subject: Subject) -> Iterator[Hit]:
    previous = _previous(subject)
    before = previous.run.actual_end_on if previous else None
    if before is not None and subject.run.actual_end_on != before:
        now = subject.run.actual_end_on
        yield hit("/run/actual_end_on", now=now.isoformat() if now else "—", before=before)


@check("met-day-changed")
def _met_day_changed(subject: Subject) -> Iterator[Hit]:
    previous = _previous(subject)
    for name in ("met_on", "known_on") if previous else ():
        now, before = getattr(subject.run, name), getattr(previous.run, name) if previous else None
        if before is not None and now != before:
            yield hit(f"/run/{name}", now=now.isoformat() if now else "—", before=before)


@check("facility-moved")
def _facility_moved(subject: Subject) -> Iterator[Hit]:
    previous = _previous(subject)
    before = {each.facility_id: each.country for each in previous.facilities} if previous else {}
    for index, facility in enumerate(subject.document.facilities):
        earlier = before.get(facility.facility_id)
        if facility.facility_id is not None and earlier is not None and facility.country not in (None, earlier):
            now = facility.country or ""
            yield hit(f"/facilities/{index}/country", name=facility.facility_id, now=now, before=earlier)


@check("weights-hash-changed")
def _weights_hash_changed(subject: Subject) -> Iterator[Hit]:
    previous = _previous(subject)
    before = previous.model.weights.sha256 if previous and previous.model and previous.model.weights else None
    model = subject.document.model
    now = model.weights.sha256 if model and model.weights else None
    if before is not None and now != before:
        yield hit("/model/weights/sha256")


@check("incident-left-out")
def _incident_left_out(subject: Subject) -> Iterator[Hit]:
    previous = _previous(subject)
    if previous is not None and previous.incident is not None and subject.document.incident is None:
        yield hit("/incident")
