"""Returns: what a compute provider reports for one month, the versions it submitted, and what it uploaded for it.

An upload is kept in parts of some thousand lines; each part is checked and stored in one unit of work, which also moves
the upload's counters, so that a worker that dies is followed by one that goes on where it stopped.
"""

import uuid
from datetime import date
from typing import Self

import pgtrigger
from django.db import models

from registry.acting import Actor, Audience
from registry.ledger.emptying import append_only, only_emptied
from registry.ledger.models import Entry
from registry.organisations.models import Mandate, Scoped, ScopedQuerySet

_NEVER_DELETED = pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete)


class ReturnState(models.TextChoices):
    """Where a return stands. What is submitted can be opened again; the version submitted before stays in force."""

    OPEN = "open"
    SUBMITTED = "submitted"
    AMENDING = "amending"


RETURN_STEPS = (
    (ReturnState.OPEN, ReturnState.SUBMITTED),
    (ReturnState.SUBMITTED, ReturnState.AMENDING),
    (ReturnState.AMENDING, ReturnState.SUBMITTED),
)
WRITABLE = (ReturnState.OPEN, ReturnState.AMENDING)


class ReturnQuerySet(ScopedQuerySet["Return"]):
    """Returns; one that was never submitted is its provider's alone."""

    def visible_to(self, actor: Actor) -> Self:
        """As for every scoped row, without what others have not submitted yet."""
        seen = super().visible_to(actor)
        if actor.audience in {Audience.PROVIDER, Audience.INTAKE}:
            return seen
        return seen.filter(submitted_at__isnull=False)


class Return(Scoped):
    """What one compute provider reports for one month. `month` is its first day.

    `version` counts the submissions; while the return is open, records are added to version `version + 1`.
    `records` and `accelerator_hours` are those of the newest version submitted.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reference = models.CharField(max_length=32, unique=True)
    month = models.DateField()
    state = models.CharField(max_length=12, choices=ReturnState.choices, default=ReturnState.OPEN)
    is_none = models.BooleanField(default=False, help_text="Nobody used accelerators: the negative return")
    version = models.PositiveIntegerField(default=0)
    revision = models.PositiveIntegerField(default=1, help_text="Grows with every change; the ETag")
    uploads_made = models.PositiveIntegerField(default=0, help_text="Number of the newest upload")
    records = models.PositiveBigIntegerField(default=0)
    accelerator_hours = models.DecimalField(max_digits=20, decimal_places=3, default=0)
    opened_at = models.DateTimeField()
    opened_by = models.CharField(max_length=64)
    changed_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True, blank=True, help_text="Of the newest version")

    objects = ReturnQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "month"], name="return_once_a_month"),
            models.CheckConstraint(condition=models.Q(month__day=1), name="return_month_by_its_first_day"),
            models.CheckConstraint(condition=models.Q(state__in=ReturnState.values), name="return_state"),
            models.CheckConstraint(
                condition=models.Q(state="open", version=0, submitted_at__isnull=True)
                | (~models.Q(state="open") & models.Q(version__gte=1, submitted_at__isnull=False)),
                name="return_submitted_has_a_version",
            ),
        ]
        indexes = [models.Index(fields=["territory", "-month", "id"], name="return_by_territory")]
        triggers = [
            pgtrigger.FSM(
                name="state_follows_the_table",
                field="state",
                transitions=[(source.value, target.value) for source, target in RETURN_STEPS],
            ),
            pgtrigger.ReadOnly(
                name="return_identity_stays", fields=["reference", "organisation", "territory", "month"]
            ),
            _NEVER_DELETED,
            only_emptied("compute_return"),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def working_version(self) -> int:
        """The version that what is added now will be part of."""
        return self.version if self.state == ReturnState.SUBMITTED else self.version + 1

    @property
    def is_writable(self) -> bool:
        """Whether records can be added, amended and withdrawn."""
        return self.state in WRITABLE


class ReturnVersion(Scoped):
    """One submission of a return. `digest` is SHA-256 over the digests of its records, in the order of line ids."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    monthly_return = models.ForeignKey(Return, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    is_none = models.BooleanField()
    records = models.PositiveBigIntegerField()
    accelerator_hours = models.DecimalField(max_digits=20, decimal_places=3)
    digest = models.BinaryField(max_length=32)
    salt = models.BinaryField(max_length=32)
    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, related_name="+")
    rule_set = models.CharField(max_length=16, help_text="Version of the checks it was judged by")
    submitted_at = models.DateTimeField()
    submitted_by = models.CharField(max_length=64)
    mandate = models.ForeignKey(Mandate, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["monthly_return", "number"], name="return_version_number")]
        triggers = [append_only("compute_returnversion")]

    def __str__(self) -> str:
        return f"{self.monthly_return_id} v{self.number}"


