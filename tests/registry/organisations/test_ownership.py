"""Effective shares: chains, sums, circles, days, nominees; exact at every boundary."""

from collections.abc import Iterable
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.filings import thresholds
from registry.organisations import ownership
from registry.organisations.ownership import (
    AGGREGATE,
    CONTROL,
    INTEREST,
    INTEREST_AT_HIGHER_RISK,
    Graph,
    Holding,
    Impossible,
    Kind,
    Limit,
    Measure,
    graph,
    owned,
)
from registry.periods import Period

DAY = date(2026, 11, 23)
ALWAYS = Period(date(2020, 1, 1))
CAPITAL = Measure.CAPITAL


def holding(owner: str, held: str, percent: str, kind: Kind = Kind.CAPITAL, *, nominator: str = "") -> Holding:
    return Holding(owner, held, kind, Fraction(percent) / 100, ALWAYS, nominator)


def drawn(*edges: tuple[str, str, str]) -> Graph:
    return graph([holding(*edge) for edge in edges], on=DAY)


def shares(picture: Graph, held: str) -> dict[str, Fraction]:
    return dict(owned(picture, held, measure=CAPITAL).shares)


def naive(picture: Graph, owner: str, held: str) -> Fraction:
    """The sum over all chains by walking each of them: for graphs without circles."""
    above = picture.capital.get(held, {})
    return sum(
        (share * (1 if key == owner else naive(picture, owner, key)) for key, share in above.items()), Fraction()
    )


# --- hand-made ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("edges", "expected"),
    [
        pytest.param([("p", "x", "60")], {"p": "60"}, id="direct"),
        pytest.param([("p", "a", "60"), ("a", "x", "50")], {"a": "50", "p": "30"}, id="chain is multiplied"),
        pytest.param(
            [("p", "a", "50"), ("p", "b", "40"), ("a", "x", "60"), ("b", "x", "40")],
            {"a": "60", "b": "40", "p": "46"},
            id="chains are added",
        ),
        pytest.param(
            [("p", "a", "100"), ("a", "x", "20"), ("p", "x", "5")], {"a": "20", "p": "25"}, id="direct and indirect"
        ),
        pytest.param(
            [("p", "x", "50"), ("p", "y", "50"), ("x", "y", "50"), ("y", "x", "50")],
            {"p": "100", "y": "50"},
            id="cross-holding: the outsider owns the whole",
        ),
        pytest.param(
            [
                ("p", "a", "80"),
                ("c", "a", "20"),
                ("a", "b", "60"),
                ("b", "c", "70"),
                ("c", "x", "40"),
                ("q", "b", "40"),
            ],
            {"a": "84/5", "b": "28", "c": "40", "p": "3360/229", "q": "2800/229"},
            id="a circle upstream",
        ),
    ],
)
def test_the_share_of_each_owner_is_exact(edges: list[tuple[str, str, str]], expected: dict[str, str]) -> None:
    assert shares(drawn(*edges), "x") == {key: Fraction(percent) / 100 for key, percent in expected.items()}


def test_a_circle_that_owns_all_of_itself_is_told_and_owns_what_it_holds() -> None:
    picture = drawn(("a", "b", "100"), ("b", "a", "100"), ("b", "x", "60"), ("p", "x", "40"))
    found = owned(picture, "x", measure=CAPITAL)
    assert found.circular == {"a", "b"}
    assert {key: found.shares[key] for key in found.ultimate} == {"b": Fraction(3, 5), "p": Fraction(2, 5)}
    assert owned(picture, "a", measure=CAPITAL).shares == {}


def test_what_nobody_has_stated_is_told() -> None:
    assert owned(drawn(("p", "a", "50"), ("a", "x", "80")), "x", measure=CAPITAL).unstated == Fraction(60, 100)


@pytest.mark.parametrize(
    ("holdings", "reason"),
    [
        ([holding("a", "a", "10")], "it holds itself"),
        ([holding("n", "a", "10", nominator="a")], "it holds itself"),
        ([holding("a", "x", "60"), holding("b", "x", "40.000001")], "more than the whole of its capital"),
        ([holding("a", "x", "60"), holding("b", "x", "60", Kind.VOTES)], "more than the whole of its votes"),
    ],
)
def test_what_no_day_can_have_is_refused(holdings: list[Holding], reason: str) -> None:
    with pytest.raises(Impossible, match=reason):
        graph(holdings, on=DAY)


