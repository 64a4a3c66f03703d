"""Gathering: from filings, returns and facilities to the facts of a quarter, as of a moment.

Only the columns that statistics may read are read (registry/accounts/data/policy.toml, audience builder): groups,
places and amounts. What was submitted after `as_of` is not counted; what is withdrawn is not, either.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from django.db.models import F, Max, Q

from registry.acting import Actor, inside_acting_as
from registry.compute.models import AccessRecord, Facility, FacilityReport, Installation, ReturnVersion
from registry.filings.lifecycle import Status
from registry.filings.models import Crossing, Filing, Version
from registry.organisations.models import Organisation
from registry.periods import Quarter
from registry.statistics import definitions
from registry.statistics.facts import Fact
from registry.statistics.tables import band_code

CHUNK: Final = 5_000
NOTIFIED_AT: Final = "systemic-risk"  # registry/filings/data/thresholds.toml: 10^25 FLOP
ONE: Final = Decimal(1)


@inside_acting_as
def gather(*, quarter: Quarter, as_of: datetime, by: Actor) -> tuple[Fact, ...]:
    """Every fact of a quarter, in a fixed order; yearly ones where the release of the quarter has them."""
    by.require("release_build")
    found = [
        *_runs(quarter, as_of, by),
        *_access(quarter, as_of, by),
        *_facilities(quarter, by),
        *_machines(quarter, by),
    ]
    if any(each.id == "energy" for each in definitions.subjects_of(quarter)):
        found += _energy(quarter.year - 1, as_of, by)
    return tuple(sorted(found, key=_order))


def _order(fact: Fact) -> tuple[str, ...]:
    return (fact.subject, fact.holding, fact.provider, fact.source, fact.measure, *sorted(fact.key.values()))


def _code(dimension: str, value: str) -> str:
    return definitions.classifications()[dimension].code(value)


def _is_counted(territory: str) -> bool:
    return territory in definitions.classifications()["member_state"].codes


def _runs(quarter: Quarter, as_of: datetime, by: Actor) -> Iterator[Fact]:
    """Runs first filed in the quarter, with the compute of the newest version that was there."""
    starts, ends = _moments(quarter)
    found = (
        Filing.objects.visible_to(by)
        .filter(submitted_at__gte=starts, submitted_at__lt=min(ends, as_of))
        .exclude(status=Status.WITHDRAWN.value)
    )
    versions = _versions(found.values("id"), as_of, by)
    crossed = dict(
        Crossing.objects.visible_to(by)
        .filter(version__in=[row["id"] for row in versions.values()], threshold=NOTIFIED_AT, crossed_on__isnull=False)
        .values_list("version_id", "crossed_on")
    )
    columns = ("id", "organisation_id", "territory", "submitted_at", "run_stage", "nace_division")
    parties = _parties(by)
    for row in found.values(*columns).iterator(chunk_size=CHUNK):
        version = versions.get(row["id"])
        flop = version["training_compute_flop"] if version else None
        if version is None or not flop or not _is_counted(row["territory"]):
            continue
        yield from _of_run(quarter, row, version, crossed.get(version["id"]), parties[row["organisation_id"]])


def _of_run(
    quarter: Quarter, row: Mapping[str, Any], version: Mapping[str, Any], crossed: date | None, party: Mapping[str, Any]
) -> Iterator[Fact]:
    flop = version["training_compute_flop"]
    key = {
        "quarter": str(quarter),
        "member_state": _code("member_state", row["territory"]),
        "band": band_code(flop),
        "purpose": _code("purpose", row["run_stage"]),
        "sector": _code("sector", row["nace_division"]),
        "filer_role": "both" if party["is_compute_provider"] else "developer",
        "parent_region": _code("parent_region", party["ultimate_parent_country"] or party["seat_country"]),
    }
    amounts = {"runs": ONE, "training_flop": flop.to_integral_value()}
    if crossed is not None:
        amounts["days_to_notification"] = Decimal(max(0, (row["submitted_at"].date() - crossed).days))
    for measure, value in amounts.items():
        provider, source = str(row["organisation_id"]), str(row["id"])
        yield Fact("runs", party["holding"], provider, source, version["number"], key, measure, value)


def _versions(filings: Any, as_of: datetime, by: Actor) -> Mapping[Any, Mapping[str, Any]]:
    """Of each filing the newest version at that moment."""
    rows = (
        Version.objects.visible_to(by)
        .filter(filing__in=filings, submitted_at__lt=as_of)
        .order_by("filing_id", "-number")
        .distinct("filing_id")
        .values("id", "filing_id", "number", "training_compute_flop")
    )
    return {row["filing_id"]: row for row in rows}


def _parties(by: Actor) -> Mapping[Any, Mapping[str, Any]]:
    """Of each organisation what statistics group by."""
    columns = ("id", "holding", "seat_country", "ultimate_parent_country", "is_developer", "is_compute_provider")
    return {row["id"]: row for row in Organisation.objects.visible_to(by).values(*columns)}


def _access(quarter: Quarter, as_of: datetime, by: Actor) -> Iterator[Fact]:
    """Accelerator-hours of the three months, of the versions of returns in force at that moment, summed by place."""
    versions = dict(
        ReturnVersion.objects.visible_to(by)
        .order_by()
        .filter(submitted_at__lt=as_of, monthly_return__month__in=_months(quarter))
        .values_list("monthly_return_id")
        .annotate(newest=Max("number"))
    )
    places = dict(Facility.objects.visible_to(by).order_by().values_list("id", "territory"))
    parties = _parties(by)
    sums: dict[tuple[Any, Any, str, str, str, str], Decimal] = defaultdict(Decimal)
    for row in _records(quarter, versions, by):
        territory = places[row["facility_id"]]
        if not _is_counted(territory):
            continue
        place = (
            row["organisation_id"],
            row["monthly_return_id"],
            _code("member_state", territory),
            _code("accelerator", row["accelerator_id"]),
            _code("workload", row["workload_class"]),
            _code("parent_region", row["customer_parent_country"] or row["customer_country"]),
        )
        sums[place] += row["accelerator_hours"]
    for (organisation, source, state, accelerator, workload, region), hours in sums.items():
        key = {
            "quarter": str(quarter),
            "member_state": state,
            "accelerator": accelerator,
            "workload": workload,
            "parent_region": region,
        }
        holding = parties[organisation]["holding"]
        version = versions[source]
        yield Fact("access", holding, str(organisation), str(source), version, key, "accelerator_hours", hours)


def _records(quarter: Quarter, versions: Mapping[Any, int], by: Actor) -> Iterator[Mapping[str, Any]]:
    columns = (
        "organisation_id",
        "monthly_return_id",
        "since_version",
        "until_version",
        "facility_id",
        "accelerator_id",
        "accelerator_hours",
        "workload_class",
        "customer_country",
        "customer_parent_country",
    )
    known = AccessRecord.objects.visible_to(by).filter(month__in=_months(quarter), monthly_return__in=list(versions))
    for row in known.order_by().values(*columns).iterator(chunk_size=CHUNK):
        number, until = versions[row["monthly_return_id"]], row["until_version"]
        if row["since_version"] <= number and (until is None or until > number):
            yield row


def _facilities(quarter: Quarter, by: Actor) -> Iterator[Fact]:
    """Facilities that operate on the last day of the quarter."""
    last = _last_day(quarter)
    standing = Q(closed_on__isnull=True) | Q(closed_on__gt=last)
    parties = _parties(by)
    found = Facility.objects.visible_to(by).filter(standing, operating_from__lte=last)
    for row in found.order_by().values("id", "organisation_id", "territory", "it_power_kw", "size_class"):
        if not _is_counted(row["territory"]):
            continue
        key = {
            "quarter": str(quarter),
            "member_state": _code("member_state", row["territory"]),
            "size_class": _code("size_class", row["size_class"]),
        }
        party = parties[row["organisation_id"]]
        for measure, value in (("facilities", ONE), ("it_power_kw", row["it_power_kw"])):
            yield Fact(
                "facilities", party["holding"], str(row["organisation_id"]), str(row["id"]), 1, key, measure, value
            )


def _machines(quarter: Quarter, by: Actor) -> Iterator[Fact]:
    """Accelerators that stand on the last day of the quarter."""
    parties = _parties(by)
    found = Installation.objects.visible_to(by).standing(_last_day(quarter))
    columns = ("id", "organisation_id", "accelerator_id", "count", "facility__territory")
    for row in found.order_by().values(*columns):
        if not _is_counted(row["facility__territory"]):
            continue
        key = {
            "quarter": str(quarter),
            "member_state": _code("member_state", row["facility__territory"]),
            "accelerator": _code("accelerator", row["accelerator_id"]),
        }
        party = parties[row["organisation_id"]]
        count = Decimal(row["count"])
        yield Fact(
            "machines", party["holding"], str(row["organisation_id"]), str(row["id"]), 1, key, "accelerators", count
        )


def _energy(year: int, as_of: datetime, by: Actor) -> Iterator[Fact]:
    """The newest yearly report of each facility."""
    told = FacilityReport.objects.visible_to(by).filter(year=year, at__lt=as_of)
    newest = told.order_by("facility_id", "-number").distinct("facility_id")
    parties = _parties(by)
    rows = newest.annotate(place=F("facility__territory"), size=F("facility__size_class")).values(
        "facility_id", "organisation_id", "number", "total_energy_kwh", "it_energy_kwh", "place", "size"
    )
    for row in rows:
        if not _is_counted(row["place"]):
            continue
        key = {
            "year": str(year),
            "member_state": _code("member_state", row["place"]),
            "size_class": _code("size_class", row["size"]),
        }
        party = parties[row["organisation_id"]]
        for measure, value in (("energy_kwh", row["total_energy_kwh"]), ("it_energy_kwh", row["it_energy_kwh"])):
            yield Fact(
                "energy",
                party["holding"],
                str(row["organisation_id"]),
                str(row["facility_id"]),
                row["number"],
                key,
                measure,
                value,
            )


def _moments(quarter: Quarter) -> tuple[datetime, datetime]:
    """The first moment of the quarter and of the next one, in UTC, as the register's moments are."""
    midnight = datetime.min.time()
    return (
        datetime.combine(quarter.starts_on, midnight, UTC),
        datetime.combine(quarter.next().starts_on, midnight, UTC),
    )


def _last_day(quarter: Quarter) -> date:
    return quarter.next().starts_on - timedelta(days=1)


def _months(quarter: Quarter) -> list[date]:
    first = quarter.starts_on
    return [first, first.replace(month=first.month + 1), first.replace(month=first.month + 2)]
