"""The Merkle tree: the vectors of others, and properties over every small size and random large ones."""

import json
from base64 import b64decode
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.ledger import tree
from registry.ledger.tree import Compact, ProofRefused

SHARED = Path(__file__).resolve().parents[4] / "shared" / "data" / "tlog"
needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason=f"{SHARED.name}: the shared vectors are not here")
MILLION = 1_000_000


def hashes(size: int) -> list[bytes]:
    return [tree.leaf_hash(number.to_bytes(4, "big")) for number in range(size)]


def naive_root(leaves: list[bytes]) -> bytes:
    """MTH as RFC 6962 writes it, over hashes of leaves."""
    if not leaves:
        return tree.EMPTY_ROOT
    if len(leaves) == 1:
        return leaves[0]
    cut = 1
    while cut * 2 < len(leaves):
        cut *= 2
    return tree.node_hash(left=naive_root(leaves[:cut]), right=naive_root(leaves[cut:]))


@cache
def million() -> tuple[tree.Nodes, tuple[bytes, ...]]:
    leaves = hashes(MILLION)
    return tree.in_memory(leaves), tuple(leaves)


def holds(check: Callable[..., None], **members: Any) -> bool:
    try:
        check(**members)
    except ProofRefused:
        return False
    return True


def vectors(kind: str) -> list[Any]:
    return [
        pytest.param(json.loads(path.read_text()), id=f"{path.parent.name}/{path.stem}")
        for path in sorted((SHARED / "merkle" / kind).rglob("*.json"))
    ]


def decoded(values: list[str] | None) -> list[bytes]:
    return [b64decode(value) for value in values or []]


@pytest.mark.shared
@needs_shared
def test_the_reference_tree_has_the_roots_of_certificate_transparency() -> None:
    reference = json.loads((SHARED / "rfc6962-reference-tree.json").read_text())
    leaves = [tree.leaf_hash(bytes.fromhex(each)) for each in reference["leaf_inputs_hex"]]
    for size, expected in enumerate(reference["root_hex_by_tree_size"]):
        assert tree.root(leaves[:size]).hex() == expected
    leaf, node, empty = reference["hashes"]
    assert tree.leaf_hash(bytes.fromhex(leaf["input_hex"])).hex() == leaf["hash_hex"]
    assert tree.leaf_hash(b"").hex() == empty["hash_hex"]
    halves = {"left": bytes.fromhex(node["left_hex"]), "right": bytes.fromhex(node["right_hex"])}
    assert tree.node_hash(**halves).hex() == node["hash_hex"]


@pytest.mark.shared
@needs_shared
@pytest.mark.parametrize("case", vectors("inclusion"))
def test_proofs_of_inclusion_are_judged_as_others_judge_them(case: dict[str, Any]) -> None:
    found = holds(
        tree.verify_inclusion,
        index=case["leafIdx"],
        size=case["treeSize"],
        leaf_hash=b64decode(case["leafHash"]),
        proof=decoded(case["proof"]),
        root=b64decode(case["root"]),
    )
    assert found is not case["wantErr"]


@pytest.mark.shared
@needs_shared
@pytest.mark.parametrize("case", vectors("consistency"))
def test_proofs_of_consistency_are_judged_as_others_judge_them(case: dict[str, Any]) -> None:
    found = holds(
        tree.verify_consistency,
        old=case["size1"],
        new=case["size2"],
        old_root=b64decode(case["root1"]),
        new_root=b64decode(case["root2"]),
        proof=decoded(case["proof"]),
    )
    assert found is not case["wantErr"]


@pytest.mark.shared
@needs_shared
def test_all_vectors_are_there() -> None:
    assert len(vectors("inclusion")) == 35
    assert len(vectors("consistency")) == 22


def test_the_root_is_that_of_the_definition_for_every_size_to_300() -> None:
    leaves, kept = hashes(300), Compact()
    for size in range(301):
        expected = naive_root(leaves[:size])
        assert tree.root(leaves[:size]) == expected == kept.root
        assert tree.compact(size=size, nodes=tree.in_memory(leaves)) == kept
        kept = kept.grown(leaves[size : size + 1])


def test_every_leaf_of_every_size_to_300_is_proved() -> None:
    leaves = hashes(300)
    nodes = tree.in_memory(leaves)
    for size in range(1, 301):
        root = tree.root(leaves[:size])
        for index in range(size):
            proof = tree.inclusion(index=index, size=size, nodes=nodes)
            tree.verify_inclusion(index=index, size=size, leaf_hash=leaves[index], proof=proof, root=root)


def test_every_pair_of_sizes_to_300_is_proved_consistent() -> None:
    leaves = hashes(300)
    nodes = tree.in_memory(leaves)
    roots = [tree.root(leaves[:size]) for size in range(301)]
    for new in range(301):
        for old in range(new + 1):
            proof = tree.consistency(old=old, new=new, nodes=nodes)
            tree.verify_consistency(old=old, new=new, old_root=roots[old], new_root=roots[new], proof=proof)


