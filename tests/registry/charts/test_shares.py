"""The curve of shares: it climbs to the whole, steepest first."""

from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.charts import shares
from registry.charts.shares import Holder
from tests.registry.portal.test_charts import NASTY, marks, parsed

AMOUNTS = st.lists(st.decimals(0, 10**27, places=0), max_size=40)


def curve(amounts: list[Decimal], *, label: str = "somebody") -> str:
    """The drawing."""
    return shares.share_curve(
        uid="s",
        title="Shares",
        finding="As found.",
        holders=[Holder(amount, label) for amount in amounts],
        equal_label=NASTY,
        axis_label="providers",
        notes={1: NASTY},
    )


@given(AMOUNTS)
def test_shares_climb_to_the_whole_ever_slower(amounts: list[Decimal]) -> None:
    found = shares.cumulated(amounts)

    if not any(amounts):
        assert found == ()
        return
    steps = [b - a for a, b in pairwise((Decimal(0), *found))]
    assert abs(found[-1] - 1) < Decimal("1e-20")
    assert all(a >= b - Decimal("1e-20") for a, b in pairwise(steps))


@pytest.mark.parametrize("many", [0, 1, 7, 10_000])
def test_the_largest_have_marks(many: int) -> None:
    drawing = curve([Decimal(i + 1) for i in range(many)])

    assert len(marks(drawing, "point")) == min(many, shares.MARKED)
    assert len(marks(drawing, "record")) == min(many, 1)


def test_a_long_curve_is_thinned_and_still_ends_at_the_whole() -> None:
    path = marks(curve([Decimal(1)] * 10_000), "record")[0].get("d", "")

    points = path.removeprefix("M").split("L")
    assert len(points) < 600
    assert points[-1] == "424,16"


def test_words_are_escaped() -> None:
    drawing = curve([Decimal(2), Decimal(1)], label=NASTY)

    assert parsed(drawing).get("role") == "img"
    assert marks(drawing, "point")[0][0].text == NASTY
    assert [each.text for each in marks(drawing, "remark")] == [NASTY, NASTY]
