"""Signed notes, checkpoints, cosignatures and proofs as text: one form each, everything else refused."""

import json
from base64 import b64decode, b64encode
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.ledger import notes, tree
from registry.ledger.notes import Checkpoint, Note, NoteRefused, Proof

SHARED = Path(__file__).resolve().parents[4] / "shared" / "data" / "tlog"
needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason=f"{SHARED.name}: the shared vectors are not here")

ORIGIN = "registry.example.eu/log/2027"
LOG = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
WITNESSES = {f"witness{n}.example": Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in (1, 2)}
KEYS = [
    notes.verifier_key(name=ORIGIN, key=LOG.public_key()),
    *(notes.verifier_key(name=name, key=key.public_key(), cosigns=True) for name, key in WITNESSES.items()),
]
LEAVES = [tree.leaf_hash(bytes([number])) for number in range(11)]
CHECKPOINT = Checkpoint(ORIGIN, len(LEAVES), tree.root(LEAVES))
AT = 1_800_000_000

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


def signed() -> bytes:
    """A checkpoint with the log's signature and two cosignatures."""
    text = str(CHECKPOINT)
    cosigned = [notes.cosign(text, name=name, key=key, at=AT) for name, key in WITNESSES.items()]
    return notes.write(text, signatures=[notes.sign(text, name=ORIGIN, key=LOG), *cosigned])


def proof() -> bytes:
    hashes = tree.inclusion(index=6, size=len(LEAVES), nodes=tree.in_memory(LEAVES))
    return str(Proof(6, tuple(hashes), signed().decode(), tree.leaf(commitment=bytes(32)))).encode()


@pytest.mark.shared
@needs_shared
def test_the_example_of_the_specification_holds() -> None:
    vectors = json.loads((SHARED / "signed-note.json").read_text())
    for case in vectors["cases"]:
        note = notes.read(b64decode(case["note_b64"]))
        keys = [notes.read_verifier_key(text) for text in case["vkeys"]]
        assert [str(key) for key in keys] == case["vkeys"]
        assert [each.key.name for each in notes.verify(note, keys=keys)] == case["verified"]
        assert case["accept"]
        assert str(note).encode() == b64decode(case["note_b64"])


@pytest.mark.shared
@needs_shared
def test_the_valid_proofs_of_others_are_read_and_written_the_same() -> None:
    for case in json.loads((SHARED / "tlog-proof-syntax.json").read_text())["valid"]:
        found = notes.read_proof(case["text"].encode())
        assert found.index == case["index"]
        assert found.hashes == tuple(map(b64decode, case["hashes"]))
        assert found.checkpoint == case["checkpoint"]
        assert found.extra == (b64decode(case["extra_b64"]) if case["extra_b64"] else None)
        assert str(found) == case["text"]


def test_a_note_that_another_implementation_signed_holds() -> None:
    key = notes.read_verifier_key(NEUMANN_KEY)
    assert [each.key for each in notes.verify(notes.read(NEUMANN_NOTE.encode()), keys=[key])] == [key]


@pytest.mark.parametrize(("text", "kind"), list(zip(OTHER_KEYS, (notes.ED25519, notes.COSIGNATURE), strict=True)))
def test_keys_that_others_use_have_the_ids_they_say(text: str, kind: int) -> None:
    key = notes.read_verifier_key(text)
    assert (str(key), key.type) == (text, kind)


def test_the_checkpoint_printed_in_the_specification_is_read() -> None:
    """The text of tlog-cosignature v1.0.1; its keys are not given, so only its form can be tried."""
    text = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    line = (
        "— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0"
        "xUe+mbIUBkBIfZ+qnA==\n"
    )
    note = notes.read(f"{text}\n{line}".encode())
    assert int.from_bytes(note.signatures[0].value[:8], "big") == 1679315147
    assert str(notes.read_checkpoint(note.text)) == text


def test_a_checkpoint_is_signed_by_its_log_and_cosigned_by_witnesses() -> None:
    note = notes.read(signed())
    found = notes.verify(note, keys=KEYS)
    assert [(each.key.name, each.at) for each in found] == [
        (ORIGIN, None), ("witness1.example", AT), ("witness2.example", AT),
    ]  # fmt: skip
    assert notes.read_checkpoint(note.text) == CHECKPOINT
    assert notes.write(note.text, signatures=note.signatures) == signed()


