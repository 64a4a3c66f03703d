"""Tables of reference data that filings are judged by: nothing confidential, written by the registrar alone."""

from django.db import models


class Threshold(models.Model):
    """A dated threshold as stored reference data (registry.filings.thresholds holds the law)."""

    code = models.CharField(max_length=48)
    valid_from = models.DateField()
    valid_until = models.DateField(null=True, blank=True)
    quantity = models.CharField(max_length=48)
    unit = models.CharField(max_length=32)
    operator = models.CharField(max_length=2)
    value = models.CharField(max_length=32, help_text="Decimal or fraction, as the law writes it")
    legal_basis = models.CharField(max_length=300)
    effect = models.TextField()

    class Meta:
        ordering = ["code", "valid_from"]
        constraints = [models.UniqueConstraint(fields=["code", "valid_from"], name="threshold_once_a_day")]

    def __str__(self) -> str:
        return self.code


class Holiday(models.Model):
    """A public holiday in one calendar: `EU` for the Commission's, else a Member State."""

    calendar = models.CharField(max_length=2)
    on = models.DateField()
    name = models.CharField(max_length=200)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["calendar", "on"], name="holiday_once")]

    def __str__(self) -> str:
        return f"{self.calendar} {self.on}"


class CodeListItem(models.Model):
    """One code of a list the document uses, with its words."""

    list = models.CharField(max_length=48)
    code = models.CharField(max_length=48)
    label_en = models.CharField(max_length=200)
    label_fr = models.CharField(max_length=200)
    label_de = models.CharField(max_length=200)

    class Meta:
        ordering = ["list", "code"]
        constraints = [models.UniqueConstraint(fields=["list", "code"], name="code_list_item")]

    def __str__(self) -> str:
        return f"{self.list} {self.code}"
