"""Each rule with a snapshot that triggers it and one that just does not, and its texts in three languages."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.languages import SPOKEN
from registry.screening import rulebook, rules
from registry.screening.rules import Hit
from registry.screening.shapes import FilingSnapshot, Snapshot
from tests.registry.screening.rule_cases import customer, facility, filing, group, usage
from tests.registry.screening.rule_cases.filing import ABOVE, DUE_AT, LINE, D

TABLES = (filing, customer, group, facility, usage)
TRIGGERS: list[tuple[str, str, Snapshot]] = [row for table in TABLES for row in table.TRIGGERS]
NEAR_MISSES: list[tuple[str, Snapshot]] = [row for table in TABLES for row in table.NEAR_MISSES]


def _cases(code: str, snapshot: Snapshot) -> str:
    hit = rules.apply(code, snapshot)
    return "" if hit is None else " ".join(hit.cases)


@pytest.mark.parametrize(("code", "case", "snapshot"), TRIGGERS)
def test_a_rule_hits_what_it_is_for(code: str, case: str, snapshot: Snapshot) -> None:
    assert _cases(code, snapshot) == case
    assert code in {hit.rule for hit in rules.screen(snapshot)}


@pytest.mark.parametrize(("code", "snapshot"), NEAR_MISSES)
def test_a_rule_lets_the_exact_bound_pass(code: str, snapshot: Snapshot) -> None:
    assert rules.apply(code, snapshot) is None
    assert code not in {hit.rule for hit in rules.screen(snapshot)}


def test_every_case_of_every_rule_is_triggered_somewhere() -> None:
    tried = {(code, case) for code, cases, _ in TRIGGERS for case in cases.split()}
    assert tried == {(rule.code, case) for rule in rulebook.rules_in_force() for case in rule.sentences}
    assert {code for code, _ in NEAR_MISSES} == {rule.code for rule in rulebook.rules_in_force()}


@pytest.mark.parametrize("language", SPOKEN)
@pytest.mark.parametrize(("code", "case", "snapshot"), TRIGGERS)
def test_a_hit_reads_as_a_sentence_in_each_language(code: str, case: str, snapshot: Snapshot, language: str) -> None:
    hit = rules.apply(code, snapshot)
    assert hit is not None
    sentence = rules.render(hit, language)
    assert sentence.endswith((".", "?"))
    assert not re.search(r"[{}]|None|[0-9]e[0-9]", sentence)


def test_the_three_languages_say_different_things_about_the_same_inputs() -> None:
    for rule in rulebook.rules_in_force():
        assert set(rule.names) == set(SPOKEN)
        assert len(set(rule.names.values())) == 3
        for texts in rule.sentences.values():
            assert set(texts) == set(SPOKEN)
            assert len(set(texts.values())) == 3
            assert len({frozenset(re.findall(r"{(\w+)}", text)) for text in texts.values()}) == 1


def test_every_rule_names_its_source_its_formula_and_a_code_of_the_list() -> None:
    in_force = rulebook.rules_in_force()
    assert [rule.code for rule in in_force] == sorted({rule.code for rule in in_force})
    for rule in in_force:
        assert re.fullmatch(r"R-(0[1-9]|1[0-9]|2[0-6])", rule.code)
        assert rule.source
        assert rule.formula
        assert len(rule.version) <= 8
    assert len(rulebook.RULE_SET) <= 16


def test_numbers_are_written_for_the_reader() -> None:
    snapshot = FilingSnapshot(
        reported_flop=D("2.3e25"), notified_at=DUE_AT + timedelta(days=1), notification_due_at=DUE_AT
    )
    hit = rules.apply("R-01", snapshot)
    assert hit is not None
    assert hit.inputs == {
        "cases": "late",
        "estimate_flop": "2.3e25",
        "threshold_flop": "1e25",
        "due_on": "2026-03-16",
        "notified_on": "2026-03-17",
    }
    assert "2.3 × 10²⁵ FLOP, above 1 × 10²⁵" in rules.render(hit, "en")
    assert "2,3 × 10²⁵ FLOP, au-dessus de 1 × 10²⁵" in rules.render(hit, "fr")
    assert "am 2026-03-17 mitgeteilt, fällig war es am 2026-03-16" in rules.render(hit, "de")


def test_a_long_estimate_is_kept_whole_and_shown_short() -> None:
    hit = rules.apply("R-01", FilingSnapshot(hardware_flop=D("12345678912345678912345678.125")))
    assert hit is not None
    assert hit.inputs["estimate_flop"] == "1.2345678912345678912345678125e25"
    assert "1.23457 × 10²⁵" in rules.render(hit, "en")


def test_the_day_of_notification_is_the_day_in_brussels() -> None:
    late = datetime(2026, 3, 16, 23, 30, tzinfo=UTC)  # 00:30 on the 17th in Brussels
    hit = rules.apply("R-01", replace(ABOVE, notified_at=late))
    assert hit is not None
    assert hit.inputs["notified_on"] == "2026-03-17"


def test_one_hit_names_every_line_it_concerns() -> None:
    lines = (
        replace(LINE, number=1, utilisation=D("0.9")),
        LINE,
        replace(LINE, number=3, utilisation=D("0.6600")),
        replace(LINE, number=4, utilisation=D("0.97"), utilisation_kind="occupancy"),
    )
    hit = rules.apply("R-04", FilingSnapshot(hardware=lines))
    assert hit is not None
    assert hit.inputs["cases"] == "range occupancy"
    assert hit.inputs["range_lines"] == "1: 0.9; 3: 0.66"
    assert "1: 0,9; 3: 0,66" in rules.render(hit, "de")
    assert "4: 0.97" in rules.render(hit, "en")


def test_a_reference_that_differs_is_shown_beside_what_was_stated() -> None:
    hit = rules.apply("R-05", FilingSnapshot(hardware=(LINE, replace(LINE, number=2, peak_flop_per_s=D("1978.9e12")))))
    assert hit is not None
    assert "2: 1.9789 × 10¹⁵, 9.894 × 10¹⁴" in rules.render(hit, "en")


def test_a_finding_of_a_version_that_never_was_is_not_rendered() -> None:
    with pytest.raises(KeyError):
        rules.render(Hit(rule="R-01", inputs={"cases": "missing"}, version="0"))
    with pytest.raises(KeyError):
        rules.render(Hit(rule="R-01", inputs={"cases": "missing"}, version="1"), "it")


def test_a_blameless_filing_has_no_hits() -> None:
    agreed = D("3.1e24")
    snapshot = FilingSnapshot(reported_flop=agreed, hardware_flop=agreed, architecture_flop=agreed, hardware=(LINE,))
    assert rules.screen(snapshot) == ()


amounts = st.none() | st.decimals(min_value="1e18", max_value="1e30", allow_nan=False, places=2)


@given(reported=amounts, hardware=amounts, architecture=amounts, cumulative=st.lists(amounts.filter(bool), max_size=2))
def test_above_the_threshold_or_in_the_band_but_never_both(
    reported: Decimal | None, hardware: Decimal | None, architecture: Decimal | None, cumulative: list[Decimal]
) -> None:
    snapshot = FilingSnapshot(
        reported_flop=reported,
        hardware_flop=hardware,
        architecture_flop=architecture,
        cumulative_flop=tuple(cumulative),
    )
    hits = {hit.rule for hit in rules.screen(snapshot)}
    assert not {"R-01", "R-02"} <= hits
    stated = [amount for amount in (reported, hardware, architecture, *cumulative) if amount is not None]
    assert ("R-01" in hits) == any(amount > D("1e25") for amount in stated)
    for hit in rules.screen(snapshot):
        assert all(isinstance(value, str) for value in hit.inputs.values())
        assert all(rules.render(hit, language) for language in SPOKEN)
