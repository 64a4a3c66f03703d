"""`python -m registry.runtime <verb>`: run, setup, exec, psql, code, reset. The Makefile calls these."""

import argparse
import http.client
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from registry.runtime.console import Console
from registry.runtime.embedded import psql_program
from registry.runtime.one_time_code import one_time_code
from registry.runtime.preparation import Preparation, steps
from registry.runtime.processes import LOOPBACK, CannotRun, port_is_free, wait_until
from registry.runtime.programs import programs
from registry.runtime.services import Addresses, Services
from registry.runtime.state import ROOT, State, read
from registry.runtime.supervisor import Signals, Stop, Supervisor

READY_WITHIN = 90.0  # seconds for the web server to answer its first request


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb and return the exit code. Obstacles are told in a sentence, without a traceback."""
    given = _parser().parse_args(arguments)
    verbs = {"run": _run, "setup": _setup, "exec": _execute, "psql": _psql, "reset": _reset, "code": _code}
    try:
        with Signals():
            return verbs[given.verb](given)
    except CannotRun as obstacle:
        sys.stdout.flush()
        sys.stderr.write(f"\n{obstacle}\n")
        return 1
    except Stop:
        sys.stdout.write("Stopped.\n")
        return 0 if given.verb == "run" else 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m registry.runtime", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("run", help="start everything and stay in the foreground until Ctrl-C")
    verbs.add_parser("setup", help="bring database and reference data up to date, then stop")
    verbs.add_parser("reset", help="remove the embedded register's data; the next start begins anew")
    execute = verbs.add_parser("exec", help="run a command beside the services, started for it if they are not running")
    execute.add_argument("--as", dest="login", default="command", choices=["owner", "web", "worker", "command"])
    execute.add_argument("command", nargs="+", help="after --")
    code = verbs.add_parser("code", help="show the one-time code of a person of the demonstration")
    code.add_argument("email")
    query = verbs.add_parser("psql", help="open PostgreSQL's terminal")
    query.add_argument("--as", dest="login", default="owner", choices=["owner", "web", "worker", "command"])
    query.add_argument("command", nargs="*", help="arguments of psql, after --")
    return parser


def _run(given: argparse.Namespace) -> int:
    """Start the register and keep it running until `Stop`."""
    del given
    begun, console, state, port = time.monotonic(), Console(), State(), _port()
    _take(state)
    supervisor = Supervisor(notes=state.notes, log=state.log, folder=ROOT, console=console)
    patience = 5.0 if supervisor.end_leftovers() else 0.01
    if not wait_until(lambda: port_is_free(port), seconds=patience):
        raise CannotRun(
            f"Port {port} on {LOOPBACK} is taken, or not ours to open. Choose another one: PORT={port + 1} make run"
        )
    services = Services(state=state, port=port)
    try:
        addresses = _prepare(state, services, console, more_steps=1)
        with console.step("Starting web server, worker, beat and relay"):
            supervisor.launch(programs(addresses=addresses, state=state, port=port))
            if not supervisor.run(until=lambda: _answers(port), seconds=READY_WITHIN):
                raise CannotRun(f"The web server does not answer. Its log is {state.log / 'web.log'}.")
        if services.postgres is not None and services.postgres.process is not None:
            supervisor.watch("postgres", services.postgres.process, services.postgres.start)
        if services.valkey is not None and services.valkey.process is not None:
            supervisor.watch("valkey", services.valkey.process, services.valkey.start)
        _welcome(console, state, addresses, seconds=time.monotonic() - begun)
        supervisor.run()
    finally:
        console.say("Stopping …")
        supervisor.stop()
        services.stop()
        state.runtime.unlink(missing_ok=True)
    return 0


def _setup(given: argparse.Namespace) -> int:
    """Prepare everything as `run` does, and stop."""
    del given
    state = State()
    _take(state)
    services = Services(state=state, port=_port())
    try:
        _prepare(state, services, Console(), more_steps=0)
    finally:
        services.stop()
    return 0


def _prepare(state: State, services: Services, console: Console, *, more_steps: int) -> Addresses:
    """Start the services, run the steps that are due, and return the addresses."""
    console.total = 2 + len(steps()) + more_steps
    with console.step("Starting the database") as progress:
        progress.note(f"PostgreSQL {services.start_database()}")
    with console.step("Starting the broker"):
        services.start_broker()
    addresses = services.publish()
    embedded = services.postgres is not None
    Preparation(state=state, addresses=addresses, embedded=embedded, console=console).run()
    return addresses


def _welcome(console: Console, state: State, addresses: Addresses, *, seconds: float) -> None:
    console.say(f"\nThe register runs ({seconds:.1f} s).  {addresses.base_url}/")
    console.say(f"  API and its documents   {addresses.base_url}/en/api/")
    console.say(f"  Logs and data           {state.folder}")
    if state.demonstration.exists():
        console.say("\nLog-ins of the demonstration:")
        console.people(_people(state))
        console.say("  A one-time code for one of them: .venv/bin/python -m registry.runtime code E-MAIL")
    console.say("\nStop with Ctrl-C.\n")


def _execute(given: argparse.Namespace) -> int:
    """Run a command with the addresses of the services in its environment, and return its exit code."""
    with _addresses() as addresses:
        return subprocess.run(given.command, env=addresses.environment(given.login), check=False).returncode


def _psql(given: argparse.Namespace) -> int:
    """Open psql, the wheel's or the machine's."""
    with _addresses() as addresses:
        command = [psql_program(), addresses.database[given.login], *given.command]
        return subprocess.run(command, check=False).returncode


def _code(given: argparse.Namespace) -> int:
    """Print the one-time code of a person of the demonstration."""
    for person in _people(State()):
        if person.get("email") == given.email and person.get("totp_secret"):
            print(one_time_code(secret=person["totp_secret"], seconds=time.time()))
            return 0
    raise CannotRun(f"The demonstration knows nobody with a second factor as {given.email}.")


def _people(state: State) -> list[dict[str, str]]:
    if not state.demonstration.exists():
        return []
    people: list[dict[str, str]] = json.loads(state.demonstration.read_text())["people"]
    return people


def _reset(given: argparse.Namespace) -> int:
    """Remove the embedded register's data: never a real server's, never in production."""
    del given
    if os.environ.get("DATABASE_URL") or os.environ.get("REGISTRY_ENVIRONMENT") == "production":
        raise CannotRun("Only the embedded demonstration can be reset: DATABASE_URL is set, or this is production.")
    state = State()
    _take(state)
    state.reset()
    return 0


@contextmanager
def _addresses() -> Iterator[Addresses]:
    """Give the addresses of the running register; if it is not running, start its services meanwhile."""
    state = State()
    mine = state.take()
    if not mine and not state.runtime.exists():
        raise CannotRun("The register is just starting. Try again when it says that it runs.")
    services = Services(state=state, port=_port())
    if not mine:
        yield replace(services.addresses(), base_url=read(state.runtime)["base_url"])
        return
    try:
        services.start_database()
        services.start_broker()
        yield services.addresses()
    finally:
        services.stop()


def _take(state: State) -> None:
    if not state.take():
        raise CannotRun(
            f"The register runs already on {state.folder} (process {state.holder()}). "
            "Stop that one first, or give this one a folder of its own: REGISTRY_VAR=…"
        )


def _port() -> int:
    given = os.environ.get("PORT") or "8000"
    if not given.isdecimal() or not 0 < int(given) < 65_536:
        raise CannotRun(f"PORT must be a number from 1 to 65535, not {given!r}.")
    return int(given)


def _answers(port: int) -> bool:
    """Tell whether the web server answers a request, whatever it says."""
    wire = http.client.HTTPConnection(LOOPBACK, port, timeout=5)
    try:
        wire.request("GET", "/health/live")
        wire.getresponse().read()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        wire.close()
    return True


if __name__ == "__main__":
    sys.exit(main())
