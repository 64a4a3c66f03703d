"""Evading actors: each function writes one actor's facts down and says which rules are meant to see it."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

from registry.screening.scenarios.builder import AS_OF, H100, Builder
from registry.screening.scenarios.facts import Actor
from registry.screening.shapes import (
    ContractingEntity,
    ControlEvent,
    Director,
    Installation,
    Medium,
    Movement,
    Party,
    Payment,
    Reseller,
    Workload,
)

Maker = Callable[[Builder], Actor]
SPARSE_PEAK: Final = Decimal("1978.8e12")
FILINGS_OF_THE_SPLIT: Final = 40
_NAMES_FOR_IT: Final[tuple[Workload, ...]] = ("fine_tuning", "unknown", "unknown", "inference")
_WAYS_OUT: Final[tuple[Medium, ...]] = ("physical_media", "network")
SPLIT_FLOP: Final = Decimal("2e25")


def over_time(b: Builder) -> Actor:
    """One run as a row of models, one after the other, each filed, each below the threshold. Some take their time."""
    company, (hall,) = b.founded(), b.halls(1)
    parts, whole = b.random.randint(4, 8), b.between(1.15e25, 2.5e25)
    start, pause = b.day(0, 60), b.random.choice([0, 0, 3, 8])
    for _ in range(parts):
        days = b.random.randint(14, 26)
        _filed_use(b, company, hall, whole / parts, start, days)
        start += timedelta(days=days + pause)
    return _actor(over_time, {company}, {"R-06"})


def over_providers(b: Builder) -> Actor:
    """Nothing filed: a part of the run at each of five providers, called fine-tuning or nothing."""
    company, start, days = b.founded(), b.day(0, 120), b.random.randint(60, 120)
    whole = b.between(1.1e25, 2.5e25)
    for hall in b.halls(5):
        kind = b.random.choice(_NAMES_FOR_IT)
        b.use(
            company, hall, b.fleet(whole / 5, days), start + timedelta(days=b.random.randint(0, 9)), days, workload=kind
        )
    return _actor(over_providers, {company}, {"R-06", "R-23", "R-26"})


def over_subsidiaries(b: Builder) -> Actor:
    """A part of the run in the name of each subsidiary, every one filed."""
    parent, *sisters = b.group(b.random.randint(4, 8))
    whole, start, days = b.between(1.2e25, 2.5e25), b.day(0, 120), b.random.randint(50, 110)
    for sister in sisters:
        (hall,) = b.halls(1)
        _filed_use(b, sister, hall, whole / len(sisters), start, days)
    return _actor(over_subsidiaries, {parent, *sisters}, {"R-06"})


def forty_parts(b: Builder) -> Actor:
    """2 × 10^25 in forty filings and their records, over five providers and eight subsidiaries."""
    parent, *sisters = b.group(8)
    halls, start = b.halls(5), b.day(0, 60)
    for number in range(FILINGS_OF_THE_SPLIT):
        begun = start + timedelta(days=3 * number)
        _filed_use(b, sisters[number % 8], halls[number % 5], SPLIT_FLOP / FILINGS_OF_THE_SPLIT, begun, 30)
    return _actor(forty_parts, {parent, *sisters}, {"R-06"})


def below_a_third(b: Builder) -> Actor:
    """The same base modified again and again, each time below a third of it, together above."""
    parent, *sisters = b.group(b.random.randint(1, 3))
    base, limit = f"base {b.number()}", Decimal("3.333e24")
    for number in range(b.random.randint(4, 7)):
        (hall,) = b.halls(1)
        start, days = b.day(0, 120), b.random.randint(20, 50)
        line = b.line(hall, limit * b.between(0.12, 0.33), start, days)
        modified = {"base_model": base, "is_base_public": True, "modification_limit_flop": limit}
        by = sisters[number % len(sisters)]
        b.file(by, line, **modified, modification_flop=line.flop, lineage=f"{base} variant {number}")
        b.use(by, hall, line.count, start, days)
    return _actor(below_a_third, {parent, *sisters}, {"R-07"})


def re_papered(b: Builder) -> Actor:
    """The Kuala Lumpur pattern: a new local company instead of a foreign one, because the provider asked for it."""
    (hall,) = b.halls(1)
    provider = b.operators[hall]
    there = b.entities[provider].country
    company, parent = b.company(there), b.company("VG")
    b.own(parent, company)
    start, days = b.day(0, 120), b.random.randint(60, 125)
    b.use(company, hall, b.random.choice([400, 800, 1600, 2400]), start, days, all_reduce="0.7")
    before = ContractingEntity(
        name=f"far {b.number()}", country="SG", until_on=start, change_requested_by="compute_provider"
    )
    disks = Movement(country="CN", on=start, medium="physical_media", volume_gb=Decimal(80_000), carrier="by air")
    leaving = Movement(country="CN", on=start + timedelta(days=days + 2), medium="physical_media",
                       volume_gb=Decimal(b.random.randint(200, 900)), what="weights")  # fmt: skip
    b.know(
        company,
        provider,
        start,
        incorporated_on=start - timedelta(days=60),
        contract_on=start - timedelta(days=2),
        previous_entities=(before,),
        directors=_nominees(b, 3),
        parents=(Party(name=b.entities[parent].name, country="VG"),),
        beneficial_owners=(),
        is_owner_unknown=True,
        is_first_order=True,
        staff=3,
        revenue_eur=Decimal(0),
        data_arrivals=(disks,),
        weights_departures=(leaving,),
        ended_on=start + timedelta(days=days),
    )
    rules = {"R-09", "R-11", "R-12", "R-13", "R-17", "R-21", "R-23", "R-24"}
    return _actor(re_papered, {company}, rules)


def nominee_directors(b: Builder) -> Actor:
    """Directors of many unrelated companies, and no owner that anybody knows."""
    company, start, hall = _tenant(b, b.between(5e22, 3e24))
    hidden: dict[str, Any] = {"is_owner_unknown": True, "beneficial_owners": ()} if b.random.random() < 0.8 else {}
    b.know(company, b.operators[hall], start, directors=_nominees(b, b.random.randint(1, 3)), **hidden)
    return _actor(nominee_directors, {company}, {"R-12", "R-13"})


def shrunk_or_inflated(b: Builder) -> Actor:
    """A sparse peak, or occupancy in the place of utilisation, so that the figure comes out as is wanted."""
    company, (hall,) = b.founded(), b.halls(1)
    start, days = b.day(0, 120), b.random.randint(60, 110)
    line = b.line(hall, b.between(1.1e25, 1.6e25), start, days)
    way = b.random.choice(["sparse", "occupancy", "idle", "figure"])
    ways: dict[str, dict[str, Any]] = {
        "sparse": {"peak_flop_per_s": SPARSE_PEAK, "utilisation": Decimal("0.15"), "is_dense": False},
        "occupancy": {"utilisation": Decimal("0.97"), "utilisation_kind": "occupancy"},
        "idle": {"utilisation": Decimal("0.04")},
        "figure": {},
    }
    declared = replace(line, **ways[way])
    flop = declared.flop * (b.between(0.4, 0.72) if way == "figure" else Decimal(1))
    b.file(company, declared, reported_flop=flop, architecture_flop=None, known_on=None)
    b.use(company, hall, line.count, start, days)
    rules = {"sparse": "R-05", "occupancy": "R-04", "idle": "R-04", "figure": "R-03"}
    return _actor(shrunk_or_inflated, {company}, {rules[way]})


def unfiled(b: Builder) -> Actor:
    """Trains for weeks on many nodes and files nothing."""
    company, _, _ = _tenant(b, b.between(8e22, 9e24))
    return _actor(unfiled, {company}, {"R-23", "R-24"})


def weights_abroad(b: Builder) -> Actor:
    """Files the run, and sends the weights to a third country as soon as it is over."""
    company, (hall,) = b.founded(), b.halls(1)
    start, days = b.day(0, 120), b.random.randint(40, 100)
    line = b.line(hall, b.between(3e23, 5e24), start, days)
    on = line.ends_on + timedelta(days=b.random.randint(0, 32))
    leaving = Movement(
        country=b.random.choice(["CN", "AE", "SG"]), on=on, medium=b.random.choice(_WAYS_OUT), volume_gb=Decimal(400)
    )
    b.file(company, line, weights_departures=(leaving,))
    b.use(company, hall, line.count, start, days)
    return _actor(weights_abroad, {company}, {"R-21"})


def planned_as_installed(b: Builder) -> Actor:
    """The Xinjiang pattern: chips that are planned or boxed, declared as installed beyond the power of the hall."""
    company = b.founded()
    halls, rules = set(), set()
    for _ in range(b.random.randint(1, 4)):
        count = b.random.choice([2_000, 5_000, 10_000])
        way = b.random.choice(["power", "undelivered", "later"])
        stock = Installation(
            accelerator=H100,
            count=count,
            stage="installed",
            tdp_w=Decimal(700),
            in_use_from=date(2026, 3, 1),
            delivered=count // 3 if way == "undelivered" else None,
            delivery_on=AS_OF + timedelta(days=90) if way == "later" else None,
        )
        power = Decimal(count) * 700 * (b.between(0.5, 1.25) if way == "power" else 2) / 1000
        halls.add(b.hall(company, installations=(stock,), it_power_kw=power))
        rules.add("R-18" if way == "power" else "R-20")
    return _actor(planned_as_installed, {company}, rules, facilities=halls)


def prohibited(b: Builder) -> Actor:
    """Resells to an end user established in Russia."""
    company, start, hall = _tenant(b, b.between(1e22, 5e23))
    user = Party(name=f"end user {b.number()}", country="RU")
    b.know(company, b.operators[hall], start, end_users=(user,))
    return _actor(prohibited, {company}, {"R-22"})


def front(b: Builder) -> Actor:
    """Somebody else pays, from elsewhere, and works on it from a country on the list."""
    company, start, hall = _tenant(b, b.between(5e22, 3e24))
    payers = [Payment(payer=f"payer {b.number()}", country="HK", on=start + timedelta(days=30 * n)) for n in range(2)]
    observed = frozenset({b.entities[company].country, b.random.choice(["CN", "RU"])})
    b.know(company, b.operators[hall], start, payments=tuple(payers), observed_access_countries=observed)
    return _actor(front, {company}, {"R-14", "R-15"})


def out_of_proportion(b: Builder) -> Actor:
    """Three people in a virtual office with a thousand accelerators."""
    company, start, hall = _tenant(b, b.between(5e23, 4e24))
    modest = {"staff": 3, "revenue_eur": Decimal(50_000), "is_first_order": True, "declared_flop": Decimal("1e21")}
    b.know(company, b.operators[hall], start, **modest, address_kind="virtual_office", email_kind="free_domain",
           has_web_presence=False)  # fmt: skip
    return _actor(out_of_proportion, {company}, {"R-16", "R-17"})


def chain_of_resellers(b: Builder) -> Actor:
    """Three resellers in a row, of which none knows its customer."""
    company, start, hall = _tenant(b, b.between(5e22, 2e24))
    chain = [
        Reseller(party=Party(name=f"reseller {b.number()}", country="AE"), has_attestation=False) for _ in range(3)
    ]
    b.know(company, b.operators[hall], start, resellers=tuple(chain))
    return _actor(chain_of_resellers, {company}, {"R-25"})


def led_from_elsewhere(b: Builder) -> Actor:
    """A subsidiary in the Union of a group that is led from a country on the list, training without a filing."""
    parent = b.company("CN")
    company = b.company()
    b.own(parent, company)
    (hall,) = b.halls(1)
    start, days = b.day(0, 120), b.random.randint(50, 110)
    b.use(company, hall, b.fleet(b.between(3e23, 4e24), days), start, days, all_reduce="0.6")
    b.know(company, b.operators[hall], start, parents=(Party(name=b.entities[parent].name, country="CN"),))
    return _actor(led_from_elsewhere, {company, parent}, {"R-10", "R-23", "R-24"})


def not_notified(b: Builder) -> Actor:
    """Above 10^25 by its own hardware, and a notification months late or never."""
    company, (hall,) = b.founded(), b.halls(1)
    start, days = b.day(0, 90), b.random.randint(70, 120)
    line = b.line(hall, b.between(1.2e25, 3e25), start, days)
    late = b.random.random() < 0.5
    said = line.flop if late else Decimal("9.9e24")
    b.file(company, line, reported_flop=said, submitted_on=start + timedelta(days=60), known_on=start)
    b.use(company, hall, line.count, start, days)
    return _actor(not_notified, {company}, {"R-01"})


def omitted(b: Builder) -> Actor:
    """Leaves the base model's compute out, or the generation of the synthetic data that it trained on."""
    company, (hall,) = b.founded(), b.halls(1)
    start, days = b.day(0, 120), b.random.randint(40, 90)
    line = b.line(hall, b.between(5e23, 6e24), start, days)
    if b.random.random() < 0.5:
        b.file(company, line, base_model=f"closed model {b.number()}", is_base_public=False, is_base_counted=False)
    else:
        b.file(company, line, has_synthetic_data=True, synthetic_data_flop=Decimal(0))
    b.use(company, hall, line.count, start, days)
    return _actor(omitted, {company}, {"R-08"})


