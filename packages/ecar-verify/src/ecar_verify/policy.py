"""Whom one trusts: logs, witnesses and the quorum among them (C2SP tlog-policy), or a list of keys."""

from pathlib import Path
from typing import NamedTuple

from ecar_verify import notes
from ecar_verify.notes import LOG, WITNESS, Checkpoint, Key, Note
from ecar_verify.refusals import BadSignature, Malformed, QuorumMissing

_NONE = b"none"
_SPKI = bytes.fromhex("302a300506032b6570032100")  # RFC 8410: what stands before the 32 bytes of an Ed25519 key
_PEM = ("-----BEGIN PUBLIC KEY-----", "-----END PUBLIC KEY-----")


class Policy(NamedTuple):
    """Trusted logs; witnesses and groups by name; the name that must have witnessed (`none`: nobody need to).

    A group is how many of its members must have witnessed, and their names. `plain` are keys that have no name (PEM);
    they check signed acceptances only.
    """

    logs: tuple[Key, ...]
    witnesses: dict[bytes, Key]
    groups: dict[bytes, tuple[int, tuple[bytes, ...]]]
    quorum: bytes = _NONE
    plain: tuple[bytes, ...] = ()

    def reached(self, names: set[bytes], goal: bytes | None = None) -> bool:
        """Whether the witnesses of these names suffice."""
        goal = self.quorum if goal is None else goal
        if goal in self.groups:
            needed, members = self.groups[goal]
            return sum(self.reached(names, member) for member in members) >= needed
        return goal == _NONE or goal in names


class Judged(NamedTuple):
    """A checkpoint that a trusted log signed; who witnessed it and when (POSIX seconds); whether that is the quorum."""

    checkpoint: Checkpoint
    note: Note
    witnessed: dict[str, int]
    is_quorate: bool

    def require_quorum(self) -> None:
        """Raises `QuorumMissing`."""
        if not self.is_quorate:
            names = ", ".join(sorted(self.witnessed)) or "nobody"
            raise QuorumMissing(f"the policy's quorum is not reached; witnessed by {names}")


def trust(*, policy: str | None, keys: list[str]) -> Policy:
    """The policy in a file, with `keys`: verifier keys, or files that hold one, or PEM files. Raises `Malformed`."""
    found = read(Path(policy).read_bytes()) if policy else Policy((), {}, {})
    logs, plain = list(found.logs), list(found.plain)
    for each in keys:
        text = each if each.count("+") >= 2 else Path(each).read_text(encoding="utf-8").strip()
        if text.startswith("-----BEGIN"):
            plain += _from_pem(text)
            continue
        key = notes.read_key(text)
        if key.type != LOG:
            raise Malformed("a key given alone must be a log's; witnesses stand in a policy")
        logs.append(key)
    if not logs and not plain:
        raise Malformed("no key is trusted: give --policy or --key")
    return found._replace(logs=tuple(logs), plain=tuple(plain))


def judge(content: bytes, policy: Policy) -> Judged:
    """Read a signed checkpoint and check it against the policy; the quorum is told, not required.

    Raises `Malformed` or `BadSignature`.
    """
    note = notes.read(content)
    checkpoint = notes.read_checkpoint(note.text)
    signed = [key for key in policy.logs if notes.verified(note, key) is not None]
    if not signed:
        raise BadSignature("no trusted log signed the checkpoint")
    if checkpoint.origin not in {key.name for key in signed}:
        raise BadSignature(f"the checkpoint is of {checkpoint.origin}, signed as {signed[0].name}")
    times = {name: (key, notes.verified(note, key)) for name, key in policy.witnesses.items()}
    there = {name: (key.name, at) for name, (key, at) in times.items() if at is not None}
    return Judged(checkpoint, note, dict(there.values()), policy.reached(set(there)))


def read(content: bytes) -> Policy:
    """A policy file. Raises `Malformed`, naming the line."""
    found = Policy((), {}, {}, b"")
    for number, line in enumerate(content.split(b"\n"), 1):
        if any((octet < 0x20 and octet != 9) or octet == 0x7F for octet in line):
            raise Malformed(f"line {number} of the policy has control characters")
        words = line.replace(b"\t", b" ").split(b" ")
        words = [word for word in words if word]
        if words and not words[0].startswith(b"#"):
            try:
                found = _with(found, words)
            except Malformed as refused:
                raise Malformed(f"line {number} of the policy: {refused}") from None
    if not found.quorum:
        raise Malformed("the policy names no quorum")
    return found


def _with(policy: Policy, words: list[bytes]) -> Policy:
    match words:
        case [b"log", vkey, *url] if len(url) < 2:
            key = _key(vkey, LOG, {each.public for each in policy.logs})
            return policy._replace(logs=(*policy.logs, key))
        case [b"witness", name, vkey, *url] if len(url) < 2:
            key = _key(vkey, WITNESS, {each.public for each in policy.witnesses.values()})
            return policy._replace(witnesses={**policy.witnesses, _new(policy, name): key})
        case [b"group", name, needed, first, *others]:
            group = _group(policy, needed, (first, *others))
            return policy._replace(groups={**policy.groups, _new(policy, name): group})
        case [b"quorum", name] if not policy.quorum:
            if name != _NONE and name not in policy.witnesses and name not in policy.groups:
                raise Malformed("the quorum was not named before")
            return policy._replace(quorum=name)
    raise Malformed("this is no line of a policy")


def _group(policy: Policy, needed: bytes, members: tuple[bytes, ...]) -> tuple[int, tuple[bytes, ...]]:
    taken = {member for _, others in policy.groups.values() for member in others}
    known = (policy.witnesses.keys() | policy.groups.keys()) - taken
    if len(set(members)) < len(members) or not known.issuperset(members):
        raise Malformed("a member was not named before, or is a member already")
    words = {b"any": 1, b"all": len(members)}
    if needed not in words and not (needed.isdigit() and not needed.startswith(b"0") and len(needed) < 6):
        raise Malformed("a group needs any, all, or a number of its members")
    count = words.get(needed) or int(needed)
    if count > len(members):
        raise Malformed("a group needs more members than it has")
    return count, members


def _new(policy: Policy, name: bytes) -> bytes:
    if name == _NONE or name in policy.witnesses or name in policy.groups:
        raise Malformed("the name is taken")
    return name


def _key(text: bytes, kind: int, taken: set[bytes]) -> Key:
    try:
        key = notes.read_key(text.decode("utf-8"))
    except UnicodeDecodeError:
        raise Malformed("the key is not UTF-8") from None
    if key.type != kind or key.public in taken:
        raise Malformed("the key is of the wrong type, or given twice")
    return key


def as_pem(public: bytes) -> str:
    """A raw Ed25519 key as PEM, in the form that registers publish."""
    return f"{_PEM[0]}\n{notes.base64(_SPKI + public)}\n{_PEM[1]}\n"


def _from_pem(text: str) -> list[bytes]:
    """The Ed25519 keys of a PEM file, one or several blocks, nothing between them. Raises `Malformed`."""
    found, lines = [], [line.strip() for line in text.splitlines() if line.strip()]
    while lines:
        if lines[0] != _PEM[0] or _PEM[1] not in lines:
            raise Malformed("the PEM file holds something else than public keys")
        end = lines.index(_PEM[1])
        encoded = notes.from_base64("".join(lines[1:end]))
        if len(encoded) != len(_SPKI) + 32 or not encoded.startswith(_SPKI):
            raise Malformed("the PEM file holds a key that is not Ed25519")
        found.append(encoded[len(_SPKI) :])
        lines = lines[end + 1 :]
    return found
