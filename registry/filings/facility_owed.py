"""What operators owe about their facilities, read from statements and reports: a source of duties of organisations.

Delegated Regulation (EU) 2024/1364 Art. 3: a data centre in the Union with an installed IT power demand of at least
500 kW reports each calendar year by 15 May of the next, to the Member State in which it stands.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from registry.compute.facility import REPORTING_FROM_KW
from registry.compute.models import Facility, FacilityReport
from registry.filings.duties import FilingFacts, Submission
from registry.filings.models import Duty
from registry.filings.owed import Owed, Source
from registry.organisations.identifiers import MEMBER_STATES
from registry.organisations.models import Organisation

CODE: Final = "facility_report"


def read(organisations: Sequence[Organisation]) -> Iterable[Owed]:
    """The facts of each facility that must be reported: since when it operates, until when, which years were reported.

    A year counts from its first version; the amendments that follow do not make it late.
    """
    facilities = list(_owing().filter(organisation__in=organisations))
    first = FacilityReport.objects.filter(facility__in=facilities, number=1).order_by("at")
    reported: defaultdict[UUID, list[Submission]] = defaultdict(list)
    for facility_id, year, at in first.values_list("facility_id", "year", "at"):
        reported[facility_id].append(Submission(CODE, at, year=year))
    for each in facilities:
        facts = FilingFacts(
            territory=each.territory,
            facility_operates_from=each.operating_from,
            facility_closed_on=each.closed_on,
            submitted=tuple(reported[each.id]),
        )
        yield Owed(
            organisation_id=each.organisation_id, territory=each.territory, facts=(facts,), subject=each.reference
        )


def begun(at: datetime, limit: int) -> Collection[UUID]:
    """Operators of facilities that must be reported and about which no duty is kept yet."""
    kept = Duty.objects.of_organisations().filter(
        organisation=OuterRef("organisation"), code=CODE, subject=OuterRef("reference")
    )
    found = _owing().filter(~Exists(kept), registered_at__lte=at).order_by("organisation_id")
    return list(found.values_list("organisation_id", flat=True).distinct()[:limit])


def _owing() -> QuerySet[Facility]:
    return Facility.objects.filter(
        country__in=MEMBER_STATES, operating_from__isnull=False, it_power_kw__gte=REPORTING_FROM_KW
    )


SOURCE: Final = Source(frozenset({CODE}), read, begun)
