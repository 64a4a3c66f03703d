"""The hand that writes down an invented world: names, fleets, filings, records by month. Seeded, so that it repeats."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from math import ceil
from random import Random
from typing import Any, Final

from registry.compute import catalogue
from registry.organisations.ownership import Holding, Kind
from registry.periods import Period
from registry.screening.scenarios.facts import Entity, Facts, Filing, Line, Record
from registry.screening.shapes import CustomerSnapshot, FacilitySnapshot, Installation, Owner, Workload

AS_OF: Final = date(2026, 12, 31)
YEAR: Final = date(2026, 1, 5)
SEATS: Final = ("DE", "FR", "NL", "ES", "IT", "PL", "SE", "FI", "IE", "AT", "CZ", "DK")
H100: Final = "nvidia-h100-sxm5-80gb"
UTILISATION: Final = Decimal("0.40")
_PER_NODE: Final = 8
_SYLLABLES: Final = ("al", "ber", "cor", "dan", "el", "fir", "gal", "hel", "ion", "jur", "kal", "lum", "mer", "nor")
_OVERHEAD: Final = Decimal("1.6")
_WATTS_PER_KW: Final = 1000


class Builder:
    """Collects facts while actors are made. `random` is the one source of chance."""

    def __init__(self, *, seed: int) -> None:
        self.random = Random(seed)  # noqa: S311 - a world that can be made again
        self.count = 0
        self.companies = 0
        self.entities: dict[str, Entity] = {}
        self.holdings: list[Holding] = []
        self.filings: list[Filing] = []
        self.records: list[Record] = []
        self.customers: dict[tuple[str, str], CustomerSnapshot] = {}
        self.facilities: dict[str, FacilitySnapshot] = {}
        self.operators: dict[str, str] = {}

    # --- chance ---------------------------------------------------------------------------------------------------

    def between(self, low: float, high: float) -> Decimal:
        """A number between two, of three figures."""
        return Decimal(f"{self.random.uniform(low, high):.3g}")

    def day(self, first: int = 0, last: int = 150) -> date:
        """A day so many days after the year began."""
        return YEAR + timedelta(days=self.random.randint(first, last))

    def seat(self) -> str:
        """A Member State."""
        return self.random.choice(SEATS)

    def number(self) -> int:
        """The next number, for names and keys."""
        self.count += 1
        return self.count

    # --- who ------------------------------------------------------------------------------------------------------

    def company(self, country: str = "") -> str:
        """A company; its key."""
        self.companies += 1
        name = "".join(self.random.choices(_SYLLABLES, k=3)).capitalize()
        return self._entity(f"{name} {self.number()}", country or self.seat(), is_person=False)

    def person(self, country: str = "") -> str:
        """A person that owns; the key."""
        return self._entity(f"person {self.number()}", country or self.seat(), is_person=True)

    def _entity(self, name: str, country: str, *, is_person: bool) -> str:
        key = f"e{self.count}"
        self.entities[key] = Entity(key=key, name=name, country=country, is_person=is_person)
        return key

    def own(self, owner: str, held: str, percent: int = 100) -> None:
        """Write a holding down."""
        self.holdings.append(Holding(owner, held, Kind.CAPITAL, Fraction(percent, 100), Period(date(2015, 1, 1))))

    def founded(self) -> str:
        """A company that one person owns."""
        company = self.company()
        self.own(self.person(self.entities[company].country), company)
        return company

    def group(self, subsidiaries: int, *, country: str = "") -> list[str]:
        """A parent that a person owns, and its subsidiaries; the parent comes first."""
        parent = self.company(country)
        self.own(self.person(country), parent)
        found = [parent]
        for _ in range(subsidiaries):
            child = self.company()
            self.own(parent, child, self.random.choice([100, 100, 75, 51]))
            found.append(child)
        return found

    # --- where ----------------------------------------------------------------------------------------------------

    def provider(self, halls: int) -> str:
        """An honest compute provider with its halls."""
        company = self.founded()
        for _ in range(halls):
            self.hall(company)
        return company

    def hall(self, operator: str, **changes: Any) -> str:
        """A facility with enough power for what stands in it."""
        key = f"f{self.number()}"
        count = self.random.choice([2048, 4096, 16384])
        tdp = catalogue.catalogue()[H100].power_w or Decimal(700)
        stock = Installation(
            accelerator=H100, count=count, stage="installed", tdp_w=tdp, in_use_from=date(2025, 3, 1), delivered=count
        )
        owner = self.entities[operator]
        plain = FacilitySnapshot(
            as_of=AS_OF,
            name=f"hall {key}",
            country=owner.country,
            operator=owner.name,
            parent_country=owner.country,
            it_power_kw=count * tdp * _OVERHEAD / _WATTS_PER_KW,
            is_capacity_attested=True,
            installations=(stock,),
        )
        self.facilities[key] = replace(plain, **changes)
        self.operators[key] = operator
        return key

    def halls(self, providers: int) -> list[str]:
        """Halls of so many different providers."""
        public = sorted({each for key, each in self.operators.items() if key in self.open_halls})
        chosen = self.random.sample(public, providers)
        return [self.random.choice([k for k in self.open_halls if self.operators[k] == each]) for each in chosen]

    open_halls: tuple[str, ...] = ()

    # --- what -----------------------------------------------------------------------------------------------------

    def fleet(self, flop: Decimal, days: int, *, utilisation: Decimal = UTILISATION) -> int:
        """How many H100 do so much in so many days."""
        peak = catalogue.dense_peak(code=H100, precision=catalogue.default_precision(H100)) or Decimal(1)
        return max(ceil(flop / (peak * utilisation * 86_400 * days)), 1)

    def line(self, hall: str, flop: Decimal, starts_on: date, days: int, *, utilisation: Decimal = UTILISATION) -> Line:
        """The line of hardware that comes to so much."""
        count = self.fleet(flop, days, utilisation=utilisation)
        ends_on = starts_on + timedelta(days=days)
        return Line(
            facility=hall, accelerator=H100, count=count, starts_on=starts_on, ends_on=ends_on, utilisation=utilisation
        )

    def file(self, by: str, *lines: Line, **changes: Any) -> Filing:
        """A filing as an honest developer makes it: figures that agree, notified in time where that is due."""
        number = self.number()
        whole = sum((line.flop for line in lines), Decimal(0))
        starts_on = min(line.starts_on for line in lines)
        filing = Filing(
            reference=f"ECAR-2026-{number:06d}",
            by=by,
            lineage=f"model {number}",
            lines=lines,
            reported_flop=whole * self.between(0.97, 1.03),
            architecture_flop=whole * self.between(0.85, 1.15),
            submitted_on=starts_on,
            known_on=starts_on - timedelta(days=self.random.randint(0, 10)),
            weights_sha256=f"{number:064x}",
        )
        self.filings.append(replace(filing, **changes))
        return self.filings[-1]

    def use(
        self,
        customer: str,
        hall: str,
        count: int,
        starts_on: date,
        days: int,
        *,
        workload: Workload = "training",
        noise: float = 0.04,
        share: float = 1.0,
        lines: int = 1,
        all_reduce: str | None = None,
    ) -> None:
        """The provider's records of one use: by month, each in so many lines."""
        provider = self.operators[hall]
        self.know(customer, provider, starts_on)
        factor = share * (1 + min(max(self.random.gauss(0, noise), -2 * noise), 2 * noise))
        pools = [count // lines + (1 if number < count % lines else 0) for number in range(lines)]
        for first, last in months(starts_on, starts_on + timedelta(days=days)):
            for pool in pools:
                if pool:
                    hours = Decimal(pool * (last - first).days * 24) * Decimal(f"{factor:.4f}")
                    is_large = workload == "training"
                    self.records.append(
                        Record(
                            key=f"u{self.number()}",
                            provider=provider,
                            customer=customer,
                            facility=hall,
                            accelerator=H100,
                            count=pool,
                            starts_on=first,
                            ends_on=last,
                            hours=hours,
                            workload=workload,
                            nodes=ceil(pool / _PER_NODE) if is_large else None,
                            interconnect_gbit_per_s=Decimal(400) if is_large else None,
                            all_reduce_share=Decimal(all_reduce) if all_reduce else None,
                        )
                    )

    def know(self, customer: str, provider: str, on: date, **changes: Any) -> None:
        """What the provider knows of its customer; an honest one of some years, unless something else is said."""
        known = self.customers.get((customer, provider))
        if known is None:
            known = self._honest_customer(customer, provider, on)
        self.customers[customer, provider] = replace(known, **changes)

    def _honest_customer(self, customer: str, provider: str, on: date) -> CustomerSnapshot:
        entity, country = self.entities[customer], self.entities[customer].country
        owner = Owner(name=f"owner of {entity.name}", share=Decimal(1), country=country, has_control=True)
        return CustomerSnapshot(
            as_of=AS_OF,
            name=entity.name,
            seat_country=country,
            provider=self.entities[provider].name,
            provider_country=self.entities[provider].country,
            incorporated_on=date(self.random.randint(2001, 2022), 5, 4),
            contract_on=on - timedelta(days=self.random.randint(5, 400)),
            beneficial_owners=(owner,),
            declared_countries=frozenset({country}),
            declared_access_countries=frozenset({country}),
            observed_access_countries=frozenset({country}),
            address_kind="business",
            has_web_presence=True,
            email_kind="own_domain",
            purpose="models for customers",
            staff=self.random.randint(60, 900),
            revenue_eur=Decimal(self.random.randint(60, 900)) * 10**6,
        )

    def facts(self) -> Facts:
        """What was written down."""
        return Facts(
            AS_OF,
            self.entities,
            tuple(self.holdings),
            tuple(self.filings),
            tuple(self.records),
            self.customers,
            self.facilities,
            self.operators,
        )


def months(starts_on: date, ends_on: date) -> Iterator[tuple[date, date]]:
    """The parts of a period that lie in one month each, `ends_on` not included."""
    while starts_on < ends_on:
        following = (starts_on.replace(day=1) + timedelta(days=32)).replace(day=1)
        yield starts_on, min(following, ends_on)
        starts_on = following
