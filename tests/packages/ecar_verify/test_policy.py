"""Policies: the format of the specification, its quorums, and its errors."""

from pathlib import Path

import pytest
from ecar_verify import policy
from ecar_verify.refusals import Malformed

from registry.ledger import notes
from registry.ledger.receipts import public_pem
from tests.packages.ecar_verify import logs

COSIGNERS = {
    name: str(notes.verifier_key(name=name, key=key.public_key(), cosigns=True)) for name, key in logs.WITNESSES.items()
}
W1, W2, W3 = COSIGNERS.values()
BEGIN = "-----BEGIN PUBLIC KEY-----"
WITNESSES = f"witness A {W1}\nwitness B {W2}\nwitness C {W3}\n"


@pytest.mark.parametrize(
    ("lines", "enough", "too_few"),
    [
        ("quorum none", [""], []),
        ("quorum A", ["A", "AB"], ["", "BC"]),
        ("group G any A B\nquorum G", ["A", "B"], ["", "C"]),
        ("group G all A B\nquorum G", ["AB", "ABC"], ["A", "BC"]),
        ("group G 2 A B C\nquorum G", ["AB", "AC", "BC"], ["A", "C"]),
        ("group G all A B\ngroup H any G C\nquorum H", ["AB", "C"], ["A", "B"]),
    ],
)
def test_a_quorum_is_reached_by_those_it_names(lines: str, enough: list[str], too_few: list[str]) -> None:
    found = policy.read(f"{WITNESSES}{lines}\n".encode())
    for names in enough:
        assert found.reached({name.encode() for name in names})
    for names in too_few:
        assert not found.reached({name.encode() for name in names})


def test_comments_tabs_and_addresses_are_allowed() -> None:
    text = f"# ours\n\n \tlog\t{logs.VKEY}  https://registry.example.eu/ \nwitness \xe9 {W1} https://w1/\nquorum \xe9"
    found = policy.read(text.encode("latin-1"))
    assert str(found.logs[0]) == logs.VKEY
    assert found.reached({b"\xe9"})


@pytest.mark.parametrize(
    "text",
    [
        "", "log", "other\nquorum none", f"log {logs.VKEY}", "quorum",
        "quorum A", "quorum none\nquorum none", "quorum none none",
        f"log {W1}\nquorum none", f"witness A {logs.VKEY}\nquorum none", f"log {logs.VKEY} a b\nquorum none",
        f"log {logs.VKEY}\nlog {logs.VKEY}\nquorum none", f"witness A {W1}\nwitness B {W1}\nquorum none",
        f"witness A {W1}\nwitness A {W2}\nquorum none", f"witness none {W1}\nquorum none", "group G any\nquorum none",
        "group G any A\nquorum none", f"{WITNESSES}group G 4 A B C\nquorum G", f"{WITNESSES}group G 0 A B C\nquorum G",
        f"{WITNESSES}group G 01 A B C\nquorum G", f"{WITNESSES}group G some A\nquorum G",
        f"{WITNESSES}group A any B\nquorum A",
        f"{WITNESSES}group G any A A\nquorum G", f"{WITNESSES}group G any A\ngroup H any A\nquorum H",
        f"{WITNESSES}group G any none\nquorum G", f"{WITNESSES}group G any G\nquorum G", f"quorum A\n{WITNESSES}",
        f"log {logs.VKEY}\r\nquorum none\r\n", f"log {logs.VKEY[:-1]}\nquorum none", "quorum none\x00",
    ],
)  # fmt: skip
def test_what_is_no_policy_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        policy.read(text.encode())


def test_the_line_at_fault_is_named() -> None:
    with pytest.raises(Malformed, match="line 4"):
        policy.read(f"{WITNESSES}nonsense\nquorum A\n".encode())


def test_keys_may_be_given_alone(tmp_path: Path) -> None:
    kept, pem = tmp_path / "log.key", tmp_path / "key.pem"
    kept.write_text(f"{logs.VKEY}\n")
    pem.write_text(public_pem(logs.KEY))
    found = policy.trust(policy=None, keys=[logs.VKEY, str(kept), str(pem)])
    assert [str(key) for key in found.logs] == [logs.VKEY] * 2
    assert found.plain == (logs.KEY.public_key().public_bytes_raw(),)
    assert policy.as_pem(found.plain[0]) == public_pem(logs.KEY)


@pytest.mark.parametrize(
    "text", ["-----BEGIN PUBLIC KEY-----", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----", "x", W1]
)
def test_a_key_that_is_none_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "key").write_text(text)
    with pytest.raises(Malformed):
        policy.trust(policy=None, keys=[str(tmp_path / "key")])


def test_a_pem_file_may_hold_former_keys_too(tmp_path: Path) -> None:
    keys = [logs.KEY, *logs.WITNESSES.values()]
    (tmp_path / "keys.pem").write_text("\n".join(map(public_pem, keys)))
    found = policy.trust(policy=None, keys=[str(tmp_path / "keys.pem")])
    assert found.plain == tuple(key.public_key().public_bytes_raw() for key in keys)
    (tmp_path / "keys.pem").write_text(f"{public_pem(logs.KEY)}more\n")
    with pytest.raises(Malformed, match="something else"):
        policy.trust(policy=None, keys=[str(tmp_path / "keys.pem")])


def test_nothing_is_trusted_without_being_told() -> None:
    with pytest.raises(Malformed, match="no key is trusted"):
        policy.trust(policy=None, keys=[])