def side_by_side(b: Builder) -> Actor:
    """One run on as many chips at two providers, filed as two that have nothing to do with each other."""
    company, start, days = b.founded(), b.day(0, 120), b.random.randint(50, 100)
    flop = b.between(2e24, 4.9e24)
    for hall in b.halls(2):
        _filed_use(b, company, hall, flop * b.between(0.93, 1.07), start, days)
    return _actor(side_by_side, {company}, {"R-26"})


def without_licence(b: Builder) -> Actor:
    """An operator whose parent would have needed a licence for what it has put up."""
    parent = b.company("CN")
    company = b.company()
    b.own(parent, company)
    event = ControlEvent(code="us-2023-10", on=date(2023, 11, 17), kind="licence_required")
    stock = Installation(accelerator=H100, count=800, stage="installed", tdp_w=Decimal(700),
                         in_use_from=date(2026, 2, 1), delivered=800, events=(event,))  # fmt: skip
    hall = b.hall(company, installations=(stock,), parent_country="CN", it_power_kw=Decimal(2_000))
    return _actor(without_licence, {company, parent}, {"R-19"}, facilities={hall})


def half_filed(b: Builder) -> Actor:
    """Files a third to four fifths of the hours that its provider reports."""
    company, (hall,) = b.founded(), b.halls(1)
    start, days = b.day(0, 120), b.random.randint(50, 110)
    line = b.line(hall, b.between(1e24, 4e24), start, days)
    b.file(company, line)
    b.use(company, hall, int(line.count * b.random.uniform(1.25, 3)), start, days)
    return _actor(half_filed, {company}, {"R-23"})


