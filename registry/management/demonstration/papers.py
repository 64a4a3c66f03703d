"""Filing documents for the invented runs: complete, consistent, marked illustrative. Pure."""

import hashlib
import math
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from registry.compute import catalogue
from registry.management.demonstration import sites
from registry.management.demonstration.organisations import Company, lei_of
from registry.management.demonstration.runs import OTHERS, SYSTEMIC_RISK_FLOP, DemoRun, Plan
from registry.quantities import two_significant_figures

# By oddity: what is declared for the run, and what its architecture gives, as shares of what the hardware gives.
DECLARED = {"declared_low": Decimal("0.78"), "declared_off": Decimal("0.62")}
BY_ARCHITECTURE = {"architecture_differs": Decimal("1.55")}
# Upper bounds of the bands of the Model Documentation Form.
PARAMETER_BANDS = (
    (Decimal("5e8"), "1m-500m"),
    (Decimal("5e9"), "500m-5b"),
    (Decimal("1.5e10"), "5b-15b"),
    (Decimal("5e10"), "15b-50b"),
    (Decimal("1e11"), "50b-100b"),
    (Decimal("5e11"), "100b-500b"),
    (Decimal("1e12"), "500b-1t"),
)
REBUTTAL = {
    "summary": "The model translates between the languages of the Union and does nothing else.",
    "arguments": [{"topic": "modalities", "explanation": "Text out is a translation of text in, and nothing else."}],
    "benchmarks": [{"name": "MMLU", "score": "27.1", "unit": "percent", "is_forecast": True}],
}
KNOWN_BEFORE = timedelta(days=5)
KNOWN_LONG_BEFORE = timedelta(days=33)
PLACED_AFTER = timedelta(days=120)
SIGNATORY = "Robin Exemplar"


def document(
    run: DemoRun, plan: Plan, *, stage: str, on: date, factor: Decimal = Decimal(1), base_reference: str = ""
) -> dict[str, Any]:
    """The document of a run at a stage, signed on a day.

    `factor` changes the utilisation, as an update would; `base_reference` is the filing of the model it starts from.
    """
    return {
        "schema_version": "1.0",
        "stage": stage,
        "language": "en",
        "illustrative": True,
        "filer": _filer(run),
        "beneficial_ownership": _owners(run.company, on, stage),
        "run": _run(run, plan, stage=stage, on=on, factor=factor, base_reference=base_reference),
        "model": _model(run, plan, stage),
        "data": _data(run),
        "facilities": [sites.facility(run.company, plan, on=run.starts_on)],
        "security": {
            "physical_protection": "Fenced site, two-person access to the halls.",
            "cyber_protection": "Separate training network, hardware keys for administrators.",
            "weights_protection": "Encrypted at rest; export only with two approvals.",
        },
        "attestations": [
            {"statement": kind, "is_affirmed": True, "signed_by": SIGNATORY, "signed_on": on.isoformat()}
            for kind in ("no_russian_customer", "no_russian_re_export", "no_military_end_use")
        ],
        "signature": {
            "name": SIGNATORY,
            "capacity": "Chief executive",
            "signed_at": datetime.combine(on, time(6), tzinfo=UTC).isoformat(),
            "place": run.company.town,
            "warning_acknowledged": True,
        },
        **({"rebuttal": REBUTTAL} if run.fate == "rebutted" else {}),
    }


def known_on(run: DemoRun) -> date | None:
    """The day on which it became known that the run will pass 10^25 FLOP; None where it will not."""
    if not run.is_above_threshold:
        return None
    if run.fate == "late":
        return min(run.notified_on - KNOWN_LONG_BEFORE, run.starts_on - timedelta(days=3))
    return run.notified_on - KNOWN_BEFORE


def met_on(run: DemoRun) -> date | None:
    """The day on which an even run passes 10^25 FLOP; None where it does not."""
    if not run.is_above_threshold:
        return None
    return run.starts_on + timedelta(days=math.floor(run.days * SYSTEMIC_RISK_FLOP / run.flop))


def placed_on(run: DemoRun) -> date:
    """The day on which a released model comes to the Union market."""
    return run.ends_on + PLACED_AFTER