def test_a_nominee_is_looked_through_and_shares_through_several_are_added() -> None:
    picture = graph(
        [holding("n", "x", "20", nominator="p"), holding("m", "x", "15", nominator="p"), holding("n", "x", "5")], on=DAY
    )
    assert shares(picture, "x") == {"p": Fraction(35, 100), "n": Fraction(5, 100)}


def test_who_states_no_votes_has_as_many_as_capital() -> None:
    picture = graph([holding("a", "x", "40"), holding("b", "x", "60"), holding("b", "x", "10", Kind.VOTES)], on=DAY)
    assert owned(picture, "x", measure=Measure.VOTES).shares == {"a": Fraction(2, 5), "b": Fraction(1, 10)}


@pytest.mark.parametrize(
    ("day", "owners"),
    [
        (date(2023, 12, 31), set()),
        (date(2024, 1, 1), {"a"}),
        (date(2025, 6, 30), {"a"}),
        (date(2025, 7, 1), {"b"}),
        (date(2099, 1, 1), {"b"}),
    ],
)
def test_any_day_can_be_asked_for(day: date, owners: set[str]) -> None:
    first = Holding("a", "x", Kind.CAPITAL, Fraction(1), Period(date(2024, 1, 1), date(2025, 7, 1)))
    second = Holding("b", "x", Kind.CAPITAL, Fraction(1), Period(date(2025, 7, 1)))
    assert set(owned(graph([first, second], on=day), "x", measure=CAPITAL).shares) == owners


# --- boundaries ---------------------------------------------------------------------------------------------------

TINY = Fraction(1, 10**8)  # the smallest share that can be stated is 0.000001 %


@pytest.mark.parametrize(
    ("limit", "value", "at_the_limit"),
    [
        (INTEREST, Fraction(25, 100), True),
        (INTEREST_AT_HIGHER_RISK, Fraction(15, 100), True),
        (CONTROL, Fraction(50, 100), False),
        (AGGREGATE, Fraction(50, 100), True),
    ],
)
def test_each_limit_lies_on_its_side(limit: Limit, value: Fraction, *, at_the_limit: bool) -> None:
    assert [limit.reached(value + step) for step in (-TINY, Fraction(0), TINY)] == [False, at_the_limit, True]


@pytest.mark.parametrize(
    ("code", "limit"),
    [
        ("owner-beneficial", INTEREST),
        ("owner-beneficial-higher-risk", INTEREST_AT_HIGHER_RISK),
        ("owner-control", CONTROL),
        ("owner-listed-party", AGGREGATE),
    ],
)
def test_the_limits_are_those_of_the_thresholds_in_force(code: str, limit: Limit) -> None:
    row = thresholds.threshold(code, on=DAY)
    assert (row.value, row.operator is thresholds.Operator.AT_LEAST) == (limit.share, limit.is_included)


# --- properties ---------------------------------------------------------------------------------------------------

NAMES = "abcdefgh"
PARTS = st.lists(st.integers(min_value=1, max_value=100), min_size=1, max_size=4)


def split(held: str, owners: Iterable[str], parts: list[int], *, of: int) -> list[Holding]:
    """Holdings of the owners in proportion to the parts, of so many units in all."""
    pairs = list(zip(owners, parts, strict=False))
    return [Holding(owner, held, Kind.CAPITAL, Fraction(part, of), ALWAYS) for owner, part in pairs]


@st.composite
def held_in_full(draw: st.DrawFn, *, circles: bool) -> list[Holding]:
    """Entities of which each but the first two is held in full by others; without circles, by earlier ones alone."""
    found: list[Holding] = []
    for place, held in enumerate(NAMES[2:], start=2):
        others = [name for name in NAMES if name != held] if circles else list(NAMES[:place])
        owners = draw(st.lists(st.sampled_from(others), min_size=1, max_size=4, unique=True))
        parts = draw(st.lists(st.integers(1, 100), min_size=len(owners), max_size=len(owners)))
        found += split(held, owners, parts, of=sum(parts))
    return found


