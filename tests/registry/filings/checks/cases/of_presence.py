"""Cases of the checks of presence: what is taken away, and what may be missing."""

from typing import Any

from tests.documents import REMOVED
from tests.registry.filings.checks.cases.case import Case, Changes

_ABROAD: Changes = {"filer__seat_country": "US"}
_MANDATE = {"name": "Repräsentanz GmbH", "country": "DE", "mandate_starts_on": "2026-10-01"}
_RESELLER = {"name": "Zwischenhandel AG", "country": "DE"}
_BASE_MODEL = {
    "name": "Aurelia",
    "provider": "Aurélia Modèles SA",
    "training_compute_knowledge": "unknown",
    "is_systemic_risk": False,
    "is_public": False,
}
_NO_OWNER = {"beneficial_ownership__no_owner_reason": "Widely held: nobody has 25 %."}
_INCIDENT = {
    "kind": "physical_breach",
    "discovered_at": "2026-11-11T10:00:00Z",
    "is_ongoing": False,
    "description": "A rack was opened without an order.",
    "corrective_measures": "Locks changed.",
    "reported_to": "AI Office",
}
_REBUTTAL: dict[str, Any] = {
    "summary": "The model transcribes speech and nothing else.",
    "arguments": [{"topic": "modalities", "explanation": "Text out is a transcript of audio in."}],
    "benchmarks": [{"name": "WER", "score": "4.1", "is_forecast": False}],
}


def _without(part: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in part.items() if name not in names}


def _removed(code: str, path: str, spares: Changes | None = None, base: str = "planned") -> Case:
    """The member at `path` is taken away; spared is the untouched document, or what `spares` says."""
    return Case(code, {path: REMOVED}, spares or {}, base=base, pointer="/" + path.replace("__", "/"))


