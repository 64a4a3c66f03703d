"""Holding one owner group's posted runs and uses together, and keeping what came of it: bundles, each side's mismatch.

A side's row is made of that side's own words and of `other_says`, and of nothing else.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from django.db import connection

from registry import rows
from registry.compute.models import Facility
from registry.dispatch import outbox
from registry.filings.working_days import day_of
from registry.screening import position_terms, reconciliation
from registry.screening.models import Bundle, MatchRate, Mismatch, OtherSays, PostedRun, PostedUse, Side
from registry.screening.position_register import Holdings
from registry.screening.reconciliation import Run, State, Use

FOUND: Final = "mismatch.found"
_HUNDRED: Final = 100
_HOUR_PARTS: Final = Decimal("0.000001")
_RATES: Final = """
with fared as (
  select p.key::uuid as organisation_id, b.state, sum(p.value::numeric) as hours, count(*) as bundles
  from screening_bundle b, jsonb_each_text(b.providers) p where b.providers ?| %(providers)s group by 1, 2
), whole as (
  select organisation_id, jsonb_object_agg(state, hours::text) as hours, jsonb_object_agg(state, bundles) as bundles,
    sum(hours) filter (where state = 'matched') as matched,
    sum(hours) filter (where state in ('matched', 'differing', 'unfiled')) as told
  from fared group by 1
)
insert into screening_matchrate (organisation_id, territory, read_at, hours, bundles, matched_share)
select o.id, o.territory, %(at)s, w.hours, w.bundles, round(coalesce(w.matched, 0) / nullif(w.told, 0), 4)
from whole w join organisations_organisation o on o.id = w.organisation_id
where o.id = any(%(providers)s::uuid[])
on conflict (organisation_id) do update set read_at = excluded.read_at, hours = excluded.hours,
  bundles = excluded.bundles, matched_share = excluded.matched_share
"""


@dataclass(frozen=True)
class _View:
    """One side's view of a bundle that does not match; `key` is what there is one of."""

    key: tuple[str, str, str]
    columns: Mapping[str, Any]


def write(held: Holdings, *, at: datetime) -> tuple[reconciliation.Bundle, ...]:
    """Reconcile a group as of a moment, and bring its bundles and both sides' mismatches to the result."""
    on = day_of(at)
    runs = {_run_key(run): run for run in _inside(held, held.runs)}
    uses = {f"u{use.pk}": use for use in _inside(held, held.uses) if use.is_training}
    terms = position_terms.tolerance(on=on)
    bundles = reconciliation.reconcile(
        runs=[_run(key, run, held.group, _operators(held)) for key, run in runs.items()],
        uses=[_use(key, use, held.group) for key, use in uses.items()],
        on=on,
        terms=terms,
    )
    providers = _providers_before(held.group)
    Bundle.objects.filter(group=held.group).delete()
    rows.insert(Bundle, [_bundle_row(held.group, bundle, on) for bundle in bundles])
    views = [view for bundle in bundles if bundle.is_mismatch for view in _views(bundle, runs, uses)]
    _keep(held.group, views, percent=int(terms.tolerance * _HUNDRED), at=at)
    _rate({*providers, *(use.provider for bundle in bundles for use in bundle.uses)}, at=at)
    return bundles


def is_worth_it(held: Holdings) -> bool:
    """Whether anything can match or mismatch: the group files, or did, or its use might have to be filed."""
    if any(held.runs.values()) or Bundle.objects.filter(group=held.group).exists():
        return True
    least = position_terms.tolerance(on=date.max).least_flop
    return sum(use.flop for several in held.uses.values() for use in several) >= least


def _inside(held: Holdings, by_account: Mapping[str, Iterable[Any]]) -> Iterator[Any]:
    """The rows of each member that began while it was one."""
    for account, period in held.members:
        for row in by_account.get(account, ()):
            if row.starts_on in period:
                yield row


def _operators(held: Holdings) -> frozenset[str]:
    """The organisations of the group, as operators of facilities."""
    return frozenset(str(run.organisation_id) for several in held.runs.values() for run in several)


def _run_key(run: PostedRun) -> str:
    return f"r{run.filing_id}#{run.line:04d}"


def _run(key: str, run: PostedRun, group: str, organisations: frozenset[str]) -> Run:
    return Run(
        starts_on=run.starts_on,
        ends_on=run.ends_on,
        key=key,
        filing=str(run.filing_id),
        organisation=str(run.organisation_id),
        group=group,
        facility=run.facility,
        accelerator=run.accelerator,
        hours=Decimal(str(run.hours)),
        flop=run.flop or Decimal(0),
        is_own_facility=run.operator is not None and str(run.operator) in organisations,
    )


def _use(key: str, use: PostedUse, group: str) -> Use:
    return Use(
        starts_on=use.starts_on,
        ends_on=use.ends_on,
        key=key,
        provider=str(use.organisation_id),
        group=group,
        facility=use.facility,
        accelerator=use.accelerator,
        hours=Decimal(str(use.hours)),
        flop=use.flop,
    )


