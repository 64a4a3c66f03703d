"""A committed world and the register's real logins: what a proof of row-level security needs.

Nothing here stands in a test's own transaction, so that everything is as in the running register: each unit of work is
a transaction of its own, on a connection that owns nothing. The world is emptied after each module.
"""

import json
import os
import secrets
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote, urlsplit

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from jwcrypto import jwk
from oauth2_provider.models import get_access_token_model
from psycopg import sql

from registry.accounts import actions as accounts
from registry.accounts import policy
from registry.accounts.policy import of_the_register
from registry.acting import Actor, acting_as
from registry.filings import actions as filings
from registry.filings.actions import NewFiling
from registry.filings.models import Filing, Version
from registry.ledger import receipts
from registry.organisations import actions as organisations
from registry.organisations.actions import NewOrganisation
from registry.organisations.models import Organisation
from registry.oversight import actions as oversight
from registry.oversight.purposes import Purpose
from registry.screening import actions as screening
from tests.api.conftest import Machine
from tests.conftest import NOON, person
from tests.documents import AURELIA_LEI, planned_run

Login = Callable[[str], AbstractContextManager[None]]
Connect = Callable[[str], psycopg.Connection]


@dataclass(frozen=True)
class World:
    """Two providers with a filing and a draft each, their machines, and officers of two Member States.

    `canaries` are texts by reference: one stands in each filing's document and nowhere else in the world.
    """

    aurelia: Organisation
    cantabria: Organisation
    alice: Actor
    charlie: Actor
    olga: Actor
    pedro: Actor
    nora: Actor
    ana: Actor
    filed: str
    drafted: str
    filed_by_cantabria: str
    machine: Machine
    stranger: Machine
    reader: Machine
    canaries: dict[str, str]


@pytest.fixture(scope="module")
def db(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[None]:
    """The database for a whole module, without a transaction around each test: here, what is written stays."""
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        yield
        connection.close()


@pytest.fixture(scope="module")
def world(db: None) -> Iterator[World]:
    """The world, stored for everybody to see, and emptied again."""
    receipts.ensure_key(settings.RECEIPT_KEY_FILE)
    try:
        yield _make_world()
    finally:
        _empty()


@pytest.fixture(scope="module")
def passwords(db: None) -> dict[str, str]:
    """A password for every login of the policy; those of the register's processes have theirs from the test server."""
    known = {}
    for login in policy.LOGINS:
        url = os.environ.get(f"DATABASE_{login.removeprefix('ecar_').upper()}_URL", "")
        known[login] = unquote(urlsplit(url).password or "")
        if not known[login]:
            known[login] = secrets.token_urlsafe(24)
            with connection.cursor() as cursor:
                cursor.execute(f"alter role {login} password %s", [known[login]])
    return known


@pytest.fixture(scope="module")
def as_login(passwords: dict[str, str]) -> Login:
    """A context in which the whole application is connected as one of the register's logins."""

    @contextmanager
    def switched(login: str) -> Iterator[None]:
        before = dict(connection.settings_dict)
        connection.close()
        connection.settings_dict.update(USER=login, PASSWORD=passwords[login])
        try:
            yield
        finally:
            connection.close()
            connection.settings_dict.update(before)

    return switched


def _address() -> dict[str, object]:
    parameters = connection.get_connection_params()
    return {name: parameters[name] for name in ("host", "port", "dbname") if parameters.get(name)}


@pytest.fixture(scope="module")
def connect(passwords: dict[str, str]) -> Connect:
    """Opens a plain connection as one of the register's logins, outside the application."""

    def opened(login: str) -> psycopg.Connection:
        return psycopg.connect(**_address(), user=login, password=passwords[login])  # type: ignore[arg-type]

    return opened


@pytest.fixture(scope="module")
def module_owner(db: None) -> Iterator[psycopg.Connection]:
    """A connection of the database's owner for a module; whatever is done on it is undone."""
    parameters = connection.get_connection_params()
    secret = {"password": parameters["password"]} if parameters.get("password") else {}
    with psycopg.connect(**_address(), user=parameters["user"], **secret) as opened:  # type: ignore[arg-type]
        yield opened
        opened.rollback()


@pytest.fixture
def owner(module_owner: psycopg.Connection) -> Iterator[psycopg.Connection]:
    """The same, undone after each test."""
    yield module_owner
    module_owner.rollback()


def _make_world() -> World:
    registrar = of_the_register("registrar")
    new = [
        NewOrganisation(legal_name=name, lei=lei, seat_country=country, territory=country, is_developer=True)
        for name, lei, country in (("Aurélia Modèles SA", AURELIA_LEI, "FR"), ("Cantabria IA", "", "ES"))
    ]
    with acting_as(registrar):
        aurelia, cantabria = organisations.register(new, by=registrar, at=NOON)
    alice = person("provider_submitter", organisation=aurelia)
    charlie = person("provider_submitter", organisation=cantabria)
    olga, pedro = person("officer", territory="FR"), person("officer", territory="ES")
    filed, drafted = _file(alice)
    theirs, _ = _file(charlie, filer__legal_name="Cantabria IA")
    for officer, reference in ((olga, filed), (pedro, theirs)):
        _screen(reference)
        with acting_as(officer):
            oversight.open_filing(reference=reference, purpose=Purpose("finding", "Case 7"), by=officer, at=NOON)
    return World(
        aurelia=aurelia,
        cantabria=cantabria,
        alice=alice,
        charlie=charlie,
        olga=olga,
        pedro=pedro,
        nora=person("ai_office_officer", territory="EU"),
        ana=person("analyst", territory="EU"),
        filed=filed,
        drafted=drafted,
        filed_by_cantabria=theirs,
        machine=machine_at(aurelia, registrar),
        stranger=machine_at(cantabria, registrar),
        reader=machine_at(aurelia, registrar, scopes="filings:read"),
        canaries=_canaries(),
    )


def _file(by: Actor, **changes: object) -> tuple[str, str]:
    """A submitted filing and a draft, each with a canary of its own; returns their references."""
    late = {"run__known_on": "2026-10-01", **changes}
    documents = [planned_run(run__client_run_id=f"canary-{secrets.token_hex(8)}", **late) for _ in range(2)]
    with acting_as(by):
        done = filings.file([NewFiling(documents[0], client_reference="alpha")], by=by, at=NOON)
        kept = filings.file([NewFiling(documents[1], draft=True)], by=by, at=NOON)
    for outcome in (*done, *kept):
        if outcome.refusal:
            raise outcome.refusal
    return done[0].reference, kept[0].reference


def _canaries() -> dict[str, str]:
    """The canary of each filing, as the owner reads them."""
    kept = {filing.reference: filing.draft for filing in Filing.objects.filter(draft__isnull=False)}
    filed = {v.filing.reference: json.loads(v.canonical) for v in Version.objects.select_related("filing")}
    return {reference: document["run"]["client_run_id"] for reference, document in {**kept, **filed}.items()}


def _screen(reference: str) -> None:
    """Screen a filing; these were notified too late, so that a rule finds something."""
    screener = of_the_register("screener")
    with acting_as(screener):
        assert screening.screen(reference=reference, by=screener, at=NOON)


def machine_at(organisation: Organisation, registrar: Actor, *, scopes: str = "filings:read filings:write") -> Machine:
    key = jwk.JWK.generate(kty="EC", crv="P-256", kid=str(uuid.uuid4()))
    with acting_as(registrar):
        client = accounts.register_client(
            organisation=organisation,
            name="Pipeline",
            public_jwk=json.loads(key.export_public()),
            scopes=scopes,
            by=registrar,
            at=datetime.now(UTC) - timedelta(minutes=5),
        )
    machine = Machine(client.client_id, key)
    machine.sign_in()
    # The world outlives a token's five minutes where the machine is slow.
    tokens = get_access_token_model().objects.filter(application__client_id=client.client_id)
    assert tokens.update(expires=datetime.now(UTC) + timedelta(hours=2)) == 1
    return machine


def _empty() -> None:
    """Empty every table that the world may have touched. Truncating is the owner's alone and asks no trigger."""
    known = {*connection.introspection.table_names()}
    tables = [table for table in (*policy.CONFIDENTIAL, *policy.SIGN_IN) if table in known]
    names = sql.SQL(", ").join(map(sql.Identifier, tables))
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("truncate {} cascade").format(names).as_string())
