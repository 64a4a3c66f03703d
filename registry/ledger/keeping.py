"""Keeping the public log: sequence, publish, ask the witnesses, publish again. For the worker and for commands.

Units of work are short, and files and witnesses stand between them: a disk or a witness that is slow holds no lock.
What a run leaves undone the next one does.
"""

import hashlib
import logging
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings

from registry.acting import Actor, acting_as
from registry.ledger import chain, notes, receipts, sequencing, tiles, tree, witnesses
from registry.ledger import log as entries
from registry.ledger.log import Line
from registry.ledger.models import Checkpoint, Cosignature, Entry
from registry.ledger.outside import Outside
from registry.ledger.publishing import CHECKPOINT, POLICY, Folder, write_tiles
from registry.ledger.sequencing import Signer
from registry.ledger.witnesses import Policy

log = logging.getLogger(__name__)

JOURNAL_KEPT = timedelta(days=35)  # longer than the oldest backup that anybody would restore (docs/evidence.md)
ALARM_AFTER = timedelta(minutes=10)  # without the quorum
LOOKED_BACK = 60  # heads among which the last one with the quorum is looked for
SOFTWARE = "software"
PUBLISHED, OUTSIDE = "the published log", "the copy outside the database"

Clock = Callable[[], datetime]


@dataclass(frozen=True)
class Places:
    """Where the log is published, and where its last checkpoint is kept outside the database."""

    published: Folder
    outside: Outside


def places() -> Places:
    """As the settings say."""
    return Places(Folder(settings.LOG_FOLDER), Outside(settings.LOG_OUTSIDE_FOLDER))


def signer() -> Signer:
    """As the settings say; outside production a key is made if there is none. Raises FileNotFoundError in it."""
    path = Path(settings.LOG_KEY_FILE)
    return Signer(settings.LOG_ORIGIN, receipts.load_key(path) if settings.PRODUCTION else receipts.ensure_key(path))


def policy() -> Policy:
    """As the settings say. Raises ValueError for a file that is no policy."""
    return witnesses.policy_at(settings.LOG_POLICY_FILE)


def keep(
    *,
    by: Actor,
    clock: Clock,
    at_places: Places | None = None,
    by_signer: Signer | None = None,
    by_policy: Policy | None = None,
    version: str = "",
) -> int:
    """One run of the sequencer: returns the log's size. Raises `LogRefused`, having signed nothing.

    `version` is that of the software that runs: entered first, where it is another than before.
    """
    if version:
        note_software(version, by=by, at=clock())
    there, hand, quorum = at_places or places(), by_signer or signer(), by_policy or policy()
    heads = ((OUTSIDE, there.outside.head()), (PUBLISHED, there.published.head()))
    with acting_as(by):
        known = [(where, head) for where, head in heads if head is not None]
        sequencing.advance(signer=hand, known=known, by=by, at=clock())
    size = publish(there, by=by)
    key = notes.verifier_key(name=hand.origin, key=hand.key.public_key())
    there.published.write(POLICY, quorum.text(key).encode())
    if quorum.witnesses:
        witness(there, quorum, by=by)
        _tell_of_lateness(quorum, by=by, at=clock())
    there.outside.forget(before=clock() - JOURNAL_KEPT)
    return size


def running_version() -> str:
    """The version that runs, from the project's own file."""
    said = tomllib.loads((Path(settings.ROOT) / "pyproject.toml").read_text(encoding="utf-8"))
    return str(said["project"]["version"])


def note_software(version: str, *, by: Actor, at: datetime) -> bool:
    """Enter which version runs, when it is another than the last one entered; says whether it was.

    Nothing is hidden in it, so its salt is open: 32 zero bytes over the SHA-256 of the version's name.
    """
    digest = hashlib.sha256(version.encode()).digest()
    commitment = chain.commitment(salt=bytes(chain.HASH_BYTES), digest=digest)
    with acting_as(by):
        last = Entry.objects.filter(subject=SOFTWARE).order_by("-index").values_list("commitment", flat=True).first()
        if last is not None and bytes(last) == commitment:
            return False
        entries.append([Line(f"{SOFTWARE}.started", SOFTWARE, commitment)], by=by, at=at)
    return True


def publish(there: Places, *, by: Actor) -> int:
    """Publish the last head with all its files, and keep it outside; returns its size. Can be repeated at any time.

    Order: journal, copy outside, tiles, checkpoint. So nothing is public that the copy outside does not know.
    """
    with acting_as(by, read_only=True):
        head = sequencing.newest()
        if head is None:
            return 0
        kept = there.outside.head()
        after = kept.size if kept else 0
        note = sequencing.note_of(head).encode()
        if after < head.size:
            there.outside.keep(sequencing.batch_of(after=after, size=head.size), size=head.size)
        there.outside.advance(note)
        write_tiles(there.published, size=head.size, root=bytes(head.root), leaves=sequencing.leaves)
    there.published.write(CHECKPOINT, note)
    return head.size


def witness(there: Places, quorum: Policy, *, by: Actor) -> int:
    """Ask the witnesses to sign the published head, and publish it again with what they signed; returns how many did.

    They are asked between two units of work.
    """
    with acting_as(by, read_only=True):
        head = sequencing.newest()
        known = _last_signed(quorum)
    if head is None:
        return 0
    nodes = tiles.nodes(size=head.size, fetch=there.published.read)
    lines = witnesses.collect(
        quorum,
        note=head.note,
        known=known,
        consistency=lambda old: tree.consistency(old=old, new=head.size, nodes=nodes),
    )
    if lines:
        with acting_as(by):
            sequencing.keep_cosignatures(lines, size=head.size, by=by)
        with acting_as(by, read_only=True):
            _publish_again(head, there)
    return len(lines)


def _last_signed(quorum: Policy) -> dict[str, int]:
    """The size that each witness signed last, as far as the database knows."""
    found = {}
    for name in quorum.witnesses:
        last = Cosignature.objects.filter(witness=name).order_by("-checkpoint_id")
        found[name] = last.values_list("checkpoint_id", flat=True).first() or 0
    return found


def _publish_again(head: Checkpoint, there: Places) -> None:
    """Publish a head's note with the witnesses' lines; never an older one in place of a newer."""
    shown = there.published.head()
    if shown is not None and shown.size <= head.size:
        note = sequencing.note_of(head).encode()
        there.outside.advance(note)
        there.published.write(CHECKPOINT, note)


def _tell_of_lateness(quorum: Policy, *, by: Actor, at: datetime) -> None:
    with acting_as(by, read_only=True):
        heads = list(Checkpoint.objects.order_by("-size")[:LOOKED_BACK])
        last = next((head for head in heads if quorum.is_reached(sequencing.note_of(head))), None)
    since = last.at if last else heads[-1].at
    if at - since > ALARM_AFTER:
        log.error("the quorum of witnesses has been missing since %s", since.isoformat())
