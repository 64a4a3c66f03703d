"""The invented runs: about twelve hundred over three years, plausible against the catalogue. Pure."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from registry.compute import catalogue
from registry.management.demonstration.organisations import COMPANIES, COMPANY, Company
from registry.quantities import SECONDS_PER_DAY, round_significant

YEARS = 3
RUNS = 1_200
SEED = 20_261_122
# The last runs are still with the authorities: filed within so many days, or so long ago that the review is overdue.
OPEN_DAYS = 40
OVERDUE_DAYS = (66, 92)
# The provider files in the week after it wanted to (see `agenda`), so what it wanted last lies a week back.
DESK_DAYS = 7
SYSTEMIC_RISK_FLOP = Decimal("1e25")
# In its first years the register was told of few completions.
FULL_FROM_YEAR = 1.8
LARGEST_BASE_FLOP = Decimal("2e24")
MOST_ACCELERATORS = 24_000

# accelerator, from which day it is in use, share of runs
FLEET: tuple[tuple[str, date, int], ...] = (
    ("nvidia-a100-sxm4-80gb", date(2021, 6, 1), 3),
    ("nvidia-h100-sxm5-80gb", date(2023, 6, 1), 8),
    ("amd-mi300x", date(2024, 6, 1), 2),
    ("nvidia-h200-sxm-141gb", date(2025, 2, 1), 4),
    ("nvidia-b200-180gb", date(2025, 6, 1), 4),
)
H100 = "nvidia-h100-sxm5-80gb"
STAGES = ("continued_pre_training", "fine_tuning", "fine_tuning", "reinforcement_learning")
FATES: Mapping[str, int] = {
    "plain": 59,
    "updated": 12,
    "corrected": 6,
    "asked": 6,
    "returned": 6,
    "drafted": 4,
    "after_start": 3,
    "withdrawn": 2,
    "withdrawn_after": 2,
}
ACCEPTED = frozenset(FATES) - {"withdrawn", "withdrawn_after"}
OPEN_FATES = ("open_submitted", "open_in_review", "open_in_review", "open_awaiting", "open_submitted", "open_returned")
OVERDUE_FATES = ("open_in_review", "open_submitted", "open_awaiting")
# Where somebody can sign in as an officer, there is more to see: these authorities are behind with their work.
OVERDUE_AT = ("aurelia", "cantabria", "rheingold", "tessera", "duero", "nordlicht", "garonne", "liffey")
BUSY = frozenset({"FR", "ES", "DE"})
# Models of others that are only modified: name, maker, training compute, parameters.
OTHERS: tuple[tuple[str, str, Decimal, Decimal], ...] = (
    ("Commons 7B", "Commons Model Foundation", Decimal("8.4e22"), Decimal("7.0e9")),
    ("Commons 70B", "Commons Model Foundation", Decimal("6.3e24"), Decimal("7.0e10")),
    ("Openfield 13B", "Openfield Institute", Decimal("1.6e23"), Decimal("1.3e10")),
)


@dataclass(frozen=True)
class DemoRun:
    """One invented run. `fate` says what becomes of its filing, `oddity` what is unusual about its figures.

    `notified_on` is the day from which the provider could have filed, `base` the key of the run whose model this one
    starts from, or the name of another's model.
    """

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
    oddity: str = ""
    base: str = ""
    completes: bool = False
    is_released: bool = False

    @property
    def seconds(self) -> int:
        """Wall-clock seconds."""
        return self.days * SECONDS_PER_DAY

    @property
    def peak_flop_per_s(self) -> Decimal:
        """Dense 16-bit peak of one accelerator."""
        return peak_of(self.accelerator)

    @property
    def flop(self) -> Decimal:
        """C = N · L · H · U, with two significant figures."""
        exact = self.count * self.seconds * self.peak_flop_per_s * self.utilisation
        return round_significant(exact, figures=2)

    @property
    def is_above_threshold(self) -> bool:
        """Whether the provider itself states more than 10^25 FLOP."""
        return self.flop > SYSTEMIC_RISK_FLOP and self.oddity != "declared_low"

    @property
    def ends_on(self) -> date:
        """The last day."""
        return self.starts_on + timedelta(days=self.days)

    @property
    def parameters(self) -> Decimal:
        """Parameters of a model trained from nothing with twenty tokens each: C = 6 · P · 20 P."""
        return (self.flop / 120).sqrt()


@dataclass(frozen=True)
class Plan:
    """All runs in the order in which they are notified, and how many accelerators each company has of each kind."""

    runs: tuple[DemoRun, ...]
    installed: Mapping[tuple[str, str], int]

    def run(self, key: str) -> DemoRun | None:
        """The run of that key, if there is one."""
        return next((run for run in self.runs if run.key == key), None)


def peak_of(accelerator: str) -> Decimal:
    """Dense 16-bit peak of one accelerator, FLOP/s."""
    return catalogue.catalogue()[accelerator].dense_peak_flop_per_s[catalogue.default_precision(accelerator)]


def plan(*, today: date, seed: int = SEED, count: int = RUNS) -> Plan:
    """Every run of the demonstration as of `today`; the same for the same day, seed and count."""
    random = Random(seed)  # noqa: S311  (invented data, no secret)
    special = _specials(random, today)[: count // 2]
    made = [*special, *_usual(random, today, count - len(special))]
    runs = tuple(sorted(made, key=lambda run: (run.notified_on, run.key)))
    return Plan(runs, _installed(runs))


def _installed(runs: Sequence[DemoRun]) -> Mapping[tuple[str, str], int]:
    """A third more than the largest run of each kind needs, in whole servers of eight."""
    most: dict[tuple[str, str], int] = {}
    for run in runs:
        place = (run.company.slug, run.accelerator)
        most[place] = max(most.get(place, 0), 8 * (run.count // 6) + 64)
    return most


# --- the many -----------------------------------------------------------------------------------------------------


def _usual(random: Random, today: date, count: int) -> list[DemoRun]:
    """Most of the runs: three years of them, the last still open, a few overdue, a few drafts."""
    first = today - timedelta(days=365 * YEARS)
    still_open = max(8, count // 14) if count else 0
    overdue, drafts = max(2, count // 120), max(2, count // 100)
    span = 365 * YEARS - OPEN_DAYS - DESK_DAYS - 1
    weighted = [company for company in COMPANIES for _ in range(company.weight)]
    busy = [*weighted, *(company for company in weighted if company.country in BUSY)]
    past = [
        first + timedelta(days=int(span * random.random() ** 0.7)) for _ in range(count - still_open - overdue - drafts)
    ]
    wanted = [(day, random.choice(weighted), _fate(random)) for day in past]
    for number in range(still_open):
        fate = OPEN_FATES[number % len(OPEN_FATES)]
        wanted.append((_back(random, today, DESK_DAYS + 1, OPEN_DAYS), random.choice(busy), fate))
    for number in range(overdue):
        company = COMPANY[OVERDUE_AT[number % len(OVERDUE_AT)]]
        wanted.append((_back(random, today, *OVERDUE_DAYS), company, OVERDUE_FATES[number % len(OVERDUE_FATES)]))
    wanted += [(_back(random, today, DESK_DAYS + 1, 30), random.choice(busy), "draft") for _ in range(drafts)]
    made: list[DemoRun] = []
    for number, (notified_on, company, fate) in enumerate(sorted(wanted, key=lambda each: each[0])):
        made.append(_run(random, number, company, notified_on, fate, first, made))
    return made


def _back(random: Random, today: date, least: int, most: int) -> date:
    return today - timedelta(days=random.randint(least, most))


def _fate(random: Random) -> str:
    return random.choices(list(FATES), list(FATES.values()))[0]


def _run(
    random: Random, number: int, company: Company, notified_on: date, fate: str, first: date, before: list[DemoRun]
) -> DemoRun:
    growth = (notified_on - first).days / 365
    is_late = fate == "after_start"
    starts_on = notified_on + timedelta(days=-random.randint(8, 20) if is_late else random.randint(8, 40))
    key = f"{company.slug}-{number:04d}"
    stage, base, flop = _origin(random, company, starts_on, before)
    if not base:
        flop = 10 ** min(24.78, random.gauss(22.25 + 0.25 * growth + 0.06 * company.weight, 0.8))
    days = max(3, int(random.triangular(3, 100, 10 + 14 * max(0.0, math.log10(flop) - 21))))
    accelerator = _accelerator(random, starts_on)
    utilisation = Decimal(random.randint(30, 46)) / 100
    count = _count(flop, accelerator, days, utilisation)
    return DemoRun(
        key=key,
        company=company,
        stage=stage,
        lineage=_lineage(company, base, before),
        accelerator=accelerator,
        count=count,
        days=days,
        utilisation=utilisation,
        starts_on=starts_on,
        notified_on=notified_on,
        fate=fate,
        base=base,
        completes=random.random() < (0.8 if flop > 1e23 else 0.1) * (1 if growth > FULL_FROM_YEAR else 0.35),
        is_released=random.random() < 0.2,
    )


def _origin(random: Random, company: Company, starts_on: date, before: list[DemoRun]) -> tuple[str, str, float]:
    """Stage, base and compute: seven in ten train from nothing, the others go on from their own model or another's."""
    if random.random() < 0.7:
        return "pre_training", "", 0.0
    own = [
        run
        for run in before
        if run.company is company
        and run.stage == "pre_training"
        and run.fate in ACCEPTED
        and run.ends_on < starts_on
        and run.flop < LARGEST_BASE_FLOP
    ]
    stage = random.choice(STAGES)
    if own:
        base = random.choice(own)
        return stage, base.key, float(base.flop) * random.uniform(0.01, 0.2)
    name, _, flop, _ = random.choice(OTHERS)
    return "fine_tuning", name, float(flop) * random.uniform(0.001, 0.05)


