"""The precision of a rule: confirmed among what was decided."""

from collections import Counter
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from registry.screening.precision import Judged, Outcome, precisions

outcomes = st.lists(st.sampled_from([*Outcome, None]))


def test_what_nobody_decided_counts_neither_for_nor_against() -> None:
    judged = [Judged("R-06", "1", outcome) for outcome in (*[Outcome.CONFIRMED] * 2, Outcome.DISMISSED, None)]
    (found,) = precisions([*judged])
    assert (found.confirmed, found.dismissed, found.waiting, found.decided) == (2, 1, 1, 3)
    assert found.share == Decimal("0.667")


def test_a_rule_of_which_nothing_is_decided_has_no_precision() -> None:
    (found,) = precisions([Judged("R-06", "1", None)])
    assert found.share is None


def test_versions_of_a_rule_are_told_apart() -> None:
    old, new = precisions([Judged("R-06", "2", Outcome.CONFIRMED), Judged("R-06", "1", Outcome.EXPLAINED)])
    assert (old.version, old.share, new.version, new.share) == ("1", Decimal(0), "2", Decimal(1))


@given(outcomes)
def test_every_finding_is_counted_once(found: list[Outcome | None]) -> None:
    told = precisions(Judged("R-01", "1", outcome) for outcome in found)
    counted = Counter(found)
    for each in told:
        assert each.decided + each.waiting == len(found)
        assert each.share is None or 0 <= each.share <= 1
        assert (each.share == 1) == (each.decided > 0 and each.decided == counted[Outcome.CONFIRMED])
