"""`python -m benches.scenarios`: screen an invented world and hold what the rules say against who evades in it.

Prints recall and false alarms by rule, by scenario and overall. The same three numbers make the same world.
"""

import argparse
import sys
from time import perf_counter

from registry.screening import position_reading, position_terms
from registry.screening.scenarios import measuring, snapshots, worlds
from registry.screening.scenarios.snapshots import Screened
from registry.screening.scenarios.worlds import World


def main() -> None:
    """Build, screen, print."""
    parser = argparse.ArgumentParser(prog="python -m benches.scenarios", description=__doc__)
    parser.add_argument("--organisations", type=int, default=2_000)
    parser.add_argument("--records", type=int, default=200_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--smoke", action="store_true", help="a small world")
    asked = parser.parse_args()
    organisations, records = (150, 3_000) if asked.smoke else (asked.organisations, asked.records)
    started = perf_counter()
    world = worlds.build(organisations=organisations, records=records, seed=asked.seed)
    built = perf_counter()
    screened = snapshots.of(world.facts)
    measured = measuring.measure(screened.seen, world.actors)
    done = perf_counter()
    sys.stdout.write(f"{measuring.report(measured)}\n\n{_sizes(world, screened)}\n")
    sys.stdout.write(f"{_crossed(world, screened)}\n")
    sys.stdout.write(f"built in {built - started:.1f} s, reconciled and screened in {done - built:.1f} s\n")


def _sizes(world: World, screened: Screened) -> str:
    facts = world.facts
    companies = sum(not entity.is_person for entity in facts.entities.values())
    return (
        f"{companies} organisations, {len(facts.records)} records, {len(facts.filings)} filings, "
        f"{len(world.actors)} actors, {len(screened.seen)} snapshots, {len(screened.bundles)} bundles"
    )


def _crossed(world: World, screened: Screened) -> str:
    """How many owner groups' positions cross 10^25 in the rolling window, and how long it took to read them all."""
    on, started = world.facts.as_of, perf_counter()
    terms = position_terms.terms(on=on)
    over = 0
    for position in screened.positions.values():
        reading = position_reading.read(position, on=on, window_days=terms.owner_window_days, terms=terms)
        over += any(limit.code == "systemic-risk" and limit.crossed_on is not None for limit in reading.limits)
    spent = perf_counter() - started
    return (
        f"{len(screened.positions)} owner groups, {over} of them above 10^25 within {terms.owner_window_days} days; "
        f"read in {spent:.1f} s"
    )


if __name__ == "__main__":
    main()
