"""What an organisation can do with its webhooks: create, change, rotate the key, test, replay, delete."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db.models import Q

from registry import rows
from registry.acting import Actor, inside_acting_as
from registry.dispatch import sealing, signing
from registry.dispatch.kinds import TEST, subscribable
from registry.dispatch.models import Delivery, DeliveryStatus, OwnQuerySet, SigningKey, Webhook, WebhookStatus
from registry.dispatch.signing import Key, Scheme
from registry.dispatch.targets import Target
from registry.dispatch.webhooks import secret_keys
from registry.errors import Conflict, Invalid, NotFound, NotPermitted, NotPossible, Obstacle, Stale, told

WEBHOOKS_LIMIT: Final = 20
KEYS_LIMIT: Final = 4  # that overlap; each is a signature in the header of every message
OVERLAP_USUAL: Final = timedelta(hours=24)
OVERLAP_LIMIT: Final = timedelta(days=7)


@dataclass(frozen=True)
class Keyed:
    """A webhook with the key that was made just now. This is the only moment at which its secret is in the clear."""

    webhook: Webhook
    key: Key


@inside_acting_as
def create(*, target: Target, kinds: Sequence[str], description: str, scheme: Scheme, by: Actor, at: datetime) -> Keyed:
    """Make a webhook that is told of events of these `kinds` from now on. `target` is what the guard admitted."""
    by.require("webhook_manage")
    organisation = _organisation(by)
    known = _require_kinds(kinds)
    if _living(by).count() >= WEBHOOKS_LIMIT:
        raise Conflict(
            "An organisation has at most {limit} webhooks.",
            remedy="Delete one that you no longer need.",
            limit=WEBHOOKS_LIMIT,
        )
    webhook = Webhook(
        organisation_id=organisation,
        url=target.url,
        description=description,
        kinds=known,
        status_at=at,
        active_since=at,
        created_at=at,
        changed_at=at,
    )
    webhook.save(force_insert=True)
    return Keyed(webhook, _add_key(webhook, scheme, at=at))


@inside_acting_as
def change(
    *,
    webhook: UUID,
    revision: int,
    by: Actor,
    at: datetime,
    target: Target | None = None,
    kinds: Sequence[str] | None = None,
    description: str | None = None,
    active: bool | None = None,
) -> Webhook:
    """Change what is given. Making it active forgets its failures; events of the time between are not told."""
    found = _locked(webhook, by, revision)
    if target is not None:
        found.url = target.url
    if kinds is not None:
        found.kinds = _require_kinds(kinds)
    if description is not None:
        found.description = description
    if active is True and found.status != WebhookStatus.ACTIVE:
        _set_status(found, WebhookStatus.ACTIVE, at=at)
        found.active_since, found.failing_since, found.given_up = at, None, 0
    if active is False and found.status != WebhookStatus.PAUSED:
        _set_status(found, WebhookStatus.PAUSED, at=at)
    _save(found, at=at)
    return found


@inside_acting_as
def delete(*, webhook: UUID, revision: int, by: Actor, at: datetime) -> Webhook:
    """Take a webhook out of use for good: its secrets are erased, its log stays as it is."""
    found = _locked(webhook, by, revision)
    _set_status(found, WebhookStatus.DELETED, at=at)
    SigningKey.objects.visible_to(by).filter(webhook=found).update(ends_at=at, sealed_secret=b"")
    _save(found, at=at)
    return found


@inside_acting_as
def rotate(*, webhook: UUID, scheme: Scheme | None, overlap: timedelta, by: Actor, at: datetime) -> Keyed:
    """Make a new key. The present ones sign beside it for `overlap` (none: they end at once); ended ones are erased."""
    found = _locked(webhook, by)
    if not timedelta(0) <= overlap <= OVERLAP_LIMIT:
        sentence = told("Keys overlap by 0 to {hours} hours.", hours=int(OVERLAP_LIMIT.total_seconds() // 3600))
        raise Invalid(
            "The overlap is out of its range.",
            obstacles=[Obstacle("number-out-of-range", "/overlap_hours", sentence)],
        )
    keys = SigningKey.objects.visible_to(by).filter(webhook=found)
    newest = keys.filter(ends_at__isnull=True).values_list("scheme", flat=True).get()
    keys.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=at + overlap)).update(ends_at=at + overlap)
    keys.filter(ends_at__lte=at).update(sealed_secret=b"")
    if keys.filter(ends_at__gt=at).count() >= KEYS_LIMIT:
        raise Conflict(
            "At most {limit} keys overlap.",
            remedy="Wait until one has ended, or rotate without an overlap.",
            limit=KEYS_LIMIT,
        )
    key = _add_key(found, scheme or Scheme(newest), at=at)
    _save(found, at=at)
    return Keyed(found, key)


@inside_acting_as
def send_test(*, webhook: UUID, by: Actor, at: datetime) -> Delivery:
    """Send a test event to this webhook, and to no other."""
    found = _locked(webhook, by)
    _require_active(found)
    return Delivery.objects.create(
        organisation_id=found.organisation_id,
        webhook=found,
        event_key=uuid.uuid4(),
        kind=TEST,
        subject=str(found.id),
        event_at=at,
        next_attempt_at=at,
        created_at=at,
    )


@inside_acting_as
def replay(*, webhook: UUID, delivery: UUID, by: Actor, at: datetime) -> Delivery:
    """Send a delivery again, whatever became of it, with the same message id and a fresh row of attempts."""
    found = _locked(webhook, by)
    _require_active(found)
    again = Delivery.objects.visible_to(by).filter(webhook=found, id=delivery).select_for_update().first()
    if again is None:
        raise NotFound
    again.webhook = found
    again.status, again.attempts_in_a_row, again.finished_at = DeliveryStatus.PENDING, 0, None
    again.next_attempt_at, again.leased_until = at, None
    again.save(update_fields=["status", "attempts_in_a_row", "finished_at", "next_attempt_at", "leased_until"])
    return again


def _organisation(by: Actor) -> UUID:
    if by.organisation is None:
        raise NotPermitted("Only organisations have webhooks.")
    return by.organisation


def _living(by: Actor) -> OwnQuerySet[Webhook]:
    return Webhook.objects.visible_to(by).exclude(status=WebhookStatus.DELETED)


def _locked(webhook: UUID, by: Actor, revision: int | None = None) -> Webhook:
    """Visible, permitted, unchanged: the webhook, locked until the unit of work ends."""
    found = _living(by).filter(id=webhook).select_for_update().first()
    if found is None:
        raise NotFound
    by.require("webhook_manage")
    if revision is not None and found.revision != revision:
        raise Stale("The webhook changed since you read it.", remedy="Read it again and repeat the change.")
    return found


def _require_kinds(kinds: Sequence[str]) -> list[str]:
    unknown = [position for position, kind in enumerate(kinds) if kind not in subscribable()]
    if unknown or not kinds:
        places = [f"/kinds/{position}" for position in unknown] or ["/kinds"]
        raise Invalid(
            "At least one kind of event is needed, each of them one of the list.",
            remedy="The list is at /api/v1/event-kinds/.",
            obstacles=[Obstacle("not-in-list", place, "No such kind of event.") for place in places],
        )
    return sorted(set(kinds))


def _require_active(webhook: Webhook) -> None:
    if webhook.status != WebhookStatus.ACTIVE:
        raise NotPossible("Nothing is sent to a webhook that is not active.", remedy="Set its status to active first.")


def _set_status(webhook: Webhook, status: WebhookStatus, *, at: datetime) -> None:
    webhook.status, webhook.reason, webhook.status_at = status, "", at


def _save(webhook: Webhook, *, at: datetime) -> None:
    webhook.revision += 1
    webhook.changed_at = at
    webhook.save(
        update_fields=[
            "url",
            "description",
            "kinds",
            "status",
            "reason",
            "status_at",
            "active_since",
            "failing_since",
            "given_up",
            "revision",
            "changed_at",
        ]
    )


def _add_key(webhook: Webhook, scheme: Scheme, *, at: datetime) -> Key:
    key = signing.new_key(scheme)
    row = {
        "organisation_id": webhook.organisation_id,
        "webhook_id": webhook.id,
        "scheme": scheme.value,
        "public": key.public,
        "sealed_secret": sealing.seal(key.secret, keys=secret_keys()),
        "starts_at": at,
        "ends_at": None,
    }
    rows.insert(SigningKey, [row])
    return key
