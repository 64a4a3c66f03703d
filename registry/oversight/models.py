"""What regulators leave behind: looks at identified filings, exports, filings shown to another State."""

import uuid
from datetime import datetime
from typing import Self

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models

from registry.acting import Actor, Audience
from registry.filings.models import Filing
from registry.ledger.emptying import append_only
from registry.ledger.models import APPEND_ONLY, Entry
from registry.organisations.scoping import Scoped, ScopedQuerySet
from registry.oversight.case_models import Case, CaseFinding, CaseStep
from registry.oversight.tally_models import Tally

__all__ = [
    "Case",
    "CaseFinding",
    "CaseStep",
    "Erasure",
    "Export",
    "ExportPart",
    "ExportState",
    "Hold",
    "Look",
    "LookKind",
    "Sharing",
    "Tally",
]

AUTHORITIES = frozenset({Audience.OFFICER, Audience.AI_OFFICE})
OF_THE_STEWARD = ("id", "set_from", "ends_at", "lifted_at", "lifted_by")  # of a hold: all that lifting needs
OF_A_PERSON = ("actor", "actor_name")  # not granted to providers: they learn the authority and the role

# A wrong view cannot log a look in another's name, nor from another authority.
_IN_ONES_OWN_NAME = """
if new.actor is distinct from current_setting('reg.actor', true)
   or new.looked_from is distinct from current_setting('reg.territory', true) then
  raise exception 'what is looked at is written in one''s own name';
end if;
return new;
"""
IN_ONES_OWN_NAME = pgtrigger.Trigger(
    name="in_ones_own_name", when=pgtrigger.Before, operation=pgtrigger.Insert, func=_IN_ONES_OWN_NAME
)


class LookKind(models.TextChoices):
    """How a filing was looked at."""

    OPENED = "opened"  # the page of the filing
    DOCUMENT = "document"  # a version as it was filed
    LISTED = "listed"  # a line that names it, once a day for each person and purpose
    EXPORTED = "exported"  # part of a file that was downloaded
    SHARED = "shared"  # shown by the competent authority to another
    SHOWN = "shown"  # read, told roughly, by the authority it was shown to


class Stated(models.Model):
    """Why an authority looks: the article, the authority's own number of the case, a sentence; from where, as what."""

    looked_from = models.CharField(max_length=2, default="", help_text="The authority: a Member State, or EU")
    role = models.CharField(max_length=32, blank=True)
    basis = models.CharField(max_length=32, blank=True, help_text="Code of data/legal_bases.toml")
    case_reference = models.CharField(max_length=100, blank=True)
    purpose = models.CharField(max_length=500, blank=True)
    actor = models.CharField(max_length=64)
    actor_name = models.CharField(max_length=200, null=True, help_text="Cleared after its period")

    class Meta:
        abstract = True


class LookQuerySet(ScopedQuerySet["Look"]):
    """Looks as those may see them who are concerned, those who looked, and the auditor."""

    def visible_to(self, actor: Actor) -> Self:
        """For the auditor all, without salts; for a provider without the person: columns they could not read anyway."""
        if actor.audience is Audience.AUDITOR:
            return self.defer("salt")
        seen = super().visible_to(actor)
        return seen.defer(*OF_A_PERSON) if actor.audience is Audience.PROVIDER else seen


class Look(Scoped, Stated):
    """Somebody of an authority saw an identified filing, facility or return: who, when, why (AI Act Art. 78).

    Never edited. `reference` is that of what was seen, so an auditor needs none of it; `salt` opens the commitment.
    """

    filing = models.ForeignKey(
        Filing, null=True, on_delete=models.PROTECT, related_name="looks", help_text="Empty: a facility was seen"
    )
    reference = models.CharField(max_length=32, blank=True)
    at = models.DateTimeField()
    kind = models.CharField(max_length=16, choices=LookKind.choices, default=LookKind.OPENED)
    actor_digest = models.BinaryField(max_length=32, default=bytes, help_text="Of salt and person, as in the entry")
    salt = models.BinaryField(max_length=32, default=bytes)
    entry = models.OneToOneField(Entry, null=True, on_delete=models.PROTECT, related_name="+")

    objects = LookQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-id"]
        triggers = [append_only("oversight_look"), IN_ONES_OWN_NAME]
        indexes = [
            models.Index(fields=["organisation", "-at"], name="look_by_organisation"),
            models.Index(fields=["actor", "filing", "at"], name="look_by_person"),
            models.Index(fields=["at"], name="look_by_moment"),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.at:%Y-%m-%d}"