def _lineage(company: Company, base: str, before: list[DemoRun]) -> str:
    """That of the base, or the company's next number."""
    own = {run.lineage for run in before if run.company is company}
    return next((run.lineage for run in before if run.key == base), f"{company.slug}-{len(own) + 1}")


def _accelerator(random: Random, day: date) -> str:
    in_use = [(code, share) for code, since, share in FLEET if since <= day]
    return random.choices([code for code, _ in in_use], [share for _, share in in_use])[0]


def _count(flop: float, accelerator: str, days: int, utilisation: Decimal) -> int:
    """Accelerators in whole servers of eight."""
    exact = flop / (float(peak_of(accelerator)) * float(utilisation) * days * SECONDS_PER_DAY)
    return min(MOST_ACCELERATORS, max(8, 8 * math.ceil(exact / 8)))


# --- the few ------------------------------------------------------------------------------------------------------

# company, days since the start, accelerator, count, days, utilisation, fate, oddity; the first ones come in any load
_SPECIAL = """
nordlicht 330 nvidia-h100-sxm5-80gb 10240 74 0.40 late late
tessera 210 nvidia-h200-sxm-141gb 2048 40 0.39 plain architecture_differs
polarstern 300 nvidia-h100-sxm5-80gb 512 21 0.67 plain utilisation_high
cantabria 190 nvidia-h100-sxm5-80gb 6144 42 0.40 plain -
lagom 260 nvidia-h100-sxm5-80gb 6144 58 0.41 asked declared_low
aurelia 120 nvidia-b200-180gb 8192 80 0.38 updated -
aurelia 640 nvidia-h100-sxm5-80gb 8192 70 0.41 plain -
aurelia 430 nvidia-h100-sxm5-80gb 16384 90 0.40 designated -
aurelia -24 nvidia-b200-180gb 12288 95 0.39 open_in_review -
tessera 520 nvidia-h100-sxm5-80gb 8192 62 0.40 plain -
tessera 95 nvidia-b200-180gb 6144 55 0.40 late late
garonne 170 nvidia-h200-sxm-141gb 8192 60 0.38 plain -
nordlicht 700 nvidia-h100-sxm5-80gb 8192 58 0.39 plain -
nordlicht 60 nvidia-b200-180gb 8192 75 0.40 corrected -
rheingold 240 nvidia-h100-sxm5-80gb 6144 40 0.41 plain -
isar 380 nvidia-h200-sxm-141gb 8192 64 0.40 rebutted -
polarstern 410 nvidia-h100-sxm5-80gb 12288 61 0.42 updated -
polarstern 150 nvidia-b200-180gb 6144 48 0.39 late late
lagom 500 nvidia-h100-sxm5-80gb 8192 66 0.38 plain -
lagom -12 nvidia-b200-180gb 8192 60 0.40 open_awaiting -
amstel 350 nvidia-h100-sxm5-80gb 10240 60 0.40 returned -
amstel 80 nvidia-b200-180gb 4096 62 0.41 plain -
vistula 290 nvidia-h100-sxm5-80gb 6144 39 0.40 plain -
liffey 460 nvidia-h100-sxm5-80gb 12288 80 0.41 plain -
liffey 110 nvidia-b200-180gb 8192 58 0.40 late late
oresund 230 nvidia-h200-sxm-141gb 4096 70 0.40 plain -
garonne 280 nvidia-h100-sxm5-80gb 1024 30 0.40 plain architecture_differs
isar 200 nvidia-h200-sxm-141gb 512 25 0.38 updated architecture_differs
duero 140 nvidia-h100-sxm5-80gb 256 20 0.37 plain architecture_differs
oresund 100 nvidia-b200-180gb 512 18 0.40 asked architecture_differs
scheldt 330 nvidia-h100-sxm5-80gb 384 24 0.36 plain architecture_differs
veluwe 250 nvidia-h100-sxm5-80gb 256 12 0.68 plain utilisation_high
moldau 180 nvidia-h200-sxm-141gb 128 15 0.66 asked utilisation_high
tejo 90 nvidia-b200-180gb 64 10 0.69 plain utilisation_high
danubia 310 nvidia-h100-sxm5-80gb 128 9 0.04 plain utilisation_low
etna 160 nvidia-a100-sxm4-80gb 64 14 0.03 plain utilisation_low
amstel 220 nvidia-h100-sxm5-80gb 2048 35 0.40 asked declared_off
vasa 130 nvidia-h100-sxm5-80gb 512 28 0.39 plain declared_off
vistula 75 nvidia-h200-sxm-141gb 1024 21 0.40 plain declared_off
liffey 270 nvidia-h100-sxm5-80gb 8192 43 0.41 plain declared_low
"""


