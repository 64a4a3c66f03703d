"""The people and machines of the demonstration, so that a script, a tutorial and a test can act as anyone."""

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from jwcrypto import jwk

from registry.accounts import actions as accounts
from registry.accounts import actors
from registry.acting import Actor, inside_acting_as
from registry.management.demonstration import sites
from registry.management.demonstration.organisations import COMPANIES, COMPANY, TERRITORIES, Company
from registry.organisations import actions as organisations
from registry.organisations.actions import NewOrganisation
from registry.organisations.models import Authority, Organisation

SCOPES = "filings:read filings:write"
ADMINISTERING_SCOPES = f"{SCOPES} webhooks:manage"  # of a machine whose company has an administrator
CLIENTS_FROM_WEIGHT = 5
PASSWORD_BYTES = 18

# Name, role, and where: a company's short name or an authority's territory. These can sign in.
CHARACTERS: tuple[tuple[str, str, str], ...] = (
    ("Alice Moreau", "provider_submitter", "aurelia"),
    ("Hugo Lambert", "provider_administrator", "aurelia"),
    ("Inès Roche", "provider_administrator", "aurelia"),
    ("Bob Garnier", "provider_reader", "aurelia"),
    ("Carla Ibáñez", "provider_submitter", "cantabria"),
    ("Lucie Faure", "provider_submitter", "mistrale"),
    ("Olga Petit", "officer", "FR"),
    ("Sylvie Roux", "supervisor", "FR"),
    ("Marc Leroy", "supervisor", "FR"),
    ("Pedro Sanz", "officer", "ES"),
    ("Dieter Vogt", "officer", "DE"),
    ("Nora Lindqvist", "ai_office_officer", "EU"),
    ("Ana Costa", "analyst", "EU"),
    ("Stefan Ionescu", "statistician", "EU"),
    ("Paula Weiss", "publisher", "EU"),
    ("Ada Novak", "auditor", "EU"),
    ("Otto Virtanen", "operator", "EU"),
)
DECIDES = frozenset({"officer", "supervisor", "ai_office_officer"})
FILES = frozenset({"provider_submitter"})
RELEASES = frozenset({"statistician", "publisher"})
ADMINISTERED = frozenset(where for _, role, where in CHARACTERS if role == "provider_administrator")


@dataclass(frozen=True)
class Client:
    """A machine that may file for a company, and the line about it in demo.json."""

    actor: Actor
    credentials: dict[str, str]


@dataclass(frozen=True)
class Hands:
    """Who acts for each company, each authority (in turn), who releases statistics, by role; and how they sign in."""

    providers: Mapping[str, Actor]
    authorities: Mapping[str, Sequence[Actor]]
    credentials: tuple[dict[str, str], ...]
    releasing: Mapping[str, Actor] = field(default_factory=dict)


@inside_acting_as
def register_companies(*, by: Actor, at: datetime) -> dict[str, Organisation]:
    """Register the forty organisations; returns them by short name."""
    new = [
        NewOrganisation(
            legal_name=company.name,
            seat_country=company.country,
            territory=company.country,
            lei=company.lei,
            is_developer=True,
            is_compute_provider=sites.is_own(company),
            ultimate_parent_name=company.parent,
            ultimate_parent_country=company.parent_country,
            holding=company.holding,
            is_illustrative=True,
        )
        for company in COMPANIES
    ]
    registered = organisations.register(new, by=by, at=at)
    return {company.slug: found for company, found in zip(COMPANIES, registered, strict=True)}


@inside_acting_as
def enrol(registered: Mapping[str, Organisation], *, by: Actor, at: datetime) -> Hands:
    """Create everybody: the characters with password, one-time codes and recovery codes, the others without.

    Who has no password cannot sign in, but files or decides in the three years that are played.
    """
    authorities = {each.territory: each for each in Authority.objects.all()}
    places: dict[str, Organisation | Authority] = {**registered, **authorities}
    providers: dict[str, Actor] = {}
    deciding: dict[str, list[Actor]] = {}
    releasing: dict[str, Actor] = {}
    credentials = []
    for name, role, where in (*CHARACTERS, *_others()):
        password = secrets.token_urlsafe(PASSWORD_BYTES) if (name, role, where) in CHARACTERS else None
        place = places[where]
        email = _email(name, where, place)
        user = accounts.grant(email=email, name=name, password=password, role=role, place=place, by=by, at=at)
        actor = actors.of_person(user, at=at)
        if actor is not None and role in DECIDES:
            deciding.setdefault(where, []).append(actor)
        elif actor is not None and role in FILES:
            providers[where] = actor
        elif actor is not None and role in RELEASES:
            releasing[role] = actor
        if password is not None:
            secret = generate_totp_secret()
            TOTP.activate(user, secret)
            RecoveryCodes.activate(user)
            kind = "authority" if isinstance(place, Authority) else "organisation"
            known = {"email": email, "password": password, "totp_secret": secret, "role": role, "name": name}
            credentials.append(known | {kind: str(place)})
    return Hands(providers, deciding, tuple(credentials), releasing)


@inside_acting_as
def register_clients(registered: Mapping[str, Organisation], *, by: Actor, at: datetime) -> dict[str, Client]:
    """Register a machine for each larger company, with an EC or an Ed25519 key in turn; returns them by short name."""
    larger = [company for company in COMPANIES if company.weight >= CLIENTS_FROM_WEIGHT]
    made = {}
    for number, company in enumerate(larger):
        key_id = f"{company.slug}-{at:%Y-%m}"
        key = _ec_key(key_id) if number % 2 == 0 else _ed25519_key(key_id)
        scopes = ADMINISTERING_SCOPES if company.slug in ADMINISTERED else SCOPES
        client = accounts.register_client(
            organisation=registered[company.slug],
            name=f"Filing service of {company.name}",
            public_jwk=json.loads(key.export_public()),
            scopes=scopes,
            by=by,
            at=at,
        )
        credentials = {
            "organisation": company.name,
            "client_id": client.client_id,
            "private_key": key.export_to_pem(private_key=True, password=None).decode(),
            "key_id": key_id,
            "scopes": scopes,
        }
        made[company.slug] = Client(actors.of_client(client, scopes=scopes), credentials)
    return made


def _others() -> list[tuple[str, str, str]]:
    """A filing desk for each company, an officer for each authority, that has no character for it."""
    files = {where for _, role, where in CHARACTERS if role in FILES}
    decides = {where for _, role, where in CHARACTERS if role in DECIDES}
    desks = [(f"Filing desk of {each.name}", "provider_submitter", each.slug) for each in COMPANIES]
    officers = [(f"Officer {territory}", "officer", territory) for territory in TERRITORIES]
    return [
        *(each for each in desks if each[2] not in files),
        *(each for each in officers if each[2] not in decides),
    ]


def _email(name: str, where: str, place: Organisation | Authority) -> str:
    company: Company | None = COMPANY.get(where)
    domain = f"{company.slug}.example" if company else f"{str(place).lower()}.example"
    return f"{name.split()[0].lower()}@{domain}"


def _ec_key(key_id: str) -> Any:
    return jwk.JWK.generate(kty="EC", crv="P-256", kid=key_id, alg="ES256", use="sig")


def _ed25519_key(key_id: str) -> Any:
    return jwk.JWK.generate(kty="OKP", crv="Ed25519", kid=key_id, alg="EdDSA", use="sig")
