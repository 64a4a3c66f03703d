"""A log that is kept in a folder of the test's own, by the register's own hand and a key of the test."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from registry.accounts.policy import of_the_register
from registry.acting import Actor, acting_as
from registry.ledger import keeping, log, notes
from registry.ledger.keeping import Places
from registry.ledger.log import Line
from registry.ledger.models import Entry
from registry.ledger.outside import Outside
from registry.ledger.publishing import Folder
from registry.ledger.sequencing import Signer

ORIGIN = "registry.example.eu/log/2027"
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


@dataclass(frozen=True)
class KeptLog:
    """The log under test: where it is, and how to enter something and to run the sequencer."""

    places: Places
    at: datetime
    by: Actor

    @property
    def published(self) -> Path:
        return self.places.published.place

    @property
    def verifier_key(self) -> str:
        return str(notes.verifier_key(name=ORIGIN, key=KEY.public_key()))

    def enter(self, count: int, *, at: datetime | None = None) -> list[Entry]:
        """Enter that many acts."""
        steward = of_the_register("steward")
        lines = [Line("test.done", f"subject-{number}", os.urandom(32)) for number in range(count)]
        with acting_as(steward):
            return log.append(lines, by=steward, at=at or self.at)

    def keep(self) -> int:
        """One run of the sequencer; the log's size."""
        return keeping.keep(by=self.by, clock=lambda: self.at, at_places=self.places, by_signer=Signer(ORIGIN, KEY))


@pytest.fixture
def make_log(tmp_path: Path, noon: datetime) -> Callable[[], KeptLog]:
    """Makes a log whose files lie in the test's folder."""

    def made() -> KeptLog:
        places = Places(Folder(tmp_path / "log"), Outside(tmp_path / "outside"))
        return KeptLog(places, noon, of_the_register("sequencer"))

    return made


@pytest.fixture
def kept(db: None, make_log: Callable[[], KeptLog]) -> KeptLog:
    """A log without entries."""
    return make_log()
