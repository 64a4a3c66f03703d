"""Tallies: how many findings, cases and positions there are, by code, month and territory; nobody is named."""

from typing import Self

from django.db import models

from registry.acting import Actor, Audience


class TallyQuerySet(models.QuerySet["Tally"]):
    """Tallies by who asks."""

    def visible_to(self, actor: Actor) -> Self:
        """All for the screener, who keeps them; those of an analyst's own territory, else none."""
        if actor.audience is Audience.SCREENER:
            return self.all()
        if actor.audience is Audience.ANALYST and actor.territory:
            return self.filter(territory=actor.territory)
        return self.none()


class Tally(models.Model):
    """So many of a kind, with a code, in a month, in a Member State or (EU) in all of the Union.

    `code` is a rule of findings, a state of cases, a threshold that positions crossed; `month` its first day: in which
    they were found, opened, or crossed. A `count` that would tell of one owner group is not kept, and is null.
    """

    class Kind(models.TextChoices):
        """What is counted."""

        FINDING = "finding"
        CASE = "case"
        POSITION = "position"

    kind = models.CharField(max_length=8, choices=Kind.choices)
    code = models.CharField(max_length=40)
    territory = models.CharField(max_length=2)
    month = models.DateField()
    count = models.PositiveIntegerField(null=True, blank=True)
    counted_at = models.DateTimeField()

    objects = TallyQuerySet.as_manager()

    class Meta:
        ordering = ["kind", "-month", "code"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "code", "territory", "month"], name="tally_once"),
            models.CheckConstraint(
                condition=models.Q(count__isnull=True) | models.Q(count__gte=3), name="tally_of_three_or_more"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.code}, {self.territory}, {self.month:%Y-%m}"
