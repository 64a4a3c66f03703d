"""Patterns are safe: proved by their witnesses, and seen by another solver that knows nothing of how they were made."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.statistics.disclosure.cube import Contribution, Cube
from registry.statistics.disclosure.protect import Pattern, protect
from registry.statistics.disclosure.rules import Requirement, Rules, assess, sensitive
from registry.statistics.disclosure.search import Unprotectable
from registry.statistics.disclosure.witness import Proof, Witness, adds_up, verify
from tests.registry.statistics.disclosure.cubes import CUBES, LINKED, TWO_WAY, contributions, cube_of, interval

few = settings(max_examples=CUBES, deadline=None)
TOLERANCE = 1e-6


def protected(cube: Cube) -> tuple[tuple[Requirement, ...], Pattern]:
    needs = assess(cube, Rules())
    return needs, protect(cube, needs)


@few
@given(contributions())
def test_every_requirement_is_proved_by_addition(listed: list[Contribution]) -> None:
    cube = cube_of(listed)
    needs, pattern = protected(cube)
    assert verify(cube, withheld=pattern.withheld, requirements=needs, proofs=pattern.proofs) == ()
    assert all(adds_up(witness, cube) for proof in pattern.proofs for witness in proof.witnesses)


@few
@given(contributions(most=12))
def test_another_solver_sees_intervals_that_are_wide_enough(listed: list[Contribution]) -> None:
    cube = cube_of(listed, TWO_WAY)
    needs, pattern = protected(cube)
    for need in needs:
        total = cube.measures["hours"].totals[need.place]
        least, most = interval(cube, pattern.withheld, need.place, knows=need.attackers[0] if need.attackers else "")
        assert most >= total + need.amount - TOLERANCE, need
        assert least <= total - need.amount + TOLERANCE, need


@few
@given(contributions(most=10, holdings=4))
def test_no_holding_elsewhere_learns_more_than_an_outsider_may(listed: list[Contribution]) -> None:
    cube = cube_of(listed, TWO_WAY)
    needs, pattern = protected(cube)
    measured = cube.measures["hours"]
    holdings = {holding for parts in measured.parts for holding in parts}
    for need in (each for each in needs if not each.attackers):
        for knows in holdings - measured.parts[need.place].keys():
            _, most = interval(cube, pattern.withheld, need.place, knows=knows)
            assert most >= measured.totals[need.place] + need.amount - TOLERANCE, (need, knows)


@few
@given(contributions())
def test_sensitive_cells_are_withheld_and_empty_ones_shown(listed: list[Contribution]) -> None:
    cube = cube_of(listed)
    _, pattern = protected(cube)
    assert sensitive(cube, Rules()) == pattern.sensitive <= pattern.withheld
    assert all(cube.measures["hours"].parts[place] for place in pattern.withheld)


@few
@given(contributions(), st.integers(-3, 6))
def test_the_unit_makes_no_difference(listed: list[Contribution], power: int) -> None:
    scaled = [replace(each, value=each.value.scaleb(power)) for each in listed]
    one, other = cube_of(listed), cube_of(scaled)
    if any(need.amount * 10 ** max(power, 0) != 0 for need in assess(one, Rules())):
        assert sensitive(one, Rules()) == sensitive(other, Rules())


@few
@given(contributions(), st.randoms(use_true_random=False))
def test_the_order_of_filings_makes_no_difference(listed: list[Contribution], chance: object) -> None:
    shuffled = list(listed)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert protected(cube_of(listed))[1].withheld == protected(cube_of(shuffled))[1].withheld


@few
@given(contributions())
def test_showing_a_withheld_cell_is_found_or_breaks_nothing(listed: list[Contribution]) -> None:
    cube = cube_of(listed)
    needs, pattern = protected(cube)
    for place in sorted(pattern.sensitive):
        found = verify(cube, withheld=pattern.withheld - {place}, requirements=needs, proofs=pattern.proofs)
        assert any(each.place == place for each in found)


def _three(country: str, sector: str, *values: int) -> list[Contribution]:
    return [
        Contribution(f"h{n}", "p", {"country": country, "sector": sector, "quarter": "Q1"}, "hours", Decimal(value))
        for n, value in enumerate(values)
    ]


TABLE = [
    *_three("DK", "cloud", 900),
    *_three("DK", "model", 40, 50, 60, 70),
    *_three("SE", "cloud", 30, 40, 50, 60),
    *_three("SE", "model", 70, 80, 90, 95),
]


def test_one_sensitive_cell_takes_others_with_it() -> None:
    _, pattern = protected(cube_of(TABLE, TWO_WAY))
    assert pattern.secondary


def test_what_was_published_stays_and_the_rest_makes_up_for_it() -> None:
    cube = cube_of(TABLE, TWO_WAY)
    needs, free = protected(cube)
    keep = frozenset({min(free.secondary)})
    pattern = protect(cube, needs, published=keep)
    assert not keep & pattern.withheld
    assert verify(cube, withheld=pattern.withheld, requirements=needs, proofs=pattern.proofs) == ()


def test_what_is_published_and_sensitive_cannot_be_protected() -> None:
    cube = cube_of(TABLE, TWO_WAY)
    needs = assess(cube, Rules())
    with pytest.raises(Unprotectable, match="coarsen"):
        protect(cube, needs, published=frozenset({needs[0].place}))


def test_what_everything_published_gives_away_cannot_be_protected() -> None:
    cube = cube_of(TABLE, TWO_WAY)
    needs = assess(cube, Rules())
    with pytest.raises(Unprotectable):
        protect(cube, needs, published=frozenset(range(len(cube.cells))) - sensitive(cube, Rules()))


def test_a_linked_table_takes_no_protection_away() -> None:
    small, large = cube_of(TABLE, TWO_WAY), cube_of(TABLE, LINKED)
    of_small = {small.cells[place] for place in sensitive(small, Rules())}
    of_large = {
        tuple(code for code, name in zip(large.cells[place], large.dimensions, strict=True) if name != "quarter")
        for place in sensitive(large, Rules())
    }
    assert of_small <= of_large


FORGED: Mapping[str, Callable[[Witness], Witness]] = {
    "it moves a published cell": lambda true: replace(true, changes={**true.changes, 0: 5}),
    "it does not add up": lambda true: replace(true, changes=dict(list(true.changes.items())[1:])),
    "it falls below nothing": lambda true: replace(true, changes=dict.fromkeys(true.changes, -(10**9))),
    "it reaches too little": lambda true: replace(true, denominator=true.denominator * 1000),
}


@pytest.mark.parametrize("forgery", FORGED)
def test_a_forged_witness_proves_nothing(forgery: str) -> None:
    cube = cube_of(TABLE, TWO_WAY)
    needs, pattern = protected(cube)
    forged = [
        Proof(each.measure, each.place, each.side, tuple(map(FORGED[forgery], each.witnesses)))
        for each in pattern.proofs
    ]
    assert verify(cube, withheld=pattern.withheld, requirements=needs, proofs=forged)
