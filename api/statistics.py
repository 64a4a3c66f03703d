"""Published statistics, open to everybody: releases, their vintages, and the cells of a table.

What is answered stands in the published files and nowhere else (registry.statistics.shelf): a withheld value is null
with the one code of all withheld values, whatever the reason.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Final

from django.http import HttpResponseNotModified
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from rest_framework.request import Request
from rest_framework.response import Response

from api import tables
from api.endpoint import Endpoint
from api.parameters import invalid
from registry.accounts.actors import NOBODY
from registry.acting import Actor, acting_as
from registry.errors import NotFound
from registry.languages import SPOKEN
from registry.statistics import shelf
from registry.statistics.formats.manifest import File
from registry.statistics.formats.observations import Observation, chosen, observations
from registry.statistics.formats.structure import moment
from registry.statistics.models import Vintage
from registry.statistics.published import PublishedRelease, Table

FRESH_FOR: Final = 300  # seconds that others may keep what a later vintage or a withdrawal changes
FRESH: Final = f"public, max-age={FRESH_FOR}"
FOR_EVER: Final = "public, max-age=31536000, immutable"
MEASURE: Final = "measure"
LONGEST_WHERE: Final = 1_000


def _reading() -> AbstractContextManager[Actor]:
    """A unit of work of the public, whoever asks: a token opens nothing more here."""
    return acting_as(NOBODY, read_only=True)


class Releases(Endpoint):
    """`/statistics/releases/`: what is published."""

    permissions = {"GET": None}

    def get(self, request: Request) -> HttpResponseBase:
        """Every release with its newest vintage, the newest release first; withdrawn ones stay listed."""
        with _reading() as actor:
            vintages = shelf.published(by=actor)
        by_release: dict[str, list[Vintage]] = {}
        for each in vintages:
            by_release.setdefault(each.release, []).append(each)
        body = {"results": [_release(name, found) for name, found in by_release.items()]}
        return _kept(request, body, *(_mark(each) for each in vintages), kept=FRESH)


class OneRelease(Endpoint):
    """`/statistics/releases/<release>/`: one release, its vintages, tables and files."""

    permissions = {"GET": None}

    def get(self, request: Request, release: str) -> HttpResponseBase:
        """The vintages, the newest first, each with its tables and the addresses, sizes and digests of its files."""
        with _reading() as actor:
            vintages = shelf.of_release(release, by=actor)
            body = {**_release(release, vintages), "vintages": [_vintage(each) for each in vintages]}
        return _kept(request, body, *(_mark(each) for each in vintages), kept=FRESH)


class Cells(Endpoint):
    """`/statistics/releases/<release>/<vintage>/tables/<table>/`: the cells of a table."""

    permissions = {"GET": None}
    parameters = ("where",)
    renderer_classes = tables.OFFERED
    content_negotiation_class = tables.ByQuality

    def get(self, request: Request, release: str, number: int, table: str) -> HttpResponseBase:
        """All values of the table, or those that `where` names; as JSON or, by `Accept`, as CSV. Never changes."""
        where = self.query.text("where", longest=LONGEST_WHERE)
        with _reading() as actor:
            vintage = shelf.one(release, number, by=actor)
            if table not in {each.id for each in shelf.described(vintage).tables}:
                raise NotFound
            found = shelf.read(vintage, only={table})
        [shown] = found.tables
        rows = list(_selected(found, shown, where))
        if tables.is_wanted(request):
            head = (*shown.dimensions, MEASURE, "value", "obs_status", "conf_status")
            lines = ((*row.key, row.measure.id, row.text, *row.flags) for row in rows)
            answer = tables.streamed(head, lines, name=f"{table}.csv")
            return _tagged(request, answer, vintage.manifest_sha256, table, where, "csv", kept=FOR_EVER)
        return _kept(request, _table(found, shown, rows), vintage.manifest_sha256, table, where, kept=FOR_EVER)


class Calendar(Endpoint):
    """`/statistics/calendar/`: the moments at which releases appear."""

    permissions = {"GET": None}

    def get(self, request: Request) -> HttpResponseBase:
        """Every moment that was announced, the first one first; a release appears at its moment, not before."""
        with _reading():
            entries = [
                {
                    "release": each.release,
                    "publish_at": moment(each.publish_at),
                    "is_revision": each.is_revision,
                    "announced_at": moment(each.announced_at),
                }
                for each in shelf.calendar()
            ]
        return _kept(request, {"results": entries}, repr(entries), kept=FRESH)


def _release(name: str, vintages: Sequence[Vintage]) -> dict[str, Any]:
    newest = vintages[0]
    return {
        "release": name,
        "url": f"/api/v1/statistics/releases/{name}/",
        "vintage": newest.number,
        "published_at": moment(newest.published_at or newest.publish_at),
        "is_provisional": newest.is_provisional,
        "is_withdrawn": newest.withdrawn_at is not None,
    }


def _vintage(vintage: Vintage) -> dict[str, Any]:
    """A vintage in full. Ask it inside a unit of work."""
    described = shelf.described(vintage)
    address = f"/api/v1/statistics/releases/{vintage.release}/{vintage.number}/tables/"
    notice = {language: getattr(vintage, f"notice_{language}") for language in SPOKEN}
    return {
        "vintage": vintage.number,
        "published_at": moment(vintage.published_at or vintage.publish_at),
        "as_of": moment(vintage.as_of),
        "is_provisional": vintage.is_provisional,
        "withdrawn_at": moment(vintage.withdrawn_at) if vintage.withdrawn_at else None,
        "notice": notice if vintage.withdrawn_at else None,
        "manifest_sha256": vintage.manifest_sha256,
        "tables": [
            {"id": each.id, "title": dict(each.title), "url": f"{address}{each.id}/"} for each in described.tables
        ],
        "files": [_file(vintage, each) for each in shelf.files(vintage)],
    }


def _file(vintage: Vintage, file: File) -> dict[str, Any]:
    href = f"/statistics/{vintage.release}/{vintage.number}/{file.path}"
    return {"path": file.path, "url": href, "size_bytes": file.size_bytes, "sha256": file.sha256}


def _table(release: PublishedRelease, table: Table, rows: Sequence[Observation]) -> dict[str, Any]:
    used = [{row.key[place] for row in rows} for place in range(len(table.dimensions))]
    dimensions = [release.dimension[name] for name in table.dimensions]
    measured = {row.measure.id for row in rows}
    return {
        "release": release.id,
        "vintage": release.vintage,
        "table": table.id,
        "title": dict(table.title),
        "note": dict(table.note),
        "dimensions": [
            {
                "id": each.id,
                "label": dict(each.label),
                "codes": [{"id": code.id, "label": dict(code.label)} for code in each.codes if code.id in used[place]],
            }
            for place, each in enumerate(dimensions)
        ],
        "measures": [
            {"id": each.id, "label": dict(each.label), "unit": each.unit, "rounded_to": each.rounded_to}
            for each in (release.measure[name] for name in table.measures)
            if each.id in measured
        ],
        "cells": [
            {
                "key": list(row.key),
                "measure": row.measure.id,
                "value": row.text or None,
                "obs_status": str(row.flags[0]),
                "conf_status": str(row.flags[1]),
            }
            for row in rows
        ],
    }


def _selected(release: PublishedRelease, table: Table, where: str) -> Iterator[Observation]:
    """The values that `where` names. Raises 400 for a dimension or code that the table does not have."""
    wanted = _wanted(release, table, where)
    measures = wanted.pop(MEASURE, frozenset(table.measures))
    keys = {cell.key for cell in chosen(table, wanted)}
    return (each for each in observations(release, table) if each.key in keys and each.measure.id in measures)


def _wanted(release: PublishedRelease, table: Table, where: str) -> dict[str, frozenset[str]]:
    """`member_state:DE,FR;measure:runs` as codes by dimension; the measure counts as one."""
    known: Mapping[str, frozenset[str]] = {
        **{name: frozenset(code.id for code in release.dimension[name].codes) for name in table.dimensions},
        MEASURE: frozenset(table.measures),
    }
    found: dict[str, frozenset[str]] = {}
    for part in where.split(";") if where else ():
        name, _, listed = part.partition(":")
        codes = frozenset(listed.split(","))
        if name in found or not codes <= known.get(name, frozenset()):
            raise invalid("where")
        found[name] = codes
    return found


def _mark(vintage: Vintage) -> str:
    return f"{vintage.manifest_sha256}{vintage.withdrawn_at}"


def _kept(request: Request, body: Mapping[str, Any], *marks: str, kept: str) -> HttpResponseBase:
    return _tagged(request, Response(body), *marks, kept=kept)


def _tagged(request: Request, answer: HttpResponseBase, *marks: str, kept: str) -> HttpResponseBase:
    """The answer with its entity tag, or 304 to whoever has it; anybody may keep it for a while."""
    tag = f'"{hashlib.sha256("|".join((request.path, *marks)).encode()).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": kept, "Access-Control-Allow-Origin": "*"}
    for name, value in headers.items():
        answer.headers[name] = value
    if get_conditional_response(request, etag=tag) is None:
        return answer
    return HttpResponseNotModified(headers=headers)
