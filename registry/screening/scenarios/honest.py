"""Honest actors, near misses among them: each function writes one actor's facts down and returns its companies."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from registry.screening.scenarios.builder import UTILISATION, Builder
from registry.screening.shapes import ContractingEntity, Movement, Owner, Party, Payment, Reseller

Maker = Callable[[Builder], frozenset[str]]
_FINE: Final = Decimal("0.36")


def small_customer(b: Builder) -> frozenset[str]:
    """Rents a few servers for inference and now and then a fine-tuning, far below anything to be filed."""
    company, (hall,) = b.founded(), b.halls(1)
    start = b.day(0, 90)
    b.use(company, hall, b.random.choice([8, 16, 24]), start, b.random.randint(90, 240), workload="inference")
    if b.random.random() < 0.5:
        days = b.random.randint(5, 20)
        b.use(company, hall, b.fleet(b.between(1e21, 2.5e22), days), start, days, workload="fine_tuning")
    return frozenset({company})


def lab(b: Builder) -> frozenset[str]:
    """Files one run well below the threshold of systemic risk, and its provider reports the same."""
    company, (hall,) = b.group(1)[1], b.halls(1)
    _run(b, company, hall, b.between(2e23, 5e24))
    return frozenset({company})


def near_the_threshold(b: Builder) -> frozenset[str]:
    """One run just below 10^25, filed as what it is."""
    company, (hall,) = b.founded(), b.halls(1)
    _run(b, company, hall, b.between(7.8e24, 9.5e24))
    return frozenset({company})


def frontier_lab(b: Builder) -> frozenset[str]:
    """Above 10^25 at two providers at once, declared in one filing and notified in time."""
    company, halls = b.founded(), b.halls(2)
    flop, start, days = b.between(1.2e25, 6e25), b.day(0, 90), b.random.randint(70, 140)
    lines = [b.line(hall, flop / 2, start, days) for hall in halls]
    filing = b.file(company, *lines)
    b.filings[-1] = replace(filing, cumulative_flop=filing.reported_flop)
    for line in lines:
        b.use(company, line.facility, line.count, start, days, lines=4)
    return frozenset({company})


def start_up(b: Builder) -> frozenset[str]:
    """Founded a few months before its first contract, small, with owners and people that can be found."""
    company, (hall,) = b.founded(), b.halls(1)
    start = b.day()
    b.use(company, hall, b.random.choice([8, 16]), start, b.random.randint(30, 120), workload="inference")
    days = b.random.randint(5, 15)
    b.use(company, hall, b.fleet(b.between(1e21, 4e22), days), start, days, workload="fine_tuning")
    founded = start - timedelta(days=b.random.randint(120, 330))
    young = {"incorporated_on": founded, "contract_on": start, "is_first_order": True, "staff": b.random.randint(4, 20)}
    b.know(company, b.operators[hall], start, **young, revenue_eur=None)
    return frozenset({company})


def merged(b: Builder) -> frozenset[str]:
    """Signs anew after a merger, at its own wish: another entity for the same end user."""
    company, (hall,) = b.group(1)[1], b.halls(1)
    start = _run(b, company, hall, b.between(2e23, 3e24))
    before = ContractingEntity(
        name=f"former {b.entities[company].name}", country=b.seat(), until_on=start, change_requested_by="customer"
    )
    b.know(company, b.operators[hall], start, previous_entities=(before,))
    return frozenset({company})


def first_large_order(b: Builder) -> frozenset[str]:
    """A known company's first order, large and filed, with the people and the revenue for it."""
    company, (hall,) = b.founded(), b.halls(1)
    start = _run(b, company, hall, b.between(3e23, 2e24))
    b.know(company, b.operators[hall], start, is_first_order=True, staff=b.random.randint(300, 3000))
    return frozenset({company})


def two_providers(b: Builder) -> frozenset[str]:
    """One run on as many chips at two providers, which one filing declares."""
    company, halls = b.founded(), b.halls(2)
    flop, start, days = b.between(4e23, 5e24), b.day(), b.random.randint(40, 100)
    lines = [b.line(hall, flop / 2, start, days) for hall in halls]
    b.file(company, *lines)
    for line in lines:
        b.use(company, line.facility, line.count, start, days)
    return frozenset({company})


def fine_tuner(b: Builder) -> frozenset[str]:
    """Modifies a public model twice, each time far below a third."""
    company, (hall,) = b.founded(), b.halls(1)
    for _ in range(2):
        flop = b.between(3e22, 3e23)
        start, days = b.day(), b.random.randint(10, 40)
        line = b.line(hall, flop, start, days)
        base = {"base_model": f"open model {b.random.randint(1, 5)}", "is_base_public": True}
        b.file(company, line, **base, modification_flop=line.flop, modification_limit_flop=Decimal("3.333e24"))
        b.use(company, hall, line.count, start, days)
    return frozenset({company})


def paid_by_its_parent(b: Builder) -> frozenset[str]:
    """Its group's treasury pays, from a country that was named."""
    parent, company = b.group(1)
    (hall,) = b.halls(1)
    start = _run(b, company, hall, b.between(2e23, 2e24))
    there = b.entities[parent].country
    declared = frozenset({b.entities[company].country, there})
    payment = Payment(payer=b.entities[parent].name, country=there, on=start)
    b.know(company, b.operators[hall], start, payments=(payment,), declared_countries=declared)
    return frozenset({company})


