"""Several releases and vintages together: what none tells by itself, their differences may."""

from dataclasses import replace

import pytest
from ecar_audit import BadInput, Bundle, Dimension, Outcome, Parameters, Truth, audit
from ecar_audit.findings import Kind, Knowledge, Subject
from ecar_audit.values import Unions

from tests.packages.ecar_audit.releases import COUNTRY, Filed, crowd, release
from tests.packages.ecar_audit.test_leaks import ALONE, HUGE, REST, SQUARE, found, is_clean, what

QUARTER = Dimension("quarter", ("2026", "Q1", "Q2"), {"2026": (("Q1", "Q2"),)})
ONE = Dimension("quarter", ("Q1",))
FIRST = [("H", ("DE", "Q1"), 1000), *crowd("FR", "Q1", each=900), *crowd("ES", "Q1")]
SECOND = [*crowd("DE", "Q2"), *crowd("FR", "Q2"), *crowd("ES", "Q2")]
RULES = Parameters()


def first_quarter() -> tuple[Bundle, Truth]:
    return release(FIRST, [("DE", "Q1"), ("FR", "Q1")], [COUNTRY, ONE], place="first")


def test_a_total_over_periods_less_the_other_periods_is_found() -> None:
    earlier = first_quarter()
    assert is_clean(earlier)
    year = release([*FIRST, *SECOND], [("DE", "Q1"), ("FR", "Q1")], [COUNTRY, QUARTER], place="second")
    (finding,) = found(year, earlier)
    assert what(finding) == ("DE/Q1", Kind.SUBTRACTION, Subject.CELL, ())
    assert finding.steps[0] == "DE/2026 = DE/Q1 + DE/Q2"


def test_a_total_that_is_clean_by_itself_is_found_beside_an_earlier_release() -> None:
    """The later release shows the year and the second quarter only; the first quarter was withheld before."""
    shown = {"year": ["country"]}
    year = release([*FIRST, *SECOND], [], [COUNTRY, QUARTER], place="year", tables=shown)
    only = Dimension("quarter", ("Q2",))
    second = release(SECOND, [], [COUNTRY, only], place="second")
    assert is_clean(year)
    assert is_clean(second)
    (finding,) = found(year, first_quarter(), second)
    assert (finding.codes["country"], finding.codes["quarter"]) == ("DE", "Q1")
    assert (finding.kind, finding.release, finding.through) == (Kind.SUBTRACTION, "first", (Knowledge.EARLIER,))


def test_periods_that_only_the_heads_of_tables_tell_are_added_up() -> None:
    def of(filed: list[Filed], time: str, hidden: list[tuple[str]]) -> tuple[Bundle, Truth]:
        return release(filed, hidden, [COUNTRY], place=time, time=time)

    first: list[Filed] = [("H", ("DE",), 1000), *crowd("FR", each=900), *crowd("ES")]
    second = [*crowd("DE"), *crowd("FR"), *crowd("ES")]
    earlier = [of(first, "2026-Q1", [("DE",), ("FR",)]), of(second, "2026-Q2", [])]
    half = of([*first, *second], "2026-S1", [])
    (finding,) = found(half, *earlier)
    assert finding.codes == {"country": "DE", "time": "2026-Q1"}
    assert finding.through == (Knowledge.EARLIER,)
    assert is_clean(of(second, "2026-Q3", []), *earlier)


def amended(amounts: dict[str, int]) -> tuple[Bundle, Truth]:
    filed = [(who, codes, amount + amounts.get(who, 0)) for who, codes, amount in [*HUGE, *REST, *crowd("DE", "A")]]
    return release(filed, [], place="second")


ORIGINAL = release([*HUGE, *REST, *crowd("DE", "A")], [], place="first")


def test_a_change_of_two_holdings_is_found() -> None:
    findings = found(amended({"DE/A-0": 50, "DE/A-1": -40}), ORIGINAL)
    assert {what(each)[0] for each in findings} == {"DE/A", "DE/T", "EU/A", "EU/T"}
    assert {each.subject for each in findings} == {Subject.CHANGE}
    assert {each.through for each in findings} == {(Knowledge.EARLIER,)}
    assert findings[0].true_value == 10


def test_a_change_of_many_holdings_may_be_told() -> None:
    assert is_clean(amended({f"DE/A-{number}": 50 for number in range(5)}), ORIGINAL)


