"""Readers beside writers, on a running register: nothing is lost, nothing comes twice, whatever commits first."""

import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.journeys.dated import run_of_today
from tests.journeys.live import ROOT, LiveRegister, PlainClient

pytestmark = pytest.mark.xdist_group("running")
FILINGS, CHANGES = "/api/v1/filings/", "/api/v1/changes/"
WRITERS, ROUNDS, IN_A_BATCH = 3, 3, 5

Step = tuple[str, str, int]  # filing, what happened, version


class Writer:
    """Files singly and in batches, amends and withdraws, and remembers every step that was acknowledged."""

    def __init__(self, client: PlainClient, number: int) -> None:
        self.client, self.number = client, number
        self.steps: list[Step] = []

    def __call__(self) -> None:
        """All rounds."""
        for turn in range(ROUNDS):
            name = f"w{self.number}-{turn}"
            amended, withdrawn = self._file(f"{name}-a"), self._file(f"{name}-b")
            document = run_of_today(run__client_run_id=f"{name}-a", model__version="3.1")
            self._write(f"{amended}versions/", {"kind": "update", "document": document}, 201)
            self.steps.append((amended, "filing.amended", 2))
            self._batch(name)
            self._write(f"{withdrawn}withdraw/", {"reason": "Cancelled."}, 200)
            self.steps.append((withdrawn, "filing.withdrawn", 1))

    def _file(self, run_id: str) -> str:
        url = str(self._write(FILINGS, {"document": run_of_today(run__client_run_id=run_id)}, 201)["url"])
        self.steps.append((url, "filing.submitted", 1))
        return url

    def _batch(self, name: str) -> None:
        runs = [run_of_today(run__client_run_id=f"{name}-{number}") for number in range(IN_A_BATCH)]
        body = {"atomicity": "all", "items": [{"document": document} for document in runs]}
        for result in self._write(FILINGS + "batch/", body, 201)["results"]:
            self.steps.append((str(result["filing"]["url"]), "filing.submitted", 1))

    def _write(self, path: str, body: Any, status: int) -> Any:
        answer = self.client.post(path, body)
        assert answer.status_code == status, answer.text
        return answer.json()


class Reader:
    """Repeats a way of reading while the writers write, and once more when they are done."""

    def __init__(self, read: Callable[[], None], done: threading.Event) -> None:
        self.read, self.done = read, done
        self.turns = 0
        self.failure: BaseException | None = None

    def __call__(self) -> None:
        """Read on."""
        try:
            while not self.done.is_set():
                self.read()
                self.turns += 1
            self.read()
        except BaseException as failure:
            self.failure = failure
            raise


def follow(client: PlainClient, seen: list[Step], cursor: list[str]) -> None:
    """Everything in the feed after the cursor, a few at a time."""
    while True:
        page = client.get(f"{CHANGES}?limit=7" + (f"&cursor={cursor[-1]}" if cursor else "")).json()
        seen += [(row["url"], row["kind"], row["version"]) for row in page["results"]]
        cursor.append(page["next"])
        if not page["has_more"]:
            return


def walk(client: PlainClient, query: str = "") -> Iterator[dict[str, Any]]:
    """The pages of a list, a few rows a page."""
    path: str | None = f"{FILINGS}?limit=7{query}"
    while path:
        page = client.get(path).json()
        yield page
        path = f"{FILINGS}?limit=7{query}&cursor={page['next']}" if page["next"] else None


def test_lists_and_feed_lose_nothing_while_others_write(live: LiveRegister) -> None:
    client = live.client("Aurélia Modèles SA (read while written)")
    writers = [Writer(client, number) for number in range(WRITERS)]
    done = threading.Event()
    followed: list[Step] = []
    cursor: list[str] = []
    polled: Counter[str] = Counter()
    position: list[str] = [client.get(FILINGS).json()["position"]]

    def list_everything() -> None:
        before = {url for writer in writers for url, kind, _ in list(writer.steps) if kind == "filing.submitted"}
        shown = [row["url"] for page in walk(client) for row in page["results"]]
        assert len(shown) == len(set(shown)), "a filing was shown twice"
        assert before <= set(shown), "a filing that was there at the first page is missing"

    def poll() -> None:
        pages = list(walk(client, f"&changed_since={position[-1]}"))
        position.append(pages[0]["position"])
        polled.update({row["url"]: row["revision"] for page in pages for row in page["results"]})

    ways: list[Callable[[], None]] = [lambda: follow(client, followed, cursor), list_everything, poll]
    readers = [Reader(way, done) for way in ways]
    reading = [threading.Thread(target=reader) for reader in readers]
    writing = [threading.Thread(target=writer) for writer in writers]
    for thread in (*reading, *writing):
        thread.start()
    for thread in writing:
        thread.join()
    done.set()
    for thread in reading:
        thread.join()

    wanted = [step for writer in writers for step in writer.steps]
    assert len(wanted) == WRITERS * ROUNDS * (4 + IN_A_BATCH), "a writer failed"
    assert [reader.failure for reader in readers] == [None] * len(readers)
    assert Counter(followed) == Counter(wanted), "the feed lost or repeated a step"
    assert set(polled) == {url for url, _, _ in wanted}, "the list since a position lost a filing"
    again: list[Step] = []
    follow(client, again, [])
    assert again == followed, "the feed does not always tell the same"
    for url in polled:
        versions = [version for each, _, version in followed if each == url]
        assert versions == sorted(versions)
    assert min(reader.turns for reader in readers) > 1, "nobody read while others wrote: the test proved nothing"


def test_a_commit_that_comes_late_is_found_by_position_though_its_moment_is_past(live: LiveRegister) -> None:
    client = live.client("Aurélia Modèles SA (late commit)")
    command = [sys.executable, "-m", "tests.journeys.held", client.organisation]
    environment = {**live.environment, "DJANGO_SETTINGS_MODULE": "registry.settings"}
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as slow:
        assert slow.stdin is not None
        assert slow.stdout is not None
        reference = slow.stdout.readline().strip()
        assert reference
        before = client.get(FILINGS).json()
        assert before["results"] == []
        assert client.get(CHANGES).json()["results"] == []
        slow.stdin.write("\n")
        slow.stdin.flush()
        assert slow.wait(timeout=60) == 0
    since = client.get(f"{FILINGS}?changed_since={before['position']}").json()["results"]
    assert [row["reference"] for row in since] == [reference]
    feed = client.get(f"{CHANGES}?cursor={before['position']}").json()["results"]
    assert [(row["filing"], row["kind"]) for row in feed] == [(reference, "filing.submitted")]
