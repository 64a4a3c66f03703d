"""Publicly known training runs with accelerator, quantity, time and utilisation, from Epoch AI's model tables.

Source: Epoch AI, "Data on AI models", epoch.ai, CC BY. The files stand beside the repository (`../shared/data`); where
they are missing, `published_models()` skips the test that asks, aloud. The figures are research estimates, no filings.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_CEILING, Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from registry.compute import catalogue
from registry.quantities import SECONDS_PER_HOUR, format_flop, round_significant, within
from tests.documents import REMOVED, changed, completed_run

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
# The first file has the richer rows; a model in both is taken from it.
FILES = ("epoch_notable_ai_models_2026-05-02.csv", "epoch_large_scale_ai_models_2026-05-02.csv")
UTILISATIONS = (("Hardware utilization (MFU)", "mfu"), ("Hardware utilization (HFU)", "hfu"))
TOKENS = ("Training dataset size (total)", "(DEPRECATED) Training dataset size (datapoints)")
COUNTRIES = {
    "Canada": "CA",
    "China": "CN",
    "Japan": "JP",
    "Korea (Republic of)": "KR",
    "United Arab Emirates": "AE",
    "United Kingdom of Great Britain and Northern Ireland": "GB",
    "United States of America": "US",
}
# The filing document knows no day before 2020; older runs are told as if they had begun then.
FIRST_DAY = date(2020, 1, 2)
SITE_OVERHEAD = Decimal("1.3")


@dataclass(frozen=True)
class PublishedModel:
    """What is publicly known about one training run. `countries` are those of its organisations, in their order."""

    name: str
    organisation: str
    countries: tuple[str, ...]
    published_on: date
    accelerator: str
    count: int
    hours: Decimal
    utilisation: Decimal
    utilisation_kind: str
    published_flop: Decimal
    parameters: Decimal | None
    tokens: Decimal | None
    epochs: Decimal
    base_model: str
    confidence: str

    @property
    def seconds(self) -> Decimal:
        """The training time in seconds."""
        return self.hours * SECONDS_PER_HOUR

    @property
    def six_p_d(self) -> Decimal | None:
        """Six operations per parameter, token and epoch; None where parameters or tokens are not known."""
        if self.parameters is None or self.tokens is None:
            return None
        return 6 * self.parameters * self.tokens * self.epochs


@cache
def _known() -> tuple[PublishedModel, ...]:
    found: dict[str, PublishedModel] = {}
    for name in FILES:
        for model in _complete(DATA / name):
            found.setdefault(model.name, model)
    return tuple(sorted(found.values(), key=lambda model: model.name))


def published_models() -> tuple[PublishedModel, ...]:
    """Every distinct published model with all figures of the hardware method and a known accelerator, by name.

    Skips the calling test where the published files are missing.
    """
    missing = [name for name in FILES if not (DATA / name).is_file()]
    if missing:
        pytest.skip(f"PUBLISHED DATA MISSING: {', '.join(missing)} not found in {DATA}")
    return _known()


def _complete(path: Path) -> Iterator[PublishedModel]:
    with path.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            utilisation = next(((row[column], kind) for column, kind in UTILISATIONS if row[column]), None)
            code = catalogue.find(row["Training hardware"])
            figures = (row["Hardware quantity"], row["Training time (hours)"], row["Training compute (FLOP)"])
            if utilisation is not None and code is not None and all(figures):
                yield _model(row, code, *utilisation)


def _model(row: dict[str, str], accelerator: str, utilisation: str, kind: str) -> PublishedModel:
    nations = dict.fromkeys(row["Country (of organization)"].split(","))
    return PublishedModel(
        name=row["Model"],
        organisation=row["Organization"],
        countries=tuple(COUNTRIES[each] for each in nations if each in COUNTRIES),
        published_on=date.fromisoformat(row["Publication date"]),
        accelerator=accelerator,
        count=int(Decimal(row["Hardware quantity"])),
        hours=Decimal(row["Training time (hours)"]),
        utilisation=Decimal(utilisation),
        utilisation_kind=kind,
        published_flop=Decimal(row["Training compute (FLOP)"]),
        parameters=_number(row["Parameters"]),
        tokens=next((_number(row[column]) for column in TOKENS if row.get(column)), None),
        epochs=_number(row.get("Epochs", "")) or Decimal(1),
        base_model=row["Base model"],
        confidence=row["Confidence"],
    )


def _number(text: str) -> Decimal | None:
    return Decimal(text) if text else None


def as_document(model: PublishedModel, **changes: Any) -> dict[str, Any]:
    """The filing of that run as the completed run of an invented French provider, marked as an illustration.

    Compute, hardware and dates are the published ones, with three significant figures where the document takes no more.
    `changes` set further members by path, as the builders of `tests.documents` do.
    """
    part = catalogue.catalogue()[model.accelerator]
    precision = catalogue.default_precision(model.accelerator)
    peak = part.dense_peak_flop_per_s[precision]
    starts_on, ends_on = _days(model)
    flop = format_flop(round_significant(model.published_flop, figures=3))
    chips_kw = model.count * (part.power_w or Decimal(400)) / 1000
    document = completed_run(
        illustrative=True,
        run__client_run_id=_slug(model.name),
        run__lineage_id=_slug(model.name),
        run__planned_start_on=starts_on.isoformat(),
        run__planned_end_on=ends_on.isoformat(),
        run__actual_start_on=starts_on.isoformat(),
        run__actual_end_on=ends_on.isoformat(),
        run__wall_clock_hours=_plain(model.hours),
        run__training_compute={
            "training_compute_flop": flop,
            "cumulative_training_compute_flop": flop,
            "method": "hardware",
            "approach": "Published figures of Epoch AI, Data on AI models, CC BY.",
            "assumptions": [f"Utilisation as published ({model.utilisation_kind.upper()})"],
            "approximations": ["Number of units and time as published"],
            "uncertainty_percent": "30",
        },
        run__hardware=[
            {
                "period": "1",
                "facility_id": "lyon-1",
                "accelerator": model.accelerator,
                "count": model.count,
                "duration_seconds": _plain(model.seconds),
                "peak_flop_per_s": _plain(peak),
                "precision": precision.value,
                "is_dense": True,
                "peak_source": "Accelerator catalogue, dense",
                "utilisation": _plain(round(model.utilisation, 6)),
                "utilisation_kind": model.utilisation_kind,
                "starts_on": starts_on.isoformat(),
                "ends_on": ends_on.isoformat(),
            }
        ],
        run__architecture=_architecture(model) or REMOVED,
        run__energy={
            "energy_mwh": _plain(round_significant(chips_kw * SITE_OVERHEAD * model.hours / 1000, figures=3)),
            "method": "Rated power of the chips, with an overhead of 1.3.",
        },
        model__name=model.name,
        model__version="1",
        model__parameters=_plain(model.parameters or Decimal("1e9")),
        model__parameters_band=_parameters_band(model.parameters or Decimal("1e9")),
        model__release_on=ends_on.isoformat(),
        model__union_placing_on=ends_on.isoformat(),
        data__crawl_ended_on=REMOVED,
        data__transfers__0__on=starts_on.isoformat(),
        facilities__0__in_operation_from="2016-01-01",
        facilities__0__size_class=REMOVED,
        facilities__0__annual_energy_mwh=REMOVED,
        facilities__0__installed_it_power_kw=_plain(max(chips_kw * 2, Decimal(1000))),
        facilities__0__accelerators=[
            {"accelerator": model.accelerator, "count": model.count, "status": "installed"}
        ],
        facilities__0__theoretical_peak_flop_per_s=format_flop(round_significant(model.count * peak, figures=3)),
    )  # fmt: skip
    return changed(document, **changes)


def _days(model: PublishedModel) -> tuple[date, date]:
    """First and last day: the run ends when the model is published, or begins on the first day the document knows."""
    length = timedelta(days=int((model.hours / 24).to_integral_value(ROUND_CEILING)) - 1)
    starts_on = max(model.published_on - length, FIRST_DAY)
    return starts_on, starts_on + length


def _architecture(model: PublishedModel) -> dict[str, Any]:
    """Dense where 6 · P · D reproduces the published figure, else a kind it is not for; empty without its figures."""
    computed = model.six_p_d
    is_dense = computed is not None and within(model.published_flop, computed, tolerance=Decimal("0.3"))
    if model.parameters is None or model.tokens is None:
        return {}
    return {
        "kind": "dense" if is_dense else "other",
        "parameters_total": _plain(model.parameters),
        "tokens": _plain(model.tokens),
        "epochs": _plain(model.epochs),
    }


# Upper bounds of the bands of the Model Documentation Form.
_PARAMETER_BANDS = (
    (Decimal("5e8"), "1m-500m"),
    (Decimal("5e9"), "500m-5b"),
    (Decimal("15e9"), "5b-15b"),
    (Decimal("50e9"), "15b-50b"),
    (Decimal("100e9"), "50b-100b"),
    (Decimal("500e9"), "100b-500b"),
    (Decimal("1e12"), "500b-1t"),
)


def _parameters_band(parameters: Decimal) -> str:
    return next((band for up_to, band in _PARAMETER_BANDS if parameters <= up_to), "over-1t")


def _slug(name: str) -> str:
    words = "".join(sign if sign.isascii() and sign.isalnum() else " " for sign in name.lower()).split()
    return "-".join(words)


def _plain(value: Decimal) -> str:
    """Plain digits without closing zeros after the point."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
