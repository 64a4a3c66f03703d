"""Checks against physics: peaks, utilisation, power, energy, what a facility can hold. Pure; texts in `physics.toml`.

Rates are FLOP/s, power is kW (watts in the catalogue), energy MWh, time seconds.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from registry.compute.catalogue import (
    PEAK_TOLERANCE,
    SPARSE_FACTOR,
    Accelerator,
    Precision,
)
from registry.compute.facility import size_class
from registry.filings import thresholds
from registry.filings.checks.subject import Hit, Subject, check, flop, hit
from registry.filings.document.site import Facility
from registry.quantities import SECONDS_PER_HOUR, within

OVERHEAD: Final = Decimal("1.2")
"""Hosts, network and storage beside the chips (rule R-18)."""
MOST_ACCELERATORS: Final = 1_000_000
HIGHEST_OVERHEAD_OF_A_SITE: Final = Decimal(3)
USUAL_OVERHEAD_OF_A_SITE: Final = Decimal("1.5")
LEAST_SHARE_OF_CHIP_ENERGY: Final = Decimal("0.4")
"""Chips that wait still draw about this share of their rated power."""
MOST_SHARE_OF_CHIP_ENERGY: Final = Decimal("1.5")
"""Chips at rated power with hosts, network and storage; the site's own overhead comes on top."""
LONGEST_YEAR_IN_HOURS: Final = 8784
WATTS_PER_MEGAWATT: Final = 1_000_000
RATED_FORMATS: Final = frozenset({Precision.BF16, Precision.FP16, Precision.FP8, Precision.FP4})
"""Where the catalogue has no rate in one of these, the part does not offer it; of others it may know nothing."""
USUAL_UTILISATION: Final[Mapping[str, tuple[Decimal, Decimal]]] = MappingProxyType(
    {
        "mfu": (Decimal("0.05"), Decimal("0.65")),
        "hfu": (Decimal("0.05"), Decimal("0.75")),
        "tensor_activity": (Decimal("0.10"), Decimal("0.85")),
    }
)
"""What has been measured in large runs (rule R-04); occupancy is no utilisation of arithmetic units at all."""


def _precision(name: str | None) -> Precision | None:
    return Precision(name) if name in set(Precision) else None


# ---- the parts


@check("accelerator-unknown")
def _accelerator_unknown(subject: Subject) -> Iterator[Hit]:
    known = subject.context.accelerators
    for index, entry in enumerate(subject.run.hardware):
        if entry.accelerator is not None and entry.accelerator not in known:
            yield hit(f"/run/hardware/{index}/accelerator", accelerator=entry.accelerator)
    for place, facility in enumerate(subject.document.facilities):
        for index, installed in enumerate(facility.accelerators):
            if installed.accelerator is not None and installed.accelerator not in known:
                pointer = f"/facilities/{place}/accelerators/{index}/accelerator"
                yield hit(pointer, accelerator=installed.accelerator)


@check("accelerator-before-release")
def _accelerator_before_release(subject: Subject) -> Iterator[Hit]:
    for pointer, entry, part in subject.hardware_parts():
        start = entry.starts_on or subject.starts_on
        if start is not None and start < part.released_on:
            yield hit(f"{pointer}/accelerator", part=part.name, release=part.released_on, start=start)


@check("precision-not-offered")
def _precision_not_offered(subject: Subject) -> Iterator[Hit]:
    for pointer, entry, part in subject.hardware_parts():
        precision = _precision(entry.precision)
        if precision in RATED_FORMATS and precision not in part.dense_peak_flop_per_s:
            offered = ", ".join(sorted(part.dense_peak_flop_per_s))
            yield hit(f"{pointer}/precision", part=part.name, precision=str(entry.precision), offered=offered)


@check("peak-not-dense")
def _peak_not_dense(subject: Subject) -> Iterator[Hit]:
    for index, entry in enumerate(subject.run.hardware):
        if entry.is_dense is False:
            yield hit(f"/run/hardware/{index}/is_dense")


