"""The unit of work: one at a time, as one database role, and nothing of it is left afterwards."""

import importlib
import importlib.util
import pkgutil
import threading
from collections.abc import Iterator
from datetime import datetime
from types import ModuleType

import psycopg
import pytest
from django.db import InternalError, ProgrammingError, connection
from django.db.transaction import atomic

import registry
from registry.accounts.actors import NOBODY
from registry.accounts.policy import of_the_register
from registry.acting import Actor, Audience, acting_as, current_actor, inside_acting_as
from registry.dispatch import outbox
from registry.errors import NotPermitted, OutsideUnitOfWork
from registry.ledger import log
from registry.organisations import actions as organisations
from registry.organisations.actions import NewOrganisation
from registry.organisations.models import Organisation
from tests.conftest import person

NEW = NewOrganisation(legal_name="Passing SA", seat_country="FR", territory="FR", is_developer=True)


@pytest.fixture
def bare(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[None]:
    """The database without a transaction around the test, as the edges have it. The test must leave nothing behind."""
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        yield
        connection.close()


def _session() -> tuple[str, ...]:
    """Role and scope that a further query on this connection would have."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select current_setting('role'), current_user = session_user, "
            "coalesce(current_setting('reg.organisation', true), ''), "
            "coalesce(current_setting('reg.territory', true), ''), coalesce(current_setting('reg.actor', true), ''), "
            "current_setting('transaction_read_only')"
        )
        return tuple(str(value) for value in cursor.fetchone())


NO_DATABASE = {"line_of", "chosen"}  # they make one value of another
CLEAN = ("none", "True", "", "", "", "off")


def _action_modules() -> list[ModuleType]:
    names = [f"{found.name}.actions" for found in pkgutil.iter_modules(registry.__path__, "registry.") if found.ispkg]
    modules = []
    for name in names:
        if importlib.util.find_spec(name):
            modules.append(importlib.import_module(name))
    return [*modules, log, outbox]


def _actions() -> list[object]:
    return [
        value
        for module in _action_modules()
        for name, value in vars(module).items()
        if callable(value)
        and not isinstance(value, type)
        and not name.startswith("_")
        and value.__module__ == module.__name__
        and name not in NO_DATABASE
    ]


@pytest.mark.parametrize("action", _actions(), ids=lambda each: f"{each.__module__}.{each.__name__}")
def test_an_action_refuses_to_run_outside_a_unit_of_work(action: object) -> None:
    assert getattr(action, "needs_unit_of_work", False)
    with pytest.raises(OutsideUnitOfWork):
        action()  # type: ignore[operator]


def test_there_is_no_actor_outside() -> None:
    with pytest.raises(OutsideUnitOfWork):
        current_actor()


@pytest.mark.django_db
def test_the_actor_is_known_inside_and_forgotten_afterwards(alice: Actor) -> None:
    with acting_as(alice) as actor:
        assert actor is current_actor() is alice
    with pytest.raises(OutsideUnitOfWork):
        current_actor()


@pytest.mark.django_db
def test_a_second_unit_of_work_inside_the_first_is_refused_and_the_first_goes_on(alice: Actor, nora: Actor) -> None:
    with acting_as(alice):
        with pytest.raises(OutsideUnitOfWork), acting_as(nora):
            pass
        assert current_actor() is alice
        assert _session()[0] == Audience.PROVIDER


def test_a_unit_of_work_inside_another_transaction_is_refused(bare: None) -> None:
    with atomic(), pytest.raises(RuntimeError, match="durable"), acting_as(NOBODY):
        pass
    with pytest.raises(OutsideUnitOfWork):
        current_actor()


@pytest.mark.django_db
def test_the_mark_is_gone_after_an_exception(alice: Actor) -> None:
    with pytest.raises(ZeroDivisionError), acting_as(alice):
        raise ZeroDivisionError
    with pytest.raises(OutsideUnitOfWork):
        current_actor()
    assert _session() == CLEAN


def test_another_thread_is_not_in_this_unit_of_work(bare: None) -> None:
    seen: list[bool] = []

    def look() -> None:
        try:
            current_actor()
        except OutsideUnitOfWork:
            seen.append(True)

    with acting_as(NOBODY):
        thread = threading.Thread(target=look)
        thread.start()
        thread.join()
    assert seen == [True]


@pytest.mark.parametrize("audience", list(Audience))
def test_inside_the_database_knows_who_asks_and_forgets_it(bare: None, audience: Audience, noon: datetime) -> None:
    actor = Actor(id="somebody", name="Somebody", audience=audience, territory="FR")
    assert _session() == CLEAN
    with acting_as(actor):
        assert _session() == (audience.value, "False", "", "FR", "somebody", "off")
    assert _session() == CLEAN


def test_a_reading_unit_of_work_cannot_write(bare: None, registrar: Actor, noon: datetime) -> None:
    with pytest.raises(InternalError) as caught, acting_as(registrar, read_only=True):
        organisations.register([NEW], by=registrar, at=noon)
    assert isinstance(caught.value.__cause__, psycopg.errors.ReadOnlySqlTransaction)
    assert _session() == CLEAN
    assert not Organisation.objects.exists()


def test_a_reading_unit_of_work_cannot_be_opened_for_writing_from_inside(bare: None, registrar: Actor) -> None:
    with acting_as(registrar, read_only=True), connection.cursor() as cursor:
        cursor.execute("select count(*) from organisations_organisation")
        with pytest.raises(InternalError, match="read-write"):
            cursor.execute("set transaction read write")
        connection.needs_rollback = True


def test_an_exception_undoes_everything_and_ends_the_role(bare: None, registrar: Actor, noon: datetime) -> None:
    def fail_half_way() -> None:
        with acting_as(registrar):
            organisations.register([NEW], by=registrar, at=noon)
            assert Organisation.objects.count() == 1
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_half_way()
    assert not Organisation.objects.exists()
    assert _session() == CLEAN


def test_a_refusal_of_the_database_ends_the_role(bare: None) -> None:
    with pytest.raises(ProgrammingError), acting_as(NOBODY):
        Organisation.objects.count()
    assert _session() == CLEAN


def test_a_repeated_unit_of_work_starts_clean(bare: None, registrar: Actor) -> None:
    for actor in (registrar, NOBODY, of_the_register("screener"), registrar):
        with acting_as(actor):
            assert _session()[0] == actor.audience
        assert _session() == CLEAN


def test_the_guard_keeps_name_and_result() -> None:
    @inside_acting_as
    def add(left: int, right: int) -> int:
        """Add."""
        return left + right

    assert (add.__name__, add.__doc__) == ("add", "Add.")


@pytest.mark.django_db
def test_a_guarded_action_runs_inside(alice: Actor) -> None:
    @inside_acting_as
    def add(left: int, *, right: int) -> int:
        return left + right

    with acting_as(alice):
        assert add(1, right=2) == 3


def test_requiring_a_permission_says_which_is_missing() -> None:
    reader = person("provider_reader")
    reader.require("filing_read")
    with pytest.raises(NotPermitted, match="filing submit"):
        reader.require("filing_submit")
