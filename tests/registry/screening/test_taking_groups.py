"""From what is posted to findings about owner groups: the split run is found, in each territory and for the Union."""

import pytest

from registry import screening_tasks, tasks
from registry.acting import Actor, acting_as
from registry.screening import subject_actions, taking_groups
from registry.screening.keeping import UNION
from registry.screening.models import Finding, GroupScreening
from registry.screening.shapes import GroupSnapshot, SubjectKind, UsageSnapshot
from tests.conftest import person
from tests.registry.screening import split
from tests.registry.screening.split import LATER, SCREENER

pytestmark = pytest.mark.django_db


def _snapshots() -> dict[tuple[str, str], GroupSnapshot]:
    """By kind and territory the snapshots of the group of the eight subsidiaries."""
    with acting_as(SCREENER):
        group = Finding.objects.filter(rule="R-06").values_list("group_key", flat=True).first()
        assert group is not None
        taken = list(taking_groups.of_group(SCREENER, group=group, as_of=LATER.date()))
    return {
        (subject.kind.value, subject.territory): snapshot
        for subject, snapshot in taken
        if isinstance(snapshot, GroupSnapshot) and snapshot.kind is SubjectKind.OWNER_GROUP
    }


def test_a_run_split_over_providers_and_subsidiaries_is_found_in_every_territory() -> None:
    split.build()
    with acting_as(SCREENER):
        assert subject_actions.screen_groups(limit=100, by=SCREENER, at=LATER) > 0
        found = {each.territory: each for each in Finding.objects.filter(rule="R-06", subject_kind="owner_group")}
    assert set(found) == {"FR", "ES", UNION}
    for each in found.values():
        assert "group_systemic_risk" in each.inputs["cases"]
        assert (each.inputs["parts_count"], each.inputs["entities_count"]) == ("40", "8")
        assert 1.9e25 < float(each.inputs["together_flop"]) < 2.2e25
    assert "Vela 1" in found[UNION].inputs["entity_names"]
    assert "Vela 1" in found["FR"].inputs["entity_names"]
    assert "Vela" not in found["ES"].inputs["entity_names"]

    officer: Actor = person("officer", territory="ES")
    with acting_as(officer):
        assert {each.territory for each in Finding.objects.visible_to(officer)} == {"ES"}
    masked, whole = _snapshots()["owner_group", "ES"], _snapshots()["owner_group", UNION]
    assert len(masked.amounts) == len(whole.amounts)
    assert sum(each.flop for each in masked.amounts) == sum(each.flop for each in whole.amounts)


def test_what_was_screened_is_screened_again_only_after_another_reading() -> None:
    split.build()
    assert screening_tasks.screen_groups() > 0
    assert screening_tasks.screen_groups() == 0
    with acting_as(SCREENER):
        count = Finding.objects.count()
        GroupScreening.objects.update(rule_set="older")
    assert screening_tasks.screen_groups() > 0
    with acting_as(SCREENER):
        assert Finding.objects.count() == count


def test_what_both_sides_say_alike_is_no_finding_of_the_uses() -> None:
    split.build()
    screening_tasks.screen_groups()
    with acting_as(SCREENER):
        assert not Finding.objects.filter(rule="R-23").exists()
        group = Finding.objects.filter(rule="R-06").values_list("group_key", flat=True).first()
        taken = taking_groups.of_group(SCREENER, group=str(group), as_of=LATER.date())
        uses = [snapshot for _, snapshot in taken if isinstance(snapshot, UsageSnapshot)]
    assert len(uses) == 2 * split.PROVIDERS  # at each provider one bundle, seen from both sides
    assert all(each.record_hours and each.filing_hours for each in uses)


def test_each_event_leads_to_its_task() -> None:
    assert screening_tasks.screen_return in tasks.LISTENERS["return.submitted"]
    assert screening_tasks.screen_facility in tasks.LISTENERS["facility.installation_put_up"]
    assert screening_tasks.screen_authorised in tasks.LISTENERS["authorisation.recorded"]
    assert set(screening_tasks.BEAT) <= set(tasks.BEAT)
