"""Who is written to about an event, once; what becomes of a mail that the server does not take."""

import logging
import smtplib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core import mail as outgoing
from django.core.mail.backends.locmem import EmailBackend
from django.db import ProgrammingError, connection

from registry.accounts.models import Membership, User
from registry.accounts.policy import of_the_register
from registry.acting import Actor, acting_as
from registry.dispatch import mail, outbox, retries
from registry.dispatch.mail import MailFailure
from registry.dispatch.models import Mail, MailStatus
from registry.errors import NotPermitted
from registry.organisations.models import Authority, Organisation
from tests.conftest import NOON

MAILER = of_the_register("mailer")
REFERENCE = "ECAR-2026-000123-7"
Enrol = Callable[..., User]


@pytest.fixture
def enrol(db: None) -> Enrol:
    """A maker of people with one membership."""

    def made(
        name: str, role: str, place: Organisation | Authority, language: str = "en", ends_at: datetime | None = None
    ) -> User:
        user = User.objects.create_user(f"{name}@example.org", None, name=name, language=language)
        where = "organisation" if isinstance(place, Organisation) else "authority"
        Membership.objects.create(
            user=user, role=role, starts_at=NOON - timedelta(days=400), ends_at=ends_at, **{where: place}
        )
        return user

    return made


def _tell(organisation: Organisation | None, kind: str, *subjects: str, at: datetime = NOON, now: Any = None) -> int:
    """Put events and write the mails about them; gives their number."""
    with acting_as(of_the_register("registrar")):
        outbox.put(
            kind, subjects=subjects or (REFERENCE,), at=at, organisation=organisation.id if organisation else None
        )
    with acting_as(MAILER):
        return mail.fan_out(by=MAILER, at=now or at)


def _round(at: datetime = NOON) -> list[MailFailure | None]:
    """Claim what is due, send, record: what the worker does at one moment."""
    with acting_as(MAILER):
        claimed = mail.claim(by=MAILER, at=at)
    results = mail.send_all(claimed)
    with acting_as(MAILER):
        mail.record(results, by=MAILER, at=at)
    return [failure for _, failure in results]


def _addresses() -> list[str]:
    return sorted(address for each in outgoing.outbox for address in each.to)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Callable[[Exception | None], None]:
    """Lets the mail server fail with an exception from now on, or work again."""
    raised: list[Exception | None] = [None]
    works = EmailBackend.send_messages

    def send(self: EmailBackend, messages: Any) -> int:
        if raised[0] is not None:
            raise raised[0]
        return works(self, messages)

    monkeypatch.setattr(EmailBackend, "send_messages", send)

    def behave(exception: Exception | None) -> None:
        raised[0] = exception

    return behave


def test_a_mail_crosses_neither_organisation_nor_role(
    enrol: Enrol, aurelia: Organisation, cantabria: Organisation
) -> None:
    enrol("hugo", "provider_administrator", aurelia)
    enrol("alice", "provider_submitter", aurelia)
    enrol("bob", "provider_reader", aurelia)
    enrol("charlie", "provider_submitter", cantabria)
    enrol("clara", "provider_administrator", cantabria)
    enrol("olga", "officer", Authority.objects.get(territory="FR"))
    assert _tell(aurelia, "webhook.disabled", str(uuid4())) == 1
    _round()
    assert _addresses() == ["hugo@example.org"]
    outgoing.outbox.clear()
    assert _tell(aurelia, "duty.overdue") == 2
    _round()
    assert _addresses() == ["alice@example.org", "hugo@example.org"]
    assert all(len(each.to) == 1 and not each.cc and not each.bcc for each in outgoing.outbox)


def test_a_mail_says_the_reference_in_the_readers_language_and_that_it_is_automatic(
    enrol: Enrol, aurelia: Organisation, settings: Any
) -> None:
    enrol("hugo", "provider_administrator", aurelia, language="fr")
    _tell(aurelia, "duty.due_soon")
    _round()
    (sent,) = outgoing.outbox
    assert REFERENCE in sent.subject
    assert "échéance" in sent.subject
    assert f"{settings.BASE_URL}/fr/workspace/filings/{REFERENCE}/" in sent.body
    assert sent.extra_headers["Auto-Submitted"] == "auto-generated"
    assert sent.content_subtype == "plain"


def test_emitting_the_event_of_an_expiring_key_suffices(enrol: Enrol, aurelia: Organisation) -> None:
    enrol("hugo", "provider_administrator", aurelia, language="de")
    assert _tell(aurelia, "client_key.expiring", "aurelia-2026-11") == 1
    _round()
    assert "aurelia-2026-11" in outgoing.outbox[0].body


