"""From a version's document, and what the register knows beside it, to the snapshot that the rules look at. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from registry.compute import catalogue
from registry.compute.catalogue import Precision
from registry.filings import judgement
from registry.filings.document import FilingDocument
from registry.filings.document.run import Hardware
from registry.filings.judgement import Estimates
from registry.quantities import as_decimal
from registry.screening import rulebook
from registry.screening.shapes import FilingSnapshot, HardwareLine, Movement

_PRECISIONS = frozenset(Precision)
_GB_PER_TB = 1000


@dataclass(frozen=True)
class Submitted:
    """A version as it was received."""

    content: FilingDocument
    at: datetime


def take(versions: Sequence[Submitted], *, notification_due_at: datetime | None) -> FilingSnapshot:
    """The snapshot of the last of a filing's `versions`, which are all of them in order.

    `notification_due_at` is the end of the period of Art. 52(1). Raises ValueError where there is no version.
    """
    if not versions:
        raise ValueError("a filing without a version has nothing to screen")
    content = versions[-1].content
    estimates = judgement.estimate(content)
    cumulative = (estimates.declared_cumulative, estimates.cumulative.value if estimates.cumulative else None)
    return FilingSnapshot(
        reported_flop=estimates.declared,
        hardware_flop=estimates.hardware.value if estimates.hardware else None,
        architecture_flop=estimates.architecture.value if estimates.architecture else None,
        cumulative_flop=tuple(amount for amount in cumulative if amount is not None),
        hardware=tuple(_line(number, entry) for number, entry in enumerate(content.run.hardware, start=1)),
        met_on=content.run.met_on,
        known_on=content.run.known_on,
        crossed_on={each.threshold: each.on for each in estimates.crossings if each.on is not None},
        notified_at=_notified_at(versions),
        notification_due_at=notification_due_at,
        **_base(content, estimates),
        **_synthetic(content),
        data_arrivals=_arrivals(content),
        weights_departures=_departures(content),
        ended_on=content.run.actual_end_on,
    )


def _base(content: FilingDocument, estimates: Estimates) -> dict[str, Any]:
    """What it starts from. The base's compute is counted where it is stated: the register adds it by itself."""
    base, included, modification = content.run.base_model, content.run.inclusions, estimates.modification
    found: dict[str, Any] = {}
    if base is not None:
        weights_flop = included.merged_or_initial_weights_flop if included else None
        found["base_model"] = " ".join(part for part in (base.name, base.version) if part)
        found["is_base_public"] = base.is_public
        found["is_base_counted"] = base.training_compute_flop is not None or weights_flop is not None
    if modification is not None:
        found["modification_flop"] = modification.flop
        found["modification_limit_flop"] = as_decimal(modification.limit_flop)
    return found


def _synthetic(content: FilingDocument) -> dict[str, Any]:
    included = content.run.inclusions
    if included is None:
        return {}
    has_data, flop = included.has_non_public_synthetic_data, included.non_public_synthetic_data_flop
    return {"has_non_public_synthetic_data": has_data, "synthetic_data_flop": flop}


def _arrivals(content: FilingDocument) -> tuple[Movement, ...]:
    """The training data's way to the facility, where country, day and medium are stated."""
    transfers = content.data.transfers if content.data else ()
    return tuple(
        Movement(
            country=each.from_country,
            on=each.on,
            medium=each.medium,
            volume_gb=None if each.volume_tb is None else each.volume_tb * _GB_PER_TB,
            carrier=each.carrier or "",
        )
        for each in transfers
        if each.from_country and each.on and each.medium
    )


def _departures(content: FilingDocument) -> tuple[Movement, ...]:
    weights = content.model.weights if content.model else None
    return tuple(
        Movement(country=each.to_country, on=each.on, medium=each.medium, carrier=each.recipient or "")
        for each in (weights.transfers if weights else ())
        if each.to_country and each.on and each.medium
    )


def _notified_at(versions: Sequence[Submitted]) -> datetime | None:
    """When the provider first said that the threshold of systemic risk is crossed.

    What the register reckons is no word of the provider's.
    """
    threshold = rulebook.rule_of("R-01").limits["threshold_flop"]
    return next((each.at for each in versions if _largest_stated(each.content) > threshold), None)


def _largest_stated(content: FilingDocument) -> Decimal:
    stated = content.run.training_compute
    amounts = (stated.training_compute_flop, stated.cumulative_training_compute_flop) if stated else ()
    return max((amount for amount in amounts if amount is not None), default=Decimal(0))


def _line(number: int, entry: Hardware) -> HardwareLine:
    return HardwareLine(
        number=number,
        accelerator=entry.accelerator or "",
        precision=entry.precision or "",
        is_dense=entry.is_dense,
        peak_flop_per_s=entry.peak_flop_per_s,
        reference_peak_flop_per_s=_reference_peak(entry),
        utilisation=entry.utilisation,
        utilisation_kind=entry.utilisation_kind or "",
    )


def _reference_peak(entry: Hardware) -> Decimal | None:
    """The catalogue's dense peak of the accelerator in the format stated, None where the catalogue has none."""
    accelerator = entry.accelerator or ""
    if accelerator not in catalogue.catalogue() or entry.precision not in _PRECISIONS:
        return None
    return catalogue.dense_peak(code=accelerator, precision=Precision(entry.precision))
