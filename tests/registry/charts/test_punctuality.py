"""The strip of duties: a mark each, told apart by form."""

import pytest

from registry.charts import punctuality
from registry.charts.punctuality import MOST_MARKS, STATES, Mark
from tests.registry.portal.test_charts import NASTY, marks, parsed


def strip(given_marks: list[Mark]) -> str:
    """The drawing."""
    return punctuality.strip(uid="p", title="Duties", finding="As found.", marks=given_marks, first=NASTY, last="now")


@pytest.mark.parametrize("many", [0, 1, 41, MOST_MARKS])
def test_every_duty_has_a_mark(many: int) -> None:
    drawing = strip([Mark("in-time", "a duty")] * many)

    assert len(marks(drawing, "duty")) == many


def test_each_state_has_a_form_of_its_own() -> None:
    drawn = [
        [(part.tag, part.get("class")) for part in strip_mark[1:]]
        for strip_mark in marks(strip([Mark(state, state) for state in STATES]), "duty")
    ]

    in_time, late, overdue, is_open = drawn
    assert [len(each) for each in (in_time, late, overdue, is_open)] == [1, 2, 2, 1]
    assert len({str(each) for each in drawn}) == 4


def test_many_duties_become_columns_whose_parts_add_up() -> None:
    given_marks = [Mark(STATES[i % 4], str(i)) for i in range(10_000)]

    drawing = strip(given_marks)

    boxes = [each for each in parsed(drawing).iter() if each.get("class", "").startswith("due ")]
    assert len(boxes) < 4 * 200
    by_column: dict[str, float] = {}
    for box in boxes:
        place = box.get("x", "")
        by_column[place] = by_column.get(place, 0) + float(box.get("height", ""))
    assert all(abs(height - 74) < 0.3 for height in by_column.values())


def test_words_are_escaped() -> None:
    drawing = strip([Mark("late", NASTY)])

    assert marks(drawing, "duty")[0][0].text == NASTY
    assert marks(drawing, "tick")[0].text == NASTY
