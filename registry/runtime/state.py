"""What the runtime keeps in `var/`: passwords, the addresses of the running register, stamps of steps done."""

import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from registry.runtime import account as accounts
from registry.runtime.processes import CannotRun, Lock

ROOT = Path(__file__).resolve().parent.parent.parent
SECRETS = ("postgres", "ecar_owner", "ecar_web", "ecar_worker", "ecar_command", "valkey", "secret_key", "factor_keys")
# The public log goes with its database: beside a new one it would be taken for the trace of a lost one.
LOG_FOLDERS = ("log-tiles", "log-outside")
REMADE = ("demo.json", "stamps.json", "runtime.json", "secrets.json", "receipt-key.pem", "log-key.pem")


class State:
    """The folder of everything that outlives a run. `REGISTRY_VAR` moves it."""

    def __init__(self, *, folder: Path | None = None) -> None:
        """Make the folder if needed; raises `CannotRun` when it cannot be written."""
        self.folder = (folder or Path(os.environ.get("REGISTRY_VAR") or ROOT / "var")).absolute()
        self.log = self.folder / "log"
        self.notes = self.folder / "run"
        self.postgres = self.folder / "postgres"
        self.valkey = self.folder / "valkey"
        self.demonstration = self.folder / "demo.json"
        self.runtime = self.folder / "runtime.json"
        self.stamps = self.folder / "stamps.json"
        self._secrets = self.folder / "secrets.json"
        try:
            for made in (self.folder, self.log, self.notes):
                made.mkdir(mode=0o755, parents=True, exist_ok=True)
            self._lock = Lock(path=self.folder / "lock")
        except PermissionError as error:
            raise CannotRun(
                f"{self.folder} belongs to another user. Run as that user, or choose another folder: REGISTRY_VAR=…"
            ) from error

    def take(self) -> bool:
        """Become the only one who runs on this state; False if another process is."""
        return self._lock.take()

    def free(self) -> None:
        """Let another process run on it."""
        self._lock.free()

    def holder(self) -> str:
        """Return the process id of whoever runs on this state."""
        return self._lock.holder()

    def secrets(self) -> dict[str, str]:
        """Return the passwords of this state, making those that are missing."""
        known = read(self._secrets)
        missing = {name: secrets.token_urlsafe(36) for name in SECRETS if name not in known}
        if missing:
            known |= missing
            write(self._secrets, known)
        return known

    def reset(self) -> None:
        """Remove database, broker and everything made from them. Only what we know by name goes; logs stay."""
        for folder in (self.postgres, self.valkey, *(self.folder / name for name in LOG_FOLDERS)):
            accounts.remove(folder)
        for path in self.folder.glob("beat-schedule*"):
            path.unlink()
        for name in REMADE:
            (self.folder / name).unlink(missing_ok=True)


def read(path: Path) -> dict[str, str]:
    """Return a small JSON object, empty if the file is missing."""
    try:
        found: dict[str, str] = json.loads(path.read_text())
    except FileNotFoundError:
        return {}
    return found


def write(path: Path, content: Mapping[str, str]) -> None:
    """Replace a small JSON file at once, readable by us alone."""
    fresh = path.with_suffix(".fresh")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as handle:
        json.dump(content, handle, indent=1)
        handle.flush()
        os.fsync(handle.fileno())
    fresh.replace(path)
