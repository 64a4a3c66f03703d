"""Addresses and logins are the same with an embedded server and with one that the environment names."""

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from registry.runtime import logins
from registry.runtime.embedded import HASTY_POSTGRES_SETTINGS, Postgres
from registry.runtime.processes import CannotRun
from registry.runtime.services import Services
from registry.runtime.state import State, read

pytestmark = pytest.mark.xdist_group("runtime")
FORBIDDEN = "select rolsuper or rolbypassrls or rolinherit or rolcreaterole from pg_roles where rolname = current_user"


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    """A server that is not ours."""
    folder = Path(tempfile.mkdtemp(prefix="ecar real "))
    folder.chmod(0o711)
    made = Postgres(
        folder=folder / "postgres", log=folder / "postgres.log", password="root", settings=HASTY_POSTGRES_SETTINGS
    )
    made.start()
    logins.make_owner(superuser_url=made.superuser_url(), password="owner")
    yield made
    made.stop()
    shutil.rmtree(folder)


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> State:
    for name in (
        "BASE_URL",
        "CACHE_URL",
        "SECRET_KEY",
        "FACTOR_KEYS",
        *(f"DATABASE_{one}_URL" for one in ("WEB", "WORKER", "COMMAND")),
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CELERY_BROKER_URL", "amqp://broker//")
    return State(folder=tmp_path / "var")


def _owner_url(server: Postgres) -> str:
    return server.url(user=logins.OWNER, password="owner", database=logins.DATABASE)


def test_a_given_server_gets_a_powerless_login_for_each_process(
    server: Postgres, state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", _owner_url(server))
    services = Services(state=state, port=8000)
    assert services.postgres is None
    assert services.valkey is None
    for _ in range(2):  # the second time they are there already
        assert services.start_database().startswith("18.")
    addresses = services.publish()
    for login in ("web", "worker", "command"):
        with psycopg.connect(addresses.database[login]) as connection:
            assert connection.info.user == f"ecar_{login}"
            assert connection.execute(FORBIDDEN).fetchone() == (False,)
    assert addresses.broker_url == "amqp://broker//"
    assert read(state.runtime)["database_url"] == addresses.database["command"]


def test_a_login_that_is_given_is_left_alone(server: Postgres, state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", _owner_url(server))
    monkeypatch.setenv("DATABASE_WEB_URL", "postgresql://somebody@elsewhere/ecar")
    services = Services(state=state, port=8000)
    services.start_database()
    assert services.addresses().database["web"] == "postgresql://somebody@elsewhere/ecar"
    assert "DATABASE_WEB_URL" not in services.addresses().environment("web")
    assert services.addresses().environment("worker")["DATABASE_URL"] == services.addresses().database["worker"]


def test_an_owner_that_may_not_make_logins_is_told_what_to_do(
    server: Postgres, state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    with psycopg.connect(server.superuser_url(), autocommit=True) as connection:
        connection.execute("create role weak login password 'weak'")
    monkeypatch.setenv("DATABASE_URL", server.url(user="weak", password="weak", database=logins.DATABASE))
    with pytest.raises(CannotRun, match="Give it CREATEROLE"):
        Services(state=state, port=8000).start_database()


def test_what_is_secret_is_for_us_alone_and_stays_the_same(state: State, tmp_path: Path) -> None:
    first = state.secrets()
    assert State(folder=tmp_path / "var").secrets() == first
    assert len(set(first.values())) == len(first)
    assert stat.S_IMODE((state.folder / "secrets.json").stat().st_mode) == 0o600


def test_one_process_runs_on_a_state(state: State, tmp_path: Path) -> None:
    assert state.take()
    second = State(folder=tmp_path / "var")
    assert not second.take()
    assert second.holder() == str(os.getpid())
    state.free()
    assert second.take()
    second.free()


def test_a_reset_keeps_what_it_does_not_know(state: State) -> None:
    state.secrets()
    (state.folder / "notes of mine").write_text("keep")
    (state.postgres / "base").mkdir(parents=True)
    (state.folder / "log-outside").mkdir()
    state.reset()
    assert not (state.folder / "log-outside").exists()
    assert not state.postgres.exists()
    assert not (state.folder / "secrets.json").exists()
    assert (state.folder / "notes of mine").read_text() == "keep"
