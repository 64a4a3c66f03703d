"""What regulators see, read across packages. Every query starts from rows the actor may see."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import Count, Q, Sum
from django.db.models.functions import TruncQuarter

from registry.acting import Actor
from registry.filings import lifecycle
from registry.filings.models import Duty, Filing, FilingQuerySet, Transition
from registry.screening.models import Finding

OPEN = tuple(s.value for s in (*lifecycle.UNDER_REVIEW, lifecycle.Status.AWAITING_PROVIDER))


@dataclass(frozen=True)
class KeyFigures:
    """The numbers on top of the overview, for the territory of who looks."""

    overdue: int
    due_within_72_hours: int
    assigned_to_me: int
    waiting_for_provider: int
    open: int
    filed_this_quarter: int
    above_1e25_this_quarter: int
    providers: int
    findings_open: int


@dataclass(frozen=True)
class Point:
    """One filed run on the chart of all runs."""

    reference: str
    provider: str
    filed_on: date
    training_compute_flop: Decimal


def queue(actor: Actor) -> FilingQuerySet:
    """What waits for a decision, with `review_started_at` and the provider; earliest submission first."""
    return (
        Filing.objects.visible_to(actor)
        .open_for_authority()
        .select_related("organisation")
        .annotate(findings_count=Count("findings", distinct=True))
        .order_by("submitted_at", "id")
    )


def key_figures(actor: Actor, *, at: datetime, review: timedelta) -> KeyFigures:
    """Counts in two queries; `review` is how long the authority gives itself (registry.filings.duties.review_days)."""
    quarter_began = _quarter_began(at)
    me = actor.id.removeprefix("person:")
    running = Q(status__in=[s.value for s in lifecycle.UNDER_REVIEW])
    counted = (
        Filing.objects.visible_to(actor)
        .filed()
        .aggregate(
            overdue=Count("id", filter=running & Q(submitted_at__lt=at - review)),
            due_within_72_hours=Count(
                "id",
                filter=running & Q(submitted_at__gte=at - review, submitted_at__lt=at - review + timedelta(hours=72)),
            ),
            assigned_to_me=Count("id", filter=Q(status__in=OPEN, assigned_to=me) if "-" in me else Q(pk__isnull=True)),
            waiting_for_provider=Count("id", filter=Q(status=lifecycle.Status.AWAITING_PROVIDER.value)),
            open=Count("id", filter=Q(status__in=OPEN)),
            filed_this_quarter=Count("id", filter=Q(submitted_at__gte=quarter_began)),
            above_1e25_this_quarter=Count(
                "id", filter=Q(submitted_at__gte=quarter_began, training_compute_flop__gt=Decimal("1e25"))
            ),
            providers=Count("organisation_id", distinct=True),
        )
    )
    findings_open = Finding.objects.visible_to(actor).filter(filing__status__in=OPEN).count()
    return KeyFigures(**counted, findings_open=findings_open)


def points(actor: Actor, *, since: datetime) -> list[Point]:
    """Every run filed since a moment, oldest first, with its compute."""
    found = (
        Filing.objects.visible_to(actor)
        .filed()
        .filter(submitted_at__gte=since, training_compute_flop__gt=0)
        .order_by("submitted_at")
        .values_list("reference", "organisation__legal_name", "submitted_at", "training_compute_flop")
    )
    return [Point(reference, name, at.date(), flop) for reference, name, at, flop in found if at and flop]


def compute_by_country(actor: Actor, *, since: datetime) -> dict[str, Decimal]:
    """Training compute in FLOP by country of the site, of runs filed since a moment."""
    found = (
        Filing.objects.visible_to(actor)
        .filed()
        .filter(submitted_at__gte=since)
        .exclude(site_country="")
        .values_list("site_country")
        .annotate(total=Sum("training_compute_flop"))
    )
    return {country: total for country, total in found if total}


def runs_by_quarter(actor: Actor, *, since: datetime) -> dict[tuple[date, str], int]:
    """Number of runs by first day of the quarter and compute band."""
    found = (
        Filing.objects.visible_to(actor)
        .filed()
        .filter(submitted_at__gte=since)
        .annotate(quarter=TruncQuarter("submitted_at"))
        .values_list("quarter", "band")
        .annotate(runs=Count("id"))
    )
    return {(quarter.date(), band): runs for quarter, band, runs in found}


def days_to_decision(actor: Actor, *, since: datetime) -> list[int]:
    """Calendar days from submission to decision, of decisions since a moment."""
    found = Filing.objects.visible_to(actor).filter(decided_at__gte=since, submitted_at__isnull=False)
    return [
        (decided - submitted).days
        for submitted, decided in found.values_list("submitted_at", "decided_at")
        if submitted and decided
    ]


def activity(actor: Actor, *, limit: int = 12) -> list[Transition]:
    """The latest steps in the actor's scope, newest first."""
    return list(
        Transition.objects.visible_to(actor).select_related("filing__organisation").order_by("-at", "-id")[:limit]
    )


def next_duties(actor: Actor, *, limit: int = 20) -> list[Duty]:
    """Duties not met yet, the most overdue first."""
    return list(
        Duty.objects.visible_to(actor)
        .filter(is_current=True, met_at__isnull=True, due_at__isnull=False)
        .select_related("filing__organisation")
        .order_by("due_at")[:limit]
    )


def _quarter_began(at: datetime) -> datetime:
    return at.replace(month=3 * ((at.month - 1) // 3) + 1, day=1, hour=0, minute=0, second=0, microsecond=0)
