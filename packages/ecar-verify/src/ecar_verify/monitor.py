"""`ecar-verify monitor`: read the whole log, recompute it, and hold it against everything it ever signed to us.

It is compared with the mirror of the last visit, with checkpoints from elsewhere (`--against`), and with signed
acceptances, which promise an entry within `--promise` seconds.
"""

import tempfile
import time
from argparse import Namespace
from collections.abc import Sequence
from itertools import chain, repeat
from pathlib import Path
from typing import NamedTuple

from ecar_verify import acceptance, checkpoints, merkle, walk
from ecar_verify.acceptance import Acceptance
from ecar_verify.merkle import Growing
from ecar_verify.mirror import Mirror, open_mirror
from ecar_verify.notes import base64
from ecar_verify.opening import entry_of
from ecar_verify.policy import Judged, judge, trust
from ecar_verify.refusals import Malformed, Misbehaviour, NotIncluded
from ecar_verify.source import Source


class _Seen(NamedTuple):
    """What reading the log gave: roots by size, places of the entries looked for, the first leaf that differs."""

    roots: dict[int, bytes]
    places: dict[bytes, int]
    changed: int | None


def run(given: Namespace) -> dict[str, object]:
    """Read and judge the whole log at `given.log`. Raises `Refused`."""
    policy = trust(policy=given.policy, keys=given.key)
    source = Source(given.log)
    now = judge(source.required("checkpoint"), policy)
    accepted = [acceptance.load(path, policy) for path in given.acceptance]
    mirror = open_mirror(given.mirror, policy) if given.mirror else None
    known = [checkpoints.load(path, policy) for path in given.against]
    known += [mirror.last] if mirror and mirror.last else []
    _require_one_log(now, known, accepted)
    with tempfile.TemporaryDirectory(dir=mirror.folder if mirror else None) as folder:
        aside = Path(folder, "leaves")
        seen = _read(source, now, known, mirror, {entry_of(each.commitment) for each in accepted}, aside)
        _require_history(now, known, seen, mirror)
        for each in accepted:
            _require_kept(each, now, known, seen, given.promise)
        now.require_quorum()
        if mirror:
            mirror.keep(now, aside=aside)
    return {**checkpoints.shown(now), "compared_with": len(known), "acceptances": len(accepted)}


def _require_one_log(now: Judged, known: Sequence[Judged], accepted: Sequence[Acceptance]) -> None:
    for origin in (*(judged.checkpoint.origin for judged in known), *(each.origin for each in accepted)):
        if origin != now.checkpoint.origin:
            raise Malformed(f"what is compared is of {origin}, the log is {now.checkpoint.origin}")
    for judged in known:
        checkpoints.require_agreed(judged, now)


def _read(
    source: Source, now: Judged, known: Sequence[Judged], mirror: Mirror | None, wanted: set[bytes], aside: Path
) -> _Seen:
    """Read every entry once, keeping the leaves' hashes in the file `aside`."""
    growing, places, changed = Growing(), dict[bytes, int](), None
    roots, sizes = {0: merkle.EMPTY}, {judged.checkpoint.size for judged in (now, *known)}
    before = chain(mirror.leaves() if mirror else (), repeat(None))
    try:
        with aside.open("wb") as file:
            for entry, kept in zip(walk.entries(source, now.checkpoint.size), before, strict=False):
                leaf = merkle.leaf_hash(entry)
                file.write(leaf)
                if changed is None and kept not in (None, leaf):
                    changed = growing.size
                if entry in wanted:
                    places.setdefault(entry, growing.size)
                growing.add(leaf)
                if growing.size in sizes:
                    roots[growing.size] = growing.root()
    except Misbehaviour as refused:
        raise Misbehaviour(f"{refused}", checkpoints=checkpoints.texts(now, *known), details=refused.details) from None
    return _Seen(roots, places, changed)


def _require_history(now: Judged, known: Sequence[Judged], seen: _Seen, mirror: Mirror | None) -> None:
    """The published entries lead to every root that was ever signed, and the log did not shrink."""
    for judged in (now, *known):
        size, root = judged.checkpoint.size, judged.checkpoint.root
        if size in seen.roots and seen.roots[size] != root:
            found = {"size": size, "root_of_published_entries": base64(seen.roots[size])}
            if seen.changed is not None:
                found["first_changed_entry"] = seen.changed
            raise Misbehaviour(
                f"the published entries do not lead to the root that the log signed for size {size}",
                checkpoints=checkpoints.texts(now, *(each for each in known if each is judged)),
                details=found,
            )
    size = now.checkpoint.size
    if mirror and mirror.last and mirror.last.checkpoint.size > size and mirror.root(size) != now.checkpoint.root:
        raise Misbehaviour(
            "the log signed a smaller tree that does not begin the one it signed before",
            checkpoints=checkpoints.texts(now, mirror.last),
        )
    for judged in known:
        if judged.checkpoint.size > now.checkpoint.size:
            raise NotIncluded(
                f"the log shows {now.checkpoint.size} entries, though it signed {judged.checkpoint.size} before"
            )


def _require_kept(accepted: Acceptance, now: Judged, known: Sequence[Judged], seen: _Seen, promise: int) -> None:
    """The acceptance's entry is in the log, and was in every log that was witnessed after the promised moment."""
    place = seen.places.get(entry_of(accepted.commitment))
    due = accepted.received_us // 1_000_000 + promise
    for judged in (now, *known):
        latest = max(judged.witnessed.values(), default=0)
        if latest > due and (place is None or place >= judged.checkpoint.size):
            raise Misbehaviour(
                f"an entry promised by {due} (POSIX seconds) is not in the log witnessed at {latest}",
                checkpoints=checkpoints.texts(judged, now),
                details={**acceptance.evidence(accepted), "index": place, "promised_within_s": promise},
            )
    if place is None and time.time() > due:
        raise Misbehaviour(
            "an entry promised before now is not in the log; the moment is that of this machine's clock",
            checkpoints=checkpoints.texts(now),
            details={**acceptance.evidence(accepted), "read_at_s": int(time.time()), "promised_within_s": promise},
        )
    if place is None:
        raise NotIncluded("an accepted entry is not in the log yet, and its time is not up")