class ExportState(models.TextChoices):
    """Whether the file may be downloaded."""

    WAITING = "waiting"  # for the second person, or for who asked after the second person confirmed
    RELEASED = "released"


class OwnAuthorityQuerySet(models.QuerySet["Export"]):
    """Rows of one authority, which no other sees."""

    def visible_to(self, actor: Actor) -> Self:
        """Those of the actor's own authority; for the auditor all, without salts."""
        if actor.audience is Audience.AUDITOR:
            return self.defer("salt")
        return self.filter(territory=actor.territory) if actor.audience in AUTHORITIES else self.none()


class Export(Stated):
    """A file made of filings: of which, why, how many, its digest, who released it, until when it can be downloaded."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    territory = models.CharField(max_length=2, help_text="The authority's: the same as looked_from")
    at = models.DateTimeField()
    content = models.CharField(max_length=16, help_text="list or documents")
    format = models.CharField(max_length=8)
    filters = models.JSONField(default=dict)
    filings = models.PositiveIntegerField(help_text="How many filings it holds")
    size_bytes = models.PositiveBigIntegerField()
    sha256 = models.BinaryField(max_length=32)
    state = models.CharField(max_length=16, choices=ExportState.choices)
    needs_second_person = models.BooleanField()
    proposal = models.UUIDField(null=True, blank=True, help_text="Of registry.accounts.proposals")
    second_person = models.CharField(max_length=64, blank=True, help_text="Who confirmed that it may be downloaded")
    released_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(help_text="From then on it cannot be downloaded")
    salt = models.BinaryField(max_length=32)
    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, related_name="+")

    objects = OwnAuthorityQuerySet.as_manager()

    class Meta:
        ordering = ["-at"]
        indexes = [models.Index(fields=["territory", "-at", "id"], name="export_by_authority")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(needs_second_person=False)
                | ~models.Q(state=ExportState.RELEASED)
                | (~models.Q(second_person="") & ~models.Q(second_person=models.F("actor"))),
                name="export_released_by_another",
            ),
            models.CheckConstraint(
                condition=~models.Q(state=ExportState.RELEASED) | models.Q(released_at__isnull=False),
                name="export_released_at_a_moment",
            ),
        ]
        triggers = [
            IN_ONES_OWN_NAME,
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(
                name="export_stays_as_made", exclude=["state", "second_person", "released_at", "proposal"]
            ),
            pgtrigger.FSM(name="export_state", field="state", transitions=[("waiting", "released")]),
        ]

    def __str__(self) -> str:
        return f"{self.id} {self.state}"


class ExportPart(models.Model):
    """A piece of an export's file, with the filings whose lines begin in it. Deleted when the export has expired."""

    export = models.ForeignKey(Export, on_delete=models.PROTECT, related_name="parts")
    territory = models.CharField(max_length=2)
    position = models.PositiveIntegerField()
    filing_ids = ArrayField(models.UUIDField())
    content = models.BinaryField()
    at = models.DateTimeField(db_index=True)

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["export", "position"], name="export_part_once")]

    def __str__(self) -> str:
        return f"{self.export_id} {self.position}"


