"""Who files: the filer, its parents and representative, and the people who own it (FILER-1 to 6, UBO-1 and 2)."""

from functools import partial
from typing import Annotated, Literal

from registry.filings.document.elements import COMPLETED, MONITORING, PLANNED, element
from registry.forms.parts import Part
from registry.forms.scalars import (
    Count,
    Country,
    Email,
    Eori,
    Euid,
    Euros,
    HistoricDay,
    Lei,
    Line,
    Listing,
    Nace,
    Name,
    Percent,
    Phone,
    Prose,
    Reference,
    Url,
    Vat,
)

FilerRole = Literal[
    "model_provider",
    "downstream_modifier",
    "compute_provider",
    "reseller",
    "data_centre_operator",
    "authorised_representative",
]
NaceVersion = Literal["2.0", "2.1"]
ControlKind = Literal[
    "ownership", "voting_rights", "board_appointment", "veto", "agreement", "family", "nominee", "other"
]

_names = partial(element, code="FILER-2", cls="R", source="RAISE Act §1428(3)(a)")
_seat = partial(element, code="FILER-3", cls="S", source="BIS 31 May 2026; red flag 28")
_history = partial(element, code="FILER-4", cls="S", source="BIS guidance of 13 May 2025")
_contact = partial(element, code="FILER-5", cls="R", source="RAISE Act §1428(3)(d); AI Act Art. 90(3)(a)")
_mandate = partial(element, code="FILER-6", cls="R", source="AI Act Art. 54")
_owner = partial(element, code="UBO-1", cls="S", source="Regulation (EU) 2024/1624 Art. 51-54, 62, 63(4), 66")
_dated = partial(element, code="UBO-2", cls="S", source="Regulation (EU) 2024/1624 Art. 62(2), 63(2)")


class UltimateParent(Part):
    """The company at the top of the filer's group."""

    name: Name | None = _seat(text="ultimate_parent.name", needed=PLANNED)
    lei: Lei | None = _seat(text="ultimate_parent.lei")
    registration_number: Line | None = _seat(text="ultimate_parent.registration_number")
    headquarters_country: Country | None = _seat(text="ultimate_parent.headquarters_country", needed=PLANNED)


class PreviousEntity(Part):
    """A company that held the same contract before the filer."""

    name: Name | None = _history(text="previous_entity.name", needed=PLANNED)
    country: Country | None = _history(text="previous_entity.country", needed=PLANNED)
    lei: Lei | None = _history(text="previous_entity.lei")
    euid: Euid | None = _history(text="previous_entity.euid")
    until_on: HistoricDay | None = _history(text="previous_entity.until_on")
    change_requested_by: Literal["filer", "compute_provider", "authority", "other"] | None = _history(
        text="previous_entity.change_requested_by"
    )
    change_reason: Line | None = _history(text="previous_entity.change_reason")


class Contact(Part):
    """A person or desk the authority can reach."""

    name: Name | None = _contact(text="contact.name", needed=PLANNED)
    function: Line | None = _contact(text="contact.function")
    email: Email | None = _contact(text="contact.email", needed=PLANNED)
    phone: Phone | None = _contact(text="contact.phone")


class AuthorisedRepresentative(Part):
    """The representative in the Union of a provider established outside it."""

    name: Name | None = _mandate(text="representative.name", needed=PLANNED)
    country: Country | None = _mandate(text="representative.country", needed=PLANNED)
    lei: Lei | None = _mandate(text="representative.lei")
    euid: Euid | None = _mandate(text="representative.euid")
    address: Line | None = _mandate(text="representative.address")
    email: Email | None = _mandate(text="representative.email")
    mandate_reference: Line | None = _mandate(text="representative.mandate_reference")
    mandate_starts_on: HistoricDay | None = _mandate(text="representative.mandate_starts_on", needed=PLANNED)
    mandate_ends_on: HistoricDay | None = _mandate(text="representative.mandate_ends_on")


class Filer(Part):
    """The organisation that files."""

    role: FilerRole = element(
        code="FILER-1",
        cls="R",
        source="AI Act Art. 3(3), 54; Delegated Regulation (EU) 2024/1364 Art. 2(4)-(9)",
        text="filer.role",
        needed=PLANNED,
        default=...,
    )
    legal_name: Name = _names(text="filer.legal_name", needed=PLANNED, default=...)
    trade_names: Annotated[tuple[Name, ...], Listing] = _names(text="filer.trade_names", default=(), max_length=50)
    lei: Lei | None = _names(text="filer.lei")
    euid: Euid | None = _names(text="filer.euid")
    vat: Vat | None = _names(text="filer.vat")
    eori: Eori | None = _names(text="filer.eori")
    nace_code: Nace | None = _names(text="filer.nace_code")
    nace_version: NaceVersion | None = _names(text="filer.nace_version")
    website: Url | None = _names(text="filer.website")
    seat_country: Country = _seat(text="filer.seat_country", needed=PLANNED, default=...)
    seat_address: Line | None = _seat(text="filer.seat_address", needed=PLANNED)
    ultimate_parent: UltimateParent | None = _seat(text="filer.ultimate_parent", needed=PLANNED)
    incorporated_on: HistoricDay | None = _history(text="filer.incorporated_on", needed=PLANNED)
    relation_began_on: HistoricDay | None = _history(text="filer.relation_began_on")
    previous_contracting_entities: Annotated[tuple[PreviousEntity, ...], Listing] = _history(
        text="filer.previous_contracting_entities", default=(), max_length=50
    )
    employees_count: Count | None = _history(text="filer.employees_count")
    annual_turnover_eur: Euros | None = _history(text="filer.annual_turnover_eur")
    contacts: Annotated[tuple[Contact, ...], Listing] = _contact(
        text="filer.contacts", needed=PLANNED, default=(), max_length=10
    )
    alert_contact: Contact | None = _contact(text="filer.alert_contact", needed=PLANNED)
    authorised_representative: AuthorisedRepresentative | None = _mandate(text="filer.authorised_representative")


