"""The supervisor shows what its programs say, brings back what dies, and stops all in order."""

import io
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from registry.runtime import processes
from registry.runtime.console import Console
from registry.runtime.processes import end_leftover, is_running, note_down, spawn, wait_until
from registry.runtime.supervisor import Program, Signals, Stop, Supervisor

pytestmark = pytest.mark.xdist_group("runtime")
WAIT = "import signal, sys; print('ready', flush=True); signal.pause()"
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready', flush=True); signal.pause()"
PARENT = (
    "import signal, subprocess, sys; c = subprocess.Popen([sys.executable, '-c', 'import signal; signal.pause()']);"
    "print('child', c.pid, flush=True); signal.pause()"
)


class Stage:
    """A supervisor on a folder of its own, and what it wrote."""

    def __init__(self, folder: Path) -> None:
        self.out = io.StringIO()
        self.folder = folder
        for made in ("run", "log"):
            (folder / made).mkdir()
        self.supervisor = Supervisor(
            notes=folder / "run", log=folder / "log", folder=folder, console=Console(stream=self.out)
        )

    def launch(self, **scripts: str) -> None:
        self.supervisor.launch(
            [Program(name, (sys.executable, "-c", script), dict(os.environ), 2.0) for name, script in scripts.items()]
        )

    def until(self, text: str, *, times: int = 1) -> None:
        assert self.supervisor.run(until=lambda: self.out.getvalue().count(text) >= times, seconds=20), (
            self.out.getvalue()
        )

    def pid(self, name: str) -> int:
        return int((self.folder / "run" / f"{name}.pid").read_text().split()[0])


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    folder = tmp_path / "a folder with spaces"
    folder.mkdir()
    return Stage(folder)


def test_lines_carry_the_name_of_their_process_and_are_kept(stage: Stage) -> None:
    stage.launch(web="print('one\\ntwo', flush=True); " + WAIT)
    stage.until("ready")
    stage.supervisor.stop()
    assert "web      │ one\nweb      │ two\n" in stage.out.getvalue()
    assert (stage.folder / "log" / "web.log").read_text().startswith("one\ntwo\n")


def test_a_program_that_is_killed_comes_back(stage: Stage) -> None:
    stage.launch(web=WAIT)
    stage.until("│ ready")
    killed = stage.pid("web")
    os.kill(killed, signal.SIGKILL)
    stage.until("│ ready", times=2)
    stage.supervisor.stop()
    assert "web ended (signal SIGKILL); again in 0.5 s" in stage.out.getvalue()
    assert not is_running(killed)


def test_restarts_in_a_row_are_ever_further_apart(stage: Stage) -> None:
    stage.launch(web="raise SystemExit(3)")
    stage.until("web ended (exit code 3); again in 1 s")
    stage.supervisor.stop()
    assert stage.out.getvalue().index("again in 0.5 s") < stage.out.getvalue().index("again in 1 s")


def test_children_of_a_killed_program_do_not_stay(stage: Stage) -> None:
    stage.launch(web=PARENT)
    stage.until("child")
    child = int(stage.out.getvalue().split("child ")[1].split()[0])
    os.kill(stage.pid("web"), signal.SIGKILL)
    stage.until("child", times=2)
    stage.supervisor.stop()
    assert wait_until(lambda: not is_running(child), seconds=5)


def test_a_service_that_dies_is_started_by_its_own_means(stage: Stage) -> None:
    def start() -> subprocess.Popen[bytes]:
        return spawn([sys.executable, "-c", WAIT], output=subprocess.DEVNULL)

    first = start()
    started: list[subprocess.Popen[bytes]] = []
    stage.supervisor.watch("postgres", first, lambda: started.append(start()) or started[0])
    first.kill()
    stage.until("postgres started again")
    stage.supervisor.stop()
    assert started[0].poll() is None
    started[0].kill()
    started[0].wait()


def test_stopping_follows_the_order_and_ends_the_stubborn(stage: Stage) -> None:
    bye = (
        "import signal, sys, time\n"
        "def bye(*_): print(time.monotonic(), 'bye', flush=True); sys.exit()\n"
        "signal.signal(signal.SIGTERM, bye); print('ready', flush=True); signal.pause()"
    )
    stage.launch(web=bye, relay=STUBBORN, worker=bye)
    stage.until("│ ready", times=3)
    stubborn = stage.pid("relay")
    begun = time.monotonic()
    stage.supervisor.stop()
    assert time.monotonic() - begun < 10
    said = [line for line in stage.out.getvalue().splitlines() if line.endswith("bye")]
    assert [line.split()[0] for line in said] == ["web", "worker"]
    assert not is_running(stubborn)
    assert not list((stage.folder / "run").iterdir())


def test_what_a_killed_supervisor_left_is_ended_first(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "LEFTOVER_PATIENCE", 0.2)
    left = subprocess.Popen([sys.executable, "-c", STUBBORN], stdout=subprocess.PIPE, process_group=0)
    assert left.stdout is not None
    left.stdout.readline()
    note_down(stage.folder / "run" / "web.pid", pid=left.pid)
    ending = threading.Thread(target=left.wait)  # as init would, so that it is gone when it has ended
    ending.start()
    stage.supervisor.end_leftovers()
    ending.join(timeout=10)
    assert left.returncode == -signal.SIGKILL
    left.stdout.close()


def test_what_is_left_of_a_group_without_its_leader_is_ended(stage: Stage) -> None:
    leader = subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, process_group=0)
    assert leader.stdout is not None
    child = int(leader.stdout.readline().split()[1])
    note_down(stage.folder / "run" / "web.pid", pid=leader.pid)
    leader.kill()
    leader.wait()
    leader.stdout.close()
    assert is_running(child)
    stage.supervisor.end_leftovers()
    assert wait_until(lambda: not is_running(child), seconds=5)


def test_a_later_process_with_the_same_id_is_left_alone(tmp_path: Path) -> None:
    note = tmp_path / "web.pid"
    note.write_text(f"{os.getpid()} born another day\n")
    end_leftover(note)
    assert not note.exists()


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_the_first_signal_stops_and_later_ones_wait(signum: signal.Signals) -> None:
    with Signals():
        with pytest.raises(Stop):
            signal.raise_signal(signum)
        signal.raise_signal(signum)
        signal.raise_signal(signal.SIGTERM)
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL
