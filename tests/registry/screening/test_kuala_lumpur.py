"""The Kuala Lumpur case at the level of the rules: what both origin articles tell is flagged, in sentences of a lawyer.

A provider in the Union rents 300 servers of eight H100 to a local company founded two months before, which took over
the contract of a Singapore subsidiary at the provider's request; three local directors, an offshore parent, drives
arriving by air, several hundred gigabytes of weights leaving, and no filing.
"""

from calendar import monthrange
from datetime import date
from decimal import Decimal

import pytest

from registry.compute.catalogue import Precision, dense_peak
from registry.languages import SPOKEN
from registry.screening import rules
from registry.screening.shapes import (
    Amount,
    ContractingEntity,
    CustomerSnapshot,
    Director,
    GroupSnapshot,
    MonthOfUse,
    Movement,
    Party,
    SubjectKind,
    UsageSnapshot,
)

D = Decimal
ACCELERATORS = 300 * 8
UTILISATION = D("0.40")
PEAK = dense_peak(code="nvidia-h100-sxm5-80gb", precision=Precision.BF16) or D(0)
PER_DAY = ACCELERATORS * PEAK * UTILISATION * 86_400
MONTHS = tuple(date(2026, month, 1) for month in (3, 4, 5, 6))
BEGAN_ON, ENDED_ON = MONTHS[0], date(2026, 6, 30)
CUSTOMER, PROVIDER = "Straits Compute Sdn", "Aurora Hosting"
LOCALS = tuple(
    Director(name=name, also_directs=("Satu", "Dua", "Tiga", "Empat"), has_relevant_role=False)
    for name in ("Director One", "Director Two", "Director Three")
)


def _days(month: date) -> int:
    return monthrange(month.year, month.month)[1]


THE_CUSTOMER = CustomerSnapshot(
    as_of=date(2026, 7, 15),
    name=CUSTOMER,
    seat_country="FI",
    provider=PROVIDER,
    provider_country="FI",
    incorporated_on=date(2026, 1, 1),
    contract_on=BEGAN_ON,
    ended_on=ENDED_ON,
    previous_entities=(
        ContractingEntity(
            name="Straits Compute Pte", country="SG", until_on=date(2026, 2, 28), change_requested_by="compute_provider"
        ),
    ),
    directors=LOCALS,
    parents=(Party(name="Palm Holding", country="VG"),),
    is_owner_unknown=True,
    months=tuple(
        MonthOfUse(
            month=month,
            accelerators=ACCELERATORS,
            accelerator_hours=D(ACCELERATORS * 24 * _days(month)),
            flop=PER_DAY * _days(month),
            utilisation=UTILISATION,
        )
        for month in MONTHS
    ),
    data_arrivals=tuple(
        Movement(country="CN", on=date(2026, 3, 2), medium="physical_media", volume_gb=D(20_000), carrier="air")
        for _ in range(4)
    ),
    weights_departures=(Movement(country="CN", on=date(2026, 7, 2), medium="physical_media", volume_gb=D(400)),),
)
THE_GROUP = GroupSnapshot(
    kind=SubjectKind.OWNER_GROUP,
    name=CUSTOMER,
    as_of=THE_CUSTOMER.as_of,
    amounts=tuple(
        Amount(
            source="record",
            key=f"record-{each.month:%Y-%m}",
            by=CUSTOMER,
            provider=PROVIDER,
            from_on=each.month,
            until_on=each.month.replace(day=_days(each.month)),
            flop=each.flop,
            accelerators=each.accelerators,
            accelerator_hours=each.accelerator_hours,
            workload="unknown",
        )
        for each in THE_CUSTOMER.months
    ),
)
THE_USE = UsageSnapshot(
    as_of=date(2026, 9, 1),
    customer=CUSTOMER,
    provider=PROVIDER,
    from_on=BEGAN_ON,
    until_on=ENDED_ON,
    record_flop=sum((each.flop for each in THE_CUSTOMER.months), D(0)),
    accelerators=ACCELERATORS,
    nodes=300,
    interconnect_gbit_per_s=D(400),
    steady_days=122,
    utilisation=UTILISATION,
    flop_per_day=PER_DAY,
)
SNAPSHOTS = (THE_CUSTOMER, THE_GROUP, THE_USE)
HITS = {hit.rule: hit for snapshot in SNAPSHOTS for hit in rules.screen(snapshot)}


def test_the_pattern_of_both_articles_is_flagged() -> None:
    assert {"R-06", "R-09", "R-11", "R-12", "R-13", "R-21", "R-23", "R-24"} <= set(HITS)


def test_nothing_is_flagged_that_the_articles_do_not_tell() -> None:
    assert set(HITS) == {"R-06", "R-09", "R-11", "R-12", "R-13", "R-21", "R-23", "R-24"}


@pytest.mark.parametrize(
    ("code", "cases"),
    [
        ("R-06", ("group_systemic_risk",)),
        ("R-09", ("young", "jurisdiction_changed")),
        ("R-11", ("requested", "offshore")),
        ("R-12", ("nominee",)),
        ("R-13", ("unknown",)),
        ("R-21", ("arrivals", "departures")),
        ("R-23", ("no_filing",)),
        ("R-24", ("projected",)),
    ],
)
def test_each_flag_meets_the_cases_of_the_story(code: str, cases: tuple[str, ...]) -> None:
    assert HITS[code].cases == cases


def test_10_to_the_25_is_reached_in_about_122_days_at_40_percent() -> None:
    assert HITS["R-24"].inputs["reached_days"] == "122"
    sentence = rules.render(HITS["R-24"])
    assert "2,400 accelerators on 300 nodes" in sentence
    assert "utilisation of 40 %" in sentence
    assert "8.20648 × 10²² FLOP a day and reach 1 × 10²⁵ in about 122 days" in sentence


def test_no_single_month_crosses_but_four_together_do() -> None:
    assert all(each.flop < D("1e25") for each in THE_CUSTOMER.months)
    hit = HITS["R-06"]
    assert (hit.inputs["parts_count"], hit.inputs["window_from_on"], hit.inputs["window_until_on"]) == (
        "4",
        "2026-03-01",
        "2026-06-30",
    )
    assert D(hit.inputs["together_flop"]) > D("1e25")


@pytest.mark.parametrize("language", SPOKEN)
def test_each_flag_is_explained_with_formula_inputs_and_source(language: str) -> None:
    for hit in HITS.values():
        explained = rules.explain(hit, language)
        assert explained.sentence.endswith(".")
        assert explained.formula
        assert explained.source
        assert explained.inputs


def test_the_sentences_name_who_where_and_when() -> None:
    assert "incorporated on 2026-01-01 and contracted on 2026-03-01, 59 days later" in rules.render(HITS["R-09"])
    assert "At the request of the compute provider Aurora Hosting" in rules.render(HITS["R-11"])
    assert "80,000 GB of data arrived on physical media in 4 consignments from China" in rules.render(HITS["R-21"])
    assert "weights left the Union for China: 400 GB 2026-07-02" in rules.render(HITS["R-21"])
    assert "Aucun bénéficiaire effectif" in rules.render(HITS["R-13"], "fr")
    assert "Britische Jungferninseln" in rules.render(HITS["R-11"], "de")