CASES = (
    _removed("filer-seat-missing", "filer__ultimate_parent__headquarters_country"),
    _removed("filer-history-missing", "filer__incorporated_on", {"filer__relation_began_on": REMOVED}),
    _removed("contacts-missing", "filer__alert_contact__email", {"filer__alert_contact__phone": REMOVED}),
    Case(
        "representative-incomplete",
        _ABROAD | {"filer__authorised_representative": _without(_MANDATE, "mandate_starts_on")},
        _ABROAD | {"filer__authorised_representative": _MANDATE},
    ),
    _removed(
        "beneficial-owners-missing", "beneficial_ownership__owners", {"beneficial_ownership__owners": []} | _NO_OWNER
    ),
    _removed(
        "beneficial-owners-missing",
        "beneficial_ownership__owners__1__born_on",
        {"beneficial_ownership__owners__1__share_percent": REMOVED},
    ),
    Case(
        "ownership-date-missing",
        {"beneficial_ownership__as_of_on": REMOVED, "stage": "monitoring"},
        {"beneficial_ownership__as_of_on": REMOVED, "stage": "planned"},
    ),
    _removed("customer-incomplete", "customer__payer_name", {"customer__payment_source": REMOVED}, base="rented"),
    Case(
        "reseller-incomplete",
        {"customer__reseller_chain": [_without(_RESELLER, "country")]},
        {"customer__reseller_chain": [_RESELLER]},
        base="rented",
    ),
    _removed("customer-purpose-missing", "customer__end_use", {"customer__end_user_name": None}, base="rented"),
    _removed("lineage-missing", "run__lineage_id"),
    _removed("run-dates-missing", "run__actual_end_on", {"stage": "monitoring"}, base="completed"),
    _removed("run-dates-missing", "run__planned_end_on", {"run__actual_end_on": None}),
    _removed("estimate-missing", "run__training_compute__approach"),
    _removed(
        "hardware-missing",
        "run__hardware",
        {"run__hardware": [], "run__training_compute__method": "architecture"},
    ),
    _removed("hardware-missing", "run__hardware__0__precision", {"run__hardware__0__starts_on": REMOVED}),
    Case(
        "hardware-missing",
        {"run__hardware__0__utilisation": REMOVED},
        {"run__hardware__0__utilisation": REMOVED, "filer__role": "compute_provider"},
    ),
    Case(
        "architecture-missing",
        {"run__architecture": REMOVED, "run__training_compute__method": "architecture"},
        {"run__architecture": REMOVED, "run__training_compute__method": "hardware"},
    ),
    Case(
        "architecture-missing",
        {"run__architecture__tokens": REMOVED},
        {
            "run__architecture__tokens": REMOVED,
            "run__architecture__forward_passes": "1e9",
            "run__architecture__operations_per_pass": "2.3e16",
        },
    ),
    _removed("inclusions-missing", "run__inclusions__has_discarded_synthetic_data"),
    _removed("base-model-incomplete", "run__base_model__is_public", base="fine_tune"),
    Case(
        "base-model-incomplete",
        {"run__base_model__modification_compute_flop": REMOVED},
        {"run__base_model__modification_compute_flop": REMOVED, "filer__role": "model_provider"},
        base="fine_tune",
    ),
    _removed("energy-missing", "run__energy", {"run__energy": {"withheld_reason": "Trade secret"}}, base="completed"),
    _removed("energy-missing", "run__energy__method", base="completed"),
    _removed("biological-flag-missing", "run__biological_sequence_data"),
    _removed("model-name-missing", "model__version"),
    _removed("model-architecture-missing", "model__design_choices", {"stage": "monitoring"}, base="completed"),
    _removed("model-parameters-missing", "model__parameters_band"),
    Case(
        "model-modalities-missing",
        {"model__modalities_out__0__maximum_size": REMOVED, "stage": "completed"},
        {"model__modalities_out__0__maximum_size": REMOVED},
    ),
    _removed("licence-missing", "model__licence__category", {"model__licence__name": REMOVED}),
    _removed(
        "release-dates-missing",
        "model__release_on",
        {"model__release_on": REMOVED, "model__licence__category": "not_released"},
        base="completed",
    ),
    _removed("distribution-missing", "model__distribution", {"model__distribution": ["internal_only"]}),
    _removed("reach-missing", "model__reaches_10000_business_users", {"filer__role": "data_centre_operator"}),
    _removed("weights-missing", "model__weights__sha256", {"stage": "monitoring"}, base="completed"),
    _removed("data-modalities-missing", "data__modalities"),
    _removed("data-size-missing", "data__size_band"),
    _removed("data-provenance-missing", "data__provenance", {"data__provenance_description": REMOVED}),
    _removed("data-points-missing", "data__points_band"),
    _removed("data-sensitivity-missing", "data__sensitive_categories", {"data__sensitive_categories": ["none"]}),
    _removed("data-path-missing", "data__transfers__0__volume_tb", {"data__transfers__0__carrier": REMOVED}),
    _removed("facility-missing", "facilities", {"facilities__0__operator_lei": REMOVED}),
    _removed("facility-power-missing", "facilities__0__interconnect_gbit_per_s"),
    Case(
        "facility-control-missing",
        {"facilities__0__remote_access_countries": [], "stage": "monitoring"},
        {"facilities__0__remote_access_countries": [], "stage": "planned"},
    ),
    _removed("security-missing", "security__weights_protection", {"security__certifications": REMOVED}),
    _removed("statements-missing", "attestations__2__signed_on"),
    Case("rebuttal-incomplete", {"rebuttal": _without(_REBUTTAL, "arguments")}, {"rebuttal": _REBUTTAL}),
    Case("incident-incomplete", {"incident": _without(_INCIDENT, "kind")}, {"incident": _INCIDENT}),
    _removed("signature-missing", "signature__capacity", {"signature__place": REMOVED}),
    Case(
        "signature-missing",
        {"signature": REMOVED},
        context={"kind": "withdrawal"},
    ),
    Case("representative-missing", _ABROAD, {"filer__seat_country": "DE"}),
    Case(
        "filer-identifier-missing",
        {"filer__lei": REMOVED, "filer__euid": REMOVED, "filer__vat": REMOVED},
        {"filer__lei": REMOVED, "filer__euid": REMOVED},
    ),
    Case("fewer-than-three-contacts", {"filer__contacts__2": REMOVED}, {}),
    Case(
        "officers-missing",
        {"beneficial_ownership__owners": [], "beneficial_ownership__officers": []} | _NO_OWNER,
        {"beneficial_ownership__owners": []} | _NO_OWNER,
    ),
    Case("customer-missing", {"customer": REMOVED}, {"customer": REMOVED, "filer__role": "model_provider"}, "rented"),
    Case(
        "reseller-chain-missing",
        {"filer__role": "reseller", "customer__reseller_chain": []},
        {"filer__role": "reseller", "customer__reseller_chain": [_RESELLER]},
        base="rented",
    ),
    Case("base-model-missing", {"run__stage": "fine_tuning"}, {"run__stage": "merge"}),
    Case(
        "base-model-missing",
        {"run__stage": "continued_pre_training"},
        {"run__stage": "continued_pre_training", "run__base_model": _BASE_MODEL},
    ),
    Case(
        "machines-missing",
        {"run__hardware": [], "run__training_compute__method": "architecture"},
        {"run__training_compute__method": "architecture"},
    ),
    Case("statement-absent", {"attestations__2": REMOVED}, {}),
    Case(
        "lau-or-nuts-missing",
        {"facilities__0__lau_code": REMOVED, "facilities__0__nuts_code": REMOVED},
        {"facilities__0__lau_code": REMOVED},
    ),
    Case("incident-not-reported", {"incident": _without(_INCIDENT, "reported_to")}, {"incident": _INCIDENT}),
    Case("rebuttal-without-benchmarks", {"rebuttal": _without(_REBUTTAL, "benchmarks")}, {"rebuttal": _REBUTTAL}),
)
