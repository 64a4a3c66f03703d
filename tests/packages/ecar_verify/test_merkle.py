"""The verifier's tree: the vectors of others, and agreement with the register's on every small size."""

import json
from base64 import b64decode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ecar_verify import merkle
from ecar_verify.refusals import Refused
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.ledger import tree

SHARED = Path(__file__).resolve().parents[4] / "shared" / "data" / "tlog"
needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason=f"{SHARED.name}: the shared vectors are not here")


def holds(check: Callable[..., None], **members: Any) -> bool:
    try:
        check(**members)
    except Refused:
        return False
    return True


def vectors(kind: str) -> list[Any]:
    return [
        pytest.param(json.loads(path.read_text()), id=f"{path.parent.name}/{path.stem}")
        for path in sorted((SHARED / "merkle" / kind).rglob("*.json"))
    ]


def decoded(values: list[str] | None) -> list[bytes]:
    return [b64decode(value) for value in values or []]


def grown(leaves: list[bytes]) -> bytes:
    growing = merkle.Growing()
    for leaf in leaves:
        growing.add(leaf)
    return growing.root()


@pytest.mark.shared
@needs_shared
@pytest.mark.parametrize("case", vectors("inclusion"))
def test_proofs_of_inclusion_are_judged_as_others_judge_them(case: dict[str, Any]) -> None:
    members = {"index": case["leafIdx"], "size": case["treeSize"], "leaf": b64decode(case["leafHash"])}
    found = holds(merkle.require_included, **members, proof=decoded(case["proof"]), root=b64decode(case["root"]))
    assert found is not case["wantErr"]


@pytest.mark.shared
@needs_shared
@pytest.mark.parametrize("case", vectors("consistency"))
def test_proofs_of_consistency_are_judged_as_others_judge_them(case: dict[str, Any]) -> None:
    sizes = {"old": case["size1"], "new": case["size2"]}
    roots = {"old_root": b64decode(case["root1"]), "new_root": b64decode(case["root2"])}
    assert holds(merkle.require_consistent, **sizes, **roots, proof=decoded(case["proof"])) is not case["wantErr"]


@pytest.mark.shared
@needs_shared
def test_the_reference_tree_has_the_roots_of_certificate_transparency() -> None:
    reference = json.loads((SHARED / "rfc6962-reference-tree.json").read_text())
    leaves = [merkle.leaf_hash(bytes.fromhex(each)) for each in reference["leaf_inputs_hex"]]
    for size, expected in enumerate(reference["root_hex_by_tree_size"]):
        assert grown(leaves[:size]).hex() == expected


def test_register_and_verifier_agree_on_every_size_to_80() -> None:
    leaves = [merkle.leaf_hash(bytes([number])) for number in range(80)]
    nodes = tree.in_memory(leaves)
    roots = [grown(leaves[:size]) for size in range(81)]
    for new in range(81):
        assert roots[new] == tree.root(leaves[:new])
        for old in range(new + 1):
            proof = tree.consistency(old=old, new=new, nodes=nodes)
            merkle.require_consistent(old=old, new=new, old_root=roots[old], new_root=roots[new], proof=proof)
            assert not holds(
                merkle.require_consistent, old=old, new=new, old_root=bytes(32), new_root=roots[new], proof=proof
            )
        for index in range(new):
            proof = tree.inclusion(index=index, size=new, nodes=nodes)
            merkle.require_included(leaf=leaves[index], index=index, size=new, proof=proof, root=roots[new])


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_register_and_verifier_refuse_the_same_proofs(data: st.DataObject) -> None:
    leaves = [merkle.leaf_hash(bytes([number])) for number in range(40)]
    size = data.draw(st.integers(1, 40))
    index = data.draw(st.integers(0, size - 1))
    proof = tree.inclusion(index=index, size=size, nodes=tree.in_memory(leaves))
    proof = data.draw(st.permutations(proof)) if data.draw(st.booleans()) else proof[: data.draw(st.integers(0, 7))]
    claimed = {"index": data.draw(st.integers(0, 41)), "size": data.draw(st.integers(0, 41)), "proof": proof}
    root = tree.root(leaves[:size])
    assert holds(merkle.require_included, **claimed, leaf=leaves[index], root=root) == _register_holds(
        **claimed, leaf_hash=leaves[index], root=root
    )


def _register_holds(**members: Any) -> bool:
    try:
        tree.verify_inclusion(**members)
    except tree.ProofRefused:
        return False
    return True
