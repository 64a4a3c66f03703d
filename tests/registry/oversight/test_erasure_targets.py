"""Statements of ownership that were replaced and applications that ended are erased after their period; no other is."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.db import DatabaseError, connection

from registry.accounts.policy import of_the_register
from registry.acting import Actor, acting_as
from registry.errors import NotFound
from registry.filings import ownership_statements
from registry.ledger import chain
from registry.ledger.log import line_of
from registry.ledger.models import Entry
from registry.onboarding import applications, decisions, enrolment, links
from registry.onboarding.models import Application, Observation, Step
from registry.organisations.models import Organisation, OwnershipEntity, OwnershipHolding, OwnershipStatement
from registry.oversight import erasure
from tests.conftest import NOON
from tests.registry.onboarding.conftest import ENROLLER, content
from tests.statements import statement

pytestmark = pytest.mark.django_db
GROUNDS = {ground.code: ground for ground in erasure.grounds()}
A_DAY = timedelta(days=1)


def years(number: int, *, since: datetime = NOON) -> datetime:
    return since.replace(year=since.year + number)


def erased(code: str, *, at: datetime) -> int:
    with acting_as(of_the_register("housekeeper")) as housekeeper:
        return erasure.erase(GROUNDS[code], by=housekeeper, at=at, limit=100)


def last_entry() -> Entry:
    found = Entry.objects.last()
    assert found is not None
    return found


# --- statements of ownership -----------------------------------------------------------------------------------------


def stated(alice: Actor, *, revision: int = 0, at: datetime = NOON, **changes: object) -> OwnershipStatement:
    with acting_as(alice):
        return ownership_statements.state(
            content={**statement(), **changes}, revision=revision, by=alice, at=at, language="en"
        )


def test_a_statement_goes_ten_years_after_it_was_replaced_and_not_a_moment_before(alice: Actor) -> None:
    first = stated(alice)
    second = stated(alice, revision=1, at=NOON + A_DAY)
    end = years(10, since=NOON + A_DAY)
    assert erased("ownership_replaced", at=end) == 0
    assert erased("ownership_replaced", at=end + timedelta(microseconds=1)) == 1
    assert erased("ownership_replaced", at=end + A_DAY) == 0
    first.refresh_from_db()
    left = (first.canonical, first.key, bytes(first.digest), bytes(first.salt), first.answers)
    assert left == ("", "", b"", b"", [])
    for model in (OwnershipEntity, OwnershipHolding):
        assert set(model.objects.values_list("statement_id", flat=True)) == {second.id}
    assert (first.stated_by, first.number) == (alice.id, 1)


def test_the_newest_statement_is_kept_however_old(alice: Actor) -> None:
    stated(alice)
    assert erased("ownership_replaced", at=years(40)) == 0


def test_the_picture_of_a_day_is_read_from_what_is_left_and_a_new_statement_can_follow(alice: Actor) -> None:
    stated(alice)
    second = stated(alice, revision=1, at=NOON + A_DAY)
    assert erased("ownership_replaced", at=years(11)) == 1
    with acting_as(alice, read_only=True):
        organisation = Organisation.objects.get()
        for known_at in (None, years(11)):
            picture = ownership_statements.picture_at(organisation, on=second.as_of_on, known_at=known_at, by=alice)
            assert picture is not None
            assert picture.statement == second
        assert ownership_statements.picture_at(organisation, known_at=NOON, by=alice) is None
        assert len(list(ownership_statements.statements(organisation, by=alice))) == 2
        assert {duty.code for duty in ownership_statements.duties_of(organisation, by=alice)}
    assert stated(alice, revision=2, at=years(11)).number == 3


def test_the_log_still_verifies_and_says_that_it_was_erased(alice: Actor) -> None:
    first = stated(alice)
    stated(alice, revision=1, at=NOON + A_DAY)
    erased("ownership_replaced", at=years(11))
    assert chain.verify(map(line_of, Entry.objects.all())) is None
    assert (last_entry().kind, last_entry().subject) == ("ownership.erased", str(first.id))


def test_the_database_lets_nobody_delete_what_belongs_to_a_statement_that_stands(alice: Actor) -> None:
    stated(alice)
    for table in ("organisations_ownershipentity", "organisations_ownershipholding"):
        with (
            pytest.raises(DatabaseError, match="Cannot update or delete"),
            acting_as(of_the_register("housekeeper")),
            connection.cursor() as cursor,
        ):
            cursor.execute(f"delete from {table}")  # noqa: S608


# --- applications ----------------------------------------------------------------------------------------------------


@pytest.fixture
def handed_in(db: None) -> Application:
    """An application that waits for the authority."""
    by = links.applicant(links.link_of(links.APPLICATION, new := applications.new_id()))
    with acting_as(by):
        applications.apply(new=new, content=content(), by=by, at=NOON)
    with acting_as(by):
        return applications.confirm(by=by, at=NOON)


@pytest.fixture
def refused(handed_in: Application, olga: Actor) -> Application:
    """One that was refused a month later."""
    Observation.objects.create(application=handed_in, territory="FR", code="lei_registered", detail="Lumen", at=NOON)
    reference = handed_in.reference
    with acting_as(olga):
        decisions.review(reference=reference, by=olga, at=NOON)
    with acting_as(olga):
        decisions.hear(reference=reference, code="not_obliged", reason="Claire Dubois", by=olga, at=NOON)
    with acting_as(olga):
        decisions.refuse(
            reference=reference, code="not_obliged", reason="Claire Dubois", by=olga, at=NOON + timedelta(days=30)
        )
    handed_in.refresh_from_db()
    return handed_in


def _texts(application: Application) -> Iterator[str]:
    with connection.cursor() as cursor:
        for table, column in (
            ("onboarding_application", "id"),
            ("onboarding_step", "application_id"),
            ("onboarding_observation", "application_id"),
        ):
            cursor.execute(
                f"select row_to_json(t)::text from {table} t where {column} = %s",  # noqa: S608
                [application.id],
            )
            yield from (row[0] for row in cursor.fetchall())


def test_a_refused_application_goes_after_a_year_and_not_a_moment_before(refused: Application) -> None:
    end = years(1, since=refused.changed_at)
    assert erased("application_ended", at=end) == 0
    assert erased("application_ended", at=end + timedelta(microseconds=1)) == 1
    assert erased("application_ended", at=end + A_DAY) == 0
    left = " ".join(_texts(refused))
    assert not [word for word in ("Lumen", "Claire", "Dubois", "lumen.example", "Ines") if word in left]
    assert {bytes(salt) for salt in Step.objects.values_list("salt", flat=True)} == {b""}
    assert Step.objects.filter(verb="refuse", code="not_obliged").exists()  # the coded reason stays
    assert (last_entry().kind, last_entry().subject) == ("application.erased", refused.reference)
    assert chain.verify(map(line_of, Entry.objects.all())) is None


def test_an_erased_application_is_shown_to_nobody(refused: Application, olga: Actor) -> None:
    erased("application_ended", at=years(2))
    by = links.applicant(refused.link)
    with pytest.raises(NotFound), acting_as(by, read_only=True):
        applications.mine(by=by)
    for actor in (olga, ENROLLER):
        with acting_as(actor, read_only=True):
            assert not Application.objects.visible_to(actor).exists()


def test_the_application_of_somebody_who_was_entered_is_kept_for_ten_years(handed_in: Application, olga: Actor) -> None:
    for step in (decisions.review, decisions.approve):
        with acting_as(olga):
            step(reference=handed_in.reference, by=olga, at=NOON)
    with acting_as(ENROLLER):
        enrolment.carry_out(reference=handed_in.reference, by=ENROLLER, at=NOON)
    assert erased("application_ended", at=years(40)) == 0
    assert erased("application_entered", at=years(10)) == 0
    assert erased("application_entered", at=years(10) + A_DAY) == 1
    handed_in.refresh_from_db()
    assert handed_in.content == {}
    assert Organisation.objects.filter(id=handed_in.organisation_id, legal_name="Lumen Calcul SAS").exists()


def test_what_waits_for_somebody_is_kept_however_old(handed_in: Application) -> None:
    assert erased("application_ended", at=years(40)) == erased("application_entered", at=years(40)) == 0


def test_the_database_lets_nobody_delete_what_was_noticed_about_an_application_that_stands(
    refused: Application,
) -> None:
    with (
        pytest.raises(DatabaseError, match="Cannot delete"),
        acting_as(of_the_register("housekeeper")),
        connection.cursor() as cursor,
    ):
        cursor.execute("delete from onboarding_observation")
