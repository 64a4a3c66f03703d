"""The bytes and hashes of the log."""

import hashlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from registry.ledger import chain

SALT, DIGEST = bytes(range(32)), bytes(range(32, 64))
AT = datetime(2026, 9, 1, 10, 0, 0, 123456, tzinfo=UTC)


@dataclass(frozen=True)
class Line:
    index: int
    previous_hash: bytes
    at: datetime
    commitment: bytes
    entry_hash: bytes


def log(commitments: list[bytes]) -> list[Line]:
    lines: list[Line] = []
    previous = chain.GENESIS
    for index, commitment in enumerate(commitments):
        at = AT + timedelta(seconds=index)
        digest = chain.entry_hash(index=index, previous_hash=previous, at=at, commitment=commitment)
        lines.append(Line(index, previous, at, commitment, digest))
        previous = digest
    return lines


def test_a_commitment_is_the_hash_of_domain_salt_and_digest() -> None:
    expected = hashlib.sha256(b"eu-compute-registry/commitment/v1\n" + SALT + DIGEST).digest()
    assert chain.commitment(salt=SALT, digest=DIGEST) == expected


def test_an_entry_hash_has_this_value_for_ever() -> None:
    """A change of these bytes would orphan every log and receipt there is."""
    parts = b"eu-compute-registry/entry/v1\n" + bytes(7) + b"\x05" + SALT
    parts += int(AT.timestamp() * 1_000_000).to_bytes(8, "big") + DIGEST
    found = chain.entry_hash(index=5, previous_hash=SALT, at=AT, commitment=DIGEST)
    assert found == hashlib.sha256(parts).digest()
    assert found.hex() == "f84e4dfb121d8a99effff9f0709d5959fb5e3bbdbd6b5decd6a37605804f2837"


def test_a_moment_is_the_same_in_every_zone() -> None:
    elsewhere = AT.astimezone(timezone(timedelta(hours=5, minutes=30)))
    one = chain.entry_hash(index=0, previous_hash=SALT, at=AT, commitment=DIGEST)
    assert chain.entry_hash(index=0, previous_hash=SALT, at=elsewhere, commitment=DIGEST) == one
    assert chain.moment_text(elsewhere) == chain.moment_text(AT) == "2026-09-01T10:00:00.123456Z"


@pytest.mark.parametrize("length", [0, 31, 33])
def test_other_lengths_are_refused(length: int) -> None:
    with pytest.raises(ValueError, match="salt"):
        chain.commitment(salt=bytes(length), digest=DIGEST)
    with pytest.raises(ValueError, match="digest"):
        chain.commitment(salt=SALT, digest=bytes(length))
    with pytest.raises(ValueError, match="previous_hash"):
        chain.entry_hash(index=0, previous_hash=bytes(length), at=AT, commitment=DIGEST)


def test_a_moment_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        chain.entry_hash(index=0, previous_hash=SALT, at=AT.replace(tzinfo=None), commitment=DIGEST)


def test_an_empty_log_holds() -> None:
    assert chain.verify([]) is None


COMMITMENTS = st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=8)


@given(COMMITMENTS)
def test_an_honest_log_holds_from_the_start_and_from_anywhere(commitments: list[bytes]) -> None:
    lines = log(commitments)
    assert chain.verify(iter(lines)) is None
    middle = len(lines) // 2
    assert chain.verify(lines[middle:], index=middle, previous_hash=lines[middle].previous_hash) is None


@given(COMMITMENTS, st.data())
def test_any_changed_part_of_any_line_is_found_there(commitments: list[bytes], data: st.DataObject) -> None:
    lines = log(commitments)
    place = data.draw(st.integers(0, len(lines) - 1))
    part = data.draw(st.sampled_from(["index", "previous_hash", "at", "commitment", "entry_hash"]))
    changed = {
        "index": place + 1,
        "at": lines[place].at + timedelta(microseconds=1),
    }.get(part, hashlib.sha256(b"other").digest())
    lines[place] = replace(lines[place], **{part: changed})
    found = chain.verify(lines)
    assert found is not None
    assert found.index == place


@given(COMMITMENTS, st.data())
def test_a_removed_line_is_found_unless_it_was_the_last(commitments: list[bytes], data: st.DataObject) -> None:
    lines = log(commitments)
    place = data.draw(st.integers(0, len(lines) - 1))
    shorter = lines[:place] + lines[place + 1 :]
    assert (chain.verify(shorter) is None) is (place == len(lines) - 1)


MEMBERS = st.dictionaries(
    st.text("abcdefghijklmnopqrstuvwxyz_", min_size=1),
    st.integers(0, 2**53 - 1) | st.text(st.characters(exclude_categories=["Cs"])),
    max_size=6,
)


@given(MEMBERS)
def test_a_statement_is_canonical_json(members: dict[str, str | int]) -> None:
    assert chain.statement(members) == b"eu-compute-registry/receipt/v1\n" + rfc8785.dumps(dict(members))
