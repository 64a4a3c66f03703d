"""What analysts are told of a count: nothing that follows from the rest, nothing about an owner group."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from registry.oversight.tally_rules import SHARED, UNION, told
from registry.statistics.disclosure.rules import Rules

FIVE = {("FR", f"group {number}"): 2 for number in range(5)}


def test_a_count_of_enough_groups_is_told() -> None:
    assert told(FIVE, Rules()) == {"FR": 10, UNION: 10}


def test_many_things_about_too_few_groups_are_not_told() -> None:
    assert told({("FR", "one"): 40, ("FR", "two"): 40}, Rules()) == {"FR": None, UNION: None}


def test_a_count_that_one_group_dominates_is_not_told() -> None:
    counts = {("FR", "one"): 100, ("FR", "two"): 5, ("FR", "three"): 1}
    assert told(counts, Rules(p_percent=Fraction(10)))["FR"] is None


def test_a_single_withheld_territory_does_not_follow_from_the_sum() -> None:
    found = told({**FIVE, ("DE", "alone"): 3, ("ES", "a"): 2, ("ES", "b"): 2, ("ES", "c"): 2}, Rules())
    assert found["DE"] is None
    assert found[UNION] is None or sum(number is None for code, number in found.items() if code != UNION) > 1


def test_what_several_territories_share_counts_in_the_union_alone() -> None:
    found = told({**FIVE, **{(SHARED, f"other {number}"): 1 for number in range(4)}}, Rules())
    assert found == {"FR": 10, UNION: 14}


def test_nothing_counts_nothing() -> None:
    assert told({}, Rules()) == {}


GROUPS = st.sampled_from([f"g{number}" for number in range(8)])
PLACES = st.sampled_from(["FR", "DE", "ES", "IT", SHARED])


@given(st.dictionaries(st.tuples(PLACES, GROUPS), st.integers(1, 20), max_size=20))
def test_what_is_told_is_true_and_nothing_withheld_is_a_difference(counts: dict[tuple[str, str], int]) -> None:
    found = told(counts, Rules())
    for code, number in found.items():
        assert number in {None, sum(count for (place, _), count in counts.items() if code in {place, UNION})}
    open_parts = {code for code in found if code != UNION and found[code] is None}
    is_shared = any(place == SHARED for place, _ in counts)
    assert found.get(UNION) is None or len(open_parts) != 1 or is_shared
