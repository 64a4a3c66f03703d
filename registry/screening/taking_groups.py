"""From what is posted for an owner group to its snapshots: the group, its lineages, and the uses held against filings.

A group that reaches into several territories has a snapshot for each, in which what belongs to the others bears no
name, and a whole one for the Union's authority: an officer learns that something is split, and what of it is here.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal, localcontext
from math import ceil
from typing import Final
from uuid import UUID

from registry.acting import Actor
from registry.compute.models import Facility
from registry.filings import document, judgement
from registry.filings.document import FilingDocument
from registry.filings.models import Version
from registry.organisations.models import Organisation
from registry.quantities import EXACT, as_decimal
from registry.screening import position_register
from registry.screening.keeping import UNION, Subject, content_of
from registry.screening.models import Bundle, GroupMember, PostedRun, PostedUse
from registry.screening.position_register import Holdings
from registry.screening.reconciliation import State
from registry.screening.shapes import Amount, GroupSnapshot, ModelChange, SubjectKind, UsageSnapshot
from registry.screening.taking import Taken

_DAY: Final = timedelta(days=1)
_HOURS_A_DAY: Final = 24
_HELD_TOGETHER: Final = (State.MATCHED.value, State.DIFFERING.value)


@dataclass(frozen=True)
class _Part:
    """An amount, and whose row it comes from."""

    amount: Amount
    organisation: UUID
    territory: str


@dataclass(frozen=True)
class _Filed:
    """What is needed of a filing's newest version."""

    reference: str
    content: FilingDocument


def of_group(actor: Actor, *, group: str, as_of: date) -> Iterator[Taken]:
    """All snapshots of one owner group, by what is posted and how it was last reconciled."""
    held = position_register.holdings(group)
    runs = [run for several in held.runs.values() for run in several]
    uses = [use for several in held.uses.values() for use in several]
    names = _names(actor, runs, uses)
    filed = _filed(runs)
    name = _name(held, runs, uses, names)
    bundles = list(Bundle.objects.filter(group=group))
    parts = [*_of_runs(runs, filed, names), *_of_uses(uses, names, bundles, filed)]
    whole = GroupSnapshot(
        kind=SubjectKind.OWNER_GROUP, name=name, as_of=as_of, modifications=tuple(_modifications(runs, filed, names))
    )
    yield from _everywhere(group, group, whole, parts)
    for lineage in sorted(held.lineages):
        own = [part for part in parts if part.amount.source == "filing" and part.amount.lineage == lineage]
        stages = GroupSnapshot(kind=SubjectKind.LINEAGE, name=lineage, as_of=as_of)
        yield from _everywhere(f"{group}|{lineage}", group, stages, own)
    yield from _bundled(bundles, name=name, runs=runs, names=names, filed=filed, as_of=as_of)


# --- amounts ------------------------------------------------------------------------------------------------------


def _of_runs(runs: Sequence[PostedRun], filed: Mapping[UUID, _Filed], names: Mapping[UUID, str]) -> Iterator[_Part]:
    """Each filing as one amount over all of its lines."""
    by_filing: defaultdict[UUID, list[PostedRun]] = defaultdict(list)
    for run in runs:
        by_filing[run.filing_id].append(run)
    for filing, lines in by_filing.items():
        said, first = filed[filing], lines[0]
        stated = said.content.run.training_compute
        weights = said.content.model.weights if said.content.model else None
        with localcontext(EXACT):
            flop = sum((line.flop or Decimal(0) for line in lines), Decimal(0))
            hours = sum((Decimal(str(line.hours)) for line in lines), Decimal(0))
        figures = (stated.training_compute_flop, stated.cumulative_training_compute_flop) if stated else ()
        amount = Amount(
            source="filing",
            key=said.reference,
            by=names[first.organisation_id],
            from_on=min(line.starts_on for line in lines),
            until_on=max(line.ends_on for line in lines) - _DAY,
            flop=flop,
            accelerator_hours=hours,
            lineage=first.lineage,
            weights_sha256=(weights.sha256 or "") if weights else "",
            stated_flop=max((each for each in figures if each is not None), default=None),
        )
        yield _Part(amount, first.organisation_id, first.territory)


