"""What regulators leave behind: the log of every look at an identified filing."""

from django.db import models

from registry.filings.models import Filing
from registry.ledger.models import APPEND_ONLY
from registry.organisations.models import Scoped, ScopedQuerySet


class Look(Scoped):
    """Somebody of an authority opened an identified filing: who, when, why (AI Act Art. 78). Never edited."""

    filing = models.ForeignKey(Filing, on_delete=models.PROTECT, related_name="looks")
    at = models.DateTimeField()
    actor = models.CharField(max_length=64)
    actor_name = models.CharField(max_length=200)
    purpose = models.CharField(max_length=200)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["-at"]
        triggers = [APPEND_ONLY]
        indexes = [models.Index(fields=["organisation", "-at"], name="look_by_organisation")]

    def __str__(self) -> str:
        return f"{self.filing_id} {self.at:%Y-%m-%d}"