class Format(models.TextChoices):
    """How the lines of an upload are written."""

    NDJSON = "ndjson"
    CSV = "csv"


class Atomicity(models.TextChoices):
    """What becomes of good lines beside bad ones: nothing is stored, or each good one."""

    ALL = "all"
    EACH = "each"


class UploadState(models.TextChoices):
    """Where an upload stands. `refused`: nothing of it is stored, because a line was bad and all were to be good."""

    RECEIVED = "received"
    STORING = "storing"
    STORED = "stored"
    REFUSING = "refusing"
    REFUSED = "refused"


UPLOAD_STEPS = (
    (UploadState.RECEIVED, UploadState.STORING),
    (UploadState.STORING, UploadState.STORED),
    (UploadState.STORING, UploadState.REFUSING),
    (UploadState.REFUSING, UploadState.REFUSED),
)
UNDER_WAY = (UploadState.RECEIVED, UploadState.STORING, UploadState.REFUSING)


class Upload(Scoped):
    """Lines sent for a return with one call. Counters are of lines; `checked_parts` is the cursor.

    `header` is the first line of a CSV file. `lines_noted` are lines stored with a remark.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    monthly_return = models.ForeignKey(Return, on_delete=models.PROTECT, related_name="uploads")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=12, choices=UploadState.choices, default=UploadState.RECEIVED)
    format = models.CharField(max_length=8, choices=Format.choices)
    atomicity = models.CharField(max_length=8, choices=Atomicity.choices)
    header = models.TextField(blank=True)
    digest = models.BinaryField(max_length=32, help_text="SHA-256 of the body as it was sent")
    size_bytes = models.PositiveBigIntegerField()
    parts_made = models.PositiveIntegerField()
    lines_read = models.PositiveIntegerField()
    lines_checked = models.PositiveIntegerField(default=0)
    lines_stored = models.PositiveIntegerField(default=0)
    lines_refused = models.PositiveIntegerField(default=0)
    lines_noted = models.PositiveIntegerField(default=0)
    checked_parts = models.PositiveIntegerField(default=0)
    received_at = models.DateTimeField()
    received_from = models.CharField(max_length=64)
    changed_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    mandate = models.ForeignKey(Mandate, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["monthly_return", "number"], name="upload_number"),
            models.CheckConstraint(condition=models.Q(state__in=UploadState.values), name="upload_state"),
            models.CheckConstraint(
                condition=models.Q(lines_read__gte=models.F("lines_checked"))
                & models.Q(lines_read__gte=models.F("lines_stored"))
                & models.Q(parts_made__gte=models.F("checked_parts")),
                name="upload_counts_no_line_twice",
            ),
        ]
        indexes = [
            models.Index(fields=["received_at"], name="upload_under_way", condition=models.Q(finished_at__isnull=True))
        ]
        triggers = [
            pgtrigger.FSM(
                name="upload_state_follows_the_table",
                field="state",
                transitions=[(source.value, target.value) for source, target in UPLOAD_STEPS],
            ),
            _NEVER_DELETED,
            only_emptied("compute_upload"),
        ]

    def __str__(self) -> str:
        return f"{self.monthly_return_id} upload {self.number}"

    @property
    def is_under_way(self) -> bool:
        """Whether more is to come."""
        return self.finished_at is None


class UploadPart(Scoped):
    """Some thousand lines of an upload, compressed. The lines are emptied once they are dealt with.

    `verdicts` has one line of JSON for each line of the part, in order, compressed; empty until it was checked.
    """

    upload = models.ForeignKey(Upload, on_delete=models.PROTECT, related_name="parts")
    number = models.PositiveIntegerField(help_text="From 1")
    first_line = models.PositiveIntegerField(help_text="Number of its first line in the file, from 1")
    lines = models.PositiveIntegerField()
    content = models.BinaryField(null=True, blank=True)
    verdicts = models.BinaryField(null=True, blank=True)
    stored = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    noted = models.PositiveIntegerField(default=0)
    checked_at = models.DateTimeField(null=True, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["upload", "number"], name="upload_part_number")]

    def __str__(self) -> str:
        return f"{self.upload_id} part {self.number}"


def month_of(day: date) -> date:
    """The first day of the month in which `day` lies."""
    return day.replace(day=1)
