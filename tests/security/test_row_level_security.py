"""Two layers, each alone sufficient: row-level security without the application's filters, and the filters without it.

On the register's real logins, which own nothing, with a committed world.
"""

import json
import threading
import time
import uuid
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.db import ProgrammingError, connection
from django.db.models import QuerySet

from registry import acting
from registry.accounts import policy
from registry.accounts.actors import NOBODY
from registry.accounts.client_assertion import verified
from registry.accounts.models import SpentAssertion
from registry.accounts.policy import of_the_register
from registry.acting import Actor, Audience, acting_as
from registry.errors import NotFound
from registry.filings import actions as filings
from registry.filings.actions import NewFiling
from registry.filings.models import (
    Answer,
    Crossing,
    Duty,
    Filing,
    FilingQuerySet,
    Transition,
    TransitionQuerySet,
    Version,
)
from registry.organisations.models import Organisation, OrganisationQuerySet, ScopedQuerySet
from registry.oversight import actions as oversight
from registry.oversight.models import Look
from registry.oversight.purposes import Purpose
from registry.screening.models import Finding, Screening
from tests.conftest import NOON
from tests.documents import planned_run
from tests.security.conftest import Connect, Login, World

pytestmark = pytest.mark.xdist_group("committed")
FILINGS = "/api/v1/filings/"
NOTHING = "ECAR-2026-999999-1"
VARYING = {"Trace-Id", "RateLimit", "RateLimit-Policy"}  # one call differs from the next in these
CONFIDENTIAL = sorted(policy.CONFIDENTIAL)


@pytest.fixture
def unfiltered(monkeypatch: pytest.MonkeyPatch) -> None:
    """The application without its own filters: every queryset shows what the database lets through."""
    for kind in (ScopedQuerySet, FilingQuerySet, OrganisationQuerySet, TransitionQuerySet):
        monkeypatch.setattr(kind, "visible_to", lambda self, _: self.all())


@pytest.fixture
def unguarded(monkeypatch: pytest.MonkeyPatch) -> None:
    """The application without row-level security: nobody becomes a role, so the owner asks, who sees everything."""
    staying = acting._BECOME.replace("set_config('role', %s, true)", "%s::text")
    assert staying != acting._BECOME
    monkeypatch.setattr(acting, "_BECOME", staying)


@pytest.fixture
def database_alone(world: World, as_login: Login, unfiltered: None) -> Iterator[None]:
    """Row-level security on a real login, without the application's filters."""
    with as_login("ecar_web"):
        yield


@pytest.fixture(params=["database alone", "application alone", "both"])
def one_layer(request: pytest.FixtureRequest, world: World, as_login: Login) -> Iterator[None]:
    """Each layer alone, then both together."""
    if request.param == "application alone":
        request.getfixturevalue("unguarded")
        yield
        return
    if request.param == "database alone":
        request.getfixturevalue("unfiltered")
    with as_login("ecar_web"):
        yield


def _count(rows: QuerySet[Any]) -> int:
    """How many rows; none where even asking is refused."""
    try:
        return rows.count()
    except ProgrammingError as refusal:
        if not isinstance(refusal.__cause__, psycopg.errors.InsufficientPrivilege):
            raise
        connection.needs_rollback = True
        return 0


# --- logins and roles ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("login", sorted(policy.LOGINS))
@pytest.mark.parametrize("table", CONFIDENTIAL)
def test_who_has_become_nobody_reads_nothing(connect: Connect, login: str, table: str) -> None:
    with connect(login) as opened, pytest.raises(psycopg.errors.InsufficientPrivilege):
        opened.execute(f"select * from {table}")  # noqa: S608


@pytest.mark.parametrize("login", sorted(policy.LOGINS))
def test_a_login_becomes_its_own_audiences_and_no_other(connect: Connect, login: str) -> None:
    with connect(login) as opened:
        opened.autocommit = True
        for audience in Audience:
            become = opened.cursor()
            if audience in policy.LOGINS[login]:
                become.execute("select set_config('role', %s, true)", [audience.value])
            else:
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    become.execute("select set_config('role', %s, true)", [audience.value])


def test_the_public_surface_cannot_become_the_ai_office(world: World, as_login: Login) -> None:
    with as_login("ecar_web_public"), pytest.raises(ProgrammingError, match="permission denied"), acting_as(world.nora):
        pass