def test_signatures_of_unknown_keys_are_passed_over() -> None:
    note = notes.read(signed())
    assert [each.key.name for each in notes.verify(note, keys=KEYS[:1])] == [ORIGIN]
    renamed = notes.verifier_key(name="another.example/log", key=LOG.public_key())
    with pytest.raises(NoteRefused, match="no known key"):
        notes.verify(note, keys=[renamed])


def test_a_signature_of_a_known_key_must_hold() -> None:
    note = notes.read(signed())
    with pytest.raises(NoteRefused, match=r"signature of registry\.example"):
        notes.verify(Note(note.text.replace("11", "12"), note.signatures), keys=KEYS)
    first, second, third = note.signatures
    late = notes.Signature(second.name, second.key_id, (AT + 1).to_bytes(8, "big") + second.value[8:])
    with pytest.raises(NoteRefused, match="witness1"):
        notes.verify(Note(note.text, (first, late, third)), keys=KEYS)
    never = notes.Signature(second.name, second.key_id, b"\xff" * 8 + second.value[8:])
    with pytest.raises(NoteRefused, match="no moment"):
        notes.verify(Note(note.text, (first, never, third)), keys=KEYS)


def test_a_plain_signature_is_no_cosignature() -> None:
    name, key = next(iter(WITNESSES.items()))
    text = str(CHECKPOINT)
    plain = notes.sign(text, name=name, key=key)
    cosigner = notes.verifier_key(name=name, key=key.public_key(), cosigns=True)
    disguised = notes.Signature(name, cosigner.id, bytes(8) + plain.value)
    with pytest.raises(NoteRefused, match="does not hold"):
        notes.verify(Note(text, (disguised,)), keys=[cosigner])


def test_two_signatures_of_one_key_count_once() -> None:
    note = notes.read(signed())
    assert len(notes.verify(Note(note.text, (*note.signatures, *note.signatures)), keys=KEYS)) == 3


CHANGES: list[Callable[[bytes], bytes]] = [
    lambda content: content.replace(b"\n", b"\r\n"),
    lambda content: content.replace(b"\n", b"\r"),
    lambda content: b"\n" + content.replace(b"\n\n", b"\n"),
    lambda content: content[:-1],
    lambda content: content + b"\n",
    lambda content: content + b"x",
    lambda content: content + b"x\n",
    lambda content: content.replace(b"\n\n", b"\n"),
    lambda content: content.replace("—".encode(), b"-"),
    lambda content: content.replace("— ".encode(), "—  ".encode()),
    lambda content: content.replace(b"witness1.", b"witness1+"),
    lambda content: content.replace(b"witness1.example", "witness1\u00a0example".encode()),
    lambda content: content.replace(b"witness1.example", b"witness1\texample"),
    lambda content: content.replace(b"\n11\n", b"\n11\x00\n"),
    lambda content: content.replace(b"==\n", b"\n"),
    lambda content: content.replace(b"\n11\n", b"\n\xff\n"),
    lambda content: content.split(b"\n\n")[0] + b"\n\n",
    lambda _: b"",
]


@pytest.mark.parametrize("change", CHANGES)
def test_a_note_has_one_form(change: Callable[[bytes], bytes]) -> None:
    content = signed()
    assert change(content) != content
    with pytest.raises(NoteRefused):
        notes.read(change(content))


@pytest.mark.parametrize(
    "text",
    [
        "", "\n", "a\n1\n", "a\n01\n{0}\n", "a\n+1\n{0}\n", "a\n-1\n{0}\n", "a\n1 \n{0}\n",
        "a\n9223372036854775808\n{0}\n", "a\n1\n{0}", "\n1\n{0}\n", "a\n1\n{0}\n\n",
        "a\n\n1\n{0}\n", "a\n1\nAAAA\n", "a\n1\n{1}\n", "a\n1\n{0}\nx\r\n",
        "a\n1\n\n{0}\n", "a\n\u0661\n{0}\n", "1\na\n{0}\n", "a\n{0}\n1\n", "a\n1\n{2}\n",
    ],
)  # fmt: skip
def test_a_checkpoint_has_one_form(text: str) -> None:
    root = b64encode(bytes(32)).decode()
    assert notes.read_checkpoint(f"a\n1\n{root}\n") == Checkpoint("a", 1, bytes(32))
    with pytest.raises(NoteRefused):
        notes.read_checkpoint(text.format(root, b64encode(bytes(33)).decode(), f"{root[:-2]}B="))


