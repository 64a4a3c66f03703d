"""What positions are made of, and positions as last read: runs posted from filings, uses posted from returns, groups.

An *account* is one company by the key that statements of ownership use (`lei:…`, `euid:…`, `organisation:…`; of a
customer without such a number `vat:…` or `name:…`). A position is that of an owner group or of one lineage of a group.
For the Union's authority and the screener alone: a sum over providers and territories is nobody's own.
"""

from django.contrib.postgres.indexes import GinIndex
from django.db import models

from registry.compute.models import Return
from registry.filings.models import Filing, flop_field
from registry.organisations.models import Scoped
from registry.screening.regulators import ForRegulators, UnionWide


def hours_field() -> "models.DecimalField[object, object]":
    """A column for accelerator-hours."""
    return models.DecimalField(max_digits=24, decimal_places=6)


class PostedRun(Scoped):
    """One line of hardware of a filing's newest version, as it is added up; `ends_on` is not included.

    Without a facility of the register or an accelerator of the catalogue it has no place. `operator` is whose facility
    it is.
    """

    filing = models.ForeignKey(Filing, on_delete=models.PROTECT, related_name="posted_runs")
    version_number = models.PositiveIntegerField()
    line = models.PositiveIntegerField()
    account = models.CharField(max_length=200)
    lineage = models.CharField(max_length=200, blank=True)
    facility = models.CharField(max_length=36, blank=True, help_text="The id of a facility of the register")
    operator = models.UUIDField(null=True, blank=True)
    accelerator = models.CharField(max_length=64, blank=True)
    starts_on = models.DateField()
    ends_on = models.DateField()
    hours = hours_field()
    flop = flop_field()
    covers_flop = flop_field()

    objects = ForRegulators.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["filing", "line"], name="posted_run_once")]
        indexes = [models.Index(fields=["account"], name="posted_run_by_account")]

    def __str__(self) -> str:
        return f"{self.filing_id} {self.line}"


class PostedUse(Scoped):
    """What the standing records of one provider add up to for one customer, place and days; `ends_on` not included."""

    month = models.DateField(help_text="Of the return")
    account = models.CharField(max_length=200)
    customer_name = models.CharField(max_length=200)
    facility = models.CharField(max_length=36)
    accelerator = models.CharField(max_length=64)
    is_training = models.BooleanField(help_text="Whether its class of workload can be training")
    starts_on = models.DateField()
    ends_on = models.DateField()
    records = models.BigIntegerField()
    hours = hours_field()
    flop = models.DecimalField(max_digits=40, decimal_places=3)

    objects = ForRegulators.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=[
                    "account",
                    "organisation",
                    "month",
                    "facility",
                    "accelerator",
                    "starts_on",
                    "ends_on",
                    "is_training",
                ],
                name="posted_use_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.account} {self.facility} {self.starts_on}"


class PostedReturn(Scoped):
    """Up to which version a return is posted."""

    monthly_return = models.OneToOneField(Return, on_delete=models.PROTECT, related_name="posting")
    version = models.PositiveIntegerField()
    at = models.DateTimeField()

    objects = ForRegulators.as_manager()

    def __str__(self) -> str:
        return f"{self.monthly_return_id} v{self.version}"


class GroupMember(models.Model):
    """To which owner group an account belongs, from a day until another (not included). Who has no row is its own.

    The first group that is known of an account stands for the days before as well: groups are not made by being told.
    """

    account = models.CharField(max_length=200)
    group = models.CharField(max_length=200)
    group_name = models.CharField(max_length=300)
    from_on = models.DateField()
    until_on = models.DateField(null=True, blank=True)

    objects = UnionWide.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "from_on"], name="group_member_once"),
            models.CheckConstraint(
                condition=models.Q(until_on__isnull=True) | models.Q(until_on__gt=models.F("from_on")),
                name="group_member_days_in_order",
            ),
        ]
        indexes = [models.Index(fields=["group"], name="group_member_by_group")]

    def __str__(self) -> str:
        return f"{self.account} in {self.group}"


class Position(models.Model):
    """A position as it was last read. `limits` by code: crossed, planned and projected day; `crossed` those crossed.

    `stale_since` is set when something was posted since; a lineage is named `group|lineage`.
    """

    class Kind(models.TextChoices):
        """Of what it is the position."""

        OWNER_GROUP = "owner_group"
        LINEAGE = "lineage"

    kind = models.CharField(max_length=12, choices=Kind.choices)
    subject = models.CharField(max_length=400)
    group = models.CharField(max_length=200)
    name = models.CharField(max_length=300)
    window_days = models.PositiveIntegerField(null=True, blank=True)
    read_on = models.DateField(null=True, blank=True)
    window_flop = flop_field()
    window_hours = models.DecimalField(null=True, blank=True, max_digits=24, decimal_places=3)
    peak_flop = flop_field()
    peak_hours = models.DecimalField(null=True, blank=True, max_digits=24, decimal_places=3)
    peak_on = models.DateField(null=True, blank=True)
    total_flop = flop_field()
    rate_flop_per_day = flop_field()
    limits = models.JSONField(default=list, blank=True)
    crossed = models.JSONField(default=list, blank=True)
    stale_since = models.DateTimeField(null=True, blank=True)
    changed_at = models.DateTimeField()

    objects = UnionWide.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "subject"], name="position_once")]
        indexes = [
            models.Index(fields=["-peak_flop"], name="position_by_peak"),
            models.Index(fields=["group"], name="position_by_group"),
            models.Index(fields=["stale_since"], name="position_stale", condition=models.Q(stale_since__isnull=False)),
            GinIndex(fields=["crossed"], name="position_by_crossing"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"
