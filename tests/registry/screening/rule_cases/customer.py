"""Customers that trigger each rule, with the case they meet, and customers that just do not."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from registry.screening.shapes import (
    Authorisation,
    ContractingEntity,
    CustomerSnapshot,
    Director,
    MonthOfUse,
    Movement,
    Owner,
    Party,
    Payment,
    Reseller,
)

D = Decimal
DAY = timedelta(days=1)
ENDED_ON = date(2026, 10, 31)
FOUNDED_ON = date(2025, 7, 1)
PLAIN = CustomerSnapshot(
    as_of=date(2026, 11, 1),
    name="Northern Light SARL",
    seat_country="FR",
    provider="Cloud of Provence",
    provider_country="FR",
    incorporated_on=date(2015, 3, 1),
    contract_on=date(2026, 7, 1),
    ended_on=ENDED_ON,
    beneficial_owners=(Owner(name="Anne Morel", share=D("0.6"), country="FR"),),
    directors=(Director(name="Anne Morel", also_directs=("Own Holding",), has_relevant_role=True),),
    declared_countries=frozenset({"BE"}),
    declared_access_countries=frozenset({"FR", "BE"}),
    observed_access_countries=frozenset({"FR"}),
    address_kind="business",
    has_web_presence=True,
    email_kind="own_domain",
    staff=40,
    revenue_eur=D("9e6"),
    payments=(Payment(payer="NORTHERN LIGHT, S.A.R.L.", country="BE", on=date(2026, 7, 5)),),
)
BEFORE = ContractingEntity(name="Northern Light Pte", country="SG", until_on=date(2026, 6, 30))
OFFSHORE = Party(name="Palm Holding", country="VG")
IDLE = Director(name="A. Nominee", also_directs=("One", "Two", "Three"))
LISTED = Owner(name="Listed One", share=D("0.25"), country="CN", is_listed=True)
MONTH = MonthOfUse(
    month=date(2026, 7, 1), accelerators=1023, accelerator_hours=D(1000), flop=D("1e23"), utilisation=D("0.4")
)
DISKS = Movement(country="CN", on=date(2026, 7, 1), medium="physical_media", volume_gb=D(10_000))
LEAVING = Movement(country="CN", on=date(2026, 11, 30), medium="physical_media", volume_gb=D(300))
ATTESTED = Reseller(party=Party(name="Good Resale", country="DE"), has_attestation=True)
UNATTESTED = Reseller(party=Party(name="Silent Resale", country="CY"), has_attestation=False)
RUSSIAN = Party(name="OOO Sever", country="RU")
AUTHORISED = Authorisation(reference="AUT-1", from_on=date(2026, 1, 1), until_on=PLAIN.as_of)


def _with(**changes: object) -> CustomerSnapshot:
    return replace(PLAIN, **changes)  # type: ignore[arg-type]


def _used(**changes: object) -> CustomerSnapshot:
    return _with(months=(MONTH,), **changes)


def _paid(*payments: Payment) -> CustomerSnapshot:
    return _with(payments=payments)


OWN, OTHER = Payment(payer=PLAIN.name, country="FR", on=date(2026, 7, 5)), "Third Party Ltd"
LATER = Payment(payer=OTHER, country="FR", on=ENDED_ON)

TRIGGERS: list[tuple[str, str, CustomerSnapshot]] = [
    ("R-09", "young", _with(incorporated_on=FOUNDED_ON, contract_on=date(2026, 6, 30))),
    ("R-09", "young", _with(incorporated_on=date(2026, 7, 2))),
    ("R-09", "jurisdiction_changed", _with(previous_entities=(BEFORE,))),
    ("R-09", "entity_changed", _with(previous_entities=(replace(BEFORE, country="FR"),))),
    ("R-09", "entity_changed", _with(previous_entities=(replace(BEFORE, country=""),))),
    ("R-10", "parent", _with(parents=(Party(name="Great Group", country="CN"),))),
    ("R-11", "requested", _with(previous_entities=(replace(BEFORE, change_requested_by="compute_provider"),))),
    ("R-11", "offshore", _with(parents=(OFFSHORE,), previous_entities=(BEFORE,))),
    ("R-11", "offshore", _with(parents=(OFFSHORE,), incorporated_on=FOUNDED_ON, contract_on=date(2026, 6, 30))),
    ("R-12", "nominee", _with(directors=(IDLE,))),
    ("R-12", "nominee", _with(directors=(replace(IDLE, has_relevant_role=False), *PLAIN.directors))),
    ("R-12", "listed_board", _with(directors=(replace(IDLE, also_directs=(), listed_boards=("Listed One",)),))),
    ("R-13", "unknown", _with(is_owner_unknown=True, beneficial_owners=())),
    ("R-13", "below", _with(beneficial_owners=(Owner(name="A", share=D("0.2499")), Owner(name="B", share=D("0.1"))))),
    ("R-13", "circular", _with(is_ownership_circular=True)),
    ("R-13", "listed", _with(beneficial_owners=(LISTED,))),
    (
        "R-13",
        "aggregate",
        _with(beneficial_owners=(*(replace(LISTED, share=D("0.125")),) * 4, *PLAIN.beneficial_owners)),
    ),
    ("R-14", "payer", _paid(Payment(payer=OTHER, country="FR"))),
    ("R-14", "country", _paid(replace(OWN, country="AE"))),
    ("R-14", "payer changed", _paid(OWN, LATER)),
    ("R-15", "undeclared", _with(observed_access_countries=frozenset({"FR", "SG"}))),
    ("R-15", "undeclared", _with(declared_access_countries=frozenset(), observed_access_countries=frozenset({"BE"}))),
    (
        "R-15",
        "watched",
        _with(declared_access_countries=frozenset({"CN"}), observed_access_countries=frozenset({"CN"})),
    ),
    ("R-16", "residential", _with(address_kind="residential")),
    ("R-16", "virtual_office", _with(address_kind="virtual_office")),
    ("R-16", "no_web", _with(has_web_presence=False)),
    ("R-16", "free_email", _with(email_kind="free_domain")),
    ("R-17", "purpose", _used(declared_flop=D("0.333e23"))),
    ("R-17", "staff", _used(staff=10)),
    ("R-17", "staff", _with(months=(replace(MONTH, accelerators=101),), staff=0)),
    ("R-17", "revenue", _used(revenue_eur=D("399.99"))),
    ("R-17", "first_order", _with(months=(replace(MONTH, accelerators=1024),), is_first_order=True)),
    ("R-21", "arrivals", _with(data_arrivals=(DISKS,))),
    ("R-21", "departures", _with(weights_departures=(LEAVING,))),
    ("R-22", "customer", _with(seat_country="RU")),
    ("R-22", "customer", _with(seat_country="RU", authorisations=(replace(AUTHORISED, until_on=PLAIN.as_of - DAY),))),
    ("R-22", "customer", _with(seat_country="RU", authorisations=(replace(AUTHORISED, from_on=PLAIN.as_of + DAY),))),
    ("R-22", "end_user", _with(end_users=(RUSSIAN,))),
    ("R-22", "reseller", _with(resellers=(replace(ATTESTED, party=RUSSIAN),))),
    ("R-22", "government", _with(is_russian_government=True)),
    ("R-22", "government", _with(end_users=(Party(name="Ministry", country="AE", is_russian_government=True),))),
    ("R-22", "authorised", _with(seat_country="RU", authorisations=(AUTHORISED,))),
    ("R-22", "review", _with(parents=(RUSSIAN,))),
    ("R-22", "review", _with(beneficial_owners=(Owner(name="I. P.", share=D("0.25"), country="RU"),))),
    ("R-22", "review", _with(beneficial_owners=(Owner(name="I. P.", country="RU"),))),
    ("R-25", "unattested", _with(resellers=(UNATTESTED,))),
    ("R-25", "depth", _with(resellers=(ATTESTED, ATTESTED, ATTESTED))),
]
NEAR_MISSES: list[tuple[str, CustomerSnapshot]] = [
    *((code, PLAIN) for code in ("R-09", "R-10", "R-11", "R-12", "R-13", "R-14", "R-15", "R-16", "R-17", "R-21")),
    ("R-22", PLAIN),
    ("R-25", PLAIN),
    ("R-09", _with(incorporated_on=FOUNDED_ON)),  # on the very day twelve months later
    ("R-09", _with(incorporated_on=None)),
    ("R-09", _with(previous_entities=(ContractingEntity(name="Northern Light S.A.R.L."),))),  # itself, spelt otherwise
    ("R-10", _with(seat_country="CN", parents=(Party(name="Great Group", country="CN"),))),
    ("R-10", _with(parents=(Party(name="Great Group", country="US"),))),
    ("R-10", _with(seat_country="", parents=(Party(name="Great Group", country="CN"),))),
    ("R-11", _with(previous_entities=(replace(BEFORE, change_requested_by="customer"),))),
    ("R-11", _with(parents=(OFFSHORE,))),  # offshore parent, but old and never re-papered
    ("R-11", _with(parents=(OFFSHORE,), incorporated_on=FOUNDED_ON)),
    ("R-11", _with(parents=(OFFSHORE,), previous_entities=(BEFORE,), provider_country="DE")),
    ("R-12", _with(directors=(replace(IDLE, also_directs=("One", "Two")),))),
    ("R-12", _with(directors=(replace(IDLE, has_relevant_role=True),))),
    ("R-13", _with(beneficial_owners=(Owner(name="A", share=D("0.25")),))),
    ("R-13", _with(beneficial_owners=(Owner(name="A", share=D("0.1"), has_control=True),))),
    ("R-13", _with(is_owner_unknown=True, is_traded=True, beneficial_owners=())),
    ("R-13", _with(is_owner_unknown=True, is_natural_person=True, beneficial_owners=())),
    ("R-13", _with(beneficial_owners=(replace(LISTED, share=D("0.2499")), *PLAIN.beneficial_owners))),
    ("R-13", _with(beneficial_owners=(replace(LISTED, share=D("0.2499")),) * 2 + PLAIN.beneficial_owners)),
    ("R-14", _paid(OWN, replace(OWN, payer="Northern  Light SARL", on=date(2026, 8, 5)))),
    ("R-14", _paid(Payment(payer="", country=""))),
    ("R-15", _with(observed_access_countries=frozenset({"FR", "BE"}))),
    (
        "R-15",
        _with(seat_country="", declared_access_countries=frozenset(), observed_access_countries=frozenset({"FR"})),
    ),
    ("R-16", _with(is_natural_person=True, address_kind="residential", has_web_presence=False)),
    ("R-16", _with(address_kind="", has_web_presence=None, email_kind="")),
    ("R-17", _with(months=(replace(MONTH, accelerators=1000, flop=D("0.9e23")),), staff=10, declared_flop=D("0.3e23"))),
    ("R-17", _used(revenue_eur=D(400))),
    ("R-17", _used(is_first_order=True)),
    ("R-17", _used(staff=None, revenue_eur=None)),
    ("R-21", _with(data_arrivals=(replace(DISKS, volume_gb=D("9999.99")),))),
    ("R-21", _with(weights_departures=(replace(LEAVING, on=LEAVING.on + DAY),))),
    ("R-22", _with(seat_country="RU", is_natural_person=True)),
    ("R-22", _with(beneficial_owners=(Owner(name="I. P.", share=D("0.2499"), country="RU"),))),
    ("R-22", _with(observed_access_countries=frozenset({"RU"}))),  # reached from there: R-15, no person served
    ("R-25", _with(resellers=(ATTESTED, ATTESTED))),
]