@pytest.mark.parametrize("audience", [Audience.PROVIDER, Audience.OFFICER])
def test_a_role_without_a_scope_sees_no_row(world: World, as_login: Login, audience: Audience) -> None:
    lost = Actor(id="lost", name="Lost", audience=audience)
    with as_login("ecar_web"), acting_as(lost, read_only=True):
        for model in (Filing, Version, Duty, Transition, Organisation):
            assert model._default_manager.count() == 0


def test_leaving_the_role_inside_a_unit_of_work_opens_nothing(world: World, as_login: Login) -> None:
    with as_login("ecar_web"), acting_as(world.alice), connection.cursor() as cursor:
        cursor.execute("reset role")
        with pytest.raises(ProgrammingError, match="permission denied"):
            cursor.execute("select * from filings_filing")
        connection.needs_rollback = True


# --- each layer alone ----------------------------------------------------------------------------------------------

TABLES: dict[str, tuple[Any, str]] = {
    "organisations": (Organisation, "id"),
    "filings": (Filing, "organisation_id"),
    "versions": (Version, "organisation_id"),
    "answers": (Answer, "organisation_id"),
    "transitions": (Transition, "organisation_id"),
    "duties": (Duty, "organisation_id"),
    "crossings": (Crossing, "organisation_id"),
    "looks": (Look, "organisation_id"),
    "screenings": (Screening, "organisation_id"),
    "findings": (Finding, "organisation_id"),
}


@pytest.mark.parametrize("table", sorted(TABLES))
def test_the_world_has_something_to_leak(world: World, table: str) -> None:
    model, column = TABLES[table]
    for organisation in (world.aurelia, world.cantabria):
        assert model.objects.filter(**{column: organisation.id}).exists()


@pytest.mark.parametrize("table", sorted(TABLES))
@pytest.mark.parametrize("who", ["alice", "charlie", "olga", "pedro"])
def test_nobody_sees_rows_of_another(one_layer: None, world: World, who: str, table: str) -> None:
    model, column = TABLES[table]
    other = world.cantabria if who in {"alice", "olga"} else world.aurelia
    with acting_as(getattr(world, who), read_only=True) as actor:
        assert _count(model.objects.visible_to(actor).filter(**{column: other.id})) == 0


@pytest.mark.parametrize("who", ["alice", "olga", "nora"])
def test_who_may_see_a_filing_sees_it(one_layer: None, world: World, who: str) -> None:
    with acting_as(getattr(world, who), read_only=True) as actor:
        assert Filing.objects.visible_to(actor).filter(reference=world.filed).count() == 1
        assert Version.objects.visible_to(actor).filter(filing__reference=world.filed).count() == 1


@pytest.mark.parametrize("who", ["olga", "pedro", "nora"])
def test_an_authority_does_not_see_a_draft(one_layer: None, world: World, who: str) -> None:
    with acting_as(getattr(world, who), read_only=True) as actor:
        assert Filing.objects.visible_to(actor).filter(reference=world.drafted).count() == 0


@pytest.fixture(scope="module")
def withdrawn(world: World) -> uuid.UUID:
    """The id of a filing of Aurelia's that was withdrawn as a draft: its only step is its provider's business."""
    with acting_as(world.alice) as alice:
        kept = filings.file([NewFiling(planned_run(), draft=True)], by=alice, at=NOON)[0].reference
        return filings.withdraw(reference=kept, reason="Never mind.", revision=None, by=alice, at=NOON).id


@pytest.mark.parametrize("who", ["olga", "pedro", "nora"])
def test_an_authority_does_not_see_that_a_draft_was_withdrawn(
    one_layer: None, world: World, withdrawn: uuid.UUID, who: str
) -> None:
    with acting_as(getattr(world, who), read_only=True) as actor:
        assert Filing.objects.visible_to(actor).filter(id=withdrawn).count() == 0
        assert Transition.objects.visible_to(actor).filter(filing_id=withdrawn).count() == 0


def test_the_provider_itself_sees_that_it_withdrew_a_draft(one_layer: None, world: World, withdrawn: uuid.UUID) -> None:
    with acting_as(world.alice, read_only=True) as actor:
        steps = Transition.objects.visible_to(actor).filter(filing_id=withdrawn)
        assert [(step.verb, step.version_number) for step in steps] == [("withdraw", 0)]


