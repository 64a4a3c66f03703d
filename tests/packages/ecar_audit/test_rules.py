"""What is sensitive, how far off estimates have to be, and which periods add up."""

from fractions import Fraction

import pytest
from ecar_audit import Parameters, calendar
from ecar_audit.known_ratios import proportions
from ecar_audit.sensitivity import ask
from ecar_audit.system import Column
from ecar_audit.values import Ratio

RULES = Parameters()


@pytest.mark.parametrize(
    ("parts", "outsider"),
    [
        ({"a": 100}, 10),
        ({"a": 100, "b": 50}, 10),
        ({"a": 100, "b": 90, "c": 1}, 1),
        ({"a": 1000, "b": 50, "c": 1}, 49),
        ({"a": 3, "b": 2}, 1),
    ],
)
def test_a_sensitive_figure_asks_for_a_distance(parts: dict[str, int], outsider: int) -> None:
    found = ask(parts, frozenset(), RULES, step=1)
    assert found is not None
    assert found.outsider == outsider


@pytest.mark.parametrize("parts", [{}, {"a": 0}, {"a": 100, "b": 90, "c": 10}, {"a": 5, "b": 5, "c": 5}])
def test_what_is_not_sensitive_asks_for_nothing(parts: dict[str, int]) -> None:
    assert ask(parts, frozenset(), RULES, step=1) is None


def test_those_who_add_more_have_to_be_farther_off() -> None:
    found = ask({"a": 1000, "b": 90, "c": 4}, frozenset(), RULES, step=1)
    assert found is not None
    assert [found.of(who) for who in ((), ("z",), ("c",), ("b",), ("b", "c"))] == [6, 6, 10, 96, 100]
    assert found.of(("a", "b", "c")) == 0


def test_distances_are_whole_steps() -> None:
    found = ask({"a": 70}, frozenset(), RULES, step=10)
    assert found is not None
    assert found.outsider == 10


def test_a_waiver_takes_a_holding_from_the_targets_not_from_the_sum() -> None:
    assert ask({"a": 100}, frozenset({"a"}), RULES, step=1) is None
    found = ask({"a": 1000, "b": 40}, frozenset({"a"}), RULES, step=1)
    assert found is not None
    assert (found.outsider, found.of(("a",)), found.of(("b",))) == (4, 4, 0)


def test_dominance_asks_for_the_level_of_the_handbook() -> None:
    rules = Parameters(dominance=(1, Fraction(80)))
    found = ask({"a": 900, "b": 50, "c": 50, "d": 50}, frozenset(), rules, step=1)
    assert found is not None
    assert found.outsider == 75


def test_a_coalition_is_one_attacker() -> None:
    parts = {"a": 100, "b": 90, "c": 80, "d": 5}
    assert ask(parts, frozenset(), RULES, step=1) is None
    found = ask(parts, frozenset(), Parameters(coalition=2), step=1)
    assert found is not None
    assert (found.of(("b",)), found.of(("b", "c"))) == (0, 5)


@pytest.mark.parametrize(
    ("period", "way"),
    [
        ("2026", ("2026-Q1", "2026-Q2", "2026-Q3", "2026-Q4")),
        ("2026", ("2026-S1", "2026-S2")),
        ("2026-S2", ("2026-Q3", "2026-Q4")),
        ("2026-Q4", ("2026-10", "2026-11", "2026-12")),
    ],
)
def test_periods_are_made_of_shorter_ones(period: str, way: tuple[str, ...]) -> None:
    assert way in calendar.splits(period)


@pytest.mark.parametrize("period", ["2026-03", "spring", ""])
def test_a_month_and_what_is_no_period_are_made_of_nothing(period: str) -> None:
    assert calendar.splits(period) == ()


def _columns(*truths: int) -> list[Column]:
    return [Column("m", (), "r", "t", {}, truth, 0, None) for truth in truths]


def test_a_sum_has_a_ratio_between_those_of_its_terms() -> None:
    known = {"gpu": 1, "tpu": 4}
    ratios = [Ratio("hardware", code, "e", "h", Fraction(low), Fraction(low + 1)) for code, low in known.items()]
    met = {("e", ("all",)): 0, ("h", ("all",)): 1}
    ways = {("hardware", "all"): (("gpu", "tpu"),)}
    found, widened = proportions(ratios, ["hardware"], ways, met, _columns(3000, 100), {"e": 1, "h": 0})
    assert [(each.low, each.high) for each in found] == [(10, 50)]
    assert widened == 0


def test_a_ratio_is_taken_as_far_as_the_truth() -> None:
    ratio = Ratio("hardware", "gpu", "e", "h", Fraction(1), Fraction(2))
    met = {("e", ("gpu",)): 0, ("h", ("gpu",)): 1}
    found, widened = proportions([ratio], ["hardware"], {}, met, _columns(300, 100), {"e": 0, "h": 0})
    assert [(each.low, each.high) for each in found] == [(1, 3)]
    assert widened == 1
    assert proportions([ratio], ["hardware"], {}, met, _columns(300, 0), {"e": 0, "h": 0}) == ([], 1)
