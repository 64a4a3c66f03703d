"""`python -m benches.ownership`: resolve a whole register's ownership by sparse matrix, by recursive SQL, by fractions.

One graph, one run: every entity's effective shares by ultimate owner, starting from rows in the database. Fractions are
asked of a sample alone, and about the sample the answers are compared. `--smoke` takes a small graph, once.
"""

import argparse
import random
import secrets
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import TypeAlias

import psycopg

from registry.organisations import ownership, ownership_control, ownership_matrix
from registry.organisations.ownership import Graph, Holding, Kind, Measure
from registry.periods import Period
from registry.runtime import account
from registry.runtime.embedded import Postgres

DAY = date(2026, 11, 23)
SINCE = date(2020, 1, 1)
PEOPLE = 0.4  # of all entities; they hold and are not held
LEVELS = 8
BACKWARD = 0.002  # of holdings go up instead of down: these close circles
SAMPLE = 500  # entities that are worked out with fractions: of a whole register it would take minutes
SCALE = 10**8  # shares are stated in millionths of a per cent

Row = tuple[str, str, int]
Shares = dict[tuple[str, str], float]
Database: TypeAlias = "psycopg.Connection[tuple[object, ...]]"

# Chains end where nothing of account is left; without that a circle has no end.
RECURSIVE = """
create temporary table resolved on commit drop as
with recursive chain (owner, held, share, depth) as (
  select owner, held, share::double precision, 1 from holding h
  where not exists (select from holding above where above.held = h.owner)
  union all
  select chain.owner, h.held, chain.share * h.share, depth + 1
  from chain join holding h on h.owner = chain.held
  where chain.share * h.share > 1e-9 and depth < 60
)
select owner, held, sum(share) as share from chain group by owner, held
"""


@dataclass(frozen=True)
class Timed:
    """Seconds of one way, the median of the rounds, and its answer about the sample."""

    name: str
    seconds: float
    shares: Shares
    pairs: int


