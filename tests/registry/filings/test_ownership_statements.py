"""Stating who owns an organisation, reading it back for any day, who may see it, what follows from it."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import DatabaseError, connection

from registry.accounts.policy import of_the_register
from registry.acting import Actor, acting_as
from registry.dispatch.models import Event
from registry.errors import Invalid, NotFound, NotPermitted, Stale
from registry.filings import ownership_reckoning, ownership_statements
from registry.filings.duties import State
from registry.ledger.models import Entry
from registry.organisations.models import Organisation, OwnershipEntity, OwnershipHolding, OwnershipStatement
from tests.conftest import NOON, person
from tests.statements import holding, statement

pytestmark = pytest.mark.django_db

# What `statement` says, and that Upper Holding sold its shares to Ada on 10 November.
SOLD = [
    holding("up", "filer", "70", until_on="2026-11-10"),
    holding("ada", "filer", "70", since_on="2026-11-10"),
    holding("ada", "filer", "30"),
    holding("ada", "up", "80"),
]


def stated(actor: Actor, content: dict[str, object], *, revision: int = 0, at: datetime = NOON) -> OwnershipStatement:
    with acting_as(actor):
        return ownership_statements.state(content=content, revision=revision, by=actor, at=at)


def refused(actor: Actor, content: dict[str, object]) -> set[tuple[str, str]]:
    with pytest.raises(Invalid) as refusal, acting_as(actor):
        ownership_statements.state(content=content, revision=0, by=actor, at=NOON)
    return {(each.code, each.pointer) for each in refusal.value.obstacles if each.severity == "error"}


def reckoned(at: datetime = NOON) -> int:
    with acting_as(of_the_register("screener")) as screener:
        return ownership_reckoning.reckon(by=screener, at=at)


def group_of(actor: Actor, organisation: Organisation) -> tuple[str, str, str]:
    with acting_as(actor):
        found = Organisation.objects.get(id=organisation.id)
    return found.holding, found.ultimate_parent_name, found.ultimate_parent_country


def test_a_statement_is_stored_announced_and_recorded(alice: Actor, aurelia: Organisation) -> None:
    made = stated(alice, statement())
    assert (made.number, made.as_of_on) == (1, date(2026, 11, 1))
    assert Event.objects.filter(kind="ownership.stated", subject=str(aurelia.id)).count() == 1
    assert Entry.objects.get(index=made.entry_id).kind == "ownership.stated"
    assert OwnershipHolding.objects.filter(statement_id=made.id).count() == 3


def test_the_name_of_a_natural_person_stands_in_the_statement_alone(alice: Actor) -> None:
    made = stated(alice, statement())
    person_row = OwnershipEntity.objects.get(statement_id=made.id, kind="natural_person")
    assert person_row.name == ""
    assert person_row.key.startswith("person:")
    assert "Ada" not in json.dumps(made.answers)
    assert "Ada" in made.canonical


def test_the_same_person_has_the_same_pseudonym_everywhere(alice: Actor, charlie: Actor) -> None:
    for actor in (alice, charlie):
        stated(actor, statement())
    assert OwnershipEntity.objects.filter(kind="natural_person").values("key").distinct().count() == 1


def test_a_statement_that_has_been_replaced_is_not_replaced_again(alice: Actor) -> None:
    stated(alice, statement())
    with pytest.raises(Stale):
        stated(alice, statement())
    assert stated(alice, statement(as_of_on="2026-11-20"), revision=1).number == 2


def test_who_only_reads_cannot_state(bob: Actor) -> None:
    with pytest.raises(NotPermitted):
        stated(bob, statement())


def test_an_officer_has_no_organisation_to_state_for(olga: Actor) -> None:
    with pytest.raises(NotFound):
        stated(olga, statement())


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"holdings": [holding("up", "filer", "60"), holding("ada", "filer", "40.000001")]}, "more-than-whole"),
        ({"holdings": [holding("filer", "filer", "1")]}, "holds-itself"),
        ({"holdings": [holding("up", "filer", "1", nominator_id="filer")]}, "holds-itself"),
        ({"holdings": [holding("up", "filer", "1", until_on="2019-01-01")]}, "dates-reversed"),
        ({"holdings": [holding("nobody", "filer", "1")]}, "id-unknown"),
        ({"holdings": [holding("up", "ada", "1")]}, "person-held"),
        ({"holdings": [holding("up", "filer", "0")]}, "share-missing"),
        ({"holdings": [holding("up", "filer", None, kind="control")]}, "control-without-kind"),
        ({"as_of_on": "2026-11-21"}, "as-of-in-future"),
        ({"entities": [{"id": "up", "kind": "natural_person", "name": "A", "country": "FR"}]}, "person-without-birth"),
    ],
)
def test_what_is_wrong_blocks_the_statement(alice: Actor, changes: dict[str, object], expected: str) -> None:
    assert expected in {code for code, _ in refused(alice, statement(**changes))}
    assert not OwnershipStatement.objects.exists()


def test_wrong_check_digits_of_an_lei_are_told_at_their_place(alice: Actor) -> None:
    content = statement()
    content["entities"][0]["lei"] = "969500DEMONSTRATIO15"  # type: ignore[index]
    assert refused(alice, content) == {("validation", "/entities/0/lei")}


def test_a_further_statement_does_not_go_back_behind_the_last(alice: Actor) -> None:
    stated(alice, statement())
    with pytest.raises(Invalid) as refusal:
        stated(alice, statement(as_of_on="2026-10-31"), revision=1)
    assert [each.code for each in refusal.value.obstacles] == ["as-of-before-last"]


def test_what_is_odd_is_told_and_kept(alice: Actor) -> None:
    made = stated(alice, statement(holdings=[holding("up", "filer", "60")]))
    assert {each["code"] for each in made.answers} >= {"share-unstated", "owners-end-in-company", "not-connected"}


# --- history --------------------------------------------------------------------------------------------------------


def test_any_day_and_any_moment_of_knowledge_can_be_asked_for(alice: Actor, aurelia: Organisation) -> None:
    later = NOON + timedelta(days=30)
    stated(alice, statement())
    stated(alice, statement(as_of_on="2026-12-10", holdings=[holding("ada", "filer", "100")]), revision=1, at=later)
    with acting_as(alice):
        for on, known_at, number in [
            (None, None, 2),
            (date(2026, 12, 9), None, 1),
            (date(2026, 12, 10), None, 2),
            (date(2026, 12, 10), NOON, 1),
            (date(2020, 1, 1), None, 1),
        ]:
            found = ownership_statements.picture_at(aurelia, on=on, known_at=known_at, by=alice)
            assert found is not None
            assert found.statement.number == number, (on, known_at)
        before = NOON - timedelta(days=1)
        assert ownership_statements.picture_at(aurelia, known_at=before, by=alice) is None


@pytest.mark.parametrize("table", ["statement", "entity", "holding"])
@pytest.mark.parametrize("words", ["delete from {}", "update {} set territory = 'ES'"])
def test_history_is_never_lost(alice: Actor, table: str, words: str) -> None:
    stated(alice, statement())
    with pytest.raises(DatabaseError, match="Cannot update or delete"), connection.cursor() as cursor:
        cursor.execute(words.format(f"organisations_ownership{table}"))


# --- duties ---------------------------------------------------------------------------------------------------------


def test_a_change_is_to_be_stated_within_28_days(alice: Actor, aurelia: Organisation) -> None:
    stated(alice, statement())
    on_time = datetime(2026, 12, 8, 22, 59, tzinfo=UTC)
    stated(alice, statement(as_of_on="2026-12-08", holdings=SOLD), revision=1, at=on_time)
    with acting_as(alice):
        found = {d.code: d for d in ownership_statements.duties_of(aurelia, by=alice)}
    assert found["ownership_change"].trigger_on == date(2026, 11, 10)
    assert found["ownership_change"].state_at(on_time) is State.MET
    assert found["ownership_confirmation"].state_at(on_time) is State.MET


def test_a_change_stated_too_late_is_marked_and_told(alice: Actor, aurelia: Organisation) -> None:
    stated(alice, statement())
    late = datetime(2026, 12, 8, 23, 1, tzinfo=UTC)  # a minute past the end of the 28th day in Brussels
    made = stated(alice, statement(as_of_on="2026-12-08", holdings=SOLD), revision=1, at=late)
    assert [each["code"] for each in made.answers if each["code"] == "late"] == ["late"]
    with acting_as(alice):
        found = {d.code: d for d in ownership_statements.duties_of(aurelia, by=alice)}
    assert found["ownership_change"].state_at(late) is State.LATE


def test_owners_are_to_be_confirmed_every_year(alice: Actor, aurelia: Organisation) -> None:
    stated(alice, statement())
    with acting_as(alice):
        later = NOON + timedelta(days=370)
        rows = ownership_statements.duties_of(aurelia, by=alice)
        found = [d for d in rows if d.state_at(later) is State.OVERDUE]
    assert [duty.code for duty in found] == ["ownership_confirmation"]


# --- who sees -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", [OwnershipStatement, OwnershipEntity, OwnershipHolding])
def test_owners_are_for_the_organisation_and_its_authorities(
    model: type[OwnershipStatement], alice: Actor, charlie: Actor, olga: Actor, pedro: Actor, nora: Actor
) -> None:
    stated(alice, statement())
    seen = {}
    for actor in (alice, charlie, olga, pedro, nora):
        with acting_as(actor), connection.cursor() as cursor:
            cursor.execute(f"select count(*) from {model._meta.db_table}")  # noqa: S608 - the database's own layer
            seen[actor.name] = (bool(cursor.fetchone()[0]), model.objects.visible_to(actor).exists())
    assert seen == {
        "Alice": (True, True),
        "Charlie": (False, False),
        "Olga": (True, True),
        "Pedro": (False, False),
        nora.name: (True, True),
    }


def test_an_analyst_has_no_access(alice: Actor) -> None:
    stated(alice, statement())
    with pytest.raises(DatabaseError), acting_as(person("analyst")), connection.cursor() as cursor:
        cursor.execute("select count(*) from organisations_ownershipstatement")


def test_the_worker_that_resolves_the_graph_reads_no_names(alice: Actor) -> None:
    stated(alice, statement())
    with pytest.raises(DatabaseError), acting_as(of_the_register("screener")), connection.cursor() as cursor:
        cursor.execute("select canonical from organisations_ownershipstatement")


# --- groups ---------------------------------------------------------------------------------------------------------


def test_the_group_and_the_parent_follow_from_the_graph(alice: Actor, nora: Actor, aurelia: Organisation) -> None:
    stated(alice, statement())
    assert reckoned() == 1
    holding_, name, country = group_of(nora, aurelia)
    assert holding_.startswith("person:")  # Ada has 80 % of the company on top
    assert (name, country) == ("Upper Holding BV", "NL")
    assert reckoned() == 0


def test_two_organisations_of_one_person_are_one_group(
    alice: Actor, charlie: Actor, nora: Actor, aurelia: Organisation, cantabria: Organisation
) -> None:
    stated(alice, statement())
    stated(charlie, statement(holdings=[holding("ada", "filer", "51"), holding("up", "filer", "49")]))
    reckoned()
    assert group_of(nora, aurelia)[0] == group_of(nora, cantabria)[0]
    assert group_of(nora, cantabria)[1:] == ("", "")  # no company controls it


def test_what_is_not_controlled_is_a_group_of_its_own(alice: Actor, nora: Actor, aurelia: Organisation) -> None:
    stated(alice, statement(holdings=[holding("up", "filer", "50"), holding("ada", "filer", "50")]))
    reckoned()
    assert group_of(nora, aurelia) == ("Aurelia Research", "", "")


def test_time_alone_changes_the_group(alice: Actor, nora: Actor, aurelia: Organisation) -> None:
    ends = [holding("up", "filer", "70", until_on="2027-01-01"), holding("ada", "up", "80")]
    stated(alice, statement(holdings=ends))
    reckoned()
    assert group_of(nora, aurelia)[1] == "Upper Holding BV"
    reckoned(datetime(2027, 1, 2, tzinfo=UTC))
    assert group_of(nora, aurelia) == ("Aurelia Research", "", "")


def test_an_entity_s_own_statement_counts_before_what_others_say_of_it(
    alice: Actor, charlie: Actor, nora: Actor, aurelia: Organisation, cantabria: Organisation
) -> None:
    known = {"id": "can", "kind": "company", "name": "Cantabria", "country": "ES", "lei": "969500DEMONSTRATIO14"}
    with connection.cursor() as cursor:
        cursor.execute(
            "update organisations_organisation set lei = %s where id = %s", ["969500DEMONSTRATIO14", cantabria.id]
        )
    ada = statement()["entities"][1]  # type: ignore[index]
    rumour = [holding("can", "filer", "100"), holding("ada", "can", "100")]
    stated(alice, statement(entities=[known, ada], holdings=rumour))
    stated(charlie, statement(holdings=[holding("up", "filer", "100")]))
    reckoned()
    assert group_of(nora, aurelia)[1:] == ("Upper Holding BV", "NL")
