"""Every address of the register, and people and machines who ask: what the proofs over all addresses share."""

import uuid
from collections.abc import Callable, Iterator
from typing import Any

from allauth.mfa.models import Authenticator
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import translation

from registry.accounts import actions as accounts
from registry.accounts.policy import of_the_register
from registry.acting import acting_as
from registry.organisations.models import Authority, Organisation
from tests.conftest import NOON

Ask = Callable[[str], Any]
# Addresses of the libraries for signing in show no filing; a person's own are tried where they are made.
NOT_OURS = ("account_", "mfa_", "socialaccount_", "usersessions_", "openid_")
NOTHING = "ECAR-2026-999999-1"
LONG_AGO = NOON.replace(year=2025)


def routes() -> list[URLPattern]:
    """Every address under its name, those of the libraries for signing in left out."""

    def walk(patterns: list[URLPattern | URLResolver]) -> Iterator[URLPattern]:
        for pattern in patterns:
            if isinstance(pattern, URLResolver):
                yield from walk(pattern.url_patterns)
            elif pattern.name and not pattern.name.startswith(NOT_OURS):
                yield pattern

    return list(walk(get_resolver().url_patterns))


def addresses_for(references: list[str]) -> Iterator[str]:
    """Each route's addresses, one for each reference where it names a filing."""
    for route in routes():
        names = route.pattern.regex.groupindex
        converters = route.pattern.converters
        kinds = {name: type(converters[name]).__name__ if name in converters else name for name in names}
        for reference in references if "reference" in names else [""]:
            given = {name: reference if name == "reference" else value_for(kind) for name, kind in kinds.items()}
            yield reverse(str(route.name), kwargs=given)


def value_for(kind: str) -> object:
    """A value that the converter admits."""
    if kind == "SecretInPath":
        return "x" * 43
    known = {"IntConverter": 1, "NumberConverter": 1, "UUIDConverter": uuid.UUID(int=1), "version": "1.0"}
    known |= {"MismatchConverter": "MISMATCH-000000000000"}
    known |= {"FacilityInPath": "ECAF-2026-999999-8", "YearConverter": 2025, "form": "filing"}
    known |= {"ReturnInPath": "ECAM-2026-999999-8", "release": "2026-Q3", "vintage": 1, "path": "manifest.json"}
    known |= {"syntax": "ttl"}
    return known.get(kind, "systemic_risk_notification" if "Duty" in kind else "x")


def person_at(role: str, place: Organisation | Authority, *, second_factor: bool = True) -> Client:
    """A signed-in person in a role at a place."""
    registrar = of_the_register("registrar")
    email = f"{role}-{uuid.uuid4().hex[:8]}@example.org"
    with acting_as(registrar):
        user = accounts.grant(
            email=email,
            name="Somebody",
            password=None,
            role=role,
            place=place,
            by=registrar,
            at=LONG_AGO,
        )
        if second_factor:
            Authenticator.objects.create(user=user, type="totp", data={"secret": "JBSWY3DPEHPK3PXP"})
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def state_a_purpose(person: Client) -> None:
    """An authority says why it looks before it sees anything; everybody tries, those it is not for in vain."""
    with translation.override("en"):
        person.post(reverse("oversight-purpose"), {"purpose": "review", "case": "7", "sentence": "A review."})
