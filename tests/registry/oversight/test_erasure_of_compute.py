"""Facilities, returns, pleas, findings, cases and mismatches are erased ten years on: no word of them is left."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from django.db import DatabaseError, connection

from registry.accounts.policy import of_the_register
from registry.acting import Actor, acting_as
from registry.compute.models import AccessRecord, Facility, Return, ReturnVersion
from registry.filings.models import Plea
from registry.ledger import chain, emptying
from registry.ledger.log import line_of
from registry.ledger.models import Entry
from registry.organisations.models import Organisation
from registry.oversight import erasure
from registry.oversight.models import Case
from registry.screening import mismatches, position_actions, posting
from registry.screening.models import Finding, Mismatch, PostedRun
from registry.screening.shapes import SubjectKind
from tests.conftest import NOON
from tests.registry.compute import records
from tests.registry.compute.test_facility_actions import registered, reported
from tests.registry.filings.test_organisation_duties import FIRST, ask_extension, decide, own, tick
from tests.registry.oversight import cases
from tests.registry.oversight.test_case_actions import closed, opened, taken
from tests.registry.oversight.test_erasure import accepted, filed
from tests.registry.screening.test_taking_customers import submitted

pytestmark = pytest.mark.django_db
GROUNDS = {ground.code: ground for ground in erasure.grounds()}
TOLD_ELSEWHERE = {"period", "never_submitted", "ownership_replaced", "application_entered", "application_ended"}
INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True)
class Made:
    """What a maker made: the moment from which its period runs, and words that must go."""

    since: datetime
    words: tuple[str, ...]
    tables: tuple[str, ...]


def erased(code: str, *, at: datetime) -> int:
    with acting_as(of_the_register("housekeeper")) as housekeeper:
        return erasure.erase(GROUNDS[code], by=housekeeper, at=at, limit=100)


def _text(tables: tuple[str, ...]) -> str:
    found: list[str] = []
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"select row_to_json(t)::text from {table} t")  # noqa: S608
            found += [row[0] for row in cursor.fetchall()]
    return " ".join(found)


def _facility(alice: Actor, _olga: Actor) -> Made:
    registered(alice, NOON, closed_on="2026-01-31")
    return Made(NOON, ("Rhône Halls", "Duty desk", "desk@example.org"), ("compute_facility",))


def _facility_act(alice: Actor, _olga: Actor) -> Made:
    registered(alice, NOON)
    return Made(NOON, ("Rhône Halls", "Duty desk", "desk@example.org"), ("compute_facilityact",))


def _facility_report(alice: Actor, _olga: Actor) -> Made:
    reported(registered(alice, NOON), alice, NOON)
    return Made(NOON, ("floor_area_m2",), ("compute_facilityreport",))


def _return(alice: Actor, _olga: Actor) -> Made:
    records.lend(Organisation.objects.get(id=alice.organisation))
    row = records.opened(alice, NOON)
    submitted(row, [records.line(1), records.line(2)], alice, NOON)
    words = ("Borealis", "Jeanne Colin", alice.id)
    return Made(row.changed_at, words, ("compute_accessrecord", "compute_return"))


def _plea(alice: Actor, olga: Actor) -> Made:
    tick()
    duty = own(alice, FIRST)[0]
    decide(olga, ask_extension(alice, duty), at=NOON + timedelta(days=9))
    return Made(NOON + timedelta(days=9), ("our parent", "Heard."), ("filings_plea", "filings_decision"))


def _finding(alice: Actor, _olga: Actor) -> Made:
    cases.finding(Organisation.objects.get(id=alice.organisation), found_at=NOON)
    return Made(NOON, ("Sud Calcul SAS",), ("screening_finding",))


def _case(alice: Actor, _olga: Actor) -> Made:
    cases.finding(Organisation.objects.get(id=alice.organisation))
    by = cases.officer()
    (case,) = opened()
    ended = closed(taken(case, by), by)
    assert ended.closed_at is not None
    words = ("Sud Calcul SAS", "owner is another", "Olga")
    return Made(ended.closed_at, words, ("oversight_case", "oversight_casestep"))


def _mismatch(alice: Actor, _olga: Actor) -> Made:
    later, screener = NOON + timedelta(days=365), of_the_register("screener")
    reference = filed(alice).reference
    with acting_as(screener):
        posting.post_filing(reference=reference, by=screener, at=later)
    with acting_as(screener):
        position_actions.read_stale(limit=9, by=screener, at=later)
    found = Mismatch.objects.get()
    code = next(iter(mismatches.reasons()))
    with acting_as(alice):
        mismatches.answer(reference=found.reference, reason_code=code, reason="Bertrand knows", by=alice, at=later)
    Mismatch.objects.update(status="closed", closed_at=later)
    return Made(later, ("Bertrand", found.bundle_key), ("screening_mismatch", "screening_mismatchanswer"))


MAKERS: dict[str, Callable[[Actor, Actor], Made]] = {
    "facility_closed": _facility,
    "facility_said": _facility_act,
    "facility_reported": _facility_report,
    "return_old": _return,
    "plea_old": _plea,
    "finding_old": _finding,
    "case_closed": _case,
    "mismatch_closed": _mismatch,
}


def test_every_ground_is_tried() -> None:
    assert set(MAKERS) | TOLD_ELSEWHERE == set(GROUNDS)


@pytest.mark.parametrize("code", MAKERS)
def test_it_goes_after_ten_years_and_not_a_moment_before(code: str, alice: Actor, olga: Actor) -> None:
    made = MAKERS[code](alice, olga)
    before = _text(made.tables)
    assert all(word in before for word in made.words)
    end = made.since.replace(year=made.since.year + 10)
    assert erased(code, at=end) == 0
    assert erased(code, at=end + INSTANT) == 1
    assert erased(code, at=end + timedelta(days=1)) == 0
    after = _text(made.tables)
    assert not [word for word in made.words if word in after]
    last = Entry.objects.last()
    assert last is not None
    assert last.kind == GROUNDS[code].target.event
    assert chain.verify(map(line_of, Entry.objects.all())) is None


@pytest.mark.parametrize("code", MAKERS)
def test_no_salt_is_left_in_what_is_erased(code: str, alice: Actor, olga: Actor) -> None:
    MAKERS[code](alice, olga)
    erased(code, at=NOON.replace(year=NOON.year + 12))
    for table in GROUNDS[code].target.emptied:
        if "salt" in emptying.tables()[table].columns:
            with connection.cursor() as cursor:
                cursor.execute(f"select count(*) from {table} where salt <> ''")  # noqa: S608
                assert cursor.fetchone() == (0,)


def test_a_facility_that_stands_is_kept_however_old(alice: Actor) -> None:
    registered(alice, NOON)
    assert erased("facility_closed", at=NOON.replace(year=NOON.year + 60)) == 0


def test_an_erased_facility_is_shown_to_nobody_and_counts_on(alice: Actor, olga: Actor) -> None:
    row = registered(alice, NOON, closed_on="2026-01-31")
    erased("facility_closed", at=NOON.replace(year=NOON.year + 11))
    for actor in (alice, olga, of_the_register("screener")):
        with acting_as(actor, read_only=True):
            assert not Facility.objects.visible_to(actor).exists()
    row.refresh_from_db()
    assert (row.country, row.it_power_kw, row.answers) == ("FR", 2000, [])


def test_an_erased_case_is_shown_to_nobody_and_its_outcome_stays(aurelia: Organisation, alice: Actor) -> None:
    made = _case(alice, alice)
    erased("case_closed", at=made.since.replace(year=made.since.year + 11))
    by = cases.officer()
    with acting_as(by, read_only=True):
        assert not Case.objects.visible_to(by).exists()
    assert Case.objects.get().outcome == "confirmed"


def test_the_numbers_of_an_erased_return_stay(alice: Actor, olga: Actor) -> None:
    _return(alice, olga)
    erased("return_old", at=NOON.replace(year=NOON.year + 11))
    assert not AccessRecord.objects.exists()
    row, version = Return.objects.get(), ReturnVersion.objects.get()
    assert (row.records, version.records, bytes(version.digest)) == (2, 2, b"")
    assert row.accelerator_hours == version.accelerator_hours > 0


def test_the_database_lets_nobody_delete_records_of_a_return_that_stands(alice: Actor, olga: Actor) -> None:
    _return(alice, olga)
    with (
        pytest.raises(DatabaseError, match="Cannot delete"),
        acting_as(of_the_register("housekeeper")),
        connection.cursor() as cursor,
    ):
        cursor.execute("delete from compute_accessrecord")


def test_what_is_about_a_filing_waits_for_the_filing(alice: Actor, olga: Actor) -> None:
    filing = filed(alice)
    with acting_as(of_the_register("screener")):
        Finding.objects.create(
            organisation_id=filing.organisation_id, territory="FR", filing=filing, version_number=1, rule="R-01",
            subject_kind=SubjectKind.FILING.value, subject_name="x", rule_version="1", severity="low", found_at=NOON,
        )  # fmt: skip
    for code in ("finding_old", "plea_old"):
        assert erased(code, at=NOON.replace(year=NOON.year + 40)) == 0
    assert not Plea.objects.exists()


def test_what_was_posted_from_a_filing_goes_with_it(alice: Actor, olga: Actor) -> None:
    filing, screener = accepted(alice, olga), of_the_register("screener")
    with acting_as(screener):
        posting.post_filing(reference=filing.reference, by=screener, at=NOON)
    assert PostedRun.objects.exists()
    assert erased("period", at=NOON.replace(year=NOON.year + 11)) == 1
    assert not PostedRun.objects.exists()