def test_an_event_is_mailed_once_however_often_it_is_told(enrol: Enrol, aurelia: Organisation) -> None:
    enrol("hugo", "provider_administrator", aurelia)
    assert _tell(aurelia, "duty.overdue") == 1
    with acting_as(MAILER):
        key = str(Mail.objects.get().event_key)
        assert mail.fan_out(by=MAILER, at=NOON) == 0
        assert mail.fan_out(keys=[key], by=MAILER, at=NOON) == 0
    assert _round() == [None]
    assert _round() == []
    assert len(outgoing.outbox) == 1


def test_three_duties_of_one_filing_at_one_moment_are_one_mail(enrol: Enrol, aurelia: Organisation) -> None:
    enrol("hugo", "provider_administrator", aurelia)
    assert _tell(aurelia, "duty.due_soon", REFERENCE, REFERENCE, REFERENCE, "ECAR-2026-000124-5") == 2
    assert _tell(aurelia, "duty.due_soon", at=NOON + timedelta(minutes=5)) == 1


@pytest.mark.parametrize("kind", ["filing.submitted", "finding.made"])
def test_other_events_are_mailed_to_nobody(enrol: Enrol, aurelia: Organisation, kind: str) -> None:
    enrol("hugo", "provider_administrator", aurelia)
    assert _tell(aurelia, kind) == 0


def test_an_event_of_no_organisation_is_mailed_to_nobody(enrol: Enrol, aurelia: Organisation) -> None:
    enrol("hugo", "provider_administrator", aurelia)
    assert _tell(None, "duty.overdue") == 0


def test_what_happened_days_ago_is_not_told_any_more(enrol: Enrol, aurelia: Organisation) -> None:
    enrol("hugo", "provider_administrator", aurelia)
    assert _tell(aurelia, "duty.overdue", at=NOON - outbox.SWEPT_BACK, now=NOON) == 0


def test_who_has_left_or_is_locked_out_is_not_written_to(enrol: Enrol, aurelia: Organisation) -> None:
    enrol("gone", "provider_administrator", aurelia, ends_at=NOON)
    locked = enrol("locked", "provider_administrator", aurelia)
    User.objects.filter(id=locked.id).update(is_active=False)
    assert _tell(aurelia, "duty.overdue") == 0


@pytest.mark.parametrize("change", ["leaves", "is locked out", "loses the role"])
def test_who_leaves_before_the_mail_is_sent_does_not_get_it(enrol: Enrol, aurelia: Organisation, change: str) -> None:
    user = enrol("hugo", "provider_administrator", aurelia)
    _tell(aurelia, "webhook.disabled", str(uuid4()))
    if change == "is locked out":
        User.objects.filter(id=user.id).update(is_active=False)
    elif change == "leaves":
        Membership.objects.filter(user=user).update(ends_at=NOON)
    else:
        Membership.objects.filter(user=user).update(role="provider_reader")
    assert _round() == [MailFailure.NOT_ENTITLED]
    assert outgoing.outbox == []
    found = Mail.objects.get()
    assert (found.status, found.failure, found.attempts) == (MailStatus.FAILED, "not-entitled", 0)


@pytest.mark.parametrize(
    ("raised", "failure"),
    [
        (smtplib.SMTPRecipientsRefused({"a@b": (450, b"later")}), MailFailure.DEFERRED),
        (smtplib.SMTPDataError(451, b"later"), MailFailure.DEFERRED),
        (smtplib.SMTPServerDisconnected("away"), MailFailure.CONNECTION),
        (smtplib.SMTPAuthenticationError(535, b"who?"), MailFailure.CONNECTION),
        (ConnectionRefusedError(), MailFailure.CONNECTION),
    ],
)
def test_a_mail_that_is_not_taken_is_tried_again_by_the_schedule_of_webhooks(
    enrol: Enrol, aurelia: Organisation, server: Callable[..., None], raised: Exception, failure: MailFailure
) -> None:
    enrol("hugo", "provider_administrator", aurelia)
    _tell(aurelia, "duty.overdue")
    server(raised)
    assert _round() == [failure]
    found = Mail.objects.get()
    assert found.next_attempt_at == retries.next_attempt(attempts=1, after=NOON, seed=str(found.id))
    assert (found.status, found.failure, found.leased_until) == (MailStatus.PENDING, failure.value, None)
    assert _round() == []
    server(None)
    assert _round(NOON + timedelta(minutes=1)) == [None]
    found.refresh_from_db()
    assert (found.status, found.failure, found.attempts) == (MailStatus.SENT, "", 2)
    assert found.finished_at == NOON + timedelta(minutes=1)


