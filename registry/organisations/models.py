"""Who exists: authorities with their territory, and organisations with their identifiers.

Other packages import all tables of this one, and what makes a row confidential, from here.
"""

import uuid

from django.db import models

from registry.organisations.ownership_models import (
    EntityKind,
    OwnershipEntity,
    OwnershipHolding,
    OwnershipStatement,
)
from registry.organisations.scoping import SEES_ALL, Row, Scoped, ScopedQuerySet

__all__ = [
    "SEES_ALL",
    "Authority",
    "EntityKind",
    "Organisation",
    "OrganisationQuerySet",
    "OwnershipEntity",
    "OwnershipHolding",
    "OwnershipStatement",
    "Row",
    "Scoped",
    "ScopedQuerySet",
]


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
