"""The whole register at once says what the exact resolution of each entity says."""

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.organisations.ownership import (
    CONTROL,
    INTEREST,
    INTEREST_AT_HIGHER_RISK,
    Graph,
    Holding,
    Kind,
    Limit,
    Measure,
    graph,
    owned,
)
from registry.organisations.ownership_matrix import reaching, resolved
from registry.periods import Period

DAY = date(2026, 11, 23)
ALWAYS = Period(date(2020, 1, 1))
NAMES = "abcdefgh"
EDGES = st.lists(
    st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES), st.sampled_from([5, 10, 15, 25, 50, 75, 100])).filter(
        lambda edge: edge[0] != edge[1]
    ),
    min_size=1,
    max_size=20,
)


def drawn(edges: list[tuple[str, str, int]]) -> Graph:
    total: dict[str, int] = {}
    for _, held, part in edges:
        total[held] = total.get(held, 0) + part
    return graph(
        [
            Holding(owner, held, Kind.CAPITAL, Fraction(part, max(100, total[held])), ALWAYS)
            for owner, held, part in edges
        ],
        on=DAY,
    )


@settings(deadline=None)
@given(EDGES)
def test_every_share_of_an_ultimate_owner_is_the_exact_one(edges: list[tuple[str, str, int]]) -> None:
    picture = drawn(edges)
    found = {(owner, held): share for owner, held, share in resolved(picture, measure=Measure.CAPITAL)}
    exact = {
        (owner, held): float(each.shares[owner])
        for held in NAMES
        for each in [owned(picture, held, measure=Measure.CAPITAL)]
        if held not in each.circular
        for owner in each.ultimate
    }
    assert set(found) == set(exact)
    assert all(found[pair] == pytest.approx(share, abs=1e-11) for pair, share in exact.items())


@settings(deadline=None)
@given(EDGES, st.sampled_from([INTEREST, INTEREST_AT_HIGHER_RISK, CONTROL]))
def test_limits_are_reached_exactly_where_fractions_reach_them(edges: list[tuple[str, str, int]], limit: Limit) -> None:
    picture = drawn(edges)
    expected = {}
    for held in NAMES:
        each = owned(picture, held, measure=Measure.CAPITAL)
        owners = {owner for owner in each.ultimate if limit.reached(each.shares[owner])}
        if owners and held not in each.circular:
            expected[held] = owners
    assert reaching(picture, measure=Measure.CAPITAL, limit=limit) == expected


def test_a_long_chain_at_the_very_limit_is_decided_with_fractions() -> None:
    thirds = [Holding(f"r{n}", f"r{n + 1}", Kind.CAPITAL, Fraction(1, 3), ALWAYS) for n in range(3)]
    limit = Limit(Fraction(1, 27), is_included=True)
    assert reaching(graph(thirds, on=DAY), measure=Measure.CAPITAL, limit=limit) == {
        "r1": {"r0"},
        "r2": {"r0"},
        "r3": {"r0"},
    }
    above = Limit(Fraction(1, 27), is_included=False)
    assert "r3" not in reaching(graph(thirds, on=DAY), measure=Measure.CAPITAL, limit=above)
