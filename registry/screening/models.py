"""Findings of the screening rules, for regulators only, and public observations as a third voice."""

from django.contrib.postgres.indexes import GinIndex
from django.db import models

from registry import searching
from registry.compute.models import Facility
from registry.filings.models import Filing, flop_field
from registry.ledger.emptying import only_emptied
from registry.organisations.models import Scoped
from registry.screening.position_models import GroupMember, Position, PostedReturn, PostedRun, PostedUse
from registry.screening.reconciliation_models import Bundle, MatchRate, Mismatch, MismatchAnswer, OtherSays, Side
from registry.screening.regulators import ForRegulators
from registry.screening.shapes import SubjectKind
from registry.screening.subject_models import Authorisation, GroupScreening, ObservationReview, ReturnScreening

__all__ = [
    "Authorisation",
    "Bundle",
    "Finding",
    "GroupMember",
    "GroupScreening",
    "MatchRate",
    "Mismatch",
    "MismatchAnswer",
    "Observation",
    "ObservationReview",
    "OtherSays",
    "Position",
    "PostedReturn",
    "PostedRun",
    "PostedUse",
    "ReturnScreening",
    "Screening",
    "Side",
]

_FILING = SubjectKind.FILING.value
FINDING_WORDS = searching.Words("rule", "subject_name")


class Finding(Scoped):
    """A rule's hit on one subject, with the inputs it saw. Sentences come from the rule's data.

    The subject is what `subject_kind` says (`shapes.SubjectKind`) and `subject_key` names: a filing's reference, else
    the key of a customer at a provider, an owner group, a lineage, a facility or a use. A filing and a facility are
    also joined. `content` tells what the rule looked at: one rule version finds once in one version of a filing, and
    once in the same content of another subject. `group_key` links the findings of one owner group.

    A subject that several territories share has a finding in each, in which the others' names are masked, and a whole
    one in the territory "EU", which no officer has.
    """

    subject_kind = models.CharField(max_length=12, default=_FILING)
    subject_key = models.CharField(max_length=200, blank=True)
    subject_name = models.CharField(max_length=300, blank=True)
    group_key = models.CharField(max_length=200, blank=True)
    content = models.CharField(max_length=64, blank=True)
    filing = models.ForeignKey(Filing, null=True, blank=True, on_delete=models.PROTECT, related_name="findings")
    facility = models.ForeignKey(Facility, null=True, blank=True, on_delete=models.PROTECT, related_name="findings")
    version_number = models.PositiveIntegerField(null=True, blank=True)
    rule = models.CharField(max_length=8)
    rule_version = models.CharField(max_length=8)
    severity = models.CharField(max_length=8)
    inputs = models.JSONField(default=dict)
    found_at = models.DateTimeField()

    objects = ForRegulators.as_manager()

    class Meta:
        ordering = ["rule"]
        constraints = [
            models.UniqueConstraint(fields=["filing", "version_number", "rule", "rule_version"], name="finding_once"),
            models.UniqueConstraint(
                fields=["subject_kind", "subject_key", "territory", "rule", "rule_version", "content"],
                condition=~models.Q(subject_kind=_FILING),
                name="finding_once_in_a_content",
            ),
            models.CheckConstraint(
                condition=models.Q(subject_kind=_FILING, filing__isnull=False, version_number__isnull=False)
                | (~models.Q(subject_kind=_FILING) & models.Q(filing__isnull=True) & ~models.Q(subject_key="")),
                name="finding_has_its_subject",
            ),
            models.CheckConstraint(
                condition=models.Q(subject_kind__in=[kind.value for kind in SubjectKind]), name="finding_subject_kind"
            ),
        ]
        indexes = [
            models.Index(fields=["territory", "-found_at"], name="finding_by_territory"),
            GinIndex(FINDING_WORDS, name="finding_by_words"),
            models.Index(fields=["group_key", "territory"], condition=~models.Q(group_key=""), name="finding_by_group"),
        ]
        triggers = [only_emptied("screening_finding")]

    def __str__(self) -> str:
        return f"{self.rule} {self.subject_key or self.filing_id}"


class Screening(Scoped):
    """That a version was screened, when, and by which rule set: the sweep looks for versions without one."""

    filing = models.ForeignKey(Filing, on_delete=models.PROTECT, related_name="screenings")
    version_number = models.PositiveIntegerField()
    rule_set = models.CharField(max_length=16)
    at = models.DateTimeField()

    objects = ForRegulators.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["filing", "version_number", "rule_set"], name="screened_once")]

    def __str__(self) -> str:
        return f"{self.filing_id} v{self.version_number}"


class Observation(models.Model):
    """What is publicly said about a model or a cluster, with its source and licence. Nobody's filing."""

    source = models.CharField(max_length=64)
    kind = models.CharField(max_length=16)
    key = models.CharField(max_length=300, help_text="The publisher's own name, unique within source and kind")
    name = models.CharField(max_length=300)
    organisation_name = models.CharField(max_length=500, blank=True)
    countries = models.CharField(max_length=300, blank=True)
    observed_on = models.DateField(null=True, blank=True)
    training_compute_flop = flop_field()
    accelerator = models.CharField(max_length=500, blank=True)
    accelerator_count = models.BigIntegerField(null=True, blank=True)
    confidence = models.CharField(max_length=32, blank=True)
    facts = models.JSONField(default=dict)
    licence = models.CharField(max_length=64)
    attribution = models.CharField(max_length=300)
    file_name = models.CharField(max_length=200)
    file_digest = models.CharField(max_length=64)
    imported_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "kind", "key"], name="observation_once")]

    def __str__(self) -> str:
        return f"{self.source} {self.key}"
