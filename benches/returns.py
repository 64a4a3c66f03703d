"""`python -m benches.returns`: lines of a return a second, beside raw COPY of the same lines, and the memory they take.

The yardstick is COPY of what was stored, into the same partitioned table with its indexes and foreign keys, in the same
run and by the superuser, whom row-level security does not hold up.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from time import perf_counter
from typing import Any

import psycopg
from psycopg import sql

from benches.house import house
from benches.return_lines import lines

LINES = 200_000
SMOKE_LINES = 2_000
_COLUMNS = """
select column_name from information_schema.columns
where table_schema = 'public' and table_name = 'compute_accessrecord' order by ordinal_position
"""


@dataclass(frozen=True)
class Measured:
    """One run: seconds of each step, and peak memory of each process in MiB."""

    lines: int
    size_bytes: int
    received_s: float
    first_verdicts_s: float
    taken_s: float
    copied_s: float
    web_peak_mib: float
    worker_peak_mib: float

    @property
    def ratio(self) -> float:
        """Share of COPY's speed, from the first octet received to the last verdict."""
        return self.copied_s / (self.received_s + self.taken_s)


def measure(*, address: str, count: int) -> Measured:
    """Send `count` lines, let the intake deal with them, take them out and put them back by COPY."""
    reference = _opened()
    with tempfile.NamedTemporaryFile(prefix="ecar-bench-", suffix=".ndjson") as file:
        for line in lines(count):
            file.write(line)
        file.flush()
        size = Path(file.name).stat().st_size
        received = _hand("receive", reference, file.name)
    taken = _hand("take", str(received["upload"]))
    return Measured(
        lines=count,
        size_bytes=size,
        received_s=received["seconds"],
        first_verdicts_s=taken["first_seconds"],
        taken_s=taken["seconds"],
        copied_s=_copied(address, count),
        web_peak_mib=received["peak_mib"],
        worker_peak_mib=taken["peak_mib"],
    )


def report(found: Measured) -> str:
    """The figures as text."""
    whole = found.received_s + found.taken_s
    rows = (
        ("received", found.received_s, "s"),
        ("first verdicts after", found.first_verdicts_s, "s"),
        ("last verdict after", found.taken_s, "s"),
        ("lines a second", found.lines / whole, "/s"),
        ("COPY of the same lines", found.lines / found.copied_s, "/s"),
        ("ratio", found.ratio, ""),
        ("peak memory, web", found.web_peak_mib, "MiB"),
        ("peak memory, worker", found.worker_peak_mib, "MiB"),
    )
    head = f"{found.lines:,} lines, {found.size_bytes / 1e6:,.1f} MB"
    return "\n".join([head, *(f"  {name:<24} {value:>12,.2f} {unit}" for name, value, unit in rows)])


def _hand(*words: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "benches.return_hands", *words]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)  # what goes wrong is told by it
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _opened() -> str:
    """The reference of an open return of a new provider with a facility."""
    from benches.return_hands import AT, submitter  # noqa: PLC0415  reads Django's settings, which `house` makes
    from registry.accounts.policy import of_the_register  # noqa: PLC0415
    from registry.acting import acting_as  # noqa: PLC0415
    from registry.compute import facility_actions, return_actions  # noqa: PLC0415
    from registry.organisations import actions as organisations  # noqa: PLC0415
    from registry.organisations.actions import NewOrganisation  # noqa: PLC0415

    at, registrar = AT, of_the_register("registrar")
    new = NewOrganisation(
        legal_name="Bench Halls",
        seat_country="FR",
        territory="FR",
        is_developer=False,
        is_compute_provider=True,
        holding="Bench Halls",
        is_illustrative=True,
    )
    with acting_as(registrar):
        (made,) = organisations.register([new], by=registrar, at=at)
    by = submitter(made.id)
    with acting_as(by):
        facility_actions.register(content=_FACILITY, by=by, at=at)
    with acting_as(by):
        return return_actions.open_return(month=date(2026, 10, 1), by=by, at=at).reference


_CONTACT = {"name": "Desk", "email": "desk@example.org"}
_FACILITY = {
    "client_reference": "hall-1",
    "name": "Hall 1",
    "operator": _CONTACT,
    "owner_name": "Bench Halls",
    "owner": _CONTACT,
    "kind": "co_hosting",
    "country": "FR",
    "lau_code": "69123",
    "nuts_code": "FRK26",
    "operating_from": "2023-03-01",
    "electrical_redundancy": "2n",
    "cooling_redundancy": "n_plus_1",
    "it_power_kw": "20000",
}


def _copied(address: str, count: int) -> float:
    """Take the records out and put the same back by COPY; seconds of that."""
    with psycopg.connect(address) as connection, tempfile.TemporaryFile() as kept:
        names = sql.SQL(", ").join(sql.Identifier(str(name)) for (name,) in connection.execute(_COLUMNS))
        with (
            connection.cursor() as cursor,
            cursor.copy(sql.SQL("copy (select {} from compute_accessrecord) to stdout").format(names)) as out,
        ):
            for part in out:
                kept.write(part)
        kept.seek(0)
        (stored,) = connection.execute("select count(*) from compute_accessrecord").fetchone() or (0,)
        if stored != count:
            raise RuntimeError(f"{stored} of {count} lines were stored")
        connection.execute("set local session_replication_role = replica")  # no triggers: records are kept
        connection.execute("delete from compute_accessrecord")
        connection.commit()
        connection.autocommit = True
        connection.execute("vacuum compute_accessrecord")
        connection.autocommit = False
        began = perf_counter()
        statement = sql.SQL("copy compute_accessrecord ({}) from stdin").format(names)
        with connection.cursor() as cursor, cursor.copy(statement) as back:
            while part := kept.read(1024 * 1024):
                back.write(part)
        connection.commit()
        return perf_counter() - began


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(prog="python -m benches.returns", description=__doc__)
    parser.add_argument("--lines", type=int, default=LINES, help="how many lines are sent")
    parser.add_argument("--smoke", action="store_true", help="a small file")
    given = parser.parse_args()
    with house() as address:
        found = measure(address=address, count=SMOKE_LINES if given.smoke else given.lines)
    sys.stdout.write(f"{report(found)}\n")


if __name__ == "__main__":
    main()
