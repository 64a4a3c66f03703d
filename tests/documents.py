"""Filing documents of invented organisations, complete and consistent, as plain JSON values.

- `planned_run`: the plan of a pre-training on 8,192 H100 for 82 days at an MFU of 0.40:
  8192 x 7,084,800 s x 989.4e12 FLOP/s x 0.40 = 2.297e25 FLOP; by architecture 6 x 4.05e11 x 9.45e12 = 2.296e25.
- `completed_run`: such a run after its end, a year earlier, with energy: 8192 x 0.7 kW x 1.3 x 1,968 h = 14,671 MWh.
- `fine_tune`: a modification on 64 H100 for 5 days at 0.35: 9.57e21 FLOP, far below a third of its base.
- `rented_run`: the planned run as the compute provider files it, with its customer.

Every builder takes changes by path: `planned_run(run__hardware__0__count=4096, data=REMOVED)`.
"""

from copy import deepcopy
from typing import Any

REMOVED = object()

AURELIA_LEI = "5299009AURELIAMODE71"
AURELIA_HOLDING_LEI = "5299009AURELIAHOLD19"
NORDLICHT_LEI = "5299009NORDLICHTR044"
HELVER_LEI = "5299009HELVERGROU044"
H100 = "nvidia-h100-sxm5-80gb"
H100_PEAK_FLOP_PER_S = "989400000000000"


