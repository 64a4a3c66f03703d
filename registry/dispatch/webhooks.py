"""Telling webhooks of events: who is told, what is due, the call itself, and what becomes of it.

Three units of work that share nothing but rows: `fan_out` writes a delivery for each event and webhook; `claim` leases
due ones; the calls are made outside any transaction; `record` notes what they answered. A worker that dies in between
leaves a lease that ends, so a message may arrive twice and is never lost; its id stays the same.
"""

import json
import logging
import ssl
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Final
from uuid import UUID

from cryptography.fernet import InvalidToken
from django.conf import settings
from django.db import connection
from django.db.models import Q

from registry import rows
from registry.acting import Actor, inside_acting_as
from registry.dispatch import outbox, retries, sealing, signing, targets, transport
from registry.dispatch.kinds import DISABLED, event_kinds, subscribable
from registry.dispatch.models import Attempt, Delivery, DeliveryStatus, SigningKey, Webhook, WebhookStatus
from registry.dispatch.targets import ForbiddenTarget, Guard
from registry.dispatch.transport import Failure, Limits, Sent

log = logging.getLogger(__name__)

LEASE: Final = timedelta(minutes=2)  # as long as a task may run
CLAIMED_AT_ONCE: Final = 16
CLAIMED_OF_ONE_WEBHOOK: Final = 4  # one slow receiver shall not hold all others up
CALLS_AT_ONCE: Final = 8

# In the order of the webhooks' ids, as `record` locks them: who tells and who notes never wait in a ring.
_FAN_OUT = """
insert into dispatch_delivery (id, organisation_id, webhook_id, event_key, kind, subject, event_at, status,
                               attempts_made, attempts_in_a_row, next_attempt_at, created_at)
select gen_random_uuid(), w.organisation_id, w.id, e.key, e.kind, e.subject, e.at, 'pending', 0, 0, %(at)s, %(at)s
from dispatch_event e join dispatch_webhook w on w.organisation_id = e.organisation_id
where w.status = 'active' and e.at >= w.active_since and e.kind = any(w.kinds) and e.kind = any(%(kinds)s) and {which}
order by w.id, e.id
on conflict (webhook_id, event_key) do nothing
"""

# Candidates are chosen without locks, the longest waiting first: a few of each webhook that nobody is calling, one of a
# failing one. Then they are locked and looked at again.
_CLAIM = """
update dispatch_delivery set leased_until = %(until)s where id in (
  select id from dispatch_delivery
  where id in (
    select due.id from dispatch_webhook w cross join lateral (
      select d.id, d.next_attempt_at from dispatch_delivery d
      where d.webhook_id = w.id and d.status = 'pending' and d.next_attempt_at <= %(at)s
      order by d.next_attempt_at limit case when w.failing_since is null then %(each)s else 1 end
    ) due
    where w.status = 'active'
      and not exists (select from dispatch_delivery busy where busy.webhook_id = w.id and busy.leased_until > %(at)s)
    order by due.next_attempt_at limit %(limit)s
  ) and status = 'pending' and next_attempt_at <= %(at)s and (leased_until is null or leased_until <= %(at)s)
  for update skip locked
) returning id
"""


@dataclass(frozen=True)
class SealedKey:
    """A signing key as it is stored."""

    scheme: signing.Scheme
    sealed: bytes


@dataclass(frozen=True)
class Claimed:
    """A delivery that this worker may attempt until `leased_until`."""

    delivery: UUID
    webhook: UUID
    url: str
    keys: tuple[SealedKey, ...]
    message_id: str
    body: bytes
    leased_until: datetime


@inside_acting_as
def fan_out(*, by: Actor, at: datetime, keys: Sequence[str] | None = None) -> int:
    """Write the deliveries of the events with these keys, or of all new ones that were missed; returns how many.

    An event is told to the active webhooks of its organisation that ask for its kind. Repeating it does nothing.
    """
    by.require("webhook_send")
    which, values = outbox.chosen(keys, at=at)
    values |= {"at": at, "kinds": sorted(subscribable())}
    with connection.cursor() as cursor:
        cursor.execute(_FAN_OUT.format(which=which), values)
        return int(cursor.rowcount)


