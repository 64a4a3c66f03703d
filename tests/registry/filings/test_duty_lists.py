"""Lists and calendars of duties for those who look, and what the database shows to whom by itself."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError

from registry import rows, tasks
from registry.acting import Actor, acting_as
from registry.filings import actions, duty_actions, duty_lists
from registry.filings.actions import NewFiling
from registry.filings.models import Act, Decision, Duty, Filing, Plea, Reminder
from registry.filings.working_days import BRUSSELS
from tests.conftest import NOON
from tests.documents import planned_run

pytestmark = pytest.mark.django_db
CODE = "ownership_confirmation"


@pytest.fixture
def reference(alice: Actor) -> str:
    """A filing with a request, of which a reminder was made."""
    with acting_as(alice):
        outcome = actions.file([NewFiling(planned_run())], by=alice, at=NOON)[0]
        duty = Duty.objects.visible_to(alice).get(code=CODE)
        duty_actions.ask_extension(
            reference=outcome.reference,
            code=CODE,
            trigger_on=duty.trigger_on,
            until=NOON + timedelta(days=200),
            reason="A fire.",
            by=alice,
            at=NOON,
        )
    return outcome.reference


def decided(olga: Actor, reference: str) -> None:
    with acting_as(olga):
        plea = Plea.objects.visible_to(olga).get()
        duty_actions.decide(plea=plea.id, is_granted=True, reason="It burnt.", by=olga, at=NOON)


def feed(actor: Actor, language: str = "en") -> str:
    with acting_as(actor):
        made = duty_lists.feed_for(actor, at=NOON, language=language, base_url="https://ecar.example:8000")
    return made.decode().replace("\r\n ", "")


def test_each_authority_has_the_calendar_of_its_territory(
    reference: str, alice: Actor, olga: Actor, nora: Actor, pedro: Actor, ana: Actor
) -> None:
    count = Duty.objects.filter(filing__reference=reference).count()
    assert [feed(actor).count("BEGIN:VEVENT") for actor in (alice, olga, nora)] == [count] * 3
    assert f"UID:{reference}.{CODE}.2026-03-03@ecar.example\r\n" in feed(olga)
    assert "VEVENT" not in feed(pedro)
    with pytest.raises(DatabaseError, match="permission denied"), acting_as(ana):
        duty_lists.with_pleas(Duty.objects.all()).first()  # analysts see aggregates, not duties


def test_an_extended_duty_says_when_it_was_due_by_law(reference: str, olga: Actor) -> None:
    decided(olga, reference)
    until = (NOON + timedelta(days=200)).astimezone(BRUSSELS)
    assert f"Due {until:%Y-%m-%d %H:%M} (Europe/Brussels)." in feed(olga)
    assert "Extended by the authority\\; by law it was due 2027-03-03 23:59." in feed(olga)


@pytest.mark.parametrize("language", ["en", "fr", "de"])
def test_the_words_are_complete_in_every_language(reference: str, alice: Actor, language: str) -> None:
    text = feed(alice, language)
    assert "{" not in text
    assert f"SUMMARY;LANGUAGE={language}:" in text


@pytest.mark.parametrize(
    ("language", "basis", "filing"),
    [
        ("fr", "Article 52\\, paragraphe 1\\, du règlement (UE) 2024/1689", "Dossier"),
        ("de", "Artikel 52 Absatz 1 der Verordnung (EU) 2024/1689", "Meldung"),
    ],
)
def test_the_legal_basis_and_the_filing_are_named_as_in_the_readers_language(
    reference: str, alice: Actor, language: str, basis: str, filing: str
) -> None:
    text = feed(alice, language)
    assert basis in text
    assert f"{filing} {reference}." in text
    assert not any(word in text for word in ("Regulation (EU)", "Guidelines C(", "paragraph 30", "until then", "Akte"))


def test_a_calendar_that_is_cut_says_so(reference: str, alice: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duty_lists, "FEED_LIMIT", 2)
    text = feed(alice)
    assert text.count("BEGIN:VEVENT") == 2
    assert "The next 2 duties\\; the list of the interface has all of them." in text


def test_duties_are_listed_in_a_fixed_number_of_queries(
    reference: str,
    alice: Actor,
    django_assert_num_queries: Any,
) -> None:
    with acting_as(alice), django_assert_num_queries(2):
        found = list(duty_lists.listed(alice))
        assert [plea.reason for duty in found for plea in duty.pleas.all()] == ["A fire."]


@pytest.mark.parametrize("model", [Duty, Plea, Decision, Reminder])
def test_the_database_alone_shows_rows_to_both_sides_and_to_nobody_else(
    reference: str, alice: Actor, olga: Actor, nora: Actor, charlie: Actor, pedro: Actor, model: type[Any]
) -> None:
    decided(olga, reference)
    row = Duty.objects.get(code=CODE)
    Reminder.objects.create(
        duty=row, organisation_id=row.organisation_id, territory="FR", stage="2", falls_at=NOON, at=NOON
    )
    for actor in (alice, olga, nora):
        with acting_as(actor):
            assert model.objects.exists()
    for stranger in (charlie, pedro):
        with acting_as(stranger):
            assert not model.objects.exists()


FORBIDDEN = [("alice", Decision), ("olga", Plea), ("olga", Act), ("alice", Reminder), ("nora", Plea)]


@pytest.mark.parametrize(("who", "model"), FORBIDDEN)
def test_the_database_lets_neither_side_speak_for_the_other(
    reference: str, request: pytest.FixtureRequest, who: str, model: type[Any]
) -> None:
    actor, filing = request.getfixturevalue(who), Filing.objects.get(reference=reference)
    scope = {"organisation_id": filing.organisation_id, "territory": filing.territory}
    with pytest.raises(DatabaseError, match="permission denied"), acting_as(actor):
        rows.insert(model, [scope])


def test_a_provider_cannot_extend_its_own_duty_in_the_database(reference: str, alice: Actor) -> None:
    with pytest.raises(DatabaseError, match="permission denied"), acting_as(alice):
        Duty.objects.filter(code=CODE).update(extended_until=NOON)


def test_the_worker_reckons_and_reminds(reference: str, time_machine: Any) -> None:
    time_machine.move_to(NOON + timedelta(days=102, hours=12), tick=False)
    assert tasks.watch_duties() > 0
    assert tasks.watch_duties() == 0
    assert Reminder.objects.filter(duty__code=CODE, stage="2").count() == 1
