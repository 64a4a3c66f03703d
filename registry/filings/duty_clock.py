"""What time alone does to duties: reminders before they fall due, marks when they are overdue, the next occurrence.

Sets throughout; each function does as much as its limit says, and is called again while something is left.
"""

import json
import logging
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import F, Prefetch

from registry.acting import Actor, inside_acting_as
from registry.dispatch import outbox
from registry.errors import DomainError
from registry.filings import assessment, document, duties, lifecycle, reckoning
from registry.filings.beside import Beside
from registry.filings.duty_models import of_organisation
from registry.filings.models import Crossing, Duty, Filing, Version
from registry.filings.reckoning import Reckoned

log = logging.getLogger(__name__)

DUE_SOON, OVERDUE = "duty.due_soon", "duty.overdue"
# Days before the due moment at which a provider is told.
STAGES = (14, 7, 2)
# What one filing can be at fault for; an outage of the database is not among them.
_UNRECKONABLE = (DomainError, ValueError, LookupError, ArithmeticError)

# Each duty is in one stage at a time, the last it has reached: who files two days before the due moment is told once.
_REMIND = """
with reached as (
    select duty.id, duty.organisation_id, duty.territory, duty.falls_at, filing.reference,
        case when duty.falls_at < %(at)s then 'overdue' else (
            select min(days)::text from unnest(%(stages)s::int[]) as days
            where duty.falls_at <= %(at)s + make_interval(days => days)) end as stage
    from filings_duty as duty left join filings_filing as filing on filing.id = duty.filing_id
    where duty.is_current and duty.met_at is null and duty.due_at is not null and duty.excused_at is null
        and duty.falls_at <= %(at)s + make_interval(days => %(first)s)
        and coalesce(filing.status, '') not in ('draft', 'withdrawn')
), waiting as (
    select * from reached where not exists (
        select from filings_reminder as told
        where told.duty_id = reached.id and told.stage = reached.stage and told.falls_at = reached.falls_at)
    order by falls_at, id limit %(limit)s
), told as (
    insert into filings_reminder (organisation_id, territory, duty_id, stage, falls_at, at)
    select organisation_id, territory, id, stage, falls_at, %(at)s from waiting
    on conflict do nothing returning duty_id, stage
)
select told.stage, waiting.reference, waiting.organisation_id
from told join waiting on waiting.id = told.duty_id order by waiting.falls_at, waiting.id
"""


@inside_acting_as
def remind(*, by: Actor, at: datetime, limit: int) -> int:
    """Put `duty.due_soon` or `duty.overdue` once for each duty, stage and due moment; returns how many.

    What has been excused is not reminded of. A due moment that moves is reminded of anew.
    """
    by.require("duty_remind")
    given: dict[str, Any] = {"at": at, "stages": list(STAGES), "first": max(STAGES), "limit": limit}
    with connection.cursor() as cursor:
        cursor.execute(_REMIND, given)
        told = cursor.fetchall()
    kinds: defaultdict[str, list[tuple[str, UUID]]] = defaultdict(list)
    for stage, reference, organisation in told:
        kind = OVERDUE if stage == "overdue" else DUE_SOON
        if reference is None:
            kinds[of_organisation(kind)].append((str(organisation), organisation))
        else:
            kinds[kind].append((reference, organisation))
    for kind, subjects in kinds.items():
        outbox.put_each(kind, subjects=subjects, at=at)
    return len(told)


@inside_acting_as
def reckon_passed(*, by: Actor, at: datetime, limit: int) -> int:
    """Reckon anew the duties of filings of which one has fallen due since: a further occurrence may have begun.

    Returns how many filings. One that cannot be reckoned is logged and does not keep the others waiting.
    """
    by.require("duty_remind")
    passed = (
        Duty.objects.visible_to(by)
        .filter(filing__isnull=False, is_current=True, due_at__lt=at, reckoned_at__lte=F("due_at"))
        .exclude(filing__status=lifecycle.Status.WITHDRAWN.value)
        .order_by("due_at")
        .values_list("filing_id", flat=True)
    )
    ids = list(dict.fromkeys(passed[:limit]))
    if not ids:
        return 0
    versions = Version.objects.order_by("number").prefetch_related(
        Prefetch("crossings", Crossing.objects.order_by("id"))
    )
    filings = Filing.objects.filter(id__in=ids).prefetch_related(Prefetch("versions", versions))
    beside, holidays = reckoning.beside(ids), reckoning.calendar({filing.territory for filing in filings})
    found = []
    for filing in filings:
        try:
            found.append(_reckoned(filing, holidays, beside.get(filing.id, Beside()), at))
        except _UNRECKONABLE:
            log.exception("the duties of %s cannot be reckoned", filing.reference)
    reckoning.store(found, known=[each.filing_id for each in found], at=at)
    Duty.objects.filter(filing_id__in=ids, is_current=True).update(reckoned_at=at)
    return len(found)


def _reckoned(filing: Filing, holidays: duties.Calendar, beside: Beside, at: datetime) -> Reckoned:
    """The duties of a filing as of now, from its stored versions."""
    versions: Sequence[Version] = list(filing.versions.all())
    contents = [json.loads(version.canonical) for version in versions]
    crossings = [{each.threshold: each.crossed_on for each in version.crossings.all()} for version in versions]
    facts = assessment.facts(
        document.read(contents[-1]),
        crossings={threshold: day for threshold, day in crossings[-1].items() if day is not None},
        territory=filing.territory,
        submitted=[
            assessment.earlier_submission(content, kind=version.kind, at=version.submitted_at, crossings=list(crossed))
            for version, content, crossed in zip(versions, contents, crossings, strict=True)
        ],
        beside=beside,
    )
    scope = {"organisation_id": filing.organisation_id, "territory": filing.territory}
    return Reckoned(filing.id, scope, duties.duties_of(facts, holidays, at=at))
