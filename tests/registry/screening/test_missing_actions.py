"""Publicly reported above the threshold, no filing: a list for the AI Office, and a person's verdict on each."""

from datetime import datetime
from decimal import Decimal

import pytest

from registry.acting import Actor, acting_as
from registry.errors import Invalid, NotFound, NotPermitted
from registry.filings import actions as filings
from registry.filings.actions import NewFiling
from registry.screening import missing_actions
from registry.screening.missing import Likeness, Verdict
from registry.screening.models import Observation
from tests.conftest import person
from tests.documents import planned_run

pytestmark = pytest.mark.django_db
WHY = "Reported by the maker itself in March."


@pytest.fixture
def maren(db: None) -> Actor:
    """An officer of the AI Office."""
    return person("ai_office_officer", territory="EU", name="Maren")


def observed(name: str, makers: str, flop: str, noon: datetime, kind: str = "model") -> Observation:
    return Observation.objects.create(
        source="epoch-ai",
        kind=kind,
        key=name,
        name=name,
        organisation_name=makers,
        training_compute_flop=Decimal(flop),
        licence="CC-BY-4.0",
        attribution="Epoch AI",
        file_name="models.csv",
        file_digest="0" * 64,
        imported_at=noon,
    )


def listed(by: Actor, at: datetime) -> list[str]:
    with acting_as(by):
        return [each.observation.name for each in missing_actions.missing_filers(by=by, at=at)]


def test_reports_above_the_threshold_without_a_filing_are_listed_most_compute_first(
    maren: Actor, noon: datetime
) -> None:
    observed("Heron", "Heron Labs", "2e25", noon)
    observed("Crane", "Crane AI", "9e25", noon)
    observed("Wren", "Wren", "1e25", noon)
    observed("Site", "Wren", "9e25", noon, kind="cluster")
    assert listed(maren, noon) == ["Crane", "Heron"]


def test_what_is_filed_under_the_same_names_is_not_listed(maren: Actor, alice: Actor, noon: datetime) -> None:
    content = planned_run()
    with acting_as(alice):
        filings.file([NewFiling(content)], by=alice, at=noon)
    observed(content["model"]["name"], content["filer"]["legal_name"], "3e25", noon)
    observed("Another Model", content["filer"]["legal_name"], "3e25", noon)
    with acting_as(maren):
        (found,) = missing_actions.missing_filers(by=maren, at=noon)
    assert (found.observation.name, found.unmatched.likeness) == ("Another Model", Likeness.MAKER)
    assert len(found.unmatched.candidates) == 1


def test_a_verdict_is_kept_and_what_is_not_covered_leaves_the_list(maren: Actor, noon: datetime) -> None:
    row = observed("Heron", "Heron Labs", "2e25", noon)
    with acting_as(maren):
        missing_actions.review(observation=row.pk, verdict=Verdict.MISSING, reason=WHY, by=maren, at=noon)
    with acting_as(maren):
        (found,) = missing_actions.missing_filers(by=maren, at=noon)
    assert found.review is not None
    assert (found.review.verdict, found.review.reason, found.review.actor) == ("missing", WHY, maren.id)
    with acting_as(maren):
        missing_actions.review(observation=row.pk, verdict=Verdict.NOT_COVERED, reason=WHY, by=maren, at=noon)
    assert listed(maren, noon) == []


def test_filed_names_a_filing_that_there_is(maren: Actor, alice: Actor, noon: datetime) -> None:
    row = observed("Heron", "Heron Labs", "2e25", noon)
    for reference in ("", "ECAR-2026-000001-0"):
        with acting_as(maren), pytest.raises(Invalid):
            missing_actions.review(
                observation=row.pk, verdict=Verdict.FILED, reason=WHY, reference=reference, by=maren, at=noon
            )
    with acting_as(alice):
        (outcome,) = filings.file([NewFiling(planned_run())], by=alice, at=noon)
    with acting_as(maren):
        missing_actions.review(
            observation=row.pk, verdict=Verdict.FILED, reason=WHY, reference=str(outcome.reference), by=maren, at=noon
        )
    assert listed(maren, noon) == []


def test_a_reason_is_needed_and_an_observation(maren: Actor, noon: datetime) -> None:
    row = observed("Heron", "Heron Labs", "2e25", noon)
    with acting_as(maren), pytest.raises(Invalid):
        missing_actions.review(observation=row.pk, verdict=Verdict.MISSING, reason="short", by=maren, at=noon)
    with acting_as(maren), pytest.raises(NotFound):
        missing_actions.review(observation=0, verdict=Verdict.MISSING, reason=WHY, by=maren, at=noon)


def test_a_member_state_that_sees_its_own_filings_only_has_no_such_list(olga: Actor, noon: datetime) -> None:
    with acting_as(olga), pytest.raises(NotPermitted):
        missing_actions.missing_filers(by=olga, at=noon)