@settings(max_examples=60, deadline=None)
@given(size=st.integers(1, MILLION), data=st.data())
def test_random_leaves_of_random_sizes_to_a_million_are_proved(size: int, data: st.DataObject) -> None:
    nodes, leaves = million()
    index = data.draw(st.integers(0, size - 1))
    members = {"index": index, "size": size, "leaf_hash": leaves[index]}
    proof = tree.inclusion(index=index, size=size, nodes=nodes)
    root = tree.compact(size=size, nodes=nodes).root
    tree.verify_inclusion(**members, proof=proof, root=root)
    assert not holds(tree.verify_inclusion, **members, proof=[*proof, root], root=root)
    assert not holds(tree.verify_inclusion, **{**members, "leaf_hash": bytes(32)}, proof=proof, root=root)
    if proof:
        assert not holds(tree.verify_inclusion, **members, proof=proof[:-1], root=root)
        assert not holds(tree.verify_inclusion, **{**members, "index": index ^ 1}, proof=proof, root=root)


@settings(max_examples=60, deadline=None)
@given(sizes=st.lists(st.integers(1, MILLION), min_size=2, max_size=2, unique=True))
def test_random_growths_to_a_million_are_proved_and_forks_are_not(sizes: list[int]) -> None:
    nodes, _ = million()
    old, new = sorted(sizes)
    members = {"old": old, "new": new, "proof": tree.consistency(old=old, new=new, nodes=nodes)}
    roots = {"old_root": tree.compact(size=old, nodes=nodes).root, "new_root": tree.compact(size=new, nodes=nodes).root}
    tree.verify_consistency(**members, **roots)
    for part in roots:
        assert not holds(tree.verify_consistency, **members, **{**roots, part: bytes(32)})
    assert not holds(tree.verify_consistency, **{**members, "proof": members["proof"][:-1]}, **roots)
    assert not holds(tree.verify_consistency, **{**members, "proof": [*members["proof"], bytes(32)]}, **roots)


@settings(max_examples=200, deadline=None)
@given(size=st.integers(2, 300), data=st.data())
def test_a_changed_bit_breaks_a_proof(size: int, data: st.DataObject) -> None:
    leaves = hashes(size)
    index = data.draw(st.integers(0, size - 1))
    proof = tree.inclusion(index=index, size=size, nodes=tree.in_memory(leaves))
    which, bit = data.draw(st.integers(0, len(proof) - 1)), data.draw(st.integers(0, 255))
    proof[which] = (int.from_bytes(proof[which], "big") ^ (1 << bit)).to_bytes(32, "big")
    members = {"index": index, "size": size, "leaf_hash": leaves[index], "proof": proof, "root": tree.root(leaves)}
    assert not holds(tree.verify_inclusion, **members)


@given(cuts=st.lists(st.integers(0, 300), max_size=6))
def test_growing_in_any_steps_leads_to_the_same_tree(cuts: list[int]) -> None:
    leaves, kept = hashes(300), Compact()
    for start, end in zip([0, *sorted(cuts)], [*sorted(cuts), 300], strict=True):
        kept = kept.grown(leaves[start:end])
    assert kept.root == tree.root(leaves)


def test_a_million_leaves_are_hashed_one_at_a_time() -> None:
    grown = Compact().grown(tree.leaf_hash(number.to_bytes(4, "big")) for number in range(MILLION))
    assert grown == tree.compact(size=MILLION, nodes=million()[0])


@pytest.mark.parametrize(("index", "size"), [(0, 0), (1, 1), (-1, 4), (4, 4)])
def test_a_leaf_that_is_not_there_has_no_proof(index: int, size: int) -> None:
    with pytest.raises(ValueError, match="no leaf"):
        tree.inclusion(index=index, size=size, nodes=tree.in_memory(hashes(4)))


def test_a_tree_that_shrank_has_no_proof() -> None:
    with pytest.raises(ValueError, match="does not begin"):
        tree.consistency(old=4, new=3, nodes=tree.in_memory(hashes(4)))


def test_the_empty_tree_begins_every_tree_and_has_one_root() -> None:
    root = tree.root(hashes(5))
    tree.verify_consistency(old=0, new=5, old_root=tree.EMPTY_ROOT, new_root=root, proof=[])
    assert not holds(tree.verify_consistency, old=0, new=5, old_root=bytes(32), new_root=root, proof=[])


def test_a_leaf_is_a_version_byte_and_a_commitment() -> None:
    assert tree.leaf(commitment=bytes(range(32))) == b"\x01" + bytes(range(32))
    with pytest.raises(ValueError, match="32 bytes"):
        tree.leaf(commitment=bytes(31))


def test_what_is_kept_must_fit_the_size() -> None:
    with pytest.raises(ValueError, match="complete subtrees"):
        Compact(3, (bytes(32),))