@inside_acting_as
def is_anything_due(*, by: Actor, before: datetime, at: datetime) -> bool:
    """Whether a delivery that was written earlier than `before` still waits to be sent: then somebody is sending."""
    by.require("webhook_send")
    due = Delivery.objects.filter(status=DeliveryStatus.PENDING, next_attempt_at__lte=at, created_at__lt=before)
    return due.filter(webhook__status=WebhookStatus.ACTIVE).exists()


@inside_acting_as
def claim(*, by: Actor, at: datetime, limit: int = CLAIMED_AT_ONCE) -> list[Claimed]:
    """Lease up to `limit` due deliveries. A webhook that some worker is calling already is left to it."""
    by.require("webhook_send")
    until = at + LEASE
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, {"at": at, "until": until, "each": CLAIMED_OF_ONE_WEBHOOK, "limit": limit})
        ids = [row[0] for row in cursor.fetchall()]
    found = list(Delivery.objects.filter(id__in=ids).select_related("webhook").order_by("next_attempt_at", "id"))
    keys = _living_keys({each.webhook_id for each in found}, at)
    return [
        Claimed(
            delivery=each.id,
            webhook=each.webhook_id,
            url=each.webhook.url,
            keys=tuple(keys.get(each.webhook_id, ())),
            message_id=str(each.event_key),
            body=message(each),
            leased_until=until,
        )
        for each in found
    ]


def _living_keys(webhooks: set[UUID], at: datetime) -> dict[UUID, list[SealedKey]]:
    living = SigningKey.objects.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=at), webhook__in=webhooks)
    found: dict[UUID, list[SealedKey]] = {}
    for key in living.order_by("-starts_at", "-id"):
        found.setdefault(key.webhook_id, []).append(SealedKey(signing.Scheme(key.scheme), bytes(key.sealed_secret)))
    return found


def message(delivery: Delivery) -> bytes:
    """The body: what happened to what, and when; never content. The same bytes at every attempt."""
    names = event_kinds()[delivery.kind].names
    whole = {
        "id": str(delivery.event_key),
        "type": delivery.kind,
        "timestamp": delivery.event_at.isoformat().replace("+00:00", "Z"),
        "data": {names: delivery.subject},
    }
    return json.dumps(whole, separators=(",", ":")).encode()


def send_all(claimed: Sequence[Claimed], *, guard: Guard, at: datetime, limits: Limits) -> list[tuple[Claimed, Sent]]:
    """Call the addresses, a few at once. Outside any unit of work: the threads touch no database."""
    with ThreadPoolExecutor(CALLS_AT_ONCE) as pool:
        sent = pool.map(lambda each: send(each, guard=guard, at=at, limits=limits), claimed)
        return list(zip(claimed, sent, strict=True))


def send(claimed: Claimed, *, guard: Guard, at: datetime, limits: Limits, trust: ssl.SSLContext | None = None) -> Sent:
    """Judge the address anew, sign, and call it once. `at` is the moment that the signature names."""
    try:
        target = targets.read(claimed.url, allow_loopback=guard.allow_loopback)
        addresses = guard.addresses(target)
    except ForbiddenTarget:
        return Sent(failure=Failure.FORBIDDEN)
    try:
        keys = [signing.Key(key.scheme, sealing.unseal(key.sealed, keys=secret_keys())) for key in claimed.keys]
    except InvalidToken:
        return Sent(failure=Failure.UNSIGNED)
    headers = signing.headers(
        keys=keys, message_id=claimed.message_id, timestamp=int(at.timestamp()), body=claimed.body
    )
    return transport.post(target, addresses=addresses, headers=headers, body=claimed.body, limits=limits, trust=trust)


def guard() -> Guard:
    """The judge of addresses with this machine's resolver, as the settings allow."""
    return Guard(targets.by_dns, allow_loopback=settings.WEBHOOK_ALLOW_LOOPBACK)


