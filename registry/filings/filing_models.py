"""The register's files on training runs: filing, immutable versions, answers of checks, history."""

import uuid
from decimal import Decimal
from typing import Self

import pgtrigger
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from registry import searching
from registry.acting import Actor, Audience
from registry.filings import lifecycle
from registry.ledger.emptying import append_only, only_emptied
from registry.ledger.models import APPEND_ONLY, Entry
from registry.organisations.models import Mandate, Scoped, ScopedQuerySet


def flop_field() -> "models.DecimalField[Decimal | None, Decimal | None]":
    """A column for an amount of compute in FLOP; null where nobody knows."""
    return models.DecimalField(null=True, blank=True, max_digits=40, decimal_places=3)


def acknowledgements_field() -> models.JSONField:
    """A column for the reasons kept with what is being written: each its check, place, code of a reason, sentence."""
    return models.JSONField(default=list, db_default=models.Value([], output_field=models.JSONField()))


def mandate_field() -> "models.ForeignKey[Mandate | None, Mandate | None]":
    """The mandate under which an agent acted; null where the provider did so itself."""
    return models.ForeignKey(Mandate, null=True, blank=True, on_delete=models.PROTECT, related_name="+")


class Kind(models.TextChoices):
    """What a version is, within its filing."""

    NOTIFICATION = "notification"
    UPDATE = "update"
    COMPLETION = "completion"
    CORRECTION = "correction"
    WITHDRAWAL = "withdrawal"


class FilingQuerySet(ScopedQuerySet["Filing"]):
    """Words for the lists of filings."""

    def open_for_authority(self) -> "FilingQuerySet":
        """What waits for a decision: submitted, in review, or waiting for the provider."""
        waiting = {*lifecycle.UNDER_REVIEW, lifecycle.Status.AWAITING_PROVIDER}
        return self.filter(status__in=sorted(s.value for s in waiting))

    def visible_to(self, actor: Actor) -> Self:
        """As for every scoped row; and a draft is its provider's alone, withdrawn or not."""
        seen = super().visible_to(actor)
        return seen if actor.audience is Audience.PROVIDER else seen.filed()

    def filed(self) -> Self:
        """Everything that was ever submitted: no draft, and none that was withdrawn as a draft."""
        return self.filter(submitted_at__isnull=False)

    def standing(self) -> Self:
        """Everything but what was withdrawn: its names are free again."""
        return self.exclude(status=lifecycle.Status.WITHDRAWN.value)


FILING_WORDS = searching.Words("reference", "client_reference", "run_id", "lineage")
VERSION_WORDS = searching.DocumentWords("canonical")


class Filing(Scoped):
    """The register's file on one training run. Columns from `number` on repeat the newest version, for lists."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reference = models.CharField(max_length=32, unique=True)
    client_reference = models.CharField(max_length=100, blank=True)
    status = models.CharField(max_length=20, choices=[(s.value, s.value) for s in lifecycle.Status])
    draft = models.JSONField(null=True, blank=True)
    acknowledgements = acknowledgements_field()
    revision = models.PositiveIntegerField(default=1, help_text="Grows with every change; the ETag")
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    assigned_to = models.UUIDField(null=True, blank=True, help_text="The officer at work on it")
    number = models.PositiveIntegerField(default=0, help_text="Of the newest version; 0 for a draft")
    kind = models.CharField(max_length=16, blank=True)
    run_stage = models.CharField(max_length=32, blank=True)
    run_id = models.CharField(max_length=200, blank=True, help_text="The provider's own name of the run")
    lineage = models.CharField(max_length=200, blank=True)
    training_compute_flop = flop_field()
    band = models.CharField(max_length=16, blank=True)
    site_country = models.CharField(max_length=2, blank=True)
    nace_division = models.CharField(max_length=2, blank=True, db_default="", help_text="Of the filer: 62 of 62.10")
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)

    objects = FilingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "client_reference"],
                condition=~models.Q(client_reference="") & ~models.Q(status=lifecycle.Status.WITHDRAWN.value),
                name="filing_client_reference",
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=["draft", "withdrawn"], number=0, submitted_at__isnull=True)
                | (~models.Q(status="draft") & models.Q(number__gte=1, submitted_at__isnull=False)),
                name="filing_submitted_has_a_version",
            ),
        ]
        indexes = [
            models.Index(fields=["organisation", "-created_at", "id"], name="filing_by_organisation"),
            models.Index(fields=["territory", "status", "submitted_at"], name="filing_by_territory"),
            models.Index(fields=["status", "submitted_at"], name="filing_by_status"),
            models.Index(fields=["submitted_at"], name="filing_by_moment"),
            GinIndex(FILING_WORDS, name="filing_by_words"),
        ]
        triggers = [
            pgtrigger.FSM(
                name="status_follows_the_table",
                field="status",
                transitions=[(step.source.value, step.target.value) for step in lifecycle.TRANSITIONS],
            ),
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
            only_emptied("filings_filing"),
        ]

    def __str__(self) -> str:
        return self.reference


class Amendment(Scoped):
    """A further version while it is being written, its provider's alone: gone once it is filed or given up.

    `base` is the revision of the filing it began from: a filing that has moved on since is told, not overwritten.
    """

    filing = models.OneToOneField(Filing, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    content = models.JSONField()
    acknowledgements = acknowledgements_field()
    base = models.PositiveIntegerField()
    revision = models.PositiveIntegerField(default=1)
    changed_at = models.DateTimeField()

    objects = ScopedQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["organisation"], name="amendment_by_organisation")]

    def __str__(self) -> str:
        return f"{self.filing_id} {self.kind}"


class Version(Scoped):
    """One immutable submission. `canonical` is the document as RFC 8785 text, which `digest` and ledger commit to."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    filing = models.ForeignKey(Filing, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=16, choices=Kind.choices)
    canonical = models.TextField()
    digest = models.BinaryField(max_length=32)
    salt = models.BinaryField(max_length=32)
    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, related_name="+")
    schema_version = models.CharField(max_length=8)
    rule_set = models.CharField(max_length=16, help_text="Version of the checks it was judged by")
    submitted_at = models.DateTimeField()
    submitted_by = models.CharField(max_length=64)
    mandate = mandate_field()
    training_compute_flop = flop_field()
    estimated_flop = flop_field()

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["filing", "number"], name="version_number")]
        indexes = [
            models.Index(fields=["organisation", "submitted_at"], name="version_by_organisation"),
            GinIndex(VERSION_WORDS, name="version_by_words"),
        ]
        triggers = [append_only("filings_version")]

    def __str__(self) -> str:
        return f"{self.filing_id} v{self.number}"


