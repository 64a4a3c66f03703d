"""What leaves the house: events written in the unit of work that caused them, and answers kept for repetition."""

import uuid

from django.db import models

from registry.organisations.models import Organisation


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
