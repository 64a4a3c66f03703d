"""Findings of the screening rules, for regulators only, and public observations as a third voice."""

from typing import Self

from django.db import models

from registry.acting import Actor, Audience
from registry.filings.models import Filing, flop_field
from registry.ledger.emptying import only_emptied
from registry.organisations.models import Row, Scoped, ScopedQuerySet


class ForRegulators(ScopedQuerySet[Row]):
    """Rows that no provider sees, not even about itself."""

    def visible_to(self, actor: Actor) -> Self:
        """None for a provider, as for every scoped row for the others."""
        return self.none() if actor.audience is Audience.PROVIDER else super().visible_to(actor)


class Finding(Scoped):
    """A rule's hit on one version of a filing, with the inputs it saw. Sentences come from the rule's data."""

    filing = models.ForeignKey(Filing, on_delete=models.PROTECT, related_name="findings")
    version_number = models.PositiveIntegerField()
    rule = models.CharField(max_length=8)
    rule_version = models.CharField(max_length=8)
    severity = models.CharField(max_length=8)
    inputs = models.JSONField(default=dict)
    found_at = models.DateTimeField()

    objects = ForRegulators.as_manager()

    class Meta:
        ordering = ["rule"]
        constraints = [
            models.UniqueConstraint(fields=["filing", "version_number", "rule", "rule_version"], name="finding_once")
        ]
        indexes = [models.Index(fields=["territory", "-found_at"], name="finding_by_territory")]
        triggers = [only_emptied("screening_finding")]

    def __str__(self) -> str:
        return f"{self.rule} {self.filing_id}"


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
