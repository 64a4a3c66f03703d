"""What leaves the house: events written in the unit of work that caused them, first answers, webhooks, mails."""

import uuid
from datetime import datetime
from typing import Self, TypeVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from registry.accounts.models import User
from registry.acting import Actor, Audience
from registry.dispatch.signing import Scheme
from registry.organisations.models import Organisation

Row = TypeVar("Row", bound=models.Model, covariant=True)


class Event(models.Model):
    """Something happened. Carries references only, never content; `relayed_at` is set once a worker was told.

    `organisation` is whose webhooks are told, none where no provider may hear of it. It is not checked by the
    database: events are written with every filing, and a check would lock the organisation's row each time.
    """

    id = models.BigAutoField(primary_key=True)
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=64)
    subject = models.CharField(max_length=64)
    organisation = models.ForeignKey(
        Organisation,
        null=True,
        blank=True,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    at = models.DateTimeField()
    relayed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["id"], name="event_waiting", condition=models.Q(relayed_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"


class Handled(models.Model):
    """A task has done its work for an event: the second delivery finds this row and does nothing."""

    task = models.CharField(max_length=64)
    event_key = models.UUIDField()
    at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "handled"
        constraints = [models.UniqueConstraint(fields=["task", "event_key"], name="event_handled_once")]

    def __str__(self) -> str:
        return f"{self.task} {self.event_key}"


class Reply(models.Model):
    """The first answer to an `Idempotency-Key`, given again to every repetition of the same request for 30 days."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=255)
    fingerprint = models.BinaryField(max_length=32, help_text="SHA-256 of method, path and body")
    status = models.PositiveSmallIntegerField()
    headers = models.JSONField(default=dict)
    body = models.BinaryField()
    at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name_plural = "replies"
        constraints = [models.UniqueConstraint(fields=["organisation", "key"], name="reply_once")]

    def __str__(self) -> str:
        return self.key


class OwnQuerySet(models.QuerySet[Row]):
    """Rows that a provider sees of its own, the sender all, and no other audience any."""

    def visible_to(self, actor: Actor) -> Self:
        """The application's own layer, sufficient without the database's."""
        if actor.audience is Audience.SENDER:
            return self.all()
        if actor.audience is Audience.PROVIDER and actor.organisation:
            return self.filter(organisation_id=actor.organisation)
        return self.none()


class Owned(models.Model):
    """A row of one organisation that no authority has business with: how its machines are told of events."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")

    objects = OwnQuerySet.as_manager()

    class Meta:
        abstract = True


class WebhookStatus(models.TextChoices):
    """Whether a webhook is called. The provider pauses and deletes, the register disables."""

    ACTIVE = "active"
    PAUSED = "paused"
    DISABLED = "disabled"
    DELETED = "deleted"


class Webhook(Owned):
    """An address of an organisation that is told of events. What failed so far stands here, to know when to stop."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    url = models.CharField(max_length=2_000)
    description = models.CharField(max_length=200, blank=True)
    kinds = ArrayField(models.CharField(max_length=64))
    status = models.CharField(max_length=16, choices=WebhookStatus.choices, default=WebhookStatus.ACTIVE)
    reason = models.CharField(max_length=32, blank=True, help_text="Why the register disabled it")
    status_at = models.DateTimeField()
    active_since = models.DateTimeField(help_text="Earlier events are not told")
    failing_since = models.DateTimeField(null=True, blank=True, help_text="First failure after the last success")
    given_up = models.PositiveIntegerField(default=0, help_text="Deliveries in a row that failed for good")
    revision = models.PositiveIntegerField(default=1, help_text="Grows with every change by the provider; the ETag")
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status="disabled") ^ models.Q(reason=""), name="webhook_disabled_for_a_reason"
            ),
        ]
        indexes = [
            models.Index(
                fields=["organisation"], name="webhook_active", condition=models.Q(status=WebhookStatus.ACTIVE)
            ),
            models.Index(fields=["organisation", "-created_at", "id"], name="webhook_by_organisation"),
        ]

    def __str__(self) -> str:
        return f"{self.id} {self.status}"


class SigningKey(Owned):
    """A key that signs a webhook's messages from one moment to another; while two overlap, both sign."""

    webhook = models.ForeignKey(Webhook, on_delete=models.PROTECT, related_name="keys")
    scheme = models.CharField(max_length=4, choices=[(scheme.value, scheme.value) for scheme in Scheme])
    public = models.CharField(max_length=64, blank=True)
    sealed_secret = models.BinaryField(help_text="Sealed; the provider's audience cannot read it; empty once deleted")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["webhook"], condition=models.Q(ends_at__isnull=True), name="signing_key_one_without_end"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.webhook_id} {self.scheme}"