def _filed_use(b: Builder, by: str, hall: str, flop: Decimal, start: date, days: int) -> None:
    line = b.line(hall, flop, start, days)
    b.file(by, line)
    b.use(by, hall, line.count, start, days, lines=2)


def _tenant(b: Builder, flop: Decimal) -> tuple[str, date, str]:
    """A company that trains without filing; with the day and the place."""
    company, (hall,) = b.founded(), b.halls(1)
    start, days = b.day(0, 120), b.random.randint(40, 110)
    b.use(company, hall, b.fleet(flop, days), start, days, all_reduce=b.random.choice(["0.5", "0.7"]))
    return company, start, hall


def _nominees(b: Builder, count: int) -> tuple[Director, ...]:
    unrelated = tuple(f"company {b.number()}" for _ in range(b.random.randint(2, 12)))
    return tuple(
        Director(name=f"director {b.number()}", also_directs=unrelated, has_relevant_role=False) for _ in range(count)
    )


def _actor(maker: Maker, entities: set[str], expects: set[str], *, facilities: set[str] | None = None) -> Actor:
    return Actor(maker.__name__, frozenset(entities), True, frozenset(expects), frozenset(facilities or ()))


EVADING: Final[Mapping[Maker, float]] = MappingProxyType(
    {
        over_time: 2,
        over_providers: 2,
        over_subsidiaries: 2,
        below_a_third: 2,
        re_papered: 2,
        nominee_directors: 1,
        shrunk_or_inflated: 2,
        unfiled: 2,
        weights_abroad: 1,
        planned_as_installed: 1,
        prohibited: 1,
        front: 1,
        out_of_proportion: 1,
        chain_of_resellers: 1,
        led_from_elsewhere: 1,
        not_notified: 1,
        omitted: 1,
        side_by_side: 1,
        without_licence: 1,
        half_filed: 1,
    }
)
"""Who is how frequent among the evading; the forty parts are in every world once."""
