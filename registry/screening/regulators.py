"""Who sees what screening keeps: no provider, and sums over the Union its own authority alone."""

from typing import Self

from django.db import models

from registry.acting import Actor, Audience
from registry.organisations.models import Row, ScopedQuerySet


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
