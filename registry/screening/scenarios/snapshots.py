"""From an invented world's facts to what the rules look at: positions, reconciliation, snapshots. Sees no label."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_CEILING, Decimal, localcontext
from functools import cache
from typing import Final

from registry.organisations import ownership, ownership_control
from registry.quantities import EXACT
from registry.screening import position_terms, positions, reconciliation
from registry.screening.positions import Contribution, Position, Side
from registry.screening.reconciliation import Bundle, Run, State, Use
from registry.screening.scenarios.facts import Facts, Filing, Record
from registry.screening.shapes import (
    Amount,
    CustomerSnapshot,
    FilingSnapshot,
    GroupSnapshot,
    HardwareLine,
    ModelChange,
    MonthOfUse,
    Snapshot,
    SubjectKind,
    UsageSnapshot,
)

_SYSTEMIC: Final = Decimal("1e25")
_NOTIFY_WITHIN: Final = timedelta(days=14)
_ONE_DAY: Final = timedelta(days=1)
_HOURS_A_DAY: Final = 24


@dataclass(frozen=True)
class Seen:
    """A snapshot, and of whom: companies by key, or a facility."""

    snapshot: Snapshot
    entities: frozenset[str] = frozenset()
    facility: str = ""


@dataclass(frozen=True)
class Screened:
    """Everything that the rules are given, what reconciliation says, and each owner group's position."""

    seen: tuple[Seen, ...]
    bundles: tuple[Bundle, ...]
    positions: Mapping[str, Position]
    group_of: Mapping[str, str]


def of(facts: Facts) -> Screened:
    """What the register works out from its facts."""
    group_of = _groups(facts)
    bundles = _bundles(facts, group_of)
    matched = {use.key: bundle.runs[0].filing for bundle in bundles if bundle.runs for use in bundle.uses}
    amounts = [*_filed_amounts(facts), *_reported_amounts(facts, matched)]
    seen = (
        *(Seen(_filing(each), frozenset({each.by})) for each in facts.filings),
        *_customers(facts),
        *_owner_groups(facts, amounts, group_of),
        *_lineages(facts, amounts),
        *(Seen(snapshot, facility=key) for key, snapshot in facts.facilities.items()),
        *_usages(facts, bundles),
    )
    return Screened(seen, bundles, _positions(facts, group_of), group_of)


def _groups(facts: Facts) -> dict[str, str]:
    """The owner group of each entity, from the holdings."""
    standings = ownership_control.standings(ownership.graph(facts.holdings, on=facts.as_of))
    return {key: standings[key].group if key in standings else key for key in facts.entities}


# --- reconciliation and positions ---------------------------------------------------------------------------------


def _bundles(facts: Facts, group_of: Mapping[str, str]) -> tuple[Bundle, ...]:
    runs = [
        Run(
            starts_on=line.starts_on,
            ends_on=line.ends_on,
            key=f"{filing.reference}#{number}",
            filing=filing.reference,
            organisation=filing.by,
            group=group_of[filing.by],
            facility=line.facility,
            accelerator=line.accelerator,
            hours=line.hours,
            flop=line.flop,
            is_own_facility=group_of[facts.operators[line.facility]] == group_of[filing.by],
        )
        for filing in facts.filings
        for number, line in enumerate(filing.lines)
    ]
    counted = position_terms.terms(on=facts.as_of).counted_workloads
    uses = [
        Use(
            starts_on=each.starts_on,
            ends_on=each.ends_on,
            key=each.key,
            provider=each.provider,
            group=group_of[each.customer],
            facility=each.facility,
            accelerator=each.accelerator,
            hours=each.hours,
            flop=flop_of(each),
        )
        for each in facts.records
        if each.workload in counted
    ]
    return reconciliation.reconcile(
        runs=runs, uses=uses, on=facts.as_of, terms=position_terms.tolerance(on=facts.as_of)
    )


def flop_of(record: Record) -> Decimal:
    """What a record comes to at the reference utilisation; nothing where its class is no training."""
    terms = position_terms.terms(on=record.starts_on)
    if record.workload not in terms.counted_workloads:
        return Decimal(0)
    return record.hours * _flop_per_hour(record.accelerator, terms.utilisation)


@cache
def _flop_per_hour(accelerator: str, utilisation: Decimal) -> Decimal:
    found = positions.reference_flop(accelerator=accelerator, hours=Decimal(1), utilisation=utilisation)
    return found or Decimal(0)


