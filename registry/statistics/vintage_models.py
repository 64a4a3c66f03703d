"""Releases in vintages: the calendar, each vintage with its state, and what was stored to build it.

Of a vintage the public sees what is published, and nothing before its embargo: the row policies ask for the moment of
publication, which the worker alone sets. What a vintage was built from is the builder's; the review is the
statistician's. Once published nothing changes but the withdrawal.
"""

import uuid
from typing import Self

import pgtrigger
from django.db import models

from registry.acting import Actor, Audience
from registry.ledger.models import APPEND_ONLY, Entry

# Once published, a withdrawal and its notice are all that changes.
_PUBLISHED_STAYS = """
if old.published_at is not null
and to_jsonb(old) - '{state,withdrawn_at,notice_en,notice_fr,notice_de}'::text[]
is distinct from to_jsonb(new) - '{state,withdrawn_at,notice_en,notice_fr,notice_de}'::text[] then
  raise exception 'a published vintage stays as it is';
end if;
return new;
"""
# What a vintage was built from is never changed, and deleted after its period by the housekeeper alone.
KEPT_FOR_ITS_PERIOD = pgtrigger.Trigger(
    name="kept_for_its_period",
    when=pgtrigger.Before,
    operation=pgtrigger.Update | pgtrigger.Delete,
    func=f"""
if tg_op = 'DELETE' and current_user = '{Audience.HOUSEKEEPER.value}' then
  return old;
end if;
raise exception 'rows of % are kept as they are', tg_table_name;
""",
)
_PREPARES = frozenset({Audience.STATISTICIAN, Audience.BUILDER})


class State(models.TextChoices):
    """Where a vintage stands. `dropped`: given up before publication, by a person or because it cannot be built."""

    DRAFT = "draft"
    PROTECTED = "protected"
    ATTACKED = "attacked"
    APPROVED = "approved"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"
    DROPPED = "dropped"


STEPS = (
    (State.DRAFT, State.PROTECTED),
    (State.PROTECTED, State.ATTACKED),
    (State.ATTACKED, State.APPROVED),
    (State.APPROVED, State.PUBLISHED),
    (State.PUBLISHED, State.WITHDRAWN),
    (State.DRAFT, State.DROPPED),
    (State.PROTECTED, State.DROPPED),
    (State.ATTACKED, State.DROPPED),
    (State.APPROVED, State.DROPPED),
)
UNDER_WAY = (State.DRAFT, State.PROTECTED, State.ATTACKED, State.APPROVED)


class Verdict(models.TextChoices):
    """What the auditor found. Only `clean` can be approved; `undecided` is never called clean."""

    NONE = ""
    CLEAN = "clean"
    DISCLOSURE = "disclosure"
    BAD_INPUT = "bad_input"
    UNDECIDED = "undecided"


class CalendarEntry(models.Model):
    """A moment announced for a release or a revision of it. Announced once; a later date is a further entry."""

    release = models.CharField(max_length=7, help_text="Its quarter, such as 2026-Q3")
    publish_at = models.DateTimeField(help_text="The embargo")
    is_revision = models.BooleanField(default=False)
    announced_at = models.DateTimeField()

    class Meta:
        ordering = ["publish_at"]
        verbose_name_plural = "calendar entries"
        constraints = [models.UniqueConstraint(fields=["release", "publish_at"], name="calendar_entry_once")]
        triggers = [APPEND_ONLY]

    def __str__(self) -> str:
        return f"{self.release} {self.publish_at:%Y-%m-%d}"


class VintageQuerySet(models.QuerySet["Vintage"]):
    """Vintages, as an actor may see them."""

    def visible_to(self, actor: Actor) -> Self:
        """All for those who prepare them; what is published for everybody else."""
        return self.all() if actor.audience in _PREPARES else self.published()

    def published(self) -> Self:
        """What was published, withdrawn ones too: they stay listed."""
        return self.filter(published_at__isnull=False)