def traded(b: Builder) -> frozenset[str]:
    """Traded on a regulated market: nobody holds a quarter, and nobody needs to."""
    company, (hall,) = b.company(), b.halls(1)
    start = _run(b, company, hall, b.between(5e23, 6e24))
    owners = tuple(Owner(name=f"fund {number}", share=Decimal("0.06"), country=b.seat()) for number in range(4))
    b.know(company, b.operators[hall], start, beneficial_owners=owners, is_traded=True)
    return frozenset({company})


def at_its_own_hall(b: Builder) -> frozenset[str]:
    """Trains where it is the operator itself: there is nobody to report it."""
    company = b.founded()
    hall = b.hall(company)
    start, days = b.day(), b.random.randint(40, 110)
    b.file(company, b.line(hall, b.between(3e23, 6e24), start, days))
    return frozenset({company})


def group_of_labs(b: Builder) -> frozenset[str]:
    """Three sisters with a model each: together large, and still below 10^25."""
    parent, *sisters = b.group(3)
    for sister, hall in zip(sisters, b.halls(3), strict=True):
        _run(b, sister, hall, b.between(5e23, 2.4e24))
    return frozenset({parent, *sisters})


def busy_group(b: Builder) -> frozenset[str]:
    """Three sisters with a model each that are above 10^25 together. Honest; the sum is what a rule must look at."""
    parent, *sisters = b.group(3)
    for sister, hall in zip(sisters, b.halls(3), strict=True):
        _run(b, sister, hall, b.between(4e24, 6e24))
    return frozenset({parent, *sisters})


def noisy(b: Builder) -> frozenset[str]:
    """Filing and return differ by up to a quarter, as preparation and idle hours are counted or not."""
    company, (hall,) = b.founded(), b.halls(1)
    _run(b, company, hall, b.between(2e23, 4e24), share=b.random.choice([0.78, 0.85, 1.16, 1.24]), noise=0.01)
    return frozenset({company})


def later_than_planned(b: Builder) -> frozenset[str]:
    """Planned days were filed, the run began up to two weeks later."""
    company, (hall,) = b.founded(), b.halls(1)
    _run(b, company, hall, b.between(2e23, 5e24), late=b.random.randint(4, 14))
    return frozenset({company})


def works_from_two_countries(b: Builder) -> frozenset[str]:
    """Reached from a second country, which was declared."""
    company, (hall,) = b.founded(), b.halls(1)
    start = _run(b, company, hall, b.between(2e23, 2e24))
    countries = frozenset({b.entities[company].country, b.seat(), "CH"})
    access = {"declared_access_countries": countries, "observed_access_countries": countries}
    b.know(company, b.operators[hall], start, **access)
    return frozenset({company})


def buys_from_a_reseller(b: Builder) -> frozenset[str]:
    """Buys from one reseller, which attests that it knows its customer."""
    company, (hall,) = b.founded(), b.halls(1)
    start = b.day()
    b.use(company, hall, 16, start, 120, workload="inference")
    reseller = Reseller(party=Party(name=f"reseller {b.number()}", country=b.seat()), has_attestation=True)
    b.know(company, b.operators[hall], start, resellers=(reseller,))
    return frozenset({company})


def sends_weights_within_the_union(b: Builder) -> frozenset[str]:
    """Moves weights to another Member State after the run, and some data came on a disk."""
    company, (hall,) = b.founded(), b.halls(1)
    flop, start, days = b.between(2e23, 2e24), b.day(), b.random.randint(30, 90)
    line = b.line(hall, flop, start, days)
    disk = Movement(country=b.seat(), on=start, medium="physical_media", volume_gb=Decimal(4_000))
    moved = Movement(country=b.seat(), on=line.ends_on, medium="network", volume_gb=Decimal(300), what="weights")
    b.file(company, line, data_arrivals=(disk,), weights_departures=(moved,))
    b.use(company, hall, line.count, start, days)
    return frozenset({company})


def _run(
    b: Builder,
    company: str,
    hall: str,
    flop: Decimal,
    *,
    share: float = 1.0,
    noise: float = 0.04,
    late: int = 0,
    utilisation: Decimal = UTILISATION,
) -> date:
    """One run that is filed, and reported by the provider; the day on which it begins."""
    start, days = b.day(0, 130), b.random.randint(35, 130)
    line = b.line(hall, flop, start, days, utilisation=b.random.choice([_FINE, utilisation]))
    b.file(company, line)
    begun = start + timedelta(days=late)
    b.use(company, hall, line.count, begun, days, share=share, noise=noise, lines=b.random.choice([1, 2, 4]))
    return start


HONEST: Final[Mapping[Maker, float]] = MappingProxyType(
    {
        small_customer: 40,
        lab: 14,
        near_the_threshold: 2,
        frontier_lab: 2,
        start_up: 6,
        merged: 4,
        first_large_order: 3,
        two_providers: 4,
        fine_tuner: 5,
        paid_by_its_parent: 3,
        traded: 3,
        at_its_own_hall: 2,
        group_of_labs: 3,
        busy_group: 0.5,
        noisy: 3,
        later_than_planned: 3,
        works_from_two_countries: 2,
        buys_from_a_reseller: 2,
        sends_weights_within_the_union: 1,
    }
)
"""Who is how frequent among the honest."""