def contributions(facts: Facts) -> Iterator[tuple[str, Contribution]]:
    """What each filing and each record adds to the position of its company."""
    for filing in facts.filings:
        whole = filing.hardware_flop
        for line in filing.lines:
            place = positions.place_of(facility=line.facility, accelerator=line.accelerator)
            with localcontext(EXACT):
                flop = _largest(filing) * line.flop / whole
                covers = line.hours * _flop_per_hour(line.accelerator, _utilisation(line.starts_on))
            yield filing.by, Contribution(Side.FILED, place, line.starts_on, line.ends_on, flop, line.hours, covers)
    for each in facts.records:
        place = positions.place_of(facility=each.facility, accelerator=each.accelerator)
        flop = flop_of(each)
        yield each.customer, Contribution(Side.REPORTED, place, each.starts_on, each.ends_on, flop, each.hours)


def _utilisation(on: date) -> Decimal:
    return position_terms.terms(on=on).utilisation


def _positions(facts: Facts, group_of: Mapping[str, str]) -> dict[str, Position]:
    by_group: defaultdict[str, list[Contribution]] = defaultdict(list)
    for entity, contribution in contributions(facts):
        by_group[group_of[entity]].append(contribution)
    return {group: positions.position_of(told) for group, told in by_group.items()}


def _largest(filing: Filing) -> Decimal:
    stated = (filing.reported_flop, filing.hardware_flop, filing.architecture_flop)
    return max(each for each in stated if each is not None)


# --- snapshots ----------------------------------------------------------------------------------------------------


def _filing(filing: Filing) -> FilingSnapshot:
    stated = max(filing.reported_flop, filing.cumulative_flop or Decimal(0))
    due_on = filing.known_on + _NOTIFY_WITHIN if filing.known_on else None
    ends = [line.ends_on for line in filing.lines]
    return FilingSnapshot(
        reported_flop=filing.reported_flop,
        hardware_flop=filing.hardware_flop,
        architecture_flop=filing.architecture_flop,
        cumulative_flop=(filing.cumulative_flop,) if filing.cumulative_flop else (),
        hardware=tuple(_hardware(filing)),
        known_on=filing.known_on,
        notified_at=_moment(filing.submitted_on) if stated > _SYSTEMIC else None,
        notification_due_at=_moment(due_on) if due_on else None,
        modification_flop=filing.modification_flop,
        modification_limit_flop=filing.modification_limit_flop,
        base_model=filing.base_model,
        is_base_public=filing.is_base_public,
        is_base_counted=filing.is_base_counted,
        has_non_public_synthetic_data=filing.has_synthetic_data,
        synthetic_data_flop=filing.synthetic_data_flop,
        data_arrivals=filing.data_arrivals,
        weights_departures=filing.weights_departures,
        ended_on=max(ends),
    )


def _hardware(filing: Filing) -> Iterator[HardwareLine]:
    for number, line in enumerate(filing.lines, start=1):
        yield HardwareLine(
            number=number,
            accelerator=line.accelerator,
            precision="bf16",
            is_dense=line.is_dense,
            peak_flop_per_s=line.peak_flop_per_s or line.reference_peak,
            reference_peak_flop_per_s=line.reference_peak,
            utilisation=line.utilisation,
            utilisation_kind=line.utilisation_kind,
        )


def _moment(day: date) -> datetime:
    return datetime.combine(day, time(12), tzinfo=UTC)


def _customers(facts: Facts) -> Iterator[Seen]:
    by_customer: defaultdict[tuple[str, str], list[Record]] = defaultdict(list)
    for each in facts.records:
        by_customer[each.customer, each.provider].append(each)
    for (entity, provider), known in facts.customers.items():
        yield Seen(_with_months(known, by_customer[entity, provider]), frozenset({entity}))


def _with_months(known: CustomerSnapshot, records: Iterable[Record]) -> CustomerSnapshot:
    by_month: defaultdict[date, list[Record]] = defaultdict(list)
    for each in records:
        by_month[each.starts_on.replace(day=1)].append(each)
    found = []
    for month, several in sorted(by_month.items()):
        hours = sum((each.hours for each in several), Decimal(0))
        days = (max(each.ends_on for each in several) - min(each.starts_on for each in several)).days
        count = int((hours / (days * _HOURS_A_DAY)).to_integral_value(rounding=ROUND_CEILING))
        flop = sum((flop_of(each) for each in several), Decimal(0))
        used = MonthOfUse(
            month=month, accelerators=count, accelerator_hours=hours, flop=flop, utilisation=_utilisation(month)
        )
        found.append(used)
    return replace(known, months=tuple(found))


