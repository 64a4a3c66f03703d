"""What a filing document declares about compute, as inputs of the estimation. Pure; nothing is judged here."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from registry.filings.document.run import Hardware, Run
from registry.filings.document.whole import FilingDocument
from registry.filings.estimation import (
    Architecture,
    ArchitectureKind,
    Exclusion,
    HardwarePeriod,
    Inclusions,
    Units,
    UtilisationKind,
)
from registry.filings.lineage import SEAT

NO_FLOP = Decimal(0)


def flop(run: Run) -> Decimal | None:
    """The declared training compute of the run, FLOP."""
    return run.training_compute.training_compute_flop if run.training_compute else None


def cumulative_flop(run: Run) -> Decimal | None:
    """The declared cumulative training compute of the model, FLOP."""
    return run.training_compute.cumulative_training_compute_flop if run.training_compute else None


def is_planned(document: FilingDocument) -> bool:
    """Whether part of the compute still lies ahead: in everything but a completion."""
    return document.stage != "completed"


def periods(document: FilingDocument) -> tuple[HardwarePeriod, ...]:
    """The hardware entries as periods; none at all where a figure is missing.

    Entries of one period with the same time and utilisation ran together: their peak rate is a weighted mean.
    """
    together: dict[tuple[object, ...], list[Hardware]] = {}
    for entry in document.run.hardware:
        members = (entry.period, entry.duration_seconds, entry.utilisation, entry.utilisation_kind)
        together.setdefault((*members, entry.starts_on, entry.ends_on), []).append(entry)
    found = [_period(entries, document) for entries in together.values()]
    return tuple(each for each in found if each is not None) if None not in found else ()


def architecture(run: Run) -> Architecture | None:
    """The figures of the architecture method; None where not even the kind is stated."""
    stated = run.architecture
    if stated is None or stated.kind is None:
        return None
    return Architecture(
        kind=ArchitectureKind(stated.kind),
        parameters_total=stated.parameters_total,
        parameters_active=stated.parameters_active,
        tokens=stated.tokens,
        epochs=Decimal(1) if stated.epochs is None else stated.epochs,
        context_tokens=stated.context_tokens,
        passes=stated.forward_passes,
        operations_per_pass=stated.operations_per_pass,
    )


def inclusions(run: Run) -> Inclusions:
    """What counts beside the updates and what is left out, without initial weights: those belong to the base model."""
    stated = run.inclusions
    if stated is None:
        return Inclusions()
    return Inclusions(
        synthetic_data_flop=stated.non_public_synthetic_data_flop or NO_FLOP,
        discarded_data_flop=stated.synthetic_data_discarded_flop or NO_FLOP,
        exclusions=tuple(Exclusion(each) for each in stated.exclusions),
    )


def initial_weights_flop(run: Run) -> Decimal:
    """The declared compute behind merged, averaged or initial weights, FLOP; zero where nothing is stated."""
    return (run.inclusions.merged_or_initial_weights_flop if run.inclusions else None) or NO_FLOP


def base_flop(run: Run) -> Decimal | None:
    """The base model's training compute, FLOP; None without a base, where it is not stated, or said to be unknown."""
    base = run.base_model
    return None if base is None or base.training_compute_knowledge == "unknown" else base.training_compute_flop


def span(run: Run, entry: Hardware | None = None) -> tuple[datetime | None, datetime | None]:
    """First and last moment in Brussels, from the entry's own days, else the run's actual, else its planned ones.

    A last day counts to its end. The end is None where none is stated or where it would lie before the start.
    """
    if entry is not None and entry.starts_on is not None:
        return _midnight(entry.starts_on), _after(entry.ends_on)
    starts_on, ends_on = run.actual_start_on or run.planned_start_on, run.actual_end_on or run.planned_end_on
    if starts_on is None:
        return None, None
    return _midnight(starts_on), None if ends_on is None or ends_on < starts_on else _after(ends_on)


def _period(entries: Sequence[Hardware], document: FilingDocument) -> HardwarePeriod | None:
    first = entries[0]
    units = tuple(
        Units(entry.count, entry.peak_flop_per_s, entry.precision or "?", entry.is_dense is not False)
        for entry in entries
        if entry.count is not None and entry.peak_flop_per_s is not None
    )
    if len(units) != len(entries) or first.duration_seconds is None:
        return None
    if first.utilisation is None or first.utilisation_kind is None:
        return None
    starts_at, ends_at = span(document.run, first)
    kind = UtilisationKind(first.utilisation_kind)
    return HardwarePeriod(
        units, first.duration_seconds, first.utilisation, kind, starts_at, ends_at, is_planned(document)
    )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=SEAT)


def _after(day: date | None) -> datetime | None:
    return None if day is None else _midnight(day + timedelta(days=1))
