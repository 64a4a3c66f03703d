"""The invented runs of the demonstration: about twelve hundred over three years, plausible against the catalogue. Pure."""

import math
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from registry.compute import catalogue
from registry.management.demonstration.organisations import COMPANIES, Company
from registry.quantities import round_significant, two_significant_figures

YEARS = 3
RUNS = 1_200
# accelerator, from which day it is in use, share of runs
FLEET: tuple[tuple[str, date, int], ...] = (
    ("nvidia-a100-sxm4-80gb", date(2021, 6, 1), 3),
    ("nvidia-h100-sxm5-80gb", date(2023, 6, 1), 8),
    ("amd-mi300x", date(2024, 6, 1), 2),
    ("nvidia-h200-sxm-141gb", date(2025, 2, 1), 4),
    ("nvidia-b200-180gb", date(2025, 6, 1), 4),
)
STAGES = ("pre_training",) * 6 + ("continued_pre_training", "fine_tuning", "fine_tuning", "reinforcement_learning")


@dataclass(frozen=True)
class DemoRun:
    """One invented run. `fate` says what becomes of its filing."""

    key: str
    company: Company
    stage: str
    lineage: str
    accelerator: str
    count: int
    days: int
    utilisation: Decimal
    starts_on: date
    notified_on: date
    fate: str

    @property
    def seconds(self) -> int:
        """Wall-clock seconds."""
        return self.days * 86_400

    @property
    def peak_flop_per_s(self) -> Decimal:
        """Dense 16-bit peak of one accelerator."""
        precision = catalogue.default_precision(self.accelerator)
        return catalogue.catalogue()[self.accelerator].dense_peak_flop_per_s[precision]

    @property
    def flop(self) -> Decimal:
        """C = N · L · H · U, with two significant figures."""
        exact = self.count * self.seconds * self.peak_flop_per_s * self.utilisation
        return round_significant(exact, figures=2)

    @property
    def flop_text(self) -> str:
        """The estimate as a notification states it."""
        return two_significant_figures(self.flop)

    @property
    def ends_on(self) -> date:
        """The last day."""
        return self.starts_on + timedelta(days=self.days)


def runs(*, today: date, seed: int = 20261122) -> list[DemoRun]:
    """Every run of the demonstration as of `today`; the same for the same day and seed."""
    random = Random(seed)  # noqa: S311  (invented data, no secret)
    weighted = [company for company in COMPANIES for _ in range(company.weight)]
    first = today - timedelta(days=365 * YEARS)
    made = [_run(random, number, random.choice(weighted), first, today) for number in range(RUNS - 6)]
    return sorted([*made, *_split(random, today)], key=lambda run: (run.notified_on, run.key))


def _run(random: Random, number: int, company: Company, first: date, today: date) -> DemoRun:
    elapsed = random.triangular(0, 1, 0.75)
    starts_on = first + timedelta(days=int(elapsed * 365 * YEARS))
    growth = (starts_on - first).days / 365
    large = min(27.0, random.gauss(22.1 + 0.35 * growth + 0.09 * company.weight, 1.05))
    days = max(2, int(random.triangular(2, 110, 12 + 14 * max(0.0, large - 21))))
    accelerator = _accelerator(random, starts_on)
    utilisation = Decimal(random.randint(30, 46)) / 100
    count = _count(10**large, accelerator, days, utilisation)
    lead = random.randint(8, 40)
    late = random.random() < 0.05
    notified_on = starts_on + timedelta(days=random.randint(20, 60)) if late else starts_on - timedelta(days=lead)
    return DemoRun(
        key=f"{company.slug}-{number:04d}",
        company=company,
        stage=random.choice(STAGES),
        lineage=f"{company.slug}-{chr(97 + random.randint(0, 5))}",
        accelerator=accelerator,
        count=count,
        days=days,
        utilisation=utilisation,
        starts_on=starts_on,
        notified_on=min(notified_on, today - timedelta(days=random.randint(0, 9))),
        fate=_fate(random, late=late),
    )


def _accelerator(random: Random, day: date) -> str:
    in_use = [(code, share) for code, since, share in FLEET if since <= day]
    return random.choices([code for code, _ in in_use], [share for _, share in in_use])[0]


def _count(flop: float, accelerator: str, days: int, utilisation: Decimal) -> int:
    """Accelerators in whole servers of eight."""
    precision = catalogue.default_precision(accelerator)
    peak = float(catalogue.catalogue()[accelerator].dense_peak_flop_per_s[precision])
    return min(40_000, max(8, 8 * math.ceil(flop / (peak * float(utilisation) * days * 86_400) / 8)))


def _fate(random: Random, *, late: bool) -> str:
    if late:
        return "late"
    fates = {"plain": 62, "updated": 16, "returned": 6, "asked": 5, "withdrawn": 3, "corrected": 8}
    return random.choices(list(fates), list(fates.values()))[0]


def _split(random: Random, today: date) -> list[DemoRun]:
    """One model trained in six parts, each below 10^25 and together above: what adding up is for."""
    company = next(c for c in COMPANIES if c.slug == "rheingold")
    return [
        DemoRun(
            key=f"rheingold-part-{part}",
            company=company,
            stage="pre_training" if part == 0 else "continued_pre_training",
            lineage="rheingold-split",
            accelerator="nvidia-h100-sxm5-80gb",
            count=2_048,
            days=24,
            utilisation=Decimal(random.randint(38, 42)) / 100,
            starts_on=today - timedelta(days=170 - 25 * part),
            notified_on=today - timedelta(days=185 - 25 * part),
            fate="plain",
        )
        for part in range(6)
    ]
