"""What has been kept for its period is deleted, what has not is not, and nothing that was filed is ever touched."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.db import DatabaseError, ProgrammingError, connection

from registry import tasks
from registry.accounts import proposals, retention
from registry.accounts.models import Membership, Proposal, User
from registry.accounts.policy import CONFIDENTIAL, Permission, of_the_register
from registry.accounts.retention import Rule
from registry.acting import Actor, Audience, acting_as
from registry.compute import models as compute
from registry.dispatch import outbox
from registry.dispatch.models import Attempt, Delivery, DeliveryStatus, Event, Handled, Mail, MailStatus, Reply, Webhook
from registry.errors import NotPermitted
from registry.filings import actions as filings
from registry.filings import drafts
from registry.filings.actions import NewFiling
from registry.filings.models import Amendment, Filing, Kind, Version
from registry.ledger.models import Entry
from registry.onboarding.lifecycle import Status
from registry.onboarding.models import Application, Letter, LetterStatus
from registry.organisations.models import Organisation
from registry.oversight import actions as oversight
from registry.oversight import exports
from registry.oversight.export_rules import Content, Format
from registry.oversight.models import Export, Look
from registry.oversight.purposes import Purpose
from registry.screening import models as screening
from registry.statistics import models as statistics
from tests import documents
from tests.conftest import NOON, person

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


def _webhook(organisation: Organisation) -> Webhook:
    moments = dict.fromkeys(("status_at", "active_since", "created_at", "changed_at"), NOON)
    return Webhook.objects.create(
        organisation=organisation, url="https://x.example/", kinds=["filing.asked"], **moments
    )


def _delivery(webhook: Webhook, at: datetime) -> Delivery:
    return Delivery.objects.create(
        organisation=webhook.organisation,
        webhook=webhook,
        event_key=uuid4(),
        kind="filing.asked",
        subject="ECAR-1",
        event_at=at,
        status=DeliveryStatus.DELIVERED,
        created_at=at,
        finished_at=at,
    )


def _attempt(delivery: Delivery, at: datetime, number: int = 1) -> Attempt:
    whose = {"organisation": delivery.organisation, "delivery": delivery}
    return Attempt.objects.create(**whose, number=number, at=at, duration_ms=1, answer_bytes=0)


def _reply(organisation: Organisation, at: datetime) -> Reply:
    return Reply.objects.create(
        organisation=organisation, key=str(uuid4()), fingerprint=b"x" * 32, status=201, body=b"", at=at
    )


def _handled(_organisation: Organisation, at: datetime) -> Handled:
    return Handled.objects.create(task="screen", event_key=uuid4(), at=at)


def _mail(organisation: Organisation, at: datetime) -> Mail:
    return Mail.objects.create(
        organisation=organisation,
        recipient=User.objects.create_user(f"{uuid4()}@example.org", None, name="Hugo"),
        event_key=uuid4(),
        kind="duty.overdue",
        subject="ECAR-1",
        event_at=at,
        status=MailStatus.SENT,
        created_at=at,
        finished_at=at,
    )


def _event(_organisation: Organisation, at: datetime) -> Event:
    """One that the relay handed over."""
    return Event.objects.create(kind="filing.submitted", subject="ECAR-1", at=at, relayed_at=at)


def _proposal(organisation: Organisation, at: datetime) -> Proposal:
    """One that nobody decided: an invitation of Hugo, whose period runs from the end of its waiting."""
    by, made = person("provider_administrator", organisation=organisation, name="Ines"), at - timedelta(days=14)
    hugo = {"name": "Hugo", "email": f"{uuid4()}@example.org", "role": "provider_reader"}
    with acting_as(by):
        return proposals.propose(kind="member.invite", payload=hugo, shown=hugo, by=by, at=made, announce=outbox.put)


def _application(_organisation: Organisation, at: datetime) -> Application:
    """One whose link is over at `at`: from then the period runs."""
    return Application.objects.create(
        reference=f"APP-{uuid4().hex[:12]}",
        link=uuid4().hex,
        territory="FR",
        status=Status.UNCONFIRMED,
        content={},
        language="fr",
        created_at=at - timedelta(days=2),
        changed_at=at - timedelta(days=2),
        expires_at=at,
    )


def _letter(_organisation: Organisation, at: datetime) -> Letter:
    return Letter.objects.create(
        kind="invitation",
        target=uuid4(),
        address="hugo@example.org",
        language="fr",
        status=LetterStatus.SENT,
        created_at=at,
        finished_at=at,
    )


def _filed(organisation: Organisation, at: datetime) -> str:
    by = person("provider_submitter", organisation=organisation)
    content = documents.planned_run(run__client_run_id=str(uuid4()))
    with acting_as(by):
        outcome = filings.file([NewFiling(content=content)], by=by, at=at)[0]
    assert outcome.refusal is None
    return str(outcome.reference)


def _export(organisation: Organisation, at: datetime) -> Export:
    """A file of which one part is left."""
    reference, by = _filed(organisation, at), person("officer", territory=organisation.territory)
    with acting_as(by):
        found = Filing.objects.visible_to(by).filter(reference=reference)
        order = exports.Order(found, Content.LIST, Format.CSV, {"status": "all"})
        made = exports.make(order, purpose=Purpose("review"), by=by, at=at, announce=outbox.put)
    made.parts.exclude(position=0).delete()
    return made


def _look(organisation: Organisation, at: datetime) -> Look:
    reference, by = _filed(organisation, at), person("officer", territory=organisation.territory)
    with acting_as(by):
        oversight.open_filing(reference=reference, purpose=Purpose("review"), by=by, at=at)
    return Look.objects.get(reference=reference)


def _amendment(organisation: Organisation, at: datetime) -> Amendment:
    """A further version that was begun and then left alone."""
    reference, by = _filed(organisation, at), person("provider_submitter", organisation=organisation)
    with acting_as(by):
        drafts.begin(reference=reference, kind=Kind.UPDATE, by=by, at=at)
    return Amendment.objects.get(filing__reference=reference)


def _part(organisation: Organisation, at: datetime) -> compute.UploadPart:
    """The verdicts on one line of an upload, checked at `at`."""
    whose = {"organisation": organisation, "territory": organisation.territory}
    month = at.date().replace(day=1)
    filed, _ = compute.Return.objects.get_or_create(
        **whose, month=month, defaults={"reference": "RET", "opened_at": at, "changed_at": at}
    )
    upload = compute.Upload.objects.create(
        **whose,
        monthly_return=filed,
        number=filed.uploads.count() + 1,
        format=compute.Format.NDJSON,
        atomicity=compute.Atomicity.EACH,
        digest=b"x" * 32,
        size_bytes=1,
        parts_made=1,
        lines_read=1,
        received_at=at,
        changed_at=at,
    )
    return compute.UploadPart.objects.create(
        **whose, upload=upload, number=1, first_line=1, lines=1, verdicts=b"x", checked_at=at
    )


def _use(organisation: Organisation, at: datetime) -> screening.PostedUse:
    """What one customer's records of a month add up to; the period runs from the day of `at`."""
    whose = {"organisation": organisation, "territory": organisation.territory, "account": f"name:{uuid4()}"}
    days = dict.fromkeys(("month", "starts_on", "ends_on"), at.date())
    return screening.PostedUse.objects.create(**whose, **days, is_training=True, records=1, hours=1, flop=1)


