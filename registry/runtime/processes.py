"""Child processes that do not outlive their parent, free ports, locks, and knowing a process again after a crash."""

import ctypes
import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

from registry.runtime.account import Account

LOOPBACK = "127.0.0.1"
Farewell = Sequence[tuple[signal.Signals, float]]  # signals in turn, each with its patience in seconds
LEFTOVER_PATIENCE = 5.0  # seconds that a process left over by a killed supervisor has to end by itself
_PR_SET_PDEATHSIG = 1  # linux/prctl.h
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


class CannotRun(Exception):
    """Something on this machine stands in the way. The sentence is for the person at the terminal."""


def _bound_to_parent(farewell: signal.Signals) -> Callable[[], None] | None:
    """Return what a child runs before exec so that the kernel sends it `farewell` when its parent dies (Linux)."""
    if _LIBC is None:
        return None
    libc, parent = _LIBC, os.getpid()

    def bind() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, int(farewell), 0, 0, 0)
        if os.getppid() != parent:  # it died between fork and prctl
            os._exit(1)

    return bind


def spawn(
    command: Sequence[str],
    *,
    output: int | IO[bytes],
    environment: Mapping[str, str] | None = None,
    account: Account | None = None,
    farewell: signal.Signals = signal.SIGTERM,
    entry: int = subprocess.DEVNULL,
    folder: Path | None = None,
) -> subprocess.Popen[bytes]:
    """Start `command` in a process group of its own, as `account` if given, ending with `farewell` if we are killed.

    Call it from the main thread: the kernel's parent-death signal follows the thread, not the process.
    """
    return subprocess.Popen(
        list(command),
        stdin=entry,
        stdout=output,
        stderr=subprocess.STDOUT,
        env=None if environment is None else dict(environment),
        cwd=folder,
        process_group=0,
        preexec_fn=_bound_to_parent(farewell),
        **({} if account is None else account.popen_arguments()),
    )


def end(process: subprocess.Popen[bytes], *, by: Farewell) -> int:
    """Stop `process`: each signal in turn with its patience in seconds, then SIGKILL to its whole group."""
    for signum, patience in by:
        if process.poll() is not None:
            break
        process.send_signal(signum)
        try:
            process.wait(timeout=patience)
        except subprocess.TimeoutExpired:
            continue
    kill_group(process.pid)
    return process.wait()


def is_alive(process: subprocess.Popen[bytes]) -> bool:
    """Tell whether our child has not ended yet."""
    return process.poll() is None


def kill_group(group: int) -> None:
    """Kill what is left of a process group, for instance the workers of a killed web server."""
    try:
        os.killpg(group, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


def free_port(*, preferred: int = 0) -> int:
    """Return a free TCP port on the loopback interface, `preferred` if it is free."""
    for port in (preferred, 0) if preferred else (0,):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((LOOPBACK, port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise CannotRun("No TCP port is free on the loopback interface.")


def port_is_free(port: int) -> bool:
    """Tell whether nobody listens on `port` of the loopback interface."""
    return free_port(preferred=port) == port


def wait_until(
    ready: Callable[[], bool], *, seconds: float, alive: Callable[[], bool] = lambda: True, pause: float = 0.03
) -> bool:
    """Poll `ready` until it holds (True), `seconds` have passed or `alive` has ended (False)."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if ready():
            return True
        if not alive():
            return False
        time.sleep(pause)
    return False


class Lock:
    """An exclusive lock on a file, held from `take` until the process ends: the kernel frees it, however we die."""

    def __init__(self, *, path: Path) -> None:
        """Make the file if it is missing; raises PermissionError if we may not write it."""
        self.path = path
        os.close(self._open())

    def take(self) -> bool:
        """Take the lock without waiting; False if another holder has it."""
        descriptor = self._open()
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"{os.getpid()}\n".encode())
        self.descriptor = descriptor
        return True

    def holder(self) -> str:
        """Return the process id that the holder wrote, empty if unknown."""
        return self.path.read_text().strip()

    def free(self) -> None:
        """Give a lock back that `take` has taken."""
        os.close(self.descriptor)

    def _open(self) -> int:
        return os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)


def is_running(pid: int) -> bool:
    """Tell whether a process exists and is not a zombie."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    status = Path(f"/proc/{pid}/stat")
    return not status.exists() or _stat_fields(status)[0] != "Z"


def birth(pid: int) -> str:
    """Return a mark that tells a process from any other with the same id, empty if there is no such process."""
    status = Path(f"/proc/{pid}/stat")
    if not status.exists():
        return _ps("lstart", pid)
    started = _stat_fields(status)[19]  # in ticks since the machine came up, hence the name of that coming up
    return started and f"{started}@{Path('/proc/sys/kernel/random/boot_id').read_text().strip()}"


def program_of(pid: int) -> str:
    """Return the file name of the program that a process runs, empty if the process is gone."""
    line = Path(f"/proc/{pid}/cmdline")
    if not line.exists():
        return Path(_ps("comm", pid)).name
    return Path(line.read_bytes().split(b"\0")[0].decode(errors="replace")).name


def note_down(note: Path, *, pid: int) -> None:
    """Remember a child, so that the next start finds it if we are killed."""
    note.write_text(f"{pid} {birth(pid)}\n")


def end_leftover(note: Path) -> bool:
    """End the process that an earlier supervisor noted down and left behind, and its group; False if there is no note.

    If only the group is left, it is still ours: a group's id is not given away while it has members.
    """
    try:
        pid, _, born = note.read_text().strip().partition(" ")
    except FileNotFoundError:
        return False
    now = birth(int(pid)) if pid.isdecimal() and born else "no process of ours"
    if now == born:
        end_stranger(int(pid), by=((signal.SIGTERM, LEFTOVER_PATIENCE),))
    if now in (born, ""):
        kill_group(int(pid))
    note.unlink()
    return True


def end_stranger(pid: int, *, by: Farewell) -> None:
    """Stop a process that is not our child: each signal in turn with its patience in seconds, then SIGKILL."""
    born = birth(pid)

    def gone() -> bool:
        return birth(pid) != born or not is_running(pid)

    for signum, patience in (*by, (signal.SIGKILL, 5.0)):
        try:
            os.kill(pid, signum)
        except ProcessLookupError:
            return
        if wait_until(gone, seconds=patience):
            return


def _ps(column: str, pid: int) -> str:
    """Ask ps, where there is no /proc."""
    asked = ["ps", "-o", f"{column}=", "-p", str(pid)]
    return subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip()


def _stat_fields(status: Path) -> list[str]:
    """Return the fields of proc(5) `stat` from the third (state) on; the name before them may hold anything."""
    try:
        return status.read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return [""] * 20