@pytest.mark.parametrize("table", ["findings", "screenings"])
def test_a_provider_sees_no_finding_even_about_itself(one_layer: None, world: World, table: str) -> None:
    with acting_as(world.alice, read_only=True) as actor:
        assert _count(TABLES[table][0].objects.visible_to(actor)) == 0


@pytest.mark.parametrize("table", sorted(TABLES))
def test_an_analyst_and_the_public_see_no_row_at_all(one_layer: None, world: World, table: str) -> None:
    for nosy in (world.ana, NOBODY):
        with acting_as(nosy, read_only=True) as actor:
            assert _count(TABLES[table][0].objects.visible_to(actor)) == 0


CALLS: list[tuple[str, str, Any]] = [
    ("GET", "", None),
    ("GET", "versions/", None),
    ("GET", "versions/1/", None),
    ("GET", "versions/1/receipt/", None),
    ("PUT", "draft/", {"document": planned_run()}),
    ("POST", "submit/", {}),
    ("POST", "withdraw/", {"reason": "Not ours."}),
    ("POST", "answer/", {"answer": "Not ours."}),
    ("POST", "versions/", {"kind": "update", "document": planned_run()}),
]


@pytest.mark.parametrize(("method", "path", "body"), CALLS, ids=[f"{method} {path}" for method, path, _ in CALLS])
def test_a_filing_of_another_is_answered_like_one_that_is_not_there(
    one_layer: None, world: World, method: str, path: str, body: Any
) -> None:
    answers = []
    for reference in (world.filed, world.drafted, NOTHING):
        url = f"{FILINGS}{reference}/{path}"
        headers = {"If-Match": '"1"'} if method == "PUT" else {}
        sent = world.stranger.get(url) if method == "GET" else world.stranger.send(method, url, body, **headers)
        answers.append(sent)
    assert {answer.status_code for answer in answers} == {404}
    assert len({_bare(answer) for answer in answers}) == 1


def _bare(answer: Any) -> tuple[str, tuple[tuple[str, str], ...]]:
    """Body and headers without what tells one request from another."""
    told = {name: value for name, value in json.loads(answer.content).items() if name not in {"trace_id", "instance"}}
    headers = sorted((name, value) for name, value in answer.headers.items() if name not in VARYING)
    return json.dumps(told), tuple(headers)


def test_a_list_shows_ones_own_and_a_filter_does_not_widen_it(one_layer: None, world: World) -> None:
    shown = [row["reference"] for row in world.stranger.get(FILINGS).json()["results"]]
    assert world.filed_by_cantabria in shown
    assert not {world.filed, world.drafted} & set(shown)
    found = world.stranger.get(FILINGS + "?client_reference=alpha").json()["results"]
    assert [row["reference"] for row in found] == [world.filed_by_cantabria]


def test_ones_own_client_reference_clashes_with_no_one_elses(one_layer: None, world: World) -> None:
    document = planned_run(filer__legal_name="Cantabria IA", run__client_run_id="beta")
    body = {"document": document, "client_reference": "alpha"}
    mine = world.stranger.post(FILINGS + "?dry_run=true", body)
    assert mine.status_code == 409
    assert world.filed not in mine.content.decode()


def test_an_officer_of_another_state_opens_nothing(one_layer: None, world: World) -> None:
    with pytest.raises(NotFound), acting_as(world.pedro) as actor:
        oversight.open_filing(reference=world.filed, purpose=Purpose("review"), by=actor, at=NOON)


def test_an_officer_of_another_state_decides_nothing(one_layer: None, world: World) -> None:
    with pytest.raises(NotFound), acting_as(world.pedro) as actor:
        filings.decide(reference=world.filed, verb="review", reason="", by=actor, at=NOON)


# --- writes that the application never makes ------------------------------------------------------------------------

FORBIDDEN_WRITES = {
    "a look in the name of another's officer": (
        "pedro",
        "insert into oversight_look (filing_id, organisation_id, territory, reference, at, kind, looked_from, role, "
        "basis, case_reference, purpose, actor, actor_name, salt, actor_digest) values (gen_random_uuid(), "
        "'{aurelia}', 'FR', 'x', now(), 'opened', current_setting('reg.territory'), '', '', '', 'x', "
        "current_setting('reg.actor'), 'x', '', '')",
    ),
    "a filing of another organisation": (
        "charlie",
        "insert into filings_filing (id, reference, client_reference, organisation_id, territory, status, revision, "
        "created_at, changed_at, number, kind, run_stage, run_id, lineage, band, site_country) values "
        "(gen_random_uuid(), 'x', '', '{aurelia}', 'ES', 'draft', 1, now(), now(), 0, '', '', '', '', '', '')",
    ),
    "an event about another organisation": (
        "charlie",
        "insert into dispatch_event (key, kind, subject, organisation_id, at) "
        "values (gen_random_uuid(), 'filing.accepted', 'x', '{aurelia}', now())",
    ),
    "a filing moved to another organisation": ("alice", "update filings_filing set organisation_id = '{cantabria}'"),
    "another territory for one's filing": ("alice", "update filings_filing set territory = 'ES'"),
    "an officer's hand in what was filed": ("olga", "update filings_filing set training_compute_flop = 1"),
    "an officer's version": ("olga", "update filings_version set canonical = '{{}}'"),
    "a deleted filing": ("alice", "delete from filings_filing"),
    "a provider's finding": ("alice", "delete from screening_finding"),
    "a key for oneself": (
        "alice",
        "insert into accounts_clientkey (client_id, key_id, public_jwk, starts_at, ends_at) "
        "select id, 'mine', '[]', now(), now() + interval '1 day' from accounts_apiclient",
    ),
    "a client for oneself": ("alice", "update accounts_apiclient set scopes = 'filings:read filings:write'"),
    "a role for oneself": (
        "alice",
        "insert into accounts_membership (user_id, role, starts_at) values (gen_random_uuid(), 'officer', now())",
    ),
}
FORBIDDEN_READS = {
    "who did what, in the log": ("alice", "select actor from ledger_entry"),
    "the kinds of acts, in the log": ("olga", "select kind from ledger_entry"),
    "people's passwords": ("nora", "select password from accounts_user"),
    "sessions": ("nora", "select session_key from django_session"),
    "tokens": ("alice", "select * from oauth2_provider_accesstoken"),
    "the answers kept for others' machines": ("olga", "select body from dispatch_reply"),
}


@pytest.mark.parametrize("what", sorted({**FORBIDDEN_WRITES, **FORBIDDEN_READS}))
def test_the_database_refuses(world: World, as_login: Login, what: str) -> None:
    who, statement = {**FORBIDDEN_WRITES, **FORBIDDEN_READS}[what]
    statement = statement.format(aurelia=world.aurelia.id, cantabria=world.cantabria.id)
    with as_login("ecar_web"), acting_as(getattr(world, who)), connection.cursor() as cursor:
        with pytest.raises(ProgrammingError) as refused:
            cursor.execute(statement)
        assert isinstance(refused.value.__cause__, psycopg.errors.InsufficientPrivilege)
        connection.needs_rollback = True


SURFACES = {
    "the machines' surface reads people": ("ecar_web_api", "select * from accounts_user"),
    "the machines' surface reads sessions": ("ecar_web_api", "select * from django_session"),
    "the people's surface reads tokens": ("ecar_web_portal", "select * from oauth2_provider_accesstoken"),
    "a surface makes an account": ("ecar_web", "insert into accounts_user (id, email) values (gen_random_uuid(), 'x')"),
    "a surface gives a role": ("ecar_web", "update accounts_membership set role = 'ai_office_officer'"),
    "a surface gives a key": ("ecar_web", "update accounts_clientkey set public_jwk = '{}'"),
    "a surface forgets an assertion": ("ecar_web_api", "delete from accounts_spentassertion"),
    "a surface lengthens a token": ("ecar_web_api", "update oauth2_provider_accesstoken set expires = now()"),
    "the public surface reads people": ("ecar_web_public", "select * from accounts_user"),
    "the worker reads keys": ("ecar_worker", "select * from accounts_clientkey"),
    "a surface draws references": ("ecar_web", "select nextval('filings_reference_number')"),
}


@pytest.mark.parametrize("what", sorted(SURFACES))
def test_a_login_has_only_its_own_tables_of_signing_in(connect: Connect, what: str) -> None:
    login, statement = SURFACES[what]
    with connect(login) as opened, pytest.raises(psycopg.errors.InsufficientPrivilege):
        opened.execute(statement)


