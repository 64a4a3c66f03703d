"""What makes a row confidential: it belongs to one organisation, falls under one territory, and not all may see it."""

from typing import Self, TypeVar

from django.db import models

from registry.acting import Actor, Audience

Row = TypeVar("Row", bound=models.Model, covariant=True)

SEES_ALL = frozenset(
    {
        Audience.AI_OFFICE,
        Audience.SCREENER,
        Audience.INTAKE,
        Audience.BUILDER,
        Audience.REGISTRAR,
        Audience.ENROLLER,
    }
)


class ScopedQuerySet(models.QuerySet[Row]):
    """Rows as an actor may see them: the application's own layer, sufficient without the database's."""

    organisation_column = "organisation_id"

    def visible_to(self, actor: Actor) -> Self:
        """Own rows for a provider, the territory's for an officer, all for Union-wide audiences, else none."""
        if actor.audience in SEES_ALL:
            return self.all()
        if actor.audience is Audience.PROVIDER and actor.organisation:
            return self.filter(**{self.organisation_column: actor.organisation})
        if actor.audience is Audience.OFFICER and actor.territory:
            return self.filter(territory=actor.territory)
        return self.none()


class ForRegulators(ScopedQuerySet[Row]):
    """Rows that no provider sees, not even about itself."""

    def visible_to(self, actor: Actor) -> Self:
        """None for a provider, as for every scoped row for the others."""
        return self.none() if actor.audience is Audience.PROVIDER else super().visible_to(actor)


class UnionWide(models.QuerySet[Row]):
    """Rows over providers and territories: nobody's own, no Member State's."""

    def visible_to(self, actor: Actor) -> Self:
        """All for the Union's authority and the screener, else none."""
        return self.all() if actor.audience in {Audience.AI_OFFICE, Audience.SCREENER} else self.none()


class Scoped(models.Model):
    """A confidential row: it belongs to one organisation and falls under one competent territory.

    Both stand in every table, so that a row policy reads one indexed column and joins nothing (docs/adr/0003).
    """

    organisation = models.ForeignKey("organisations.Organisation", on_delete=models.PROTECT, related_name="+")
    territory = models.CharField(max_length=2)

    class Meta:
        abstract = True
