"""Building releases: from filings, through disclosure control, to a vintage that never changes.

First form: a quarter is published once it is over, and then stands; a later vintage repeats it and adds the quarters
since. So no difference of two vintages shows anything that one of them does not (part 6 brings revisions).
"""

import hashlib
import os
from datetime import datetime
from decimal import Decimal
from typing import Any

import rfc8785

from registry import rows
from registry.acting import Actor, inside_acting_as
from registry.filings.models import Filing
from registry.ledger import chain, log
from registry.ledger.log import Line
from registry.periods import Quarter
from registry.statistics import tables
from registry.statistics.disclosure import threshold
from registry.statistics.disclosure.threshold import Contribution, Parameters, Published
from registry.statistics.models import Cell, Release

PUBLISHED = "release.published"


@inside_acting_as
def publish(*, by: Actor, at: datetime, parameters: Parameters) -> Release | None:
    """Publish a vintage of the table of runs if a quarter ended since the last one; None if nothing is new."""
    by.require("release_build")
    last = Release.objects.filter(table=tables.RUNS_BY_QUARTER).order_by("-vintage").first()
    standing = {(c.quarter, c.band): c for c in last.cells.all()} if last else {}
    runs = _runs(before=Quarter.of(at.date()))
    if not runs:
        return None
    ended = tables.quarters(min(run.quarter for run in runs), _before(Quarter.of(at.date())))
    new = [quarter for quarter in ended if str(quarter) not in {quarter for quarter, _ in standing}]
    if not new:
        return None
    protected = _protected(runs, new, parameters)
    cells = [_kept(cell) for cell in standing.values()] + [_stored(cell) for cell in protected]
    return _store(cells, vintage=last.vintage + 1 if last else 1, by=by, at=at)


def _runs(*, before: Quarter) -> list[tables.Run]:
    """Every run that stands (not withdrawn), by the quarter it was first filed in, before the running quarter."""
    found = (
        Filing.objects.filed()
        .exclude(status="withdrawn")
        .filter(training_compute_flop__gt=0)
        .values_list("submitted_at", "training_compute_flop", "organisation__holding")
    )
    runs = [
        tables.Run(Quarter.of(at.date()), flop, holding)
        for at, flop, holding in found.iterator(chunk_size=5_000)
        if at is not None and flop is not None
    ]
    return [run for run in runs if run.quarter < before]


def _protected(runs: list[tables.Run], quarters: list[Quarter], parameters: Parameters) -> tuple[Published, ...]:
    """All cells of the quarters, those without runs too."""
    contributed = tables.by_cell(runs)
    cells = [
        threshold.Cell(
            (str(quarter), band.code),
            tuple(Contribution(run.holding, Decimal(1)) for run in contributed.get((str(quarter), band.code), [])),
        )
        for quarter in quarters
        for band in tables.BANDS
    ]
    return threshold.protect(cells, parameters=parameters, margins=tables.MARGINS)


def _stored(cell: Published) -> dict[str, object]:
    quarter, band = cell.coordinates
    value = None if cell.is_confidential else int(cell.runs)
    return {"quarter": quarter, "band": band, "value": value, "confidentiality": "C" if cell.is_confidential else ""}


def _kept(cell: Cell) -> dict[str, object]:
    return {name: getattr(cell, name) for name in ("quarter", "band", "value", "confidentiality")}


def _store(cells: list[dict[str, object]], *, vintage: int, by: Actor, at: datetime) -> Release:
    digest = hashlib.sha256(rfc8785.dumps(document(tables.RUNS_BY_QUARTER, vintage, cells))).digest()
    salt = os.urandom(chain.HASH_BYTES)
    commitment = chain.commitment(salt=salt, digest=digest)
    entry = log.append([Line(PUBLISHED, f"{tables.RUNS_BY_QUARTER}-{vintage}", commitment)], by=by, at=at)[0]
    release = Release.objects.create(
        table=tables.RUNS_BY_QUARTER,
        vintage=vintage,
        as_of=at,
        published_at=at,
        content_digest=digest,
        salt=salt,
        entry_id=entry.index,
    )
    rows.insert(Cell, [{"release_id": release.id, **cell} for cell in cells])
    return release


def document(table: str, vintage: int, cells: list[dict[str, object]]) -> Any:
    """What an entry about a release commits to: all its cells, in their order."""
    return {"table": table, "vintage": vintage, "cells": cells}


def stated(release: Release) -> Any:
    """The document of a release as it was committed to, from its stored cells."""
    return document(release.table, release.vintage, [_kept(cell) for cell in release.cells.order_by("id")])


def _before(quarter: Quarter) -> Quarter:
    return Quarter(quarter.year - 1, 4) if quarter.number == 1 else Quarter(quarter.year, quarter.number - 1)
