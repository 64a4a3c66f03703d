"""What regulators see, read across packages. Every query starts from rows the actor may see."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.db.models import (
    Count,
    DurationField,
    ExpressionWrapper,
    F,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
)
from django.db.models.functions import Coalesce, ExtractDay, TruncQuarter

from registry.acting import Actor, Audience
from registry.filings import duties, lifecycle
from registry.filings.models import Duty, Filing, FilingQuerySet, Plea, Transition
from registry.filings.review_clock import Clock, clock_of, remaining
from registry.filings.working_days import BRUSSELS
from registry.screening.models import Finding

SOON = timedelta(hours=72)
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


def listed(found: FilingQuerySet) -> FilingQuerySet:
    """These filings as lines of a list: with the provider, the steps, and how many findings there are about each.

    The findings are counted for the lines that are read, not for everything that was found.
    """
    about = Finding.objects.filter(filing=OuterRef("pk")).order_by().values("filing")
    counted = Subquery(about.annotate(count=Count("id")).values("count"))
    return (
        found.select_related("organisation")
        .prefetch_related("transitions")
        .annotate(findings_count=Coalesce(counted, Value(0)))
    )


def review_clocks(actor: Actor, filings: Collection[UUID], *, days: int | None = None) -> Mapping[UUID, Clock]:
    """The authority's own clock of each of these filings, in one query; it stands still while the provider is asked.

    `days` is how long the authority has; by default the register's rule. Drafts have no clock.
    """
    steps: defaultdict[UUID, list[tuple[str, datetime]]] = defaultdict(list)
    found = Transition.objects.visible_to(actor).filter(filing_id__in=filings).order_by("at", "id")
    for filing_id, target, at in found.values_list("filing_id", "target", "at"):
        steps[filing_id].append((target, at))
    given = duties.review_days() if days is None else days
    clocks = {filing_id: clock_of(history, days=given) for filing_id, history in steps.items()}
    return {filing_id: clock for filing_id, clock in clocks.items() if clock is not None}


def waiting_pleas(actor: Actor) -> QuerySet[Plea]:
    """What providers have asked for and nobody has decided: extensions, excuses, rebuttals, reassessments."""
    return (
        Plea.objects.visible_to(actor)
        .filter(decision__isnull=True)
        .select_related("organisation", "filing", "duty")
        .order_by("at", "id")
    )


def decided_by(audience: Audience) -> Q:
    """Which pleas an audience decides: the AI Office on what is owed to it and on systemic risk (Art. 88), an officer
    on what is owed to the Member State, anybody else on none.
    """
    union = [rule.code for rule in duties.rules() if rule.authority == "ai_office"]
    if audience is Audience.AI_OFFICE:
        return Q(duty__isnull=True) | Q(duty__code__in=union)
    if audience is Audience.OFFICER:
        return Q(duty__isnull=False) & ~Q(duty__code__in=union)
    return Q(pk__in=())


def pleas_of(actor: Actor, filing: UUID) -> QuerySet[Plea]:
    """Everything asked about one filing, with the decisions, oldest first."""
    return _with_decisions(Plea.objects.visible_to(actor).filter(filing_id=filing))


def own_pleas_of(actor: Actor, organisation: UUID) -> QuerySet[Plea]:
    """Everything asked about the duties of an organisation itself, with the decisions, oldest first."""
    return _with_decisions(Plea.objects.visible_to(actor).filter(filing__isnull=True, organisation_id=organisation))


def _with_decisions(chosen: QuerySet[Plea]) -> QuerySet[Plea]:
    found = chosen.select_related("organisation", "filing", "duty", "decision", "version")
    return found.order_by("at", "id")


def key_figures(actor: Actor, *, at: datetime, review: timedelta) -> KeyFigures:
    """Counts in three queries; `review` is how long the authority gives itself (registry.filings.duties.review_days).

    Overdue and due is what the authority's own clock says, without the time it waited for the provider.
    """
    quarter_began = _quarter_began(at)
    me = actor.id.removeprefix("person:")
    overdue, soon = _due(actor, at=at, review=review)
    is_open, is_new = Q(status__in=OPEN), Q(submitted_at__gte=quarter_began)
    counted = (
        Filing.objects.visible_to(actor)
        .filed()
        .filter(is_open | is_new)
        .aggregate(
            assigned_to_me=Count("id", filter=is_open & Q(assigned_to=me) if "-" in me else Q(pk__isnull=True)),
            waiting_for_provider=Count("id", filter=Q(status=lifecycle.Status.AWAITING_PROVIDER.value)),
            open=Count("id", filter=is_open),
            filed_this_quarter=Count("id", filter=is_new),
            above_1e25_this_quarter=Count("id", filter=is_new & Q(training_compute_flop__gt=Decimal("1e25"))),
        )
    )
    return KeyFigures(**counted, overdue=overdue, due_within_72_hours=soon)


def filed_since(actor: Actor, since: datetime, *, territory: str = "") -> FilingQuerySet:
    """What was filed since a moment, of one territory if one is named."""
    found = Filing.objects.visible_to(actor).filed().filter(submitted_at__gte=since)
    return found.filter(territory=territory) if territory else found


def compute_by_country(actor: Actor, *, since: datetime, territory: str = "") -> dict[str, Decimal]:
    """Training compute in FLOP by country of the site, of runs filed since a moment."""
    found = (
        filed_since(actor, since, territory=territory)
        .exclude(site_country="")
        .values_list("site_country")
        .annotate(total=Sum("training_compute_flop"))
    )
    return {country: total for country, total in found if total}


def runs_by_quarter(actor: Actor, *, since: datetime, territory: str = "") -> dict[tuple[date, str], int]:
    """Number of runs by first day of the quarter and compute band."""
    found = (
        filed_since(actor, since, territory=territory)
        .annotate(quarter=TruncQuarter("submitted_at", tzinfo=BRUSSELS))
        .values_list("quarter", "band")
        .annotate(runs=Count("*"))
    )
    return {(quarter.date(), band): runs for quarter, band, runs in found}


def days_to_decision(actor: Actor, *, since: datetime) -> dict[int, int]:
    """How many decisions since a moment took so many calendar days from submission."""
    found = Filing.objects.visible_to(actor).filter(decided_at__gte=since, submitted_at__isnull=False)
    took = ExpressionWrapper(F("decided_at") - F("submitted_at"), output_field=DurationField())
    by_days = found.annotate(days=ExtractDay(took)).values_list("days").annotate(made=Count("*"))
    return dict(by_days.order_by("days"))


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
        .order_by("falls_at", "id")[:limit]
    )


def _due(actor: Actor, *, at: datetime, review: timedelta) -> tuple[int, int]:
    """How many filings under review are overdue, and how many are due within 72 hours.

    A clock that never stood still is read from its first step; only the others are laid out.
    """
    running = [status.value for status in lifecycle.UNDER_REVIEW]
    old_enough = Filing.objects.visible_to(actor).filter(status__in=running, submitted_at__lt=at - review + SOON)
    steps = Transition.objects.visible_to(actor).filter(filing__in=old_enough).order_by().values_list("filing")
    began = Min("at", filter=Q(target=lifecycle.Status.SUBMITTED.value))
    histories = list(steps.annotate(began=began, stops=Count("id", filter=~Q(target__in=running))))
    left = [review - (at - began) for _, began, stops in histories if began and not stops]
    clocks = review_clocks(actor, [filing for filing, _, stops in histories if stops], days=review.days)
    left += [remaining(clock, at) for clock in clocks.values()]
    return sum(time < timedelta(0) for time in left), sum(timedelta(0) <= time < SOON for time in left)


def _quarter_began(at: datetime) -> datetime:
    return at.replace(month=3 * ((at.month - 1) // 3) + 1, day=1, hour=0, minute=0, second=0, microsecond=0)