def _peaks(subject: Subject) -> Iterator[tuple[str, Decimal, Decimal, Accelerator, Precision]]:
    """Pointer, declared and dense peak of every entry whose part and precision the catalogue knows."""
    for pointer, entry, part in subject.hardware_parts():
        precision = _precision(entry.precision)
        dense = part.dense_peak_flop_per_s.get(precision) if precision else None
        if precision is not None and dense is not None and entry.peak_flop_per_s is not None:
            yield f"{pointer}/peak_flop_per_s", entry.peak_flop_per_s, dense, part, precision


def _is_sparse(declared: Decimal, dense: Decimal) -> bool:
    return within(SPARSE_FACTOR * dense, declared, tolerance=PEAK_TOLERANCE)


@check("sparse-peak")
def _sparse_peak(subject: Subject) -> Iterator[Hit]:
    for pointer, declared, dense, part, precision in _peaks(subject):
        if _is_sparse(declared, dense):
            yield hit(pointer, part=part.name, precision=precision, declared=_exact(declared), dense=_exact(dense))


@check("peak-off-catalogue")
def _peak_off_catalogue(subject: Subject) -> Iterator[Hit]:
    for pointer, declared, dense, part, precision in _peaks(subject):
        if not within(dense, declared, tolerance=PEAK_TOLERANCE) and not _is_sparse(declared, dense):
            yield hit(pointer, part=part.name, precision=precision, declared=_exact(declared), dense=_exact(dense))


def _exact(peak: Decimal) -> str:
    """A peak with four significant figures, so that 989.4e12 is still itself: `9.894e14`."""
    return f"{peak:.3e}".replace("e+", "e")


@check("utilisation-is-occupancy")
def _utilisation_is_occupancy(subject: Subject) -> Iterator[Hit]:
    for index, entry in enumerate(subject.run.hardware):
        if entry.utilisation_kind == "occupancy":
            yield hit(f"/run/hardware/{index}/utilisation_kind")


@check("utilisation-unusual")
def _utilisation_unusual(subject: Subject) -> Iterator[Hit]:
    for index, entry in enumerate(subject.run.hardware):
        low, high = USUAL_UTILISATION.get(entry.utilisation_kind or "", (Decimal(0), Decimal(1)))
        if entry.utilisation and not low <= entry.utilisation <= high:
            kind = (entry.utilisation_kind or "").upper().replace("_", " ")
            yield hit(f"/run/hardware/{index}/utilisation", value=entry.utilisation, kind=kind, low=low, high=high)


@check("utilisation-is-not-mfu")
def _utilisation_is_not_mfu(subject: Subject) -> Iterator[Hit]:
    for index, entry in enumerate(subject.run.hardware):
        if entry.utilisation_kind in ("hfu", "tensor_activity"):
            kind = entry.utilisation_kind.upper().replace("_", " ")
            yield hit(f"/run/hardware/{index}/utilisation_kind", kind=kind)


@check("hardware-amounts-to-nothing")
def _hardware_amounts_to_nothing(subject: Subject) -> Iterator[Hit]:
    for index, entry in enumerate(subject.run.hardware):
        for name in ("count", "duration_seconds", "utilisation"):
            if getattr(entry, name) == 0:
                yield hit(f"/run/hardware/{index}/{name}", element=f"/run/hardware/{index}/{name}")


@check("accelerator-count-unusual")
def _accelerator_count_unusual(subject: Subject) -> Iterator[Hit]:
    for index, entry in enumerate(subject.run.hardware):
        if entry.count is not None and entry.count > MOST_ACCELERATORS:
            yield hit(f"/run/hardware/{index}/count", count=entry.count, most=MOST_ACCELERATORS)


# ---- the facility


def _named(facility: Facility, index: int) -> str:
    return facility.facility_id or str(index + 1)


def _whole(value: Decimal) -> str:
    return f"{value:.0f}"