def _filer(run: DemoRun) -> dict[str, Any]:
    company = run.company
    desk = f"{company.slug}.example"
    return {
        "role": "downstream_modifier" if _other(run) else "model_provider",
        "legal_name": company.name,
        "lei": company.lei,
        "nace_code": company.nace_code,
        "nace_version": "2.1",
        "website": f"https://{desk}/",
        "seat_country": company.country,
        "seat_address": f"1 Example Street, {company.town}",
        "ultimate_parent": {
            "name": company.holding,
            "lei": lei_of(company.holding),
            "headquarters_country": company.parent_country or company.country,
        },
        "incorporated_on": "2018-05-14",
        "relation_began_on": "2021-02-01",
        "employees_count": 40 * company.weight,
        "annual_turnover_eur": str(9_000_000 * company.weight),
        "contacts": [
            {"name": name, "function": function, "email": f"{box}@{desk}", "phone": "+3200000000"}
            for name, function, box in (
                (SIGNATORY, "Chief executive", "robin"),
                ("Sasha Muster", "Training lead", "training"),
                ("Noa Modelo", "General counsel", "legal"),
            )
        ],
        "alert_contact": {"name": "Duty desk", "email": f"duty@{desk}", "phone": "+3200000001"},
    }


def _owners(company: Company, on: date, stage: str) -> dict[str, Any]:
    as_of = (on - timedelta(days=10)).isoformat()
    return {
        # Needed from the first monitoring update on; the yearly confirmation counts from it.
        **({} if stage == "planned" else {"as_of_on": as_of, "confirmed_on": as_of}),
        "owners": [
            {
                "person_id": "owner-1",
                "name": SIGNATORY,
                "born_on": "1975-03-02",
                "nationalities": [company.country],
                "residence_country": company.country,
                "share_percent": "60",
                "control_kinds": ["ownership", "voting_rights"],
                "interest_since_on": "2018-05-14",
            }
        ],
        "holdings": [{"owner_id": "owner-1", "owned_id": "filer", "share_percent": "60", "voting_percent": "60"}],
    }


def _run(run: DemoRun, plan: Plan, *, stage: str, on: date, factor: Decimal, base_reference: str) -> dict[str, Any]:
    utilisation = (run.utilisation * factor).quantize(Decimal("0.001"))
    reckoned = run.count * run.seconds * run.peak_flop_per_s * utilisation
    declared = reckoned * DECLARED.get(run.oddity, Decimal(1))
    base = _base(run, plan, declared, base_reference) if run.base else None
    own_base = base is not None and not _other(run)
    return {
        "client_run_id": run.key,
        "lineage_id": run.lineage,
        "stage": run.stage,
        "planned_start_on": run.starts_on.isoformat(),
        "planned_end_on": run.ends_on.isoformat(),
        "training_compute": _compute(declared, Decimal(base["training_compute_flop"]) if base and own_base else None),
        "hardware": [_hardware(run, utilisation)],
        "architecture": _architecture(run, plan, reckoned * BY_ARCHITECTURE.get(run.oddity, Decimal(1))),
        "inclusions": {
            "has_non_public_synthetic_data": False,
            "has_discarded_synthetic_data": False,
            "has_merged_or_initial_weights": own_base,
            "exclusions": ["diagnostics", "activation_recomputation"],
        },
        "biological_sequence_data": False,
        **({"base_model": base} if base else {}),
        **_dates(run, stage=stage, on=on),
    }


def _compute(declared: Decimal, base: Decimal | None) -> dict[str, Any]:
    """The estimate with its description; the cumulative one where an own model stands behind it."""
    found: dict[str, Any] = {
        "training_compute_flop": two_significant_figures(declared),
        "method": "hardware",
        "approach": "N x L x H x U over one period of constant N, checked against 6 x P x D.",
        "assumptions": ["Utilisation as measured on the preceding run of the same size"],
        "approximations": ["Restarts and checkpoints are within the utilisation"],
        "uncertainty_percent": "15",
    }
    if base is not None:
        found["cumulative_training_compute_flop"] = two_significant_figures(declared + base)
    return found


def _dates(run: DemoRun, *, stage: str, on: date) -> dict[str, Any]:
    """What has happened by the day: start, end with energy, and the days that Art. 52(1) counts from."""
    found: dict[str, Any] = {}
    if stage != "planned":
        found["actual_start_on"] = run.starts_on.isoformat()
    if stage == "completed":
        energy_mwh = run.count * sites.power_w(run.accelerator) * sites.OVERHEAD * run.days * 24 / Decimal(1_000_000)
        found |= {
            "actual_end_on": run.ends_on.isoformat(),
            "wall_clock_hours": str(run.days * 24),
            "energy": {"energy_mwh": f"{energy_mwh:.1f}", "method": "Metered at the busbars of the halls."},
        }
    known, met = known_on(run), met_on(run)
    if known is not None:
        found["known_on"] = known.isoformat()
    if met is not None and met <= on and stage != "planned":
        found["met_on"] = met.isoformat()
    return found


