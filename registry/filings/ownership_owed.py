"""What organisations owe about their owners, read from their statements: a source of duties of organisations."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from registry.filings import ownership_duties
from registry.filings.models import Duty
from registry.filings.owed import Owed, Source
from registry.filings.ownership_duties import Stated
from registry.filings.working_days import day_of
from registry.organisations.identifiers import MEMBER_STATES
from registry.organisations.models import Organisation, OwnershipStatement


def read(organisations: Sequence[Organisation]) -> Iterable[Owed]:
    """The facts of each organisation. A first statement is asked of whoever has its seat in the Union (Art. 63(1))."""
    stated: defaultdict[UUID, list[Stated]] = defaultdict(list)
    rows = OwnershipStatement.objects.filter(organisation__in=organisations).order_by("number")
    for organisation_id, as_of_on, recorded_at, changed_on in rows.values_list(
        "organisation_id", "as_of_on", "recorded_at", "changed_on"
    ):
        days = tuple(date.fromisoformat(day) for day in changed_on)
        stated[organisation_id].append(Stated(as_of_on, recorded_at, days))
    for each in organisations:
        is_asked = each.seat_country in MEMBER_STATES
        yield Owed(
            organisation_id=each.id,
            territory=each.territory,
            facts=ownership_duties.facts_of(
                stated[each.id],
                territory=each.territory,
                registered_on=day_of(each.registered_at) if is_asked else None,
            ),
        )


def begun(at: datetime, limit: int) -> Collection[UUID]:
    """Organisations with a seat in the Union, or with a statement, about whose owners no duty is kept yet."""
    kept = Duty.objects.of_organisations().filter(organisation=OuterRef("pk"), code__in=ownership_duties.CODES)
    stated = OwnershipStatement.objects.filter(organisation=OuterRef("pk"))
    found = Organisation.objects.filter(Q(seat_country__in=MEMBER_STATES) | Q(Exists(stated)), ~Exists(kept))
    chosen = found.filter(registered_at__lte=at).order_by("registered_at", "id")
    return list(chosen.values_list("id", flat=True)[:limit])


SOURCE = Source(frozenset(ownership_duties.CODES), read, begun)
