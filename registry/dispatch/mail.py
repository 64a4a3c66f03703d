"""Writing to people about events: who is told, what is due, the sending itself, and what becomes of it.

As for webhooks, three units of work that share nothing but rows: `fan_out` writes a row for each event and person,
`claim` leases those that are due, the mail server is called outside any transaction, `record` notes what it said. A
person has one row for an event, whatever happens. A worker that dies between sending and recording leaves a lease that
ends, and the mail goes out again under the same Message-ID, by which mail systems know it for the same.
"""

import logging
import smtplib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection
from django.db.models import Q

from registry.accounts.models import Membership
from registry.acting import Actor, inside_acting_as
from registry.dispatch import letters, outbox, retries
from registry.dispatch.models import Mail, MailStatus
from registry.languages import SPOKEN

log = logging.getLogger(__name__)

LEASE: Final = timedelta(minutes=2)  # as long as a task may run
CLAIMED_AT_ONCE: Final = 8  # each may wait EMAIL_TIMEOUT for the server
_PERMANENT: Final = 500  # SMTP: 5xx is final, 4xx is not (RFC 5321, section 4.2.1)

# Days after its event a mail is noise: what is older than a day, such as a history that is loaded, is not told.
_FAN_OUT = """
insert into dispatch_mail (id, organisation_id, recipient_id, event_key, kind, subject, event_at, status, attempts,
                           failure, next_attempt_at, created_at)
select distinct on (m.user_id, e.kind, e.subject, e.at)
    gen_random_uuid(), e.organisation_id, m.user_id, e.key, e.kind, e.subject, e.at, 'pending', 0, '', %(at)s, %(at)s
from dispatch_event e
join unnest(%(kinds)s::text[], %(roles)s::text[]) as told(kind, role) on told.kind = e.kind
join accounts_membership m on m.organisation_id = e.organisation_id and m.role = told.role
    and m.starts_at <= %(at)s and (m.ends_at is null or m.ends_at > %(at)s)
join accounts_user u on u.id = m.user_id and u.is_active
where e.at > %(since)s and {which}
order by m.user_id, e.kind, e.subject, e.at, e.id
on conflict do nothing
"""

_CLAIM = """
update dispatch_mail set leased_until = %(until)s where id in (
  select id from dispatch_mail
  where status = 'pending' and next_attempt_at <= %(at)s and (leased_until is null or leased_until <= %(at)s)
  order by next_attempt_at, id limit %(limit)s
  for update skip locked
) returning id
"""


class MailFailure(StrEnum):
    """Why a mail did not leave the house."""

    CONNECTION = "connection"  # no mail server, or it broke off
    DEFERRED = "deferred"  # it said: later
    REFUSED = "refused"  # it said: never
    NOT_ENTITLED = "not-entitled"  # the person has left, or lost the role, since the event


@dataclass(frozen=True)
class ClaimedMail:
    """A mail that this worker may send until `leased_until`. `address` is empty for who may no longer be told."""

    id: UUID
    kind: str
    subject: str
    address: str
    language: str
    leased_until: datetime


@inside_acting_as
def fan_out(*, by: Actor, at: datetime, keys: Sequence[str] | None = None) -> int:
    """Write the mails about the events with these keys, or about all new ones that were missed; returns how many.

    Told are active people who hold one of the kind's roles in the event's organisation now. Repeating it does nothing.
    """
    by.require("mail_send")
    which, values = outbox.chosen(keys, at=at)
    pairs = [(kind.code, role) for kind in letters.mail_kinds().values() for role in kind.roles]
    values |= {"at": at, "since": at - outbox.SWEPT_BACK}
    values |= {"kinds": [kind for kind, _ in pairs], "roles": [role for _, role in pairs]}
    with connection.cursor() as cursor:
        cursor.execute(_FAN_OUT.format(which=which), values)
        return int(cursor.rowcount)


@inside_acting_as
def claim(*, by: Actor, at: datetime, limit: int = CLAIMED_AT_ONCE) -> list[ClaimedMail]:
    """Lease up to `limit` mails that are due, the longest waiting first, with the address as it is now."""
    by.require("mail_send")
    until = at + LEASE
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, {"at": at, "until": until, "limit": limit})
        ids = [row[0] for row in cursor.fetchall()]
    found = (
        Mail.objects.filter(id__in=ids)
        .order_by("next_attempt_at", "id")
        .values_list(
            "id",
            "kind",
            "subject",
            "organisation_id",
            "recipient_id",
            "recipient__email",
            "recipient__language",
            "recipient__is_active",
        )
    )
    held = _held_roles([row[4] for row in found], at)
    claimed = []
    for key, kind, subject, organisation, person, address, language, is_active in found:
        known = letters.mail_kinds().get(kind)
        told = known is not None and is_active and any((person, organisation, role) in held for role in known.roles)
        claimed.append(ClaimedMail(key, kind, subject, address if told else "", language, until))
    return claimed


