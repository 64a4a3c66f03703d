"""Screening once and not twice; observations that can be imported again and again."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import ProgrammingError

from registry.accounts.policy import of_the_register
from registry.acting import Actor, acting_as
from registry.dispatch.models import Event
from registry.errors import NotFound, NotPermitted, OutsideUnitOfWork
from registry.filings import actions as filings
from registry.filings.actions import NewFiling
from registry.screening import actions, rulebook
from registry.screening.actions import Origin, Tally
from registry.screening.models import Finding, Observation, Screening
from registry.screening.observations import Observation as Observed
from tests import documents

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
SCREENER = of_the_register("screener")
RELAY = of_the_register("relay")


@pytest.fixture
def file(alice: Actor) -> Callable[..., str]:
    """File the planned run with changes for Aurelia; gives the reference."""

    def filed(**changes: Any) -> str:
        content = documents.changed(documents.planned_run(), **changes)
        with acting_as(alice):
            outcome = filings.file([NewFiling(content=content)], by=alice, at=NOON)[0]
        assert outcome.refusal is None, outcome.refusal.obstacles
        return outcome.reference

    return filed


LATE = {"run__known_on": "2026-10-01"}


def _screened(reference: str) -> list[str]:
    with acting_as(SCREENER):
        return [finding.rule for finding in actions.screen(reference=reference, by=SCREENER, at=NOON)]


def test_a_filing_is_screened_and_its_findings_are_announced(file: Callable[..., str]) -> None:
    reference = file(**LATE)
    assert _screened(reference) == ["R-01"]
    with acting_as(SCREENER):
        finding = Finding.objects.get()
        assert finding.inputs["due_on"] == "2026-10-15"
        assert (finding.severity, finding.rule_version, finding.version_number) == ("high", "1", 1)
        assert finding.territory == "FR"
        screening = Screening.objects.get()
        assert screening.rule_set == rulebook.RULE_SET
    with acting_as(RELAY):
        assert list(Event.objects.filter(kind="finding.made").values_list("subject", flat=True)) == [reference]


def test_a_filing_without_hits_is_marked_as_screened_and_nothing_is_announced(file: Callable[..., str]) -> None:
    reference = file()
    assert _screened(reference) == []
    with acting_as(SCREENER):
        assert Screening.objects.count() == 1
        assert actions.unscreened(limit=10, by=SCREENER) == []
    with acting_as(RELAY):
        assert not Event.objects.filter(kind="finding.made").exists()


def test_screening_twice_finds_once(file: Callable[..., str]) -> None:
    reference = file(**LATE)
    assert _screened(reference) == ["R-01"]
    assert _screened(reference) == []
    with acting_as(SCREENER):
        assert Finding.objects.count() == 1
        assert Screening.objects.count() == 1


def test_a_new_rule_set_screens_again_but_the_same_rule_finds_once(
    file: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    reference = file(**LATE)
    _screened(reference)
    monkeypatch.setattr(rulebook, "RULE_SET", "another")
    with acting_as(SCREENER):
        assert actions.unscreened(limit=10, by=SCREENER) == [reference]
    assert _screened(reference) == []
    with acting_as(SCREENER):
        assert Screening.objects.count() == 2
        assert Finding.objects.count() == 1
        assert actions.unscreened(limit=10, by=SCREENER) == []


def test_the_unscreened_come_oldest_first_and_drafts_never(file: Callable[..., str], alice: Actor) -> None:
    first, second = file(), file(run__client_run_id="another-run")
    with acting_as(alice):
        filings.file([NewFiling(content=documents.planned_run(), draft=True)], by=alice, at=NOON)
    with acting_as(SCREENER):
        assert actions.unscreened(limit=10, by=SCREENER) == [first, second]
        assert actions.unscreened(limit=1, by=SCREENER) == [first]


def test_a_reference_that_is_no_filing_is_not_found(db: None) -> None:
    with acting_as(SCREENER), pytest.raises(NotFound):
        actions.screen(reference="ECAR-2026-000001-0", by=SCREENER, at=NOON)


def test_nobody_but_the_screener_may_screen(file: Callable[..., str], nora: Actor) -> None:
    reference = file()
    with acting_as(nora), pytest.raises(NotPermitted):
        actions.screen(reference=reference, by=nora, at=NOON)
    with acting_as(nora), pytest.raises(NotPermitted):
        actions.unscreened(limit=1, by=nora)


def test_a_provider_never_sees_a_finding_about_itself(file: Callable[..., str], alice: Actor, olga: Actor) -> None:
    _screened(file(**LATE))
    with acting_as(olga):
        assert Finding.objects.visible_to(olga).count() == 1
    with pytest.raises(ProgrammingError, match="permission denied"), acting_as(alice):
        Finding.objects.count()


def test_actions_refuse_to_run_outside_a_unit_of_work() -> None:
    with pytest.raises(OutsideUnitOfWork):
        actions.screen(reference="x", by=SCREENER, at=NOON)
    with pytest.raises(OutsideUnitOfWork):
        actions.observe(observed=[], origin=ORIGIN, by=SCREENER, at=NOON)


# --- observations


ORIGIN = Origin(
    source="epoch-ai",
    licence="CC BY 4.0",
    attribution="Epoch AI, “Data on AI models”, epoch.ai, CC BY 4.0",
    file_name="models.csv",
    file_digest="0" * 64,
)
GROK = Observed(
    line=2,
    kind="model",
    key="Grok 4",
    name="Grok 4",
    organisation_name="xAI",
    countries="US",
    observed_on=date(2025, 7, 9),
    training_compute_flop=Decimal("5.0000000000001e26"),
    accelerator="NVIDIA H100 SXM5 80GB",
    accelerator_count=100_000,
    confidence="Likely",
    facts={"domain": "Language"},
)
BARE = replace(
    GROK, key="Bare", name="Bare", observed_on=None, training_compute_flop=None, accelerator_count=None, facts={}
)


def _observe(registrar: Actor, *observed: Observed, origin: Origin = ORIGIN, at: datetime = NOON) -> Tally:
    with acting_as(registrar):
        return actions.observe(observed=observed, origin=origin, by=registrar, at=at)


def test_an_observation_is_stored_with_source_licence_and_attribution(db: None, registrar: Actor) -> None:
    assert _observe(registrar, GROK, BARE) == Tally(imported=2)
    with acting_as(registrar):
        stored = Observation.objects.get(key="Grok 4")
        assert stored.training_compute_flop == Decimal("5.0000000000001e26")
        assert (stored.source, stored.licence, stored.file_name) == ("epoch-ai", "CC BY 4.0", "models.csv")
        assert stored.attribution.startswith("Epoch AI")
        assert stored.facts == {"domain": "Language"}
        assert Observation.objects.get(key="Bare").training_compute_flop is None


def test_the_same_observations_again_change_nothing(db: None, registrar: Actor) -> None:
    _observe(registrar, GROK, BARE)
    later = NOON + timedelta(days=1)
    again = _observe(registrar, GROK, BARE, origin=replace(ORIGIN, file_digest="1" * 64), at=later)
    assert again == Tally(unchanged=2)
    with acting_as(registrar):
        assert {each.imported_at for each in Observation.objects.all()} == {NOON}


def test_a_changed_figure_is_updated_with_the_file_it_came_from(db: None, registrar: Actor) -> None:
    _observe(registrar, GROK, BARE)
    retracted = replace(GROK, training_compute_flop=None)
    newer = replace(ORIGIN, file_name="newer.csv")
    assert _observe(registrar, retracted, BARE, origin=newer) == Tally(updated=1, unchanged=1)
    with acting_as(registrar):
        stored = Observation.objects.get(key="Grok 4")
        assert stored.training_compute_flop is None
        assert stored.file_name == "newer.csv"


def test_facts_of_overlapping_files_are_added_up_and_settle(db: None, registrar: Actor) -> None:
    _observe(registrar, GROK)
    other = replace(GROK, facts={"precision": "BF16"})
    assert _observe(registrar, other) == Tally(updated=1)
    assert _observe(registrar, GROK) == Tally(unchanged=1)
    assert _observe(registrar, other) == Tally(unchanged=1)
    with acting_as(registrar):
        assert Observation.objects.get().facts == {"domain": "Language", "precision": "BF16"}


def test_a_batch_boundary_loses_nothing(db: None, registrar: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "_BATCH", 2)
    many = [replace(GROK, key=f"Model {number}") for number in range(5)]
    assert _observe(registrar, *many) == Tally(imported=5)
    with acting_as(registrar):
        assert Observation.objects.count() == 5


def test_only_the_registrar_imports(db: None) -> None:
    with acting_as(SCREENER), pytest.raises(NotPermitted):
        actions.observe(observed=[GROK], origin=ORIGIN, by=SCREENER, at=NOON)
