"""The accelerator catalogue: dense peak rates by precision, names, and dated events in export-control status. Pure."""

import csv
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cache
from pathlib import Path
from types import MappingProxyType

from registry.languages import SPOKEN
from registry.quantities import within

DATA = Path(__file__).parent / "data"
TERA = Decimal("1e12")
# a declared peak is compared with the catalogue within five per cent.
PEAK_TOLERANCE = Decimal("0.05")
# Vendors advertise structured sparsity (two of four weights zero) as twice the dense rate.
SPARSE_FACTOR = 2


class Precision(StrEnum):
    """A number format in which a peak rate is stated. The catalogue knows no rates of FP32, TF32 and FP6."""

    FP32 = "fp32"
    TF32 = "tf32"
    BF16 = "bf16"
    FP16 = "fp16"
    FP8 = "fp8"
    FP6 = "fp6"
    FP4 = "fp4"
    INT8 = "int8"


# Where a format has a column of its own; the 16-bit formats share one and are named per row.
_COLUMN_OF: Mapping[Precision, str] = MappingProxyType(
    {
        Precision.FP8: "fp8_dense_tflops",
        Precision.FP4: "fp4_dense_tflops",
        Precision.INT8: "int8_dense_tops",
    }
)


@dataclass(frozen=True)
class Accelerator:
    """One part of the catalogue. None means unknown, or that the part lacks the thing.

    `total_processing_performance`, `performance_density` (per mm²), `ear_category` and `is_within_us_2026_band` are
    computed from parameters after ECCN 3A090 and 91 FR 1684; they are no official classification.
    """

    code: str
    model: str
    vendor: str
    released_on: date
    dense_peak_flop_per_s: Mapping[Precision, Decimal]
    memory_gb: Decimal | None
    memory_type: str
    memory_bandwidth_gb_per_s: Decimal | None
    scale_up_gb_per_s: Decimal | None
    power_w: Decimal | None
    die_area_mm2: Decimal | None
    is_data_centre_part: bool
    total_processing_performance: Decimal
    performance_density: Decimal | None
    ear_category: str
    ear_note: str
    is_within_us_2026_band: bool | None
    source_codes: tuple[str, ...]
    confidence: str
    note: str

    @property
    def name(self) -> str:
        """Vendor and model, as people write it."""
        return f"{self.vendor} {self.model}"


class EventKind(StrEnum):
    """What an export-control event changed."""

    LICENCE_REQUIRED = "licence_required"
    SALES_RESUMED = "sales_resumed"
    CASE_BY_CASE = "case_by_case"
    PRESUMPTION_OF_VIOLATION = "presumption_of_violation"
    LISTED = "listed"


@dataclass(frozen=True)
class ExportEvent:
    """A dated change in the export-control status of named accelerators or of a 3A090 category."""

    code: str
    on: date
    precision: str
    kind: EventKind
    accelerators: tuple[str, ...]
    categories: tuple[str, ...]
    certainty: str
    source: str
    sentences: Mapping[str, str]

    def concerns(self, accelerator: Accelerator) -> bool:
        """Whether the event names the accelerator or its category."""
        return accelerator.code in self.accelerators or accelerator.ear_category in self.categories


@cache
def catalogue() -> Mapping[str, Accelerator]:
    """Every accelerator by its code, such as "nvidia-h100-sxm5-80gb"."""
    return MappingProxyType({each["code"]: _accelerator(each) for each in _rows("accelerators.csv")})


def find(name: str) -> str | None:
    """The code of the accelerator that a free text names ("NVIDIA A100 SXM4 40 GB", "TPU v4"), or None.

    Case, spaces and punctuation do not matter. A text that names several accelerators finds none.
    """
    return _codes_by_name().get(_plain(name))


def dense_peak(*, code: str, precision: Precision) -> Decimal | None:
    """The dense peak in FLOP/s (operations a second for INT8); None where the part does not offer the format.

    Raises KeyError for a code that is not in the catalogue.
    """
    return catalogue()[code].dense_peak_flop_per_s.get(precision)


def default_precision(code: str) -> Precision:
    """The 16-bit format taken where none is stated: BF16, as the Commission's examples, or FP16 on parts without it."""
    peaks = catalogue()[code].dense_peak_flop_per_s
    return Precision.BF16 if Precision.BF16 in peaks else Precision.FP16


