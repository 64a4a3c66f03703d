"""Each look is written once, in one's own name, for ever; the provider reads and can verify it, less the person."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.db.utils import DatabaseError

from registry.acting import Actor, acting_as
from registry.filings import actions, document
from registry.filings.actions import NewFiling
from registry.filings.models import Filing
from registry.ledger import chain
from registry.ledger.models import Entry
from registry.oversight import actions as oversight
from registry.oversight import looks
from registry.oversight.models import Look, LookKind
from registry.oversight.purposes import Purpose
from tests.conftest import NOON, person
from tests.documents import planned_run

pytestmark = pytest.mark.django_db
WHY = Purpose("finding", "FR-7", "The same lineage was filed twice.")
DAY = timedelta(days=1)


def filed(actor: Actor, **changes: object) -> Filing:
    with acting_as(actor):
        outcome = actions.file([NewFiling(planned_run(**changes))], by=actor, at=NOON)[0]
    assert outcome.refusal is None
    return Filing.objects.get(reference=outcome.reference)


def listed(officer: Actor, filings: list[Filing], *, at: datetime = NOON, why: Purpose = WHY) -> int:
    with acting_as(officer):
        return looks.note(filings, kind=LookKind.LISTED, purpose=why, by=officer, at=at)


def test_a_look_says_who_from_where_as_what_when_and_why(alice: Actor, olga: Actor) -> None:
    filing = filed(alice)
    with acting_as(olga):
        oversight.open_filing(reference=filing.reference, purpose=WHY, by=olga, at=NOON)
    look = Look.objects.get()
    assert (look.reference, look.filing_id, look.organisation_id) == (
        filing.reference,
        filing.id,
        filing.organisation_id,
    )
    assert (look.actor, look.actor_name, look.looked_from, look.role) == (olga.id, "Olga", "FR", "officer")
    assert (look.at, look.kind) == (NOON, "opened")
    assert (look.basis, look.case_reference, look.purpose) == ("finding", "FR-7", WHY.sentence)


def test_a_provider_verifies_the_entry_from_what_it_reads_and_does_not_read_the_person(
    alice: Actor, olga: Actor
) -> None:
    filing = filed(alice)
    with acting_as(olga):
        oversight.open_filing(reference=filing.reference, purpose=WHY, by=olga, at=NOON)
    with acting_as(alice, read_only=True):
        look = Look.objects.visible_to(alice).get()
        assert {"actor", "actor_name"} <= look.get_deferred_fields()
        read = {name: getattr(look, name) for name in ("reference", "kind", "looked_from", "role", "basis")}
        read |= {name: getattr(look, name) for name in ("case_reference", "purpose", "at", "actor_digest")}
        digest = document.digest(document.canonical_json(looks.statement(read)))
        said = chain.commitment(salt=bytes(look.salt), digest=digest)
        entry = Entry.objects.only("commitment").get(index=look.entry_id)
        assert bytes(entry.commitment) == said
        other = {**read, "purpose": "Another."}
        digest = document.digest(document.canonical_json(looks.statement(other)))
        assert bytes(entry.commitment) != chain.commitment(salt=bytes(look.salt), digest=digest)


def test_a_list_is_a_look_at_each_filing_in_three_statements_once_a_day_and_purpose(
    alice: Actor,
    olga: Actor,
    django_assert_max_num_queries,  # type: ignore[no-untyped-def]
) -> None:
    filings = [filed(alice, run__client_run_id=f"run-{number}") for number in range(3)]
    with acting_as(olga), django_assert_max_num_queries(5):
        assert looks.note(filings, kind=LookKind.LISTED, purpose=WHY, by=olga, at=NOON) == 3
    assert listed(olga, filings, at=NOON + timedelta(hours=3)) == 0
    assert listed(olga, [*filings, *filings], why=Purpose("review")) == 3
    assert listed(olga, filings, at=NOON + DAY) == 3
    assert listed(person("supervisor", territory="FR"), filings) == 3
    assert Look.objects.values("entry").distinct().count() == Look.objects.count() == 12


def test_opening_counts_each_time(alice: Actor, olga: Actor) -> None:
    filing = filed(alice)
    for _ in range(2):
        with acting_as(olga):
            oversight.open_filing(reference=filing.reference, purpose=WHY, by=olga, at=NOON)
    assert Look.objects.count() == 2


def test_nothing_seen_writes_nothing(olga: Actor) -> None:
    before = Entry.objects.count()
    assert listed(olga, []) == 0
    assert Entry.objects.count() == before


@pytest.mark.parametrize("statement", ["update oversight_look set purpose = 'x'", "delete from oversight_look"])
def test_nobody_edits_a_look_not_even_the_owner(alice: Actor, olga: Actor, statement: str) -> None:
    listed(olga, [filed(alice)])
    with connection.cursor() as cursor, pytest.raises(DatabaseError, match="Cannot update or delete"):
        cursor.execute(statement)


FORGED = (
    "insert into oversight_look (filing_id, organisation_id, territory, reference, at, kind, looked_from, role, basis, "
    "case_reference, purpose, actor, actor_name, salt, actor_digest) select id, organisation_id, territory, reference, "
    "now(), 'opened', %s, '', '', '', '', %s, 'x', '', '' from filings_filing"
)


@pytest.mark.parametrize("forged", ["person", "authority"])
def test_a_look_in_the_name_of_another_is_refused_by_the_database(alice: Actor, olga: Actor, forged: str) -> None:
    filed(alice)
    values = ["FR", "person:another"] if forged == "person" else ["EU", olga.id]
    with pytest.raises(DatabaseError, match="own name"), acting_as(olga), connection.cursor() as cursor:
        cursor.execute(FORGED, values)


def test_who_sees_looks(alice: Actor, charlie: Actor, olga: Actor, pedro: Actor, nora: Actor, ana: Actor) -> None:
    listed(olga, [filed(alice)])
    auditor, operator = person("auditor", territory="EU"), person("operator", territory="EU")
    for actor, seen in ((alice, 1), (charlie, 0), (olga, 1), (pedro, 0), (nora, 1), (auditor, 1)):
        with acting_as(actor, read_only=True):
            assert Look.objects.visible_to(actor).count() == seen, actor.name
    for actor in (ana, operator):
        assert not Look.objects.visible_to(actor).exists()
