"""What the law asks on account of a filing or of an organisation itself, and what is said about that."""

import uuid
from datetime import datetime

from django.db import models
from django.db.models.functions import Coalesce, Greatest

from registry.filings import duties, lifecycle
from registry.filings.filing_models import Filing, Version
from registry.ledger.emptying import append_only
from registry.ledger.models import APPEND_ONLY, Entry
from registry.organisations.models import Scoped, ScopedQuerySet


def of_organisation(kind: str) -> str:
    """What an act about a duty is called in the ledger and the outbox where the duty hangs on no filing."""
    return f"organisation_{kind}"


def states(at: datetime) -> dict[duties.State, models.Q]:
    """What holds of the duties in each state at `at`: the same cases as `duties.state_at`, for the database."""
    waits, due = models.Q(not_before__gt=at), models.Q(due_at__isnull=False)
    done = models.Q(met_at__isnull=False, met_at__lte=at) & ~waits
    late, past = models.Q(met_at__gt=models.F("falls_at")), models.Q(falls_at__lt=at)
    return {
        duties.State.NOT_BEFORE: waits,
        duties.State.MET: done & ~(due & late),
        duties.State.LATE: done & due & late,
        duties.State.OVERDUE: ~done & ~waits & due & past,
        duties.State.OPEN: ~done & ~waits & ~(due & past),
    }


class DutyQuerySet(ScopedQuerySet["Duty"]):
    """Words for the lists of duties."""

    def standing(self) -> "DutyQuerySet":
        """The duties that follow from the newest facts of organisations, and of filings that were not withdrawn."""
        return self.filter(is_current=True).exclude(filing__status=lifecycle.Status.WITHDRAWN.value)

    def of_organisations(self) -> "DutyQuerySet":
        """Those that follow from no filing."""
        return self.filter(filing__isnull=True)

    def in_state(self, state: duties.State, *, at: datetime) -> "DutyQuerySet":
        """Those in one state at `at`."""
        return self.filter(states(at)[state])


