"""Facilities registered and amended, their years reported: visible, permitted, possible, done, announced, recorded."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from random import SystemRandom
from typing import Any, Final

from django.db import connection

from registry import rows
from registry.acting import Actor, inside_acting_as
from registry.compute import facility, facility_checks, facility_reference, facility_storing
from registry.compute.facility import FacilityStatement, YearlyReport
from registry.compute.facility_checks import Site
from registry.compute.models import Facility, FacilityReport
from registry.errors import Conflict, Invalid, NotFound, NotPossible, Obstacle, Stale, told
from registry.forms.parts import canonical_json
from registry.organisations.identifiers import MEMBER_STATES
from registry.organisations.models import Organisation

REGISTERED, AMENDED = "facility.registered", "facility.amended"
REPORTED, REPORT_AMENDED = "facility.reported", "facility.report_amended"
SAID: Final = frozenset({REGISTERED, AMENDED, REPORTED, REPORT_AMENDED})
MADE_UP: Final = range(900_000_000, 1_000_000_000)  # numbers that a dry run shows
_LOT: Final = SystemRandom()


@inside_acting_as
def register(
    *, content: Mapping[str, Any], by: Actor, at: datetime, language: str = "en", dry_run: bool = False
) -> Facility:
    """Register a facility that the actor's organisation operates. A dry run, which is rolled back, uses up no number.

    Raises `Invalid` with every error, `Conflict` where the client reference is taken.
    """
    operator = _operator(by)
    by.require("facility_state")
    said = facility.read(FacilityStatement, content, language=language)
    _require_free(said, operator, besides=None)
    answers = facility_checks.of_site(Site(said), today=facility_storing.today(at))
    facility_storing.require_sound(answers, subject="", language=language)
    columns = {
        "id": uuid.uuid4(),
        "reference": _made_up(at) if dry_run else _next_reference(at),
        "organisation_id": operator.id,
        "territory": said.country if said.country in MEMBER_STATES else operator.territory,
        "country": said.country,
        "registered_at": at,
        "changed_at": at,
        "revision": 1,
        "answers": facility_storing.stored_answers(answers),
        **_columns(said, operator),
    }
    rows.insert(Facility, [columns])
    made = Facility(**columns)
    facility_storing.record(REGISTERED, made, facility.plain(said), by=by, at=at)
    return made


@inside_acting_as
def amend(
    *, reference: str, content: Mapping[str, Any], revision: int, by: Actor, at: datetime, language: str = "en"
) -> Facility:
    """State a facility anew, as a whole. Raises `Stale` when it changed since `revision`; its country stays."""
    row = facility_storing.locked(reference, by)
    by.require("facility_state")
    facility_storing.require_revision(row, revision)
    said = facility.read(FacilityStatement, content, language=language)
    if said.country != row.country:
        raise NotPossible(
            "A facility stays in its country: its authority keeps its file.",
            remedy="Close this one and register another.",
        )
    operator = _operator(by)
    _require_free(said, operator, besides=row)
    for name, value in _columns(said, operator).items():
        setattr(row, name, value)
    row.save(update_fields=list(_columns(said, operator)))
    facility_storing.judge(row, subject="", at=at, language=language)
    facility_storing.record(AMENDED, row, facility.plain(said), by=by, at=at)
    return row


@inside_acting_as
def report(
    *, reference: str, content: Mapping[str, Any], by: Actor, at: datetime, language: str = "en"
) -> FacilityReport:
    """Report a calendar year of a facility for the first time. Raises `Conflict` where the year is reported."""
    row = facility_storing.locked(reference, by)
    by.require("facility_state")
    said = facility.read(YearlyReport, content, language=language)
    if FacilityReport.objects.filter(facility=row, year=said.year).exists():
        raise Conflict("This year has been reported.", remedy="Amend the report of that year.")
    return _store(row, said, number=1, by=by, at=at, language=language)


@inside_acting_as
def amend_report(
    *,
    reference: str,
    year: int,
    content: Mapping[str, Any],
    number: int,
    by: Actor,
    at: datetime,
    language: str = "en",
) -> FacilityReport:
    """Report a year anew, as a whole: a further version. `number` is the version that it replaces, else `Stale`."""
    row = facility_storing.locked(reference, by)
    by.require("facility_state")
    newest = FacilityReport.objects.filter(facility=row, year=year).order_by("-number").first()
    if newest is None:
        raise NotFound
    if newest.number != number:
        raise Stale("It has changed since you read it.", remedy="Read it and repeat the change.")
    said = facility.read(YearlyReport, content, language=language)
    if said.year != year:
        sentence, remedy = told("The report is of another year."), told("Amend the report of the year it is about.")
        raise Invalid(sentence, remedy=remedy, obstacles=[Obstacle("validation", "/year", sentence, remedy)])
    return _store(row, said, number=number + 1, by=by, at=at, language=language)


def _store(row: Facility, said: YearlyReport, *, number: int, by: Actor, at: datetime, language: str) -> FacilityReport:
    answers = facility_checks.of_report(said, facility_storing.site_of(row), today=facility_storing.today(at))
    facility_storing.require_sound(answers, subject="", language=language)
    found, canonical = facility.ratios(said), canonical_json(facility.plain(said))
    columns = {
        "id": uuid.uuid4(),
        **facility_storing.scope(row),
        "year": said.year,
        "number": number,
        "document": canonical.decode(),
        "answers": facility_storing.stored_answers(answers),
        "it_power_kw": said.it_power_kw,
        "total_energy_kwh": said.total_energy_kwh,
        "it_energy_kwh": said.it_energy_kwh,
        "pue": found.pue,
        "wue": found.wue,
        "erf": found.erf,
        "ref": found.ref,
        **facility_storing.enter(REPORTED if number == 1 else REPORT_AMENDED, row, canonical, by=by, at=at),
    }
    rows.insert(FacilityReport, [columns])
    return FacilityReport(**columns)


def _columns(said: FacilityStatement, operator: Organisation) -> dict[str, Any]:
    """What is queried of a statement, and the statement itself."""
    return {
        "client_reference": said.client_reference or "",
        "name": said.name,
        "operator_name": operator.legal_name,
        "owner_name": said.owner_name,
        "kind": said.kind,
        "nuts_code": said.nuts_code or "",
        "lau_code": said.lau_code or "",
        "operating_from": said.operating_from,
        "closed_on": said.closed_on,
        "it_power_kw": said.it_power_kw,
        "size_class": facility.size_class(said.it_power_kw),
        "document": canonical_json(facility.plain(said)).decode(),
    }


def _operator(by: Actor) -> Organisation:
    found = Organisation.objects.visible_to(by).filter(id=str(by.organisation)).first() if by.organisation else None
    if found is None:
        raise NotFound
    return found


def _require_free(said: FacilityStatement, operator: Organisation, *, besides: Facility | None) -> None:
    """Raise `Conflict` where another facility of the operator carries the client reference."""
    if not said.client_reference:
        return
    taken = Facility.objects.filter(organisation=operator, client_reference=said.client_reference)
    if (taken.exclude(id=besides.id) if besides else taken).exists():
        raise Conflict(
            "You have a facility under this reference already.", remedy="Look it up with ?client_reference=."
        )


def _next_reference(at: datetime) -> str:
    with connection.cursor() as cursor:
        cursor.execute("select nextval('compute_facility_number')")
        return facility_reference.make(year=at.year, number=cursor.fetchone()[0])


def _made_up(at: datetime) -> str:
    return facility_reference.make(year=at.year, number=_LOT.choice(MADE_UP))
