"""What has been kept for its period is deleted, what has not is not, and nothing that was filed is ever touched."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import DatabaseError, ProgrammingError, connection

from registry import tasks
from registry.accounts import retention
from registry.accounts.models import Membership, User
from registry.accounts.policy import CONFIDENTIAL, Permission, of_the_register
from registry.accounts.retention import Rule
from registry.acting import Actor, Audience, acting_as
from registry.dispatch.models import Event
from registry.errors import NotPermitted
from registry.filings import actions as filings
from registry.filings.actions import NewFiling
from registry.filings.models import Version
from registry.ledger.models import Entry
from registry.organisations.models import Organisation
from tests import documents
from tests.conftest import NOON
from tests.registry.accounts import aged

KEEPER = of_the_register("housekeeper")
RULES = {rule.name: rule for rule in retention.rules()}
SAID: dict[str, Any] = {
    "class": "x",
    "table": "dispatch_reply",
    "moment": "at",
    "keep": {"days": 30},
    "action": "delete",
    "source": "the law",
}
TABLES = {model._meta.db_table: model for model in apps.get_models()}


def _apply(rule: Rule, at: datetime, limit: int = 100) -> int:
    with acting_as(KEEPER):
        return retention.apply(rule, by=KEEPER, at=at, limit=limit)


def test_every_class_has_a_maker_here() -> None:
    assert set(aged.MAKERS) == set(aged.ENDS) == set(RULES)


@pytest.mark.parametrize("name", RULES)
def test_a_row_goes_when_its_period_has_ended_and_not_a_moment_before(name: str, aurelia: Organisation) -> None:
    aged.MAKERS[name](aurelia, NOON)
    assert _apply(RULES[name], aged.ENDS[name]) == 0
    assert _apply(RULES[name], aged.ENDS[name] + timedelta(microseconds=1)) == 1
    rows, columns = TABLES[RULES[name].table]._default_manager, RULES[name].columns
    assert rows.exists() == bool(columns)  # what is cleared stays as a row
    assert all(value in (None, "", b"", {}) for row in rows.values_list(*columns or ("pk",)) for value in row)
    assert _apply(RULES[name], aged.ENDS[name] + timedelta(days=1)) == 0


@pytest.mark.parametrize("name", RULES)
def test_the_ledger_says_how_many_of_which_class_and_nothing_when_there_was_nothing(
    name: str, aurelia: Organisation
) -> None:
    before = Entry.objects.count()
    assert _apply(RULES[name], NOON) == 0
    assert Entry.objects.count() == before
    for _ in range(3):
        aged.MAKERS[name](aurelia, NOON)
    late = NOON + timedelta(days=4000)
    assert _apply(RULES[name], late, limit=2) == 2
    entry = Entry.objects.order_by("index").last()
    assert entry is not None
    assert (entry.kind, entry.actor, entry.at) == (retention.APPLIED, KEEPER.id, late)
    assert entry.subject == f"{name}: 2 after {RULES[name].period}"
    assert _apply(RULES[name], late) == 1


def test_an_event_that_waits_to_be_relayed_is_kept_however_old(aurelia: Organisation) -> None:
    waiting = Event.objects.create(kind="filing.submitted", subject="ECAR-1", at=NOON)
    assert _apply(RULES["relayed events"], NOON + timedelta(days=4000)) == 0
    assert Event.objects.get() == waiting


def test_of_a_proposal_no_name_and_no_address_is_left_and_its_course_stays(aurelia: Organisation) -> None:
    made = aged.proposal(aurelia, NOON)
    assert "Hugo" in _rows("accounts_proposal")[0]
    assert _apply(RULES["proposals"], aged.ENDS["proposals"] + timedelta(seconds=1)) == 1
    (row,) = _rows("accounts_proposal")
    assert not [word for word in ("Hugo", "Ines", "example.org", "provider_reader") if word in row]
    made.refresh_from_db()
    assert (made.kind, made.status, bytes(made.salt)) == ("member.invite", "pending", b"")
    assert made.sentence("en") == "Invite … (…) as …."


def test_a_delivery_stays_as_long_as_an_attempt_of_it(aurelia: Organisation) -> None:
    delivery = aged.delivery(aged.webhook(aurelia), NOON)
    aged.attempt(delivery, NOON)
    aged.attempt(delivery, NOON + timedelta(days=60), number=2)
    at = NOON + timedelta(days=91)
    assert _apply(RULES["webhook attempts"], at) == 1
    assert _apply(RULES["webhook deliveries"], at) == 0
    later = NOON + timedelta(days=151)
    assert _apply(RULES["webhook attempts"], later) == 1
    assert _apply(RULES["webhook deliveries"], later) == 1


def test_nothing_that_was_filed_is_touched_however_old(
    alice: Actor, aurelia: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    with acting_as(alice):
        outcome = filings.file([NewFiling(content=documents.planned_run())], by=alice, at=NOON)[0]
    assert outcome.refusal is None
    for make in aged.MAKERS.values():
        make(aurelia, NOON)
    kept = [table for table in TABLES if table.startswith(("filings_", "organisations_", "ledger_"))]
    kept.remove("filings_amendment")  # what is being written was not filed yet
    before = {table: _rows(table) for table in kept}
    monkeypatch.setattr(tasks.timezone, "now", lambda: NOON.replace(year=NOON.year + 30))
    assert tasks.apply_retention() == len(aged.MAKERS) + 1  # an attempt goes with its delivery
    after = {table: _rows(table) for table in kept}
    assert after.pop("ledger_entry")[: len(before["ledger_entry"])] == before.pop("ledger_entry")
    assert after == before
    assert before["filings_version"]
    assert tasks.apply_retention() == 0


def _rows(table: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(f"select row_to_json(t)::text from {table} t order by 1")  # noqa: S608
        found = [row[0] for row in cursor.fetchall()]
    return sorted(found, key=lambda row: int(re.findall(r'"index":(\d+)', row)[0])) if "ledger" in table else found


def test_what_does_not_fit_one_step_is_deleted_in_several(
    aurelia: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(5):
        aged.reply(aurelia, NOON)
    monkeypatch.setattr(tasks, "DELETED_AT_ONCE", 2)
    monkeypatch.setattr(tasks.timezone, "now", lambda: NOON + timedelta(days=40))
    assert tasks.apply_retention() == 5


@pytest.mark.parametrize(
    "statement",
    [
        "delete from filings_version",
        "delete from filings_filing",
        "delete from ledger_entry",
        "delete from oversight_look",
        "update filings_version set number = 2",
        "update filings_version set submitted_by = ''",
        "select body from dispatch_reply",
        "select recipient_id from dispatch_mail",
    ],
)
@pytest.mark.django_db
def test_the_database_itself_keeps_the_housekeeper_from_it(statement: str) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"), acting_as(KEEPER), connection.cursor() as cursor:
        cursor.execute(statement)


def _set_canonical(text: str) -> None:
    with acting_as(KEEPER), connection.cursor() as cursor:
        cursor.execute("update filings_version set canonical = %s", [text])


def test_the_database_lets_the_housekeeper_empty_a_version_since_erasure_is_its_work(aurelia: Organisation) -> None:
    """Content goes after its period (registry.oversight.erasure): the policy grants these columns, the guard lets it.

    The housekeeper reads neither content nor digest. That the period has ended, erasure.due decides, not the database.
    """
    aged.filed(aurelia, NOON)
    _set_canonical("")
    assert Version.objects.get().canonical == ""


def test_the_database_lets_nobody_put_other_content_in_the_place_of_what_was_filed(aurelia: Organisation) -> None:
    aged.filed(aurelia, NOON)
    with pytest.raises(DatabaseError, match="emptied and nothing else"):
        _set_canonical("x")


def test_nobody_else_applies_it(alice: Actor) -> None:
    with pytest.raises(NotPermitted), acting_as(alice):
        retention.apply(RULES["mails"], by=alice, at=NOON, limit=1)


# --- the file --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.name)
def test_a_rule_names_columns_that_exist_and_that_the_housekeeper_may_use(rule: Rule) -> None:
    columns = {field.column for field in TABLES[rule.table]._meta.concrete_fields}
    assert {rule.key, rule.moment, *rule.columns} <= columns
    granted = {grant.command: grant for grant in CONFIDENTIAL[rule.table][Audience.HOUSEKEEPER]}
    assert {rule.key, rule.moment} <= set(granted["select"].columns)
    assert ("update" if rule.columns else "delete") in granted
    for table, column in rule.spared_by:
        assert column in {field.column for field in TABLES[table]._meta.concrete_fields}


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.name)
def test_the_report_of_a_rule_fits_its_column(rule: Rule) -> None:
    assert len(f"{rule.name}: {10**9} after {rule.period}") <= 64


@pytest.mark.parametrize(
    "change",
    [
        {"action": "burn"},
        {"action": "clear"},
        {"columns": ["body"]},
        {"keep": {}},
        {"keep": {"days": 0}},
        {"keep": {"days": True}},
        {"keep": {"hours": 3}},
        {"keep": {"days": 1, "hours": 3}},
        {"table": "a; drop table b"},
        {"key": "Id"},
        {"spared_by": ["dispatch_attempt"]},
        {"source": ""},
    ],
)
def test_a_rule_that_says_what_it_must_not_is_refused(change: dict[str, Any]) -> None:
    assert retention.rule_of(SAID)
    with pytest.raises(ValueError, match=r"x: "):
        retention.rule_of(SAID | change)


@pytest.mark.parametrize("lacks", ["table", "moment", "keep", "action", "source", "class"])
def test_a_rule_that_lacks_something_is_refused(lacks: str) -> None:
    with pytest.raises(KeyError):
        retention.rule_of({key: value for key, value in SAID.items() if key != lacks})


def test_a_class_that_is_not_listed_has_no_period() -> None:
    with pytest.raises(KeyError):
        retention.rule("filings")


def test_clearing_makes_columns_empty_and_keeps_the_row_once(aurelia: Organisation, registrar: Actor) -> None:
    """Tried on what the registrar may change, with the permission lent: no class of the file clears yet."""
    ends = NOON + timedelta(days=1)
    user = User.objects.create_user("hugo@example.org", None, name="Hugo")
    Membership.objects.create(user=user, organisation=aurelia, role="provider_reader", starts_at=NOON, ends_at=ends)
    keep = {"years": 1, "months": 1, "days": 1}
    said = {"table": "accounts_membership", "moment": "starts_at", "action": "clear", "columns": ["ends_at"]}
    rule = retention.rule_of(SAID | said | {"keep": keep})
    hand = Actor("test", "Test", registrar.audience, frozenset({Permission.EXPIRED_PURGE}))
    at = NOON.replace(year=NOON.year + 1, month=12, day=21)
    counts = []
    for moment in (at, at + timedelta(seconds=1), at + timedelta(days=1)):
        with acting_as(hand):
            counts.append(retention.apply(rule, by=hand, at=moment, limit=10))
    assert counts == [0, 1, 0]
    assert Membership.objects.get().ends_at is None
