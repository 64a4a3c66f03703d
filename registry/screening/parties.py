"""From a filing's document to the customers that the rules look at: the filer itself, and whom it rents to. Pure."""

from datetime import date
from decimal import Decimal
from typing import Final, cast

from registry.filings.document import FilingDocument
from registry.filings.document.customer import Customer
from registry.filings.document.filer import BeneficialOwnership, Filer
from registry.screening.shapes import (
    ContractingEntity,
    CustomerSnapshot,
    Director,
    Owner,
    Party,
    Payment,
    RequestedBy,
    Reseller,
)

_REQUESTED_BY: Final = {"filer": "customer"}  # in a filer's document the customer of the compute provider is the filer
_HUNDRED: Final = 100


def filer(content: FilingDocument, *, as_of: date) -> CustomerSnapshot:
    """The organisation that files, as a customer of whoever lets it compute. Directors' other posts nobody states."""
    stated, ownership = content.filer, content.beneficial_ownership
    parent = stated.ultimate_parent
    parents = (parent,) if parent is not None and parent.name else ()
    return CustomerSnapshot(
        as_of=as_of,
        name=stated.legal_name,
        seat_country=stated.seat_country,
        incorporated_on=stated.incorporated_on,
        contract_on=stated.relation_began_on,
        previous_entities=_before(stated),
        directors=tuple(Director(name=each.name) for each in (ownership.officers if ownership else ()) if each.name),
        parents=tuple(Party(name=each.name or "", country=each.headquarters_country or "") for each in parents),
        beneficial_owners=_owners(ownership),
        is_owner_unknown=bool(ownership and ownership.no_owner_reason and not ownership.owners),
        staff=stated.employees_count,
        revenue_eur=stated.annual_turnover_eur,
        ended_on=content.run.actual_end_on,
    )


def customer(content: FilingDocument, *, as_of: date) -> CustomerSnapshot | None:
    """Whom a compute provider rents to, None where the document names no customer."""
    stated = content.customer
    if stated is None or not stated.name:
        return None
    accesses = stated.access_addresses
    return CustomerSnapshot(
        as_of=as_of,
        name=stated.name,
        seat_country=stated.country or "",
        provider=content.filer.legal_name,
        provider_country=content.filer.seat_country,
        beneficial_owners=tuple(
            Owner(name=each.name, share=_share(each.share_percent), country=each.country or "")
            for each in stated.beneficial_owners
            if each.name
        ),
        end_users=_end_users(stated),
        resellers=tuple(
            Reseller(
                party=Party(name=each.name, country=each.country or ""), has_attestation=bool(each.has_own_verification)
            )
            for each in stated.reseller_chain
            if each.name
        ),
        payments=_payments(stated),
        declared_access_countries=frozenset(
            country for facility in content.facilities for country in facility.remote_access_countries
        ),
        observed_access_countries=frozenset(each.country for each in accesses if each.country),
        purpose=stated.business_purpose or "",
        ended_on=content.run.actual_end_on,
    )


def _before(stated: Filer) -> tuple[ContractingEntity, ...]:
    return tuple(
        ContractingEntity(
            name=each.name,
            country=each.country or "",
            until_on=each.until_on,
            change_requested_by=cast(
                "RequestedBy", _REQUESTED_BY.get(each.change_requested_by or "", each.change_requested_by or "")
            ),
        )
        for each in stated.previous_contracting_entities
        if each.name
    )


def _owners(ownership: BeneficialOwnership | None) -> tuple[Owner, ...]:
    return tuple(
        Owner(
            name=each.name,
            share=_share(each.share_percent),
            country=each.residence_country or "",
            has_control=bool(each.control_kinds),
        )
        for each in (ownership.owners if ownership else ())
        if each.name
    )


def _end_users(stated: Customer) -> tuple[Party, ...]:
    if not stated.end_user_name:
        return ()
    return (Party(name=stated.end_user_name, country=stated.end_user_country or ""),)


def _payments(stated: Customer) -> tuple[Payment, ...]:
    if not stated.payer_name and not stated.payment_country:
        return ()
    return (Payment(payer=stated.payer_name or "", country=stated.payment_country or ""),)


def _share(percent: Decimal | None) -> Decimal | None:
    return None if percent is None else Decimal(percent) / _HUNDRED
