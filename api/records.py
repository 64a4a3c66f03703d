"""The lines of returns over HTTP: sent as NDJSON or CSV, followed, judged line by line, amended and withdrawn."""

import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from typing import IO, Any, Final

from django.http import StreamingHttpResponse
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from api import return_bodies, tables
from api.bodies import one_of
from api.endpoint import READS, Answer, Endpoint
from api.facilities import an_object
from api.filings import spoken
from api.parameters import sealed
from api.problems import Problem
from api.returns import answered
from registry.accounts.policy import Permission
from registry.acting import Actor, acting_as
from registry.compute import record_actions, record_checks, return_lists, verdicts
from registry.compute.models import Atomicity, Format, Upload
from registry.compute.record_actions import Body
from registry.compute.record_reading import BODY_BYTES_LIMIT, TooManyLines

P = Permission
NDJSON: Final = "application/x-ndjson"
FORMATS: Final[Mapping[str, Format]] = {NDJSON: Format.NDJSON, tables.CSV: Format.CSV}
OF_LINES: Final = ("line", "line_id", "outcome", *tables.SAID)


class Lines(BaseParser):
    """The body of lines as a stream that is read in parts. What makes two bodies the same is its digest."""

    media_type = NDJSON

    def parse(self, stream: IO[bytes], media_type: str | None = None, parser_context: Any = None) -> dict[str, Any]:
        """The body, at its beginning, and what it is known by."""
        source: Any = parser_context["request"].environ["wsgi.input"]
        if not (hasattr(source, "seekable") and source.seekable()):
            kept = tempfile.SpooledTemporaryFile(max_size=1024 * 1024)  # noqa: SIM115  goes with the request
            shutil.copyfileobj(stream, kept)
            source = kept
        source.seek(0)
        body = record_actions.body_of(source, written=FORMATS[self.media_type])
        atomicity = parser_context["request"].GET.get("atomicity", "")
        return {"body": _Opaque(body), "sha256": body.digest.hex(), "format": body.format, "atomicity": atomicity}


class CsvLines(Lines):
    """The same in CSV."""

    media_type = tables.CSV


class _Opaque(str):
    """A body where a request is written down to compare it with another: as nothing."""

    body: Body

    def __new__(cls, body: Body) -> "_Opaque":
        made = super().__new__(cls, "")
        made.body = body
        return made


class JsonLines(BaseRenderer):
    """Says that an endpoint offers NDJSON; its answers are streamed."""

    media_type = NDJSON
    format = "ndjson"
    charset = None

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> Any:
        """The lines as they are."""
        return data


class Records(Endpoint):
    """`/returns/<return>/records/`: its records as they are now; send more."""

    permissions = {"GET": P.RETURN_READ, "POST": P.RETURN_FILE}
    parameters = ("limit", "cursor", "customer_key")
    parser_classes = [Lines, CsvLines]

    @classmethod
    def parameters_of(cls, method: str) -> tuple[str, ...]:
        """Lists have theirs; sending has the choice of atomicity."""
        return cls.parameters if method in READS else ("dry_run", "atomicity")

    def get(self, request: Request, monthly_return: str) -> Response:
        """A page of records, in the order in which they were stored. Follow `next` until it is null."""
        limit = self.query.limit()
        with self.reading(request) as actor:
            row = return_lists.found(monthly_return, actor)
            bound_to = self.query.binding(endpoint=f"records {row.reference}", organisation=actor.organisation)
            chosen = return_lists.records_of(row, actor).current()
            if customer := self.query.text("customer_key"):
                chosen = chosen.filter(customer_key=customer)
            if (position := self.query.cursor(bound_to=bound_to)) is not None:
                chosen = chosen.filter(id__gt=int(position[0]))
            found = list(chosen.order_by("id")[: limit + 1])
            following = sealed((found[limit - 1].id,), bound_to=bound_to) if len(found) > limit else None
            body = {"results": [return_bodies.record(each, row) for each in found[:limit]], "next": following}
        return Response(body)

    def post(self, request: Request, monthly_return: str) -> Response:
        """Send lines, NDJSON or CSV, up to a million: 202 with the upload, which tells how far it has come.

        `atomicity=all` keeps nothing where one line is bad, `each` (usual) keeps the good ones. The same line sent
        again, with the same key or another, is stored once.
        """
        read: Any = request.data
        if "body" not in read:  # nothing was sent, so nothing was read
            raise Problem("bad-request")
        with read["body"].body.stream:
            return self._received(request, monthly_return, read["body"].body, read["atomicity"] or Atomicity.EACH)

    def _received(self, request: Request, monthly_return: str, sent: Body, chosen: str) -> Response:
        atomicity = Atomicity(one_of(chosen, "/atomicity", tuple(Atomicity.values)))

        def perform(actor: Actor) -> Answer:
            try:
                made = record_actions.receive(
                    reference=monthly_return, body=sent, atomicity=atomicity, by=actor, at=self.now
                )
            except TooManyLines as refused:
                facts, remedy = {"limit": BODY_BYTES_LIMIT}, f"{refused.sentence} {refused.remedy}"
                raise Problem("body-too-large", facts=facts, remedy=remedy) from None
            body = return_bodies.upload(made)
            return Answer(202, body, {"Location": body["url"]})

        return self.write(request, perform)


