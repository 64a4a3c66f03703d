"""A row of each class that is kept for a period, made as of a moment."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from registry.accounts import proposals
from registry.accounts.models import Proposal, User
from registry.acting import acting_as
from registry.compute import models as compute
from registry.dispatch import outbox
from registry.dispatch.models import Attempt, Delivery, DeliveryStatus, Event, Handled, Mail, MailStatus, Reply, Webhook
from registry.filings import actions as filings
from registry.filings import drafts
from registry.filings.actions import NewFiling
from registry.filings.models import Amendment, Filing, Kind
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


def webhook(organisation: Organisation) -> Webhook:
    moments = dict.fromkeys(("status_at", "active_since", "created_at", "changed_at"), NOON)
    return Webhook.objects.create(
        organisation=organisation, url="https://x.example/", kinds=["filing.asked"], **moments
    )


def delivery(webhook: Webhook, at: datetime) -> Delivery:
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


def attempt(delivery: Delivery, at: datetime, number: int = 1) -> Attempt:
    whose = {"organisation": delivery.organisation, "delivery": delivery}
    return Attempt.objects.create(**whose, number=number, at=at, duration_ms=1, answer_bytes=0)


def reply(organisation: Organisation, at: datetime) -> Reply:
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


def proposal(organisation: Organisation, at: datetime) -> Proposal:
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


def filed(organisation: Organisation, at: datetime) -> str:
    by = person("provider_submitter", organisation=organisation)
    content = documents.planned_run(run__client_run_id=str(uuid4()))
    with acting_as(by):
        outcome = filings.file([NewFiling(content=content)], by=by, at=at)[0]
    assert outcome.refusal is None
    return str(outcome.reference)


def _export(organisation: Organisation, at: datetime) -> Export:
    """A file of which one part is left."""
    reference, by = filed(organisation, at), person("officer", territory=organisation.territory)
    with acting_as(by):
        found = Filing.objects.visible_to(by).filter(reference=reference)
        order = exports.Order(found, Content.LIST, Format.CSV, {"status": "all"})
        made = exports.make(order, purpose=Purpose("review"), by=by, at=at, announce=outbox.put)
    made.parts.exclude(position=0).delete()
    return made


def _look(organisation: Organisation, at: datetime) -> Look:
    reference, by = filed(organisation, at), person("officer", territory=organisation.territory)
    with acting_as(by):
        oversight.open_filing(reference=reference, purpose=Purpose("review"), by=by, at=at)
    return Look.objects.get(reference=reference)


def _amendment(organisation: Organisation, at: datetime) -> Amendment:
    """A further version that was begun and then left alone."""
    reference, by = filed(organisation, at), person("provider_submitter", organisation=organisation)
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
    "first answers": reply,
    "amendments that were never filed": _amendment,
    "handled markers": _handled,
    "relayed events": _event,
    "proposals": proposal,
    "webhook attempts": lambda organisation, at: attempt(delivery(webhook(organisation), at), at),
    "webhook deliveries": lambda organisation, at: delivery(webhook(organisation), at),
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