def _of_uses(
    uses: Iterable[PostedUse], names: Mapping[UUID, str], bundles: Sequence[Bundle], filed: Mapping[UUID, _Filed]
) -> Iterator[_Part]:
    """What can be training, of each provider, month, facility and accelerator as one amount."""
    together: defaultdict[tuple[UUID, date, str, str], list[PostedUse]] = defaultdict(list)
    for use in uses:
        if use.is_training:
            together[use.organisation_id, use.month, use.facility, use.accelerator].append(use)
    for (provider, month, facility, accelerator), several in sorted(together.items(), key=lambda each: str(each[0])):
        first = several[0]
        from_on, until_on = min(each.starts_on for each in several), max(each.ends_on for each in several) - _DAY
        with localcontext(EXACT):
            hours = sum((Decimal(str(each.hours)) for each in several), Decimal(0))
            flop = sum((each.flop for each in several), Decimal(0))
        days = (until_on - from_on).days + 1
        amount = Amount(
            source="record",
            key=f"{names[provider]} {month:%Y-%m} {accelerator}",
            by=first.customer_name,
            from_on=from_on,
            until_on=until_on,
            flop=flop,
            provider=names[provider],
            accelerators=ceil(hours / (days * _HOURS_A_DAY)),
            accelerator_hours=hours,
            matched_key=_matched(str(provider), facility, accelerator, from_on, until_on, bundles, filed),
        )
        yield _Part(amount, provider, first.territory)


def _matched(
    provider: str,
    facility: str,
    accelerator: str,
    from_on: date,
    until_on: date,
    bundles: Sequence[Bundle],
    filed: Mapping[UUID, _Filed],
) -> str:
    """The filing with which reconciliation brought this use together, if any."""
    for bundle in bundles:
        is_here = bundle.facility in {"", facility} and bundle.accelerator in {"", accelerator}
        is_then = bundle.starts_on <= until_on and from_on < bundle.ends_on
        if is_here and is_then and bundle.filings and bundle.state in _HELD_TOGETHER and provider in bundle.providers:
            return _reference(bundle, filed)
    return ""


def _modifications(
    runs: Iterable[PostedRun], filed: Mapping[UUID, _Filed], names: Mapping[UUID, str]
) -> Iterator[ModelChange]:
    makers = {run.filing_id: names[run.organisation_id] for run in runs}
    for filing, said in filed.items():
        base = said.content.run.base_model
        modification = judgement.estimate(said.content).modification if base else None
        if base is not None and modification is not None:
            yield ModelChange(
                key=said.reference,
                by=makers[filing],
                base=" ".join(part for part in (base.provider, base.name, base.version) if part),
                flop=modification.flop,
                limit_flop=as_decimal(modification.limit_flop),
            )


# --- territories --------------------------------------------------------------------------------------------------


def _everywhere(key: str, group: str, empty: GroupSnapshot, parts: Sequence[_Part]) -> Iterator[Taken]:
    """The snapshot for each territory that has a part, and whole for the Union where there are several."""
    if not parts:
        return
    places = {part.territory: part.organisation for part in parts}
    aliases = _aliases(parts)
    for territory, organisation in places.items():
        own = {part.amount.key for part in parts if part.territory == territory}
        amounts = tuple(_seen(part, from_=territory, own=own, aliases=aliases) for part in parts)
        changes = tuple(each if each.key in own else replace(each, key="…", by="…") for each in empty.modifications)
        yield _taken(key, group, replace(empty, amounts=amounts, modifications=changes), organisation, territory)
    if len(places) > 1:
        whole = replace(empty, amounts=tuple(part.amount for part in parts))
        yield _taken(key, group, whole, parts[0].organisation, UNION)


def _aliases(parts: Iterable[_Part]) -> Mapping[str, str]:
    """A name without meaning for each name, so that different ones stay different."""
    found: dict[str, str] = {}
    for part in parts:
        for name in (part.amount.by, part.amount.provider, part.amount.key, part.amount.matched_key):
            if name:
                found.setdefault(name, f"{part.territory}-{len(found) + 1}")
    return found


def _seen(part: _Part, *, from_: str, own: Collection[str], aliases: Mapping[str, str]) -> Amount:
    """The amount as one territory sees it: what is not its own has other names, the same wherever it is named."""
    amount = part.amount
    matched = amount.matched_key if amount.matched_key in own else aliases.get(amount.matched_key, "")
    if part.territory == from_:
        return replace(amount, matched_key=matched)
    return replace(
        amount,
        key=aliases[amount.key],
        by=aliases[amount.by],
        provider=aliases.get(amount.provider, ""),
        matched_key=matched,
    )


