"""Which cells are sensitive, for whom, by how much; table-driven, with the handbook's formulas."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.statistics.disclosure import rules
from registry.statistics.disclosure.cube import Contribution, Cube, Hierarchy, TableSpec, tabulate
from registry.statistics.disclosure.rules import Requirement, Rules
from tests.registry.statistics.disclosure.cubes import contributions, cube_of

FLAT = {"kind": Hierarchy("kind", {"all": (("a", "b"),)})}


def cell(*parts: int, waived: tuple[int, ...] = ()) -> Cube:
    """A table in which one leaf has these parts, of one holding each."""
    listed = [
        Contribution(f"h{number}", "p", {"kind": "a"}, "hours", Decimal(part), number in waived)
        for number, part in enumerate(parts)
    ]
    return tabulate(listed, specs=[TableSpec("t", ("kind",), {"kind": frozenset({"a"})})], hierarchies=FLAT)


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ((100,), {(): 10}),
        ((100, 50), {(): 10, ("h0",): 5, ("h1",): 10}),
        ((100, 50, 9), {(): 1, ("h1",): 1}),
        ((100, 50, 10), {}),
        ((100, 3, 3), {(): 4, ("h1",): 7, ("h2",): 7}),
        ((100, 100, 100), {}),
    ],
)
def test_each_attacker_has_the_amount_of_the_handbook(parts: tuple[int, ...], expected: dict[object, int]) -> None:
    found = rules.assess(cell(*parts), Rules())
    assert {each.attackers: each.amount for each in found} == expected


def test_two_who_put_together_what_they_know_ask_for_more() -> None:
    assert not rules.assess(cell(100, 50, 10), Rules())
    found = rules.assess(cell(100, 50, 10), Rules(coalition=2))
    assert Requirement("hours", 0, ("h1", "h2"), 10) in found


def test_a_holding_that_agreed_is_no_target() -> None:
    assert not rules.assess(cell(100, waived=(0,)), Rules())
    assert rules.assess(cell(100, 50, waived=(1,)), Rules())


def test_dominance_can_be_asked_for_besides() -> None:
    strict = Rules(dominance=(2, Fraction(85)))
    assert not rules.assess(cell(50, 36, 14), Rules())
    assert {each.attackers for each in rules.assess(cell(50, 36, 14), strict)} == {()}


@given(contributions(), st.integers(1, 50), st.integers(1, 50))
def test_a_smaller_p_never_makes_a_cell_sensitive(listed: list[Contribution], one: int, other: int) -> None:
    low, high = sorted((one, other))
    cube = cube_of(listed)
    assert rules.sensitive(cube, Rules(p_percent=Fraction(low))) <= rules.sensitive(
        cube, Rules(p_percent=Fraction(high))
    )


@given(contributions())
def test_whose_company_of_a_holding_filed_makes_no_difference(listed: list[Contribution]) -> None:
    halves = [
        Contribution(each.holding, provider, each.key, each.measure, each.value / 2)
        for each in listed
        for provider in ("one", "other")
    ]
    whole, split = cube_of(listed), cube_of(halves)
    assert rules.sensitive(whole, Rules()) == rules.sensitive(split, Rules())


def test_a_table_of_which_too_much_is_sensitive_is_not_admitted_and_says_where_to_coarsen() -> None:
    listed = [
        Contribution(f"h{number}", "p", {"country": country, "sector": "cloud", "quarter": "Q1"}, "hours", Decimal(9))
        for number, country in enumerate(("DK", "DK", "SE", "SE", "ES", "ES", "GR", "GR"))
    ]
    found = rules.plan(cube_of(listed), Rules())
    assert not found.is_admitted
    assert found.coarser["country"] < found.share
    assert found.advice == ("country",)


def test_a_table_that_is_admitted_gets_no_advice() -> None:
    found = rules.plan(cell(10, 10, 10, 10), Rules())
    assert (found.share, found.is_admitted, found.advice) == (0, True, ())


def test_parameters_never_show_in_what_is_printed() -> None:
    sealed = Rules(minimum_holdings=4, p_percent=Fraction(1737, 100), dominance=(2, Fraction(8181, 100)))
    ratio = rules.Ratio("energy", "hours", "kind", "a", Fraction(3131, 10_000), Fraction(9797, 10_000))
    needs = rules.assess(cell(1000, 500, 90), sealed)
    assert needs
    text = f"{sealed} {sealed!r} {ratio} {ratio!r} {needs!r}"
    for secret in ("17", "37", "81", "31", "97", "h1", str(needs[0].amount)):
        assert secret not in text


@pytest.mark.parametrize("wrong", [{"minimum_holdings": 0}, {"p_percent": Fraction(0)}, {"coalition": 0}])
def test_rules_that_protect_nobody_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r"at least one|positive"):
        Rules(**wrong)  # type: ignore[arg-type]