def secret_keys() -> list[str | bytes]:
    """The keys that secrets are sealed under, the present one first."""
    return [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]


@inside_acting_as
def record(results: Sequence[tuple[Claimed, Sent]], *, by: Actor, at: datetime) -> int:
    """Note each attempt and what follows from it; returns how many were delivered.

    A result whose lease somebody else holds by now is dropped: the attempt was made, and will be made again.
    """
    by.require("webhook_send")
    delivered = 0
    in_order = sorted(results, key=lambda result: (result[0].webhook, result[0].delivery))
    for webhook_id, of_one in groupby(in_order, key=lambda result: result[0].webhook):
        # no key changes here, so that deliveries to this webhook can be written in the meantime
        webhook = Webhook.objects.select_for_update(no_key=True).get(id=webhook_id)
        for claimed, sent in of_one:
            delivery = _leased(claimed)
            if delivery is not None:
                _note(delivery, sent, at=at)
                _judge(webhook, delivery, sent, at=at)
                delivered += sent.failure is None
    return delivered


def _leased(claimed: Claimed) -> Delivery | None:
    still_ours = Delivery.objects.filter(id=claimed.delivery, leased_until=claimed.leased_until)
    return still_ours.select_for_update().first()


def _note(delivery: Delivery, sent: Sent, *, at: datetime) -> None:
    """Keep the attempt; deliver, put off or give up the delivery."""
    delivery.attempts_made += 1
    delivery.attempts_in_a_row += 1
    delivery.leased_until = None
    again = retries.next_attempt(attempts=delivery.attempts_in_a_row, after=at, seed=str(delivery.id))
    if sent.failure is None:
        delivery.status, delivery.next_attempt_at, delivery.finished_at = DeliveryStatus.DELIVERED, None, at
    elif again is None or sent.failure is Failure.GONE:
        delivery.status, delivery.next_attempt_at, delivery.finished_at = DeliveryStatus.FAILED, None, at
    else:
        delivery.next_attempt_at = again
    delivery.save(
        update_fields=[
            "attempts_made",
            "attempts_in_a_row",
            "leased_until",
            "status",
            "next_attempt_at",
            "finished_at",
        ]
    )
    attempt = {
        "organisation_id": delivery.organisation_id,
        "delivery_id": delivery.id,
        "number": delivery.attempts_made,
        "at": at,
        "status_code": sent.status_code,
        "failure": sent.failure.value if sent.failure else "",
        "duration_ms": sent.duration_ms,
        "answer_bytes": sent.answer_bytes,
    }
    rows.insert(Attempt, [attempt])


def _judge(webhook: Webhook, delivery: Delivery, sent: Sent, *, at: datetime) -> None:
    """What an attempt says about its webhook: well again, failing, or dead."""
    if sent.failure is None:
        if webhook.failing_since is not None or webhook.given_up:
            webhook.failing_since, webhook.given_up = None, 0
            webhook.save(update_fields=["failing_since", "given_up"])
        return
    webhook.failing_since = webhook.failing_since or at
    webhook.given_up += delivery.status == DeliveryStatus.FAILED
    webhook.save(update_fields=["failing_since", "given_up"])
    if sent.failure is Failure.GONE:
        _disable(webhook, "gone", at=at)
    elif retries.is_dead(given_up=webhook.given_up, failing_since=webhook.failing_since, at=at):
        _disable(webhook, "failing", at=at)


def _disable(webhook: Webhook, reason: str, *, at: datetime) -> None:
    """Stop calling an address, and announce it to the organisation's other webhooks."""
    if webhook.status != WebhookStatus.ACTIVE:
        return
    webhook.status, webhook.reason, webhook.status_at, webhook.changed_at = WebhookStatus.DISABLED, reason, at, at
    webhook.revision += 1
    webhook.save(update_fields=["status", "reason", "status_at", "changed_at", "revision"])
    outbox.put(DISABLED, subjects=[str(webhook.id)], organisation=webhook.organisation_id, at=at)
    log.warning("webhook %s is disabled: %s", webhook.id, reason)