def _filed_amounts(facts: Facts) -> Iterator[Amount]:
    """One amount for each hall that a filing names, so that records can be told apart by provider."""
    for filing in facts.filings:
        whole = filing.hardware_flop
        for line in filing.lines:
            yield Amount(
                source="filing",
                key=filing.reference,
                by=filing.by,
                from_on=line.starts_on,
                until_on=line.ends_on - _ONE_DAY,
                flop=_largest(filing) * line.flop / whole,
                provider=facts.operators[line.facility],
                accelerators=line.count,
                accelerator_hours=line.hours,
                lineage=filing.lineage,
                weights_sha256=filing.weights_sha256,
                matched_key=filing.reference,
                stated_flop=max(filing.reported_flop, filing.cumulative_flop or Decimal(0)),
            )


def _reported_amounts(facts: Facts, matched: Mapping[str, str]) -> Iterator[Amount]:
    for each in facts.records:
        yield Amount(
            source="record",
            key=each.key,
            by=each.customer,
            from_on=each.starts_on,
            until_on=each.ends_on - _ONE_DAY,
            flop=flop_of(each),
            provider=each.provider,
            accelerators=each.count,
            accelerator_hours=each.hours,
            workload=each.workload,
            matched_key=matched.get(each.key, ""),
        )


def _owner_groups(facts: Facts, amounts: Iterable[Amount], group_of: Mapping[str, str]) -> Iterator[Seen]:
    by_group: defaultdict[str, list[Amount]] = defaultdict(list)
    changes: defaultdict[str, list[ModelChange]] = defaultdict(list)
    for each in amounts:
        by_group[group_of[each.by]].append(each)
    for filing in facts.filings:
        if filing.modification_flop and filing.modification_limit_flop:
            changes[group_of[filing.by]].append(
                ModelChange(
                    key=filing.reference,
                    by=filing.by,
                    base=filing.base_model,
                    flop=filing.modification_flop,
                    limit_flop=filing.modification_limit_flop,
                )
            )
    for group, several in by_group.items():
        snapshot = GroupSnapshot(
            kind=SubjectKind.OWNER_GROUP,
            name=facts.entities[group].name,
            as_of=facts.as_of,
            amounts=tuple(several),
            modifications=tuple(changes[group]),
        )
        yield Seen(snapshot, frozenset(each.by for each in several))


def _lineages(facts: Facts, amounts: Iterable[Amount]) -> Iterator[Seen]:
    by_lineage: defaultdict[str, list[Amount]] = defaultdict(list)
    for each in amounts:
        if each.lineage:
            by_lineage[each.lineage].append(each)
    for lineage, several in by_lineage.items():
        snapshot = GroupSnapshot(kind=SubjectKind.LINEAGE, name=lineage, as_of=facts.as_of, amounts=tuple(several))
        yield Seen(snapshot, frozenset(each.by for each in several))


def _usages(facts: Facts, bundles: Iterable[Bundle]) -> Iterator[Seen]:
    by_key = {each.key: each for each in facts.records}
    for bundle in bundles:
        records = [by_key[use.key] for use in bundle.uses]
        companies = [*(each.customer for each in records), *(run.organisation for run in bundle.runs)]
        yield Seen(_usage(facts, bundle, records, companies[0]), frozenset(companies))


def _usage(facts: Facts, bundle: Bundle, records: Sequence[Record], by: str) -> UsageSnapshot:
    days = (bundle.ends_on - bundle.starts_on).days
    nodes = [each.nodes for each in records if each.nodes is not None]
    shares = [each.all_reduce_share for each in records if each.all_reduce_share is not None]
    networks = [each.interconnect_gbit_per_s for each in records if each.interconnect_gbit_per_s is not None]
    operator = facts.operators.get(bundle.facility, "")
    return UsageSnapshot(
        as_of=facts.as_of,
        customer=facts.entities[by].name,
        provider=facts.entities[operator].name if operator and bundle.state is not State.OWN else "",
        from_on=bundle.starts_on,
        until_on=bundle.ends_on - _ONE_DAY,
        filing_reference=bundle.runs[0].filing if bundle.runs else "",
        record_hours=bundle.reported_hours if records else None,
        filing_hours=bundle.filed_hours if bundle.runs else None,
        record_flop=bundle.reported_flop if records else None,
        filing_flop=bundle.filed_flop if bundle.runs else None,
        workload=records[0].workload if records else "unknown",
        accelerators=max((each.count for each in records), default=0),
        nodes=max(nodes) if nodes else None,
        interconnect_gbit_per_s=max(networks) if networks else None,
        steady_days=days if nodes else None,
        all_reduce_share=max(shares) if shares else None,
        utilisation=_utilisation(bundle.starts_on),
        flop_per_day=bundle.reported_flop / days if records else None,
    )