class SharingQuerySet(ScopedQuerySet["Sharing"]):
    """What was shown, as the authority that showed it, the one it was shown to, and the provider may see it."""

    def visible_to(self, actor: Actor) -> Self:
        """An officer's own territory's and what was shown to it; a provider sees its own, without the person."""
        if actor.audience is Audience.AUDITOR:
            return self.defer("salt", "rendering", "provider")
        if actor.audience is Audience.OFFICER and actor.territory:
            return self.filter(models.Q(territory=actor.territory) | models.Q(recipient=actor.territory))
        seen = super().visible_to(actor)
        return seen.defer(*OF_A_PERSON, "rendering") if actor.audience is Audience.PROVIDER else seen


class Sharing(Scoped, Stated):
    """A filing shown by the competent authority to that of another State, told roughly, until a day (Art. 78(3)).

    `rendering` is all that the other authority reads: the database shows it no filing, no version and no column else.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    filing = models.ForeignKey(Filing, on_delete=models.PROTECT, related_name="sharings")
    reference = models.CharField(max_length=32)
    provider = models.CharField(max_length=200, help_text="Legal name at that moment")
    version_number = models.PositiveIntegerField()
    recipient = models.CharField(max_length=2)
    at = models.DateTimeField()
    ends_at = models.DateTimeField()
    rendering = models.JSONField()
    salt = models.BinaryField(max_length=32)
    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, related_name="+")

    objects = SharingQuerySet.as_manager()

    class Meta:
        ordering = ["-at"]
        indexes = [models.Index(fields=["recipient", "-at"], name="sharing_by_recipient")]
        triggers = [append_only("oversight_sharing"), IN_ONES_OWN_NAME]
        constraints = [
            models.CheckConstraint(condition=models.Q(ends_at__gt=models.F("at")), name="sharing_ends_after_it_starts"),
            models.CheckConstraint(
                condition=~models.Q(recipient=models.F("territory")), name="sharing_with_another_state"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.recipient}"


class HoldQuerySet(ScopedQuerySet["Hold"]):
    """Holds as the authorities of the filing may see them, and the auditor; the steward without what they are about."""

    def visible_to(self, actor: Actor) -> Self:
        """The application's own layer."""
        if actor.audience is Audience.STEWARD:
            return self.only(*OF_THE_STEWARD)
        return self.all() if actor.audience is Audience.AUDITOR else super().visible_to(actor)


class Hold(Scoped):
    """A filing that may not be erased, while a procedure needs it: by whom, why, until when or until it is lifted."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    filing = models.ForeignKey(Filing, on_delete=models.PROTECT, related_name="holds")
    reference = models.CharField(max_length=32, blank=True, help_text="The filing's: an auditor reads no filing")
    set_from = models.CharField(max_length=2, blank=True, help_text="The authority that set it: a Member State, or EU")
    basis = models.CharField(max_length=32, blank=True, help_text="Code of data/hold_bases.toml")
    reason = models.CharField(max_length=500)
    at = models.DateTimeField()
    actor = models.CharField(max_length=64)
    actor_name = models.CharField(max_length=200, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True, help_text="From then on it holds nothing; none: until lifted")
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.CharField(max_length=64, blank=True)

    objects = HoldQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["filing"], name="hold_in_force", condition=models.Q(lifted_at__isnull=True))]
        triggers = [
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(name="hold_stays_as_set", exclude=["lifted_at", "lifted_by"]),
        ]

    def __str__(self) -> str:
        return f"{self.filing_id} {self.at:%Y-%m-%d}"

    def is_in_force(self, at: datetime) -> bool:
        """Whether it keeps the filing at a moment: not lifted, and its day has not come."""
        return self.lifted_at is None and (self.ends_at is None or at < self.ends_at)


class Erasure(Scoped):
    """That a filing's content and salts were erased: when, on which ground, how many versions. Its entries stay."""

    filing = models.OneToOneField(Filing, on_delete=models.PROTECT, related_name="erasure")
    at = models.DateTimeField()
    ground = models.CharField(max_length=32, help_text="Code of data/erasure.toml")
    versions = models.PositiveIntegerField()
    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, related_name="+")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        triggers = [APPEND_ONLY]

    def __str__(self) -> str:
        return f"{self.filing_id} {self.ground}"
