"""Witnesses of the log: who they are, how many suffice (C2SP tlog-policy), and asking them (tlog-witness v1.0.0).

A witness signs a head only when it continues the last one that it signed; so two histories cannot both be witnessed.
Whoever is late or away delays nothing: filing goes on, and receipts say that the quorum is pending.
"""

import logging
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from http.client import HTTPException
from pathlib import Path

from registry.ledger import notes
from registry.ledger.notes import COSIGNATURE, NoteRefused, VerifierKey

log = logging.getLogger(__name__)

PATIENCE = 3.0  # seconds for one witness
LARGEST_ANSWER = 10_000
NONE = "none"

Consistency = Callable[[int], Sequence[bytes]]
"""Gives the proof that the tree of a size begins the one that is asked about."""


@dataclass(frozen=True)
class Witness:
    """Somebody who signs: the name in the policy, the key, and where to ask (the address before `/add-checkpoint`)."""

    name: str
    key: VerifierKey
    url: str


@dataclass(frozen=True)
class Policy:
    """Witnesses by name, groups (how many of which members) and what has to be reached."""

    witnesses: Mapping[str, Witness] = field(default_factory=dict)
    groups: Mapping[str, tuple[int, tuple[str, ...]]] = field(default_factory=dict)
    quorum: str = NONE

    @property
    def is_open(self) -> bool:
        """Whether no witness is asked for."""
        return self.quorum == NONE

    def is_reached(self, note: str) -> bool:
        """Whether enough witnesses signed a note. Those whose signature does not hold are none."""
        return self.is_open or self._holds(self.quorum, self.signed(note))

    def signed(self, note: str) -> dict[str, datetime]:
        """The witnesses who signed a note, by the name in the policy, and the moments that they name."""
        found = {}
        read = notes.read(note.encode())
        for witness in self.witnesses.values():
            try:
                (signed,) = notes.verify(read, keys=[witness.key])
            except NoteRefused:
                continue
            found[witness.name] = datetime.fromtimestamp(signed.at or 0, UTC)
        return found

    def text(self, log_key: VerifierKey) -> str:
        """The policy file as verifiers read it, with the log's own key."""
        lines = [f"log {log_key}"]
        lines += [f"witness {w.name} {w.key} {w.url}" for w in self.witnesses.values()]
        lines += [f"group {name} {count} {' '.join(members)}" for name, (count, members) in self.groups.items()]
        return "\n".join([*lines, f"quorum {self.quorum}", ""])

    def _holds(self, name: str, signed: Mapping[str, object]) -> bool:
        if name in self.groups:
            count, members = self.groups[name]
            return sum(self._holds(member, signed) for member in members) >= count
        return name in signed


def read_policy(text: str) -> Policy:
    """Read a policy: its lines `witness`, `group`, `quorum`; those of logs are passed over. Raises ValueError."""
    witnesses: dict[str, Witness] = {}
    groups: dict[str, tuple[int, tuple[str, ...]]] = {}
    quorum = NONE
    for number, line in enumerate(text.splitlines(), 1):
        match line.split():
            case [] | ["log", *_]:
                continue
            case [word, *_] if word.startswith("#"):
                continue
            case ["witness", name, key, url] if name not in {*witnesses, *groups, NONE}:
                witnesses[name] = Witness(name, _witness_key(key), url.rstrip("/"))
            case ["group", name, count, *members] if name not in {*witnesses, *groups, NONE} and members:
                groups[name] = _group(count, members, {*witnesses, *groups})
            case ["quorum", name] if name in {*witnesses, *groups, NONE}:
                quorum = name
            case _:
                raise ValueError(f"line {number} of the log's policy: {line!r}")
    return Policy(witnesses, groups, quorum)


@lru_cache(8)
def policy_at(path: str) -> Policy:
    """The policy in a file, read once; without a path nobody witnesses. Raises ValueError or FileNotFoundError."""
    return read_policy(Path(path).read_text(encoding="utf-8")) if path else Policy()


def collect(
    policy: Policy, *, note: str, known: Mapping[str, int], consistency: Consistency
) -> list[tuple[str, str, datetime]]:
    """Ask every witness to sign `note`: name, signature line and moment of those who did.

    `known` has the size that each signed last, as far as the register knows; one who knows better says so, and is asked
    a second time.
    """
    found = []
    for witness in policy.witnesses.values():
        line = _asked(witness, note, known.get(witness.name, 0), consistency)
        if line is not None:
            found.append((witness.name, str(line[0]), line[1]))
    return found


def _asked(witness: Witness, note: str, old: int, consistency: Consistency) -> tuple[notes.Signature, datetime] | None:
    size = notes.read_checkpoint(notes.read(note.encode()).text).size
    for _ in range(2):
        if old > size:
            log.error("%s witnessed %d leaves, more than the %d of this log", witness.name, old, size)
            return None
        status, answer = _posted(witness, _request(old, note, consistency))
        if status == 200:
            return _line(witness, note, answer)
        if status != 409 or not answer.strip().isdigit():
            log.warning("%s did not sign: %s", witness.name, status or "no answer")
            return None
        old = int(answer)
    return None


def _request(old: int, note: str, consistency: Consistency) -> bytes:
    hashes = [b64encode(each).decode("ascii") for each in consistency(old)]
    return "".join(f"{line}\n" for line in (f"old {old}", *hashes, "")).encode() + note.encode()


def _posted(witness: Witness, body: bytes) -> tuple[int, str]:
    """Status and body of the answer; 0 when there was none."""
    request = urllib.request.Request(  # noqa: S310  the operator names the address
        f"{witness.url}/add-checkpoint", data=body, headers={"Content-Type": "text/plain; charset=utf-8"}
    )
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310  # nosec B310  the same
            return answer.status, answer.read(LARGEST_ANSWER).decode("utf-8", "replace")
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read(LARGEST_ANSWER).decode("utf-8", "replace")
    except (OSError, HTTPException, ValueError):
        return 0, ""


def _line(witness: Witness, note: str, answer: str) -> tuple[notes.Signature, datetime] | None:
    """The witness's own line in the answer, which must hold."""
    text = notes.read(note.encode()).text
    try:
        read = notes.read(f"{text}\n{answer}".encode())
        (signed,) = notes.verify(read, keys=[witness.key])
    except NoteRefused as refused:
        log.warning("%s answered what does not hold: %s", witness.name, refused)
        return None
    own = next(s for s in read.signatures if (s.name, s.key_id) == (witness.key.name, witness.key.id))
    return own, datetime.fromtimestamp(signed.at or 0, UTC)


def _witness_key(text: str) -> VerifierKey:
    key = notes.read_verifier_key(text)
    if key.type != COSIGNATURE:
        raise NoteRefused(f"the key of {key.name} is not a witness's")
    return key


def _group(count: str, members: Sequence[str], known: set[str]) -> tuple[int, tuple[str, ...]]:
    words = {"any": 1, "all": len(members)}
    needed = words[count] if count in words else int(count)
    if not known.issuperset(members) or len(set(members)) < len(members) or not 0 < needed <= len(members):
        raise ValueError(f"a group of {', '.join(members)} cannot be reached by {count}")
    return needed, tuple(members)
