"""`python -m benches`: measure, print. `--smoke` runs everything once with small numbers, to see that it runs."""

import argparse
import sys

from benches.house import house


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(prog="python -m benches", description=__doc__)
    parser.add_argument("--smoke", action="store_true", help="small numbers, one round")
    smoke = parser.parse_args().smoke
    with house() as address:
        from benches import filing  # noqa: PLC0415  its modules read Django's settings, which `house` makes

        sizes, rounds = ((1, 10), 1) if smoke else (filing.SIZES, filing.ROUNDS)
        rows = filing.measure(address=address, sizes=sizes, rounds=rounds)
        by_size = {size: filing.shares(size=size) for size in sizes[:3]}
        sys.stdout.write(f"{filing.report(rows, by_size)}\n")


if __name__ == "__main__":
    main()
