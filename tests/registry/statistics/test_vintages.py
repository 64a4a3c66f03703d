"""Releases by people and worker: two persons, a clean verdict, an embargo, revisions, withdrawal."""

import logging
from datetime import timedelta
from typing import Any
from unittest.mock import Mock

import pytest
from django.db import Error

from registry import statistics_tasks
from registry.accounts.policy import of_the_register
from registry.acting import Audience, acting_as
from registry.errors import Conflict, DomainError, Invalid, NotPermitted, NotPossible, Stale
from registry.statistics import auditing, building, vintages
from registry.statistics.models import CalendarEntry, Vintage, VintageFile, VintagePlan
from tests.conftest import person
from tests.registry.statistics import releasing
from tests.registry.statistics.releasing import AFTER, EMBARGO, RELEASE

pytestmark = pytest.mark.django_db
NOTICE = {
    "en": "Two filings were counted twice.",
    "fr": "Deux dossiers comptés deux fois.",
    "de": "Zwei Meldungen doppelt.",
}


@pytest.fixture
def verdict(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What the auditor will say."""
    said = {"verdict": "clean"}
    monkeypatch.setattr(auditing, "attack", lambda *_args, **_named: auditing.Attack(said["verdict"], '{"runs": {}}'))
    return said


def _public() -> list[Vintage]:
    with acting_as(building_actor(), read_only=True) as nobody:
        columns = ("id", "release", "number", "state", "notice_en", "withdrawn_at")
        return list(Vintage.objects.visible_to(nobody).only(*columns).order_by("number"))


def building_actor() -> Any:
    return vintages.Actor("nobody", "", Audience.PUBLIC)


def test_a_release_appears_at_its_embargo_and_not_before(verdict: dict[str, str]) -> None:
    releasing.populate()
    vintage = releasing.built()
    assert (vintage.state, vintage.verdict, vintage.progress) == ("attacked", "clean", 100)
    releasing.approved(vintage, at=AFTER + timedelta(hours=1))
    assert statistics_tasks.publish(at=EMBARGO - timedelta(seconds=1)) == []
    assert _public() == []
    assert statistics_tasks.publish(at=EMBARGO) == ["2026-Q4-1"]
    (shown,) = _public()
    assert (shown.release, shown.state) == (RELEASE, "published")
    assert statistics_tasks.publish(at=EMBARGO) == []


def test_nobody_approves_what_they_drafted(verdict: dict[str, str]) -> None:
    releasing.populate()
    both = person("statistician", territory="EU", name="Both")
    both = type(both)(**{**vars(both), "permissions": both.permissions | {"release_approve"}})
    with acting_as(both):
        vintages.announce(release=RELEASE, publish_at=EMBARGO, by=both, at=AFTER)
        drafted = vintages.draft(release=RELEASE, publish_at=EMBARGO, is_provisional=True, by=both, at=AFTER)
    statistics_tasks.build(drafted.id, at=AFTER)
    digest = releasing.stored(drafted.id).manifest_sha256
    with acting_as(both), pytest.raises(NotPermitted):
        vintages.approve(vintage=drafted.id, manifest_sha256=digest, by=both, at=AFTER)
    with pytest.raises(Error, match="approved_by_another"), acting_as(both):
        Vintage.objects.filter(pk=drafted.id).update(state="approved", approved_by=both.id)


def test_a_statistician_alone_approves_nothing(verdict: dict[str, str]) -> None:
    releasing.populate()
    vintage = releasing.built()
    other = releasing.stefan()
    with acting_as(other), pytest.raises(NotPermitted):
        vintages.approve(vintage=vintage.id, manifest_sha256=vintage.manifest_sha256, by=other, at=AFTER)


@pytest.mark.parametrize("said", ["disclosure", "bad_input", "undecided"])
def test_what_is_not_clean_cannot_be_approved(verdict: dict[str, str], said: str) -> None:
    releasing.populate()
    verdict["verdict"] = said
    vintage = releasing.built()
    assert vintage.verdict == said
    with pytest.raises(NotPossible):
        releasing.approved(vintage, at=AFTER + timedelta(hours=1))
    paula = releasing.paula()
    with pytest.raises(Error, match="approved_when_clean"), acting_as(paula):
        Vintage.objects.filter(pk=vintage.pk).update(state="approved", approved_by=paula.id)


def test_what_was_looked_at_is_what_is_approved(verdict: dict[str, str]) -> None:
    releasing.populate()
    vintage = releasing.built()
    vintage.manifest_sha256 = "0" * 64
    with pytest.raises(Stale):
        releasing.approved(vintage, at=AFTER + timedelta(hours=1))


def test_after_the_announced_moment_nothing_is_approved(verdict: dict[str, str]) -> None:
    releasing.populate()
    vintage = releasing.built()
    with pytest.raises(NotPossible):
        releasing.approved(vintage, at=EMBARGO)


def test_a_published_vintage_never_changes(verdict: dict[str, str]) -> None:
    releasing.populate()
    vintage = releasing.published()
    for model, change in ((Vintage, {"manifest_sha256": "0" * 64}), (VintageFile, {"content": b"x"})):
        key = {"pk": vintage.pk} if model is Vintage else {"vintage": vintage.pk}
        with pytest.raises(Error), acting_as(of_the_register("builder")):
            model.objects.filter(**key).update(**change)


def test_one_changed_filing_makes_a_new_vintage_with_its_correction(verdict: dict[str, str]) -> None:
    filers = releasing.populate()
    first = releasing.published()
    second = releasing.late(filers[0])
    assert (first.number, second.number) == (1, 2)
    with acting_as(of_the_register("builder"), read_only=True):
        old, new = building.release_of(first), building.release_of(second)
    assert old.corrections == ()
    assert new.corrections
    table = {each.id: each for each in new.tables}["runs-by-state-and-band"]
    total = next(each for each in new.corrections if each.table == table.id and each.key == ("2026-Q4", "EU", "all"))
    assert (total.measure, total.after, total.versions) == ("runs", None, 1), "one holding stands behind the change"
    assert [(each.number, each.state) for each in _public()] == [(1, "published"), (2, "published")]


def test_a_withdrawn_vintage_stays_listed_with_its_notice(verdict: dict[str, str]) -> None:
    releasing.populate()
    vintage = releasing.published()
    paula = releasing.paula()
    with acting_as(paula):
        vintages.withdraw(vintage=vintage.id, notice=NOTICE, by=paula, at=EMBARGO + timedelta(days=1))
    (shown,) = _public()
    assert (shown.state, shown.notice_en) == ("withdrawn", NOTICE["en"])
    with acting_as(building_actor(), read_only=True):
        assert VintageFile.objects.filter(vintage=vintage.id).count() > 10


def test_a_notice_is_needed_in_each_language(verdict: dict[str, str]) -> None:
    releasing.populate()
    vintage = releasing.published()
    paula = releasing.paula()
    with acting_as(paula), pytest.raises(Invalid):
        vintages.withdraw(vintage=vintage.id, notice={**NOTICE, "de": ""}, by=paula, at=EMBARGO)


def test_a_dropped_vintage_leaves_its_number_free(verdict: dict[str, str]) -> None:
    releasing.populate()
    vintage = releasing.built()
    stefan = releasing.stefan()
    with acting_as(stefan):
        vintages.drop(vintage=vintage.id, by=stefan, at=AFTER)
        again = vintages.draft(release=RELEASE, publish_at=EMBARGO, is_provisional=True, by=stefan, at=AFTER)
    assert again.number == 1


@pytest.mark.parametrize(
    ("said", "refusal"),
    [
        ({"release": "2026-Q5"}, Invalid),
        ({"release": "2027-Q1"}, NotPossible),
        ({"publish_at": EMBARGO + timedelta(days=1)}, NotPossible),
        ({"at": EMBARGO}, NotPossible),
    ],
    ids=["no quarter", "not over", "not announced", "too late"],
)
def test_a_draft_needs_a_past_quarter_and_an_announced_moment(
    db: None, said: dict[str, Any], refusal: type[DomainError]
) -> None:
    stefan = releasing.stefan()
    known = {"release": RELEASE, "publish_at": EMBARGO, "at": AFTER, **said}
    with acting_as(stefan):
        vintages.announce(release=RELEASE, publish_at=EMBARGO, by=stefan, at=AFTER)
        with pytest.raises(refusal):
            vintages.draft(**known, is_provisional=True, by=stefan)


def test_the_calendar_is_for_all_and_each_moment_once(db: None) -> None:
    stefan = releasing.stefan()
    with acting_as(stefan):
        vintages.announce(release=RELEASE, publish_at=EMBARGO, by=stefan, at=AFTER)
        with pytest.raises(Conflict):
            vintages.announce(release=RELEASE, publish_at=EMBARGO, by=stefan, at=AFTER)
        with pytest.raises(Invalid):
            vintages.announce(release=RELEASE, publish_at=AFTER, by=stefan, at=AFTER)
    with acting_as(building_actor(), read_only=True):
        assert CalendarEntry.objects.count() == 1


def test_a_second_vintage_waits_for_the_first(verdict: dict[str, str]) -> None:
    releasing.drafted()
    stefan = releasing.stefan()
    with acting_as(stefan), pytest.raises(NotPossible):
        vintages.draft(release=RELEASE, publish_at=EMBARGO, is_provisional=True, by=stefan, at=AFTER)


def test_sealed_parameters_and_names_stand_in_no_file_review_or_log(
    verdict: dict[str, str], settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.STATISTICS_RULES = '{"minimum_holdings": 4, "p_percent": "12.34567"}'
    filers = releasing.populate(8, runs=1)
    with caplog.at_level(logging.DEBUG):
        vintage = releasing.published()
    with acting_as(of_the_register("builder"), read_only=True):
        files = {row.path: bytes(row.content) for row in VintageFile.objects.filter(vintage=vintage)}
        review = repr(VintagePlan.objects.get(vintage=vintage).review)
    secrets = ["12.34567", "minimum_holdings", "p_percent", *(f"Holding {number}" for number in range(8))]
    secrets += [str(filer.organisation) for filer in filers]
    for told in (*(content.decode("utf-8", "replace") for content in files.values()), review, caplog.text):
        assert not [secret for secret in secrets if secret in told]
    assert not [path for path, content in files.items() if b'"few"' in content or b"concentrated" in content]


def test_what_cannot_be_built_is_dropped_with_a_code_and_no_word(
    verdict: dict[str, str], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(*_args: Any, **_named: Any) -> Any:
        raise ValueError("cell 17 of Holding 3")

    monkeypatch.setattr(building, "protect", fails)
    with caplog.at_level(logging.DEBUG):
        vintage = releasing.built()
    assert (vintage.state, vintage.failure) == ("dropped", "unreadable")
    assert "Holding 3" not in caplog.text


def test_another_release_of_the_year_that_appeared_since_is_in_the_way(verdict: dict[str, str]) -> None:
    third = releasing.built(release="2026-Q3", at=AFTER, publish_at=EMBARGO)
    fourth = releasing.built(at=AFTER, publish_at=EMBARGO + timedelta(days=1))
    releasing.approved(third, at=AFTER + timedelta(hours=1))
    statistics_tasks.publish(at=EMBARGO)
    with pytest.raises(NotPossible, match="appeared since"):
        releasing.approved(fourth, at=EMBARGO + timedelta(hours=1))


def test_a_worker_that_died_is_followed_by_the_sweep(verdict: dict[str, str]) -> None:
    releasing.populate(4, runs=1)
    vintage = releasing.drafted()
    with acting_as(of_the_register("builder")) as by:
        building.gather(vintage=vintage.id, by=by, at=AFTER)
    assert releasing.stored(vintage.id).progress == building.GATHERED
    assert statistics_tasks.sweep_releases() == 1
    assert releasing.stored(vintage.id).state == "attacked"
    assert statistics_tasks.sweep_releases() == 0
    statistics_tasks.build_release(reference=str(vintage.id), event_key="again")
    assert releasing.stored(vintage.id).state == "attacked"


def test_a_worker_that_died_before_the_attack_is_not_followed_by_another_pattern(
    verdict: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    releasing.populate(4, runs=1)
    vintage = releasing.drafted()
    with monkeypatch.context() as worker:
        worker.setattr(building, "keep_report", Mock(side_effect=InterruptedError))
        with pytest.raises(InterruptedError):
            statistics_tasks.build(vintage.id, at=AFTER)
    assert releasing.stored(vintage.id).progress == building.PROTECTED
    monkeypatch.setattr(building, "protect", Mock(side_effect=AssertionError("what was stored is protected again")))
    assert statistics_tasks.sweep_releases() == 1
    assert releasing.stored(vintage.id).state == "attacked"
