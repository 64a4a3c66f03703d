"""A whole log, visited again and again: an operator who changes history is caught."""

import gzip
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from ecar_verify import monitor
from ecar_verify.refusals import BadSignature, Malformed, Misbehaviour, NotIncluded, QuorumMissing, Refused

from registry.ledger import tree
from tests.packages.ecar_verify import logs

SIZE, MORE = 600, 900


def log(size: int = MORE) -> logs.Log:
    return logs.Log(logs.entries(size))


@pytest.fixture
def visited(tmp_path: Path) -> dict[str, Any]:
    """A log of 600 entries that was read once, with a mirror."""
    members = {
        "log": str(log(SIZE).publish(tmp_path / "log")),
        "policy": logs.written(tmp_path, "policy", logs.policy()),
        "mirror": str(tmp_path / "mirror"),
        "acceptance": [],
    }
    monitor.run(logs.asked(**members))
    return members


def refusal(members: dict[str, Any], published: logs.Log | None = None, **changed: Any) -> Refused | None:
    """What the next visit says, after the operator has published another log in the same place."""
    if published:
        published.publish(Path(members["log"]))
    try:
        monitor.run(logs.asked(**{**members, **changed}))
    except Refused as refused:
        return refused
    return None


def caught(refused: Refused | None) -> Misbehaviour:
    assert isinstance(refused, Misbehaviour), refused
    return refused


def changed(index: int, size: int = MORE) -> logs.Log:
    entries = logs.entries(size)
    entries[index] = tree.leaf(commitment=b"\xff" * 32)
    return logs.Log(entries)


def test_a_log_that_grows_is_valid_at_every_visit(visited: dict[str, Any]) -> None:
    for size in (SIZE, SIZE + 1, 768, 769, MORE):
        assert refusal(visited, log(size)) is None
    assert sorted(path.name for path in Path(visited["mirror"]).iterdir()) == ["checkpoint", "leaves"]
    assert (Path(visited["mirror"]) / "leaves").stat().st_size == 32 * MORE


def test_an_altered_entry_is_evidence(visited: dict[str, Any]) -> None:
    refused = caught(refusal(visited, changed(300)))
    assert refused.details["first_changed_entry"] == 300
    assert {text.split("\n")[1] for text in refused.checkpoints} == {str(SIZE), str(MORE)}


def test_a_deleted_entry_is_evidence(visited: dict[str, Any]) -> None:
    entries = logs.entries(MORE)
    del entries[300]
    assert caught(refusal(visited, logs.Log(entries))).details["first_changed_entry"] == 300


def test_reordered_entries_are_evidence(visited: dict[str, Any]) -> None:
    entries = logs.entries(MORE)
    entries[300], entries[301] = entries[301], entries[300]
    assert caught(refusal(visited, logs.Log(entries))).details["first_changed_entry"] == 300


def test_a_fork_of_the_same_size_is_evidence(visited: dict[str, Any]) -> None:
    assert len(caught(refusal(visited, changed(599, SIZE))).checkpoints) == 2


def test_a_fork_shown_to_somebody_else_is_evidence(visited: dict[str, Any], tmp_path: Path) -> None:
    """A friend holds a receipt whose checkpoint is of another history."""
    honest = logs.written(tmp_path, "honest", log(550).proof(6))
    forked = logs.written(tmp_path, "forked", changed(500, 550).proof(6))
    assert refusal(visited, against=[honest]) is None
    assert len(caught(refusal(visited, against=[forked])).checkpoints) == 2


def test_a_receipt_as_the_interface_answers_it_is_held_against_the_log(visited: dict[str, Any], tmp_path: Path) -> None:
    def receipt(name: str, of: logs.Log) -> str:
        place = {"state": "included", "index": 6, "size": 550, "proof": of.proof(6).decode()}
        place |= {"witnesses": list(logs.WITNESSES)[:2], "quorum": "reached"}
        return logs.written(tmp_path, name, {**logs.acceptance(), "log": place})

    assert refusal(visited, against=[receipt("honest.json", log(550))]) is None
    assert len(caught(refusal(visited, against=[receipt("forked.json", changed(500, 550))])).checkpoints) == 2
    early = logs.written(tmp_path, "early.json", logs.acceptance())
    assert "no proof yet" in str(refusal(visited, against=[early]))


def test_a_back_dated_acceptance_is_evidence(visited: dict[str, Any], tmp_path: Path) -> None:
    """Entry 700 claims a moment after which the witnesses saw the log without it."""
    entry = (700).to_bytes(32, "big")
    early = logs.acceptance(entry, at=logs.later(-3600))["receipt"]
    in_time = logs.acceptance(entry, at=logs.later(0))["receipt"]
    assert refusal(visited, log(), acceptance=[logs.written(tmp_path, "in-time", in_time)]) is None
    first = Path(visited["mirror"])
    for name in ("checkpoint", "leaves"):
        (first / name).unlink()
    assert refusal(visited, log(SIZE)) is None
    refused = caught(refusal(visited, log(), acceptance=[logs.written(tmp_path, "early", early)]))
    assert refused.details["index"] == 700
    assert "acceptance" in refused.details


def test_an_accepted_entry_that_never_came_is_evidence(visited: dict[str, Any], tmp_path: Path) -> None:
    dropped = logs.written(tmp_path, "dropped", logs.acceptance(b"\xee" * 32)["receipt"])
    refused = caught(refusal(visited, acceptance=[dropped]))
    assert "clock" in str(refused)
    witnessed = log().publish(tmp_path / "later", at=logs.later(61))
    refused = caught(refusal({**visited, "log": str(witnessed)}, acceptance=[dropped]))
    assert "witnessed" in str(refused)


