"""Measures that do not sum up, such as numbers of providers: they are withheld with their cell, or rounded."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from ecar_audit.findings import Finding, Kind, Subject
from ecar_audit.frame import Frame
from ecar_audit.values import Bundle, Key, Table


def shown_counts(bundles: Sequence[Bundle], sensitive: frozenset[Key]) -> Iterator[Finding]:
    """Every count that is shown, not rounded, of a cell that is sensitive in any measure: it tells of how few."""
    frame = Frame(tuple(bundles))
    for bundle in bundles:
        plain = {each.id for each in bundle.measures if not each.is_additive and each.rounded_to is None}
        for table in bundle.tables:
            for (key, measure), value in table.values.items():
                place = frame.place(bundle, table, key)
                if measure in plain and value is not None and place in sensitive:
                    yield _finding(bundle, table, dict(zip(frame.dimensions, place, strict=True)), measure, value)


def _finding(bundle: Bundle, table: Table, codes: dict[str, str], measure: str, value: Decimal) -> Finding:
    return Finding(
        kind=Kind.PUBLISHED,
        subject=Subject.COUNT,
        release=bundle.place,
        table=table.id,
        codes=codes,
        measure=measure,
        attackers=(),
        interval=(value, value),
        true_value=value,
        needed=Decimal(0),
        holdings=0,
    )
