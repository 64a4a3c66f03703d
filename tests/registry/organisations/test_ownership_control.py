"""Control, ultimate parents, groups, the aggregate rule, beneficial owners."""

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.organisations.ownership import INTEREST, INTEREST_AT_HIGHER_RISK, Graph, Holding, Kind, Limit, graph
from registry.organisations.ownership_control import (
    BeneficialOwner,
    Ground,
    Standing,
    beneficial_owners,
    controlled,
    controllers,
    held_in_aggregate,
    standing,
    standings,
)
from registry.periods import Period

DAY = date(2026, 11, 23)
ALWAYS = Period(date(2020, 1, 1))
KINDS = {"": Kind.CAPITAL, "v": Kind.VOTES, "c": Kind.CONTROL, "b": Kind.BENEFICIAL}


def drawn(*edges: str) -> Graph:
    """Edges such as `a>x 60`, `a>x 60v` (votes), `a>x c` (other control), `n/p>x 60` (n holds for p)."""
    return graph([_edge(edge) for edge in edges], on=DAY)


def _edge(text: str) -> Holding:
    names, _, amount = text.partition(" ")
    owners, _, held = names.partition(">")
    owner, _, nominator = owners.partition("/")
    digits = amount.rstrip("vcb")
    share = Fraction(digits) / 100 if digits else None
    return Holding(owner, held, KINDS[amount[len(digits) :]], share, ALWAYS, nominator)


@pytest.mark.parametrize(
    ("edges", "expected"),
    [
        pytest.param(["p>x 50"], "", id="half is not control"),
        pytest.param(["p>x 50.000001"], "x", id="half and the smallest share more is"),
        pytest.param(["p>x 10", "p>x 50.000001v"], "x", id="votes alone"),
        pytest.param(["p>x 60", "p>x 50v"], "x", id="capital alone"),
        pytest.param(["p>a 51", "a>x 51"], "ax", id="through a chain, though the share is 26 %"),
        pytest.param(["p>a 51", "a>x 30", "p>x 20.000001"], "ax", id="added over what is controlled"),
        pytest.param(["p>a 51", "a>x 30", "p>x 20"], "a", id="half in sum"),
        pytest.param(["p>a 50", "a>x 100"], "", id="nothing through what is not controlled"),
        pytest.param(["p>a c", "a>x 51"], "ax", id="other means"),
        pytest.param(["n/p>x 51"], "x", id="through a nominee"),
        pytest.param(["p>a 51", "a>b 51", "b>a 49"], "ab", id="a circle below"),
    ],
)
def test_control_is_more_than_half_added_over_what_is_controlled(edges: list[str], expected: str) -> None:
    assert controlled(drawn(*edges), "p") == set(expected)


@pytest.mark.parametrize(
    ("edges", "expected"),
    [
        pytest.param(["p>x 50"], Standing(("x",), "x"), id="nobody controls"),
        pytest.param(["p>a 100", "a>x 60", "q>x 40"], Standing(("p",), "p"), id="the top of a chain"),
        pytest.param(["p>x 60", "q>x c"], Standing(("p", "q"), "x", is_joint=True), id="joint: no group of the two"),
        pytest.param(
            ["p>a 60", "q>a c", "a>b 51", "b>x 51"],
            Standing(("p", "q"), "a", is_joint=True),
            id="below a joint venture",
        ),
        pytest.param(["p>q 100", "p>x 60", "q>x c"], Standing(("p",), "p"), id="two of one group"),
        pytest.param(["a>b 60", "b>a 60", "b>x 60"], Standing(("a", "b"), "a"), id="a circle on top"),
        pytest.param(["a>x 60", "x>a 60"], Standing(("a", "x"), "a"), id="itself of the circle on top"),
    ],
)
def test_an_entity_stands_under_its_ultimate_parents(edges: list[str], expected: Standing) -> None:
    assert standing(drawn(*edges), "x") == expected


