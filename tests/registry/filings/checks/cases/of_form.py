"""Cases of the checks of form across members."""

from tests import documents
from tests.documents import REMOVED
from tests.registry.filings.checks.cases.case import Case, Changes

_SECOND = documents.facility() | {"facility_id": "lyon-2", "name": "Lyon Exemple 2"}
_MANDATE = {"name": "Repräsentanz GmbH", "country": "DE", "mandate_starts_on": "2026-10-01"}
_ENTRY = documents.run()["hardware"][0] | {"duration_seconds": "3542400"}
_TWO_PERIODS = [
    _ENTRY | {"ends_on": "2027-02-20"},
    _ENTRY | {"facility_id": "lyon-2", "starts_on": "2027-02-21"},
]


def _named(reference: str) -> Changes:
    return {"run__base_model__filing_reference": reference}


def _mandate(country: str) -> Changes:
    return {"filer__seat_country": "US", "filer__authorised_representative": _MANDATE | {"country": country}}


CASES = (
    Case(
        "facility-id-twice",
        {"facilities__1": _SECOND | {"facility_id": "lyon-1"}},
        {"facilities__1": _SECOND},
        pointer="/facilities/1/facility_id",
    ),
    Case("facility-unknown", {"run__hardware__0__facility_id": "lyon-9"}, {"run__hardware__0__facility_id": REMOVED}),
    Case(
        "hardware-without-facility",
        {"run__hardware__0__facility_id": REMOVED, "facilities__1": _SECOND},
        {"run__hardware__0__facility_id": REMOVED},
    ),
    Case(
        "facility-without-hardware",
        {"facilities__1": _SECOND},
        {"facilities__1": _SECOND, "run__hardware": _TWO_PERIODS},
        pointer="/facilities/1/facility_id",
    ),
    Case(
        "hardware-entry-twice",
        {"run__hardware__1": documents.run()["hardware"][0]},
        {"run__hardware__1": documents.run()["hardware"][0] | {"period": "2"}},
        pointer="/run/hardware/1",
    ),
    Case(
        "owner-id-twice",
        {"beneficial_ownership__owners__1__person_id": "person-1"},
        {"beneficial_ownership__owners__1__person_id": "person-3"},
        pointer="/beneficial_ownership/owners/1/person_id",
    ),
    Case(
        "owner-id-twice",
        {"beneficial_ownership__entities__0__entity_id": "filer"},
        {},
        pointer="/beneficial_ownership/entities/0/entity_id",
    ),
    Case(
        "holding-of-unknown",
        {"beneficial_ownership__holdings__1__owner_id": "person-9"},
        {"beneficial_ownership__holdings__1__owner_id": "person-2"},
    ),
    Case(
        "holding-of-itself",
        {"beneficial_ownership__holdings__0__owner_id": "filer"},
        {"beneficial_ownership__holdings__0__owner_id": "person-1"},
    ),
    Case(
        "base-reference-malformed",
        _named("ECAR-2026-000123-5"),
        _named("ECAR-2026-000123-7"),
        base="fine_tune",
    ),
    Case("base-reference-malformed", _named("ECAR-26-1"), _named("internal-26-1"), base="fine_tune"),
    Case(
        "code-twice",
        {"data__provenance": ["web_crawling", "synthetic", "web_crawling"]},
        {"data__provenance": ["web_crawling", "synthetic"]},
        pointer="/data/provenance/2",
    ),
    Case(
        "code-twice",
        {"attestations__1__statement": "no_russian_customer"},
        {"attestations__1__statement": "no_russian_re_export"},
        pointer="/attestations/1",
    ),
    Case(
        "none-beside-others",
        {"data__sensitive_categories": ["health", "none"]},
        {"data__sensitive_categories": ["none"]},
        pointer="/data/sensitive_categories/1",
    ),
    Case(
        "nace-incomplete",
        {"filer__nace_version": REMOVED},
        {"filer__nace_version": REMOVED, "filer__nace_code": REMOVED},
    ),
    Case(  # the first o is Cyrillic
        "name-mixes-scripts",
        {"filer__legal_name": "Aurélia Mоdèles SA"},
        {"filer__legal_name": "Αυρηλία Μοντέλα ΑΕ"},
    ),
    Case("identifier-of-other-country", {"filer__seat_country": "DE"}, {"filer__seat_country": "CH"}),
    Case("representative-abroad", _mandate("CH"), _mandate("SE")),
    Case(
        "nuts-of-other-country",
        {"facilities__0__country": "GR", "facilities__0__nuts_code": "GR301"},
        {"facilities__0__country": "GR", "facilities__0__nuts_code": "EL301"},
    ),
    Case(
        "contacts-alike",
        {"filer__contacts__2__email": "tomasz.wilk@aurelia.example"},
        {"filer__contacts__2__email": "tomasz.wilk2@aurelia.example"},
        pointer="/filer/contacts/2/email",
    ),
    Case(
        "weights-holder-elsewhere",
        {"model__weights__holders__0__country": "NL"},
        {"model__weights__holders__0__country": "NL", "model__weights__stored_in_countries": ["FR", "NL"]},
    ),
    Case(
        "data-go-elsewhere",
        {"data__transfers__0__to_country": "NL"},
        {"data__transfers__0__to_country": "FR"},
    ),
)