def test_a_late_filer_is_found_in_every_figure_that_it_moves() -> None:
    late = release([*HUGE, *REST, *crowd("DE", "A"), ("L", ("DE", "A"), 37)], [], place="second")
    assert is_clean(late)
    findings = found(late, ORIGINAL)
    assert {what(each)[0] for each in findings} == {"DE/A", "DE/T", "EU/A", "EU/T"}
    assert all(
        (each.subject, each.kind, each.holdings) == (Subject.LATE_FILER, Kind.SUBTRACTION, 1) for each in findings
    )
    assert {each.true_value for each in findings} == {37}


def test_a_late_filer_in_a_withheld_cell_is_found_by_the_totals() -> None:
    earlier = release([*ALONE, *HUGE, *REST], SQUARE, place="first")
    late = release([*ALONE, ("L", ("DE", "A"), 37), *HUGE, *REST], SQUARE, place="second")
    findings = found(late, earlier)
    late_ones = {what(each)[0] for each in findings if each.subject is Subject.LATE_FILER}
    assert late_ones == {"DE/A", "DE/T", "EU/A", "EU/T"}
    # Who was alone in the cell before knows it whole now.
    (rest,) = (each for each in findings if each.subject is not Subject.LATE_FILER)
    assert what(rest) == ("DE/A", Kind.EXACT, Subject.CELL, ("H",))


def test_a_late_filer_is_hidden_where_all_that_it_moves_is_withheld() -> None:
    hidden = [("DE", "A"), ("DE", "T"), ("EU", "A"), ("EU", "T"), ("FR", "A"), ("DE", "B"), ("FR", "T"), ("EU", "B")]
    earlier = release([*HUGE, *REST, *crowd("DE", "A")], [], place="first")
    late = release([*HUGE, *REST, *crowd("DE", "A"), ("L", ("DE", "A"), 37)], hidden, place="second")
    report = audit(bundle=late[0], truth=late[1], parameters=RULES, earlier=[earlier])
    # All else is known to be what it was; nothing tells the new totals, so that there is no end to what was filed.
    assert report.outcome is Outcome.CLEAN


def test_a_cell_that_is_withheld_first_and_shown_later_is_found() -> None:
    earlier = release([*ALONE, *HUGE, *REST], SQUARE, place="first")
    other = [("FR", "A"), ("FR", "B"), ("DE", "B")]
    later = release([*crowd("DE", "A", each=5), *HUGE, *REST], other, place="second")
    assert audit(bundle=later[0], truth=later[1], parameters=RULES).outcome is Outcome.CLEAN
    shown = release([*ALONE, *HUGE, *REST], [("DE", "A"), ("DE", "C"), ("FR", "A"), ("FR", "C")], place="second")
    findings = found(shown, earlier)
    assert ("DE/A", Kind.SUBTRACTION, Subject.CELL, ()) in map(what, findings)
    assert {each.through for each in findings} == {(Knowledge.EARLIER,)}


def test_the_same_release_twice_tells_nothing_new() -> None:
    earlier = release([*ALONE, *HUGE, *REST], SQUARE, place="first")
    assert is_clean(release([*ALONE, *HUGE, *REST], SQUARE, place="second"), earlier)


def test_a_bundle_that_is_given_twice_is_refused() -> None:
    earlier = release([*ALONE, *HUGE, *REST], SQUARE)
    with pytest.raises(BadInput, match="given twice"):
        audit(bundle=earlier[0], truth=earlier[1], parameters=RULES, earlier=[earlier])


def test_another_hierarchy_over_the_same_leaves_is_read_together_with_the_first() -> None:
    flat = Dimension("sector", ("T", "A", "B", "C"), {"T": (("A", "B", "C"),)})
    pairs = Dimension("sector", ("T", "P", "A", "B", "C"), {"T": (("P", "C"),), "P": (("A", "B"),)})
    filed: list[Filed] = [("H", ("A",), 100), *crowd("B"), *crowd("C")]
    earlier = release(filed, [("A",), ("C",)], [flat], place="first")
    later = release(filed, [("A",), ("B",)], [pairs], place="second")
    rules = replace(RULES, unions=Unions.OFF)
    assert is_clean(earlier, rules=rules)
    assert is_clean(later, rules=rules)
    findings = found(later, earlier, rules=rules)
    assert ("A", Kind.SUBTRACTION, Subject.CELL, ()) in map(what, findings)
