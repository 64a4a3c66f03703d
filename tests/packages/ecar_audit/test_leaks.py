"""Releases with one planted leak each: every one is found, told as what it is, to whom it is told."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from ecar_audit import Bundle, Dimension, Finding, Measure, Outcome, Parameters, Ratio, Truth, audit
from ecar_audit.findings import Kind, Knowledge, Subject
from ecar_audit.values import Unions

from tests.packages.ecar_audit.releases import COUNTRY, HOURS, SECTOR, Filed, crowd, release

LINE = Dimension("sector", ("T", "A", "B", "C"), {"T": (("A", "B", "C"),)})
RULES = Parameters()
HUGE = crowd("DE", "B", each=1000) + crowd("FR", "A", each=1000) + crowd("FR", "B", each=1000)
REST = crowd("DE", "C") + crowd("FR", "C") + crowd("ES", "A") + crowd("ES", "B") + crowd("ES", "C")
SQUARE = [("DE", "A"), ("DE", "B"), ("FR", "A"), ("FR", "B")]
ALONE: list[Filed] = [("H", ("DE", "A"), 1000)]


def found(released: tuple[Bundle, Truth], *earlier: tuple[Bundle, Truth], rules: Parameters = RULES) -> list[Finding]:
    """The findings of an audit that disclosed something."""
    report = audit(bundle=released[0], truth=released[1], parameters=rules, earlier=earlier)
    assert report.outcome is Outcome.DISCLOSURE
    return list(report.findings)


def is_clean(released: tuple[Bundle, Truth], *earlier: tuple[Bundle, Truth], rules: Parameters = RULES) -> bool:
    report = audit(bundle=released[0], truth=released[1], parameters=rules, earlier=earlier)
    return report.outcome is Outcome.CLEAN and not report.findings


def what(finding: Finding) -> tuple[str, Kind, Subject, tuple[str, ...]]:
    return "/".join(finding.codes.values()), finding.kind, finding.subject, finding.attackers


def test_a_protected_release_is_clean() -> None:
    assert is_clean(release([*ALONE, *HUGE, *REST], SQUARE))


@pytest.mark.parametrize("revealed", SQUARE)
def test_every_single_reveal_of_a_clean_pattern_is_caught(revealed: tuple[str, str]) -> None:
    findings = found(release([*ALONE, *HUGE, *REST], [each for each in SQUARE if each != revealed]))
    kind = Kind.PUBLISHED if revealed == ("DE", "A") else Kind.SUBTRACTION
    assert [what(each) for each in findings] == [("DE/A", kind, Subject.CELL, ())]


def test_exact_recovery_by_subtraction_is_found_with_its_steps() -> None:
    (finding,) = found(release([*ALONE, *HUGE, *REST], [("DE", "A")]))
    assert what(finding) == ("DE/A", Kind.SUBTRACTION, Subject.CELL, ())
    assert finding.interval == (1000, 1000)
    assert finding.steps[0] in {"DE/T = DE/A + DE/B + DE/C", "EU/A = DE/A + FR/A + ES/A"}


def test_a_chain_of_subtractions_is_found() -> None:
    hidden = [("DE", "A"), ("DE", "B"), ("FR", "B"), ("EU", "A")]
    (finding,) = found(release([*ALONE, *HUGE, *REST], hidden))
    assert what(finding) == ("DE/A", Kind.SUBTRACTION, Subject.CELL, ())
    assert len(finding.steps) > 1


def test_too_narrow_an_interval_is_found() -> None:
    small = crowd("DE", "B", each=4) + crowd("FR", "A", each=4) + crowd("FR", "B", each=1000)
    (finding,) = found(release([*ALONE, *small, *REST], SQUARE))
    assert what(finding) == ("DE/A", Kind.INTERVAL, Subject.CELL, ())
    assert finding.interval == (0, 1020)
    assert finding.needed == 100


def test_two_singletons_in_a_row_tell_each_other() -> None:
    filed = [("H1", ("A",), 100), ("H2", ("B",), 90), *crowd("C")]
    findings = found(release(filed, [("A",), ("B",)], [LINE]), rules=replace(RULES, unions=Unions.OFF))
    assert {what(each) for each in findings} == {
        ("A", Kind.EXACT, Subject.CELL, ("H2",)),
        ("B", Kind.EXACT, Subject.CELL, ("H1",)),
    }


def test_one_respondent_in_several_withheld_cells_is_found_as_an_insider() -> None:
    filed = [("H", ("A",), 100), ("K", ("A",), 5), ("K", ("B",), 300), *crowd("C")]
    findings = found(release(filed, [("A",), ("B",)], [LINE]), rules=replace(RULES, unions=Unions.OFF))
    assert ("A", Kind.EXACT, Subject.CELL, ("K",)) in map(what, findings)


def test_withheld_cells_of_one_respondent_that_a_total_tells_together_are_found() -> None:
    filed = [("H", ("A",), 100), ("H", ("B",), 70), *crowd("C")]
    (finding,) = found(release(filed, [("A",), ("B",)], [LINE]))
    assert what(finding) == ("A+B", Kind.SUBTRACTION, Subject.UNION, ())
    assert finding.true_value == 170
    assert is_clean(release(filed, [("A",), ("B",)], [LINE]), rules=replace(RULES, unions=Unions.OFF))


def test_a_union_that_one_respondent_dominates_is_found_where_it_is_asked_for() -> None:
    filed = [("H", ("A",), 1000), *crowd("B", each=5), *crowd("C")]
    filed += [("H", ("B",), 200)]
    protected = release(filed, [("A",), ("B",)], [LINE])
    assert is_clean(protected)
    (finding,) = found(protected, rules=replace(RULES, unions=Unions.ALL))
    assert what(finding) == ("A+B", Kind.SUBTRACTION, Subject.UNION, ())


def test_linked_tables_are_read_together() -> None:
    hardware = Dimension("hardware", ("all", "gpu", "cpu"), {"all": (("gpu", "cpu"),)})
    filed = [("H", ("DE", "gpu"), 1000), *crowd("FR", "gpu"), *crowd("FR", "cpu"), *crowd("ES", "gpu")]
    hidden = [("DE", "all"), ("FR", "all")]
    by_country = release(filed, hidden, [COUNTRY, hardware], tables={"one": ["country"]})
    assert is_clean(by_country)
    hidden += [("DE", "gpu"), ("DE", "cpu"), ("EU", "gpu"), ("EU", "cpu")]
    both = release(filed, hidden, [COUNTRY, hardware], tables={"one": ["country"], "two": ["country", "hardware"]})
    findings = found(both)
    assert ("DE/all", Kind.SUBTRACTION, Subject.CELL, ()) in map(what, findings)


def test_a_trivial_level_gives_its_child_away() -> None:
    tree = Dimension("sector", ("T", "N", "A", "C"), {"T": (("N", "C"),), "N": (("A",),)})
    findings = found(release([("H", ("A",), 100), *crowd("C")], [("A",), ("C",), ("T",)], [tree]))
    assert [what(each) for each in findings] == [
        ("A", Kind.SUBTRACTION, Subject.CELL, ()),
        ("N", Kind.PUBLISHED, Subject.CELL, ()),
    ]
    assert findings[0].steps == ("N = A",)


def test_sums_that_together_leave_one_solution_are_found() -> None:
    ways = {
        "T": (("G1", "z", "u"), ("G2", "x", "u"), ("G3", "y", "u")),
        "G1": (("x", "y"),),
        "G2": (("y", "z"),),
        "G3": (("x", "z"),),
    }
    odd = Dimension("sector", ("T", "G1", "G2", "G3", "x", "y", "z", "u"), ways)
    filed = [("H", ("x",), 100), *crowd("y"), *crowd("z"), *crowd("u")]
    hidden = [("T",), ("x",), ("y",), ("z",), ("u",)]
    (finding,) = found(release(filed, hidden, [odd]))
    assert what(finding) == ("x", Kind.EXACT, Subject.CELL, ())
    assert finding.steps == ()


def test_the_second_largest_is_found_as_an_insider() -> None:
    filed = [("H1", ("A",), 100), ("H2", ("A",), 90), ("H3", ("A",), 1), *crowd("B", each=1), *crowd("C")]
    findings = found(release(filed, [("A",), ("B",)], [LINE]))
    assert {what(each) for each in findings} == {
        ("A", Kind.INTERVAL, Subject.CELL, ("H1",)),
        ("A", Kind.INTERVAL, Subject.CELL, ("H2",)),
    }
    (of_second,) = (each for each in findings if each.attackers == ("H2",))
    assert (of_second.needed, of_second.interval) == (9, (90, 196))


def test_a_coalition_of_two_is_found_where_coalitions_are_asked_for() -> None:
    large: list[Filed] = [("H1", ("A",), 100), ("H2", ("A",), 90), ("H3", ("A",), 80), ("H4", ("A",), 5)]
    released = release([*large, *crowd("B", each=1)[:3], *crowd("C")], [("A",), ("B",)], [LINE])
    assert is_clean(released)
    (finding,) = found(released, rules=replace(RULES, coalition=2))
    assert (finding.kind, len(finding.attackers)) == (Kind.INTERVAL, 2)
    assert set(finding.attackers) < {"H1", "H2", "H3"}


def with_energy(filed: list[Filed], tenths: dict[str, int]) -> tuple[Bundle, Truth]:
    """Hours and energy: some holdings need other tenths of a unit an hour than the usual seven."""
    return release(
        filed,
        [("DE",), ("FR",)],
        [COUNTRY],
        measures=[HOURS, Measure("energy")],
        also=[("energy", (who, codes, amount * tenths.get(who, 7) // 10)) for who, codes, amount in filed],
        withheld_also=[("energy", ("DE",)), ("energy", ("EU",))],
    )


def test_a_ratio_that_everybody_knows_narrows_an_interval() -> None:
    filed = [("H", ("DE",), 1000), *crowd("FR", each=1000), *crowd("ES")]
    released = with_energy(filed, {})
    assert is_clean(released)
    known = Ratio("country", "FR", "energy", "hours", Fraction("0.69"), Fraction("0.71"))
    (finding,) = found(released, rules=replace(RULES, ratios=(known,)))
    assert what(finding) == ("DE", Kind.INTERVAL, Subject.CELL, ())
    assert finding.through == (Knowledge.RATIO,)
    low, high = finding.interval
    assert low is not None
    assert high is not None
    assert float(low) == pytest.approx(6000 - 3500 / 0.69, abs=1)
    assert float(high) == pytest.approx(6000 - 3500 / 0.71, abs=1)


def test_an_insider_takes_its_own_part_out_of_a_ratio() -> None:
    filed = [("H", ("DE",), 1000), ("K", ("FR",), 4000), *crowd("FR", each=200), *crowd("ES")]
    released = with_energy(filed, {"K": 10})
    known = Ratio("country", "FR", "energy", "hours", Fraction("0.65"), Fraction(1))
    findings = found(released, rules=replace(RULES, ratios=(known,)))
    assert all(each.attackers == ("K",) for each in findings)


def test_rounded_values_narrow_an_interval() -> None:
    runs = Measure("runs", rounded_to=5)
    released = release(
        [("H", ("DE",), 80), *crowd("FR", each=4), *crowd("ES", each=4)], [("DE",)], [COUNTRY], measures=[runs]
    )
    (finding,) = found(released)
    assert what(finding) == ("DE", Kind.INTERVAL, Subject.CELL, ())
    assert finding.through == (Knowledge.ROUNDING,)
    assert finding.interval == (74, 86)


def test_rounding_that_is_wide_enough_protects() -> None:
    runs = Measure("runs", rounded_to=20)
    assert is_clean(
        release([("H", ("DE",), 60), *crowd("FR", each=8), *crowd("ES", each=8)], [("DE",)], [COUNTRY], measures=[runs])
    )


def test_a_count_that_is_shown_for_a_sensitive_cell_is_found() -> None:
    providers = Measure("providers", is_additive=False)
    bundle, truth = release([*ALONE, *HUGE, *REST], SQUARE, measures=[HOURS, providers])
    (finding,) = found((bundle, truth))
    assert (finding.subject, finding.measure, finding.codes["sector"]) == (Subject.COUNT, "providers", "A")
    assert finding.true_value == Decimal(0)


def test_a_figure_that_no_table_lists_but_all_can_work_out_is_found() -> None:
    bundle, truth = release([("H", ("A",), 100), *crowd("B"), *crowd("C")], [], [LINE])
    (table,) = bundle.tables
    listed = {at: value for at, value in table.values.items() if at[0] != ("A",)}
    (finding,) = found((replace(bundle, tables=(replace(table, values=listed),)), truth))
    assert what(finding) == ("A", Kind.SUBTRACTION, Subject.CELL, ())
    assert finding.table == ""


def test_a_waiver_lifts_the_protection_of_the_holding_alone() -> None:
    bundle, truth = release([*ALONE, *HUGE, *REST], [])
    told = tuple(each._replace(has_waiver=each.holding == "H") for each in truth.contributions)
    assert is_clean((bundle, replace(truth, contributions=told)))
    assert not is_clean((bundle, truth))


def test_three_providers_of_one_holding_are_one() -> None:
    filed = [("H", ("DE", "A"), 400), ("H", ("DE", "A"), 300), ("H", ("DE", "A"), 300)]
    (finding,) = found(release([*filed, *HUGE, *REST], []))
    assert (finding.holdings, finding.kind) == (1, Kind.PUBLISHED)


def test_sector_is_a_dimension_as_any() -> None:
    assert is_clean(release([*ALONE, *HUGE, *REST], SQUARE, [COUNTRY, SECTOR]))
