"""What a monitor keeps between its visits: the last signed checkpoint and the hashes of all leaves under it."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from ecar_verify import checkpoints
from ecar_verify.merkle import Growing
from ecar_verify.policy import Judged, Policy
from ecar_verify.refusals import Malformed


class Mirror(NamedTuple):
    """A folder with `checkpoint` and `leaves` (32 bytes each), and what they held when it was opened."""

    folder: Path
    last: Judged | None

    def leaves(self) -> Iterator[bytes]:
        """The hashes of the leaves under the last checkpoint, one at a time."""
        if self.last is not None:
            with (self.folder / "leaves").open("rb") as file:
                for _ in range(self.last.checkpoint.size):
                    yield file.read(32)

    def root(self, size: int) -> bytes:
        """The root of the first `size` leaves kept."""
        growing = Growing()
        for leaf, _ in zip(self.leaves(), range(size), strict=False):
            growing.add(leaf)
        return growing.root()

    def keep(self, judged: Judged, *, aside: Path) -> None:
        """Put the leaves in the file `aside` and their checkpoint in place of the last ones."""
        os.replace(aside, self.folder / "leaves")
        note = self.folder / "checkpoint.new"
        note.write_text(judged.note.whole, encoding="utf-8")
        os.replace(note, self.folder / "checkpoint")


def open_mirror(place: str, policy: Policy) -> Mirror:
    """Open the folder, made if need be. Raises `Malformed` when what is there does not belong together."""
    folder = Path(place)
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "checkpoint").exists():
        return Mirror(folder, None)
    last = checkpoints.load(str(folder / "checkpoint"), policy)
    mirror, checkpoint = Mirror(folder, last), last.checkpoint
    held = (folder / "leaves").stat().st_size if (folder / "leaves").exists() else 0
    if held < 32 * checkpoint.size or mirror.root(checkpoint.size) != checkpoint.root:
        raise Malformed(f"the mirror in {place} does not hold the leaves of its own checkpoint")
    return mirror
