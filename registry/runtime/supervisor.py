"""One process that starts the register's processes, shows their logs, restarts what dies and stops all in order.

It is single-threaded: the kernel ties a child to the thread that made it, and a signal can only meet the main loop.
"""

import os
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Self

from registry.runtime.console import Console
from registry.runtime.processes import CannotRun, end_leftover, kill_group, note_down, spawn

BACK_OFF = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0)  # seconds before each restart in a row
STEADY = 60.0  # seconds a process must live for its next restart to be at once again


class Stop(BaseException):
    """Somebody pressed Ctrl-C or sent SIGTERM. Not an `Exception`: nothing on the way may catch it."""


class Signals:
    """While open, SIGINT, SIGTERM and SIGHUP raise `Stop` once; later ones are ignored, for stopping takes its time."""

    _SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def __enter__(self) -> Self:
        self._earlier = {signum: signal.signal(signum, self._stop) for signum in self._SIGNALS}
        return self

    def __exit__(self, *error: object) -> None:
        for signum, earlier in self._earlier.items():
            signal.signal(signum, earlier)

    def _stop(self, signum: int, frame: FrameType | None) -> None:
        del frame
        for known in self._SIGNALS:
            signal.signal(known, signal.SIG_IGN)
        raise Stop(signal.Signals(signum).name)


@dataclass(frozen=True)
class Program:
    """A process of the register. `patience` is how many seconds it has to end after SIGTERM."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    patience: float = 5.0


@dataclass
class _Life:
    """What the supervisor knows of something it keeps alive."""

    name: str
    start: Callable[[], subprocess.Popen[bytes]]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    failures: int = 0
    due: float = 0.0
    rest: bytes = field(default=b"", repr=False)


class Supervisor:
    """Keeps programs, and embedded services that are running already, alive until `Stop`."""

    def __init__(self, *, notes: Path, log: Path, folder: Path, console: Console) -> None:
        """`notes` and `log` are folders for process notes and logs, `folder` is where programs run."""
        self.notes, self.log, self.folder, self.console = notes, log, folder, console
        self._lives: list[_Life] = []
        self._programs: list[Program] = []
        self._pipes = selectors.DefaultSelector()

    def watch(self, name: str, service: subprocess.Popen[bytes], start: Callable[[], subprocess.Popen[bytes]]) -> None:
        """Keep a running service alive: `start` starts it again and returns when it answers."""
        self._lives.append(_Life(name=name, start=start, process=service, started=time.monotonic()))

    def end_leftovers(self) -> bool:
        """End what a killed supervisor left of its programs, and tell whether there may have been any.

        The kernel takes a moment to give back what they held, such as the port.
        """
        ended = [end_leftover(note) for note in self.notes.glob("*.pid")]
        return any(ended)

    def launch(self, programs: Sequence[Program]) -> None:
        """Start programs."""
        for program in programs:
            life = _Life(name=program.name, start=lambda program=program: self._spawn(program))  # type: ignore[misc]
            self._programs.append(program)
            self._lives.append(life)
            self._start(life)

    def run(self, *, until: Callable[[], bool] = lambda: False, seconds: float = float("inf")) -> bool:
        """Show logs and restart what dies until `until` holds (True) or `seconds` are over (False), or `Stop` comes."""
        end_at = time.monotonic() + seconds
        while time.monotonic() < end_at:
            if until():
                return True
            self._show(timeout=0.2)
            self._mend()
        return False

    def stop(self) -> None:
        """Stop the programs in the order they were launched in; services are their owner's to stop."""
        for program in self._programs:
            life = next(life for life in self._lives if life.name == program.name)
            if life.process is not None:
                self._end(life, life.process, patience=program.patience)
            self._note(program).unlink(missing_ok=True)
        self._lives.clear()
        self._programs.clear()

    def _end(self, life: _Life, process: subprocess.Popen[bytes], *, patience: float) -> None:
        """Stop one program, showing what it still has to say."""
        process.terminate()
        until = time.monotonic() + patience
        while process.poll() is None and time.monotonic() < until:
            self._show(timeout=0.05)
        kill_group(process.pid)
        process.wait()
        self._hang_up(life, process)

    def _note(self, program: Program) -> Path:
        return self.notes / f"{program.name}.pid"

    def _spawn(self, program: Program) -> subprocess.Popen[bytes]:
        process = spawn(program.command, output=subprocess.PIPE, environment=program.environment, folder=self.folder)
        note_down(self._note(program), pid=process.pid)
        return process

    def _start(self, life: _Life) -> None:
        life.started = time.monotonic()
        try:
            life.process = process = life.start()
        except CannotRun as obstacle:
            self._postpone(life, str(obstacle))
            return
        if process.stdout is not None:
            os.set_blocking(process.stdout.fileno(), False)
            self._pipes.register(process.stdout, selectors.EVENT_READ, life)

    def _mend(self) -> None:
        now = time.monotonic()
        for life in self._lives:
            if life.process is not None and life.process.poll() is not None:
                self._bury(life, now)
            elif life.process is None and now >= life.due:
                self._start(life)
                self.console.line("register", f"{life.name} started again")

    def _bury(self, life: _Life, now: float) -> None:
        """Note the death of a process, clear what is left of its group and decide when it comes back."""
        process = life.process
        if process is None:
            return
        kill_group(process.pid)
        self._hang_up(life, process)
        life.failures = 0 if now - life.started > STEADY else life.failures
        self._postpone(life, f"{life.name} ended ({_cause(process.returncode)})")

    def _postpone(self, life: _Life, told: str) -> None:
        pause = BACK_OFF[min(life.failures, len(BACK_OFF) - 1)]
        life.failures, life.due, life.process = life.failures + 1, time.monotonic() + pause, None
        self.console.line("register", f"{told}; again in {pause:g} s")

    def _show(self, *, timeout: float) -> None:
        """Show what the programs wrote; wait for it no longer than `timeout` seconds."""
        if not self._pipes.get_map():
            time.sleep(timeout)
        for key, _ in self._pipes.select(timeout):
            if not self._drain(key.fd, key.data):
                self._pipes.unregister(key.fileobj)  # it closed its output and may well live on

    def _hang_up(self, life: _Life, process: subprocess.Popen[bytes]) -> None:
        """Show the last lines of a process that has ended and close its pipe."""
        pipe = process.stdout
        if pipe is None:
            return
        if pipe in {key.fileobj for key in self._pipes.get_map().values()}:
            while self._drain(pipe.fileno(), life):
                continue
            self._pipes.unregister(pipe)
        pipe.close()

    def _drain(self, pipe: int, life: _Life) -> bool:
        """Show the whole lines that wait in a pipe and keep them in the process's log; False at its end."""
        try:
            waiting = os.read(pipe, 65_536)
        except BlockingIOError:
            return False
        *lines, life.rest = (life.rest + waiting).split(b"\n")
        if lines:
            with (self.log / f"{life.name}.log").open("ab") as log:
                log.write(b"\n".join(lines) + b"\n")
        for line in lines:
            self.console.line(life.name, line.decode(errors="replace"))
        return bool(waiting)


def _cause(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
