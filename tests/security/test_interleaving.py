"""Fifty connections of eight principals share two connections of the server, which are cut at random: nobody ever reads
what is another's, and everybody reads what is theirs.

A few seconds in the suite; `ECAR_INTERLEAVING_SECONDS=60` is the soak.
"""

import gc
import os
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import psycopg
import pytest
from django.db import InterfaceError, InternalError, OperationalError, ProgrammingError, connection

from registry.accounts.actors import NOBODY
from registry.acting import Actor, acting_as
from registry.filings.models import Filing, Version
from registry.organisations.models import Organisation
from registry.runtime.processes import LOOPBACK
from tests.conftest import person
from tests.security.conftest import World
from tests.security.pooling import PROGRAM, pooled

pytestmark = [
    pytest.mark.xdist_group("committed"),
    pytest.mark.pgbouncer,
    pytest.mark.skipif(PROGRAM is None, reason="NO POOL TESTED: there is no pgbouncer on this machine"),
]
SECONDS = float(os.environ.get("ECAR_INTERLEAVING_SECONDS", "4"))
CONNECTIONS, SERVER_CONNECTIONS, PRINCIPALS = 50, 2, 8
LONGEST_OVERTIME = 30
LOGIN = "ecar_web"  # all surfaces in one: the worst case, for each of the eight may be the next on a connection
CUTS_A_SECOND = 10
HANGING_UP = 0.02  # the part of visits that end in the middle, without a word


@dataclass(frozen=True)
class Principal:
    """Who looks, and the canaries they may and must see."""

    name: str
    actor: Actor
    canaries: frozenset[str]


@dataclass
class Seen:
    """What all of them met with, counted; `wrong` holds sentences."""

    until: float
    lock: threading.Lock = field(default_factory=threading.Lock)
    visits: Counter[str] = field(default_factory=Counter)
    cut: int = 0
    wrong: list[str] = field(default_factory=list)

    def note(self, principal: Principal, found: frozenset[str]) -> None:
        """One visit that went through."""
        with self.lock:
            self.visits[principal.name] += 1
            if found != principal.canaries:
                foreign, missing = len(found - principal.canaries), len(principal.canaries - found)
                self.wrong.append(f"{principal.name}: {foreign} foreign, {missing} missing")

    def is_over(self) -> bool:
        """Whether the time is up; on a slow machine not before everybody came in once, within reason."""
        late = time.monotonic() - self.until
        return late > 0 and (len(self.visits) == PRINCIPALS or late > LONGEST_OVERTIME)

    def note_cut(self) -> None:
        """One visit that a cut connection ended."""
        with self.lock:
            self.cut += 1


@pytest.fixture
def principals(world: World) -> list[Principal]:
    """Two providers (one of them twice), officers of two Member States, the AI Office, and two who see nothing."""
    filed, theirs = world.canaries[world.filed], world.canaries[world.filed_by_cantabria]
    own = frozenset({filed, world.canaries[world.drafted]})
    cantabrian = frozenset(set(world.canaries.values()) - own)
    return [
        Principal("Alice", world.alice, own),
        Principal("Bob", person("provider_reader", organisation=world.aurelia), own),
        Principal("Charlie", world.charlie, cantabrian),
        Principal("Olga", world.olga, frozenset({filed})),
        Principal("Pedro", world.pedro, frozenset({theirs})),
        Principal("Nora", world.nora, frozenset({filed, theirs})),
        Principal("Ana", world.ana, frozenset()),
        Principal("the public", NOBODY, frozenset()),
    ]


@contextmanager
def _through(port: int, password: str) -> Iterator[None]:
    """The application connected through the pool; connections of other threads, opened meanwhile, go there too."""
    before = dict(connection.settings_dict)
    connection.close()
    connection.settings_dict.update(HOST=LOOPBACK, PORT=str(port), USER=LOGIN, PASSWORD=password)
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(before)


def _read(actor: Actor, canaries: frozenset[str], *, hang_up: bool) -> frozenset[str]:
    """The canaries in all that the database gives this actor, asked without any filter of the application."""
    found: set[str] = set()
    try:
        with acting_as(actor, read_only=True):
            texts = [str(draft) for draft in Filing.objects.values_list("draft", flat=True)]
            if hang_up:
                connection.connection.close()
            texts += Version.objects.values_list("canonical", flat=True)
            texts += Organisation.objects.values_list("legal_name", flat=True)
            found = {canary for canary in canaries for text in texts if canary in text}
    except ProgrammingError as error:
        if not isinstance(error.__cause__, psycopg.errors.InsufficientPrivilege):
            raise
    return frozenset(found)