@pytest.mark.parametrize(
    ("edges", "listed", "expected"),
    [
        pytest.param(["l>x 50"], "l", "x", id="half is enough"),
        pytest.param(["l>x 49.999999"], "l", "", id="the smallest share less is not"),
        pytest.param(["l>x 25", "m>x 25"], "lm", "x", id="added over the listed"),
        pytest.param(["l>a 50", "a>x 50"], "l", "ax", id="what is reached counts in whole"),
        pytest.param(["l>a 50", "a>x 30", "m>x 20"], "lm", "ax", id="the reached and the listed together"),
        pytest.param(["l>x c"], "l", "", id="ownership, not control"),
        pytest.param(["l>x 10", "l>x 90v"], "l", "", id="capital, not votes"),
        pytest.param(["n/l>x 50"], "l", "x", id="through a nominee"),
    ],
)
def test_listed_parties_are_added_up(edges: list[str], listed: str, expected: str) -> None:
    assert held_in_aggregate(drawn(*edges), listed) == set(expected)


@pytest.mark.parametrize(
    ("edges", "limit", "expected"),
    [
        (["p>x 25"], INTEREST, (BeneficialOwner("p", (Ground.CAPITAL, Ground.VOTES), *[Fraction(1, 4)] * 2),)),
        (["p>x 24.999999"], INTEREST, ()),
        (["p>a 50", "a>x 30"], INTEREST_AT_HIGHER_RISK, ("p",)),
        (["p>a 50", "a>x 29.999999"], INTEREST_AT_HIGHER_RISK, ()),
        (["p>x 10", "p>x 25v"], INTEREST, (BeneficialOwner("p", (Ground.VOTES,), Fraction(1, 10), Fraction(1, 4)),)),
        (["p>x c"], INTEREST, (BeneficialOwner("p", (Ground.CONTROL,), *[Fraction(0)] * 2),)),
        (["p>x b"], INTEREST, (BeneficialOwner("p", (Ground.STATED,), *[Fraction(0)] * 2),)),
        (["a>x 100"], INTEREST, ()),
        (["n/p>x 40", "q>x 60"], INTEREST, ("p", "q")),
    ],
)
def test_beneficial_owners_are_people_with_interest_or_control(
    edges: list[str], limit: Limit, expected: tuple[BeneficialOwner | str, ...]
) -> None:
    found = beneficial_owners(drawn(*edges), "x", people="pqn", limit=limit)
    if expected and isinstance(expected[0], str):
        assert tuple(each.key for each in found) == expected
    else:
        assert found == expected


# --- properties ---------------------------------------------------------------------------------------------------

NAMES = "abcdefg"
EDGES = st.lists(
    st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES), st.integers(0, 100)).filter(lambda e: e[0] != e[1]),
    max_size=14,
)


def scaled(edges: list[tuple[str, str, int]]) -> Graph:
    """A graph in which nothing is held by more than the whole; a share of 0 becomes control by other means."""
    total: dict[str, int] = {}
    for _, held, part in edges:
        total[held] = total.get(held, 0) + part
    return graph(
        [
            Holding(owner, held, Kind.CAPITAL, Fraction(part, max(100, total[held])), ALWAYS)
            if part
            else Holding(owner, held, Kind.CONTROL, None, ALWAYS)
            for owner, held, part in edges
        ],
        on=DAY,
    )


@settings(deadline=None)
@given(EDGES)
def test_who_controls_a_controller_controls_what_it_controls(edges: list[tuple[str, str, int]]) -> None:
    above = controllers(scaled(edges))
    for held, owners in above.items():
        for owner in owners:
            assert above.get(owner, frozenset()) - {held} <= owners


@settings(deadline=None)
@given(EDGES)
def test_parents_stand_at_the_top_and_members_of_a_group_have_one(edges: list[tuple[str, str, int]]) -> None:
    picture = scaled(edges)
    above, found = controllers(picture), standings(picture)
    for key, place in found.items():
        assert set(place.parents) <= above.get(key, frozenset()) | {key}
        for parent in place.parents:
            assert all(parent in above.get(other, ()) for other in above.get(parent, ()))
        assert found[place.group].group == place.group
        assert standing(picture, key) == place


@settings(deadline=None)
@given(EDGES)
def test_with_half_as_the_limit_at_least_as_much_is_reached(edges: list[tuple[str, str, int]]) -> None:
    picture = scaled([(owner, held, part) for owner, held, part in edges if part])
    for name in NAMES:
        assert held_in_aggregate(picture, {name}) >= controlled(picture, name)