@settings(deadline=None)
@given(held_in_full(circles=True), st.sampled_from(NAMES[2:]))
def test_the_ultimate_shares_of_what_is_stated_in_full_make_one(holdings: list[Holding], held: str) -> None:
    found = owned(graph(holdings, on=DAY), held, measure=CAPITAL)
    if held not in found.circular:
        assert sum(found.shares[key] for key in found.ultimate) == 1
        assert found.unstated == 0


@settings(deadline=None)
@given(held_in_full(circles=True), st.randoms(use_true_random=False))
def test_the_order_of_holdings_does_not_matter(holdings: list[Holding], chance: object) -> None:
    shuffled = list(holdings)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert graph(shuffled, on=DAY) == graph(holdings, on=DAY)
    for held in NAMES:
        assert owned(graph(shuffled, on=DAY), held, measure=CAPITAL) == owned(
            graph(holdings, on=DAY), held, measure=CAPITAL
        )


@settings(deadline=None)
@given(held_in_full(circles=True), st.permutations(NAMES))
def test_names_do_not_matter(holdings: list[Holding], names: list[str]) -> None:
    renamed = dict(zip(NAMES, names, strict=True))
    other = [
        Holding(renamed[each.owner], renamed[each.held], each.kind, each.share, each.validity) for each in holdings
    ]
    for held in NAMES:
        before, after = shares(graph(holdings, on=DAY), held), shares(graph(other, on=DAY), renamed[held])
        assert {renamed[key]: share for key, share in before.items()} == after


@settings(deadline=None)
@given(held_in_full(circles=False))
def test_without_circles_it_is_the_sum_over_all_chains(holdings: list[Holding]) -> None:
    picture = graph(holdings, on=DAY)
    for held in NAMES:
        expected = {owner: share for owner in NAMES if (share := naive(picture, owner, held))}
        assert shares(picture, held) == expected


@settings(deadline=None)
@given(held_in_full(circles=True))
def test_no_share_is_above_one_or_at_nothing(holdings: list[Holding]) -> None:
    picture = graph(holdings, on=DAY)
    assert all(0 < share <= 1 for held in NAMES for share in shares(picture, held).values())


@settings(deadline=None)
@given(held_in_full(circles=True), st.integers(1, 9))
def test_a_circle_is_the_limit_of_the_series_of_its_rounds(holdings: list[Holding], leak: int) -> None:
    """Unrolled: what reaches an owner who holds without being held, after one chain more and one chain more."""
    kept = Fraction(10 - leak, 10)  # every share a little less, so that the series falls at least geometrically
    thinner = [Holding(each.owner, each.held, each.kind, (each.share or 0) * kept, ALWAYS) for each in holdings]
    picture = graph(thinner, on=DAY)
    for held in NAMES[2:]:
        exact = shares(picture, held)
        for root in NAMES[:2]:
            reach, total = {held: 1.0}, 0.0
            for _ in range(400):
                onward: dict[str, float] = {}
                for key, weight in reach.items():
                    for owner, share in picture.capital.get(key, {}).items():
                        onward[owner] = onward.get(owner, 0.0) + weight * float(share)
                reach = onward
                total += reach.get(root, 0.0)
            assert total == pytest.approx(float(exact.get(root, 0)), abs=1e-9)


@settings(deadline=None)
@given(held_in_full(circles=True), st.sampled_from(NAMES))
def test_what_lies_elsewhere_does_not_matter(holdings: list[Holding], held: str) -> None:
    picture = graph(holdings, on=DAY)
    assert shares(picture.part(picture.upstream(held)), held) == shares(picture, held)


def test_a_stated_beneficial_owner_adds_no_share() -> None:
    picture = graph([holding("p", "x", "30", Kind.BENEFICIAL), holding("a", "x", "100")], on=DAY)
    assert shares(picture, "x") == {"a": Fraction(1)}
    assert picture.stated["x"] == {"p": Fraction(30, 100)}
    assert ownership.owned(picture, "x", measure=CAPITAL).ultimate == {"a"}
