"""Who exists: authorities with their territory, organisations with their identifiers, statements and mandates.

Other packages import all tables of this one, and what makes a row confidential, from here.
"""

import uuid
from typing import Self

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from registry import searching
from registry.acting import Actor, Audience
from registry.ledger.models import APPEND_ONLY, Entry
from registry.organisations import mandates
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
    "Mandate",
    "MandateQuerySet",
    "Organisation",
    "OrganisationQuerySet",
    "OwnershipEntity",
    "OwnershipHolding",
    "OwnershipStatement",
    "Row",
    "Scoped",
    "ScopedQuerySet",
    "Statement",
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


ORGANISATION_WORDS = searching.Words("legal_name", searching.AsText("trade_names"), "lei", "euid")


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
    ultimate_parents = models.JSONField(
        default=list,
        db_default=models.Value([], output_field=models.JSONField()),
        blank=True,
        help_text="Names and countries, of who has stated its owners",
    )
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
        indexes = [GinIndex(ORGANISATION_WORDS, name="organisation_by_words")]

    def __str__(self) -> str:
        return self.legal_name


class Statement(Scoped):
    """What an organisation says of itself, as of a moment: the history of its data. Never edited; the newest counts."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.PositiveIntegerField()
    content = models.JSONField(help_text="registry.onboarding.particulars, plain")
    changed = ArrayField(models.CharField(max_length=100), help_text="JSON Pointers of what differs from before")
    reason = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField()
    actor = models.CharField(max_length=64)
    actor_name = models.CharField(max_length=200)
    salt = models.BinaryField(max_length=32)
    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, related_name="+")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["number"]
        triggers = [APPEND_ONLY]
        constraints = [models.UniqueConstraint(fields=["organisation", "number"], name="statement_number")]

    def __str__(self) -> str:
        return f"{self.organisation_id} {self.number}"


class MandateQuerySet(ScopedQuerySet["Mandate"]):
    """Mandates; both parties see them, and under a mandate it alone is seen."""

    def visible_to(self, actor: Actor) -> Self:
        """As for every scoped row; the agent sees what was given to it."""
        if actor.audience is not Audience.PROVIDER:
            return super().visible_to(actor)
        if actor.mandate:
            return self.filter(id=actor.mandate, agent_id=actor.agent)
        if actor.organisation is None:
            return self.none()
        return self.filter(models.Q(organisation_id=actor.organisation) | models.Q(agent_id=actor.organisation))


# Who offers a mandate cannot accept it in the agent's name, whatever a view does.
_ACCEPTED_BY_THE_AGENT = """
if (new.accepted_at is distinct from old.accepted_at or new.declined_at is distinct from old.declined_at)
   and coalesce(new.agent_id::text, '') <> coalesce(current_setting('reg.organisation', true), '-') then
  raise exception 'a mandate is accepted or declined by the agent';
end if;
return new;
"""


class Mandate(Scoped):
    """An organisation lets another act for it: what, from when, until when (registry.organisations.mandates)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agent_lei = models.CharField(max_length=20, help_text="Whom it is offered to; never says whether it is registered")
    agent = models.ForeignKey(Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    principal_name = models.CharField(max_length=200, help_text="As it was when the mandate was given")
    agent_name = models.CharField(max_length=200, blank=True, help_text="Known once the agent accepted")
    agent_person = models.EmailField(blank=True, help_text="The one person at the agent who may use it; empty: any")
    scopes = ArrayField(models.CharField(max_length=32))
    can_write = models.BooleanField(help_text="Whether a scope writes: the row policies read it")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    given_at = models.DateTimeField()
    given_by = models.CharField(max_length=64)
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.CharField(max_length=64, blank=True)
    declined_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.CharField(max_length=64, blank=True)
    revision = models.PositiveIntegerField(default=1)

    objects = MandateQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(ends_at__gt=models.F("starts_at")), name="mandate_has_a_time"),
            models.CheckConstraint(condition=~models.Q(agent=models.F("organisation")), name="mandate_to_another"),
            models.CheckConstraint(
                condition=models.Q(accepted_at__isnull=True) | models.Q(declined_at__isnull=True),
                name="mandate_accepted_or_declined",
            ),
        ]
        indexes = [
            models.Index(fields=["organisation", "-given_at"], name="mandate_by_principal"),
            models.Index(fields=["agent", "-given_at"], name="mandate_by_agent"),
        ]
        triggers = [
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(
                name="terms_stay",
                fields=["organisation", "agent_lei", "agent_person", "scopes", "can_write", "starts_at", "ends_at"],
            ),
            pgtrigger.Trigger(
                name="accepted_by_the_agent",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                func=_ACCEPTED_BY_THE_AGENT,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation_id} to {self.agent_lei}"

    @property
    def terms(self) -> mandates.Terms:
        """The mandate as the rules read it."""
        return mandates.Terms(
            scopes=frozenset(self.scopes),
            starts_at=self.starts_at,
            ends_at=self.ends_at,
            accepted_at=self.accepted_at,
            declined_at=self.declined_at,
            revoked_at=self.revoked_at,
        )
