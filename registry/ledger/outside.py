"""What is kept of the log outside the database, so that an old backup, once restored, is recognised and made good.

The last checkpoint, replaced by compare and swap and never by a smaller one; and for each batch a journal, private to
the operator: the entries that it held and their places. Documents and salts of documents are not in it.
"""

import fcntl
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from registry.ledger import chain
from registry.ledger.acts import Act
from registry.ledger.notes import Checkpoint
from registry.ledger.publishing import CHECKPOINT, PRIVATE, Folder, LogRefused, head_of

_LOCK = "lock"
_BYTES = ("commitment", "previous_hash", "entry_hash", "salt")


@dataclass(frozen=True)
class Placed:
    """An entry and the positions of its two leaves: of its commitment, and of the commitment to the act."""

    act: Act
    position: int
    act_position: int


class Outside:
    """A folder that no backup of the database covers: on another disk, better on another machine."""

    def __init__(self, place: Path) -> None:
        """Nothing is read yet."""
        self.folder = Folder(place, PRIVATE)

    def head(self) -> Checkpoint | None:
        """The last checkpoint; None before the first. Raises `LogRefused` for one that cannot be read."""
        return self.folder.head()

    def note(self) -> bytes:
        """The last checkpoint as it was signed. Raises FileNotFoundError."""
        return self.folder.read(CHECKPOINT)

    def advance(self, note: bytes) -> None:
        """Keep a newer checkpoint. Raises `LogRefused` when a larger one, or another of the same size, lies there."""
        new = head_of(note)
        with self._alone():
            old = self.head()
            if old is not None and (old.size > new.size or (old.size == new.size and old.root != new.root)):
                raise LogRefused(
                    f"outside the database lies a checkpoint of {old.size} leaves, not one before {new.size}"
                )
            self.folder.write(CHECKPOINT, note)

    def keep(self, batch: Sequence[Placed], *, size: int) -> None:
        """Write the journal of the batch that made the log `size` leaves long."""
        lines = "".join(f"{json.dumps(_told(placed), ensure_ascii=False)}\n" for placed in batch)
        self.folder.write(f"journal/{size:015}.jsonl", lines.encode())

    def journal(self, *, after: int) -> Iterator[Placed]:
        """The batches that made the log longer than `after`, in order of their entries."""
        found: list[Placed] = []
        for path in sorted((self.folder.place / "journal").glob("*.jsonl")):
            if int(path.stem) > after:
                found += [_read(json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]
        yield from sorted(found, key=lambda placed: placed.act.index)

    def forget(self, *, before: datetime) -> int:
        """Delete the journals written before a moment, as backups of the database are newer; returns how many."""
        old = [
            path
            for path in (self.folder.place / "journal").glob("*.jsonl")
            if path.stat().st_mtime < before.timestamp()
        ]
        for path in old:
            path.unlink(missing_ok=True)
        return len(old)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        self.folder.place.mkdir(parents=True, exist_ok=True)
        with (self.folder.place / _LOCK).open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def require_not_behind(stored: Checkpoint | None, kept: Checkpoint, *, where: str, at_kept: bytes | None) -> None:
    """The database knows all that was signed. `at_kept` is its root at the size of `kept`, None where it has none.

    Raises `LogRefused`: the database is an old one (restore, then recover), or history was rewritten.
    """
    size = stored.size if stored else 0
    if kept.size > size:
        raise LogRefused(
            f"REFUSE: {where} knows {kept.size} leaves, the database {size}. It is older than what was signed: "
            "see docs/evidence.md, then run manage.py recover_log"
        )
    if at_kept != kept.root:
        raise LogRefused(f"REFUSE: {where} knows another root for {kept.size} leaves than the database")


def _told(placed: Placed) -> dict[str, Any]:
    act = placed.act
    return {
        "position": placed.position,
        "act_position": placed.act_position,
        "index": act.index,
        "kind": act.kind,
        "subject": act.subject,
        "actor": act.actor,
        "mandate": str(act.mandate) if act.mandate else None,
        "at": chain.moment_text(act.at),
        **{name: getattr(act, name).hex() for name in _BYTES},
    }


def _read(said: dict[str, Any]) -> Placed:
    act = Act(
        index=said["index"],
        kind=said["kind"],
        subject=said["subject"],
        actor=said["actor"],
        mandate=UUID(said["mandate"]) if said["mandate"] else None,
        at=datetime.fromisoformat(said["at"]),
        **{name: bytes.fromhex(said[name]) for name in _BYTES},
    )
    return Placed(act, said["position"], said["act_position"])
