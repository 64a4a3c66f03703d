"""Many filings in one request: all of them or none, or the good ones; a result for each item, in order."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any, cast

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.http import StreamingHttpResponse
from rest_framework.request import Request
from rest_framework.response import Response

from api import problems, reading, tables
from api.bodies import about_document, answer, new_filing, one_of, sentence, summary
from api.endpoint import Answer, Endpoint, StrictJson, members
from api.problems import Problem, refusal
from registry.accounts.policy import Permission
from registry.acting import Actor
from registry.errors import DomainError, Obstacle, told
from registry.filings import actions, lifecycle
from registry.filings.actions import NewFiling, Outcome
from registry.filings.models import Filing
from registry.filings.storing import Stored
from registry.ledger import log, receipts

ALL, EACH = "all", "each"
ITEMS_LIMIT = 1_000
CLIENT_ID_LENGTH = 100
ITEM_MEMBERS = ("state", "client_reference", "acknowledgements", "client_id")
NOT_KEPT = 424  # Failed Dependency: nothing is wrong with the item, but another one was refused


class BatchJson(StrictJson):
    """JSON as everywhere, with the larger limits of a batch."""

    def parse(self, stream: IO[bytes], media_type: str | None = None, parser_context: Any = None) -> Any:
        """The decoded body."""
        return reading.read_json(
            stream.read(),
            limit_bytes=reading.BATCH_LIMIT_BYTES,
            limit_values=reading.BATCH_VALUES_LIMIT,
            listed="items",
        )


@dataclass(frozen=True)
class Item:
    """One item as it was read: a filing to be, or why it cannot be one."""

    client_id: str | None
    filing: NewFiling | None
    refusal: Problem | None = None


class BatchRefused(Problem):
    """422: nothing was stored. The results of all items stand in the document, beside its usual members."""

    def __init__(self, body: Mapping[str, Any]) -> None:
        super().__init__("batch-refused", facts=cast("Mapping[str, str | int]", body))


class Batch(Endpoint):
    """`/filings/batch/`: file up to a thousand training runs with one call."""

    permissions = {"POST": Permission.FILING_DRAFT}
    parser_classes = [BatchJson]
    renderer_classes = tables.OFFERED
    content_negotiation_class = tables.ByQuality

    def post(self, request: Request) -> Response | StreamingHttpResponse:
        """File or draft each item. 201 when all are good; else 200 with the good ones, or 422 with none (`all`).

        `Accept: text/csv` gives what was found as a table, a line an answer or error; with `dry_run`, before filing.
        """
        body = members(request, required=("atomicity", "items"))
        atomicity = one_of(body["atomicity"], "/atomicity", (ALL, EACH))
        items = _items(body["items"])
        speaker = _Speaker(request)

        def perform(actor: Actor) -> Answer:
            at = self.now
            found = [item.filing for item in items if item.filing]
            dry_run = self.query.flag("dry_run")
            filed = actions.file(found, by=actor, at=at, language=speaker.language, dry_run=dry_run) if found else ()
            outcomes = iter(filed)
            done = [next(outcomes) if item.filing else Outcome(refusal=None) for item in items]
            return _answer(atomicity, items, done, speaker, _Renderer(actor, speaker.language, at))

        response = self.write(request, perform)
        return tables.of_batch(response) if tables.is_wanted(request) else response


def _answer(
    atomicity: str, items: Sequence[Item], outcomes: Sequence[Outcome], speaker: "_Speaker", renderer: "_Renderer"
) -> Answer:
    """The answer to the whole; raises `BatchRefused`, which ends the unit of work, where all was to be kept or none."""
    refusals: list[Problem | DomainError | None] = [
        item.refusal or (outcome.refusal and about_document(outcome.refusal))
        for item, outcome in zip(items, outcomes, strict=True)
    ]
    count = sum(1 for each in refusals if each is not None)
    is_kept = atomicity == EACH or not count
    results = []
    for index, (item, outcome, refused) in enumerate(zip(items, outcomes, refusals, strict=True)):
        shown: dict[str, Any] = {
            "index": index,
            "client_id": item.client_id,
            "status": 201,
            "filing": None,
            "problem": None,
        }
        if refused is not None:
            shown["problem"] = speaker.problem(refused)
            shown["status"] = shown["problem"]["status"]
        elif is_kept and item.filing:
            shown["filing"] = renderer.filing(item.filing, outcome)
        else:
            shown["status"] = NOT_KEPT
        results.append(shown)
    kept = len(items) - count if is_kept else 0
    body = {"atomicity": atomicity, "items": len(items), "kept": kept, "refused": count, "results": results}
    if not is_kept:
        raise BatchRefused(body)
    return Answer(200 if count else 201, {**body, "public_key": receipts.public_pem(renderer.key)})


# ---- reading


def _items(given: object) -> list[Item]:
    """The items of the request. Raises 422 for no list, none, too many, or two under one client id."""
    if not isinstance(given, list) or not 1 <= len(given) <= ITEMS_LIMIT:
        raise refusal(
            [Obstacle("not-a-list", "/items", told("A list of 1 to {limit} items is needed.", limit=ITEMS_LIMIT))]
        )
    items = [_item(each, is_doubtful=isinstance(given, reading.Doubtful)) for each in given]
    times = Counter(item.client_id for item in items if item.client_id is not None)
    repeated = [
        Obstacle("repeated", f"/items/{index}/client_id", "Another item has the same client_id.")
        for index, item in enumerate(items)
        if item.client_id is not None and times[item.client_id] > 1
    ]
    if repeated:
        raise refusal(repeated)
    return items


def _item(given: object, *, is_doubtful: bool) -> Item:
    """One item, or its refusal, which is told under the client's id wherever that can be read."""
    client_id = given.get("client_id") if isinstance(given, Mapping) else None
    known = client_id if isinstance(client_id, str) and len(client_id) <= CLIENT_ID_LENGTH else None
    if known is not None and next(reading.forbidden_places(known), None) is not None:
        known = None
    try:
        if is_doubtful:
            reading.require_sound(given)
        body = reading.members_of(given, required=("document",), optional=ITEM_MEMBERS)
        if "client_id" in body:
            known = sentence(client_id, "/client_id", longest=CLIENT_ID_LENGTH)
        reading.require_few_values(body["document"])
        return Item(known, new_filing(body))
    except Problem as problem:
        return Item(known, None, problem)


