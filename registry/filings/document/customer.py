"""The customer as the compute provider sees it: identity, payment, resellers, purpose (CUST-1 to 3)."""

from functools import partial
from typing import Annotated, Literal

from registry.filings.document.elements import PLANNED, element
from registry.forms.parts import Part
from registry.forms.scalars import (
    Country,
    Day,
    Email,
    Euid,
    IpAddress,
    Lei,
    Line,
    Listing,
    Moment,
    Name,
    Percent,
    Phone,
    Prose,
)

_identity = partial(element, code="CUST-1", cls="S", source="89 FR 5698; SB 1047 §22604")
_chain = partial(element, code="CUST-2", cls="S", source="89 FR 5698 (resellers)")
_purpose = partial(element, code="CUST-3", cls="S", source="SB 1047 §22604(a)(1)-(2); BIS guidance of 13 May 2025")


class AccessAddress(Part):
    """An internet address from which the customer used or administered the accelerators."""

    address: IpAddress | None = _identity(text="access_address.address", needed=PLANNED)
    country: Country | None = _identity(text="access_address.country")
    first_at: Moment | None = _identity(text="access_address.first_at")
    last_at: Moment | None = _identity(text="access_address.last_at")


class CustomerOwner(Part):
    """A beneficial owner of the customer, as the compute provider established it."""

    name: Name | None = _identity(text="customer_owner.name", needed=PLANNED)
    country: Country | None = _identity(text="customer_owner.country")
    share_percent: Percent | None = _identity(text="customer_owner.share_percent")


class Reseller(Part):
    """One link of the chain between compute provider and customer, nearest to the provider first."""

    name: Name | None = _chain(text="reseller.name", needed=PLANNED)
    country: Country | None = _chain(text="reseller.country", needed=PLANNED)
    lei: Lei | None = _chain(text="reseller.lei")
    euid: Euid | None = _chain(text="reseller.euid")
    has_own_verification: bool | None = _chain(text="reseller.has_own_verification")


class Customer(Part):
    """Who rents the accelerators."""

    name: Name | None = _identity(text="customer.name", needed=PLANNED)
    lei: Lei | None = _identity(text="customer.lei")
    euid: Euid | None = _identity(text="customer.euid")
    address: Line | None = _identity(text="customer.address", needed=PLANNED)
    country: Country | None = _identity(text="customer.country", needed=PLANNED)
    email: Email | None = _identity(text="customer.email", needed=PLANNED)
    phone: Phone | None = _identity(text="customer.phone", needed=PLANNED)
    payment_means: Literal["bank_transfer", "card", "direct_debit", "crypto_asset", "credits", "other"] | None = (
        _identity(text="customer.payment_means", needed=PLANNED)
    )
    payer_name: Name | None = _identity(text="customer.payer_name", needed=PLANNED)
    payment_source: Line | None = _identity(text="customer.payment_source")
    payment_country: Country | None = _identity(text="customer.payment_country", needed=PLANNED)
    access_addresses: Annotated[tuple[AccessAddress, ...], Listing] = _identity(
        text="customer.access_addresses", default=(), max_length=200
    )
    beneficial_owners: Annotated[tuple[CustomerOwner, ...], Listing] = _identity(
        text="customer.beneficial_owners", default=(), max_length=100
    )
    reseller_chain: Annotated[tuple[Reseller, ...], Listing] = _chain(
        text="customer.reseller_chain", default=(), max_length=20
    )
    business_purpose: Prose | None = _purpose(text="customer.business_purpose", needed=PLANNED)
    end_use: Prose | None = _purpose(text="customer.end_use", needed=PLANNED)
    end_user_name: Name | None = _purpose(text="customer.end_user_name")
    end_user_country: Country | None = _purpose(text="customer.end_user_country")
    end_user_statement: Prose | None = _purpose(text="customer.end_user_statement")
    verification_method: Line | None = _purpose(text="customer.verification_method", needed=PLANNED)
    verified_on: Day | None = _purpose(text="customer.verified_on", needed=PLANNED)
