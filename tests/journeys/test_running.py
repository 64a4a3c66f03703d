"""The register starts from nothing, mends itself, survives being killed, and stops cleanly: `make run` without make."""

import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from registry.runtime.processes import free_port, is_running, port_is_free, wait_until

ROOT = Path(__file__).resolve().parents[2]
OURS = {"DATABASE_URL", "DATABASE_WEB_URL", "DATABASE_WORKER_URL", "DATABASE_COMMAND_URL", "CELERY_BROKER_URL"}
OURS |= {"CACHE_URL", "SECRET_KEY", "BASE_URL", "DJANGO_SETTINGS_MODULE"}
PROGRAMS = ("web", "relay", "beat", "worker")
pytestmark = pytest.mark.xdist_group("running")


class Register:
    """A register on a state folder with spaces in its name, run as `make run` runs it."""

    def __init__(self, state: Path) -> None:
        self.state, self.port = state, free_port()
        self.output = state.with_name("output.txt")
        self.process: subprocess.Popen[bytes] | None = None

    def command(self, *verb: str, port: int = 0) -> subprocess.Popen[bytes]:
        environment = {name: value for name, value in os.environ.items() if name not in OURS}
        environment |= {"REGISTRY_VAR": str(self.state), "PORT": str(port or self.port)}
        environment |= {"REGISTRY_ENVIRONMENT": "demonstration", "REGISTRY_DEMONSTRATION": "0"}
        with self.output.open("ab") as output:
            return subprocess.Popen(
                [sys.executable, "-m", *verb], cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT
            )

    def said(self) -> str:
        return self.output.read_text(errors="replace")

    def start(self) -> None:
        """Start it and wait until it says that it runs."""
        told = self.said().count("The register runs") if self.output.exists() else 0
        self.process = process = self.command("registry.runtime", "run")
        assert wait_until(
            lambda: self.said().count("The register runs") > told, seconds=180, alive=lambda: process.poll() is None
        ), self.said()

    def pids(self) -> dict[str, int]:
        """The processes that it has noted down."""
        found = {}
        notes = {name: self.state / "run" / f"{name}.pid" for name in PROGRAMS}
        notes |= {"valkey": self.state / "valkey.pid", "postgres": self.state / "postgres" / "postmaster.pid"}
        for name, note in notes.items():
            words = note.read_text().split() if note.exists() else []
            if words:
                found[name] = int(words[0])
        return found

    def answers(self) -> bool:
        wire = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            wire.request("GET", "/health/live")
            return wire.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            wire.close()

    def stop(self, signum: signal.Signals) -> int:
        assert self.process is not None
        self.process.send_signal(signum)
        code = self.process.wait(timeout=40)
        self.process = None
        return code


@pytest.fixture(scope="module")
def house() -> Iterator[Register]:
    above = Path(tempfile.mkdtemp(prefix="ecar running "))
    above.chmod(0o711)
    register = Register(above / "a state of its own")
    yield register
    if register.process is not None:
        register.stop(signal.SIGTERM)
    shutil.rmtree(above)


@pytest.fixture
def register(house: Register) -> Register:
    """The register, running."""
    if house.process is None or house.process.poll() is not None:
        house.start()
    return house


def test_a_second_start_on_the_same_state_says_so_and_stops(register: Register) -> None:
    second = register.command("registry.runtime", "run", port=free_port())
    assert second.wait(timeout=20) == 1
    assert f"The register runs already on {register.state} (process {register.process.pid})" in register.said()
    assert register.answers()


def test_a_port_that_is_taken_is_named(house: Register) -> None:
    other = Register(house.state.with_name("another state"))
    other.state.parent.mkdir(exist_ok=True)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert other.command("registry.runtime", "run", port=port).wait(timeout=20) == 1
    assert f"Port {port} on 127.0.0.1 is taken" in other.said()


def test_a_command_in_another_terminal_finds_the_running_register(register: Register) -> None:
    assert register.command("manage", "showmigrations", "filings").wait(timeout=60) == 0
    beside = register.command(
        "registry.runtime", "exec", "--", sys.executable, "manage.py", "check", "--database=default"
    )
    assert beside.wait(timeout=60) == 0, register.said()


@pytest.mark.parametrize("name", ["web", "worker", "relay", "beat", "postgres", "valkey"])
def test_what_is_killed_comes_back(register: Register, name: str) -> None:
    killed = register.pids()[name]
    os.kill(killed, signal.SIGKILL)
    assert wait_until(lambda: register.pids().get(name, killed) != killed, seconds=40), register.said()
    assert wait_until(register.answers, seconds=40), register.said()
    assert not is_running(killed)


@pytest.mark.parametrize("all_at_once", [False, True])
def test_a_killed_supervisor_is_followed_by_a_start_that_clears_up_and_repeats_no_step(
    register: Register, all_at_once: bool
) -> None:
    left = register.pids()
    assert set(left) == {*PROGRAMS, "postgres", "valkey"}
    for pid in left.values() if all_at_once else ():
        os.kill(pid, signal.SIGSTOP)  # nobody may mend or end anything before all are killed
    assert register.stop(signal.SIGKILL) == -signal.SIGKILL
    for pid in left.values() if all_at_once else ():
        os.kill(pid, signal.SIGKILL)
    if sys.platform == "linux":
        assert wait_until(lambda: not is_running(left["postgres"]) and not is_running(left["valkey"]), seconds=30)
    register.start()
    assert register.said().rpartition("[1/7]")[2].count("… up to date") == 4
    assert register.answers()
    assert not {name for name, pid in left.items() if is_running(pid)}


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_stopping_takes_all_with_it_and_is_no_error(register: Register, signum: signal.Signals) -> None:
    left = register.pids()
    begun = time.monotonic()
    assert register.stop(signum) == 0
    assert time.monotonic() - begun < 15
    assert not {name for name, pid in left.items() if is_running(pid)}
    assert port_is_free(register.port)
    assert not (register.state / "runtime.json").exists()
    assert not (register.state / "postgres" / "postmaster.pid").exists()
