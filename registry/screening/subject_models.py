"""What screening keeps beside findings: how far returns are screened, authorisations, verdicts on observations."""

import uuid

from django.db import models

from registry.compute.models import Return
from registry.ledger.emptying import append_only
from registry.ledger.models import APPEND_ONLY
from registry.organisations.models import Scoped
from registry.screening.missing import Verdict
from registry.screening.regulators import ForRegulators, UnionWide


class ReturnScreening(Scoped):
    """Up to which customer a version of a return is screened by which rule set; finished when none is left."""

    monthly_return = models.OneToOneField(Return, on_delete=models.PROTECT, related_name="screening")
    version = models.PositiveIntegerField()
    rule_set = models.CharField(max_length=16)
    after_key = models.CharField(max_length=100, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = ForRegulators.as_manager()

    def __str__(self) -> str:
        return f"{self.monthly_return_id} v{self.version}"


class Authorisation(Scoped):
    """An exemption or authorisation under Regulation (EU) 833/2014 Art. 5n, recorded by two persons of an authority.

    It covers what one compute provider, the organisation, gives to one customer, by the provider's own key of it; both
    days are included. For ever: what was recorded wrongly is ended by a further one.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    customer_key = models.CharField(max_length=100)
    customer_name = models.CharField(max_length=200)
    reference = models.CharField(max_length=100, help_text="Of the decision, at the authority that took it")
    legal_basis = models.CharField(max_length=200)
    from_on = models.DateField()
    until_on = models.DateField()
    reason = models.CharField(max_length=500)
    recorded_at = models.DateTimeField()
    proposed_by = models.CharField(max_length=64)
    confirmed_by = models.CharField(max_length=64)

    objects = ForRegulators.as_manager()

    class Meta:
        ordering = ["-from_on", "reference"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "customer_key", "reference"], name="authorisation_recorded_once"
            ),
            models.CheckConstraint(
                condition=models.Q(until_on__gte=models.F("from_on")), name="authorisation_days_in_order"
            ),
        ]
        indexes = [models.Index(fields=["organisation", "customer_key"], name="authorisation_by_customer")]
        triggers = [append_only("screening_authorisation")]

    def __str__(self) -> str:
        return f"{self.reference} {self.customer_name}"


class ObservationReview(models.Model):
    """What a person at the AI Office made of a public observation above a threshold; the newest of each counts.

    `reference` names the filing where there is one. For ever.
    """

    observation = models.ForeignKey("screening.Observation", on_delete=models.PROTECT, related_name="reviews")
    verdict = models.CharField(max_length=16, choices=[(each.value, each.value) for each in Verdict])
    reference = models.CharField(max_length=32, blank=True)
    reason = models.CharField(max_length=500)
    at = models.DateTimeField()
    actor = models.CharField(max_length=64)
    actor_name = models.CharField(max_length=200)

    objects = UnionWide.as_manager()

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(verdict__in=[each.value for each in Verdict]), name="observation_review_verdict"
            ),
            models.CheckConstraint(
                condition=~models.Q(verdict=Verdict.FILED.value) | ~models.Q(reference=""),
                name="observation_review_names_the_filing",
            ),
        ]
        triggers = [APPEND_ONLY]

    def __str__(self) -> str:
        return f"{self.observation_id} {self.verdict}"


class GroupScreening(models.Model):
    """As of which reading of its position an owner group was screened, by which rule set."""

    group = models.CharField(max_length=200, unique=True)
    read_at = models.DateTimeField(help_text="When the position was read that was screened")
    rule_set = models.CharField(max_length=16)

    objects = UnionWide.as_manager()

    def __str__(self) -> str:
        return self.group
