"""Thresholds as data: the boundary of every row, validity by day, preview of a change."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.filings import thresholds
from registry.filings.thresholds import Effect, Operator, Quantity, StoredValue, Threshold
from registry.languages import SPOKEN
from registry.periods import Period

TODAY = date(2026, 11, 22)
ROWS = thresholds.rows()
A_HAIR = Fraction(1, 10**9)

# The boundary operators as the law states them, written out a second time on purpose.
OPERATORS = {
    "general-purpose": "gt",
    "systemic-risk": "gt",
    "modification-share": "gt",
    "modification-systemic-risk": "gt",
    "modification-general-purpose": "gt",
    "watch-general-purpose": "ge",
    "watch-systemic-risk": "ge",
    "biological-sequences": "gt",
    "business-users": "ge",
    "us-executive-order": "gt",
    "us-executive-order-biology": "gt",
    "us-california": "gt",
    "us-new-york": "gt",
    "cluster-operations": "gt",
    "cluster-network": "gt",
    "us-cluster-operations": "ge",
    "us-cluster-network": "gt",
    "facility-energy-report": "ge",
    "facility-1-mw": "ge",
    "facility-2-mw": "ge",
    "facility-10-mw": "gt",
    "owner-beneficial": "ge",
    "owner-beneficial-higher-risk": "ge",
    "owner-control": "gt",
    "owner-listed-party": "ge",
    "owner-new-york-private": "ge",
    "owner-new-york-public": "ge",
    "3a090a-performance": "ge",
    "3a090b-performance": "ge",
    "3a090-performance-with-density": "ge",
    "3a090a-density": "ge",
    "3a090b-density": "ge",
    "3a090b-density-lower-total": "ge",
    "us-2026-band-performance": "ge",
    "us-2026-band-bandwidth": "ge",
}


def test_every_row_has_its_operator_in_this_test() -> None:
    assert {row.code for row in ROWS} == set(OPERATORS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.code}-{row.validity.starts_on}")
def test_a_limit_is_crossed_on_the_side_the_law_says(row: Threshold) -> None:
    exactly, hair = row.value, row.value * A_HAIR
    assert thresholds.crossed(exactly, row) is (OPERATORS[row.code] == "ge")
    assert thresholds.crossed(exactly + hair, row)
    assert not thresholds.crossed(exactly - hair, row)


@pytest.mark.parametrize(
    ("code", "value", "is_crossed"),
    [
        ("systemic-risk", "1e25", False),
        ("systemic-risk", "1.0000000000000000000000001e25", True),
        ("general-purpose", "1e23", False),
        ("general-purpose", "1.1e23", True),
        ("watch-systemic-risk", "7.7e24", True),
        ("watch-systemic-risk", "7.69e24", False),
        ("facility-energy-report", "500", True),
        ("facility-energy-report", "499.9", False),
        ("owner-beneficial", "0.25", True),
        ("owner-beneficial", "0.2499", False),
        ("owner-control", "0.5", False),
        ("owner-control", "0.500001", True),
        ("owner-listed-party", "0.5", True),
        ("modification-share", "0.3333333333333333333333", False),
        ("modification-share", "0.3333333333333333333334", True),
        ("modification-systemic-risk", "3.333e24", False),
        ("modification-systemic-risk", "3.334e24", True),
        ("cluster-network", "300", False),
        ("business-users", "10000", True),
    ],
)
def test_a_value_is_judged_exactly(code: str, value: str, is_crossed: bool) -> None:
    assert thresholds.crossed(Decimal(value), thresholds.threshold(code, on=TODAY)) is is_crossed


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.code}-{row.validity.starts_on}")
def test_a_row_says_why_in_three_languages(row: Threshold) -> None:
    assert len({row.sentence(language) for language in SPOKEN}) == 3
    assert row.legal_basis
    assert row.source
    assert row.value > 0
    assert row.applies_to


def test_no_two_rows_of_one_code_hold_on_the_same_day() -> None:
    for place, row in enumerate(ROWS):
        for other in ROWS[place + 1 :]:
            assert row.code != other.code or not row.validity.overlaps(other.validity)


@pytest.mark.parametrize(
    ("code", "on", "holds"),
    [
        ("systemic-risk", date(2025, 8, 1), False),
        ("systemic-risk", date(2025, 8, 2), True),
        ("us-executive-order", date(2025, 1, 19), True),
        ("us-executive-order", date(2025, 1, 20), False),
        ("us-new-york", date(2026, 12, 31), False),
        ("us-new-york", date(2027, 1, 1), True),
    ],
)
def test_a_row_holds_on_its_days_only(code: str, on: date, holds: bool) -> None:
    assert (code in {row.code for row in thresholds.in_force(on=on)}) is holds


def test_a_threshold_that_does_not_hold_cannot_be_asked_for() -> None:
    with pytest.raises(KeyError):
        thresholds.threshold("us-new-york", on=TODAY)


def test_the_applicable_rows_are_those_of_quantity_and_object_lowest_first() -> None:
    rows = thresholds.applicable(quantity=Quantity.OWNERSHIP_SHARE, applies_to="ownership", on=TODAY)
    assert [row.code for row in rows] == ["owner-beneficial", "owner-control"]


def test_the_only_duties_on_compute_are_those_of_the_ai_act() -> None:
    duties = {row.code for row in ROWS if row.effect is Effect.DUTY}
    assert duties == {
        "systemic-risk",
        "modification-share",
        "modification-systemic-risk",
        "modification-general-purpose",
    }


CHANGE_ON = date(2027, 3, 1)
OLD = thresholds.threshold("systemic-risk", on=TODAY)


def raised(value: str, operator: Operator = Operator.GREATER) -> Threshold:
    """The draft of a delegated act: the same row with another value from a day on."""
    return replace(
        OLD, value=Fraction(Decimal(value)), value_text=value, operator=operator, validity=Period(CHANGE_ON, None)
    )


def stored(reference: str, flop: str, quantity: Quantity = Quantity.CUMULATIVE_TRAINING_COMPUTE) -> StoredValue:
    return StoredValue(reference, quantity, Decimal(flop), "model")


STORED = (
    stored("below both", "9e24"),
    stored("between", "2e25"),
    stored("at the new limit", "1e26"),
    stored("above both", "2e26"),
    stored("another quantity", "2e25", Quantity.TRAINING_COMPUTE),
)


def test_a_preview_lists_the_values_that_change_side() -> None:
    changes = thresholds.preview(old=[OLD], new=[raised("1e26")], values=STORED)
    assert [(each.reference, each.was_crossed, each.is_crossed) for each in changes] == [
        ("between", True, False),
        ("at the new limit", True, False),
    ]
    assert (changes[0].old_limit, changes[0].new_limit) == ("1e25", "1e26")


def test_a_change_of_the_operator_alone_is_seen() -> None:
    changes = thresholds.preview(old=[raised("1e26")], new=[raised("1e26", Operator.AT_LEAST)], values=STORED)
    assert [each.reference for each in changes] == ["at the new limit"]


def test_a_row_that_appears_or_vanishes_changes_all_above_it() -> None:
    appears = thresholds.preview(old=[], new=[OLD], values=STORED)
    vanishes = thresholds.preview(old=[OLD], new=[], values=STORED)
    above = ["between", "at the new limit", "above both"]
    assert [each.reference for each in appears] == above
    assert [each.reference for each in vanishes] == above
    assert all(each.is_crossed and each.old_limit is None for each in appears)
    assert all(each.was_crossed and each.new_limit is None for each in vanishes)


def test_rows_of_several_days_cannot_be_previewed_at_once() -> None:
    with pytest.raises(ValueError):
        thresholds.preview(old=[OLD, raised("1e26")], new=[], values=STORED)


def test_a_delegated_act_ends_the_old_row_and_starts_the_new_one() -> None:
    ended = replace(OLD, validity=Period(OLD.validity.starts_on, CHANGE_ON))
    draft = (ended, raised("1e26"))
    before = thresholds.in_force(on=CHANGE_ON - timedelta(days=1), among=draft)
    after = thresholds.in_force(on=CHANGE_ON, among=draft)
    assert [row.value_text for row in (*before, *after)] == ["1e25", "1e26"]
    assert len(thresholds.preview(old=before, new=after, values=STORED)) == 2


amounts = st.integers(min_value=1, max_value=10**27).map(lambda flop: stored(str(flop), str(flop)))
limits = st.integers(min_value=1, max_value=10**27).map(lambda limit: raised(str(limit)))


@given(limits, limits, st.lists(amounts, max_size=20))
def test_what_a_preview_does_not_list_stays_on_its_side(
    old: Threshold, new: Threshold, values: list[StoredValue]
) -> None:
    listed = {each.reference for each in thresholds.preview(old=[old], new=[new], values=values)}
    for each in values:
        stays = thresholds.crossed(each.value, old) == thresholds.crossed(each.value, new)
        assert (each.reference not in listed) == stays


@pytest.mark.parametrize(
    ("line", "broken"),
    [
        ('value = "1e25"', 'value = "-1e25"'),
        ('operator = "gt"', 'operator = "lt"'),
        ('quantity = "cumulative_training_compute_flop"', 'quantity = "compute"'),
        ('applies_to = ["model"]', 'applies_to = "model"'),
        ("valid_from = 2025-08-02", 'valid_from = "soon"'),
    ],
)
def test_a_wrong_row_is_refused(line: str, broken: str) -> None:
    good = next(
        part for part in thresholds.DATA.read_text(encoding="utf-8").split("[[threshold]]") if '"systemic-risk"' in part
    )
    assert line in good
    with pytest.raises(ValueError):
        thresholds.read("[[threshold]]" + good.replace(line, broken))


def test_a_row_without_a_sentence_is_refused() -> None:
    good = thresholds.DATA.read_text(encoding="utf-8").split("[[threshold]]")[1]
    lines = [line for line in good.splitlines() if not line.startswith("de = ")]
    with pytest.raises(KeyError):
        thresholds.read("[[threshold]]\n" + "\n".join(lines))
