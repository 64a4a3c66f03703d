"""From a filing document to what the rules look at."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from registry.filings import document
from registry.screening import rules, snapshot
from registry.screening.shapes import FilingSnapshot
from registry.screening.snapshot import Submitted
from tests import documents

RECEIVED = datetime(2026, 11, 20, 12, tzinfo=UTC)
DUE_AT = datetime(2026, 11, 30, 23, 59, tzinfo=UTC)


def _submitted(at: datetime = RECEIVED, **changes: Any) -> Submitted:
    return Submitted(document.read(documents.changed(documents.planned_run(), **changes)), at)


def _taken(*versions: Submitted) -> FilingSnapshot:
    return snapshot.take(versions, notification_due_at=DUE_AT)


def _codes(*versions: Submitted) -> list[str]:
    return [hit.rule for hit in rules.screen(_taken(*versions))]


def test_a_consistent_plan_above_the_threshold_has_no_hits() -> None:
    taken = _taken(_submitted())
    assert taken.reported_flop == Decimal("2.3e25")
    assert taken.hardware_flop == Decimal(8192) * 7_084_800 * Decimal("989.4e12") * Decimal("0.40")
    assert taken.architecture_flop == 6 * Decimal("4.05e11") * Decimal("9.45e12")
    assert taken.hardware[0].reference_peak_flop_per_s == Decimal("989.4e12")
    assert taken.known_on == date(2026, 11, 16)
    assert taken.crossed_on["systemic-risk"] > date(2027, 1, 11)
    assert taken.notified_at == RECEIVED
    assert rules.screen(taken) == ()


def test_a_plan_that_states_less_than_its_figures_give_was_never_notified() -> None:
    stated_low = {
        "run__training_compute__training_compute_flop": "9.0e24",
        "run__training_compute__cumulative_training_compute_flop": "9.0e24",
    }
    assert _taken(_submitted(**stated_low)).notified_at is None
    assert _codes(_submitted(**stated_low)) == ["R-01", "R-03"]
    corrected = _submitted(at=RECEIVED + timedelta(days=3))
    assert _codes(_submitted(**stated_low), corrected) == []
    assert _taken(_submitted(**stated_low), corrected).notified_at == corrected.at


def test_what_was_said_first_counts_not_what_was_said_last() -> None:
    assert _taken(_submitted(), _submitted(at=DUE_AT + timedelta(days=9))).notified_at == RECEIVED


def test_a_cumulative_figure_above_the_threshold_notifies_too() -> None:
    taken = _taken(_submitted(run__training_compute__training_compute_flop="9.0e24"))
    assert taken.notified_at == RECEIVED


def test_a_notification_after_the_last_day_is_late() -> None:
    late = _submitted(at=DUE_AT + timedelta(seconds=1))
    hit = rules.apply("R-01", _taken(late))
    assert hit is not None
    assert hit.inputs["cases"] == "late"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"run__hardware__0__utilisation": "0.97", "run__hardware__0__utilisation_kind": "occupancy"}, "R-04"),
        ({"run__hardware__0__peak_flop_per_s": "1978900000000000"}, "R-05"),
        ({"run__hardware__0__is_dense": False}, "R-05"),
        ({"run__architecture__tokens": "4.0e12"}, "R-03"),
        ({"run__hardware__0__count": 2048}, "R-03"),
    ],
)
def test_a_changed_figure_is_flagged_by_its_rule(changes: dict[str, Any], expected: str) -> None:
    assert expected in _codes(_submitted(**changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"run__hardware__0__accelerator": "nobodys-chip"},
        {"run__hardware__0__precision": "tf32"},
        {"run__hardware__0__precision": "fp4"},
        {"run__hardware__0__accelerator": documents.REMOVED},
    ],
)
def test_what_the_catalogue_does_not_know_has_no_reference(changes: dict[str, Any]) -> None:
    assert _taken(_submitted(**changes)).hardware[0].reference_peak_flop_per_s is None


def test_a_filing_that_says_almost_nothing_can_be_screened() -> None:
    bare = _submitted(
        run__training_compute=documents.REMOVED, run__hardware=documents.REMOVED, run__architecture=documents.REMOVED
    )
    taken = snapshot.take([bare], notification_due_at=None)
    assert taken.estimate_flop is None
    assert rules.screen(taken) == ()


def test_a_fine_tune_far_below_every_threshold_has_no_hits() -> None:
    content = document.read(documents.fine_tune())
    assert rules.screen(snapshot.take([Submitted(content, RECEIVED)], notification_due_at=None)) == ()


def test_a_filing_without_a_version_cannot_be_screened() -> None:
    with pytest.raises(ValueError, match="without a version"):
        snapshot.take([], notification_due_at=None)


BASE = {"name": "Heron", "version": "2", "provider": "Heron Labs", "is_public": False, "is_systemic_risk": False}


def test_a_base_that_is_not_public_counts_where_its_compute_is_stated() -> None:
    assert _taken(_submitted(run__base_model=BASE)).base_model == "Heron 2"
    assert "R-08" in _codes(_submitted(run__base_model=BASE))
    stated = BASE | {"training_compute_flop": "1e24"}
    assert "R-08" not in _codes(_submitted(run__base_model=stated))


def test_a_modification_just_below_a_third_is_flagged() -> None:
    near = BASE | {"training_compute_flop": "9e24", "modification_compute_flop": "2.9e24"}
    taken = _taken(_submitted(run__stage="fine_tuning", run__base_model=near))
    assert taken.modification_limit_flop == Decimal("3e24")
    assert "R-07" in [hit.rule for hit in rules.screen(taken)]


def test_data_on_disks_are_added_up_in_gigabytes() -> None:
    moved = {
        "from_country": "CN",
        "to_country": "FR",
        "medium": "physical_media",
        "volume_tb": "4.8",
        "on": "2026-11-01",
    }
    taken = _taken(_submitted(data__transfers=[moved, moved, moved | {"medium": "network"}]))
    assert [each.volume_gb for each in taken.data_arrivals] == [Decimal(4800)] * 3
    assert "R-21" not in [hit.rule for hit in rules.screen(taken)]
    more = _taken(_submitted(data__transfers=[moved, moved, moved]))
    assert "R-21" in [hit.rule for hit in rules.screen(more)]
