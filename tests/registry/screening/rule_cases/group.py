"""Lineages and owner groups that trigger each rule, with the case they meet, and those that just do not."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from registry.screening.shapes import Amount, GroupSnapshot, ModelChange, SubjectKind

D = Decimal
SMALLEST = D("1000")
START = date(2026, 1, 1)


def filing(key: str, flop: str | Decimal, **changes: object) -> Amount:
    """A filing's estimate over the first ten days of the year, unless said otherwise."""
    amount = Amount(
        source="filing", key=key, by="Alpha", from_on=START, until_on=START + timedelta(days=9), flop=D(flop)
    )
    return replace(amount, **changes)  # type: ignore[arg-type]


def record(key: str, flop: str | Decimal, **changes: object) -> Amount:
    """What an access record amounts to."""
    return replace(filing(key, flop, **changes), source="record")


def owners(*amounts: Amount, **changes: object) -> GroupSnapshot:
    """An owner group."""
    group = GroupSnapshot(kind=SubjectKind.OWNER_GROUP, name="Alpha", as_of=date(2026, 11, 1), amounts=amounts)
    return replace(group, **changes)  # type: ignore[arg-type]


def lineage(*amounts: Amount) -> GroupSnapshot:
    """The stages of one model."""
    return owners(*amounts, kind=SubjectKind.LINEAGE, name="heron")


def later(amount: Amount, days: int) -> Amount:
    """The same so many days later."""
    step = timedelta(days=days)
    return replace(amount, from_on=amount.from_on + step, until_on=amount.until_on + step)


def rented(provider: str, accelerators: int, **changes: object) -> Amount:
    """Accelerators held for a week, too little compute to matter."""
    until_on = START + timedelta(days=6)
    return record(provider, "1e20", provider=provider, accelerators=accelerators, **({"until_on": until_on} | changes))


HALF = filing("A", "5e24")
MORE = filing("B", D("5e24") + SMALLEST)
SMALL = filing("C", "4.9e24")
FINE = ModelChange(key="F", by="Alpha", base="Heron 2", flop=D("2e23"), limit_flop=D("3e23"))

TRIGGERS: list[tuple[str, str, GroupSnapshot]] = [
    ("R-06", "group_systemic_risk", owners(HALF, MORE)),
    ("R-06", "group_systemic_risk", owners(HALF, later(MORE, 170))),  # the last day of the window
    ("R-06", "group_systemic_risk", owners(record("A", "6e24"), record("B", "6e24", workload="unknown"))),
    ("R-06", "group_systemic_risk", owners(record("A", "6e24"), record("B", "6e24"), filing("C", "2e25", lineage="x"))),
    ("R-06", "group_general_purpose", owners(filing("A", "4.9e22"), filing("B", D("5.1e22") + SMALLEST))),
    ("R-06", "lineage_systemic_risk", lineage(HALF, later(MORE, 900))),
    ("R-06", "lineage_general_purpose", lineage(filing("A", "6e22"), filing("B", "4.1e22"))),
    ("R-06", "near_systemic_risk", owners(HALF, later(filing("B", "1e25"), 300), later(filing("C", "5e24"), 600))),
    (
        "R-06",
        "near_general_purpose",
        owners(filing("A", "5e22"), later(filing("B", "1e23"), 300), later(filing("C", "5e22"), 600)),
    ),
    (
        "R-06",
        "same_weights",
        lineage(filing("A", "1e20", weights_sha256="ab"), filing("B", "1e20", by="Beta", weights_sha256="ab")),
    ),
    ("R-07", "repeated", owners(modifications=(FINE, replace(FINE, key="G", flop=D("1e23") + SMALLEST)))),
    ("R-26", "overlap", owners(rented("P", 100), rented("Q", 90))),
    ("R-26", "overlap", owners(rented("P", 64), rented("Q", 64, matched_key="ECAR-1"))),
]
NEAR_MISSES: list[tuple[str, GroupSnapshot]] = [
    ("R-06", owners()),
    ("R-06", owners(filing("A", "4e22"), filing("B", "6e22"))),  # 10^23 itself is not more
    ("R-06", owners(filing("A", "4.9e22"), later(filing("B", D("5.1e22") + SMALLEST), 171))),
    ("R-06", owners(filing("A", "2e25"), record("B", "2e25", matched_key="A"))),
    ("R-06", owners(filing("A", "4e24", stated_flop=D("2e25"), lineage="x"), filing("B", "9e24", lineage="x"))),
    ("R-06", owners(record("A", "6e24", workload="inference"), record("B", "6e24", workload="inference"))),
    ("R-06", owners(record("A", "9e25"))),  # one alone is nothing split
    ("R-06", lineage(filing("A", "6e22"), filing("B", "4e22"))),
    ("R-06", lineage(filing("A", "2e25"), filing("B", "9e24"))),
    ("R-06", owners(filing("A", "5e22"), later(filing("B", "1e23"), 300))),  # two are not several
    ("R-06", owners(*(later(filing("A", D("5e22") - SMALLEST), days) for days in (0, 300, 600)))),
    ("R-06", lineage(filing("A", "1e20", weights_sha256="ab"), filing("B", "1e20", weights_sha256="ab"))),
    ("R-07", owners(modifications=(FINE, replace(FINE, key="G", flop=D("1e23"))))),  # a third itself is not more
    ("R-07", owners(modifications=(FINE, replace(FINE, key="G", base="Crane")))),
    ("R-07", owners(modifications=(replace(FINE, flop=D("4e23")),))),  # above by itself: a duty, no flag
    ("R-26", owners(rented("P", 100), rented("Q", 89))),
    ("R-26", owners(rented("P", 63), rented("Q", 63))),
    ("R-26", owners(rented("P", 100), later(rented("Q", 100), 1))),
    ("R-26", owners(rented("P", 100), rented("P", 100))),
    ("R-26", owners(rented("P", 100, matched_key="ECAR-1"), rented("Q", 100, matched_key="ECAR-1"))),
    ("R-26", owners(rented("P", 100), rented("Q", 100, workload="inference"))),
]