def _in_place(subject: Subject, facility: Facility) -> Iterator[tuple[int, Accelerator]]:
    """Number and catalogue part of what stands at the facility or has arrived; unknown parts are left out."""
    for installed in facility.accelerators:
        part = subject.context.accelerators.get(installed.accelerator or "")
        if part is not None and installed.count is not None and installed.status != "planned":
            yield installed.count, part


@check("facility-lacks-power")
def _facility_lacks_power(subject: Subject) -> Iterator[Hit]:
    for index, facility in enumerate(subject.document.facilities):
        stated = facility.installed_it_power_kw
        watts = sum((count * (part.power_w or 0) for count, part in _in_place(subject, facility)), Decimal(0))
        needed = watts * OVERHEAD / 1000
        if stated is not None and needed > stated:
            pointer = f"/facilities/{index}/installed_it_power_kw"
            yield hit(pointer, facility=_named(facility, index), stated=_whole(stated), needed=_whole(needed))


@check("size-class-off-power")
def _size_class_off_power(subject: Subject) -> Iterator[Hit]:
    for index, facility in enumerate(subject.document.facilities):
        power, stated = facility.installed_it_power_kw, facility.size_class
        if power is None or stated is None:
            continue
        right = size_class(power)
        if stated != right:
            pointer = f"/facilities/{index}/size_class"
            yield hit(pointer, power=_whole(power), stated=stated, right=right or "—")


def _used_at_once(subject: Subject) -> dict[tuple[str, str], int]:
    """By facility and accelerator, the most that one period of the run uses at a time."""
    by_period: dict[tuple[str, str, str], int] = defaultdict(int)
    for index, entry in enumerate(subject.run.hardware):
        if entry.facility_id is not None and entry.accelerator is not None and entry.count is not None:
            period = entry.period or f"entry {index}"
            by_period[entry.facility_id, entry.accelerator, period] += entry.count
    most: dict[tuple[str, str], int] = defaultdict(int)
    for (facility, accelerator, _), count in by_period.items():
        most[facility, accelerator] = max(most[facility, accelerator], count)
    return most


@check("run-exceeds-facility")
def _run_exceeds_facility(subject: Subject) -> Iterator[Hit]:
    used = _used_at_once(subject)
    for index, facility in enumerate(subject.document.facilities):
        for (place, accelerator), count in sorted(used.items()):
            there = sum(each.count or 0 for each in facility.accelerators if each.accelerator == accelerator)
            if place == facility.facility_id and facility.accelerators and there < count:
                pointer = f"/facilities/{index}/accelerators"
                yield hit(pointer, facility=place, accelerator=accelerator, used=count, there=there)


@check("planned-parts-in-use")
def _planned_parts_in_use(subject: Subject) -> Iterator[Hit]:
    if subject.document.stage == "planned":
        return
    used = _used_at_once(subject)
    for index, facility in enumerate(subject.document.facilities):
        for place, installed in enumerate(facility.accelerators):
            key = (facility.facility_id or "", installed.accelerator or "")
            standing = sum(
                each.count or 0
                for each in facility.accelerators
                if each.accelerator == installed.accelerator and each.status != "planned"
            )
            if installed.status == "planned" and used.get(key, 0) > standing:
                pointer = f"/facilities/{index}/accelerators/{place}/status"
                yield hit(pointer, facility=key[0], accelerator=key[1], used=used[key], there=standing)


@check("cluster-peak-off")
def _cluster_peak_off(subject: Subject) -> Iterator[Hit]:
    for index, facility in enumerate(subject.document.facilities):
        stated = facility.theoretical_peak_flop_per_s
        known = list(_in_place(subject, facility))
        if stated is None or not known or len(known) != len(facility.accelerators):
            continue
        sums = [total for precision in Precision if (total := _dense_sum(known, precision))]
        sixteen_bit = [_dense_sum(known, Precision.BF16), _dense_sum(known, Precision.FP16)]
        if sums and not any(within(total, stated, tolerance=PEAK_TOLERANCE) for total in sums):
            pointer = f"/facilities/{index}/theoretical_peak_flop_per_s"
            expected = next((total for total in sixteen_bit if total), sums[0])
            yield hit(pointer, facility=_named(facility, index), stated=_exact(stated), expected=_exact(expected))