# ---- rendering


class _Speaker:
    """Tells refusals as the single request would: the same problem document, in the client's language."""

    def __init__(self, request: Request) -> None:
        self.language = problems.language(request.headers.get("Accept-Language"))
        self.trace_id = str(getattr(request, "trace_id", ""))

    def problem(self, refused: Problem | DomainError) -> dict[str, Any]:
        """The problem document of one item."""
        known = problems.of(refused)
        if known is None:
            raise refused
        return problems.document(known, language=self.language, trace_id=self.trace_id)


class _Renderer:
    """Shows what was stored without reading it back: a batch of a thousand asks the database nothing here."""

    def __init__(self, actor: Actor, language: str, at: datetime) -> None:
        self.actor, self.language, self.at = actor, language, at
        self.key: Ed25519PrivateKey = receipts.load_key(settings.RECEIPT_KEY_FILE)

    def filing(self, item: NewFiling, outcome: Outcome) -> dict[str, Any]:
        """A filing as a line of a list; a submitted one with its digest, its receipt and what the checks said."""
        row = Filing(
            reference=outcome.reference,
            client_reference=item.client_reference,
            status=lifecycle.Status.DRAFT.value,
            revision=1,
            created_at=self.at,
            changed_at=self.at,
            territory=outcome.territory,
        )
        stored = outcome.stored
        if stored is None:
            return {**summary(row, self.language), "document_sha256": None, "answers": [], "receipt": None}
        row.status, row.submitted_at = stored.submission.target.value, self.at
        row.number, row.band = stored.columns["number"], stored.columns["band"]
        row.training_compute_flop = stored.columns["training_compute_flop"]
        return {
            **summary(row, self.language),
            "document_sha256": stored.submission.assessed.digest.hex(),
            "answers": [answer(each, self.language) for each in outcome.answers],
            "receipt": self._receipt(stored),
        }

    def _receipt(self, stored: Stored) -> dict[str, Any]:
        submission = stored.submission
        signed = receipts.sign(
            key=self.key,
            origin=settings.LOG_ORIGIN,
            filing=submission.reference,
            version=submission.number,
            entry=log.line_of(stored.entry),
            mandate=str(stored.entry.mandate or ""),
        )
        opening = {"salt": stored.salt.hex(), "document_sha256": submission.assessed.digest.hex()}
        return {"receipt": signed.as_json(), "opening": opening}
