"""The schemas of published statistics."""

from collections.abc import Mapping
from typing import Any, Final

from api.schema_parts import (
    a_code,
    a_hash,
    a_list,
    a_moment,
    a_text,
    an_address,
    an_object,
    component,
    nullable,
    results_of,
)

_WHOLE: Final = {"type": "integer", "minimum": 1}
_FLAG: Final = {"type": "boolean"}
_HEAD: Final[Mapping[str, Any]] = {
    "release": a_text("Its quarter, such as 2026-Q3."),
    "url": an_address("The release."),
    "vintage": {**_WHOLE, "description": "The newest vintage."},
    "published_at": a_moment("When the newest vintage appeared."),
    "is_provisional": {**_FLAG, "description": "Whether its values may still change."},
    "is_withdrawn": {**_FLAG, "description": "Whether it was withdrawn."},
}
_LABELLED: Final[Mapping[str, Any]] = {"id": a_text("Its code."), "label": component("StatisticsText")}

STATISTICS_ANSWERS: Final[Mapping[str, Any]] = {
    "StatisticsText": an_object(
        "A text in every language.", en=a_text("In English."), fr=a_text("In French."), de=a_text("In German.")
    ),
    "StatisticsReleaseHead": an_object("A release and its newest vintage.", **_HEAD),
    "StatisticsReleaseList": results_of("StatisticsReleaseHead", "All releases, the newest first."),
    "StatisticsRelease": an_object(
        "A release with all its vintages.",
        **_HEAD,
        vintages=a_list(component("StatisticsVintage"), "The newest first."),
    ),
    "StatisticsVintage": an_object(
        "One vintage. Once published it never changes, but that it may be withdrawn.",
        vintage=_WHOLE,
        published_at=a_moment("When it appeared."),
        as_of=a_moment("What was submitted until then is counted."),
        is_provisional={**_FLAG, "description": "Whether its values may still change."},
        withdrawn_at=nullable(a_moment("When it was withdrawn.")),
        notice=nullable(component("StatisticsText")),
        manifest_sha256=a_hash("Digest of `manifest.json`, which lists all files."),
        tables=a_list(
            an_object(
                "A table.", id=a_text("Its id."), title=component("StatisticsText"), url=an_address("Its cells.")
            ),
            "Its tables.",
        ),
        files=a_list(
            an_object(
                "A file.",
                path=a_text("Its path in the folder of the vintage."),
                url=an_address("The file."),
                size_bytes={"type": "integer", "minimum": 0, "description": "Its size."},
                sha256=a_hash("Its digest."),
            ),
            "Its files.",
        ),
    ),
    "StatisticsTable": an_object(
        "Cells of a table, in the order of their codes.",
        release=a_text("Its quarter, such as 2026-Q3."),
        vintage=_WHOLE,
        table=a_text("Its id."),
        title=component("StatisticsText"),
        note=component("StatisticsText"),
        dimensions=a_list(
            an_object(
                "A dimension.",
                **_LABELLED,
                codes=a_list(an_object("A code.", **_LABELLED), "Those shown."),
            ),
            "In the order of the keys.",
        ),
        measures=a_list(
            an_object(
                "What is counted.",
                **_LABELLED,
                unit=a_text("Its unit."),
                rounded_to=nullable({**_WHOLE, "description": "The base to which values are rounded."}),
            ),
            "What is counted.",
        ),
        cells=a_list(component("StatisticsCell"), "The values."),
    ),
    "StatisticsCell": an_object(
        "One value of one cell.",
        key=a_list({"type": "string"}, "A code of each dimension."),
        measure=a_text("What is counted."),
        value=nullable(a_text("A plain decimal; null where it is withheld.", pattern=r"^-?[0-9]+(\.[0-9]+)?$")),
        obs_status=a_code("SDMX observation status: normal, provisional, withheld.", ("A", "P", "Q")),
        conf_status=a_code("SDMX confidentiality: free, confidential.", ("F", "C")),
    ),
    "StatisticsLines": a_text("The same as CSV: a column for each dimension, then measure, value and both codes."),
    "StatisticsCalendar": results_of("StatisticsMoment", "All moments, the first one first."),
    "StatisticsMoment": an_object(
        "A moment at which a release appears.",
        release=a_text("Its quarter, such as 2026-Q3."),
        publish_at=a_moment("The embargo."),
        is_revision={**_FLAG, "description": "Whether a vintage was published before."},
        announced_at=a_moment("When it was announced."),
    ),
}