def _visit(principal: Principal, everything: frozenset[str], seen: Seen) -> None:
    """Look again and again until the time is over, on one connection of one's own as long as it lasts."""
    chance = random.Random(f"{principal.name} {threading.get_ident()}")  # noqa: S311  (no secret)
    while not seen.is_over():
        try:
            seen.note(principal, _read(principal.actor, everything, hang_up=chance.random() < HANGING_UP))
        except (OperationalError, InterfaceError, InternalError):  # the last: a cut heard in the midst of an answer
            seen.note_cut()
            _drop()
    _drop()


def _drop() -> None:
    """Close this thread's connection, also one that Django has given up within a unit of work."""
    raw = connection.connection
    connection.close()
    if raw is not None:
        raw.close()


def _cut(owner: psycopg.Connection, seen: Seen) -> int:
    """End one of the pool's server connections, at random, some times a second; returns how many were cut."""
    chance, cuts = random.Random(7), 0  # noqa: S311  (no secret)
    query = "select pid from pg_stat_activity where usename = %s"
    pause = threading.Event()
    while not seen.is_over():
        pids = [row[0] for row in owner.execute(query, [LOGIN])]
        if pids:
            owner.execute("select pg_terminate_backend(%s)", [chance.choice(pids)])
            cuts += 1
        owner.commit()
        pause.wait(1 / CUTS_A_SECOND)
    return cuts


def _together(tasks: list[Callable[[], None]], meanwhile: Callable[[], int]) -> int:
    threads = [threading.Thread(target=task, daemon=True) for task in tasks]
    for thread in threads:
        thread.start()
    done = meanwhile()
    for thread in threads:
        thread.join(timeout=60)
        assert not thread.is_alive(), "a visit does not end"
    return done


# A connection cut while Django sets it up is dropped without being closed; psycopg says so, which is no matter here.
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_nobody_reads_anothers_rows_through_a_shared_pool(
    principals: list[Principal],
    passwords: dict[str, str],
    module_owner: psycopg.Connection,
    capsys: pytest.CaptureFixture[str],
) -> None:
    everything = frozenset().union(*(principal.canaries for principal in principals))
    with pooled({LOGIN: passwords[LOGIN]}, pool_size=SERVER_CONNECTIONS) as port, _through(port, passwords[LOGIN]):
        seen = Seen(until=time.monotonic() + SECONDS)

        def visiting(principal: Principal) -> Callable[[], None]:
            return lambda: _visit(principal, everything, seen)

        tasks = [visiting(principals[number % PRINCIPALS]) for number in range(CONNECTIONS)]
        cuts = _together(tasks, lambda: _cut(module_owner, seen))
    gc.collect()  # of what was dropped
    with capsys.disabled():
        sys.stdout.write(f"\n{seen.visits.total()} visits in {SECONDS:g} s through {SERVER_CONNECTIONS} connections, ")
        sys.stdout.write(f"{cuts} connections cut, {seen.cut} visits ended by a cut\n")
    assert not seen.wrong, f"{len(seen.wrong)} visits saw what was not theirs, or missed what was: {seen.wrong[:5]}"
    assert cuts, "nothing was cut: the proof is empty"
    assert seen.cut, "no visit was ended by a cut: the proof is empty"
    assert min(seen.visits[principal.name] for principal in principals) > 0, f"somebody never came in: {seen.visits}"


def test_a_scope_that_is_set_for_the_session_would_be_caught(world: World, passwords: dict[str, str]) -> None:
    """The control: what `acting_as` must never do does leak through the pool, so that the proof above can fail."""
    own, stranger = str(world.aurelia.id), str(world.cantabria.id)
    with pooled({LOGIN: passwords[LOGIN]}, pool_size=1) as port:
        address = {"host": LOOPBACK, "port": port, "dbname": connection.settings_dict["NAME"]}
        opened = [psycopg.connect(**address, user=LOGIN, password=passwords[LOGIN]) for _ in range(2)]
        with opened[0] as first, opened[1] as second:
            first.execute("select set_config('reg.organisation', %s, false)", [own])
            first.commit()
            leaked = second.execute("select current_setting('reg.organisation', true)").fetchone()
            assert leaked == (own,) != (stranger,)
