"""Who owns whom, as providers state it: statements, the entities named in them, the holdings between those.

Bitemporal and append-only, until what was replaced is erased after its period: a holding is valid from one day until
another, and was recorded with its statement. A statement holds from its day until the day of the next; what was known
at any earlier moment can be asked for.
"""

import uuid

from django.db import models

from registry.ledger.emptying import append_only
from registry.ledger.models import Entry
from registry.organisations.scoping import Scoped, ScopedQuerySet


class EntityKind(models.TextChoices):
    """What an entity is."""

    COMPANY = "company"
    NATURAL_PERSON = "natural_person"
    PUBLIC_BODY = "public_body"
    TRUST = "trust"
    OTHER = "other"


class OwnershipStatement(Scoped):
    """What an organisation says about its owners as of a day. `canonical` is the document, names of persons included.

    `key` names the organisation itself among the entities. `changed_on` are the days of changes that no earlier
    statement told of: from each runs the duty to report.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.PositiveIntegerField()
    as_of_on = models.DateField()
    recorded_at = models.DateTimeField()
    stated_by = models.CharField(max_length=64)
    key = models.CharField(max_length=120)
    canonical = models.TextField()
    digest = models.BinaryField(max_length=32)
    changed_on = models.JSONField(default=list, blank=True)
    answers = models.JSONField(default=list, blank=True, help_text="What the checks said: code and pointer")
    salt = models.BinaryField(max_length=32)
    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, related_name="+")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "number"], name="ownership_statement_number"),
            models.CheckConstraint(condition=models.Q(number__gte=1), name="ownership_statement_from_one"),
        ]
        triggers = [append_only("organisations_ownershipstatement")]

    def __str__(self) -> str:
        return f"{self.organisation_id} s{self.number}"


class OwnershipEntity(Scoped):
    """Somebody or something named in a statement.

    `key` is what it is called in every statement: by LEI, EUID, or name and country; for a natural person a pseudonym
    made of name and date of birth, and `name` is empty: names of people stand in the statement alone.
    """

    statement = models.ForeignKey(OwnershipStatement, on_delete=models.PROTECT, related_name="entities")
    local_id = models.CharField(max_length=100, help_text="What the statement calls it")
    key = models.CharField(max_length=120, db_index=True)
    kind = models.CharField(max_length=16, choices=EntityKind.choices)
    name = models.CharField(max_length=200, blank=True)
    country = models.CharField(max_length=2, blank=True)
    lei = models.CharField(max_length=20, blank=True)
    euid = models.CharField(max_length=60, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "ownership entities"
        constraints = [
            models.UniqueConstraint(fields=["statement", "local_id"], name="ownership_entity_once"),
            models.CheckConstraint(
                condition=~models.Q(kind="natural_person") | models.Q(name=""), name="ownership_person_has_no_name"
            ),
        ]
        indexes = [models.Index(fields=["euid"], name="ownership_entity_by_euid", condition=~models.Q(euid=""))]
        triggers = [append_only("organisations_ownershipentity")]

    def __str__(self) -> str:
        return self.key


class OwnershipHolding(Scoped):
    """One holding of a statement. `share_percent` of capital or votes; none for control by other means."""

    statement = models.ForeignKey(OwnershipStatement, on_delete=models.PROTECT, related_name="holdings")
    owner_key = models.CharField(max_length=120, db_index=True)
    held_key = models.CharField(max_length=120, db_index=True)
    nominator_key = models.CharField(max_length=120, blank=True)
    kind = models.CharField(max_length=16)
    share_percent = models.DecimalField(max_digits=9, decimal_places=6, null=True, blank=True)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True, help_text="The first day on which it no longer is")
    source = models.CharField(max_length=500, blank=True)
    recorded_at = models.DateTimeField()

    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(share_percent__isnull=True) | models.Q(share_percent__gt=0, share_percent__lte=100),
                name="ownership_share_is_a_part",
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=["capital", "votes"], share_percent__isnull=False)
                | models.Q(kind__in=["control", "beneficial"]),
                name="ownership_share_is_stated",
            ),
            models.CheckConstraint(
                condition=models.Q(valid_to__isnull=True) | models.Q(valid_to__gt=models.F("valid_from")),
                name="ownership_days_in_order",
            ),
            models.CheckConstraint(
                condition=~models.Q(owner_key=models.F("held_key")), name="ownership_nothing_holds_itself"
            ),
        ]
        triggers = [append_only("organisations_ownershipholding")]

    def __str__(self) -> str:
        return f"{self.owner_key} → {self.held_key}"
