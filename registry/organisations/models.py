"""Who exists: authorities with their territory, and organisations with their identifiers."""

import uuid
from typing import Self, TypeVar

from django.db import models

from registry.acting import Actor, Audience

Row = TypeVar("Row", bound=models.Model, covariant=True)

SEES_ALL = frozenset({Audience.AI_OFFICE, Audience.SCREENER, Audience.BUILDER, Audience.REGISTRAR})


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


class OrganisationQuerySet(ScopedQuerySet["Organisation"]):
    """Organisations; a provider sees its own."""

    organisation_column = "id"


class Authority(models.Model):
    """A public authority. `territory` is a Member State (ISO 3166-1 alpha-2) or `EU` for the AI Office."""

    code = models.CharField(max_length=32, primary_key=True)
    name = models.CharField(max_length=200)
    territory = models.CharField(max_length=2, unique=True)

    def __str__(self) -> str:
        return self.code


class Organisation(models.Model):
    """A legal entity. Identifiers are checked by form and check digits (registry.organisations.identifiers).

    No identifier is unique in the database: a clash would tell one organisation about another. The action that
    registers looks for duplicates instead. `territory` is the Member State of the seat, or of the authorised
    representative of an organisation seated elsewhere (AI Act Art. 54).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    legal_name = models.CharField(max_length=200)
    trade_names = models.JSONField(default=list, blank=True)
    lei = models.CharField(max_length=20, blank=True, db_index=True)
    euid = models.CharField(max_length=60, blank=True, db_index=True)
    seat_country = models.CharField(max_length=2)
    territory = models.CharField(max_length=2, db_index=True)
    is_developer = models.BooleanField(default=False)
    is_compute_provider = models.BooleanField(default=False)
    ultimate_parent_name = models.CharField(max_length=200, blank=True)
    ultimate_parent_country = models.CharField(max_length=2, blank=True)
    holding = models.CharField(max_length=200, help_text="Key of the group: ultimate parent's LEI, else its name")
    is_illustrative = models.BooleanField(default=False, help_text="Invented: demonstration or test")
    registered_at = models.DateTimeField()

    objects = OrganisationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(is_developer=True) | models.Q(is_compute_provider=True),
                name="organisation_has_a_role",
            )
        ]

    def __str__(self) -> str:
        return self.legal_name


class Scoped(models.Model):
    """A confidential row: it belongs to one organisation and falls under one competent territory.

    Both stand in every table, so that a row policy reads one indexed column and joins nothing (docs/adr/0003).
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    territory = models.CharField(max_length=2)

    class Meta:
        abstract = True