def _hardware(run: DemoRun, utilisation: Decimal) -> dict[str, Any]:
    return {
        "period": "1",
        "facility_id": sites.facility_id(run.company),
        "accelerator": run.accelerator,
        "count": run.count,
        "duration_seconds": str(run.seconds),
        "peak_flop_per_s": str(run.peak_flop_per_s.quantize(Decimal(1))),
        "precision": catalogue.default_precision(run.accelerator).value,
        "is_dense": True,
        "peak_source": "Vendor datasheet, dense 16-bit",
        "utilisation": f"{utilisation.normalize():f}",
        "utilisation_kind": "mfu",
        "starts_on": run.starts_on.isoformat(),
        "ends_on": run.ends_on.isoformat(),
    }


def _architecture(run: DemoRun, plan: Plan, flop: Decimal) -> dict[str, Any]:
    """A dense transformer for which 6 x P x D is the estimate: twenty tokens a parameter, or what a base leaves."""
    parameters = _parameters(run, plan)
    return {
        "kind": "dense",
        "parameters_total": _three(parameters),
        "parameters_active": _three(parameters),
        "tokens": _three(flop / 6 / parameters),
        "epochs": "1",
        "context_tokens": 4096,
    }


def _parameters(run: DemoRun, plan: Plan) -> Decimal:
    """Parameters of the model: the base's, where the run starts from one."""
    other = _other(run)
    if other is not None:
        return other[3]
    base = plan.run(run.base) if run.base else None
    return _parameters(base, plan) if base else run.parameters


def _other(run: DemoRun) -> tuple[str, str, Decimal, Decimal] | None:
    """The model of another company that the run starts from."""
    return next((other for other in OTHERS if other[0] == run.base), None)


def _base(run: DemoRun, plan: Plan, declared: Decimal, reference: str) -> dict[str, Any]:
    found = {
        "version": "1.0",
        "training_compute_knowledge": "known",
        "is_systemic_risk": False,
        "modification_compute_flop": two_significant_figures(declared),
    }
    other, own = _other(run), plan.run(run.base)
    if other is not None:
        name, maker, flop, _ = other
        found |= {"name": name, "provider": maker, "is_public": True}
    elif own is not None:
        flop = own.flop
        found |= {"name": _title(own), "provider": run.company.name, "is_public": own.is_released}
    else:
        raise ValueError(f"{run.key} starts from {run.base}, which is no run")
    found["training_compute_flop"] = two_significant_figures(flop)
    return found | ({"filing_reference": reference} if reference else {})


def _title(run: DemoRun) -> str:
    return run.lineage.replace("-", " ").title()


def _model(run: DemoRun, plan: Plan, stage: str) -> dict[str, Any]:
    users = 900 * run.company.weight
    parameters = _three(_parameters(run, plan))
    found: dict[str, Any] = {
        "name": _title(run),
        "version": "1.0",
        "architecture": "Dense decoder-only transformer",
        "parameters": parameters,
        "parameters_band": next((band for most, band in PARAMETER_BANDS if Decimal(parameters) <= most), "over-1t"),
        "modalities_in": [{"modality": "text", "maximum_size": "4,096 tokens"}],
        "modalities_out": [{"modality": "text", "maximum_size": "4,096 tokens"}],
        "reaches_10000_business_users": False,
        "weights": {
            "stored_in_countries": [run.company.country],
            "holders": [{"name": run.company.name, "country": run.company.country}],
        },
    }
    if stage == "completed":
        found["design_choices"] = "Grouped-query attention for shorter inference; trained on one epoch."
        found["weights"]["sha256"] = hashlib.sha256(run.key.encode()).hexdigest()
    if not run.is_released:
        return found | {"licence": {"category": "not_released"}, "distribution": ["internal_only"]}
    release = {name: placed_on(run).isoformat() for name in ("release_on", "union_placing_on")}
    return found | {
        "licence": {"name": "Terms of use", "category": "proprietary"},
        "distribution": ["api"],
        "expected_business_users_count": users,
        "expected_end_users_count": 44 * users,
        **(release if stage == "completed" else {}),
    }


def _data(run: DemoRun) -> dict[str, Any]:
    is_large = run.flop > Decimal("1e24")
    return {
        "modalities": ["text"],
        "size_band": "10tb-100tb" if is_large else "1tb-10tb",
        "provenance": ["web_crawling", "publicly_available"],
        "provenance_description": "Own crawl and public corpora.",
        "crawl_ended_on": (run.starts_on - timedelta(days=90)).isoformat(),
        "points_band": "1b-1t",
        "sensitive_categories": ["personal_data", "copyrighted"],
        "origin_countries": [run.company.country],
        "transfers": [
            {
                "from_country": run.company.country,
                "to_country": run.company.country,
                "medium": "network",
                "volume_tb": "38" if is_large else "6.5",
                "on": (run.starts_on - timedelta(days=40)).isoformat(),
                "carrier": "Exemplar Netze",
            }
        ],
    }


def _three(value: Decimal) -> str:
    return f"{value:.2e}".replace("e+", "e")