def test_an_accepted_entry_may_take_its_promised_time(visited: dict[str, Any], tmp_path: Path) -> None:
    waiting = logs.written(tmp_path, "waiting", logs.acceptance(b"\xee" * 32)["receipt"])
    assert isinstance(refusal(visited, acceptance=[waiting], promise=10**9), NotIncluded)


def test_an_old_backup_is_seen(visited: dict[str, Any]) -> None:
    assert isinstance(refusal(visited, log(400)), NotIncluded)
    assert isinstance(refusal(visited, changed(100, 400)), Misbehaviour)
    assert refusal(visited, log()) is None, "the mirror was not touched"


def test_a_smaller_log_than_a_friends_receipt_is_seen(visited: dict[str, Any], tmp_path: Path) -> None:
    ahead = logs.written(tmp_path, "ahead", log(MORE).checkpoint())
    assert isinstance(refusal(visited, against=[ahead]), NotIncluded)


@pytest.mark.parametrize("path", ["tile/0/001", "tile/0/002.p/88", "tile/1/000.p/2"])
def test_a_tile_that_does_not_follow_from_the_entries_is_evidence(path: str, visited: dict[str, Any]) -> None:
    file = Path(visited["log"], path)
    file.write_bytes(file.read_bytes()[:-1] + b"\x00")
    assert caught(refusal(visited)).details == {"file": path}


@pytest.mark.parametrize("path", ["checkpoint", "tile/0/001", "tile/entries/001", "tile/1/000.p/2"])
def test_a_missing_file_is_not_passed_over(path: str, visited: dict[str, Any]) -> None:
    Path(visited["log"], path).unlink()
    assert isinstance(refusal(visited), NotIncluded)


@pytest.mark.parametrize("path", ["tile/0/001", "tile/entries/001", "tile/entries/002.p/88"])
def test_a_cut_file_is_malformed(path: str, visited: dict[str, Any]) -> None:
    file = Path(visited["log"], path)
    file.write_bytes(file.read_bytes()[:-1])
    assert isinstance(refusal(visited), Malformed)


def test_entries_and_tiles_that_agree_must_lead_to_the_signed_root(visited: dict[str, Any]) -> None:
    """The operator swaps all files and keeps the checkpoint."""
    folder = Path(visited["log"])
    kept = (folder / "checkpoint").read_bytes()
    changed(300, SIZE).publish(folder)
    (folder / "checkpoint").write_bytes(kept)
    assert caught(refusal(visited)).details["first_changed_entry"] == 300
    assert caught(refusal(visited, mirror=None)).details["size"] == SIZE


def test_signature_and_quorum_are_asked_for(visited: dict[str, Any]) -> None:
    folder = Path(visited["log"])
    (folder / "checkpoint").write_bytes(log(SIZE).checkpoint(witnesses=1))
    assert isinstance(refusal(visited), QuorumMissing)
    stranger = logs.Log(logs.entries(SIZE), key=logs.WITNESSES["w1.example"])
    (folder / "checkpoint").write_bytes(stranger.checkpoint())
    assert isinstance(refusal(visited), BadSignature)


def test_a_mirror_that_was_tampered_with_is_not_believed(visited: dict[str, Any]) -> None:
    leaves = Path(visited["mirror"]) / "leaves"
    leaves.write_bytes(bytes(32) + leaves.read_bytes()[32:])
    assert isinstance(refusal(visited), Malformed)
    leaves.unlink()
    assert isinstance(refusal(visited), Malformed)


def test_what_is_compared_must_be_of_the_log(visited: dict[str, Any], tmp_path: Path) -> None:
    pem = logs.written(tmp_path, "key.pem", logs.acceptance()["public_key"])
    other = logs.written(tmp_path, "other", logs.acceptance(origin="elsewhere.example/log")["receipt"])
    assert isinstance(refusal(visited, acceptance=[other], key=[pem]), BadSignature)


class Quiet(SimpleHTTPRequestHandler):
    """Serves a folder and says nothing about it."""

    def log_message(self, *args: object) -> None:
        return


class Compressed(Quiet):
    """Packs every file, without being asked, as the specification of tiles allows."""

    def do_GET(self) -> None:
        content = gzip.compress(Path(self.translate_path(self.path)).read_bytes())
        self.send_response(200)
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


@contextmanager
def serving(handler: type[Quiet], folder: str) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(handler, directory=folder))
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def served(visited: dict[str, Any]) -> Iterator[str]:
    """The same log over HTTP."""
    with serving(Quiet, visited["log"]) as address:
        yield address


@pytest.fixture
def compressed(visited: dict[str, Any]) -> Iterator[str]:
    """The same log over HTTP, packed."""
    with serving(Compressed, visited["log"]) as address:
        yield address


def test_a_log_is_read_over_http(served: str, visited: dict[str, Any]) -> None:
    assert refusal({**visited, "log": served}) is None
    Path(visited["log"], "tile/0/001").unlink()
    assert isinstance(refusal({**visited, "log": served}), NotIncluded)


def test_compressed_files_are_unpacked(compressed: str, visited: dict[str, Any]) -> None:
    assert refusal({**visited, "log": compressed}) is None


def test_a_log_that_cannot_be_reached_cannot_be_judged(visited: dict[str, Any]) -> None:
    assert isinstance(refusal({**visited, "log": "http://127.0.0.1:1/"}), Malformed)
