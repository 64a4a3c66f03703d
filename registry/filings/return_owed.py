"""What compute providers owe each month, read from their facilities and returns: a source of duties of organisations.

The register's own rule: the return of a month by the day of the next that `data/duties.toml` says. It is owed from the
month in which the provider first runs a facility that stands in this register, and no longer once all are closed.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from typing import Final
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from registry.compute.models import Facility, ReturnVersion
from registry.filings import duties
from registry.filings.duties import FilingFacts, Submission
from registry.filings.models import Duty
from registry.filings.owed import Owed, Source
from registry.filings.working_days import day_of
from registry.organisations.models import Organisation

CODE: Final = "monthly_return"


def read(organisations: Sequence[Organisation]) -> Iterable[Owed]:
    """Since when each lends, until when, and which months it has submitted.

    A month counts from its first version; the amendments that follow do not make it late.
    """
    spans: defaultdict[UUID, list[tuple[date, date | None]]] = defaultdict(list)
    columns = ("organisation_id", "registered_at", "operating_from", "closed_on")
    for organisation_id, registered_at, since, until in _lent().values_list(*columns):
        spans[organisation_id].append((max(day_of(registered_at), since), until))
    told: defaultdict[UUID, list[Submission]] = defaultdict(list)
    first = ReturnVersion.objects.filter(organisation__in=organisations, number=1).order_by("submitted_at")
    for organisation_id, month, at in first.values_list("organisation_id", "monthly_return__month", "submitted_at"):
        told[organisation_id].append(Submission(CODE, at, month=month))
    for each in organisations:
        if each.is_compute_provider and each.id in spans:
            lent = spans[each.id]
            closed = [until for _, until in lent if until is not None]
            facts = FilingFacts(
                territory=each.territory,
                lends_from=min(since for since, _ in lent),
                lends_until=max(closed) if len(closed) == len(lent) else None,
                submitted=tuple(told[each.id]),
            )
            yield Owed(organisation_id=each.id, territory=each.territory, facts=(facts,))


def begun(at: datetime, limit: int) -> Collection[UUID]:
    """Compute providers that run a facility and about whose returns no duty is kept yet."""
    asked_from = duties.rule_of(CODE).applies_from
    if day_of(at) < asked_from:
        return []
    kept = Duty.objects.of_organisations().filter(organisation=OuterRef("organisation"), code=CODE)
    found = _lent().filter(~Exists(kept), organisation__is_compute_provider=True)
    is_open = Q(closed_on__isnull=True) | Q(closed_on__gte=asked_from)
    started = found.filter(is_open, registered_at__lte=at, operating_from__lte=day_of(at)).order_by("organisation_id")
    return list(started.values_list("organisation_id", flat=True).distinct()[:limit])


def _lent() -> QuerySet[Facility]:
    return Facility.objects.filter(operating_from__isnull=False)


SOURCE: Final = Source(frozenset({CODE}), read, begun)
