"""What the duties learn from documents: changes of owners, facilities, and what stands beside the versions."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from registry.filings import assessment, document
from registry.filings.beside import Beside
from registry.filings.duties import DutyException, ExceptionKind, FilingFacts, Submission
from tests.documents import AURELIA_LEI, REMOVED, planned_run

FIRST = datetime(2026, 11, 20, 12, tzinfo=UTC)
OWN = {"facilities__0__operator_lei": AURELIA_LEI}


def facts(*submitted: Submission, beside: Beside | None = None, **changes: Any) -> FilingFacts:
    return assessment.facts(
        document.read(planned_run(**changes)),
        crossings={},
        territory="FR",
        submitted=submitted or (Submission("notification", FIRST),),
        beside=beside or Beside(),
    )


def version(kind: str, changed_on: date | None, *, days: int = 0) -> Submission:
    return Submission(kind, FIRST + timedelta(days=days), ownership_changed_on=changed_on)


@pytest.mark.parametrize(
    ("versions", "expected"),
    [
        ([version("notification", None)], ()),
        ([version("notification", date(2026, 11, 2))], (date(2026, 11, 2),)),
        # 28 days after 23 October is the day of the first filing; a day earlier nobody could have reported it here
        ([version("notification", date(2026, 10, 23))], (date(2026, 10, 23),)),
        ([version("notification", date(2026, 10, 22))], ()),
        (
            [version("notification", date(2026, 11, 2)), version("update", date(2027, 1, 5), days=50)],
            (date(2026, 11, 2), date(2027, 1, 5)),
        ),
        ([version("notification", date(2026, 11, 2)), version("update", None, days=50)], (date(2026, 11, 2),)),
        (
            [version("notification", date(2026, 11, 2)), version("correction", date(2026, 11, 3), days=2)],
            (date(2026, 11, 3),),
        ),
        (
            [version("notification", date(2026, 11, 2)), version("update", date(2026, 11, 2), days=2)],
            (date(2026, 11, 2),),
        ),
    ],
)
def test_every_change_of_owners_that_can_be_reported_here_counts(
    versions: list[Submission], expected: tuple[date, ...]
) -> None:
    assert facts(*versions).ownership_changed_on == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, None),
        (OWN, date(2026, 1, 1)),
        (OWN | {"facilities__0__in_operation_from": "2026-05-01"}, date(2026, 5, 1)),
        (OWN | {"facilities__0__installed_it_power_kw": "500"}, date(2026, 1, 1)),
        (OWN | {"facilities__0__installed_it_power_kw": "499.9"}, None),
        (OWN | {"facilities__0__country": "CH"}, None),
        (OWN | {"facilities__0__in_operation_from": REMOVED}, None),
        ({"facilities__0__operator": "Aurélia Modèles SA"}, date(2026, 1, 1)),
        ({"facilities__0__owner": "Aurélia Modèles SA"}, date(2026, 1, 1)),
        ({"filer__role": "data_centre_operator"}, date(2026, 1, 1)),
    ],
)
def test_who_owns_or_runs_a_facility_from_500_kw_on_reports_it(changes: dict[str, Any], expected: date | None) -> None:
    assert facts(**changes).facility_operates_from == expected


@pytest.mark.parametrize(
    ("first", "expected"),
    [
        (datetime(2026, 5, 15, 9, tzinfo=UTC), date(2025, 1, 1)),
        (datetime(2026, 5, 16, 9, tzinfo=UTC), date(2026, 1, 1)),
    ],
)
def test_a_facility_report_due_before_the_first_filing_is_not_asked_for(first: datetime, expected: date) -> None:
    assert facts(Submission("notification", first), **OWN).facility_operates_from == expected


def test_what_stands_beside_the_versions_is_among_the_facts() -> None:
    granted = DutyException(
        kind=ExceptionKind.EXCUSE, duty_code="completion_report", reason="x", decided_by="y", decided_at=FIRST
    )
    act = Submission("facility_report", FIRST)
    found = facts(
        beside=Beside(
            exceptions=(granted,),
            designated_on=date(2026, 11, 21),
            reassessment_refused_on=(date(2027, 6, 1),),
            submitted=(act,),
        )
    )
    assert found.exceptions == (granted,)
    assert (found.designated_on, found.reassessment_refused_on) == (date(2026, 11, 21), (date(2027, 6, 1),))
    assert found.submitted == (Submission("notification", FIRST), act)


def test_a_stored_version_is_seen_as_it_was_when_it_came() -> None:
    content = planned_run(beneficial_ownership__changed_on="2026-11-02")
    stored = assessment.earlier_submission(content, kind="update", at=FIRST, crossings=["systemic-risk"])
    assert stored == Submission("update", FIRST, frozenset({"systemic-risk"}), date(2026, 11, 2))
    bare = planned_run(beneficial_ownership=REMOVED)
    assert assessment.earlier_submission(bare, kind="update", at=FIRST, crossings=[]).ownership_changed_on is None
