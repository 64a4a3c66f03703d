"""What came of holding runs and uses together: bundles, for the Union's authority, and each side's own view of them."""

import uuid

from django.db import models

from registry.filings.models import Filing, flop_field
from registry.ledger.emptying import append_only, only_emptied
from registry.ledger.models import Entry
from registry.organisations.models import Mandate, Scoped, ScopedQuerySet
from registry.screening.position_models import hours_field
from registry.screening.reconciliation import State
from registry.screening.regulators import UnionWide


class Bundle(models.Model):
    """Runs and uses of one owner group that tell of the same thing, whole: for the Union's authority alone.

    `key` is the smallest key of its runs, else of its uses. Bundles of a group are written anew together.
    """

    group = models.CharField(max_length=200)
    key = models.CharField(max_length=300)
    state = models.CharField(max_length=12, choices=[(s.value, s.value) for s in State])
    facility = models.CharField(max_length=36, blank=True)
    accelerator = models.CharField(max_length=64, blank=True)
    starts_on = models.DateField()
    ends_on = models.DateField()
    filings = models.JSONField(default=list)
    providers = models.JSONField(default=list)
    filed_hours = hours_field()
    reported_hours = hours_field()
    filed_flop = flop_field()
    reported_flop = flop_field()
    ratio = models.DecimalField(null=True, blank=True, max_digits=20, decimal_places=6)
    read_on = models.DateField()

    objects = UnionWide.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["group", "key"], name="bundle_once")]
        indexes = [models.Index(fields=["state", "-starts_on"], name="bundle_by_state")]

    def __str__(self) -> str:
        return f"{self.group} {self.key} {self.state}"


class Side(models.TextChoices):
    """Whose view it is."""

    DEVELOPER = "developer"
    PROVIDER = "provider"


class OtherSays(models.TextChoices):
    """All that a side learns of the other: it says nothing, less or more; never how much, nor who it is."""

    NOTHING = "nothing"
    LESS = "less"
    MORE = "more"


class Mismatch(Scoped):
    """One side's view of a bundle that does not match. Closed when the sides agree again.

    Everything in the row is the organisation's own word, but for `other_says`. A developer's row names its filing; a
    provider's the customer and the ids of the lines that it reported.
    """

    class Status(models.TextChoices):
        """Where it stands."""

        OPEN = "open"
        ANSWERED = "answered"
        CLOSED = "closed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reference = models.CharField(max_length=32, unique=True)
    group = models.CharField(max_length=200)
    bundle_key = models.CharField(max_length=300)
    side = models.CharField(max_length=12, choices=Side.choices)
    other_says = models.CharField(max_length=12, choices=OtherSays.choices)
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.OPEN)
    filing = models.ForeignKey(Filing, null=True, blank=True, on_delete=models.PROTECT, related_name="mismatches")
    customer_name = models.CharField(max_length=200, blank=True)
    facility = models.CharField(max_length=36, blank=True)
    facility_name = models.CharField(max_length=200, blank=True)
    accelerator = models.CharField(max_length=64, blank=True)
    starts_on = models.DateField()
    ends_on = models.DateField()
    own_hours = hours_field()
    tolerance_percent = models.PositiveIntegerField()
    revision = models.PositiveIntegerField(default=1)
    found_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["-found_at", "reference"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "group", "bundle_key", "side"],
                condition=~models.Q(status="closed"),
                name="mismatch_once_for_each_side",
            )
        ]
        indexes = [
            models.Index(fields=["organisation", "-found_at", "id"], name="mismatch_by_organisation"),
            models.Index(fields=["territory", "-found_at", "id"], name="mismatch_by_territory"),
            models.Index(fields=["group"], name="mismatch_by_group"),
        ]
        triggers = [only_emptied("screening_mismatch")]

    def __str__(self) -> str:
        return self.reference


class MismatchAnswer(Scoped):
    """What one side says to its mismatch: a coded reason and a sentence. The last one counts."""

    mismatch = models.ForeignKey(Mismatch, on_delete=models.PROTECT, related_name="answers")
    reason_code = models.CharField(max_length=32)
    reason = models.TextField()
    at = models.DateTimeField()
    actor = models.CharField(max_length=64)
    actor_name = models.CharField(max_length=200)
    mandate = models.ForeignKey(Mandate, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    salt = models.BinaryField(max_length=32)
    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, related_name="+")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["at", "id"]
        triggers = [append_only("screening_mismatchanswer")]

    def __str__(self) -> str:
        return f"{self.mismatch_id} {self.reason_code}"


class MatchRate(Scoped):
    """How one provider's uses fared when they were last held against the filings: hours and bundles by state."""

    read_at = models.DateTimeField()
    hours = models.JSONField(default=dict)
    bundles = models.JSONField(default=dict)
    matched_share = models.DecimalField(null=True, blank=True, max_digits=7, decimal_places=4)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation"], name="match_rate_once")]

    def __str__(self) -> str:
        return f"{self.organisation_id} {self.matched_share}"