def test_lines_after_the_root_are_kept() -> None:
    root = b64encode(bytes(32)).decode()
    found = notes.read_checkpoint(f"a\n0\n{root}\nmore\nand more\n")
    assert found.extensions == ("more", "and more")
    assert str(found) == f"a\n0\n{root}\nmore\nand more\n"


@pytest.mark.parametrize(
    "change",
    [
        lambda content: content.replace(b"\n", b"\r\n"),
        lambda content: content.replace(b"proof@v1", b"proof@v2"),
        lambda content: content.replace(b"index 6", b"index 06"),
        lambda content: content.replace(b"index 6", b"index  6"),
        lambda content: content.replace(b"index 6", b"index -6"),
        lambda content: content.replace(b"index 6\n", b""),
        lambda content: content.replace(b"extra ", b"index 6\nextra "),
        lambda content: content.replace(b"extra ", b"other "),
        lambda content: content.replace(b"=\n", b"\n", 1),
        lambda content: content.replace(b"\nindex", b"\n\nindex"),
        lambda content: content.partition(b"\n\n")[0],
        lambda content: content[:-1],
        lambda content: content.replace(b"index 6\n", b"index 6\n" + b64encode(bytes(32)) + b"\n" * 1 + b"AAAA\n"),
        lambda content: content.replace(b"index 6\n", b"index 6\n" + (b64encode(bytes(32)) + b"\n") * 60),
    ],
)
def test_a_proof_has_one_form(change: Callable[[bytes], bytes]) -> None:
    content = proof()
    assert change(content) != content
    with pytest.raises(NoteRefused):
        notes.read_proof(change(content))


def test_a_proof_is_read_and_leads_to_its_checkpoint() -> None:
    found = notes.read_proof(proof())
    note = notes.read(found.checkpoint.encode())
    notes.verify(note, keys=KEYS)
    checkpoint = notes.read_checkpoint(note.text)
    tree.verify_inclusion(
        index=found.index, size=checkpoint.size, leaf_hash=LEAVES[6], proof=found.hashes, root=checkpoint.root
    )
    assert str(found).encode() == proof()


@pytest.mark.parametrize(
    "text",
    ["", "a+b", "+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
     "a b+00000000+AekyeRrm56hApGFkyQR4ZCbV54Id2LKa",
     "example.com/foo+530d903b+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
     "example.com/foo+530D903A+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
     "example.com/foo+530d903a+AukyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
     "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2",
     "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k\n"],
)  # fmt: skip
def test_a_verifier_key_has_one_form(text: str) -> None:
    with pytest.raises(NoteRefused):
        notes.read_verifier_key(text)


def test_every_verifier_key_survives_its_text() -> None:
    for key in KEYS:
        assert notes.read_verifier_key(str(key)) == key


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\tb", "a\u2003b"])
def test_a_key_has_a_name_without_spaces(name: str) -> None:
    with pytest.raises(NoteRefused, match="name"):
        notes.sign("text\n", name=name, key=LOG)


@pytest.mark.parametrize("text", ["", "text", "te\rxt\n"])
def test_a_text_that_no_note_may_hold_is_not_signed(text: str) -> None:
    with pytest.raises(NoteRefused):
        notes.sign(text, name=ORIGIN, key=LOG)


def test_what_is_too_large_is_not_read() -> None:
    with pytest.raises(NoteRefused, match="too large"):
        notes.read(b"x" * 1_000_001)
    with pytest.raises(NoteRefused, match="too large"):
        notes.read_proof(b"x" * 1_000_001)
    with pytest.raises(NoteRefused, match="between 1 and 100"):
        notes.read(b"text\n\n" + "— a AAAAAAA=\n".encode() * 101)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    for read in (notes.read, notes.read_proof):
        try:
            assert str(read(content)).encode() == content
        except NoteRefused:
            continue