def _specials(random: Random, today: date) -> list[DemoRun]:
    """Single runs that tell a story: the largest, the late, the odd, and one model split in six."""
    made = [_special(random, today, number, line.split()) for number, line in enumerate(_SPECIAL.split("\n")[1:-1])]
    return [*made[:5], *_split(random, today), *made[5:]]


def _special(random: Random, today: date, number: int, row: list[str]) -> DemoRun:
    slug, since, accelerator, count, days, utilisation, fate, oddity = row
    starts_on = today - timedelta(days=int(since))
    before = random.randint(12, 34)
    is_open = fate.startswith("open_")
    if fate == "late":
        notified_on = starts_on + timedelta(days=random.randint(16, 34))
    else:
        notified_on = today - timedelta(days=15) if is_open else starts_on - timedelta(days=before)
    return DemoRun(
        key=f"{slug}-model-{number:02d}",
        company=COMPANY[slug],
        stage="pre_training",
        lineage=f"{slug}-large-{number}",
        accelerator=accelerator,
        count=int(count),
        days=int(days),
        utilisation=Decimal(utilisation),
        starts_on=starts_on,
        notified_on=notified_on,
        fate=fate,
        oddity="" if oddity == "-" else oddity,
        completes=not is_open,
        is_released=True,
    )


def _split(random: Random, today: date) -> list[DemoRun]:
    """One model trained in six parts, each below 10^25 and together above: what adding up is for."""
    return [
        DemoRun(
            key=f"rheingold-part-{part + 1}",
            company=COMPANY["rheingold"],
            stage="pre_training" if part == 0 else "continued_pre_training",
            lineage="rheingold-split",
            accelerator=H100,
            count=2_560,
            days=24,
            utilisation=Decimal(random.randint(39, 42)) / 100,
            starts_on=today - timedelta(days=190 - 27 * part),
            notified_on=today - timedelta(days=205 - 27 * part),
            fate="plain",
            base="" if part == 0 else f"rheingold-part-{part}",
            completes=part < 3,
        )
        for part in range(6)
    ]
