"""A pytest plugin (`-p tests.services`) that gives each test run a database server and a broker of its own.

It starts the embedded ones in a temporary folder before Django reads its settings, in the controlling process only, and
ends them with it; so several runs in one checkout do not meet. Where DATABASE_URL or CELERY_BROKER_URL is set, that
server is used. With ECAR_NOTHING_MAY_SKIP set, a skipped test is a failed one, unless excused.
"""

import fcntl
import functools
import os
import re
import secrets
import shutil
import tempfile
from collections import Counter
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadGroupScheduling

from registry.runtime import account, logins
from registry.runtime.embedded import HASTY_POSTGRES_SETTINGS, Postgres, Valkey

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"
_PREFIX = "ecar-test-"
_running: list[Postgres | Valkey] = []
_state: list[Path] = []
_locks: list[Any] = []


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None]:
    """Export the addresses of the services before pytest-django, which is inside this wrapper, reads the settings."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        state = _make_state()
        os.environ.setdefault("REGISTRY_VAR", str(state))
        os.environ.setdefault("REGISTRY_ENVIRONMENT", "test")
        os.environ.setdefault("SECRET_KEY", secrets.token_urlsafe(48))
        _provide_database(state)
        _provide_broker(state)
    return (yield)


def pytest_unconfigure() -> None:
    """Stop what was started and remove its state."""
    while _running:
        _running.pop().stop()
    while _state:
        _remove(_state.pop())
    while _locks:
        _locks.pop().close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn a skip into a failure where nothing may skip, but of tests that are excused."""
    report = yield
    may_skip = not os.environ.get("ECAR_NOTHING_MAY_SKIP") or any(map(item.get_closest_marker, _excused()))
    if report.skipped and not may_skip and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        report.outcome = "failed"
        report.longrepr = f"nothing may skip here: {reason}"
    return report


def _excused() -> list[str]:
    """Marks of tests that may skip all the same: what they need cannot be had on this machine (`.ci/run`)."""
    return [*os.environ.get("ECAR_EXCUSED", "").split(), *([] if SHARED.is_dir() else ["shared"])]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say aloud what was not tried, and why."""
    reasons = Counter(report.longrepr[2] for report in terminalreporter.stats.get("skipped", ()))
    for reason, count in sorted(reasons.items()):
        terminalreporter.write_line(f"NOT TRIED ({count}): {reason.removeprefix('Skipped: ')}")


class _Grouping(LoadGroupScheduling):
    """Groups by the mark in a module's text: pytest 9.2 and xdist 3.8 lose it on the way (pytest-xdist issue 1386)."""

    def _split_scope(self, nodeid: str) -> str:
        return _group(nodeid.partition("::")[0]) or super()._split_scope(nodeid)


@functools.cache
def _group(module: str) -> str:
    found = re.search(r"""xdist_group\("([^"]+)"\)""", (ROOT / module).read_text())
    return found[1] if found else ""


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadGroupScheduling | None:
    """Send tests of one group to one process."""
    return _Grouping(config, log) if config.getoption("dist") == "loadgroup" else None


def _provide_database(state: Path) -> None:
    if os.environ.get("DATABASE_URL"):
        return
    server = Postgres(
        folder=state / "postgres",
        log=state / "log" / "postgres.log",
        password=secrets.token_urlsafe(24),
        settings=HASTY_POSTGRES_SETTINGS,
    )
    server.start()
    _running.append(server)
    passwords = {name: secrets.token_urlsafe(24) for name in logins.LOGINS}
    logins.make_logins(owner_url=server.superuser_url(), passwords=passwords)
    os.environ["DATABASE_URL"] = server.superuser_url(database=logins.DATABASE)
    for name, password in passwords.items():
        variable = f"DATABASE_{name.removeprefix('ecar_').upper()}_URL"
        os.environ[variable] = server.url(user=name, password=password, database=logins.DATABASE)


def _provide_broker(state: Path) -> None:
    if os.environ.get("CELERY_BROKER_URL"):
        return
    server = Valkey(
        folder=state / "valkey", log=state / "log" / "valkey.log", password=secrets.token_urlsafe(24), durable=False
    )
    server.start()
    _running.append(server)
    os.environ["CELERY_BROKER_URL"] = server.url(database=0)
    os.environ.setdefault("CACHE_URL", server.url(database=1))


def _make_state() -> Path:
    """Make the state folder of this run, locked while we live; remove those of runs that were killed."""
    home = Path(tempfile.gettempdir())
    for old in home.glob(f"{_PREFIX}*"):
        if old.stat().st_uid == os.geteuid() and (handle := _locked(old)) is not None:
            _remove(old)
            handle.close()
    state = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=home))
    state.chmod(0o711)
    _locks.append(_locked(state, make=True))
    _state.append(state)
    return state


def _remove(state: Path) -> None:
    for service in ("postgres", "valkey"):
        account.remove(state / service)
    shutil.rmtree(state, ignore_errors=True)


def _locked(state: Path, *, make: bool = False) -> Any:
    """Return the open, locked lock file of a state folder; None if another run holds it or has only just made it."""
    lock = state / "lock"
    if not make and not lock.exists():
        return None
    handle = lock.open("a")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        handle.close()
        return None
    return handle
