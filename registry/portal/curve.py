"""One run's compute over time: what the filing declares, laid out from its start to its end."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.utils.translation import gettext

from registry.charts import svg
from registry.charts.compute import CurvePoint
from registry.charts.compute import Threshold as Line
from registry.filings import declared, document, judgement, lineage, thresholds
from registry.filings.models import Version
from registry.filings.thresholds import Threshold
from registry.portal.presentation import drawn, words
from registry.portal.presentation.figures import Figure
from registry.portal.presentation.marks import Link

SYSTEMIC_RISK = "systemic-risk"
GENERAL_PURPOSE = "general-purpose"
SAMPLES = 14
COLUMNS = ("day", "flop", "flop_low", "flop_high", "kind")
DEFAULT_UNCERTAINTY = Decimal(30)  # per cent: the margin the Guidelines allow (Annex A.2, point 120)
SEAT = ZoneInfo("Europe/Brussels")


def lines(*, on: date, both: bool = True) -> tuple[Line, ...]:
    """The two thresholds of the law as lines of a chart, from the thresholds in force on a day."""
    high = thresholds.threshold(SYSTEMIC_RISK, on=on)
    found = [
        Line(
            _flop(high),
            f"{_power(high)} FLOP",
            (gettext("presumption of"), gettext("systemic risk,"), gettext("AI Act Art. 51(2)")),
            "high",
        )
    ]
    if both:
        low = thresholds.threshold(GENERAL_PURPOSE, on=on)
        found.append(
            Line(
                _flop(low),
                f"{_power(low)} FLOP",
                (gettext("indicative criterion,"), gettext("general-purpose"), gettext("model")),
                "low",
            )
        )
    return tuple(found)


def _flop(row: Threshold) -> Decimal:
    return Decimal(row.value.numerator) / Decimal(row.value.denominator)


def _power(row: Threshold) -> str:
    amount = _flop(row)
    return svg.power(amount.adjusted()) if amount == Decimal(10) ** amount.adjusted() else words.flop(amount)


@dataclass(frozen=True)
class Course:
    """A run's compute day by day: what was to be done up to a moment, and what after it."""

    measured: tuple[CurvePoint, ...]
    projected: tuple[CurvePoint, ...]

    @property
    def rows(self) -> tuple[tuple[str, Decimal, Decimal, Decimal, str], ...]:
        """Each point as COLUMNS: day, FLOP (whole), and how it is known."""
        kinds = ((self.measured, "reported"), (self.projected, "projected"))
        return tuple(
            (p.on.isoformat(), _whole(p.flop), _whole(p.low), _whole(p.high), kind)
            for points, kind in kinds
            for p in points
        )


def course(versions: Sequence[Version], *, at: datetime) -> Course | None:
    """What the newest version states, day by day; None where it states neither amount nor days, or is erased.

    Each point has the stated uncertainty around it.
    """
    if not versions or not versions[-1].canonical:  # erased
        return None
    content = document.read(json.loads(versions[-1].canonical))
    estimates = judgement.estimate(content)
    done = _course(content, estimates.value)
    if not done or estimates.value is None:
        return None
    stated = content.run.training_compute.uncertainty_percent if content.run.training_compute else None
    share = (DEFAULT_UNCERTAINTY if stated is None else Decimal(stated)) / 100
    points = [_point(day, flop, min(share, Decimal("0.95"))) for day, flop in done]
    today = at.astimezone(SEAT).date()
    is_over = content.stage == "completed"
    return Course(
        tuple(p for p in points if is_over or p.on <= today),
        () if is_over else tuple(p for p in points if p.on > today),
    )


def figure(versions: Sequence[Version], *, at: datetime, files: tuple[Link, ...] = ()) -> Figure | None:
    """The curve of the newest version; None where there is no course.

    Before the moment `at` the line is drawn through, after it dotted. The band is the stated uncertainty.
    """
    found = course(versions, at=at)
    if found is None:
        return None
    today = at.astimezone(SEAT).date()
    told = [v.submitted_at for v in versions if any(c.threshold == SYSTEMIC_RISK for c in v.crossings.all())]
    return drawn.run_compute(
        uid="curve",
        measured=found.measured,
        projected=found.projected,
        thresholds=lines(on=max(today, thresholds.rows()[0].validity.starts_on), both=False),
        crossed_on=crossed_on(versions[-1]),
        notified_on=min(told).astimezone(SEAT).date() if told else None,
        files=files,
    )


def _whole(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal(1))


def crossed_on(version: Version) -> date | None:
    """The day on which a version passes the threshold of systemic risk."""
    return next((each.crossed_on for each in version.crossings.all() if each.threshold == SYSTEMIC_RISK), None)


def _point(day: date, flop: Decimal, share: Decimal) -> CurvePoint:
    label = f"{words.short_day(day)}: {words.flop(flop)} FLOP"
    return CurvePoint(day, flop, flop * (1 - share), flop * (1 + share), label)


def _course(content: document.FilingDocument, flop: Decimal | None) -> list[tuple[date, Decimal]]:
    """Days with the compute done by then, evenly sampled; the hardware periods give the pace where they have days."""
    accruals = [lineage.accrual(period) for period in declared.periods(content)]
    dated = [(a.starts_at, a.ends_at, a.flop) for a in accruals if a.starts_at and a.ends_at]
    if len(dated) != len(accruals) or not dated:
        starts_at, ends_at = declared.span(content.run)
        dated = [(starts_at, ends_at, Decimal(1))] if starts_at and ends_at else []
    if flop is None or not dated:
        return []
    first, last = min(a for a, _, _ in dated), max(b for _, b, _ in dated)
    whole = sum((amount for _, _, amount in dated), Decimal(0))
    if last <= first or not whole:
        return []
    moments = [first + (last - first) * i / SAMPLES for i in range(1, SAMPLES + 1)]
    done = [sum((_done(a, b, amount, at) for a, b, amount in dated), Decimal(0)) for at in moments]
    found: dict[date, Decimal] = {}
    for at, amount in zip(moments, done, strict=True):
        day = (at - timedelta(microseconds=1)).astimezone(SEAT).date()
        if amount > 0:
            found[day] = flop * amount / whole
    return sorted(found.items())


def _done(starts_at: datetime, ends_at: datetime, amount: Decimal, at: datetime) -> Decimal:
    if at >= ends_at:
        return amount
    if at <= starts_at:
        return Decimal(0)
    passed = Decimal((at - starts_at) / timedelta(seconds=1))
    return amount * passed / Decimal((ends_at - starts_at) / timedelta(seconds=1))
