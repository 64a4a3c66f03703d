"""All tables of the package. Releases of the first form stand here: one table, and its cells once they were protected.

Nothing new is published in that form (registry.statistics.releases); its vintages stay, under their addresses.
"""

from django.db import models

from registry.ledger.models import APPEND_ONLY, Entry
from registry.statistics.vintage_models import (
    CalendarEntry,
    State,
    Verdict,
    Vintage,
    VintageFile,
    VintageInput,
    VintagePlan,
    VintageReport,
)

__all__ = [
    "CalendarEntry",
    "Cell",
    "Release",
    "State",
    "Verdict",
    "Vintage",
    "VintageFile",
    "VintageInput",
    "VintagePlan",
    "VintageReport",
]


class Release(models.Model):
    """One vintage of one table. Published once, never changed; a correction is a new vintage."""

    table = models.CharField(max_length=48)
    vintage = models.PositiveIntegerField()
    as_of = models.DateTimeField()
    published_at = models.DateTimeField()
    content_digest = models.BinaryField(max_length=32)
    salt = models.BinaryField(max_length=32, null=True, blank=True, help_text="Opens the entry's commitment, for all")
    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["table", "vintage"], name="release_vintage")]
        triggers = [APPEND_ONLY]

    def __str__(self) -> str:
        return f"{self.table} {self.vintage}"


class Cell(models.Model):
    """One cell: a value, or the one public code for confidential. All cells of a table are always there."""

    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="cells")
    quarter = models.CharField(max_length=7)
    band = models.CharField(max_length=16)
    value = models.BigIntegerField(null=True, blank=True)
    confidentiality = models.CharField(max_length=1, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["release", "quarter", "band"], name="cell_once"),
            models.CheckConstraint(
                condition=models.Q(value__isnull=True, confidentiality="C")
                | models.Q(value__isnull=False, confidentiality=""),
                name="cell_has_a_value_or_a_code",
            ),
        ]
        triggers = [APPEND_ONLY]

    def __str__(self) -> str:
        return f"{self.release_id} {self.quarter} {self.band}"
