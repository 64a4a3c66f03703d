"""The public log's files: written whole (aside, synced, renamed), so that a reader never sees half of one.

Publishing can be repeated: full tiles never change, and what a broken run left is written again. The checkpoint comes
last, when everything that it promises can be read.
"""

import os
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from registry.ledger import notes, tiles
from registry.ledger.notes import Checkpoint, NoteRefused

CHECKPOINT, POLICY = "checkpoint", "policy"
READABLE, PRIVATE = 0o644, 0o600

Leaves = Callable[[int, int], Iterable[bytes]]
"""Gives the leaves (33 bytes each) from one position up to before another, in order."""


class LogRefused(RuntimeError):
    """What is stored, published and kept outside do not belong together: nothing is signed or published."""


@dataclass(frozen=True)
class Folder:
    """A folder of files under paths with slashes."""

    place: Path
    mode: int = READABLE

    def read(self, path: str) -> bytes:
        """The file's content. Raises FileNotFoundError."""
        return (self.place / path).read_bytes()

    def write(self, path: str, content: bytes) -> None:
        """Put a whole file in place, durably; readers see the old one or the new one."""
        target = self.place / path
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, aside = tempfile.mkstemp(dir=target.parent, prefix=".")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.chmod(aside, self.mode)
            os.replace(aside, target)
        except OSError:
            Path(aside).unlink(missing_ok=True)
            raise
        _sync(target.parent)

    def head(self) -> Checkpoint | None:
        """The checkpoint that lies here, None where there is none. Raises `LogRefused` for one that cannot be read."""
        try:
            return head_of(self.read(CHECKPOINT))
        except FileNotFoundError:
            return None


def head_of(note: bytes) -> Checkpoint:
    """The checkpoint in a signed note, whoever signed it. Raises `LogRefused`."""
    try:
        return notes.read_checkpoint(notes.read(note).text)
    except NoteRefused as refused:
        raise LogRefused(f"a checkpoint cannot be read: {refused}") from None


def write_tiles(folder: Folder, *, size: int, root: bytes, leaves: Leaves) -> int:
    """Write the files of a log of `size` leaves that are not there yet; returns how many.

    It goes on from the published checkpoint, or from nothing where the files do not lead there. Raises `LogRefused`
    when the leaves do not lead to `root`, or when more is published than there is.
    """
    there = folder.head()
    if there is not None and there.size > size:
        raise LogRefused(f"{there.size} leaves are published, and there are {size}")
    edge = _edge(folder, there)
    count = 0
    for file in edge.grow(leaves(edge.size, size)):
        folder.write(file.path, file.content)
        count += 1
    if edge.size != size or edge.root != root:
        raise LogRefused(f"the leaves do not lead to the root that was signed for size {size}")
    for file in edge.partial():
        folder.write(file.path, file.content)
        count += 1
    return count


def _edge(folder: Folder, there: Checkpoint | None) -> tiles.Frontier:
    """The growing edge of what is published; that of an empty log where the files do not lead to their checkpoint."""
    if there is not None:
        try:
            edge = tiles.frontier(size=there.size, fetch=folder.read)
        except (FileNotFoundError, tiles.TileRefused):
            return tiles.Frontier()
        if edge.root == there.root:
            return edge
    return tiles.Frontier()


def _sync(folder: Path) -> None:
    """Make a renaming durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