@pytest.mark.parametrize(
    ("role", "statement"),
    [
        ("relay", "select * from filings_filing"),
        ("sender", "select * from filings_filing"),
        ("housekeeper", "select body from dispatch_reply"),
        ("steward", "select * from filings_filing"),
        ("steward", "select password from accounts_user"),
        ("steward", "select session_data from django_session"),
        ("steward", "update accounts_membership set role = 'supervisor'"),
        ("housekeeper", "select token_checksum from oauth2_provider_accesstoken"),
        ("builder", "select canonical from filings_version"),
        ("builder", "select reference from filings_filing"),
        ("builder", "select legal_name from organisations_organisation"),
        ("screener", "update filings_filing set status = 'accepted'"),
        ("registrar", "select * from filings_filing"),
        ("registrar", "select * from django_session"),
        ("registrar", "select * from oauth2_provider_accesstoken"),
    ],
)
def test_the_registers_own_hands_reach_no_further_than_their_task(
    world: World, as_login: Login, role: str, statement: str
) -> None:
    hand = of_the_register(role)
    with as_login("ecar_command"), acting_as(hand), connection.cursor() as cursor:
        with pytest.raises(ProgrammingError, match="permission denied"):
            cursor.execute(statement)
        connection.needs_rollback = True


# --- nothing outlives the unit of work ------------------------------------------------------------------------------


def test_two_hundred_alternations_on_one_connection_leak_nothing(database_alone: None, world: World) -> None:
    expected = {
        "alice": {world.aurelia.id},
        "charlie": {world.cantabria.id},
        "olga": {world.aurelia.id},
        "pedro": {world.cantabria.id},
        "nora": {world.aurelia.id, world.cantabria.id},
    }
    names = list(expected)
    connection.ensure_connection()
    server = connection.connection.info.backend_pid
    for turn in range(200):
        name = names[(turn * 7 + turn // 5) % len(names)]
        with acting_as(getattr(world, name), read_only=turn % 3 == 0):
            assert set(Filing.objects.values_list("organisation_id", flat=True)) == expected[name]
        with connection.cursor() as cursor:
            cursor.execute("select current_user::text, current_setting('reg.organisation', true)")
            assert cursor.fetchone() == ("ecar_web", "")
    assert connection.connection.info.backend_pid == server


def test_an_assertion_used_four_times_at_once_is_good_for_one(
    world: World, django_db_blocker: pytest.FixtureRequest
) -> None:
    assertion = world.machine.assertion()
    ready = threading.Barrier(4)
    won: list[bool] = []

    def use() -> None:
        with django_db_blocker.unblock():  # type: ignore[attr-defined]
            connection.ensure_connection()
            ready.wait(10)
            won.append(verified(assertion, now=int(time.time())) is not None)
            connection.close()

    before = SpentAssertion.objects.count()
    threads = [threading.Thread(target=use) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(won) == [False, False, False, True]
    assert SpentAssertion.objects.count() == before + 1


# --- what even the owner may not do ---------------------------------------------------------------------------------

APPEND_ONLY = {
    "filings_version": "canonical = ''",
    "filings_answer": "severity = 'note'",
    "filings_transition": "reason = ''",
    "filings_crossing": "threshold = 'x'",
    "ledger_entry": "actor = 'x'",
    "oversight_look": "purpose = 'x'",
}


@pytest.mark.parametrize("table", sorted(APPEND_ONLY))
@pytest.mark.parametrize("statement", ["delete from {table}", "update {table} set {change}"])
def test_what_is_recorded_is_never_changed(world: World, owner: psycopg.Connection, table: str, statement: str) -> None:
    with pytest.raises(psycopg.errors.RaiseException, match="append_only"):
        owner.execute(statement.format(table=table, change=APPEND_ONLY[table]))


def test_a_filing_is_never_deleted(world: World, owner: psycopg.Connection) -> None:
    with pytest.raises(psycopg.errors.RaiseException, match="never_deleted"):
        owner.execute("delete from filings_filing")


def test_a_step_outside_the_table_is_refused_by_the_database(world: World, owner: psycopg.Connection) -> None:
    with pytest.raises(psycopg.errors.RaiseException, match=r"submitted.*accepted"):
        owner.execute("update filings_filing set status = 'accepted' where status = 'submitted'")
