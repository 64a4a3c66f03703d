"""The verdicts on the lines of an upload, as its provider reads them: all or of one outcome, in order."""

import json
from collections.abc import Iterator
from typing import Any, Final

from registry.compute import intake, record_checks
from registry.compute.models import Upload, UploadPart, UploadState

STORED, NOTED, REPEATED, REFUSED, NOT_KEPT = "stored", "noted", "repeated", "refused", "not_kept"
OUTCOMES: Final = (STORED, NOTED, REPEATED, REFUSED, NOT_KEPT)
_WITHOUT_ANSWERS: Final = '"answers":[]}'


def of(
    upload: Upload, *, language: str, outcome: str = "", after: int = 0, part: UploadPart | None = None
) -> Iterator[dict[str, Any]]:
    """Verdicts on the lines behind line `after`: line, line_id, outcome, and answers with their sentences.

    Lines of which there is no verdict yet are left out. With `part`, only on the lines of that one.
    """
    is_refused = upload.state == UploadState.REFUSED
    for each in [part] if part else parts(upload, outcome=outcome, after=after):
        for line in intake.verdict_lines(each):
            verdict = json.loads(line)
            if is_refused and verdict["outcome"] != REFUSED:
                verdict["outcome"] = NOT_KEPT
            if verdict["line"] > after and outcome in {"", verdict["outcome"]}:
                verdict["answers"] = record_checks.explained(verdict["answers"], language=language)
                yield verdict


def parts(upload: Upload, *, outcome: str = "", after: int = 0) -> Iterator[UploadPart]:
    """The parts that can have such a verdict behind line `after`, one by one, in order."""
    before = upload.parts.filter(first_line__lte=after + 1).order_by("-number").values_list("number", flat=True).first()
    number = (before or 1) - 1
    while (part := next_part(upload, behind=number, outcome=outcome)) is not None:
        number = part.number
        yield part


def next_part(upload: Upload, *, behind: int, outcome: str = "") -> UploadPart | None:
    """The first part behind number `behind` that was judged and can have such a verdict."""
    chosen = upload.parts.filter(checked_at__isnull=False, number__gt=behind).defer("content").order_by("number")
    if outcome == REFUSED:
        chosen = chosen.filter(refused__gt=0)
    if outcome == NOTED:
        chosen = chosen.filter(noted__gt=0)
    return chosen.first()
