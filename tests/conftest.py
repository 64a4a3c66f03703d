"""Standing characters and the world they live in.

Alice files for Aurelia (France), Bob is her colleague who only reads, Charlie files for Cantabria (Spain) and has no
business with Aurelia. Olga is an officer in France, Pedro in Spain, Nora at the AI Office, Ana sees aggregates only.
"""

import uuid
from datetime import UTC, datetime
from typing import Any

import hypothesis
import pytest
from django.conf import settings
from django.core.management import call_command
from hypothesis import HealthCheck

from registry.accounts.policy import ROLES, of_the_register
from registry.acting import Actor, acting_as
from registry.organisations import actions as organisations
from registry.organisations.actions import NewOrganisation
from registry.organisations.models import Organisation

# No property is timed: the machine may be busy with something else.
hypothesis.settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis.settings.load_profile("untimed")

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: "pytest.FixtureRequest") -> None:
    """A migrated database, with the policy in force and the reference data loaded, as in the running register."""
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        call_command("apply_policy", verbosity=0)
        call_command("load_reference", verbosity=0)


@pytest.fixture(scope="session", autouse=True)
def _static_folder() -> None:
    """The folder of collected static files, empty: tests serve none from it."""
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)


@pytest.fixture(autouse=True)
def _log_folders(settings: Any) -> None:
    """Each test's public log lies apart: the next one has another database, and would be taken for a restored one."""
    folder = settings.VAR / "logs" / uuid.uuid4().hex
    settings.LOG_FOLDER, settings.LOG_OUTSIDE_FOLDER = folder / "tiles", folder / "outside"


@pytest.fixture
def noon() -> datetime:
    """The moment of the tests: Friday 20 November 2026, noon UTC."""
    return NOON


@pytest.fixture
def registrar() -> Actor:
    """The register's own hand that enters organisations and people."""
    return of_the_register("registrar")


def _organisation(name: str, country: str, registrar: Actor) -> Organisation:
    new = NewOrganisation(
        legal_name=name,
        seat_country=country,
        territory=country,
        is_developer=True,
        holding=name,
        is_illustrative=True,
    )
    with acting_as(registrar):
        return organisations.register([new], by=registrar, at=NOON)[0]


@pytest.fixture
def aurelia(db: None, registrar: Actor) -> Organisation:
    """A developer seated in France."""
    return _organisation("Aurelia Research", "FR", registrar)


@pytest.fixture
def cantabria(db: None, registrar: Actor) -> Organisation:
    """A developer seated in Spain."""
    return _organisation("Cantabria IA", "ES", registrar)


def person(role: str, *, organisation: Organisation | None = None, territory: str = "", name: str = "") -> Actor:
    """An actor in `role`, as the edges make them."""
    known = ROLES[role]
    return Actor(
        id=f"person:{uuid.uuid4()}",
        name=name or known.name,
        audience=known.audience,
        permissions=frozenset(str(p) for p in known.permissions),
        organisation=organisation.id if organisation else None,
        territory=territory,
        roles=frozenset({role}),
    )


@pytest.fixture
def alice(aurelia: Organisation) -> Actor:
    """Files for Aurelia."""
    return person("provider_submitter", organisation=aurelia, name="Alice")


@pytest.fixture
def bob(aurelia: Organisation) -> Actor:
    """Reads at Aurelia."""
    return person("provider_reader", organisation=aurelia, name="Bob")


@pytest.fixture
def charlie(cantabria: Organisation) -> Actor:
    """Files for Cantabria: a stranger to Aurelia."""
    return person("provider_submitter", organisation=cantabria, name="Charlie")


@pytest.fixture
def olga(db: None) -> Actor:
    """Officer for France."""
    return person("officer", territory="FR", name="Olga")


@pytest.fixture
def pedro(db: None) -> Actor:
    """Officer for Spain."""
    return person("officer", territory="ES", name="Pedro")


@pytest.fixture
def nora(db: None) -> Actor:
    """Officer at the AI Office, Union-wide."""
    return person("ai_office_officer", territory="EU", name="Nora")


@pytest.fixture
def ana(db: None) -> Actor:
    """Analyst: aggregates only."""
    return person("analyst", territory="EU", name="Ana")
