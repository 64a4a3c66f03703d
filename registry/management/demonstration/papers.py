"""Filing documents for the invented runs: complete, consistent, marked illustrative. Pure."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from registry.compute import catalogue
from registry.management.demonstration.organisations import Company, lei_of
from registry.management.demonstration.runs import DemoRun
from registry.quantities import two_significant_figures

OVERHEAD = Decimal("1.3")
TEN_TO_23, TEN_TO_25 = Decimal("1e23"), Decimal("1e25")


def document(run: DemoRun, *, stage: str, on: date, factor: Decimal = Decimal(1)) -> dict[str, Any]:
    """The document of a run at a stage, signed on a day; `factor` changes the utilisation, as an update would."""
    made: dict[str, Any] = {
        "schema_version": "1.0",
        "stage": stage,
        "language": "en",
        "illustrative": True,
        "filer": _filer(run.company),
        "beneficial_ownership": _owners(run.company, on),
        "run": _run(run, stage=stage, on=on, factor=factor),
        "model": _model(run, stage),
        "data": _data(run),
        "facilities": [_facility(run)],
        "security": {
            "physical_protection": "Fenced site, two-person access to the halls.",
            "cyber_protection": "Separate training network, hardware keys for administrators.",
            "weights_protection": "Encrypted at rest; export only with two approvals.",
        },
        "attestations": [
            {"statement": kind, "is_affirmed": True, "signed_by": "Robin Exemplar", "signed_on": on.isoformat()}
            for kind in ("no_russian_customer", "no_russian_re_export", "no_military_end_use")
        ],
        "signature": {
            "name": "Robin Exemplar",
            "capacity": "Chief executive",
            "signed_at": datetime.combine(on, time(8), tzinfo=UTC).isoformat(),
            "place": run.company.town,
            "warning_acknowledged": True,
        },
    }
    return made


def _filer(company: Company) -> dict[str, Any]:
    desk = f"{company.slug}.example"
    return {
        "role": "model_provider",
        "legal_name": company.name,
        "lei": company.lei,
        "nace_code": "62.10",
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
                ("Robin Exemplar", "Chief executive", "robin"),
                ("Sasha Muster", "Training lead", "training"),
                ("Noa Modelo", "General counsel", "legal"),
            )
        ],
        "alert_contact": {"name": "Duty desk", "email": f"duty@{desk}", "phone": "+3200000001"},
    }


def _owners(company: Company, on: date) -> dict[str, Any]:
    as_of = (on - timedelta(days=10)).isoformat()
    return {
        "as_of_on": as_of,
        "confirmed_on": as_of,
        "owners": [
            {
                "person_id": "owner-1",
                "name": "Robin Exemplar",
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


def _run(run: DemoRun, *, stage: str, on: date, factor: Decimal) -> dict[str, Any]:
    utilisation = (run.utilisation * factor).quantize(Decimal("0.001"))
    flop = run.count * run.seconds * run.peak_flop_per_s * utilisation
    starts, ends = run.starts_on.isoformat(), run.ends_on.isoformat()
    made: dict[str, Any] = {
        "client_run_id": run.key,
        "lineage_id": run.lineage,
        "stage": run.stage,
        "planned_start_on": starts,
        "planned_end_on": ends,
        "training_compute": {
            "training_compute_flop": two_significant_figures(flop),
            "method": "hardware",
            "approach": "N x L x H x U over one period of constant N, checked against 6 x P x D.",
            "assumptions": ["Utilisation as measured on the preceding run of the same size"],
            "approximations": ["Restarts and checkpoints are within the utilisation"],
            "uncertainty_percent": "15",
        },
        "hardware": [_hardware(run, utilisation)],
        "architecture": _architecture(flop),
        "inclusions": {
            "has_non_public_synthetic_data": False,
            "has_discarded_synthetic_data": False,
            "has_merged_or_initial_weights": False,
            "exclusions": ["diagnostics", "activation_recomputation"],
        },
        "biological_sequence_data": False,
    }
    if run.stage != "pre_training":
        made["base_model"] = _base(run, flop)
    if stage != "planned":
        made["actual_start_on"] = starts
    if stage == "completed":
        made |= {"actual_end_on": ends, "wall_clock_hours": str(run.days * 24), "energy": _energy(run)}
    if flop > TEN_TO_23:
        known = min(on, run.notified_on) - timedelta(days=30 if run.fate == "late" else 6)
        made["known_on"] = known.isoformat()
    return made


def _hardware(run: DemoRun, utilisation: Decimal) -> dict[str, Any]:
    return {
        "period": "1",
        "facility_id": f"{run.company.slug}-1",
        "accelerator": run.accelerator,
        "count": run.count,
        "duration_seconds": str(run.seconds),
        "peak_flop_per_s": str(run.peak_flop_per_s.quantize(Decimal(1))),
        "precision": catalogue.default_precision(run.accelerator).value,
        "is_dense": True,
        "peak_source": "Vendor datasheet, dense 16-bit",
        "utilisation": str(utilisation.normalize()),
        "utilisation_kind": "mfu",
        "starts_on": run.starts_on.isoformat(),
        "ends_on": run.ends_on.isoformat(),
    }


def _architecture(flop: Decimal) -> dict[str, Any]:
    """A dense transformer for which 6 x P x D is the estimate, with twenty tokens a parameter."""
    parameters = (flop / 120).sqrt()
    return {
        "kind": "dense",
        "parameters_total": _three(parameters),
        "parameters_active": _three(parameters),
        "tokens": _three(parameters * 20),
        "epochs": "1",
        "context_tokens": 4096,
    }


def _base(run: DemoRun, flop: Decimal) -> dict[str, Any]:
    return {
        "name": f"{run.company.name.split()[0]} base",
        "version": "1",
        "provider": run.company.name,
        "training_compute_flop": two_significant_figures(max(flop * 12, Decimal("1e19"))),
        "training_compute_knowledge": "known",
        "is_systemic_risk": False,
        "is_public": True,
        "modification_compute_flop": two_significant_figures(flop),
    }


def _energy(run: DemoRun) -> dict[str, Any]:
    watts = catalogue.catalogue()[run.accelerator].power_w or Decimal(700)
    energy_mwh = run.count * watts * OVERHEAD * run.days * 24 / Decimal(1_000_000)
    return {"energy_mwh": f"{energy_mwh:.1f}", "method": "Metered at the busbars of the halls."}


def _model(run: DemoRun, stage: str) -> dict[str, Any]:
    release = run.ends_on + timedelta(days=120)
    parameters = (run.flop / 120).sqrt()
    return {
        "name": run.lineage.replace("-", " ").title(),
        "version": "1.0",
        "architecture": "Dense decoder-only transformer",
        "parameters": _three(parameters),
        "modalities_in": [{"modality": "text", "maximum_size": "4,096 tokens"}],
        "modalities_out": [{"modality": "text", "maximum_size": "4,096 tokens"}],
        "licence": {"name": "Terms of use", "category": "proprietary"},
        "design_choices": "Grouped-query attention; one epoch." if stage == "completed" else "Grouped-query attention.",
        "release_on": release.isoformat(),
        "union_placing_on": release.isoformat(),
        "distribution": ["api"],
        "expected_business_users_count": 900 * run.company.weight,
        "reaches_10000_business_users": False,
        "expected_end_users_count": 40_000 * run.company.weight,
        "weights": {
            "stored_in_countries": [run.company.country],
            "holders": [{"name": run.company.name, "country": run.company.country}],
            **({"sha256": f"{abs(hash_of(run.key)):064x}"} if stage == "completed" else {}),
        },
    }


def hash_of(key: str) -> int:
    """A stand-in for the hash of weights that do not exist; the same in every process."""
    return int.from_bytes(key.encode().ljust(32, b"\0")[:32], "big")


def _data(run: DemoRun) -> dict[str, Any]:
    return {
        "modalities": ["text"],
        "provenance": ["web_crawling", "publicly_available"],
        "provenance_description": "Own crawl and public corpora.",
        "crawl_ended_on": (run.starts_on - timedelta(days=90)).isoformat(),
        "sensitive_categories": ["personal_data", "copyrighted"],
        "origin_countries": [run.company.country],
    }


def _facility(run: DemoRun) -> dict[str, Any]:
    part = catalogue.catalogue()[run.accelerator]
    installed = 8 * (run.count // 6) + 64
    power_kw = installed * (part.power_w or Decimal(700)) * OVERHEAD / 1000 + 200
    return {
        "facility_id": f"{run.company.slug}-1",
        "name": f"{run.company.town} 1",
        "operator": "Exemplar Rechenzentren GmbH",
        "operator_lei": lei_of("Exemplar Rechenzentren"),
        "owner": "Exemplar Rechenzentren GmbH",
        "kind": "co_hosting",
        "country": run.company.country,
        "in_operation_from": "2020-09-01",
        "installed_it_power_kw": f"{power_kw:.0f}",
        "accelerators": [{"accelerator": run.accelerator, "count": installed, "status": "installed"}],
        "interconnect_gbit_per_s": "400",
        "theoretical_peak_flop_per_s": f"{(installed * run.peak_flop_per_s):.3e}".replace("e+", "e"),
        "hardware_control": "lessee",
        "controlled_by": run.company.name,
        "remote_access_countries": [run.company.country],
    }


def _three(value: Decimal) -> str:
    return f"{value:.2e}".replace("e+", "e").replace("E+", "e")