class OneRecord(Endpoint):
    """`/returns/<return>/records/<line_id>/`: one record by your own line id."""

    permissions = {"GET": P.RETURN_READ, "PUT": P.RETURN_FILE, "DELETE": P.RETURN_FILE}

    def get(self, request: Request, monthly_return: str, line_id: str) -> Response:
        """The newest revision; `until_version` says whether it was withdrawn."""
        with self.reading(request) as actor:
            row = return_lists.found(monthly_return, actor)
            body = return_bodies.record(return_lists.record_of(row, line_id, actor), row)
        return Response(body)

    def put(self, request: Request, monthly_return: str, line_id: str) -> Response:
        """State the record anew, as a whole. The revision before stays part of the versions it was part of."""
        said, language = an_object(request.data), spoken(request)
        content = json.dumps(said, ensure_ascii=False, separators=(",", ":"), default=float).encode()

        def perform(actor: Actor) -> Answer:
            made = record_actions.amend(
                reference=monthly_return, line_id=line_id, content=content, by=actor, at=self.now, language=language
            )
            row = return_lists.found(monthly_return, actor)
            answers = record_checks.explained(map(record_checks.kept_answer, made.answers), language=language)
            return Answer(200, {**return_bodies.record(made.record, row), "answers": answers})

        return self.write(request, perform)

    def delete(self, request: Request, monthly_return: str, line_id: str) -> Response:
        """Withdraw the record from the next version on. 200 with the return."""

        def perform(actor: Actor) -> Answer:
            row = record_actions.withdraw(reference=monthly_return, line_id=line_id, by=actor, at=self.now)
            return answered(row, 200)

        return self.write(request, perform)


class Uploads(Endpoint):
    """`/returns/<return>/uploads/`: what was sent for a return."""

    permissions = {"GET": P.RETURN_READ}

    def get(self, request: Request, monthly_return: str) -> Response:
        """Every upload, oldest first."""
        with self.reading(request) as actor:
            row = return_lists.found(monthly_return, actor)
            chosen = Upload.objects.visible_to(actor).filter(monthly_return=row).select_related("monthly_return")
            body = {"results": [return_bodies.upload(each) for each in chosen]}
        return Response(body)


class OneUpload(Endpoint):
    """`/returns/<return>/uploads/<number>/`: one upload."""

    permissions = {"GET": P.RETURN_READ}

    def get(self, request: Request, monthly_return: str, number: int) -> Response:
        """How far it has come: lines read, checked, stored, refused."""
        with self.reading(request) as actor:
            row = return_lists.found(monthly_return, actor)
            body = return_bodies.upload(return_lists.upload_of(row, number, actor))
        return Response(body)


class Verdicts(Endpoint):
    """`/returns/<return>/uploads/<number>/verdicts/`: what became of each line."""

    permissions = {"GET": P.RETURN_READ}
    parameters = ("limit", "cursor", "outcome")
    renderer_classes = [JSONRenderer, JsonLines, tables.Csv]
    content_negotiation_class = tables.ByQuality

    def get(self, request: Request, monthly_return: str, number: int) -> Response | StreamingHttpResponse:
        """A page of verdicts in the order of lines. As NDJSON or CSV, by `Accept`, all of them in one file."""
        language, outcome = spoken(request), self.query.choice("outcome", choices=verdicts.OUTCOMES) or ""
        wanted = str(request.accepted_renderer.media_type)
        limit = self.query.limit()
        with self.reading(request) as actor:
            row = return_lists.found(monthly_return, actor)
            upload = return_lists.upload_of(row, number, actor)
            if wanted != NDJSON and wanted != tables.CSV:
                return Response(self._page(upload, language, outcome, limit, actor))
        name = f"{row.reference}-{number}-verdicts"
        lines = _all(upload, actor, language=language, outcome=outcome)
        if wanted == tables.CSV:
            return tables.streamed(OF_LINES, _cells(lines), name=f"{name}.csv")
        written = (json.dumps(each, ensure_ascii=False).encode() + b"\n" for each in lines)
        answer = StreamingHttpResponse(written, content_type=NDJSON)
        answer["Content-Disposition"] = f'attachment; filename="{name}.ndjson"'
        return answer

    def _page(self, upload: Upload, language: str, outcome: str, limit: int, actor: Actor) -> dict[str, Any]:
        bound_to = self.query.binding(endpoint=f"verdicts {upload.id}", organisation=actor.organisation)
        position = self.query.cursor(bound_to=bound_to)
        after = int(position[0]) if position is not None else 0
        found: list[dict[str, Any]] = []
        for verdict in verdicts.of(upload, language=language, outcome=outcome, after=after):
            found.append(verdict)
            if len(found) > limit:
                break
        following = sealed((found[limit - 1]["line"],), bound_to=bound_to) if len(found) > limit else None
        return {"results": found[:limit], "next": following}


def _all(upload: Upload, actor: Actor, *, language: str, outcome: str) -> Iterator[dict[str, Any]]:
    """Every verdict. Each part is read in a unit of work of its own: a slow reader keeps none open."""
    number = 0
    while True:
        with acting_as(actor, read_only=True):
            part = verdicts.next_part(upload, behind=number, outcome=outcome)
        if part is None:
            return
        yield from verdicts.of(upload, language=language, outcome=outcome, part=part)
        number = part.number


def _cells(found: Iterator[dict[str, Any]]) -> Iterator[tables.Row]:
    for verdict in found:
        for answer in verdict["answers"] or [dict.fromkeys(tables.SAID)]:
            said = (answer[name] for name in tables.SAID)
            yield (verdict["line"], verdict["line_id"], verdict["outcome"], *said)