def _bundle_row(group: str, bundle: reconciliation.Bundle, on: date) -> dict[str, Any]:
    hours: defaultdict[str, Decimal] = defaultdict(Decimal)
    for use in bundle.uses:
        hours[use.provider] += use.hours
    return {
        "group": group,
        "key": bundle.key,
        "state": bundle.state.value,
        "facility": bundle.facility,
        "accelerator": bundle.accelerator,
        "starts_on": bundle.starts_on,
        "ends_on": bundle.ends_on,
        "filings": sorted({run.filing for run in bundle.runs}),
        "providers": {provider: str(total) for provider, total in sorted(hours.items())},
        "filed_hours": bundle.filed_hours,
        "reported_hours": bundle.reported_hours,
        "filed_flop": bundle.filed_flop,
        "reported_flop": bundle.reported_flop,
        "ratio": bundle.ratio.quantize(_HOUR_PARTS) if bundle.ratio is not None else None,
        "read_on": on,
    }


def _views(
    bundle: reconciliation.Bundle, runs: Mapping[str, PostedRun], uses: Mapping[str, PostedUse]
) -> Iterator[_View]:
    """What each organisation of the bundle is told: a developer its runs, a provider its uses."""
    is_more = bundle.state is State.DIFFERING and bundle.reported_hours > bundle.filed_hours
    for organisation in sorted({run.organisation for run in bundle.runs}):
        mine = [runs[run.key] for run in bundle.runs if run.organisation == organisation]
        says = OtherSays.NOTHING if not bundle.uses else OtherSays.MORE if is_more else OtherSays.LESS
        yield _View(
            (organisation, bundle.key, Side.DEVELOPER.value),
            {"filing_id": mine[0].filing_id, "customer_name": "", "other_says": says.value, **_own(mine)},
        )
    for organisation in sorted({use.provider for use in bundle.uses}):
        own = [uses[use.key] for use in bundle.uses if use.provider == organisation]
        says = OtherSays.NOTHING if not bundle.runs else OtherSays.LESS if is_more else OtherSays.MORE
        yield _View(
            (organisation, bundle.key, Side.PROVIDER.value),
            {"filing_id": None, "customer_name": own[0].customer_name, "other_says": says.value, **_own(own)},
        )


def _own(mine: list[Any]) -> dict[str, Any]:
    """What the rows of one side say by themselves."""
    return {
        "organisation_id": mine[0].organisation_id,
        "territory": mine[0].territory,
        "facility": next((row.facility for row in mine if row.facility), ""),
        "accelerator": next((row.accelerator for row in mine if row.accelerator), ""),
        "starts_on": min(row.starts_on for row in mine),
        "ends_on": max(row.ends_on for row in mine),
        "own_hours": sum((Decimal(str(row.hours)) for row in mine), Decimal(0)),
    }


def _keep(group: str, views: Iterable[_View], *, percent: int, at: datetime) -> None:
    """New mismatches in, known ones brought up to date, those that are none any more closed; the new are announced."""
    known = {
        (str(each.organisation_id), each.bundle_key, each.side): each
        for each in Mismatch.objects.filter(group=group).exclude(status=Mismatch.Status.CLOSED)
    }
    wanted = {view.key: view for view in views}
    names = _names(view.columns["facility"] for view in wanted.values())
    made, moved = [], []
    for key, view in sorted(wanted.items()):
        columns = {**view.columns, "facility_name": names.get(str(view.columns["facility"]), "")}
        if key not in known:
            made.append(_new(group, view, columns, percent, at))
        elif any(getattr(known[key], name) != value for name, value in columns.items()):
            moved.append({"id": known[key].pk, **columns, "changed_at": at})
    gone = [each.pk for key, each in known.items() if key not in wanted]
    rows.insert(Mismatch, made)
    rows.update(Mismatch, moved, key="id", also="revision = screening_mismatch.revision + 1")
    closed = {"status": Mismatch.Status.CLOSED.value, "closed_at": at, "changed_at": at}
    rows.update(
        Mismatch, [{"id": pk, **closed} for pk in gone], key="id", also="revision = screening_mismatch.revision + 1"
    )
    if made:
        outbox.put_each(FOUND, subjects=[(row["reference"], row["organisation_id"]) for row in made], at=at)


def _new(group: str, view: _View, columns: Mapping[str, Any], percent: int, at: datetime) -> dict[str, Any]:
    _, bundle_key, side = view.key
    return {
        "id": uuid.uuid4(),
        "reference": f"MISMATCH-{uuid.uuid4().hex[:12]}",
        "group": group,
        "bundle_key": bundle_key,
        "side": side,
        "status": Mismatch.Status.OPEN.value,
        "tolerance_percent": percent,
        "revision": 1,
        "found_at": at,
        "changed_at": at,
        **columns,
    }


def _names(facilities: Iterable[str]) -> dict[str, str]:
    """The references of facilities: what filings and records name them by."""
    asked = {each for each in facilities if each}
    return {
        str(pk): reference for pk, reference in Facility.objects.filter(pk__in=asked).values_list("pk", "reference")
    }


def _providers_before(group: str) -> set[str]:
    stored = Bundle.objects.filter(group=group).values_list("providers", flat=True)
    return {provider for each in stored for provider in each}


def _rate(providers: set[str], *, at: datetime) -> None:
    """Count anew how these providers' uses fared."""
    if not providers:
        return
    MatchRate.objects.filter(organisation_id__in=providers).delete()
    with connection.cursor() as cursor:
        cursor.execute(_RATES, {"providers": sorted(providers), "at": at})