def _bundle(_organisation: Organisation, at: datetime) -> screening.Bundle:
    days = dict.fromkeys(("starts_on", "ends_on", "read_on"), at.date())
    sums = dict.fromkeys(("filed_hours", "reported_hours", "filed_flop", "reported_flop"), 1)
    return screening.Bundle.objects.create(group=f"lei:{uuid4()}", key="k", state="matched", **days, **sums)


def _position(_organisation: Organisation, at: datetime) -> screening.Position:
    names = dict.fromkeys(("subject", "group", "name"), f"lei:{uuid4()}")
    return screening.Position.objects.create(kind="owner_group", **names, changed_at=at)


def _authorisation(organisation: Organisation, at: datetime) -> screening.Authorisation:
    whose = {"organisation": organisation, "territory": organisation.territory, "customer_name": "Hugo"}
    days = dict.fromkeys(("from_on", "until_on"), at.date())
    return screening.Authorisation.objects.create(**whose, **days, reference=str(uuid4()), recorded_at=at)


def _vintage(at: datetime) -> statistics.Vintage:
    """A vintage that was given up; made by the owner of the tables, as everything here."""
    moments = dict.fromkeys(("as_of", "publish_at", "drafted_at"), at)
    said = {"release": "2026-Q3", "number": 1, "state": "dropped", "is_provisional": True}
    return statistics.Vintage.objects.create(**said, **moments, drafted_by="person:1", drafter_name="Stefan")


def _facts(_organisation: Organisation, at: datetime) -> statistics.VintageInput:
    return statistics.VintageInput.objects.create(vintage=_vintage(at), facts=b"x", stored_at=at)


def _plan(_organisation: Organisation, at: datetime) -> statistics.VintagePlan:
    return statistics.VintagePlan.objects.create(vintage=_vintage(at), plan=b"x", review=[], stored_at=at)


def _audit(_organisation: Organisation, at: datetime) -> statistics.VintageReport:
    return statistics.VintageReport.objects.create(vintage=_vintage(at), verdict="clean", report="{}", stored_at=at)