def rows(*, entities: int, holdings: int, seed: int = 1) -> list[Row]:
    """Holdings as owner, held, share in 1/SCALE; no entity is held by more than the whole."""
    chance = random.Random(seed)  # noqa: S311 - a graph, no secret
    people = [f"p{n}" for n in range(int(entities * PEOPLE))]
    companies = [f"c{n}" for n in range(entities - len(people))]
    step = len(companies) // LEVELS
    each = holdings / len(companies)
    found: list[Row] = []
    for place, held in enumerate(companies):
        level = place // step
        count = int(each) + (chance.random() < each % 1)
        owners: set[str] = set()
        for _ in range(count):
            if chance.random() < BACKWARD:
                owners.add(chance.choice(companies))
            elif level and chance.random() < 0.5:
                owners.add(companies[chance.randrange((level - 1) * step, level * step)])
            else:
                owners.add(chance.choice(people))
        parts = {owner: chance.randint(1, 100) for owner in sorted(owners - {held})}
        total = max(100, sum(parts.values()))
        found += [(owner, held, part * SCALE // total) for owner, part in parts.items()]
    return found


def load(database: Database, given: list[Row]) -> None:
    """Put the rows into a table with the indexes that the recursion needs."""
    database.execute("create temporary table holding (owner text, held text, share numeric)")
    with database.cursor().copy("copy holding from stdin") as copy:
        for owner, held, share in given:
            copy.write_row((owner, held, Fraction(share, SCALE).numerator / Fraction(share, SCALE).denominator))
    for column in ("owner", "held"):
        database.execute(f"create index on holding ({column})")
    database.execute("analyze holding")


def read(database: Database) -> Graph:
    """The graph from the table."""
    period = Period(SINCE)
    found = database.execute("select owner, held, (share * 100000000)::bigint from holding").fetchall()
    return ownership.graph(
        (Holding(str(o), str(h), Kind.CAPITAL, Fraction(int(str(s)), SCALE), period) for o, h, s in found), on=DAY
    )


def by_matrix(database: Database, sample: list[str]) -> tuple[Shares, int]:
    """Read, then SciPy: everything."""
    found = ownership_matrix.resolved(read(database), measure=Measure.CAPITAL)
    place = {key: number for number, key in enumerate(found.entities)}
    columns = found.shares.tocsc()[:, [place[key] for key in sample]].tocoo()
    pairs = zip(columns.row, columns.col, columns.data, strict=True)
    return {(found.owners[i], sample[j]): float(share) for i, j, share in pairs}, int(found.shares.nnz)


def by_sql(database: Database, sample: list[str]) -> tuple[Shares, int]:
    """One recursive statement: everything."""
    with database.transaction():
        count = database.execute(RECURSIVE).rowcount
        found = database.execute("select owner, held, share from resolved where held = any(%s)", [sample]).fetchall()
    return {(str(owner), str(held)): float(str(share)) for owner, held, share in found}, count


def by_fractions(database: Database, sample: list[str]) -> tuple[Shares, int]:
    """Read, then the sample exactly, one entity after the other."""
    picture = read(database)
    shares: Shares = {}
    for held in sample:
        found = ownership.owned(picture, held, measure=Measure.CAPITAL)
        shares |= {(owner, held): float(found.shares[owner]) for owner in found.ultimate}
    return shares, len(shares)


def by_control(database: Database, _: list[str]) -> tuple[Shares, int]:
    """Read, then control, ultimate parents and groups of everything, exactly; no shares."""
    return {}, len(ownership_control.standings(read(database)))


def by_reading(database: Database, _: list[str]) -> tuple[Shares, int]:
    """Read alone, which the three ways that are not SQL begin with."""
    return {}, sum(len(owners) for owners in read(database).capital.values())


WAYS: tuple[tuple[str, Callable[[Database, list[str]], tuple[Shares, int]]], ...] = (
    ("SciPy sparse", by_matrix),
    ("recursive SQL", by_sql),
    ("fractions, the sample alone", by_fractions),
    ("control and groups", by_control),
    ("reading alone", by_reading),
)


def measure(*, address: str, entities: int, holdings: int, rounds: int) -> list[Timed]:
    """Time each way on one graph, round after round."""
    seconds: dict[str, list[float]] = {name: [] for name, _ in WAYS}
    answers: dict[str, tuple[Shares, int]] = {}
    given = rows(entities=entities, holdings=holdings)
    held = sorted({row[1] for row in given})
    sample = held[:: max(1, len(held) // SAMPLE)]
    with psycopg.connect(address, autocommit=True) as database:
        load(database, given)
        for _ in range(rounds):
            for name, way in WAYS:
                began = perf_counter()
                answers[name] = way(database, sample)
                seconds[name].append(perf_counter() - began)
    return [Timed(name, median(seconds[name]), *answers[name]) for name, _ in WAYS]


def report(found: list[Timed]) -> str:
    """One line a way: seconds, how many times the first, and the largest difference from it in a share."""
    first = found[0]
    lines = [f"{'':<28}   seconds   times the first   pairs        largest difference"]
    for each in found:
        common = each.shares.keys() & first.shares.keys()
        worst = max((abs(each.shares[pair] - first.shares[pair]) for pair in common), default=0.0)
        lines.append(
            f"{each.name:<28}   {each.seconds:>7.2f}   {each.seconds / first.seconds:>15.2f}   "
            f"{each.pairs:>9,}   {worst:>18.1e}"
        )
    return "\n".join(lines)


@contextmanager
def server() -> Iterator[str]:
    """A database server of its own, empty, for as long as it is needed; yields its address."""
    with tempfile.TemporaryDirectory(prefix="ecar-bench-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        log = folder / "log" / "postgres.log"
        database = Postgres(folder=folder / "postgres", log=log, password=secrets.token_urlsafe(24))
        try:
            database.start()
            yield database.superuser_url()
        finally:
            database.stop()
            account.remove(folder / "postgres")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benches.ownership", description=__doc__)
    parser.add_argument("--smoke", action="store_true", help="a small graph, one round")
    smoke = parser.parse_args().smoke
    entities, holdings, rounds = (1_000, 2_000, 1) if smoke else (100_000, 200_000, 3)
    with server() as address:
        found = measure(address=address, entities=entities, holdings=holdings, rounds=rounds)
    sys.stdout.write(f"{entities:,} entities, {holdings:,} holdings\n{report(found)}\n")


if __name__ == "__main__":
    main()