class Answer(Scoped):
    """What a check said to the filer about a version. Its sentence is the catalogue's, in the reader's language."""

    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="answers")
    code = models.CharField(max_length=32)
    severity = models.CharField(max_length=8)
    pointer = models.CharField(max_length=200, blank=True)
    inputs = models.JSONField(default=dict)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        triggers = [append_only("filings_answer")]
        indexes = [models.Index(fields=["organisation", "version"], name="answer_by_organisation")]

    def __str__(self) -> str:
        return f"{self.code} {self.pointer}"


class TransitionQuerySet(ScopedQuerySet["Transition"]):
    """The steps of filings, as an actor may see them."""

    def visible_to(self, actor: Actor) -> Self:
        """As for every scoped row; and what becomes of a draft, which has no version, is its provider's alone."""
        seen = super().visible_to(actor)
        return seen if actor.audience is Audience.PROVIDER else seen.filter(version_number__gt=0)


class Transition(Scoped):
    """One step of a filing's life: the history that everybody concerned can read.

    Numbered under the ledger's lock, so that the numbers are the order of the commits (docs/adr/0006).
    """

    filing = models.ForeignKey(Filing, on_delete=models.PROTECT, related_name="transitions")
    verb = models.CharField(max_length=32)
    source = models.CharField(max_length=20)
    target = models.CharField(max_length=20)
    version_number = models.PositiveIntegerField()
    at = models.DateTimeField()
    actor = models.CharField(max_length=64)
    actor_name = models.CharField(max_length=200)
    mandate = mandate_field()
    reason = models.TextField(blank=True)
    pointers = models.JSONField(
        default=list,
        db_default=models.Value([], output_field=models.JSONField()),
        help_text="Fields of the document that a question is about",
    )
    answer_by = models.DateTimeField(null=True, blank=True, help_text="Until when a question asks for its answer")
    salt = models.BinaryField(max_length=32)
    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, related_name="+")

    objects = TransitionQuerySet.as_manager()

    class Meta:
        ordering = ["at", "id"]
        triggers = [append_only("filings_transition")]
        indexes = [
            models.Index(fields=["territory", "-at"], name="transition_by_territory"),
            models.Index(fields=["organisation", "id"], name="transition_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.filing_id} {self.verb}"


class Crossing(Scoped):
    """The day on which a version's estimate passes a threshold."""

    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="crossings")
    threshold = models.CharField(max_length=32)
    crossed_on = models.DateField(null=True, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        triggers = [APPEND_ONLY]
        constraints = [models.UniqueConstraint(fields=["version", "threshold"], name="crossing_once")]

    def __str__(self) -> str:
        return f"{self.version_id} {self.threshold}"
