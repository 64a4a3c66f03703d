"""The register's own processes and how each is started. Order is the order of stopping."""

import sys

from registry.runtime.processes import LOOPBACK
from registry.runtime.services import Addresses
from registry.runtime.state import ROOT, State
from registry.runtime.supervisor import Program

WEB_WORKERS = 2
HEADERS_MILLISECONDS = 10_000  # for the head of a request, and between two; registry.whole_requests waits for the body
TASK_PROCESSES = 2
_QUIET = "ignore:You're running the worker with superuser"  # its advice is in docs/running.md, not in every log


def programs(*, addresses: Addresses, state: State, port: int) -> list[Program]:
    """Return web, relay, beat and worker. Web has the web login, the others the worker's."""
    shared = {"REGISTRY_VAR": str(state.folder), "PORT": str(port), "PYTHONWARNINGS": _QUIET}
    web, worker = (addresses.environment(login) | shared for login in ("web", "worker"))
    celery = (sys.executable, "-m", "celery", "--quiet", "-A", "registry")
    alone = ("--without-gossip", "--without-mingle", "--hostname=worker@%h")
    schedule = str(state.folder / "beat-schedule")
    return [
        Program("web", _granian(port), web),
        Program("relay", (sys.executable, str(ROOT / "manage.py"), "relay_events"), worker, patience=3.0),
        Program("beat", (*celery, "beat", "--loglevel=INFO", f"--schedule={schedule}", "--pidfile="), worker),
        Program(
            "worker",
            (*celery, "worker", "--loglevel=INFO", f"--concurrency={TASK_PROCESSES}", *alone),
            worker,
        ),
    ]


def _granian(port: int) -> tuple[str, ...]:
    """Return the command of the web server (docs/adr/0005 says why this one)."""
    return (
        *(sys.executable, "-m", "granian", "--interface=asginl", "--no-ws", "--log-level=warning"),
        *(f"--host={LOOPBACK}", f"--port={port}", f"--workers={WEB_WORKERS}"),
        *(f"--http1-header-read-timeout={HEADERS_MILLISECONDS}", "--http=1"),
        *("--respawn-failed-workers", "--respawn-interval=0.5", "--workers-kill-timeout=3"),
        "registry.asgi:application",
    )
