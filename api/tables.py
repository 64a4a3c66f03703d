"""Answers of the checks as a table: CSV (RFC 4180) for those who read them in a spreadsheet, by `Accept: text/csv`.

A cell that a spreadsheet would take for a formula begins with an apostrophe (OWASP, CSV injection). Lines are made one
by one as they are sent, from what the unit of work has read: none stays open for a slow reader.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, Final

from django.http import StreamingHttpResponse
from rest_framework.exceptions import NotAcceptable
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from api import reading
from registry import cells

CSV: Final = "text/csv"
SAID: Final = ("code", "severity", "pointer", "sentence", "remedy")
ANSWER: Final = (*SAID, "reason_code", "reason")
OF_A_VERSION: Final = ("filing", "version", *ANSWER)
OF_A_BATCH: Final = ("index", "client_id", "status", "filing", *ANSWER)

Row = Sequence[object]


class Csv(BaseRenderer):
    """Says that an endpoint offers CSV. Its answers are streamed (`streamed`), so it renders nothing itself."""

    media_type = CSV
    format = "csv"
    charset = "utf-8"

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> Any:
        """The lines as they are."""
        return data


class ByQuality(DefaultContentNegotiation):
    """Chooses by the qualities of the `Accept` header (RFC 9110), JSON where two are liked as much."""

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        """The renderer and its media type. Raises 406 where nothing that is offered is liked."""
        offered = {str(renderer.media_type): renderer for renderer in renderers}
        liked = reading.liked_best(request.headers.get("Accept"), offered=offered)
        if liked is None:
            raise NotAcceptable(available_renderers=list(renderers))
        return offered[liked], liked


OFFERED: Final = [JSONRenderer, Csv]


def is_wanted(request: Request) -> bool:
    """Whether the client asked for CSV."""
    return bool(request.accepted_renderer.media_type == CSV)


def streamed(head: Row, rows: Iterable[Row], *, name: str, status: int = 200) -> StreamingHttpResponse:
    """The table as an attachment called `name`: a line of names, then `rows`, line by line."""
    content_type = f"{CSV}; charset=utf-8; header=present"
    answer = StreamingHttpResponse(cells.lines(chain([head], rows)), status=status, content_type=content_type)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def line(row: Mapping[str, Any], names: Sequence[str]) -> Row:
    """The cells of a JSON object under these names: nothing for null, `true` and `false` as JSON has them."""
    return [str(row[name]).lower() if isinstance(row[name], bool) else row[name] for name in names]


def of_batch(response: Response) -> StreamingHttpResponse:
    """What the answer to a batch says of each item, a line an answer or error; one line where there is none."""
    answer = streamed(OF_A_BATCH, _batch_rows(response.data["results"]), name="batch.csv", status=response.status_code)
    for header, value in response.items():
        if header != "Content-Type":
            answer[header] = value
    return answer


def version_rows(reference: str, number: int, answers: Iterable[Mapping[str, Any]]) -> Iterator[Row]:
    """The answers about one version."""
    for each in answers:
        yield (reference, number, *_cells(each))


def _batch_rows(results: Iterable[Mapping[str, Any]]) -> Iterator[Row]:
    for each in results:
        filing, problem = each["filing"], each["problem"]
        known = (each["index"], each["client_id"], each["status"], filing["reference"] if filing else None)
        said = problem["errors"] or [_of_problem(problem)] if problem else filing["answers"] if filing else []
        for answer in said or [dict.fromkeys(SAID)]:
            yield (*known, *_cells(answer))


def _cells(answer: Mapping[str, Any]) -> Row:
    """An answer or error, and the reason that the filer gave where it keeps what a warning questions."""
    reason = answer.get("acknowledgement") or {}
    return (*(answer[name] for name in SAID), reason.get("reason_code"), reason.get("sentence"))


def _of_problem(problem: Mapping[str, Any]) -> dict[str, Any]:
    """A refusal of the whole item as one line."""
    code = str(problem["type"]).removeprefix("/problems/")
    told = {"sentence": problem["detail"], "remedy": problem["remedy"]}
    return {"code": code, "severity": "error", "pointer": "", **told}
