"""`python -m benches.positions`: what a filing and a record cost in positions, by how many records are stored.

One register that grows; medians of five. A filing is posted and its owner's position read and reconciled; so is a new
version of a large return, of which one record was amended. `--smoke` takes few records, to see that it runs.
"""

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from statistics import median
from time import perf_counter
from typing import Any

from benches.house import house

SIZES, SMOKE = (1_000, 1_000_000), (200, 2_000)
ROUNDS = 5
CUSTOMERS = 5_000
MONTH = date(2026, 3, 1)

# Written as one statement: a million lines through the interface would measure that.
RECORDS = """
insert into compute_accessrecord (month, organisation_id, territory, monthly_return_id, line_number, line_id, revision,
  since_version, until_version, facility_id, accelerator_id, accelerators, starts_at, ends_at, accelerator_hours,
  customer_key, customer_name, customer_lei, customer_euid, customer_vat, customer_country, contracted_on,
  workload_class, run_reference, document, digest, recorded_at)
select %(month)s, %(organisation)s, 'DE', %(return)s, 0, %(prefix)s || n, 1, %(version)s, null, %(facility)s,
  'nvidia-h100-sxm5-80gb', 8, %(month)s::timestamp at time zone 'UTC',
  (%(month)s::timestamp + interval '1 month') at time zone 'UTC', 100, 'c' || n %% %(customers)s,
  'customer ' || n %% %(customers)s, '', '', 'XX' || n %% %(customers)s, 'DE', '2025-01-01', 'training', '', '{}',
  decode(repeat('00', 32), 'hex'), %(at)s
from generate_series(%(first)s, %(last)s) as n
"""


@dataclass(frozen=True)
class Row:
    """Medians in milliseconds with so many records stored."""

    records: int
    filing_ms: float
    record_ms: float


def measure(sizes: tuple[int, ...], rounds: int) -> list[Row]:
    """Grow the register and time both effects at each size."""
    from benches.growing import Growing  # noqa: PLC0415  its modules read Django's settings, which `house` makes

    register, found = Growing(at=datetime.now(UTC)), []
    for size in sizes:
        register.grow(size)
        filings = [_timed(register.post_filing, register.file()) for _ in range(rounds)]
        records = [_timed(register.post_return, register.amend()) for _ in range(rounds)]
        found.append(Row(size, median(filings), median(records)))
    return found


def _timed(act: Callable[[Any], None], subject: Any) -> float:
    started = perf_counter()
    act(subject)
    return (perf_counter() - started) * 1000


def report(rows: list[Row]) -> str:
    """A table, and the ratio of the last line to the first."""
    lines = [f"{'records':>10} {'filing, ms':>11} {'record, ms':>11}"]
    lines += [f"{row.records:>10,} {row.filing_ms:>11.1f} {row.record_ms:>11.1f}" for row in rows]
    first, last = rows[0], rows[-1]
    lines.append(f"{'ratio':>10} {last.filing_ms / first.filing_ms:>11.2f} {last.record_ms / first.record_ms:>11.2f}")
    return "\n".join(lines)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benches.positions", description=__doc__)
    parser.add_argument("--smoke", action="store_true", help="few records, one round")
    smoke = parser.parse_args().smoke
    with house():
        rows = measure(SMOKE if smoke else SIZES, 1 if smoke else ROUNDS)
    sys.stdout.write(f"{report(rows)}\n")


if __name__ == "__main__":
    main()