MAKERS: dict[str, Callable[[Organisation, datetime], Any]] = {
    "first answers": _reply,
    "amendments that were never filed": _amendment,
    "handled markers": _handled,
    "relayed events": _event,
    "proposals": _proposal,
    "webhook attempts": lambda organisation, at: _attempt(_delivery(_webhook(organisation), at), at),
    "webhook deliveries": lambda organisation, at: _delivery(_webhook(organisation), at),
    "verdicts on lines of returns": _part,
    "applications never confirmed": _application,
    "letters": _letter,
    "mails": _mail,
    "export files": _export,
    "names of persons in looks": _look,
    "sums of uses by customer": _use,
    "bundles of runs and uses": _bundle,
    "positions nothing was added to": _position,
    "names in authorisations": _authorisation,
    "facts behind releases": _facts,
    "plans of releases": _plan,
    "reports of the auditor": _audit,
}
IN_TEN_YEARS = NOON.replace(year=NOON.year + 10, hour=0)  # days begin at midnight UTC
# The last moment before which a row made at noon goes, from the periods of the file as PostgreSQL adds them.
ENDS = {
    "first answers": NOON + timedelta(days=30),
    "amendments that were never filed": NOON.replace(year=NOON.year + 1),
    "handled markers": NOON + timedelta(days=90),
    "relayed events": NOON + timedelta(days=90),
    "proposals": NOON.replace(year=NOON.year + 1),
    "webhook attempts": NOON + timedelta(days=90),
    "webhook deliveries": NOON + timedelta(days=90),
    "verdicts on lines of returns": NOON.replace(year=NOON.year + 1),
    "applications never confirmed": NOON + timedelta(days=1),
    "letters": NOON + timedelta(days=90),
    "mails": NOON.replace(year=NOON.year + 1),
    "export files": NOON + timedelta(days=4),
    "names of persons in looks": NOON.replace(year=NOON.year + 1),
    "sums of uses by customer": IN_TEN_YEARS,
    "bundles of runs and uses": IN_TEN_YEARS,
    "positions nothing was added to": NOON.replace(year=NOON.year + 10),
    "names in authorisations": IN_TEN_YEARS,
    "facts behind releases": NOON.replace(year=NOON.year + 10),
    "plans of releases": NOON.replace(year=NOON.year + 10),
    "reports of the auditor": NOON.replace(year=NOON.year + 2),
}


def _apply(rule: Rule, at: datetime, limit: int = 100) -> int:
    with acting_as(KEEPER):
        return retention.apply(rule, by=KEEPER, at=at, limit=limit)


def test_every_class_has_a_maker_here() -> None:
    assert set(MAKERS) == set(ENDS) == set(RULES)


@pytest.mark.parametrize("name", RULES)
def test_a_row_goes_when_its_period_has_ended_and_not_a_moment_before(name: str, aurelia: Organisation) -> None:
    MAKERS[name](aurelia, NOON)
    assert _apply(RULES[name], ENDS[name]) == 0
    assert _apply(RULES[name], ENDS[name] + timedelta(microseconds=1)) == 1
    rows, columns = TABLES[RULES[name].table]._default_manager, RULES[name].columns
    assert rows.exists() == bool(columns)  # what is cleared stays as a row
    assert all(value in (None, "", b"", {}) for row in rows.values_list(*columns or ("pk",)) for value in row)
    assert _apply(RULES[name], ENDS[name] + timedelta(days=1)) == 0


@pytest.mark.parametrize("name", RULES)
def test_the_ledger_says_how_many_of_which_class_and_nothing_when_there_was_nothing(
    name: str, aurelia: Organisation
) -> None:
    before = Entry.objects.count()
    assert _apply(RULES[name], NOON) == 0
    assert Entry.objects.count() == before
    for _ in range(3):
        MAKERS[name](aurelia, NOON)
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
    made = _proposal(aurelia, NOON)
    assert "Hugo" in _rows("accounts_proposal")[0]
    assert _apply(RULES["proposals"], ENDS["proposals"] + timedelta(seconds=1)) == 1
    (row,) = _rows("accounts_proposal")
    assert not [word for word in ("Hugo", "Ines", "example.org", "provider_reader") if word in row]
    made.refresh_from_db()
    assert (made.kind, made.status, bytes(made.salt)) == ("member.invite", "pending", b"")
    assert made.sentence("en") == "Invite … (…) as …."


def test_a_delivery_stays_as_long_as_an_attempt_of_it(aurelia: Organisation) -> None:
    delivery = _delivery(_webhook(aurelia), NOON)
    _attempt(delivery, NOON)
    _attempt(delivery, NOON + timedelta(days=60), number=2)
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
    for make in MAKERS.values():
        make(aurelia, NOON)
    kept = [table for table in TABLES if table.startswith(("filings_", "organisations_", "ledger_"))]
    kept.remove("filings_amendment")  # what is being written was not filed yet
    before = {table: _rows(table) for table in kept}
    monkeypatch.setattr(tasks.timezone, "now", lambda: NOON.replace(year=NOON.year + 30))
    assert tasks.apply_retention() == len(MAKERS) + 1  # an attempt goes with its delivery
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
        _reply(aurelia, NOON)
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
    _filed(aurelia, NOON)
    _set_canonical("")
    assert Version.objects.get().canonical == ""


def test_the_database_lets_nobody_put_other_content_in_the_place_of_what_was_filed(aurelia: Organisation) -> None:
    _filed(aurelia, NOON)
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