def _dense_sum(known: list[tuple[int, Accelerator]], precision: Precision) -> Decimal | None:
    """The dense peak of all parts together at one precision, FLOP/s; None where a part lacks it."""
    peaks = [(count, part.dense_peak_flop_per_s.get(precision)) for count, part in known]
    if any(peak is None for _, peak in peaks):
        return None
    return sum((count * peak for count, peak in peaks if peak is not None), Decimal(0))


@check("large-cluster")
def _large_cluster(subject: Subject) -> Iterator[Hit]:
    today = subject.context.today
    network = thresholds.threshold("cluster-network", on=today)
    rate = thresholds.threshold("cluster-operations", on=today)
    for index, facility in enumerate(subject.document.facilities):
        link, peak = facility.interconnect_gbit_per_s, facility.theoretical_peak_flop_per_s
        if link is None or peak is None:
            continue
        if thresholds.crossed(link, network) and thresholds.crossed(peak, rate):
            limits = {"network": network.value_text, "rate": rate.value_text}
            pointer = f"/facilities/{index}/theoretical_peak_flop_per_s"
            yield hit(pointer, facility=_named(facility, index), peak=flop(peak), link=link, **limits)


@check("site-overhead-unusual")
def _site_overhead_unusual(subject: Subject) -> Iterator[Hit]:
    for index, facility in enumerate(subject.document.facilities):
        value = facility.power_usage_effectiveness
        if value is not None and value > HIGHEST_OVERHEAD_OF_A_SITE:
            pointer = f"/facilities/{index}/power_usage_effectiveness"
            yield hit(pointer, value=value, most=HIGHEST_OVERHEAD_OF_A_SITE)


@check("annual-energy-exceeds-power")
def _annual_energy_exceeds_power(subject: Subject) -> Iterator[Hit]:
    for index, facility in enumerate(subject.document.facilities):
        stated, power = facility.annual_energy_mwh, facility.installed_it_power_kw
        overhead = facility.power_usage_effectiveness or HIGHEST_OVERHEAD_OF_A_SITE
        if stated is None or power is None:
            continue
        most = power * LONGEST_YEAR_IN_HOURS * overhead / 1000
        if stated > most:
            pointer = f"/facilities/{index}/annual_energy_mwh"
            yield hit(pointer, facility=_named(facility, index), stated=_whole(stated), most=_whole(most))


@check("energy-off-chip-hours")
def _energy_off_chip_hours(subject: Subject) -> Iterator[Hit]:
    stated = subject.run.energy.energy_mwh if subject.run.energy else None
    rated = _rated_energy_mwh(subject)
    if stated is None or rated is None:
        return
    overheads = [each.power_usage_effectiveness or USUAL_OVERHEAD_OF_A_SITE for each in subject.document.facilities]
    least = rated * LEAST_SHARE_OF_CHIP_ENERGY
    most = rated * MOST_SHARE_OF_CHIP_ENERGY * max(overheads, default=USUAL_OVERHEAD_OF_A_SITE)
    if not least <= stated <= most:
        figures = {"stated": _whole(stated), "rated": _whole(rated), "least": _whole(least), "most": _whole(most)}
        yield hit("/run/energy/energy_mwh", **figures)


def _rated_energy_mwh(subject: Subject) -> Decimal | None:
    """Chip-hours times rated power, MWh; None where a figure or a part's power is unknown."""
    parts = list(subject.hardware_parts())
    if not parts or len(parts) != len(subject.run.hardware):
        return None
    total = Decimal(0)
    for _, entry, part in parts:
        if entry.count is None or entry.duration_seconds is None or part.power_w is None:
            return None
        total += entry.count * entry.duration_seconds * part.power_w / SECONDS_PER_HOUR / WATTS_PER_MEGAWATT
    return total