class Duty(Scoped):
    """What the law asks by when. Reckoned anew with each version; what no longer follows stays, not current.

    Without a filing it is the organisation's own: about the organisation itself, or about what `subject` names.

    The dates follow from the facts and the law (registry.filings.duties) and are stored to be listed and sorted;
    `extended_until` and `excused_at` repeat what the authority granted (`Decision`).
    """

    filing = models.ForeignKey(Filing, null=True, blank=True, on_delete=models.PROTECT, related_name="duties")
    subject = models.CharField(
        max_length=64, blank=True, help_text="What of the organisation it is about; empty: itself"
    )
    code = models.CharField(max_length=32)
    trigger_on = models.DateField()
    due_at = models.DateTimeField(null=True, blank=True)
    not_before = models.DateTimeField(null=True, blank=True)
    met_at = models.DateTimeField(null=True, blank=True)
    extended_until = models.DateTimeField(null=True, blank=True)
    excused_at = models.DateTimeField(null=True, blank=True)
    falls_at = models.GeneratedField(
        expression=Coalesce(Greatest("due_at", "extended_until"), "not_before"),
        output_field=models.DateTimeField(),
        db_persist=True,
    )
    is_current = models.BooleanField(default=True)
    sequence = models.PositiveIntegerField(default=0, help_text="Grows with every change; that of its calendar event")
    changed_at = models.DateTimeField()
    reckoned_at = models.DateTimeField(help_text="Time that has passed since may have brought a further occurrence")

    objects = DutyQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "duties"
        ordering = ["due_at", "code"]
        constraints = [
            models.UniqueConstraint(fields=["filing", "code", "trigger_on"], name="duty_once"),
            models.UniqueConstraint(
                fields=["organisation", "subject", "code", "trigger_on"],
                condition=models.Q(filing__isnull=True),
                name="duty_of_an_organisation_once",
            ),
            models.CheckConstraint(
                condition=models.Q(filing__isnull=True) | models.Q(subject=""), name="duty_about_one_thing"
            ),
            models.CheckConstraint(
                condition=models.Q(due_at__isnull=True) ^ models.Q(not_before__isnull=True), name="duty_has_a_moment"
            ),
        ]
        indexes = [
            models.Index(fields=["territory", "falls_at", "id"], name="duty_by_territory"),
            models.Index(fields=["organisation", "falls_at", "id"], name="duty_by_organisation"),
            models.Index(
                fields=["falls_at"], name="duty_unmet", condition=models.Q(is_current=True, met_at__isnull=True)
            ),
            models.Index(
                fields=["due_at"],
                name="duty_to_reckon",
                condition=models.Q(is_current=True, reckoned_at__lte=models.F("due_at")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.filing_id or self.organisation_id} {self.code}"

    @property
    def name(self) -> str:
        """What it hangs on, as the ledger and the events name it: a filing by reference, else the organisation."""
        return self.filing.reference if self.filing else str(self.organisation_id)

    @property
    def is_withdrawn(self) -> bool:
        """Whether it ended with its filing."""
        return self.filing is not None and self.filing.status == lifecycle.Status.WITHDRAWN

    @property
    def extended_due_at(self) -> datetime | None:
        """The due moment with what was granted; None for what must wait."""
        return self.due_at and max(self.due_at, self.extended_until or self.due_at)

    def state_at(self, at: datetime) -> duties.State:
        """How the duty stands at `at`, by what was decided until now."""
        return duties.state_at(
            duties.Duty(
                code=self.code,
                trigger_on=self.trigger_on,
                due_at=self.extended_due_at,
                not_before=self.not_before,
                met_at=self.met_at,
                as_of=at,
                basis="",
                force="",
                authority="",
            ),
            at,
        )


class Recorded(Scoped):
    """Something said beside the versions of filings, for ever: by whom, when, and its entry in the ledger."""

    at = models.DateTimeField()
    actor = models.CharField(max_length=64)
    actor_name = models.CharField(max_length=200)
    salt = models.BinaryField(max_length=32)
    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, related_name="+")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering = ["at", "id"]


class PleaKind(models.TextChoices):
    """What a provider can ask of the authority: more time, to be excused, Art. 52(2), Art. 52(5)."""

    EXTENSION = "extension"
    EXCUSE = "excuse"
    REBUTTAL = "rebuttal"
    REASSESSMENT = "reassessment"


class Plea(Recorded):
    """What a provider asks, with its reason. A rebuttal is part of a version; the others stand by themselves.

    Without a filing it is about a duty of the organisation itself.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    filing = models.ForeignKey(Filing, null=True, blank=True, on_delete=models.PROTECT, related_name="pleas")
    kind = models.CharField(max_length=16, choices=PleaKind.choices)
    duty = models.ForeignKey(Duty, null=True, blank=True, on_delete=models.PROTECT, related_name="pleas")
    version = models.ForeignKey(Version, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField()
    until = models.DateTimeField(null=True, blank=True, help_text="The moment asked for")
    digest = models.BinaryField(max_length=32, help_text="SHA-256 of what was asked, to know it again")

    class Meta(Recorded.Meta):
        triggers = [append_only("filings_plea")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=["extension", "excuse"], duty__isnull=False, version__isnull=True)
                | models.Q(kind="rebuttal", duty__isnull=True, version__isnull=False)
                | models.Q(kind="reassessment", duty__isnull=True, version__isnull=True),
                name="plea_is_about_something",
            ),
            models.CheckConstraint(
                condition=models.Q(filing__isnull=False) | models.Q(duty__isnull=False), name="plea_hangs_on_something"
            ),
            models.CheckConstraint(
                condition=models.Q(kind="extension") ^ models.Q(until__isnull=True), name="plea_extension_until"
            ),
        ]
        indexes = [models.Index(fields=["territory", "-at"], name="plea_by_territory")]

    def __str__(self) -> str:
        return f"{self.filing_id or self.organisation_id} {self.kind}"


class Decision(Recorded):
    """The authority's reasoned answer to a plea; or, without one, the designation of a model (Art. 52(4))."""

    filing = models.ForeignKey(Filing, null=True, blank=True, on_delete=models.PROTECT, related_name="decisions")
    kind = models.CharField(max_length=16, choices=[*PleaKind.choices, ("designation", "designation")])
    plea = models.OneToOneField(Plea, null=True, blank=True, on_delete=models.PROTECT, related_name="decision")
    is_granted = models.BooleanField()
    granted_until = models.DateTimeField(null=True, blank=True)
    reason = models.TextField()

    class Meta(Recorded.Meta):
        triggers = [append_only("filings_decision")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind="designation") ^ models.Q(plea__isnull=False), name="decision_answers_a_plea"
            ),
            models.CheckConstraint(
                condition=models.Q(kind="extension", is_granted=True) ^ models.Q(granted_until__isnull=True),
                name="decision_extension_until",
            ),
            models.CheckConstraint(
                condition=models.Q(filing__isnull=False) | models.Q(plea__isnull=False),
                name="decision_hangs_on_something",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.filing_id or self.organisation_id} {self.kind} {'granted' if self.is_granted else 'refused'}"


class Act(Recorded):
    """What met a duty outside the register, as the provider reports it: a summary renewed, a facility's report sent."""

    filing = models.ForeignKey(Filing, on_delete=models.PROTECT, related_name="acts")
    kind = models.CharField(max_length=32)
    done_on = models.DateField()
    evidence = models.TextField(help_text="Where it can be seen: an address, a reference")

    class Meta(Recorded.Meta):
        triggers = [append_only("filings_act")]

    def __str__(self) -> str:
        return f"{self.filing_id} {self.kind} {self.done_on}"


class Reminder(Scoped):
    """That a provider was told of a duty once for each stage and due moment."""

    duty = models.ForeignKey(Duty, on_delete=models.PROTECT, related_name="reminders")
    stage = models.CharField(max_length=8)
    falls_at = models.DateTimeField()
    at = models.DateTimeField()

    objects = ScopedQuerySet.as_manager()

    class Meta:
        triggers = [APPEND_ONLY]
        constraints = [models.UniqueConstraint(fields=["duty", "stage", "falls_at"], name="reminder_once")]

    def __str__(self) -> str:
        return f"{self.duty_id} {self.stage}"
