"""`python -m benches.exports`: memory of making an export of many filings, and what the log of clients' calls costs.

Memory is what Python holds at most while the file is made (tracemalloc), and what the process grew by meanwhile; it has
to stay where it is, however many filings there are. The call log is told as a ratio: the same requests with and without
it, in turns. `--smoke` takes small numbers.
"""

import argparse
import resource
import sys
import tracemalloc
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING
from unittest import mock

import psycopg

from benches.house import house

if TYPE_CHECKING:
    from benches.filer import Filer

SIZES, SMOKE_SIZES = (1_000, 10_000, 50_000), (600, 1_800)
CALLS, SMOKE_CALLS = 200, 10
MIB = 1024 * 1024

# Copies of the one filing that there is, in everything but its names: lists read this table and no other.
MULTIPLY = """
insert into filings_filing (
  id, reference, client_reference, status, revision, created_at, changed_at, submitted_at, number, kind, run_stage,
  run_id, lineage, training_compute_flop, band, site_country, starts_on, ends_on, organisation_id, territory)
select gen_random_uuid(), 'COPY-' || lpad(n::text, 8, '0'), '', status, revision, created_at, changed_at, submitted_at,
  number, kind, run_stage, run_id, lineage, training_compute_flop, band, site_country, starts_on, ends_on,
  organisation_id, territory
from filings_filing, generate_series(1, %s) as n
"""


@dataclass(frozen=True)
class Made:
    """One file: of how many filings, how large, how long it took, how much memory."""

    format: str
    filings: int
    size_mib: float
    seconds: float
    held_mib: float
    grown_mib: float


@dataclass(frozen=True)
class Cost:
    """One sort of call: seconds with the log and without it, medians."""

    call: str
    with_log: float
    without: float


def measure(*, address: str, sizes: Sequence[int]) -> Iterator[Made]:
    """Make one file of each size and format, the smallest first."""
    from benches.documents import documents  # noqa: PLC0415  reads Django's settings, which `house` makes
    from benches.filer import new_filer  # noqa: PLC0415

    new_filer().file(documents(1))
    with psycopg.connect(address, autocommit=True) as database:
        database.execute(MULTIPLY, [max(sizes)])
    for form in ("csv", "xlsx", "json"):
        for size in sizes:
            yield _made(form, size)


def costs(*, calls: int) -> Iterator[Cost]:
    """What noting a call adds to one that files and to one that is refused; the log of the client is full."""
    from benches.documents import documents  # noqa: PLC0415  as above
    from benches.filer import new_filer  # noqa: PLC0415

    filer = new_filer()
    for _ in range(3):
        filer.file(documents(1))
    for name, ask in (("a filing", _file), ("refused at once", _refused)):
        spent: dict[bool, list[float]] = {True: [], False: []}
        for turn in range(2 * calls):
            with _log(is_kept=turn % 2 == 0):
                spent[turn % 2 == 0].append(ask(filer))
        yield Cost(name, median(spent[True]), median(spent[False]))


def report(made: Sequence[Made], found: Sequence[Cost]) -> str:
    """Both tables as text."""
    lines = ["format    filings   file MiB   seconds   held at most MiB   process grew MiB"]
    lines += [
        f"{each.format:<6}   {each.filings:>8,}   {each.size_mib:>8.2f}   {each.seconds:>7.1f}   {each.held_mib:>16.2f}"
        f"   {each.grown_mib:>16.2f}"
        for each in made
    ]
    lines += ["", "call               with the log ms   without ms   ratio"]
    lines += [
        f"{each.call:<16}   {each.with_log * 1000:>15.2f}   {each.without * 1000:>10.2f}"
        f"   {each.with_log / each.without:>5.3f}"
        for each in found
    ]
    return "\n".join(lines)


def _made(form: str, size: int) -> Made:
    from registry.accounts.policy import ROLES  # noqa: PLC0415  as above
    from registry.acting import Actor, acting_as  # noqa: PLC0415
    from registry.dispatch import outbox  # noqa: PLC0415
    from registry.filings.models import Filing  # noqa: PLC0415
    from registry.oversight import exports  # noqa: PLC0415
    from registry.oversight.export_rules import Content, Format  # noqa: PLC0415
    from registry.oversight.purposes import Purpose  # noqa: PLC0415

    role, at = ROLES["officer"], datetime.now(UTC)
    permissions = frozenset(str(each) for each in role.permissions)
    by = Actor(
        f"person:{uuid.uuid4()}", "Bench", role.audience, permissions, territory="FR", roles=frozenset({"officer"})
    )
    before = _peak_mib()
    with _tracing() as peak, acting_as(by):
        found = Filing.objects.visible_to(by).filter(reference__lte=f"COPY-{size:08}", reference__startswith="COPY-")
        order = exports.Order(found, Content.LIST, Format(form))
        begun = perf_counter()
        export = exports.make(order, purpose=Purpose("review"), by=by, at=at, announce=outbox.put)
        seconds = perf_counter() - begun
    return Made(form, export.filings, export.size_bytes / MIB, seconds, peak[0] / MIB, _peak_mib() - before)


@contextmanager
def _tracing() -> Iterator[list[int]]:
    """Watch what Python holds; afterwards the list has the most that it held above the beginning, in bytes."""
    found: list[int] = []
    tracemalloc.start()
    begun = tracemalloc.get_traced_memory()[0]
    try:
        yield found
        found.append(tracemalloc.get_traced_memory()[1] - begun)
    finally:
        tracemalloc.stop()


@contextmanager
def _log(*, is_kept: bool) -> Iterator[None]:
    if is_kept:
        yield
        return
    with mock.patch("registry.accounts.calls.note"):
        yield


def _file(filer: "Filer") -> float:
    from benches.documents import documents  # noqa: PLC0415  as above

    return filer.file(documents(1))


def _refused(filer: "Filer") -> float:
    return filer.refused()


def _peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(prog="python -m benches.exports", description=__doc__)
    parser.add_argument("--smoke", action="store_true", help="small numbers")
    smoke = parser.parse_args().smoke
    with house() as address:
        made = list(measure(address=address, sizes=SMOKE_SIZES if smoke else SIZES))
        found = list(costs(calls=SMOKE_CALLS if smoke else CALLS))
        sys.stdout.write(f"{report(made, found)}\n")


if __name__ == "__main__":
    main()