def matches_dense(
    *, peak_flop_per_s: Decimal, code: str, precision: Precision, tolerance: Decimal = PEAK_TOLERANCE
) -> bool:
    """Whether a declared peak equals the catalogue's dense one within the tolerance (a share of the catalogue's)."""
    dense = dense_peak(code=code, precision=precision)
    return dense is not None and within(dense, peak_flop_per_s, tolerance=tolerance)


def looks_sparse(
    *, peak_flop_per_s: Decimal, code: str, precision: Precision, tolerance: Decimal = PEAK_TOLERANCE
) -> bool:
    """Whether a declared peak is the advertised sparse rate: twice the dense one, within the tolerance."""
    dense = dense_peak(code=code, precision=precision)
    return dense is not None and within(SPARSE_FACTOR * dense, peak_flop_per_s, tolerance=tolerance)


@cache
def export_events() -> tuple[ExportEvent, ...]:
    """Every event, oldest first."""
    document = tomllib.loads((DATA / "export_events.toml").read_text(encoding="utf-8"))
    return tuple(sorted((_event(each) for each in document["event"]), key=lambda event: (event.on, event.code)))


def export_status(*, code: str, on: date) -> tuple[ExportEvent, ...]:
    """The events that concern an accelerator up to and including a day, oldest first; the last one governs."""
    accelerator = catalogue()[code]
    return tuple(event for event in export_events() if event.on <= on and event.concerns(accelerator))


def _rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def _accelerator(row: Mapping[str, str]) -> Accelerator:
    category, _, remark = row["ear_3a090_by_parameters"].partition(" (")
    return Accelerator(
        code=row["code"],
        model=row["model"],
        vendor=row["vendor"],
        released_on=date.fromisoformat(row["release_date"]),
        dense_peak_flop_per_s=_peaks(row),
        memory_gb=_number(row["memory_gb"]),
        memory_type=row["memory_type"],
        memory_bandwidth_gb_per_s=_number(row["memory_bandwidth_gbs"]),
        scale_up_gb_per_s=_number(row["scaleup_interconnect_gbs"]),
        power_w=_number(row["tdp_w"]),
        die_area_mm2=_number(row["die_area_mm2"]),
        is_data_centre_part=row["datacentre_part"] == "1",
        total_processing_performance=Decimal(row["tpp"]),
        performance_density=_number(row["performance_density"]),
        ear_category=category,
        ear_note=remark.rstrip(")"),
        is_within_us_2026_band={"yes": True, "no": False}.get(row["us_2026_case_by_case_band"]),
        source_codes=tuple(row["source_codes"].split(",")),
        confidence=row["confidence"],
        note=row["note"],
    )


def _peaks(row: Mapping[str, str]) -> Mapping[Precision, Decimal]:
    half = {Precision(name): "bf16_fp16_dense_tflops" for name in row["half_precision_formats"].split()}
    return MappingProxyType(
        {
            precision: Decimal(row[column]) * TERA
            for precision, column in (half | dict(_COLUMN_OF)).items()
            if row[column]
        }
    )


def _number(text: str) -> Decimal | None:
    return Decimal(text) if text else None


@cache
def _codes_by_name() -> Mapping[str, str]:
    parts = catalogue().values()
    own = {_plain(text): part.code for part in parts for text in (part.code, part.model, part.name)}
    return MappingProxyType(own | {_plain(row["name"]): row["code"] for row in _rows("accelerator_aliases.csv")})


def _plain(name: str) -> str:
    return "".join(sign for sign in unicodedata.normalize("NFKC", name).casefold() if sign.isalnum())


def _event(row: Mapping[str, object]) -> ExportEvent:
    return ExportEvent(
        code=str(row["code"]),
        on=date.fromisoformat(str(row["on"])),
        precision=str(row["precision"]),
        kind=EventKind(str(row["kind"])),
        accelerators=_texts(row["accelerators"]),
        categories=_texts(row["categories"]),
        certainty=str(row["certainty"]),
        source=str(row["source"]),
        sentences=MappingProxyType({language: str(row[language]) for language in SPOKEN}),
    )


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise TypeError(f"a list of texts was expected, not {value!r}")
    return tuple(str(each) for each in value)
