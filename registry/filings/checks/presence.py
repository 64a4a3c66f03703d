"""Checks of what must be there: one for each row of the schema, and what roles and seats ask besides. Pure."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from registry.filings.checks.needed import COMPUTE_SIDE
from registry.filings.checks.subject import Function, Hit, Subject, check, hit
from registry.organisations.identifiers import MEMBER_STATES

CODE_OF_ROW: Final[Mapping[str, str]] = MappingProxyType(
    {
        "FILER-3": "filer-seat-missing",
        "FILER-4": "filer-history-missing",
        "FILER-5": "contacts-missing",
        "FILER-6": "representative-incomplete",
        "UBO-1": "beneficial-owners-missing",
        "UBO-2": "ownership-date-missing",
        "CUST-1": "customer-incomplete",
        "CUST-2": "reseller-incomplete",
        "CUST-3": "customer-purpose-missing",
        "RUN-1": "lineage-missing",
        "RUN-2": "run-dates-missing",
        "RUN-3": "estimate-missing",
        "RUN-4": "hardware-missing",
        "RUN-5": "architecture-missing",
        "RUN-6": "inclusions-missing",
        "RUN-7": "base-model-incomplete",
        "RUN-9": "energy-missing",
        "RUN-10": "biological-flag-missing",
        "MODEL-1": "model-name-missing",
        "MODEL-2": "model-architecture-missing",
        "MODEL-3": "model-parameters-missing",
        "MODEL-4": "model-modalities-missing",
        "MODEL-5": "licence-missing",
        "MODEL-6": "release-dates-missing",
        "MODEL-7": "distribution-missing",
        "MODEL-8": "reach-missing",
        "MODEL-9": "weights-missing",
        "DATA-1": "data-modalities-missing",
        "DATA-2": "data-size-missing",
        "DATA-3": "data-provenance-missing",
        "DATA-4": "data-points-missing",
        "DATA-5": "data-sensitivity-missing",
        "DATA-6": "data-path-missing",
        "FAC-1": "facility-missing",
        "FAC-2": "facility-power-missing",
        "FAC-3": "facility-control-missing",
        "SEC-1": "security-missing",
        "SCR-1": "statements-missing",
        "REB-1": "rebuttal-incomplete",
        "INC-1": "incident-incomplete",
        "ATT-1": "signature-missing",
    }
)
"""Which check speaks for which row of the schema."""
CONTACTS: Final = 3
STATEMENTS: Final = ("no_russian_customer", "no_russian_re_export", "no_military_end_use")
STAGES_FROM_A_BASE: Final = frozenset({"continued_pre_training", "fine_tuning"})
ROLES_WITH_CUSTOMER: Final = frozenset({"compute_provider", "reseller"})


def _of_row(row: str) -> Function:
    def missing(subject: Subject) -> Iterator[Hit]:
        for pointer in subject.missing.get(row, ()):
            yield hit(pointer, element=pointer)

    return missing


for _row, _code in CODE_OF_ROW.items():
    check(_code)(_of_row(_row))


@check("representative-missing")
def _representative_missing(subject: Subject) -> Iterator[Hit]:
    filer = subject.document.filer
    is_abroad = filer.seat_country not in MEMBER_STATES
    if is_abroad and filer.role in ("model_provider", "downstream_modifier") and not filer.authorised_representative:
        yield hit("/filer/authorised_representative", country=filer.seat_country)


@check("filer-identifier-missing")
def _filer_identifier_missing(subject: Subject) -> Iterator[Hit]:
    filer = subject.document.filer
    if not (filer.lei or filer.euid or filer.vat):
        yield hit("/filer/lei")


@check("fewer-than-three-contacts")
def _fewer_than_three_contacts(subject: Subject) -> Iterator[Hit]:
    contacts = subject.document.filer.contacts
    if 0 < len(contacts) < CONTACTS:
        yield hit("/filer/contacts", count=len(contacts))


@check("officers-missing")
def _officers_missing(subject: Subject) -> Iterator[Hit]:
    ownership = subject.document.beneficial_ownership
    if ownership is not None and not ownership.owners and ownership.no_owner_reason and not ownership.officers:
        yield hit("/beneficial_ownership/officers")


@check("customer-missing")
def _customer_missing(subject: Subject) -> Iterator[Hit]:
    filed = subject.document
    if filed.filer.role in ROLES_WITH_CUSTOMER and filed.customer is None:
        yield hit("/customer")


@check("reseller-chain-missing")
def _reseller_chain_missing(subject: Subject) -> Iterator[Hit]:
    customer = subject.document.customer
    if subject.document.filer.role == "reseller" and customer is not None and not customer.reseller_chain:
        yield hit("/customer/reseller_chain")


@check("base-model-missing")
def _base_model_missing(subject: Subject) -> Iterator[Hit]:
    run = subject.run
    is_modifier = subject.document.filer.role == "downstream_modifier"
    if (
        run.base_model is None
        and subject.document.filer.role not in COMPUTE_SIDE
        and (run.stage in STAGES_FROM_A_BASE or is_modifier)
    ):
        yield hit("/run/base_model", stage=run.stage)


@check("machines-missing")
def _machines_missing(subject: Subject) -> Iterator[Hit]:
    compute = subject.run.training_compute
    method = compute.method if compute else None
    if not subject.run.hardware and method in ("architecture", "other"):
        yield hit("/run/hardware")


@check("statement-absent")
def _statement_absent(subject: Subject) -> Iterator[Hit]:
    made = {each.statement for each in subject.document.attestations}
    if made:
        for statement in STATEMENTS:
            if statement not in made:
                yield hit("/attestations", statement=statement)


@check("lau-or-nuts-missing")
def _lau_or_nuts_missing(subject: Subject) -> Iterator[Hit]:
    for index, facility in enumerate(subject.document.facilities):
        if facility.country in MEMBER_STATES and not (facility.lau_code or facility.nuts_code):
            yield hit(f"/facilities/{index}/lau_code", facility=facility.facility_id or str(index + 1))


@check("incident-not-reported")
def _incident_not_reported(subject: Subject) -> Iterator[Hit]:
    incident = subject.document.incident
    if incident is not None and not incident.reported_to:
        yield hit("/incident/reported_to")


@check("rebuttal-without-benchmarks")
def _rebuttal_without_benchmarks(subject: Subject) -> Iterator[Hit]:
    rebuttal = subject.document.rebuttal
    if rebuttal is not None and not rebuttal.benchmarks:
        yield hit("/rebuttal/benchmarks")
