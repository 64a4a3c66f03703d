"""A year of an invented register: a quarter after the other, each with amendments and late filers after its release."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from registry.statistics.facts import Fact
from tests.registry.statistics.test_protecting import STATES, a_run

YEAR, BANDS = "2026", ("up-to-1e23", "1e23-1e24", "1e24-1e25", "above-1e25")
COURSE = ("Q1", "Q1", "Q2", "Q2", "Q3", "Q4", "Q1", "Q4")
"""The releases of the year in their order; one that was there before is revised."""

Runs = Mapping[int, tuple[Fact, ...]]


@dataclass
class Year:
    """What is filed, drawn from a seed. `published` is what the newest release of each quarter counts."""

    seed: int
    runs: int = 25
    holdings: int = 9
    published: dict[str, Runs] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._drawn = random.Random(self.seed)  # noqa: S311 - a test's world, not a secret
        self._filed = 0

    def filings(self, quarter: str) -> Runs:
        """What is filed of a quarter by its next release."""
        if quarter not in self.published:
            return dict(self._run(quarter) for _ in range(self.runs))
        return self._amended(quarter, dict(self.published[quarter]))

    def facts(self, quarter: str, runs: Runs) -> tuple[Fact, ...]:
        """What a release counts: its quarter, and at the end of the year the others as they were published."""
        others = [self.published[each] for each in sorted(self.published) if quarter == "Q4" and each != quarter]
        return tuple(fact for each in (*others, runs) for number in sorted(each) for fact in each[number])

    def _run(self, quarter: str) -> tuple[int, tuple[Fact, ...]]:
        self._filed += 1
        drawn, size = self._drawn, self._drawn.randrange(4)
        holding = int(self.holdings * drawn.random() ** 2)
        flop = int(10 ** drawn.uniform(21 + size, 22.5 + size))
        made = a_run(self._filed, f"h{holding}", STATES[holding % len(STATES)], BANDS[size], flop)
        where = {"quarter": f"{YEAR}-{quarter}", "purpose": drawn.choice(("pre-training", "post-training"))}
        where["parent_region"] = "EU27" if holding % 3 else "US"
        return self._filed, tuple(replace(each, key={**each.key, **where}) for each in made)

    def _amended(self, quarter: str, runs: dict[int, tuple[Fact, ...]]) -> Runs:
        for _ in range(self._drawn.choice((1, 1, 2, 4))):
            chosen = self._drawn.choice(sorted(runs))
            what = self._drawn.choice(("late", "late", "amount", "band", "withdrawn"))
            if what == "late":
                runs |= [self._run(quarter)]
            elif what == "withdrawn":
                del runs[chosen]
            else:
                runs[chosen] = tuple(self._other(what, runs[chosen]))
        return runs

    def _other(self, what: str, run: tuple[Fact, ...]) -> Iterator[Fact]:
        factor, band = Decimal(self._drawn.randrange(50, 200)) / 100, self._drawn.choice(BANDS)
        for each in run:
            is_amount = what == "amount" and each.measure != "runs"
            value = Decimal(int(each.value * factor)) if is_amount else each.value
            key = {**each.key, "band": band} if what == "band" else each.key
            yield replace(each, version=each.version + 1, value=value, key=key)
