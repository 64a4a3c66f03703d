"""How what was filed is spread over days, states, bands and providers: sums, made in the database.

Every query starts from rows the actor may see, so that an officer's sums are those of one territory.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from django.db.models import Count, F, Q, Sum
from django.db.models.functions import TruncDate

from registry.acting import Actor
from registry.compute.models import Facility
from registry.filings.duties import State
from registry.filings.duty_models import states
from registry.filings.models import Duty
from registry.filings.working_days import BRUSSELS
from registry.oversight.queries import filed_since

NOTIFICATION: Final = "systemic_risk_notification"
LIMIT_DAYS: Final = 14
"""Two weeks: AI Act Art. 52(1). The end moves to the next working day, so that 15 or 16 days can be in time."""


@dataclass(frozen=True)
class Held:
    """A provider's sum of training compute in FLOP, and of how many filings."""

    organisation: UUID
    name: str
    flop: Decimal
    filings: int


@dataclass(frozen=True)
class Installed:
    """The facilities of a country: how many, and their IT power in kilowatts."""

    facilities: int
    kilowatts: Decimal


@dataclass(frozen=True)
class Notified:
    """So many notifications that came so many days after the threshold was passed, in time or late."""

    days: int
    is_late: bool
    count: int


def filings_by_day(actor: Actor, *, since: datetime, territory: str = "") -> dict[date, int]:
    """How many filings came in on each day in Brussels; days without any are left out."""
    by_day = filed_since(actor, since, territory=territory).annotate(day=TruncDate("submitted_at", tzinfo=BRUSSELS))
    return dict(by_day.values_list("day").annotate(filings=Count("*")).order_by("day"))


def days_to_notification(actor: Actor, *, since: datetime, territory: str = "") -> list[Notified]:
    """Days from passing the threshold of systemic risk to its notification, of those made since a moment.

    Who notifies before passing it has taken no day.
    """
    made = Duty.objects.visible_to(actor).standing().filter(code=NOTIFICATION, met_at__gte=since)
    if territory:
        made = made.filter(territory=territory)
    counted = (
        made.annotate(met_on=TruncDate("met_at", tzinfo=BRUSSELS))
        .values_list("trigger_on", "met_on")
        .annotate(all=Count("id"), in_time=Count("id", filter=Q(met_at__lte=F("falls_at"))))
        .order_by("trigger_on", "met_on")
    )
    found: dict[tuple[int, bool], int] = {}
    for passed_on, met_on, every, in_time in counted:
        days = max((met_on - passed_on).days, 0)
        for is_late, count in ((False, in_time), (True, every - in_time)):
            found[days, is_late] = found.get((days, is_late), 0) + count
    return [Notified(days, is_late, count) for (days, is_late), count in sorted(found.items()) if count]


def overdue_notifications(actor: Actor, *, at: datetime, territory: str = "") -> int:
    """How many are past their last day and not made."""
    late = Duty.objects.visible_to(actor).standing().filter(states(at)[State.OVERDUE], code=NOTIFICATION)
    return (late.filter(territory=territory) if territory else late).count()


def compute_by_provider(actor: Actor, *, since: datetime, territory: str = "") -> list[Held]:
    """Training compute filed since a moment by provider, the largest first; who stated none is left out."""
    summed = (
        filed_since(actor, since, territory=territory)
        .values_list("organisation_id", "organisation__legal_name")
        .annotate(flop=Sum("training_compute_flop"), filings=Count("*"))
        .filter(flop__gt=0)
        .order_by("-flop", "organisation__legal_name")
    )
    return [Held(*row) for row in summed]


def facilities_by_country(actor: Actor, *, territory: str = "") -> dict[str, Installed]:
    """Facilities registered and their IT power, by country."""
    seen = Facility.objects.visible_to(actor)
    if territory:
        seen = seen.filter(territory=territory)
    summed = seen.values_list("country").annotate(facilities=Count("id"), power=Sum("it_power_kw")).order_by("country")
    return {country: Installed(facilities, power or Decimal(0)) for country, facilities, power in summed}
