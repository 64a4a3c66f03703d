"""What filings look like in answers, and how requests become values of the domain."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from api import duty_bodies
from api.endpoint import Answer
from api.problems import refusal
from registry.acting import Actor
from registry.errors import DomainError, Invalid, NotFound, Obstacle, told
from registry.filings import duty_lists, lifecycle
from registry.filings.actions import NewFiling
from registry.filings.checks import engine
from registry.filings.checks.engine import Acknowledgement
from registry.filings.models import Filing, Version
from registry.ledger import log, receipts
from registry.ledger.models import RESTRICTED
from registry.quantities import format_flop

STATES = ("submitted", "draft")
REASON_LENGTH = 4_000
CLIENT_REFERENCE_LENGTH = 100


def new_filing(body: Mapping[str, Any]) -> NewFiling:
    """The item of a request: document, state (`submitted` unless said), client reference, acknowledgements."""
    state = one_of(body.get("state", "submitted"), "/state", STATES)
    content = document(body)
    given = body.get("client_reference")
    return NewFiling(
        content=content,
        client_reference="" if given is None else name(given, "/client_reference", longest=CLIENT_REFERENCE_LENGTH),
        draft=state == "draft",
        acknowledgements=acknowledgements(body),
    )


def document(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """The filing document of a request; 422 for anything but an object."""
    found = body["document"]
    if not isinstance(found, Mapping):
        raise refusal([Obstacle("not-an-object", "/document", "The document must be an object.")])
    return found


def acknowledgements(body: Mapping[str, Any]) -> tuple[Acknowledgement, ...]:
    """The acknowledged warnings of a request. Raises 422 naming every malformed one."""
    given = body.get("acknowledgements", [])
    names = ("code", "pointer", "reason_code", "sentence")
    if not isinstance(given, list):
        raise refusal([Obstacle("not-a-list", "/acknowledgements", "Acknowledgements are a list.")])
    wrong = [
        Obstacle(
            "validation", f"/acknowledgements/{position}", told("Each needs {names} as texts.", names=", ".join(names))
        )
        for position, each in enumerate(given)
        if not isinstance(each, Mapping)
        or set(each) != set(names)
        or not all(isinstance(v, str) for v in each.values())
    ]
    if wrong:
        raise refusal(wrong)
    return tuple(
        Acknowledgement(**{**each, "pointer": _inside(each["pointer"])}, place=f"/acknowledgements/{position}")
        for position, each in enumerate(given)
    )


def about_document(refused: DomainError) -> DomainError:
    """The refusal with its places told within what was sent, where the document stands under `/document`."""
    refused.obstacles = tuple(
        each if each.pointer.startswith("/acknowledgements/") else replace(each, pointer=f"/document{each.pointer}")
        for each in refused.obstacles
    )
    return refused


@contextmanager
def document_at_hand() -> Iterator[None]:
    """While a document is judged: what is refused is told as `about_document` has it."""
    try:
        yield
    except Invalid as refused:
        raise about_document(refused) from None


def _inside(pointer: str) -> str:
    """A place inside the document, whether it was told by a check or by a problem."""
    return pointer.removeprefix("/document") if f"{pointer}/".startswith("/document/") else pointer


def one_of(value: object, pointer: str, choices: tuple[str, ...]) -> str:
    """`value` if it is one of `choices`; else 422."""
    if value not in choices or not isinstance(value, str):
        raise refusal(
            [Obstacle("not-in-list", pointer, told("It must be one of {choices}.", choices=", ".join(choices)))]
        )
    return value


def sentence(value: object, pointer: str, *, longest: int = REASON_LENGTH) -> str:
    """`value` if it is a text that says something; else 422."""
    if not isinstance(value, str) or not value.strip() or len(value) > longest:
        raise refusal(
            [Obstacle("text", pointer, told("A text of 1 to {longest} characters is needed.", longest=longest))]
        )
    return value


def name(value: object, pointer: str, *, longest: int) -> str:
    """`value` if it is a name in one line of printable characters, none of which turns the writing; else 422."""
    text = sentence(value, pointer, longest=longest)
    if not text.isprintable():
        raise refusal([Obstacle("forbidden-character", pointer, "")])
    return text


def found(actor: Actor, reference: str) -> Filing:
    """The filing, if the actor may see it; a stranger's and a random reference look alike."""
    filing = Filing.objects.visible_to(actor).filter(reference=reference).first()
    if filing is None:
        raise NotFound
    return filing


def found_version(actor: Actor, reference: str, number: int) -> Version:
    """One version of a visible filing."""
    version = with_entry(found(actor, reference)).filter(number=number).first()
    if version is None:
        raise NotFound
    return version


