"""The public log over the interface: its head, proofs that it only grows, and where its files lie.

The files themselves are served as they stand, outside the interface and its limits (registry.portal.log_files).
"""

from base64 import b64encode
from typing import Any, Final

from django.conf import settings
from rest_framework.request import Request
from rest_framework.response import Response

from api.endpoint import Endpoint
from api.parameters import invalid
from registry.errors import NotFound
from registry.ledger import keeping, notes, proofs, tiles, tree
from registry.ledger.chain import moment_text
from registry.ledger.models import Entry
from registry.ledger.notes import Checkpoint, Note
from registry.ledger.publishing import CHECKPOINT, POLICY

LARGEST: Final = 2**53 - 1
FRESH_FOR: Final = 5  # seconds that others may keep the head
FOR_EVER: Final = "public, max-age=31536000, immutable"


class Log(Endpoint):
    """`/log/`: the newest head of the public log, who witnessed it, and how to check all of it."""

    permissions = {"GET": None}

    def get(self, request: Request) -> Response:
        """The checkpoint as it is published; the same is the file `checkpoint` below `files`."""
        note = _published(CHECKPOINT)
        read, head = _head(note)
        policy, places = keeping.policy(), _published(POLICY)
        body = {
            "origin": head.origin,
            "size": head.size,
            "root": _base64(head.root),
            "checkpoint": note,
            "files": f"{settings.BASE_URL}/log/",
            "policy": places,
            "witnesses": _witnesses(policy.signed(str(read))),
            "quorum": _quorum(str(read)),
        }
        return Response(body, headers={"Cache-Control": f"public, max-age={FRESH_FOR}"})


class Consistency(Endpoint):
    """`/log/consistency/?old=&new=`: the proof that the log of one size begins the log of a larger one."""

    permissions = {"GET": None}
    parameters = ("old", "new")

    def get(self, request: Request) -> Response:
        """Hashes in Base64 (RFC 9162, 2.1.4); `new` is the published size where it is missing. Never changes."""
        _, head = _head(_published(CHECKPOINT))
        new = self.query.integer("new", lowest=0, highest=head.size, default=head.size)
        old = self.query.integer("old", lowest=0, highest=LARGEST, default=-1)
        if not 0 <= old <= new:
            raise invalid("old")
        nodes = tiles.nodes(size=head.size, fetch=keeping.places().published.read)
        proof = [_base64(each) for each in tree.consistency(old=old, new=new, nodes=nodes)]
        kept = FOR_EVER if "new" in self.query else f"public, max-age={FRESH_FOR}"
        return Response({"old": old, "new": new, "proof": proof}, headers={"Cache-Control": kept})


def place_of(entry: Entry) -> dict[str, Any]:
    """Where an entry's commitment stands in the public log, with the proof; until then, by when it will.

    Ask it inside a unit of work.
    """
    commitment, quorum = bytes(entry.commitment), keeping.policy().is_reached
    return proofs.told(commitment, at=entry.at, published=keeping.places().published, quorum=quorum)


def _published(name: str) -> str:
    """A text of the published log. Raises `NotFound` before there is any."""
    try:
        return keeping.places().published.read(name).decode()
    except FileNotFoundError:
        raise NotFound from None


def _head(note: str) -> tuple[Note, Checkpoint]:
    read = notes.read(note.encode())
    return read, notes.read_checkpoint(read.text)


def _witnesses(signed: Any) -> list[dict[str, str | None]]:
    return [
        {
            "name": witness.key.name,
            "verifier_key": str(witness.key),
            "signed_at": moment_text(signed[name]) if name in signed else None,
        }
        for name, witness in keeping.policy().witnesses.items()
    ]


def _quorum(note: str) -> str:
    policy = keeping.policy()
    if policy.is_open:
        return "none"
    return "reached" if policy.is_reached(note) else "pending"


def _base64(value: bytes) -> str:
    return b64encode(value).decode("ascii")