def _taken(key: str, group: str, snapshot: GroupSnapshot, organisation: UUID, territory: str) -> Taken:
    subject = Subject(
        kind=snapshot.kind,
        key=key,
        name=snapshot.name,
        group_key=group,
        organisation_id=organisation,
        territory=territory,
        content=content_of(snapshot),
    )
    return subject, snapshot


# --- uses ---------------------------------------------------------------------------------------------------------


def _bundled(
    bundles: Iterable[Bundle],
    *,
    name: str,
    runs: Sequence[PostedRun],
    names: Mapping[UUID, str],
    filed: Mapping[UUID, _Filed],
    as_of: date,
) -> Iterator[Taken]:
    """Each bundle of filings and uses, for the territory of either side; the other side's names are left out."""
    places = {str(run.filing_id): (run.organisation_id, run.territory) for run in runs}
    operators = _operators(bundles)
    for bundle in bundles:
        providers = [UUID(each) for each in bundle.providers]
        reference = _reference(bundle, filed)
        usage = UsageSnapshot(
            as_of=as_of,
            customer=name,
            provider=", ".join(sorted(names[each] for each in providers)) or operators.get(bundle.facility, ""),
            from_on=bundle.starts_on,
            until_on=bundle.ends_on - _DAY,
            filing_reference=reference,
            record_hours=Decimal(str(bundle.reported_hours)) if providers else None,
            filing_hours=Decimal(str(bundle.filed_hours)) if bundle.filings else None,
            record_flop=bundle.reported_flop if providers else None,
            filing_flop=bundle.filed_flop if bundle.filings else None,
            workload="training",
        )
        if bundle.state == State.OWN:
            continue
        sides = {places[bundle.filings[0]]} if bundle.filings else set()
        sides |= {(each, _territory(each)) for each in providers}
        for organisation, territory in sorted(sides, key=str):
            is_filers = bool(bundle.filings) and territory == places[bundle.filings[0]][1]
            shown = usage if is_filers else replace(usage, filing_reference="…" if reference else "")
            yield (
                Subject(
                    kind=SubjectKind.USE,
                    key=bundle.key,
                    name=name,
                    group_key=bundle.group,
                    organisation_id=organisation,
                    territory=territory,
                    content=content_of(shown),
                ),
                shown,
            )


def _territory(provider: UUID) -> str:
    return Organisation.objects.values_list("territory", flat=True).get(id=provider)


def _operators(bundles: Iterable[Bundle]) -> Mapping[str, str]:
    facilities = {bundle.facility for bundle in bundles if bundle.facility}
    return {
        str(key): name for key, name in Facility.objects.filter(id__in=facilities).values_list("id", "operator_name")
    }


def _reference(bundle: Bundle, filed: Mapping[UUID, _Filed]) -> str:
    return filed[UUID(bundle.filings[0])].reference if bundle.filings else ""


# --- names and documents ------------------------------------------------------------------------------------------


def _names(actor: Actor, runs: Iterable[PostedRun], uses: Iterable[PostedUse]) -> Mapping[UUID, str]:
    organisations = {row.organisation_id for row in (*runs, *uses)}
    found = Organisation.objects.visible_to(actor).filter(id__in=organisations)
    return dict(found.values_list("id", "legal_name"))


def _name(held: Holdings, runs: Sequence[PostedRun], uses: Sequence[PostedUse], names: Mapping[UUID, str]) -> str:
    known = GroupMember.objects.filter(group=held.group).values_list("group_name", flat=True).first()
    told = [*(names[run.organisation_id] for run in runs[:1]), *(use.customer_name for use in uses[:1])]
    return known or next(iter(told), held.group)


def _filed(runs: Iterable[PostedRun]) -> Mapping[UUID, _Filed]:
    """The newest version of each filing, with its reference."""
    stored = Version.objects.filter(filing__in={run.filing_id for run in runs}).order_by("filing_id", "-number")
    columns = ("filing_id", "filing__reference", "canonical")
    return {
        filing: _Filed(reference, document.read(json.loads(canonical)))
        for filing, reference, canonical in stored.distinct("filing_id").values_list(*columns)
    }
