"""Keeping the public log: sequence, publish, ask the witnesses, publish again. For the worker and for commands.

Units of work are short, and files and witnesses stand between them: a disk or a witness that is slow holds no lock.
What a run leaves undone the next one does.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings

from registry.acting import Actor, acting_as
from registry.ledger import receipts, sequencing
from registry.ledger.models import Checkpoint
from registry.ledger.outside import Outside
from registry.ledger.publishing import CHECKPOINT, Folder, write_tiles
from registry.ledger.sequencing import Signer

log = logging.getLogger(__name__)

JOURNAL_KEPT = timedelta(days=35)  # longer than the oldest backup that anybody would restore (docs/evidence.md)
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
    """As the settings say. Raises FileNotFoundError where there is no key."""
    return Signer(settings.LOG_ORIGIN, receipts.load_key(Path(settings.LOG_KEY_FILE)))


def keep(*, by: Actor, clock: Clock, at_places: Places | None = None, by_signer: Signer | None = None) -> int:
    """One run of the sequencer: returns the log's size. Raises `LogRefused`, having signed nothing."""
    there = at_places or places()
    heads = ((OUTSIDE, there.outside.head()), (PUBLISHED, there.published.head()))
    with acting_as(by):
        known = [(where, head) for where, head in heads if head is not None]
        sequencing.advance(signer=by_signer or signer(), known=known, by=by, at=clock())
    size = publish(there, by=by)
    there.outside.forget(before=clock() - JOURNAL_KEPT)
    return size


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


def publish_checkpoint(head: Checkpoint, there: Places) -> None:
    """Publish a head's note again, as witnesses have signed it; never an older one in place of a newer."""
    shown = there.published.head()
    if shown is not None and shown.size <= head.size:
        note = sequencing.note_of(head).encode()
        there.outside.advance(note)
        there.published.write(CHECKPOINT, note)