def with_entry(filing: Filing) -> QuerySet[Version]:
    """The versions of a filing with the public columns of their ledger entries."""
    return filing.versions.select_related("entry").defer(*(f"entry__{name}" for name in RESTRICTED))


def answered(filing: Filing, status: int, language: str, *, at: datetime) -> Answer:
    """A filing in full, its revision as the ETag, its address as Location when it is new."""
    newest = with_entry(filing).order_by("-number").first()
    body = {
        **summary(filing, language),
        "document": json.loads(newest.canonical or "null") if newest else filing.draft,
        "answers": answers(newest, language) if newest and newest.canonical else [],
        "duties": [duty_bodies.duty(each, language, at=at) for each in duty_lists.of_filing(filing)],
        "receipt": receipt(filing.reference, newest) if newest else None,
    }
    headers = {"ETag": f'"{filing.revision}"'}
    if status == 201:
        headers["Location"] = body["url"]
    return Answer(status, body, headers)


def summary(filing: Filing, language: str) -> dict[str, Any]:
    """A filing as a line of a list."""
    text = lifecycle.status_text(filing.status, language)
    return {
        "reference": filing.reference,
        "url": f"/api/v1/filings/{filing.reference}/",
        "client_reference": filing.client_reference or None,
        "status": filing.status,
        "status_name": text.name,
        "status_sentence": text.sentence,
        "whose_turn": lifecycle.OWNER[lifecycle.Status(filing.status)].value,
        "revision": filing.revision,
        "version": filing.number or None,
        "created_at": moment(filing.created_at),
        "changed_at": moment(filing.changed_at),
        "submitted_at": moment(filing.submitted_at),
        "training_compute_flop": flop(filing.training_compute_flop),
        "compute_band": filing.band or None,
        "territory": filing.territory,
    }


def version_summary(reference: str, version: Version) -> dict[str, Any]:
    """A version as a line of a list."""
    return {
        "filing": reference,
        "url": f"/api/v1/filings/{reference}/versions/{version.number}/",
        "number": version.number,
        "kind": version.kind,
        "submitted_at": moment(version.submitted_at),
        "submitted_by": version.submitted_by,
        "mandate": str(version.mandate_id) if version.mandate_id else None,
        "schema_version": version.schema_version,
        "rule_set": version.rule_set,
        "document_sha256": bytes(version.digest).hex() or None,  # erased: none
        "declared_flop": flop(version.training_compute_flop),
        "estimated_flop": flop(version.estimated_flop),
        "crossings": [
            {"threshold": each.threshold, "crossed_on": each.crossed_on and each.crossed_on.isoformat()}
            for each in sorted(version.crossings.all(), key=lambda each: each.threshold)
        ],
    }


def answers(version: Version, language: str) -> list[dict[str, Any]]:
    """What the checks said about a version, in the reader's language."""
    shown = []
    for row in version.answers.order_by("id"):
        shown.append(answer(engine.stored(row.code, row.severity, row.pointer, row.inputs), language))
    return shown


def answer(said: engine.Answer, language: str) -> dict[str, Any]:
    """What one check said, and the reason that the filer gave where it keeps what a warning questions."""
    sentence, remedy = engine.render(said, language)
    reason = said.reason
    return {
        "code": said.code,
        "severity": said.severity,
        "pointer": said.pointer,
        "sentence": sentence,
        "remedy": remedy,
        "acknowledgement": {"reason_code": reason[0], "sentence": reason[1]} if reason else None,
    }


def receipt(reference: str, version: Version) -> dict[str, Any]:
    """The signed receipt of a version, the register's public key, and the opening that only filer and authority get."""
    key = receipts.load_key(settings.RECEIPT_KEY_FILE)
    signed = receipts.sign(
        key=key,
        origin=settings.LOG_ORIGIN,
        filing=reference,
        version=version.number,
        entry=log.line_of(version.entry),
        mandate=str(version.mandate_id or ""),
    )
    return {
        "receipt": signed.as_json(),
        "public_key": receipts.public_pem(key),
        "opening": {
            "salt": bytes(version.salt).hex() or None,
            "document_sha256": bytes(version.digest).hex() or None,
        },
    }


def moment(at: datetime | None) -> str | None:
    """RFC 3339 in UTC, with Z."""
    return at.isoformat().replace("+00:00", "Z") if at else None


def flop(value: Decimal | None) -> str | None:
    """FLOP as the document writes it, such as 2.3e25."""
    return format_flop(value.normalize()) if value is not None else None
