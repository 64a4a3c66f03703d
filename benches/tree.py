"""`python -m benches.tree`: a log of a million entries as tiles, proved from, read back whole; and one receipt checked.

Everything is files in a temporary folder; the register's modules write, the offline verifier reads. Elapsed time, and
beside it processor time, since other work may share the machine. `--smoke` takes a small log.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from statistics import median
from time import perf_counter

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from registry.ledger import notes, tiles, tree

ORIGIN = "bench.example/log"
ENTRIES, SMOKE_ENTRIES = 1_000_000, 1_000
SAMPLE, RECEIPTS = 1_000, 5
VERIFIER = Path(__file__).resolve().parent.parent / "packages" / "ecar-verify" / "src"

Spent = tuple[float, float]
Row = tuple[str, Spent, str]


def entries(count: int) -> Iterator[bytes]:
    """That many entries, all different."""
    return (tree.leaf(commitment=number.to_bytes(32, "big")) for number in range(count))


def measure(*, count: int, folder: Path) -> list[Row]:
    """What was done to a log of `count` entries, how long it took, and in which unit."""
    rows: list[Row] = []
    before = _peak_mib()
    rows.append(("hash all entries into one root", _timed(lambda: tree.root(map(tree.leaf_hash, entries(count)))), "s"))
    edge = tiles.Frontier()
    rows.append(("write the whole log as tiles", _timed(lambda: _publish(edge, count, folder)), "s"))
    rows.append(("memory that both took, at most", (_peak_mib() - before,) * 2, "MiB"))
    key = Ed25519PrivateKey.generate()
    text = str(notes.Checkpoint(ORIGIN, edge.size, edge.root))
    checkpoint = notes.write(text, signatures=[notes.sign(text, name=ORIGIN, key=key)])
    (folder / "checkpoint").write_bytes(checkpoint)
    nodes = tiles.nodes(size=count, fetch=lambda path: (folder / path).read_bytes())
    places = [Random(7).randrange(count) for _ in range(SAMPLE)]  # noqa: S311  a sample, not a secret
    proofs: list[list[bytes]] = []
    made = _timed(lambda: proofs.extend(tree.inclusion(index=place, size=count, nodes=nodes) for place in places))
    rows.append(("make an inclusion proof from tiles", _scaled(made, 1000 / SAMPLE), "ms"))
    checked = _timed(lambda: _check(places, proofs, count, edge.root))
    rows.append(("verify an inclusion proof", _scaled(checked, 1000 / SAMPLE), "ms"))
    trusted = str(notes.verifier_key(name=ORIGIN, key=key.public_key()))
    commitment = places[0].to_bytes(32, "big")
    proof = notes.Proof(places[0], tuple(proofs[0]), checkpoint.decode(), tree.leaf(commitment=commitment))
    (folder / "receipt").write_text(str(proof), encoding="utf-8")
    one = [_timed(lambda: _verifier("receipt", folder / "receipt", trusted)) for _ in range(RECEIPTS)]
    rows.append(
        (
            "ecar-verify receipt, with its start",
            _scaled((median(wall for wall, _ in one), median(cpu for _, cpu in one)), 1000),
            "ms",
        )
    )
    rows.append(("ecar-verify monitor, the whole log", _timed(lambda: _verifier("monitor", folder, trusted)), "s"))
    return rows


def report(rows: list[Row], count: int) -> str:
    """The table: elapsed, processor, unit."""
    lines = [f"  {name:<38}{wall:>10.3f}{cpu:>10.3f} {unit}" for name, (wall, cpu), unit in rows]
    return "\n".join([f"{f'a log of {count:,} entries':<40}   elapsed processor", *lines])


def _publish(edge: tiles.Frontier, count: int, folder: Path) -> None:
    for source in (edge.grow(entries(count)), edge.partial()):
        for file in source:
            place = folder / file.path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(file.content)


def _check(places: list[int], proofs: list[list[bytes]], count: int, root: bytes) -> None:
    for place, proof in zip(places, proofs, strict=True):
        hashed = tree.leaf_hash(tree.leaf(commitment=place.to_bytes(32, "big")))
        tree.verify_inclusion(index=place, size=count, leaf_hash=hashed, proof=proof, root=root)


def _verifier(task: str, what: Path, key: str) -> None:
    command = [sys.executable, "-m", "ecar_verify", task, str(what), "--key", key]
    subprocess.run(command, env={**os.environ, "PYTHONPATH": str(VERIFIER)}, check=True, capture_output=True)


def _timed(work: Callable[[], object]) -> Spent:
    """Seconds elapsed, and seconds of processor time of this process and those it started."""
    start, before = perf_counter(), sum(os.times()[:4])
    work()
    return perf_counter() - start, sum(os.times()[:4]) - before


def _scaled(spent: Spent, factor: float) -> Spent:
    return spent[0] * factor, spent[1] * factor


def _peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benches.tree", description=__doc__)
    parser.add_argument("--smoke", action="store_true", help="a small log")
    count = SMOKE_ENTRIES if parser.parse_args().smoke else ENTRIES
    with tempfile.TemporaryDirectory(prefix="ecar-bench-") as folder:
        sys.stdout.write(f"{report(measure(count=count, folder=Path(folder)), count)}\n")


if __name__ == "__main__":
    main()