class Vintage(models.Model):
    """One vintage of one release. `number` counts from 1 within the release; a dropped one leaves its number free.

    `progress` is that of building, in per cent.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    release = models.CharField(max_length=7)
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=12, choices=State.choices, default=State.DRAFT)
    as_of = models.DateTimeField(help_text="What was submitted until then is counted")
    publish_at = models.DateTimeField(help_text="The embargo")
    is_provisional = models.BooleanField()
    progress = models.PositiveSmallIntegerField(default=0)
    failure = models.CharField(max_length=32, blank=True, help_text="Why it could not be built: a code")
    verdict = models.CharField(max_length=12, choices=Verdict.choices, blank=True)
    software = models.CharField(max_length=200, blank=True, help_text="What its files were written with")
    manifest_sha256 = models.CharField(max_length=64, blank=True)
    drafted_by = models.CharField(max_length=64)
    drafter_name = models.CharField(max_length=200)
    drafted_at = models.DateTimeField()
    approved_by = models.CharField(max_length=64, blank=True)
    approver_name = models.CharField(max_length=200, blank=True)
    approved_at = models.DateTimeField(null=True, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    notice_en = models.CharField(max_length=500, blank=True)
    notice_fr = models.CharField(max_length=500, blank=True)
    notice_de = models.CharField(max_length=500, blank=True)
    content_digest = models.BinaryField(max_length=32, null=True, blank=True)
    salt = models.BinaryField(max_length=32, null=True, blank=True, help_text="Opens the entry's commitment, for all")
    entry = models.OneToOneField(Entry, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    objects = VintageQuerySet.as_manager()

    class Meta:
        ordering = ["-publish_at", "-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["release", "number"], condition=~models.Q(state="dropped"), name="vintage_number"
            ),
            models.CheckConstraint(condition=models.Q(state__in=State.values), name="vintage_state"),
            models.CheckConstraint(condition=models.Q(verdict__in=Verdict.values), name="vintage_verdict"),
            models.CheckConstraint(
                condition=models.Q(approved_by="") | ~models.Q(approved_by=models.F("drafted_by")),
                name="vintage_approved_by_another",
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=["approved", "published", "withdrawn"])
                | (models.Q(verdict="clean") & ~models.Q(approved_by="")),
                name="vintage_approved_when_clean",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["published", "withdrawn"], published_at__gte=models.F("publish_at"))
                | (~models.Q(state__in=["published", "withdrawn"]) & models.Q(published_at__isnull=True)),
                name="vintage_published_after_its_embargo",
            ),
        ]
        triggers = [
            pgtrigger.FSM(
                name="vintage_state_follows",
                field="state",
                transitions=[(source.value, target.value) for source, target in STEPS],
            ),
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
            pgtrigger.Trigger(
                name="published_stays", when=pgtrigger.Before, operation=pgtrigger.Update, func=_PUBLISHED_STAYS
            ),
        ]

    def __str__(self) -> str:
        return f"{self.release} {self.number}"


class VintageInput(models.Model):
    """What a vintage was built from: facts and plan, packed (registry.statistics.facts, .assembling). Confidential."""

    vintage = models.OneToOneField(Vintage, on_delete=models.PROTECT, related_name="input")
    facts = models.BinaryField()
    stored_at = models.DateTimeField()

    class Meta:
        triggers = [KEPT_FOR_ITS_PERIOD]

    def __str__(self) -> str:
        return f"input of {self.vintage_id}"


class VintagePlan(models.Model):
    """Which cells of a vintage are withheld, and what the statistician reads of why. Confidential."""

    vintage = models.OneToOneField(Vintage, on_delete=models.PROTECT, related_name="plan")
    plan = models.BinaryField()
    review = models.JSONField(help_text="For each table what is withheld, by reason, and what is lost")
    stored_at = models.DateTimeField()

    class Meta:
        triggers = [KEPT_FOR_ITS_PERIOD]

    def __str__(self) -> str:
        return f"plan of {self.vintage_id}"


class VintageReport(models.Model):
    """What the auditor said of a vintage: its report names true values. The statistician's alone, never a log's."""

    vintage = models.OneToOneField(Vintage, on_delete=models.PROTECT, related_name="report")
    verdict = models.CharField(max_length=12, choices=Verdict.choices)
    report = models.TextField()
    stored_at = models.DateTimeField()

    class Meta:
        triggers = [KEPT_FOR_ITS_PERIOD]

    def __str__(self) -> str:
        return f"report of {self.vintage_id}"


class VintageFile(models.Model):
    """A file of a vintage, as it is published."""

    vintage = models.ForeignKey(Vintage, on_delete=models.PROTECT, related_name="files")
    path = models.CharField(max_length=120)
    content = models.BinaryField()
    size_bytes = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        ordering = ["path"]
        constraints = [models.UniqueConstraint(fields=["vintage", "path"], name="vintage_file_once")]
        triggers = [APPEND_ONLY]

    def __str__(self) -> str:
        return f"{self.vintage_id} {self.path}"
