"""A backup, 300 filings, the old backup put back: the sequencer refuses, and the guide brings every receipt its place.

The backup is the folder of PostgreSQL, copied while nothing runs; the log lies elsewhere (docs/evidence.md).
"""

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from ecar_verify import command

from tests.journeys.dated import run_of_today
from tests.journeys.live import ROOT, LiveRegister, PlainClient

pytestmark = pytest.mark.xdist_group("running")
SEQUENCE = "from registry.log_tasks import sequence_log; sequence_log()"  # as the clock does, only now
PARTS, IN_A_PART, EACH = 3, 100, 30


@pytest.fixture
def register() -> Iterator[LiveRegister]:
    """One of its own: its database is put back to what it was."""
    with tempfile.TemporaryDirectory(prefix="ecar backup ") as folder:
        made = LiveRegister(Path(folder) / "state")
        made.start()
        yield made
        made.stop()


def _file(client: PlainClient, part: str, count: int) -> list[str]:
    """File `count` runs in one batch; their references."""
    items = [
        {"client_id": f"{part}-{number}", "document": run_of_today(run__client_run_id=f"{part}-{number}")}
        for number in range(count)
    ]
    answer = client.post("/api/v1/filings/batch/", {"atomicity": "all", "items": items})
    assert answer.status_code in {200, 201}, answer.text
    return [result["filing"]["reference"] for result in answer.json()["results"]]


def _receipt(client: PlainClient, reference: str) -> bytes:
    """The receipt as it is sent, which is what its owner keeps."""
    answer = client.get(f"/api/v1/filings/{reference}/versions/1/receipt/")
    assert answer.status_code == 200, answer.text
    return answer.content


def _verify(*words: str) -> int:
    return command.main(list(words))


def _sequenced(register: LiveRegister, client: PlainClient, reference: str) -> Any:
    """The receipt of a filing, once the sequencer ran."""
    register.manage("shell", "-c", SEQUENCE)
    receipt = json.loads(_receipt(client, reference))
    assert receipt["log"]["state"] == "included", receipt["log"]
    return receipt


def _beside(register: LiveRegister, *words: str) -> "subprocess.CompletedProcess[str]":
    """A management command while nothing else runs: the services are started for it."""
    line = [sys.executable, "-m", "registry.runtime", "exec", "--", sys.executable, "manage.py", *words]
    return subprocess.run(line, cwd=ROOT, env=register.environment, capture_output=True, text=True, timeout=300)


def test_after_an_old_backup_every_receipt_has_its_old_place(register: LiveRegister, tmp_path: Path) -> None:
    client = register.client("Aurélia Modèles SA (backed up)")
    (first,) = _file(client, "before", 1)
    _sequenced(register, client, first)
    register.stop()
    database, backup = (register.state / "postgres").resolve(), tmp_path / "backup"
    subprocess.run(["cp", "-a", str(database), str(backup)], check=True)

    register.start()
    filed = [reference for part in range(PARTS) for reference in _file(client, f"part-{part}", IN_A_PART)]
    assert len(filed) == PARTS * IN_A_PART
    _sequenced(register, client, filed[-1])
    receipts = {each: _receipt(client, each) for each in [*filed[::EACH], filed[-1]]}
    policy, keys = tmp_path / "policy", tmp_path / "receipt-key.pem"
    policy.write_text(httpx.get(f"{register.url}/log/policy", timeout=30).text, "utf-8")
    told = client.get("/api/v1/receipt-keys/").json()["results"]
    keys.write_text("".join(key["public_key"] for key in told), "utf-8")
    register.stop()
    log = register.state / "log-tiles"
    size = int((log / "checkpoint").read_text("utf-8").split("\n")[1])  # the clock may have added to it until now

    shutil.rmtree(database)
    subprocess.run(["cp", "-a", str(backup), str(database)], check=True)
    register.start()
    assert client.get(f"/api/v1/filings/{filed[0]}/").status_code == 404, "the backup is not old"
    with pytest.raises(AssertionError, match="REFUSE"):
        register.manage("shell", "-c", SEQUENCE)
    assert httpx.get(f"{register.url}/api/v1/log/", timeout=30).json()["size"] == size
    register.stop()

    recovered = _beside(register, "recover_log")
    assert recovered.returncode == 0, recovered.stderr
    assert "entries are back in their places" in recovered.stdout
    checked = _beside(register, "check_log")
    assert checked.returncode == 0, checked.stdout + checked.stderr

    register.start()
    (after,) = _file(client, "after", 1)
    place = _sequenced(register, client, after)["log"]["index"]
    for reference, receipt in receipts.items():
        kept = tmp_path / f"{reference}.json"
        kept.write_bytes(receipt)
        assert _verify("receipt", str(kept), "--policy", str(policy), "--key", str(keys)) == 0, reference
        assert _verify("monitor", str(log), "--against", str(kept), "--policy", str(policy)) == 0, reference
    assert place >= size, "a place was given twice"
