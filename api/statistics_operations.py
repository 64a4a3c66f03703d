"""The operations of published statistics."""

from collections.abc import Mapping
from typing import Any, Final

from api.operation import Operation, Reply, parameter
from api.tables import CSV

_TAG: Final = "Statistics"


def _kept(schema: str, description: str, *also: tuple[str, str]) -> Mapping[int, Reply]:
    """An answer with its tag, and the one to whoever has it already."""
    tag = ("ETag",)
    return {200: Reply(schema, description, tag, also=also), 304: Reply("", "What you have is what there is.", tag)}


STATISTICS_OPERATIONS: Final[Mapping[tuple[str, str], Operation]] = {
    ("statistics-releases", "GET"): Operation(
        id="statistics_releases",
        tag=_TAG,
        summary="List the releases",
        replies=_kept("StatisticsReleaseList", "All releases. May be kept for minutes."),
    ),
    ("statistics-releases-one", "GET"): Operation(
        id="statistics_release",
        tag=_TAG,
        summary="Read a release",
        replies=_kept("StatisticsRelease", "The release. May be kept for minutes."),
        problems=("not-found",),
    ),
    ("statistics-tables-one", "GET"): Operation(
        id="statistics_table",
        tag=_TAG,
        summary="Read the cells of a table",
        replies=_kept("StatisticsTable", "The cells of one vintage; may be kept for ever.", (CSV, "StatisticsLines")),
        problems=("not-found",),
    ),
    ("statistics-calendar", "GET"): Operation(
        id="statistics_calendar",
        tag=_TAG,
        summary="List the announced moments of release",
        replies=_kept("StatisticsCalendar", "All moments. May be kept for minutes."),
    ),
}
STATISTICS_QUERY: Final[Mapping[str, Any]] = {
    "where": parameter(
        "query",
        "where",
        "Only these codes: dimensions after semicolons, each with its codes after a colon, between commas; `measure` "
        "counts as a dimension. A dimension that is not named is shown whole.",
        {"type": "string", "minLength": 1, "maxLength": 1_000},
        example="member_state:DE,FR;measure:runs",
    ),
}
STATISTICS_PATH: Final[Mapping[str, Any]] = {
    "release": parameter(
        "path",
        "release",
        "The quarter of the release.",
        {"type": "string", "pattern": "^[-a-zA-Z0-9_]+$"},
        example="2026-Q3",
    ),
    "table": parameter(
        "path",
        "table",
        "The table.",
        {"type": "string", "pattern": "^[-a-zA-Z0-9_]+$"},
        example="runs-by-state-and-band",
    ),
}
STATISTICS_TAG: Final = {"name": _TAG, "description": "Open to everybody, without a token."}
