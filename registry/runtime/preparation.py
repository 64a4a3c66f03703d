"""The steps between a running database and a register that can serve: each skipped while what it reads is unchanged."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import psycopg

from registry.runtime.console import Console
from registry.runtime.processes import CannotRun
from registry.runtime.services import Addresses
from registry.runtime.state import ROOT, State, read, write

SCHEMA = ("registry/*/migrations/*.py", "requirements/run.txt")
POLICY = (
    "registry/accounts/data/policy.toml",
    "registry/accounts/policy.py",
    "registry/accounts/row_security.py",
    "registry/acting.py",
)


@dataclass(frozen=True)
class Step:
    """One management command, the login it runs as, and the files whose change makes it necessary again."""

    name: str
    told: str
    command: tuple[str, ...]
    login: str
    reads: tuple[str, ...]


STEPS = (
    Step("migrate", "Bringing the tables up to date", ("migrate", "--no-input"), "owner", SCHEMA),
    Step("policy", "Granting each audience what the policy says", ("apply_policy",), "owner", SCHEMA + POLICY),
    Step(
        "reference",
        "Loading thresholds, accelerators and other reference data",
        ("load_reference",),
        "command",
        (*SCHEMA, "registry/*/data/*", "registry/management/commands/load_reference.py"),
    ),
    Step(
        "static",
        "Collecting style sheets and scripts",
        ("collectstatic", "--no-input"),
        "owner",
        ("static/**/*", "requirements/run.txt"),
    ),
)
DEMONSTRATION = Step(
    "demonstration", "Playing the demonstration (only at the first start)", ("load_demonstration",), "command", ()
)


def steps() -> list[Step]:
    """Return all steps of this environment, due or not."""
    wanted = os.environ.get("REGISTRY_DEMONSTRATION", "1") != "0"
    environment = os.environ.get("REGISTRY_ENVIRONMENT", "demonstration")
    return [*STEPS, *([DEMONSTRATION] if wanted and environment == "demonstration" else [])]


class Preparation:
    """Runs the steps that are due. Stamps are kept for an embedded database only: a real one is always asked."""

    def __init__(self, *, state: State, addresses: Addresses, embedded: bool, console: Console) -> None:
        """`embedded` tells whether the database is ours alone."""
        self.state, self.addresses, self.embedded, self.console = state, addresses, embedded, console
        self.identity = database_identity(url=addresses.database["owner"])

    def run(self) -> None:
        """Run each due step and remember it. Raises `CannotRun` with the end of its output if one fails."""
        for step in steps():
            with self.console.step(step.told) as progress:
                fingerprint = self._fingerprint(step)
                if self._is_done(step, fingerprint):
                    progress.note("up to date")
                    continue
                self._run(step)
                write(self.state.stamps, read(self.state.stamps) | {step.name: fingerprint})

    def _is_done(self, step: Step, fingerprint: str) -> bool:
        if step.name == "static" and not (self.state.folder / "static").is_dir():
            return False
        if step is DEMONSTRATION and not self.state.demonstration.exists():
            return False
        always = not self.embedded and step not in (DEMONSTRATION, STEPS[-1])
        return not always and read(self.state.stamps).get(step.name) == fingerprint

    def _run(self, step: Step) -> None:
        environment = self.addresses.environment(step.login) | {"REGISTRY_VAR": str(self.state.folder)}
        log = self.state.log / "setup.log"
        with log.open("ab") as output:
            output.write(f"--- {' '.join(step.command)}\n".encode())
            output.flush()
            begin = output.tell()
            ran = subprocess.run(
                [sys.executable, str(ROOT / "manage.py"), *step.command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=environment,
                cwd=ROOT,
                check=False,
            )
        if ran.returncode:
            said = log.read_bytes()[begin:].decode(errors="replace").strip().splitlines()
            raise CannotRun("\n".join([f"`manage.py {step.command[0]}` failed; all of it is in {log}:", *said[-6:]]))

    def _fingerprint(self, step: Step) -> str:
        """Return a digest of what the step reads and of the database it has changed."""
        digest = hashlib.sha256(f"{self.identity} {step.command}".encode())
        for path in _files(step.reads):
            status = path.stat()
            digest.update(f"{path.relative_to(ROOT)} {status.st_size} {status.st_mtime_ns}\n".encode())
        return digest.hexdigest()


def database_identity(*, url: str) -> str:
    """Return what tells this database from one made anew under the same name."""
    with psycopg.connect(url, connect_timeout=10) as connection:
        found = connection.execute(
            "select system_identifier, (select oid from pg_database where datname = current_database())"
            " from pg_control_system()"
        ).fetchone()
    return str(found)


def _files(patterns: Iterable[str]) -> list[Path]:
    return sorted({path for pattern in patterns for path in ROOT.glob(pattern) if path.is_file()})
