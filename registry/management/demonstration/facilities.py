"""Facilities of the demonstration: the data centres that its compute providers run, one of them still being planned.

Invented, and nothing is drawn at random. One lacks the power for what is said to stand there, one shows no delivery,
one has not reported its last year: the checks, the duty and the authority see that.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from registry.accounts.policy import of_the_register
from registry.acting import Actor, acting_as
from registry.compute import facility_actions, facility_storing, installation_actions
from registry.filings import facility_duties
from registry.management.demonstration import sites
from registry.management.demonstration.organisations import COMPANIES, Company
from registry.management.demonstration.people import Hands
from registry.management.demonstration.runs import FLEET, H100, Plan

PLANNING: Final = "aurelia"  # builds a hall of its own; its accelerators are ordered
LACKING_POWER, WITHOUT_EVIDENCE, LATE = "maas", "mistrale", "saimaa"
FEWEST: Final = 512  # accelerators
SINCE: Final = date(2020, 9, 1)
TO_DELIVERY: Final = timedelta(days=21)
UTILISATION: Final = Decimal("0.72")
PUE: Final = Decimal("1.24")

Content = dict[str, Any]


def begin(hands: Hands, plan: Plan, *, at: datetime) -> int:
    """Register what stands at `at`, with its accelerators and the years that are over; returns how many facilities."""
    return sum(_register(company, hands, plan, at=at) for company in operators() if company.slug in hands.providers)


def operators() -> Iterator[Company]:
    """Who runs a data centre, or builds one."""
    return (each for each in COMPANIES if each.slug == PLANNING or sites.is_own(each))


def _register(company: Company, hands: Hands, plan: Plan, *, at: datetime) -> int:
    actor, today = hands.providers[company.slug], facility_storing.today(at)
    lots = planned(today) if company.slug == PLANNING else list(lots_of(company, plan, today))
    with acting_as(actor):
        reference = facility_actions.register(content=statement(company, lots), by=actor, at=at).reference
    said: dict[str, Any] = {"reference": reference, "by": actor, "at": at}
    if company.slug != PLANNING:
        first = min(lot["from_on"] for lot in lots)
        content = {"name": "Hall A", "network": "InfiniBand", "interconnect_gbit_per_s": "400", "from_on": first}
        with acting_as(actor):
            cluster = installation_actions.put_up_cluster(content=content, **said)
        lots = [{**lot, "cluster": str(cluster.id)} for lot in lots]
    for lot in lots:
        with acting_as(actor):
            installation_actions.put_up(content=lot, **said)
    if company.slug != PLANNING:
        _report(company, lots, said, actor, today)
    with acting_as(of_the_register("clock")) as clock:
        facility_duties.follow(reference=reference, by=clock, at=at)
    return 1


def statement(company: Company, lots: list[Content]) -> Content:
    """What the company says of its data centre, with power for `lots`."""
    is_planned = company.slug == PLANNING
    contact = {"name": "Operations desk", "email": f"operations@{company.slug}.example"}
    return {
        "client_reference": sites.facility_id(company),
        "name": f"{company.town} 1",
        "operator": contact,
        "owner_name": company.name,
        "owner": contact,
        "kind": "enterprise",
        "country": company.country,
        "nuts_code": company.nuts_code,
        "lau_code": f"{company.country}0001",
        **({} if is_planned else {"operating_from": SINCE.isoformat()}),
        "electrical_redundancy": "2n",
        "cooling_redundancy": "n_plus_1",
        "it_power_kw": f"{_power_kw(company, lots):.0f}",
        "hardware_control": "owner",
        "remote_access_countries": [company.country],
    }


def _power_kw(company: Company, lots: list[Content]) -> Decimal:
    """Enough for the chips with a third beside them; of the one that lacks it, four fifths."""
    rated = sum((lot["count"] * sites.power_w(lot["accelerator"]) for lot in lots), Decimal(0)) / 1000
    share = Decimal("0.8") if company.slug == LACKING_POWER else sites.OVERHEAD
    return max(rated * share, Decimal(520)) if company.slug != LACKING_POWER else rated * share


def lots_of(company: Company, plan: Plan, today: date) -> Iterator[Content]:
    """Each generation that had arrived by then; a few servers even where the plan knows of no run."""
    for place, (code, since, _) in enumerate(FLEET):
        count = plan.installed.get((company.slug, code), FEWEST if code == H100 else 0)
        if count and since + TO_DELIVERY <= today:
            delivered = {"delivered_on": since.isoformat(), "evidence": f"Delivery note {since:%Y}-{place + 1:03d}"}
            yield {
                "lot": f"lot-{place + 1}",
                "accelerator": code,
                "count": count,
                "stage": "operating",
                "from_on": (since + TO_DELIVERY).isoformat(),
                **({} if company.slug == WITHOUT_EVIDENCE and code == H100 else delivered),
            }


def planned(today: date) -> list[Content]:
    """What is still to come."""
    code = FLEET[-1][0]
    return [
        {"lot": f"hall-{n}", "accelerator": code, "count": 512 * n, "stage": stage, "from_on": today.isoformat()}
        for n, stage in ((1, "ordered"), (2, "planned"))
    ]


def _report(company: Company, lots: list[Content], said: Content, actor: Actor, today: date) -> None:
    """The last two years; the one that is late has left out the last."""
    for year in (today.year - 2, today.year - 1):
        if not (company.slug == LATE and year == today.year - 1):
            with acting_as(actor):
                facility_actions.report(content=measured(company, lots, year), **said)


def measured(company: Company, lots: list[Content], year: int) -> Content:
    """What those that stood at midsummer used in the year; the site needs a little even while it is empty."""
    there = [lot for lot in lots if lot["from_on"] <= f"{year}-06-30"]
    chips = sum((lot["count"] * sites.power_w(lot["accelerator"]) for lot in there), Decimal(0)) / 1000
    it_kwh = (chips * Decimal("1.2") * UTILISATION + 150) * 8760
    total = it_kwh * PUE
    return {
        "year": year,
        "it_power_kw": f"{min(chips * Decimal('1.2') + 150, _power_kw(company, lots)):.0f}",
        "floor_area_m2": "3200",
        "computer_room_area_m2": "1400",
        "total_energy_kwh": f"{total:.0f}",
        "it_energy_kwh": f"{it_kwh:.0f}",
        "backup_energy_kwh": "4200",
        "water_m3": f"{it_kwh / 2000:.0f}",
        "potable_water_m3": f"{it_kwh / 5000:.0f}",
        "heat_reused_kwh": f"{total / 12:.0f}",
        "renewable_energy_kwh": f"{total * Decimal('0.8'):.0f}",
        "renewable_guarantees_kwh": f"{total * Decimal('0.6'):.0f}",
        "renewable_onsite_kwh": f"{total * Decimal('0.05'):.0f}",
    }