class DeliveryStatus(models.TextChoices):
    """How far a delivery has come. A replay makes any of them pending again."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"


class Delivery(Owned):
    """One event for one webhook, whatever the number of attempts. `event_key` is the message's id, always the same."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    webhook = models.ForeignKey(Webhook, on_delete=models.PROTECT, related_name="deliveries")
    event_key = models.UUIDField()
    kind = models.CharField(max_length=64)
    subject = models.CharField(max_length=64)
    event_at = models.DateTimeField()
    status = models.CharField(max_length=16, choices=DeliveryStatus.choices, default=DeliveryStatus.PENDING)
    attempts_made = models.PositiveIntegerField(default=0, help_text="In all, replays included")
    attempts_in_a_row = models.PositiveIntegerField(default=0, help_text="Since creation or the last replay")
    next_attempt_at = models.DateTimeField(null=True, blank=True)
    leased_until = models.DateTimeField(null=True, blank=True, help_text="A worker is at it until then")
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(fields=["webhook", "event_key"], name="delivery_once"),
            models.CheckConstraint(
                condition=models.Q(status="pending") ^ models.Q(next_attempt_at__isnull=True),
                name="delivery_pending_has_a_moment",
            ),
        ]
        indexes = [
            models.Index(
                fields=["webhook", "next_attempt_at"], name="delivery_due", condition=models.Q(status="pending")
            ),
            models.Index(fields=["webhook"], name="delivery_leased", condition=models.Q(leased_until__isnull=False)),
            models.Index(fields=["webhook", "-created_at", "id"], name="delivery_by_webhook"),
        ]

    def __str__(self) -> str:
        return f"{self.event_key} {self.status}"

    def due_at(self) -> datetime | None:
        """When it is tried next: never while its webhook is not called."""
        return self.next_attempt_at if self.webhook.status == WebhookStatus.ACTIVE else None


class Attempt(Owned):
    """One call of a webhook's address: what it answered and how long that took. The answer itself is not kept."""

    delivery = models.ForeignKey(Delivery, on_delete=models.PROTECT, related_name="attempts")
    number = models.PositiveIntegerField()
    at = models.DateTimeField()
    status_code = models.PositiveSmallIntegerField(null=True, blank=True)
    failure = models.CharField(max_length=32, blank=True)
    duration_ms = models.PositiveIntegerField()
    answer_bytes = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["delivery", "number"], name="attempt_numbered_once")]

    def __str__(self) -> str:
        return f"{self.delivery_id} {self.number}"


class MailStatus(models.TextChoices):
    """How far a mail has come."""

    PENDING = "pending"
    SENT = "sent"
    FAILED = "failed"


class MailQuerySet(models.QuerySet["Mail"]):
    """Mails: a person's organisation sees that they were sent, the mailer sees all."""

    def visible_to(self, actor: Actor) -> Self:
        """The application's own layer, sufficient without the database's."""
        if actor.audience is Audience.MAILER:
            return self.all()
        if actor.audience is Audience.PROVIDER and actor.organisation:
            return self.filter(organisation_id=actor.organisation)
        return self.none()


class Mail(models.Model):
    """One event for one person. Neither text nor address is kept: both are made anew when it is sent.

    Events of one kind about one subject at one moment, such as three duties of a filing due at once, are one mail.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    recipient = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    event_key = models.UUIDField()
    kind = models.CharField(max_length=64)
    subject = models.CharField(max_length=64)
    event_at = models.DateTimeField()
    status = models.CharField(max_length=16, choices=MailStatus.choices, default=MailStatus.PENDING)
    attempts = models.PositiveIntegerField(default=0)
    failure = models.CharField(max_length=32, blank=True, help_text="Why the last attempt failed")
    next_attempt_at = models.DateTimeField(null=True, blank=True)
    leased_until = models.DateTimeField(null=True, blank=True, help_text="A worker is at it until then")
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = MailQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["recipient", "kind", "subject", "event_at"], name="mail_once"),
            models.CheckConstraint(
                condition=models.Q(status="pending") ^ models.Q(next_attempt_at__isnull=True),
                name="mail_pending_has_a_moment",
            ),
        ]
        indexes = [
            models.Index(fields=["next_attempt_at"], name="mail_due", condition=models.Q(status="pending")),
            models.Index(fields=["organisation", "-created_at"], name="mail_by_organisation"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject} {self.status}"
