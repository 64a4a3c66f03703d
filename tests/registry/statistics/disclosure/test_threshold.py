"""Which cells of a single table may be shown."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.statistics.disclosure.threshold import (
    CONFIDENTIAL,
    Cell,
    Contribution,
    Parameters,
    Published,
    TableRefused,
    is_sensitive,
    protect,
)

PLAIN = Parameters(minimum_holdings=3)
TEN_PERCENT = Parameters(minimum_holdings=3, p_percent=Decimal(10))


def cell(*contributions: tuple[str, str], at: tuple[str, ...] = ("FR", "2026-Q3")) -> Cell:
    return Cell(at, tuple(Contribution(holding, Decimal(value)) for holding, value in contributions))


@pytest.mark.parametrize(
    ("contributions", "parameters", "sensitive"),
    [
        ((), PLAIN, False),
        ((("a", "1"),), PLAIN, True),
        ((("a", "1"), ("b", "1")), PLAIN, True),
        ((("a", "1"), ("b", "1"), ("c", "1")), PLAIN, False),
        # three filings of one owner are one holding, and so are three of two
        ((("a", "1"), ("a", "1"), ("a", "1")), PLAIN, True),
        ((("a", "1"), ("a", "1"), ("b", "1")), PLAIN, True),
        # a contribution of nothing is a contributor still
        ((("a", "1"), ("b", "0"), ("c", "0")), PLAIN, False),
        # p %: the rest beyond the two largest hides the largest, or does not
        ((("a", "100"), ("b", "50"), ("c", "9.99")), TEN_PERCENT, True),
        ((("a", "100"), ("b", "50"), ("c", "10")), TEN_PERCENT, False),
        ((("a", "60"), ("a", "40"), ("b", "50"), ("c", "9.99")), TEN_PERCENT, True),
        ((("a", "1"), ("b", "0"), ("c", "0")), TEN_PERCENT, True),
        ((("a", "100"), ("b", "50"), ("c", "9.99")), PLAIN, False),
    ],
)
def test_a_cell_is_sensitive_when_it_says_too_much(
    contributions: tuple[tuple[str, str], ...], parameters: Parameters, sensitive: bool
) -> None:
    assert is_sensitive(cell(*contributions), parameters=parameters) is sensitive


def test_a_safe_cell_shows_runs_and_total() -> None:
    (shown,) = protect(
        [cell(("a", "1e24"), ("a", "2e24"), ("b", "3e24"), ("c", "4e24"))], parameters=PLAIN, margins=frozenset()
    )
    assert shown == Published(("FR", "2026-Q3"), 4, Decimal("1e25"))
    assert not shown.is_confidential


def test_a_sensitive_cell_hides_its_count_with_its_total() -> None:
    (shown,) = protect([cell(("a", "1e24"), ("b", "3e24"))], parameters=PLAIN, margins=frozenset())
    assert (shown.runs, shown.total) == (CONFIDENTIAL, CONFIDENTIAL)
    assert shown.is_confidential


def test_an_empty_cell_is_a_true_zero() -> None:
    (shown,) = protect([cell()], parameters=PLAIN, margins=frozenset())
    assert (shown.runs, shown.total) == (0, Decimal(0))


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ([cell(at=("FR", "TOTAL"))], "margin"),
        ([cell(), cell()], "twice"),
        ([cell(), cell(at=("FR",))], "dimensions"),
        ([cell(("a", "-1"))], "negative"),
    ],
)
def test_what_needs_more_than_this_module_is_refused(cells: list[Cell], reason: str) -> None:
    with pytest.raises(TableRefused, match=reason):
        protect(cells, parameters=PLAIN, margins=frozenset({"TOTAL", "EU"}))


@pytest.mark.parametrize(("minimum", "p"), [(0, None), (3, Decimal(0)), (3, Decimal(-5))])
def test_parameters_that_protect_nothing_are_refused(minimum: int, p: Decimal | None) -> None:
    with pytest.raises(ValueError, match=r"holding|percentage"):
        Parameters(minimum, p)


CONTRIBUTIONS = st.lists(
    st.builds(Contribution, st.sampled_from("abcdef"), st.integers(0, 10**6).map(Decimal)), max_size=12
).map(tuple)
PARAMETERS = st.builds(Parameters, st.integers(1, 5), st.none() | st.integers(1, 100).map(Decimal))


@given(CONTRIBUTIONS, PARAMETERS)
def test_nobody_in_a_shown_cell_can_estimate_another_too_closely(
    contributions: tuple[Contribution, ...], parameters: Parameters
) -> None:
    """The attack itself: every holding subtracts what it knows and bounds every other by what is left."""
    table = [Cell(("FR",), contributions)]
    (shown,) = protect(table, parameters=parameters, margins=frozenset())
    if shown.is_confidential or not contributions:
        return
    sums: dict[str, Decimal] = {}
    for contribution in contributions:
        sums[contribution.holding] = sums.get(contribution.holding, Decimal(0)) + contribution.value
    assert len(sums) >= parameters.minimum_holdings
    if parameters.p_percent is None:
        return
    assert isinstance(shown.total, Decimal)
    for intruder, known in sums.items():
        for target, truth in sums.items():
            if target != intruder:
                upper = shown.total - known
                assert (upper - truth) * 100 >= parameters.p_percent * truth


@given(CONTRIBUTIONS, PARAMETERS)
def test_the_order_of_contributions_tells_nothing(
    contributions: tuple[Contribution, ...], parameters: Parameters
) -> None:
    one = protect([Cell(("FR",), contributions)], parameters=parameters, margins=frozenset())
    assert one == protect([Cell(("FR",), contributions[::-1])], parameters=parameters, margins=frozenset())


@given(CONTRIBUTIONS, st.integers(1, 4))
def test_a_stricter_minimum_never_shows_more(contributions: tuple[Contribution, ...], minimum: int) -> None:
    one = Cell(("FR",), contributions)
    if is_sensitive(one, parameters=Parameters(minimum)):
        assert is_sensitive(one, parameters=Parameters(minimum + 1))