class BeneficialOwner(Part):
    """A natural person with an ownership interest in the filer, or control over it."""

    person_id: Reference | None = _owner(text="owner.person_id", needed=PLANNED)
    name: Name | None = _owner(text="owner.name", needed=PLANNED)
    born_on: HistoricDay | None = _owner(text="owner.born_on", needed=PLANNED)
    nationalities: Annotated[tuple[Country, ...], Listing] = _owner(
        text="owner.nationalities", needed=PLANNED, default=(), max_length=10
    )
    residence_country: Country | None = _owner(text="owner.residence_country", needed=PLANNED)
    residential_address: Line | None = _owner(text="owner.residential_address")
    share_percent: Percent | None = _owner(text="owner.share_percent")
    control_kinds: Annotated[tuple[ControlKind, ...], Listing] = _owner(
        text="owner.control_kinds", needed=PLANNED, default=(), max_length=8
    )
    control_description: Line | None = _owner(text="owner.control_description")
    interest_since_on: HistoricDay | None = _owner(text="owner.interest_since_on")


class ChainEntity(Part):
    """A company between the filer and its owners."""

    entity_id: Reference | None = _owner(text="chain_entity.entity_id", needed=PLANNED)
    name: Name | None = _owner(text="chain_entity.name", needed=PLANNED)
    country: Country | None = _owner(text="chain_entity.country", needed=PLANNED)
    lei: Lei | None = _owner(text="chain_entity.lei")
    euid: Euid | None = _owner(text="chain_entity.euid")
    registration_number: Line | None = _owner(text="chain_entity.registration_number")


class Holding(Part):
    """One edge of the ownership chain: who holds how much of whom. The filer itself is `filer`."""

    owner_id: Reference | None = _owner(text="holding.owner_id", needed=PLANNED)
    owned_id: Reference | None = _owner(text="holding.owned_id", needed=PLANNED)
    share_percent: Percent | None = _owner(text="holding.share_percent", needed=PLANNED)
    voting_percent: Percent | None = _owner(text="holding.voting_percent")
    since_on: HistoricDay | None = _owner(text="holding.since_on")


class Nominee(Part):
    """Someone who holds for somebody else."""

    nominee_name: Name | None = _owner(text="nominee.nominee_name", needed=PLANNED)
    nominator_name: Name | None = _owner(text="nominee.nominator_name", needed=PLANNED)
    capacity: Literal["shareholder", "director", "other"] | None = _owner(text="nominee.capacity")


class Officer(Part):
    """A director or senior managing official."""

    name: Name | None = _owner(text="officer.name", needed=PLANNED)
    function: Line | None = _owner(text="officer.function", needed=PLANNED)
    nationality: Country | None = _owner(text="officer.nationality")
    residence_country: Country | None = _owner(text="officer.residence_country")
    since_on: HistoricDay | None = _owner(text="officer.since_on")


class BeneficialOwnership(Part):
    """Who owns and controls the filer, as of a day."""

    as_of_on: HistoricDay | None = _dated(text="ownership.as_of_on", needed=MONITORING)
    changed_on: HistoricDay | None = _dated(text="ownership.changed_on")
    confirmed_on: HistoricDay | None = _dated(text="ownership.confirmed_on", needed=COMPLETED)
    owners: Annotated[tuple[BeneficialOwner, ...], Listing] = _owner(
        text="ownership.owners", needed=PLANNED, default=(), max_length=200
    )
    entities: Annotated[tuple[ChainEntity, ...], Listing] = _owner(
        text="ownership.entities", default=(), max_length=500
    )
    holdings: Annotated[tuple[Holding, ...], Listing] = _owner(text="ownership.holdings", default=(), max_length=1000)
    nominees: Annotated[tuple[Nominee, ...], Listing] = _owner(text="ownership.nominees", default=(), max_length=100)
    officers: Annotated[tuple[Officer, ...], Listing] = _owner(text="ownership.officers", default=(), max_length=100)
    no_owner_reason: Prose | None = _owner(text="ownership.no_owner_reason")
