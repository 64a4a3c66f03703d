"""The verifier reads what the register writes, the examples of the specifications, and nothing else."""

import json
from base64 import b64decode
from pathlib import Path

import pytest
from ecar_verify import documents
from ecar_verify import notes as read
from ecar_verify.refusals import BadSignature, Malformed
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.ledger import notes
from tests.packages.ecar_verify import logs

SHARED = Path(__file__).resolve().parents[4] / "shared" / "data" / "tlog"
needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason=f"{SHARED.name}: the shared vectors are not here")
LOG = logs.Log(logs.entries(11))

# golang.org/x/mod/sumdb/note, the example of its documentation (BSD-3-Clause); keys of others in use:
# transparency-dev/formats note/note_cosigv1_test.go @091ce416 (BSD-3-Clause), one of a log and one of a witness.
NEUMANN_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
NEUMANN_NOTE = """If you think cryptography is the answer to your problem,
then you don't know what your problem is.

— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=
"""
OTHER_KEYS = [
    "TEST+7997405c+AQcC+FTVKf0jlTdHDY3rbevmnKxxPjigCXlVtGe6RIr6",
    "remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2",
]


@pytest.mark.shared
@needs_shared
def test_the_example_of_the_specification_holds() -> None:
    (case,) = json.loads((SHARED / "signed-note.json").read_text())["cases"]
    key = read.read_key(case["vkeys"][0])
    assert str(key) == case["vkeys"][0]
    assert read.verified(read.read(b64decode(case["note_b64"])), key) == 0


@pytest.mark.shared
@needs_shared
def test_the_valid_proofs_of_others_are_read() -> None:
    for case in json.loads((SHARED / "tlog-proof-syntax.json").read_text())["valid"]:
        found = read.read_proof(case["text"].encode())
        assert found.place == case["index"]
        assert found.hashes == tuple(map(b64decode, case["hashes"]))
        assert found.checkpoint.decode() == case["checkpoint"]
        assert found.extra == (b64decode(case["extra_b64"]) if case["extra_b64"] else None)


@pytest.mark.shared
@needs_shared
def test_documents_are_hashed_in_their_canonical_form() -> None:
    for file in sorted((SHARED / "jcs" / "input").glob("*.json")):
        canonical = bytes.fromhex((SHARED / "jcs" / "outhex" / f"{file.stem}.txt").read_text())
        assert documents.digest(file.read_bytes()) == documents.hashlib.sha256(canonical).digest()


def test_a_note_that_another_implementation_signed_holds() -> None:
    assert read.verified(read.read(NEUMANN_NOTE.encode()), read.read_key(NEUMANN_KEY)) == 0


@pytest.mark.parametrize(("text", "kind"), list(zip(OTHER_KEYS, (read.LOG, read.WITNESS), strict=True)))
def test_keys_that_others_use_have_the_ids_they_say(text: str, kind: int) -> None:
    assert (str(read.read_key(text)), read.read_key(text).type) == (text, kind)


def test_what_the_register_signs_is_read_and_verified() -> None:
    note = read.read(LOG.checkpoint())
    checkpoint = read.read_checkpoint(note.text)
    theirs = notes.read_checkpoint(note.text)
    assert checkpoint == (theirs.origin, theirs.size, theirs.root)
    assert read.verified(note, read.read_key(logs.VKEY)) == 0
    for name, private in logs.WITNESSES.items():
        key = read.read_key(str(notes.verifier_key(name=name, key=private.public_key(), cosigns=True)))
        expected = int(logs.AT.timestamp()) if name != "w3.example" else None
        assert read.verified(note, key) == expected


def test_a_cosignature_does_not_pass_for_a_signature() -> None:
    note = read.read(LOG.checkpoint())
    line = note.lines[1]
    key = read.Key(line.name, read.LOG, logs.WITNESSES["w1.example"].public_key().public_bytes_raw())
    disguised = note._replace(lines=(line._replace(key_id=key.id(), signature=line.signature[8:]),))
    with pytest.raises(BadSignature):
        read.verified(disguised, key)


PIECES = (b"", b"\n", b"\r", b" ", b"=", b"0", b"+")


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_register_and_verifier_refuse_the_same_texts(data: st.DataObject) -> None:
    content = bytearray(LOG.proof(6, extra=b"x"))
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at : at + data.draw(st.integers(0, 2))] = data.draw(st.sampled_from(PIECES))
    for ours, theirs in ((read.read_proof, notes.read_proof), (read.read, notes.read)):
        assert _taken(ours, bytes(content)) == _taken(theirs, bytes(content))


def _taken(reading: object, content: bytes) -> bool:
    try:
        reading(content)  # type: ignore[operator]
    except (Malformed, notes.NoteRefused):
        return False
    return True
