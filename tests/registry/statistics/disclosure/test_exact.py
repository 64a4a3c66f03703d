"""Small systems are protected at least cost: no other choice of cells, all of them tried, is enough and costs less."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings

from registry.statistics.disclosure import exchange
from registry.statistics.disclosure.cube import Contribution, Cube
from registry.statistics.disclosure.exact import Master
from registry.statistics.disclosure.protect import Limits, protect
from registry.statistics.disclosure.rules import Requirement, Rules, assess, sensitive
from registry.statistics.disclosure.search import Costs
from registry.statistics.disclosure.witness import verify
from tests.registry.statistics.disclosure.cubes import CUBES, TWO_WAY, contributions, cube_of, interval

TOLERANCE = 1e-6
AT_MOST = 9  # cells among which all choices are tried


def _prices(cube: Cube) -> np.ndarray:
    totals = np.array(cube.measures["hours"].totals, dtype=float)
    found: np.ndarray = 1 + Costs().per_mean * totals / totals[totals > 0].mean()
    return found


def _is_enough(cube: Cube, withheld: frozenset[int], needs: tuple[Requirement, ...]) -> bool:
    """By another solver, for everybody asked for and every single holding elsewhere."""
    measured = cube.measures["hours"]
    holdings = {holding for parts in measured.parts for holding in parts}
    for need in needs:
        outside = ["", *sorted(holdings - measured.parts[need.place].keys())]
        for knows in [need.attackers[0]] if need.attackers else outside:
            least, most = interval(cube, withheld, need.place, knows=knows)
            total = measured.totals[need.place]
            if most < total + need.amount - TOLERANCE or least > total - need.amount + TOLERANCE:
                return False
    return True


def _choices(free: list[int]) -> Iterator[tuple[int, ...]]:
    for size in range(len(free) + 1):
        yield from combinations(free, size)


def test_a_search_that_takes_too_many_steps_ends_with_a_pattern_that_is_proved(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchange, "_STEPS", -1)
    where = [
        ("DK", "cloud", 900),
        ("DK", "model", 400),
        ("SE", "cloud", 400),
        ("SE", "model", 410),
        ("ES", "model", 300),
    ]
    listed = [
        Contribution(
            f"h{at}", "p", {"country": country, "sector": sector, "quarter": "Q1"}, "hours", Decimal(value + at)
        )
        for country, sector, value in where
        for at in range(1 if value == 900 else 5)
    ]
    cube = cube_of(listed, TWO_WAY)
    needs = assess(cube, Rules())
    pattern = protect(cube, needs)
    assert pattern.secondary
    assert not pattern.is_least
    assert verify(cube, withheld=pattern.withheld, requirements=needs, proofs=pattern.proofs) == ()


@settings(max_examples=max(8, CUBES // 4), deadline=None)
@given(contributions(most=14, holdings=7))
def test_no_other_choice_is_enough_and_costs_less(listed: list[Contribution]) -> None:
    cube = cube_of(listed, TWO_WAY)
    needs, own = assess(cube, Rules()), sensitive(cube, Rules())
    top = max(range(len(cube.cells)), key=lambda place: cube.heights[place])
    free = [place for place, total in enumerate(cube.measures["hours"].totals) if total and place not in {*own, top}]
    pattern = protect(cube, needs)
    if len(free) > AT_MOST or top in pattern.withheld:
        return
    prices = _prices(cube)
    assert pattern.is_least
    least = prices[sorted(pattern.secondary)].sum()
    for choice in _choices(free):
        if prices[list(choice)].sum() < least * (1 - TOLERANCE):
            assert not _is_enough(cube, own | set(choice), needs), choice


@settings(max_examples=CUBES, deadline=None)
@given(contributions(most=40))
def test_what_is_made_anew_is_never_dearer_than_what_the_greedy_search_left(listed: list[Contribution]) -> None:
    cube = cube_of(listed)
    needs, prices = assess(cube, Rules()), _prices(cube)
    greedy = protect(cube, needs, limits=Limits(small=0, small_if_few=0, largest_block=0))
    anew = protect(cube, needs)
    assert prices[sorted(anew.secondary)].sum() <= prices[sorted(greedy.secondary)].sum() * (1 + TOLERANCE)


def test_a_master_programme_takes_the_cheaper_of_two_ways() -> None:
    master = Master(np.array([1.0, 5.0, 3.0]))
    master.cuts = [{0: 1.0, 1: 1.0}, {1: 1.0, 2: 0.5}]
    shares, is_least = master.cheapest([0, 1, 2], withheld=frozenset(), nodes=100) or (None, False)
    assert shares is not None
    assert (shares.tolist(), is_least) == ([0.0, 1.0, 0.0], True)
    assert master.cheapest([2], withheld=frozenset(), nodes=100) is None


def test_shares_of_cells_cost_no_more_than_whole_ones() -> None:
    master = Master(np.array([1.0, 1.0, 1.0]))
    master.cuts = [{0: 1.0, 1: 1.0}, {1: 1.0, 2: 1.0}, {0: 1.0, 2: 1.0}]
    found = {
        is_whole: master.cheapest([0, 1, 2], withheld=frozenset(), nodes=100, is_whole=is_whole)
        for is_whole in (True, False)
    }
    costs = {is_whole: each[0].sum() for is_whole, each in found.items() if each is not None}
    assert costs[True] == 2
    assert abs(costs[False] - 1.5) < TOLERANCE


def test_a_small_table_has_the_pattern_that_a_person_finds() -> None:
    """One sensitive corner of two by two needs its row, its column and the other corner."""
    listed = [
        Contribution(
            f"h{number}", "p", {"country": country, "sector": sector, "quarter": "Q1"}, "hours", Decimal(value)
        )
        for country, sector, values in (
            ("DK", "cloud", (900,)),
            ("DK", "model", (400, 410, 420, 430)),
            ("SE", "cloud", (400, 410, 420, 430)),
            ("SE", "model", (400, 410, 420, 430)),
        )
        for number, value in enumerate(values)
    ]
    cube = cube_of(listed, TWO_WAY)
    pattern = protect(cube, assess(cube, Rules()))
    assert pattern.is_least
    assert {cube.cells[place] for place in pattern.withheld} == {
        (country, sector) for country in ("DK", "SE") for sector in ("cloud", "model")
    }


SAFE_ANYHOW = {
    "only given back": Limits(small=0, small_if_few=0, largest_block=0),
    "slices": Limits(small=0, small_if_few=0),
    "slices until the limit, then given back": Limits(small=0, small_if_few=0, exchange=0),
    "nothing given back": Limits(small=0, small_if_few=0, largest_block=0, give_back=0),
}


@pytest.mark.parametrize("way", SAFE_ANYHOW)
@settings(max_examples=max(5, CUBES // 5), deadline=None)
@given(listed=contributions())
def test_every_way_to_a_pattern_is_proved_and_the_same_again(way: str, listed: list[Contribution]) -> None:
    cube = cube_of([*listed, *(replace(each, measure="energy") for each in listed[::2])])
    needs = assess(cube, Rules())
    one, again = (protect(cube, needs, limits=SAFE_ANYHOW[way]) for _ in range(2))
    assert verify(cube, withheld=one.withheld, requirements=needs, proofs=one.proofs) == ()
    assert (one.withheld, one.programmes) == (again.withheld, again.programmes)
