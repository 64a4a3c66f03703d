"""What is withheld: with reasons for the statistician, as before in what follows, and of changes of too few."""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from registry.periods import Quarter
from registry.statistics import assembling, protecting
from registry.statistics.disclosure.rules import Rules
from registry.statistics.facts import Fact, packed, unpacked
from registry.statistics.protecting import Protected
from registry.statistics.published import PublishedRelease, Table
from registry.statistics.systems import Earlier

NOW = datetime(2026, 10, 20, 9, tzinfo=UTC)
HEAD = PublishedRelease("2026-Q3", 1, NOW, NOW, True, (), (), ())
STATES = ("FR", "DE", "ES", "IT", "SE", "PL", "NL")
BANDS = ("up-to-1e23", "1e23-1e24", "1e24-1e25")


def a_run(number: int, holding: str, state: str, band: str, flop: int, *, version: int = 1) -> list[Fact]:
    key = {
        "quarter": "2026-Q3",
        "member_state": state,
        "band": band,
        "purpose": "pre-training",
        "sector": "information",
        "filer_role": "developer",
        "parent_region": "EU27",
    }
    said = ("runs", holding, f"provider of {holding}", f"filing {number}", version, key)
    return [Fact(*said, "runs", Decimal(1)), Fact(*said, "training_flop", Decimal(flop))]


def register(seed: int, *, runs: int = 120, holdings: int = 30) -> tuple[Fact, ...]:
    """Runs of some holdings, each at home in one State, drawn from a seed."""
    drawn = random.Random(seed)  # noqa: S311 - a test's world, not a secret
    found = []
    for number in range(runs):
        holding = int(holdings * drawn.random() ** 2)
        state = STATES[holding % len(STATES)]
        found += a_run(number, f"h{holding}", state, drawn.choice(BANDS), int(10 ** drawn.uniform(21, 25)))
    return tuple(found)


def protect(facts: Sequence[Fact], *, earlier: Sequence[Earlier] = (), vintage: int = 1) -> Protected:
    head = replace(HEAD, vintage=vintage)
    return protecting.protect(facts, head=head, quarter=Quarter(2026, 3), rules=Rules(), earlier=earlier)


def table(release: PublishedRelease, name: str) -> Table:
    return next(each for each in release.tables if each.id == name)


@pytest.mark.parametrize("seed", range(5))
def test_a_value_that_is_shown_is_the_sum_of_the_facts(seed: int) -> None:
    facts = register(seed)
    release = assembling.assemble(protect(facts).plan, facts)
    shown = table(release, "runs-by-parent-region")
    (total,) = (cell for cell in shown.cells if cell.key == ("2026-Q3", "WORLD"))
    flop = sum((each.value for each in facts if each.measure == "training_flop"), Decimal(0))
    providers = len({each.provider for each in facts})
    assert total.values[1] in {flop, None}
    assert total.values[0] in {Decimal(120), None}
    assert total.values[2] in {Decimal(round(providers / 5) * 5), None}


@pytest.mark.parametrize("seed", range(5))
def test_every_row_is_there_whatever_was_filed(seed: int) -> None:
    """A table that keeps its finest codes has all of them; none has a row for some places alone."""
    release = assembling.assemble(protect(register(seed)).plan, register(seed))
    for each in release.tables:
        crossed = 1
        for axis in range(len(each.dimensions)):
            crossed *= len({cell.key[axis] for cell in each.cells})
        assert len(each.cells) == crossed


def test_a_pattern_is_the_same_in_every_run() -> None:
    facts = register(3)
    shuffled = list(facts)
    random.Random(1).shuffle(shuffled)  # noqa: S311
    assert assembling.plan_bytes(protect(facts).plan) == assembling.plan_bytes(protect(shuffled).plan)


def test_what_is_stored_is_read_back_the_same() -> None:
    facts = register(4)
    assert unpacked(packed(facts)) == facts
    plan = protect(facts).plan
    assert assembling.plan_of(assembling.plan_bytes(plan)) == plan


def test_the_statistician_reads_why() -> None:
    facts = [*register(1), *a_run(900, "alone", "MT", "above-1e25", 3 * 10**25)]
    review = {each.table: each for each in protect(facts).review}["runs-by-state-and-band"]
    reasons = dict(review.reasons)
    assert reasons[("2026-Q3", "EU", "above-1e25")] == protecting.FEW
    assert sum(review.withheld.values()) == len(review.reasons)
    assert set(review.lost) == {"runs", "training_flop"}