def changed(document: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A copy of `document` with each member at `path__to__member` set, or taken out where the value is `REMOVED`."""
    copy = deepcopy(document)
    for path, value in changes.items():
        *above, last = (int(part) if part.isdecimal() else part for part in path.split("__"))
        place: Any = copy
        for part in above:
            place = place[part] if isinstance(part, int) else place.setdefault(part, {})
        if value is REMOVED:
            place.pop(last)
        elif isinstance(last, int) and last == len(place):
            place.append(deepcopy(value))
        else:
            place[last] = deepcopy(value)
    return copy


def filer() -> dict[str, Any]:
    """An invented developer of models with its seat in France."""
    return {
        "role": "model_provider",
        "legal_name": "Aurélia Modèles SA",
        "trade_names": ["Aurélia"],
        "lei": AURELIA_LEI,
        "euid": "FR7501.999999006",
        "vat": "FR42999999006",
        "eori": "FR99999900600011",
        "nace_code": "62.10",
        "nace_version": "2.1",
        "website": "https://aurelia.example/",
        "seat_country": "FR",
        "seat_address": "12 rue de l'Exemple, 75011 Paris",
        "ultimate_parent": {
            "name": "Aurélia Holding BV",
            "lei": AURELIA_HOLDING_LEI,
            "registration_number": "NL 99900001",
            "headquarters_country": "NL",
        },
        "incorporated_on": "2019-03-04",
        "relation_began_on": "2023-09-01",
        "employees_count": 420,
        "annual_turnover_eur": "185000000",
        "contacts": [
            {
                "name": "Inès Carpentier",
                "function": "Head of regulatory affairs",
                "email": "ines.carpentier@aurelia.example",
                "phone": "+33100000001",
            },
            {
                "name": "Tomasz Wilk",
                "function": "Training lead",
                "email": "tomasz.wilk@aurelia.example",
                "phone": "+33100000002",
            },
            {
                "name": "Maren Schaaf",
                "function": "General counsel",
                "email": "maren.schaaf@aurelia.example",
                "phone": "+33100000003",
            },
        ],
        "alert_contact": {"name": "Duty desk", "email": "duty@aurelia.example", "phone": "+33100000004"},
    }


def ownership() -> dict[str, Any]:
    """Two natural persons who hold the filer through one holding company."""
    return {
        "as_of_on": "2026-03-03",
        "confirmed_on": "2026-03-03",
        "owners": [
            {
                "person_id": "person-1",
                "name": "Claire Vasseur",
                "born_on": "1971-05-18",
                "nationalities": ["FR"],
                "residence_country": "FR",
                "residential_address": "3 allée des Exemples, 69003 Lyon",
                "share_percent": "55",
                "control_kinds": ["ownership", "voting_rights"],
                "interest_since_on": "2019-03-04",
            },
            {
                "person_id": "person-2",
                "name": "Joost de Wit",
                "born_on": "1968-11-02",
                "nationalities": ["NL"],
                "residence_country": "NL",
                "share_percent": "45",
                "control_kinds": ["ownership"],
                "interest_since_on": "2019-03-04",
            },
        ],
        "entities": [
            {"entity_id": "holding", "name": "Aurélia Holding BV", "country": "NL", "lei": AURELIA_HOLDING_LEI}
        ],
        "holdings": [
            {"owner_id": "holding", "owned_id": "filer", "share_percent": "100", "voting_percent": "100"},
            {"owner_id": "person-1", "owned_id": "holding", "share_percent": "55", "voting_percent": "55"},
            {"owner_id": "person-2", "owned_id": "holding", "share_percent": "45", "voting_percent": "45"},
        ],
        "officers": [
            {
                "name": "Claire Vasseur",
                "function": "Chief executive",
                "nationality": "FR",
                "residence_country": "FR",
                "since_on": "2019-03-04",
            }
        ],
    }


def run() -> dict[str, Any]:
    """A planned pre-training of 2.3e25 FLOP, January to April 2027; the estimate was known on 16 November 2026."""
    return {
        "client_run_id": "aurelia-3-pretraining",
        "lineage_id": "aurelia-3",
        "stage": "pre_training",
        "planned_start_on": "2027-01-11",
        "planned_end_on": "2027-04-02",
        "training_compute": {
            "training_compute_flop": "2.3e25",
            "cumulative_training_compute_flop": "2.3e25",
            "method": "hardware",
            "approach": "N x L x H x U over one period of constant N, checked against 6 x P x D.",
            "assumptions": ["MFU of 0.40, as measured on the preceding run of the same size"],
            "approximations": ["Restarts and checkpoints are within the utilisation"],
            "uncertainty_percent": "10",
        },
        "hardware": [
            {
                "period": "1",
                "facility_id": "lyon-1",
                "accelerator": H100,
                "count": 8192,
                "duration_seconds": "7084800",
                "peak_flop_per_s": H100_PEAK_FLOP_PER_S,
                "precision": "bf16",
                "is_dense": True,
                "peak_source": "Vendor datasheet, dense BF16",
                "utilisation": "0.40",
                "utilisation_kind": "mfu",
                "starts_on": "2027-01-11",
                "ends_on": "2027-04-02",
            }
        ],
        "architecture": {
            "kind": "dense",
            "parameters_total": "4.05e11",
            "parameters_active": "4.05e11",
            "tokens": "9.45e12",
            "epochs": "1",
            "context_tokens": 8192,
        },
        "inclusions": {
            "has_non_public_synthetic_data": False,
            "has_discarded_synthetic_data": False,
            "has_merged_or_initial_weights": False,
            "exclusions": ["diagnostics", "research_and_failed_experiments", "activation_recomputation"],
        },
        "known_on": "2026-11-16",
        "biological_sequence_data": False,
    }


def model() -> dict[str, Any]:
    """The model of that run: text in, text out."""
    return {
        "name": "Aurelia",
        "version": "3.0",
        "architecture": "Dense decoder-only transformer, 126 layers, grouped-query attention",
        "parameters": "4.05e11",
        "parameters_band": "100b-500b",
        "modalities_in": [{"modality": "text", "maximum_size": "8,192 tokens"}],
        "modalities_out": [{"modality": "text", "maximum_size": "8,192 tokens"}],
        "licence": {"name": "Aurelia terms of use", "category": "proprietary"},
        "release_on": "2027-09-01",
        "union_placing_on": "2027-09-01",
        "distribution": ["api"],
        "distribution_description": "Own programming interface, hosted in France",
        "expected_business_users_count": 14000,
        "reaches_10000_business_users": True,
        "expected_end_users_count": 900000,
        "weights": {
            "stored_in_countries": ["FR"],
            "holders": [{"name": "Aurélia Modèles SA", "country": "FR"}],
        },
    }


def data() -> dict[str, Any]:
    """The training data: crawled and licensed text that arrives by network."""
    return {
        "modalities": ["text"],
        "size_band": "10tb-100tb",
        "provenance": ["web_crawling", "private_licensed", "publicly_available"],
        "provenance_description": "Own crawl until June 2026, two licensed archives, public corpora.",
        "crawl_ended_on": "2026-06-30",
        "points_band": "1b-1t",
        "sensitive_categories": ["personal_data", "copyrighted"],
        "origin_countries": ["FR", "DE", "NL"],
        "transfers": [
            {
                "from_country": "NL",
                "to_country": "FR",
                "medium": "network",
                "volume_tb": "38",
                "on": "2026-10-12",
                "carrier": "Réseau Exemple",
            }
        ],
    }


def facility() -> dict[str, Any]:
    """An invented data centre near Lyon: 12 MW of IT power for 10,240 H100 (7.2 MW of chips)."""
    return {
        "facility_id": "lyon-1",
        "name": "Lyon Exemple 1",
        "operator": "Nordlicht Rechenzentren GmbH",
        "operator_lei": NORDLICHT_LEI,
        "owner": "Nordlicht Rechenzentren GmbH",
        "kind": "co_hosting",
        "country": "FR",
        "lau_code": "69290",
        "nuts_code": "FRK26",
        "in_operation_from": "2023-05-01",
        "installed_it_power_kw": "12000",
        "size_class": "over-10mw",
        "power_usage_effectiveness": "1.21",
        "annual_energy_mwh": "92000",
        "accelerators": [{"accelerator": H100, "count": 10240, "status": "installed"}],
        "interconnect_gbit_per_s": "400",
        "theoretical_peak_flop_per_s": "1.013e19",
        "hardware_control": "lessee",
        "controlled_by": "Aurélia Modèles SA",
        "remote_access_countries": ["FR", "NL"],
    }


def statements(*, signed_on: str, signed_at: str) -> dict[str, Any]:
    """Protection, the three attestations and the signature."""
    kinds = ("no_russian_customer", "no_russian_re_export", "no_military_end_use")
    return {
        "security": {
            "physical_protection": "Fenced site, two-person access to the halls, cameras kept for 90 days.",
            "cyber_protection": "Separate training network, hardware keys for all administrators.",
            "weights_protection": "Encrypted at rest; export only with two approvals.",
            "certifications": ["ISO/IEC 27001:2022"],
        },
        "attestations": [
            {"statement": kind, "is_affirmed": True, "signed_by": "Claire Vasseur", "signed_on": signed_on}
            for kind in kinds
        ],
        "signature": {
            "name": "Claire Vasseur",
            "capacity": "Chief executive",
            "signed_at": signed_at,
            "place": "Paris",
            "warning_acknowledged": True,
        },
    }


def planned_run(**changes: Any) -> dict[str, Any]:
    """The plan of the large pre-training, signed on 20 November 2026."""
    document = {
        "schema_version": "1.0",
        "stage": "planned",
        "language": "en",
        "illustrative": True,
        "filer": filer(),
        "beneficial_ownership": ownership(),
        "run": run(),
        "model": model(),
        "data": data(),
        "facilities": [facility()],
        **statements(signed_on="2026-11-20", signed_at="2026-11-20T10:30:00+01:00"),
    }
    return changed(document, **changes)


def completed_run(**changes: Any) -> dict[str, Any]:
    """A run of the same size that ended on 24 April 2026, signed on 4 May 2026."""
    document = changed(
        planned_run(),
        stage="completed",
        run__client_run_id="aurelia-2-pretraining",
        run__lineage_id="aurelia-2",
        run__planned_start_on="2026-02-02",
        run__planned_end_on="2026-04-24",
        run__actual_start_on="2026-02-02",
        run__actual_end_on="2026-04-24",
        run__wall_clock_hours="1968",
        run__hardware__0__starts_on="2026-02-02",
        run__hardware__0__ends_on="2026-04-24",
        run__met_on="2026-03-14",
        run__known_on="2026-01-12",
        run__energy={"energy_mwh": "14700", "method": "Metered at the busbars of the halls, with PUE 1.21."},
        model__version="2.0",
        model__design_choices="Grouped-query attention for shorter inference; trained on one epoch.",
        model__release_on="2026-06-01",
        model__union_placing_on="2026-06-01",
        model__weights__sha256="5f" * 32,
        data__crawl_ended_on="2025-06-30",
        data__transfers__0__on="2025-12-12",
        beneficial_ownership__as_of_on="2025-11-03",
        **statements(signed_on="2026-05-04", signed_at="2026-05-04T09:00:00+02:00"),
    )
    return changed(document, **changes)


def fine_tune(**changes: Any) -> dict[str, Any]:
    """A planned fine-tuning of somebody else's model by a small company in Denmark: 9.6e21 FLOP."""
    document = changed(
        planned_run(),
        filer__role="downstream_modifier",
        filer__legal_name="Helver Tekst ApS",
        filer__trade_names=["Helver"],
        filer__lei=HELVER_LEI,
        filer__euid=REMOVED,
        filer__vat=REMOVED,
        filer__eori=REMOVED,
        filer__seat_country="DK",
        filer__seat_address="Eksempelvej 4, 8000 Aarhus",
        filer__ultimate_parent={"name": "Helver Tekst ApS", "lei": HELVER_LEI, "headquarters_country": "DK"},
        filer__employees_count=18,
        filer__annual_turnover_eur="2400000",
        run__client_run_id="helver-legal-danish",
        run__lineage_id="aurelia-2",
        run__stage="fine_tuning",
        run__planned_start_on="2026-12-07",
        run__planned_end_on="2026-12-11",
        run__training_compute__training_compute_flop="9.6e21",
        run__training_compute__cumulative_training_compute_flop=REMOVED,
        run__hardware__0__count=64,
        run__hardware__0__duration_seconds="432000",
        run__hardware__0__utilisation="0.35",
        run__hardware__0__starts_on="2026-12-07",
        run__hardware__0__ends_on="2026-12-11",
        run__architecture__tokens="3.94e9",
        run__inclusions__has_merged_or_initial_weights=True,
        run__inclusions__merged_or_initial_weights_flop="2.3e25",
        run__base_model={
            "name": "Aurelia",
            "version": "2.0",
            "provider": "Aurélia Modèles SA",
            "training_compute_flop": "2.3e25",
            "training_compute_knowledge": "known",
            "is_systemic_risk": True,
            "is_public": False,
            "modification_compute_flop": "9.6e21",
        },
        run__known_on=REMOVED,
        model__name="Helver Jura",
        model__version="1.0",
        model__release_on="2027-02-01",
        model__union_placing_on="2027-02-01",
        model__expected_business_users_count=40,
        model__reaches_10000_business_users=False,
        model__expected_end_users_count=600,
    )
    return changed(document, **changes)


def rented_run(**changes: Any) -> dict[str, Any]:
    """The planned run as the compute provider files it: a German company about its French customer."""
    document = changed(
        planned_run(),
        filer__role="compute_provider",
        filer__legal_name="Nordlicht Rechenzentren GmbH",
        filer__trade_names=["Nordlicht"],
        filer__lei=NORDLICHT_LEI,
        filer__euid=REMOVED,
        filer__vat=REMOVED,
        filer__eori=REMOVED,
        filer__nace_code="63.10",
        filer__seat_country="DE",
        filer__seat_address="Beispielallee 7, 20095 Hamburg",
        filer__ultimate_parent={
            "name": "Nordlicht Rechenzentren GmbH",
            "lei": NORDLICHT_LEI,
            "headquarters_country": "DE",
        },
        run__client_run_id="order-2026-4711",
        customer={
            "name": "Aurélia Modèles SA",
            "lei": AURELIA_LEI,
            "address": "12 rue de l'Exemple, 75011 Paris",
            "country": "FR",
            "email": "achats@aurelia.example",
            "phone": "+33100000005",
            "payment_means": "bank_transfer",
            "payer_name": "Aurélia Modèles SA",
            "payment_source": "Account at a bank in France, in the customer's name",
            "payment_country": "FR",
            "access_addresses": [
                {
                    "address": "192.0.2.17",
                    "country": "FR",
                    "first_at": "2026-11-02T08:00:00Z",
                    "last_at": "2026-11-19T17:45:00Z",
                }
            ],
            "beneficial_owners": [{"name": "Claire Vasseur", "country": "FR", "share_percent": "55"}],
            "business_purpose": "Pre-training of a language model for own products.",
            "end_use": "A model offered through a programming interface.",
            "end_user_name": "Aurélia Modèles SA",
            "end_user_country": "FR",
            "end_user_statement": "The customer is the end user and resells no capacity.",
            "verification_method": "Register extract and video identification of the signatory",
            "verified_on": "2026-10-05",
        },
    )
    return changed(document, **changes)
