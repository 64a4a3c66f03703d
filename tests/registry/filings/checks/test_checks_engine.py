"""The engine: valid documents pass, answers are ordered, warnings want their acknowledgement."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.filings import document
from registry.filings.checks import engine
from registry.filings.checks.catalogue import catalogue, every_check, reasons
from registry.filings.checks.engine import RULE_SET, Acknowledgement, Answer, unacknowledged
from registry.filings.checks.subject import FUNCTIONS
from registry.languages import SPOKEN
from tests.registry.filings.checks.cases.case import BASES, answers, content, context_of, read

WARNING = Answer("planned-start-has-passed", "warning", "/run/planned_start_on", {})
NOTE = Answer("ownership-change-late", "note", "/beneficial_ownership/changed_on", {})


@pytest.mark.parametrize("base", sorted(BASES))
def test_a_valid_document_gets_neither_error_nor_warning(base: str) -> None:
    assert [each for each in answers(base) if each.severity != "note"] == []


def test_every_check_of_the_catalogue_has_a_function_and_the_other_way_round() -> None:
    assert set(every_check()) == set(FUNCTIONS)


@pytest.mark.parametrize("code", sorted(every_check()))
def test_a_check_is_complete_in_every_language(code: str) -> None:
    check = every_check()[code]
    assert len(code) <= 32
    assert set(check.texts) == set(SPOKEN)
    assert len({text.placeholders for text in check.texts.values()}) == 1
    for text in check.texts.values():
        assert text.sentence.endswith(".")
        assert text.remedy.endswith(".")
    assert len({text.sentence for text in check.texts.values()}) == len(SPOKEN)
    assert check.source.strip()
    assert check.valid_until is None or check.valid_from < check.valid_until


def test_no_check_holds_before_it_is_valid() -> None:
    assert catalogue(date(2025, 8, 1)) == ()
    assert {each.code for each in catalogue(date(2026, 11, 20))} <= set(every_check())


def test_the_rule_set_fits_its_column() -> None:
    assert 0 < len(RULE_SET) <= 16


def test_all_obstacles_are_told_at_once_errors_first() -> None:
    changes = {
        "run__planned_start_on": "2026-11-02",
        "filer__incorporated_on": "2026-12-01",
        "signature__signed_at": "2026-12-01T00:00:00Z",
    }
    found = answers("planned", changes)
    assert {"planned-start-has-passed", "incorporated-in-the-future", "signed-in-the-future"} <= {
        each.code for each in found
    }
    severities = [engine.SEVERITIES.index(each.severity) for each in found]
    assert severities == sorted(severities)


def test_places_in_lists_are_ordered_as_numbers() -> None:
    statement = {"statement": "no_russian_customer", "is_affirmed": True, "signed_by": "Claire Vasseur"}
    late = [statement | {"signed_on": "2026-11-21"} for _ in range(11)]
    found = [each.pointer for each in answers("planned", {"attestations": late}) if each.code.endswith("in-the-future")]
    assert found == [f"/attestations/{number}/signed_on" for number in range(11)]


def _shuffled(value: Any, order: Any) -> Any:
    if isinstance(value, dict):
        names = list(value)
        order.shuffle(names)
        return {name: _shuffled(value[name], order) for name in names}
    return [_shuffled(each, order) for each in value] if isinstance(value, list) else value


@given(order=st.randoms(use_true_random=False), base=st.sampled_from(sorted(BASES)))
def test_answers_do_not_depend_on_the_order_of_members(order: Any, base: str) -> None:
    changes = {"filer__incorporated_on": "2030-01-01", "run__hardware__0__count": 1}
    usual = read(base, changes)
    shuffled = document.read(_shuffled(content(base, changes), order))
    context = context_of(base, usual)
    assert engine.answer(shuffled, context) == engine.answer(usual, context)


def _places(value: Any, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """Every optional place of a document that may be emptied or taken away."""
    found = [path] if path else []
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, inner in members:
        found += _places(inner, (*path, str(name)))
    return found


def _without(base: str, taken: list[tuple[str, ...]]) -> dict[str, Any]:
    """The document without the given members; list items that are objects become empty objects."""
    copy = content(base)
    for path in taken:
        above: Any = copy
        for step in path[:-1]:
            above = above.get(step) if isinstance(above, dict) else above[int(step)] if above else None
        if isinstance(above, dict):
            above.pop(path[-1], None)
        elif isinstance(above, list) and isinstance(above[int(path[-1])], dict):
            above[int(path[-1])] = {}
    return copy


REQUIRED = {("stage",), ("filer",), ("run",), ("filer", "role"), ("filer", "legal_name"), ("filer", "seat_country")}
REQUIRED |= {("run", "client_run_id"), ("run", "stage")}


@settings(deadline=None)
@given(data=st.data(), base=st.sampled_from(sorted(BASES)))
def test_a_document_with_holes_gets_answers_and_no_exception(data: st.DataObject, base: str) -> None:
    places = [path for path in _places(content(base)) if path not in REQUIRED]
    taken = data.draw(st.lists(st.sampled_from(places), max_size=12, unique=True))
    filed = document.read(_without(base, taken))
    found = engine.answer(filed, context_of(base, filed))
    for each in found:
        assert each.pointer == "" or document.element_at(each.pointer) is not None
        assert len(each.pointer) <= 200
        for language in SPOKEN:
            sentence, remedy = engine.render(each, language)
            assert "{" not in sentence + remedy


def test_stored_answers_read_like_fresh_ones() -> None:
    fresh = answers("planned", {"filer__incorporated_on": "2030-01-01"})[0]
    kept = engine.stored(fresh.code, fresh.severity, fresh.pointer, dict(fresh.inputs))
    assert engine.render(kept, "fr") == engine.render(fresh, "fr")
    with pytest.raises(ValueError, match="severity"):
        engine.stored(fresh.code, "grave", fresh.pointer, {})


def test_a_withdrawal_is_judged_by_what_concerns_withdrawals_alone() -> None:
    found = answers("planned", {"filer__incorporated_on": "2030-01-01"}, {"kind": "withdrawal"})
    assert "incorporated-in-the-future" not in {each.code for each in found}


@pytest.mark.parametrize(
    ("acknowledgement", "is_enough"),
    [
        (Acknowledgement(WARNING.code, WARNING.pointer, "forecast", "The start moved by two days."), True),
        (Acknowledgement(WARNING.code, WARNING.pointer, "forecast", "ok"), False),
        (Acknowledgement(WARNING.code, WARNING.pointer, "because", "The start moved by two days."), False),
        (Acknowledgement(WARNING.code, "/run", "forecast", "The start moved by two days."), False),
        (Acknowledgement("run-unusually-long", WARNING.pointer, "forecast", "The start moved by two days."), False),
    ],
)
def test_a_warning_is_covered_by_its_own_complete_acknowledgement(
    acknowledgement: Acknowledgement, is_enough: bool
) -> None:
    assert unacknowledged([NOTE, WARNING], [acknowledgement]) == (() if is_enough else (WARNING,))


def test_the_reasons_are_named_in_every_language() -> None:
    assert all(set(each.names) == set(SPOKEN) for each in reasons().values())
    assert "other" in reasons()