def test_what_a_release_shows_names_nobody_and_no_reason() -> None:
    facts = register(1)
    release = assembling.assemble(protect(facts).plan, facts)
    text = repr(release)
    assert "provider of" not in text
    assert "filing " not in text
    assert not any(f"'h{number}'" in text for number in range(30))


def test_an_unchanged_revision_shows_what_was_shown() -> None:
    facts = register(2)
    first = protect(facts)
    release = assembling.assemble(first.plan, facts)
    second = protect(facts, earlier=[Earlier(release, facts)], vintage=2)
    assert second.plan.withheld == first.plan.withheld
    again = assembling.assemble(second.plan, facts, before=(release, facts))
    assert again.corrections == ()


def test_a_late_filing_of_one_holding_is_not_told_by_the_difference() -> None:
    facts = register(2)
    release = assembling.assemble(protect(facts).plan, facts)
    later = (*facts, *a_run(901, "h0", "FR", BANDS[0], 5 * 10**22))
    revised = protect(later, earlier=[Earlier(release, facts)], vintage=2)
    shown = assembling.assemble(revised.plan, later, before=(release, facts))
    assert shown.corrections
    assert {each.after for each in shown.corrections} == {None}
    assert {each.versions for each in shown.corrections} == {1}


def test_a_change_of_many_holdings_is_told() -> None:
    facts = register(2)
    release = assembling.assemble(protect(facts).plan, facts)
    more = [a_run(910 + number, f"h{number}", STATES[number % 7], BANDS[0], 10**22) for number in range(20)]
    later = (*facts, *(each for run in more for each in run))
    revised = protect(later, earlier=[Earlier(release, facts)], vintage=2)
    shown = assembling.assemble(revised.plan, later, before=(release, facts))
    total = [each for each in shown.corrections if each.key == ("2026-Q3", "WORLD") and each.measure == "training_flop"]
    assert [(each.versions, each.after is None) for each in total] == [(20, False)]


def test_the_year_keeps_what_its_quarters_showed() -> None:
    facts = register(5)
    third = assembling.assemble(protect(facts).plan, facts)
    head = replace(HEAD, id="2026-Q4")
    fourth = tuple(
        replace(each, source=f"{each.source} later", key={**each.key, "quarter": "2026-Q4"}) for each in register(6)
    )
    done = protecting.protect(
        (*facts, *fourth), head=head, quarter=Quarter(2026, 4), rules=Rules(), earlier=[Earlier(third, facts)]
    )
    year = assembling.assemble(done.plan, (*facts, *fourth))
    before = {cell.key: cell.values for cell in table(third, "runs-by-purpose-and-band").cells}
    now = {cell.key: cell.values for cell in table(year, "runs-by-purpose-and-band").cells}
    assert all(now[key] == values for key, values in before.items() if key in now)
    assert any(key[0] == "2026" for key in now)


def test_sensitive_cells_are_never_shown() -> None:
    facts = register(7, holdings=8)
    done = protect(facts)
    for review in done.review:
        hidden = set(done.plan.withheld[review.table])
        assert {key for key, _ in review.reasons} == hidden


def test_what_a_table_leaves_out_for_its_size_is_withheld_like_any_other_figure() -> None:
    """Purposes are shown without bands here; what two holdings did above 10²⁵ must not follow for a third."""
    filed = [
        ("Amstel", "NL", "up-to-1e23", "post-training", 11 * 10**21),
        ("Aurelia", "FR", "up-to-1e23", "post-training", 35 * 10**21),
        ("Cantabria", "ES", "up-to-1e23", "pre-training", 44 * 10**21),
        ("Nordlicht", "DE", "above-1e25", "pre-training", 49 * 10**24),
        ("Rheingold", "DE", "1e24-1e25", "pre-training", 62 * 10**23),
        ("Tessera", "FR", "above-1e25", "pre-training", 26 * 10**24),
    ]
    facts = []
    for number, (holding, state, band, purpose, flop) in enumerate(filed):
        run = a_run(number, holding, state, band, flop)
        facts += [replace(each, key={**each.key, "purpose": purpose}) for each in run]
    release = assembling.assemble(protect(facts).plan, facts)
    shown = {cell.key: cell.values[1] for cell in table(release, "runs-by-purpose-and-band").cells}
    assert all(key[2] == "all" for key in shown), "the table was to be without bands"
    assert shown["2026-Q3", "pre-training", "all"] is None