def _held_roles(people: Sequence[UUID], at: datetime) -> set[tuple[UUID, UUID | None, str]]:
    now = Q(starts_at__lte=at) & (Q(ends_at__isnull=True) | Q(ends_at__gt=at))
    held = Membership.objects.filter(now, user__in=people).values_list("user_id", "organisation_id", "role")
    return set(held)


def send_all(claimed: Sequence[ClaimedMail]) -> list[tuple[ClaimedMail, MailFailure | None]]:
    """Hand the mails to the mail server, over one connection. Outside any unit of work.

    When the server cannot be reached the rest is not tried; its lease ends and it stays due.
    """
    results: list[tuple[ClaimedMail, MailFailure | None]] = []
    server = mail.get_connection()
    try:
        for each in claimed:
            failure = hand_over(message(each), server) if each.address else MailFailure.NOT_ENTITLED
            results.append((each, failure))
            if failure is MailFailure.CONNECTION:
                break
    finally:
        server.close()
    return results


def hand_over(made: mail.EmailMessage, server: BaseEmailBackend) -> MailFailure | None:
    """Give one mail to the mail server, and tell what it said; None when it took it."""
    try:
        server.open()
        made.connection = server
        made.send()
    except smtplib.SMTPRecipientsRefused as refused:
        codes = [code for code, _ in refused.recipients.values()]
        return MailFailure.REFUSED if min(codes) >= _PERMANENT else MailFailure.DEFERRED
    except smtplib.SMTPDataError as refused:
        return MailFailure.REFUSED if refused.smtp_code >= _PERMANENT else MailFailure.DEFERRED
    except ValueError:  # what should be an address is none
        return MailFailure.REFUSED
    except OSError as outage:  # smtplib's own exceptions are among them
        log.warning("the mail server cannot be used: %s", type(outage).__name__)
        return MailFailure.CONNECTION
    return None


def message(each: ClaimedMail) -> mail.EmailMessage:
    """The mail as it is sent, always under the same Message-ID."""
    letter = letters.write(each.kind, subject=each.subject, language=each.language, base_url=settings.BASE_URL)
    return plain(letter.title, letter.body, to=each.address, language=each.language, number=each.id)


def plain(title: str, body: str, *, to: str, language: str, number: UUID) -> mail.EmailMessage:
    """A mail in plain text to one person, marked as automatic (RFC 3834); its Message-ID is made of `number`."""
    headers = {
        "Message-ID": f"<{number}@{urlsplit(settings.BASE_URL).hostname}>",
        "Auto-Submitted": "auto-generated",
        "Content-Language": language if language in SPOKEN else "en",
    }
    return mail.EmailMessage(title, body, to=[to], headers=headers)


@inside_acting_as
def record(results: Sequence[tuple[ClaimedMail, MailFailure | None]], *, by: Actor, at: datetime) -> int:
    """Note what became of each mail; returns how many were sent. A result whose lease has passed on is dropped."""
    by.require("mail_send")
    sent = 0
    for claimed, failure in results:
        leased = Mail.objects.visible_to(by).filter(id=claimed.id, leased_until=claimed.leased_until)
        found = leased.select_for_update().first()
        if found is not None:
            _note(found, failure, at=at)
            sent += failure is None
    return sent


def _note(found: Mail, failure: MailFailure | None, *, at: datetime) -> None:
    """Sent, put off by the schedule of webhooks, or given up."""
    found.attempts += failure is not MailFailure.NOT_ENTITLED
    found.failure, found.leased_until = failure.value if failure else "", None
    is_final = failure in {MailFailure.REFUSED, MailFailure.NOT_ENTITLED}
    again = None if is_final else retries.next_attempt(attempts=found.attempts, after=at, seed=str(found.id))
    if failure is None:
        found.status, found.next_attempt_at, found.finished_at = MailStatus.SENT, None, at
    elif again is None:
        found.status, found.next_attempt_at, found.finished_at = MailStatus.FAILED, None, at
        log.warning("mail %s about %s is given up: %s", found.id, found.kind, failure.value)
    else:
        found.next_attempt_at = again
    found.save(update_fields=["attempts", "failure", "leased_until", "status", "next_attempt_at", "finished_at"])
