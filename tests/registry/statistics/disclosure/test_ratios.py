"""What is known between measures limits every witness; what an audit finds is made good, or nothing is published."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings

from registry.statistics.disclosure.cube import Contribution, Cube, Hierarchy, TableSpec, tabulate
from registry.statistics.disclosure.protect import protect
from registry.statistics.disclosure.ratios import leeway
from registry.statistics.disclosure.rules import Ratio, Rules, assess
from registry.statistics.disclosure.search import Unprotectable
from registry.statistics.disclosure.witness import verify
from tests.registry.statistics.disclosure.cubes import CUBES, TWO_WAY, contributions, cube_of

FLAT = {"kind": Hierarchy("kind", {"all": (("a", "b"),)})}
WIDE = Ratio("energy", "hours", "sector", "cloud", Fraction(1, 10), Fraction(2))


def with_energy(listed: list[Contribution]) -> list[Contribution]:
    return [*listed, *(replace(each, measure="energy", value=each.value / 2) for each in listed)]


def two(hours: str, energy: str) -> Cube:
    values = {"hours": hours, "energy": energy}
    listed = [Contribution("h", "p", {"kind": "a"}, name, Decimal(value)) for name, value in values.items()]
    return tabulate(listed, specs=[TableSpec("t", ("kind",))], hierarchies=FLAT)


@pytest.mark.parametrize(
    ("measure", "expected"),
    [
        ("hours", (37, 150)),  # of 100 hours with 50 MWh: between 50 / 0.8 and 50 / 0.2
        ("energy", (30, 30)),  # of 50 MWh: between 20 and 80
    ],
)
def test_a_ratio_says_how_far_a_cell_can_be_off(measure: str, expected: tuple[int, int]) -> None:
    cube = two("100", "50")
    ratio = Ratio("energy", "hours", "kind", "a", Fraction(2, 10), Fraction(8, 10))
    assert leeway(cube, measure, ratios=[ratio])[cube.places["a",]] == expected


def test_units_are_those_of_each_measure() -> None:
    cube = two("100", "50.1")
    ratio = Ratio("energy", "hours", "kind", "a", Fraction(2, 10), Fraction(8, 10))
    assert leeway(cube, "energy", ratios=[ratio])[cube.places["a",]] == (301, 299)


def test_nothing_is_known_of_other_codes_and_measures() -> None:
    cube = two("100", "50")
    assert leeway(cube, "hours", ratios=[Ratio("energy", "hours", "kind", "b", Fraction(1), Fraction(2))]) == {}
    assert leeway(cube, "hours", ratios=[Ratio("flop", "hours", "kind", "a", Fraction(1), Fraction(2))]) == {}


@settings(max_examples=CUBES, deadline=None)
@given(contributions(most=15))
def test_no_witness_leaves_what_is_known(listed: list[Contribution]) -> None:
    cube = cube_of(with_energy(listed), TWO_WAY)
    needs = assess(cube, Rules())
    try:
        pattern = protect(cube, needs, ratios=[WIDE])
    except Unprotectable:
        return
    assert verify(cube, withheld=pattern.withheld, requirements=needs, proofs=pattern.proofs, ratios=[WIDE]) == ()
    axis = cube.dimensions.index("sector")
    for proof in pattern.proofs:
        other = cube.measures["energy" if proof.measure == "hours" else "hours"].totals
        measured = cube.measures[proof.measure]
        for witness in proof.witnesses:
            for place, change in witness.changes.items():
                if cube.cells[place][axis] == "cloud" and other[place]:
                    moved = measured.totals[place] + Fraction(change, witness.denominator)
                    amounts = {proof.measure: moved / 10**measured.decimals}
                    name = "energy" if proof.measure == "hours" else "hours"
                    amounts[name] = Fraction(other[place], 10 ** cube.measures[name].decimals)
                    assert Fraction(1, 10) <= amounts["energy"] / amounts["hours"] <= 2


def test_what_a_narrow_ratio_tells_cannot_be_protected() -> None:
    cube = cube_of(with_energy(TABLE), TWO_WAY)
    narrow = Ratio("energy", "hours", "sector", "cloud", Fraction(499, 1000), Fraction(501, 1000))
    assert protect(cube, assess(cube, Rules()), ratios=[WIDE]).withheld
    with pytest.raises(Unprotectable):
        protect(cube, assess(cube, Rules()), ratios=[narrow])


def test_a_proof_made_without_the_ratio_does_not_hold_with_it() -> None:
    cube = cube_of(with_energy(TABLE), TWO_WAY)
    needs = assess(cube, Rules())
    pattern = protect(cube, needs)
    narrow = Ratio("energy", "hours", "sector", "cloud", Fraction(499, 1000), Fraction(501, 1000))
    assert verify(cube, withheld=pattern.withheld, requirements=needs, proofs=pattern.proofs) == ()
    assert verify(cube, withheld=pattern.withheld, requirements=needs, proofs=pattern.proofs, ratios=[narrow])


TABLE = [
    Contribution(f"h{number}", "p", {"country": country, "sector": sector, "quarter": "Q1"}, "hours", Decimal(value))
    for country, sector, values in (
        ("DK", "cloud", (900,)),
        ("DK", "model", (400, 410, 420, 430)),
        ("SE", "cloud", (400, 410, 420, 430)),
        ("SE", "model", (400, 410, 420, 430)),
    )
    for number, value in enumerate(values)
]


def test_neither_refusals_nor_patterns_print_what_is_sealed() -> None:
    cube = cube_of(TABLE, TWO_WAY)
    needs = assess(cube, Rules(p_percent=Fraction(1737, 100)))
    with pytest.raises(Unprotectable) as refused:
        protect(cube, needs, published=frozenset({needs[0].place}))
    text = f"{refused.value} {refused.value!r} {protect(cube, needs)!r} {needs!r}"
    for secret in ("1737", "17.37", "h0", "sensitive", "proof", f"={needs[0].amount}"):
        assert secret not in text
