"""Duties of organisations themselves, which hang on no filing: reckoned from sources, kept as rows among the others.

How to add one:
1. Its rule in `data/duties.toml`; a trigger that is new also in `duties._TRIGGERS`, with its fact in `FilingFacts`.
2. A function that reads the facts of given organisations as `Owed`, one for each `subject` (such as a facility's
   reference; empty for the organisation itself); what fulfils it stands in `facts.submitted` with its moment.
3. A `Source` of its codes and that function in `SOURCES` below; `begun` only if nobody's act brings the duty about.
4. `renew([organisation], at=at)` in each action after which other duties follow, in its unit of work.
5. In `policy.toml`: provider (own) and screener (all) may select the columns that the function reads.
Lists, calendar, reminders, extensions, excuses, late marks and further occurrences then come by themselves.
"""

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import connection
from django.db.models import F

from registry import rows
from registry.acting import Actor, inside_acting_as
from registry.filings import duties, facility_owed, ownership_owed, reckoning, return_owed
from registry.filings.duties import Calendar
from registry.filings.models import Duty, DutyQuerySet
from registry.filings.owed import Owed, Source
from registry.organisations.models import Organisation

log = logging.getLogger(__name__)

SOURCES: Final[tuple[Source, ...]] = (ownership_owed.SOURCE, facility_owed.SOURCE, return_owed.SOURCE)
CODES: Final = frozenset().union(*(source.codes for source in SOURCES))

_CONFLICT: Final = (
    f"(organisation_id, subject, code, trigger_on) where filing_id is null do update set {reckoning.RENEWED}"
)
_RETIRE: Final = """
update filings_duty set is_current = false, sequence = sequence + 1, changed_at = %s
where filing_id is null and organisation_id = any(%s) and code = any(%s) and is_current and not exists (
    select from unnest(%s::uuid[], %s::text[], %s::text[], %s::date[])
        as kept(organisation_id, subject, code, trigger_on)
    where kept.organisation_id = filings_duty.organisation_id and kept.subject = filings_duty.subject
        and kept.code = filings_duty.code and kept.trigger_on = filings_duty.trigger_on)
"""


@dataclass(frozen=True)
class _Found:
    owed: Owed
    duty: duties.Duty


def of_organisation(organisation: Organisation, *, by: Actor) -> DutyQuerySet:
    """The present duties of an organisation itself that the actor may see, by due moment."""
    found = Duty.objects.visible_to(by).of_organisations().filter(organisation=organisation, is_current=True)
    return found.order_by("falls_at", "id")


def renew(organisations: Sequence[Organisation], *, at: datetime, sources: Sequence[Source] = SOURCES) -> None:
    """Reckon the duties of these organisations from what is known now, and keep them as rows.

    Part of the action whose unit of work is open. What follows no longer stays as a row that is not current. Raises
    ValueError where the public holidays of a territory are not known.
    """
    if not organisations:
        return
    found: list[_Found] = []
    for source in sources:
        owed = list(source.read(organisations))
        calendar = reckoning.calendar({facts.territory for each in owed for facts in each.facts})
        found += [_Found(each, duty) for each in owed for duty in _duties(each, source, calendar, at)]
    codes = [code for source in sources for code in sorted(source.codes)]
    _keep(found, organisations=[each.id for each in organisations], codes=codes, at=at)


@inside_acting_as
def reckon_passed(*, by: Actor, at: datetime, limit: int) -> int:
    """Begin the duties that time or registration alone brings about, and reckon anew where one has fallen due since.

    Returns how many organisations. One that cannot be reckoned is logged and does not keep the others waiting.
    """
    by.require("duty_remind")
    passed = (
        Duty.objects.visible_to(by)
        .of_organisations()
        .filter(is_current=True, due_at__lt=at, reckoned_at__lte=F("due_at"))
        .order_by("due_at")
        .values_list("organisation_id", flat=True)
    )
    ids = set(passed[:limit])
    for source in SOURCES:
        if source.begun is not None and len(ids) < limit:
            ids |= set(source.begun(at, limit - len(ids)))
    organisations = list(Organisation.objects.visible_to(by).filter(id__in=ids))
    done = _reckoned(organisations, at=at)
    Duty.objects.of_organisations().filter(organisation__in=ids, is_current=True).update(reckoned_at=at)
    return done


def _reckoned(organisations: Sequence[Organisation], *, at: datetime) -> int:
    """All at once; where one is at fault, each by itself."""
    try:
        renew(organisations, at=at)
    except ValueError:
        if len(organisations) == 1:
            log.exception("the duties of organisation %s cannot be reckoned", organisations[0].id)
            return 0
        return sum(_reckoned([each], at=at) for each in organisations)
    return len(organisations)


def _duties(owed: Owed, source: Source, calendar: Calendar, at: datetime) -> list[duties.Duty]:
    found = (duty for facts in owed.facts for duty in duties.duties_of(facts, calendar, at=at))
    return [duty for duty in found if duty.code in source.codes]


def _keep(found: Sequence[_Found], *, organisations: Collection[UUID], codes: Sequence[str], at: datetime) -> None:
    """The rows; a duty that two facts bring about is kept once, as the later one says."""
    once = {
        (each.owed.organisation_id, each.owed.subject, each.duty.code, each.duty.trigger_on): each for each in found
    }
    made = [
        {
            "organisation_id": each.owed.organisation_id,
            "territory": each.owed.territory,
            "filing_id": None,
            "subject": each.owed.subject,
            **reckoning.columns(each.duty, at=at),
        }
        for each in once.values()
    ]
    rows.insert(Duty, made, conflict=_CONFLICT)
    with connection.cursor() as cursor:
        kept = [[key[part] for key in once] for part in range(4)]
        cursor.execute(_RETIRE, [at, list(organisations), list(codes), *kept])