@pytest.mark.parametrize(
    "raised",
    [smtplib.SMTPRecipientsRefused({"a@b": (550, b"nobody")}), smtplib.SMTPDataError(554, b"no"), ValueError()],
)
def test_an_address_that_bounces_is_given_up_visibly_and_named_to_nobody(
    enrol: Enrol,
    aurelia: Organisation,
    server: Callable[..., None],
    raised: Exception,
    caplog: pytest.LogCaptureFixture,
) -> None:
    enrol("hugo", "provider_administrator", aurelia)
    _tell(aurelia, "duty.overdue")
    server(raised)
    with caplog.at_level(logging.WARNING):
        assert _round() == [MailFailure.REFUSED]
    found = Mail.objects.get()
    assert (found.status, found.failure, found.finished_at) == (MailStatus.FAILED, "refused", NOON)
    assert f"mail {found.id} about duty.overdue is given up: refused" in caplog.text
    assert "hugo@" not in caplog.text


def test_after_the_last_attempt_a_mail_is_given_up(
    enrol: Enrol, aurelia: Organisation, server: Callable[..., None]
) -> None:
    enrol("hugo", "provider_administrator", aurelia)
    _tell(aurelia, "duty.overdue")
    server(ConnectionRefusedError())
    for day in range(len(retries.PAUSES)):
        assert _round(NOON + timedelta(days=2 * day)) == [MailFailure.CONNECTION]
    assert _round(NOON + timedelta(days=60)) == []
    assert Mail.objects.get().status == MailStatus.FAILED


def test_while_the_server_is_away_the_rest_is_not_tried_and_loses_nothing(
    enrol: Enrol, aurelia: Organisation, server: Callable[..., None]
) -> None:
    for name in ("one", "two", "three"):
        enrol(name, "provider_administrator", aurelia)
    _tell(aurelia, "duty.overdue")
    server(ConnectionRefusedError())
    assert _round() == [MailFailure.CONNECTION]
    server(None)
    assert _round(NOON + mail.LEASE) == [None, None, None]


def test_a_worker_that_dies_after_sending_sends_the_same_message_again(enrol: Enrol, aurelia: Organisation) -> None:
    enrol("hugo", "provider_administrator", aurelia)
    _tell(aurelia, "duty.overdue")
    with acting_as(MAILER):
        lost = mail.claim(by=MAILER, at=NOON)
        assert mail.claim(by=MAILER, at=NOON) == []
    late = mail.send_all(lost)
    assert _round(NOON + mail.LEASE) == [None]
    assert len({each.extra_headers["Message-ID"] for each in outgoing.outbox}) == 1
    with acting_as(MAILER):
        assert mail.record(late, by=MAILER, at=NOON) == 0
    assert Mail.objects.get().attempts == 1


def test_neither_text_nor_address_is_kept(enrol: Enrol, aurelia: Organisation) -> None:
    enrol("hugo", "provider_administrator", aurelia)
    _tell(aurelia, "duty.overdue")
    _round()
    with connection.cursor() as cursor:
        cursor.execute("select row_to_json(dispatch_mail)::text from dispatch_mail")
        kept = cursor.fetchone()[0]
    assert "hugo" not in kept
    assert "overdue. The page" not in kept


def test_an_organisation_sees_that_it_was_written_to_and_no_other_does(
    enrol: Enrol, aurelia: Organisation, alice: Actor, charlie: Actor, olga: Actor
) -> None:
    enrol("hugo", "provider_administrator", aurelia)
    _tell(aurelia, "duty.overdue")
    for who, count in ((alice, 1), (charlie, 0)):
        with acting_as(who, read_only=True):
            assert Mail.objects.visible_to(who).count() == count
    assert Mail.objects.visible_to(olga).count() == 0


@pytest.mark.parametrize("who", ["alice", "olga"])
def test_nobody_but_the_mailer_sends(request: pytest.FixtureRequest, who: str) -> None:
    actor = request.getfixturevalue(who)
    with pytest.raises(NotPermitted), acting_as(actor):
        mail.fan_out(by=actor, at=NOON)
    with pytest.raises(NotPermitted), acting_as(actor):
        mail.claim(by=actor, at=NOON)
    with pytest.raises(NotPermitted), acting_as(actor):
        mail.record([], by=actor, at=NOON)


@pytest.mark.parametrize(
    "statement",
    [
        "select password from accounts_user",
        "select name from accounts_user",
        "select sealed_secret from dispatch_signingkey",
        "select draft from filings_filing",
        "select legal_name from organisations_organisation",
        "update accounts_user set email = 'x'",
    ],
)
@pytest.mark.django_db
def test_the_mailer_reaches_addresses_and_no_more(statement: str) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"), acting_as(MAILER), connection.cursor() as cursor:
        cursor.execute(statement)
