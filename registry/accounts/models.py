"""People, their memberships, machine clients with their keys, and what waits for a second person."""

import uuid
from typing import Any, ClassVar, Self

import pgtrigger
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from oauth2_provider.models import AbstractApplication

from registry.accounts import proposal_kinds
from registry.accounts.personal_models import Reading, SavedView
from registry.acting import Actor, Audience
from registry.ledger.emptying import only_emptied
from registry.organisations.models import Authority, Organisation

__all__ = [
    "ApiClient",
    "Call",
    "ClientKey",
    "KeyUse",
    "KeyWarning",
    "Membership",
    "Proposal",
    "ProposalQuerySet",
    "ProposalStatus",
    "Reading",
    "SavedView",
    "SpentAssertion",
    "StaticKey",
    "User",
]


class UserManager(BaseUserManager["User"]):
    """Makes people by e-mail address, stored in lower case."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Store one person. An absent password makes sign-in by password impossible."""
        user = self.model(email=email.lower(), **fields)
        user.set_password(password)
        user.save()
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        """The person with this e-mail address, whatever its case."""
        return self.get(email=(username or "").lower())


class User(AbstractBaseUser):  # type: ignore[django-manager-missing]
    """A person. What they may do follows from their membership alone (registry.accounts.policy)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=200)
    language = models.CharField(max_length=2, default="en")
    is_active = models.BooleanField(default=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    objects = UserManager()

    def __str__(self) -> str:
        return self.email


class Membership(models.Model):
    """What a person is, where, from when until when: a role in one organisation or at one authority, never both."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    organisation = models.ForeignKey(Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    authority = models.ForeignKey(Authority, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=32)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(organisation__isnull=True) | models.Q(authority__isnull=True),
                name="membership_in_one_place",
            ),
            models.CheckConstraint(
                condition=models.Q(ends_at__isnull=True) | models.Q(ends_at__gt=models.F("starts_at")),
                name="membership_ends_after_it_starts",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.role}"


# What ends may end earlier, and never later: who may only end keys cannot keep one alive.
ONLY_EARLIER = pgtrigger.Trigger(
    name="ends_only_earlier",
    when=pgtrigger.Before,
    operation=pgtrigger.UpdateOf("ends_at"),  # type: ignore[no-untyped-call]
    func="""
    if old.ends_at is not null and (new.ends_at is null or new.ends_at > old.ends_at) then
      raise exception 'what ends may end earlier, never later';
    end if;
    return new;
    """,
)


class ApiClient(AbstractApplication):  # type: ignore[misc]
    """A machine of one organisation. It has no secret: it signs assertions with its own key (RFC 7523)."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    scopes = models.CharField(max_length=200, default="filings:read filings:write")
    ends_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "API client"
        triggers = [ONLY_EARLIER]

    def __str__(self) -> str:
        return str(self.client_id)


class ClientKey(models.Model):
    """One public key of a client. Several may overlap; none lasts longer than 398 days."""

    client = models.ForeignKey(ApiClient, on_delete=models.PROTECT, related_name="keys")
    key_id = models.CharField(max_length=64)
    public_jwk = models.JSONField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["client", "key_id"], name="client_key_id")]
        triggers = [ONLY_EARLIER]

    def __str__(self) -> str:
        return f"{self.client_id} {self.key_id}"


class SpentAssertion(models.Model):
    """A `jti` that was used once. In the database, because a cache that is lost would allow a replay."""

    client = models.ForeignKey(ApiClient, on_delete=models.PROTECT, related_name="+")
    jti = models.CharField(max_length=128)
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["client", "jti"], name="assertion_spent_once")]

    def __str__(self) -> str:
        return f"{self.client_id} {self.jti}"


class StaticKey(models.Model):
    """A static key of a client, in the sandbox only. Its SHA-256 is kept, and its first signs to know it by."""

    client = models.ForeignKey(ApiClient, on_delete=models.PROTECT, related_name="static_keys")
    hint = models.CharField(max_length=16)
    checksum = models.CharField(max_length=64, unique=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        triggers = [ONLY_EARLIER]

    def __str__(self) -> str:
        return f"{self.client_id} {self.hint}"


class KeyUse(models.Model):
    """When a key was last used for a token. A table of its own: what serves machines may not touch keys."""

    client_key = models.OneToOneField(ClientKey, on_delete=models.PROTECT, primary_key=True, related_name="use")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.client_key_id} {self.at}"


class KeyWarning(models.Model):
    """That a key's end was announced so many days before."""

    client_key = models.ForeignKey(ClientKey, on_delete=models.PROTECT, related_name="warnings")
    days = models.PositiveSmallIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["client_key", "days"], name="key_warning_once")]

    def __str__(self) -> str:
        return f"{self.client_key_id} {self.days}"


class Call(models.Model):
    """One of the last calls of a client that wrote or was refused: when, where, how it came out. No bodies."""

    client = models.ForeignKey(ApiClient, on_delete=models.PROTECT, related_name="calls")
    at = models.DateTimeField()
    method = models.CharField(max_length=8)
    route = models.CharField(max_length=64, help_text="Name of the address, without what it names")
    status = models.PositiveSmallIntegerField()
    problem = models.CharField(max_length=64, blank=True, help_text="Slug of the problem type")
    trace_id = models.CharField(max_length=64)
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        indexes = [models.Index(fields=["client", "-id"], name="call_by_client")]

    def __str__(self) -> str:
        return f"{self.method} {self.route} {self.status}"


class ProposalStatus(models.TextChoices):
    """How far a proposal has come. The persons decide, the steward carries out."""

    PENDING = "pending"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    DONE = "done"
    FAILED = "failed"


TAKES_ONE_PERSON = ("session.end",)  # kinds that only take away; the database knows them by name
_UNDECIDED = (ProposalStatus.PENDING.value, ProposalStatus.WITHDRAWN.value, ProposalStatus.EXPIRED.value)

# The housekeeper empties it after its period: `only_emptied` sees to it that it does nothing else.
_STAYS = """
if current_user = 'ecar_housekeeper' then
  return new;
end if;
raise exception 'pgtrigger: Cannot update rows from % table', tg_table_name;
"""
_AS_MADE = (
    "id",
    "kind",
    "organisation",
    "territory",
    "subject",
    "payload",
    "shown",
    "digest",
    "salt",
    "proposed_by",
    "proposer_name",
    "proposed_at",
    "expires_at",
)

# The proposer and the decider are whoever the unit of work acts for: a wrong view cannot write another person's name.
_BY_WHO_ACTS = """
if tg_op = 'INSERT'
   and (new.decided_by <> '' or new.proposed_by is distinct from current_setting('reg.actor', true)) then
  raise exception 'a proposal is made in one''s own name';
end if;
if tg_op = 'UPDATE' and new.decided_by is distinct from old.decided_by
   and new.decided_by is distinct from current_setting('reg.actor', true) then
  raise exception 'a decision is taken in one''s own name';
end if;
return new;
"""


class ProposalQuerySet(models.QuerySet["Proposal"]):
    """Proposals: an organisation or an authority sees its own, the steward all."""

    def visible_to(self, actor: Actor) -> Self:
        """The application's own layer, sufficient without the database's."""
        if actor.audience is Audience.STEWARD:
            return self.all()
        if actor.audience is Audience.PROVIDER and actor.organisation:
            return self.filter(organisation_id=actor.organisation)
        if actor.audience is not Audience.PROVIDER and actor.territory:
            return self.filter(territory=actor.territory)
        return self.none()


class Proposal(models.Model):
    """Something that one person wants done and another must confirm (registry.accounts.proposals).

    It belongs to an organisation, or to the authority of a territory; never to both. `payload` says exactly what is to
    be done, `shown` what of it the second person reads.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=64)
    organisation = models.ForeignKey(Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    territory = models.CharField(max_length=2, blank=True, help_text="Of the authority; empty for an organisation's")
    subject = models.CharField(max_length=64, blank=True, help_text="What it is about: a person, a client")
    payload = models.JSONField()
    shown = models.JSONField()
    digest = models.BinaryField(max_length=32, help_text="SHA-256 of kind, place and payload (RFC 8785)")
    salt = models.BinaryField(max_length=32)
    proposed_by = models.CharField(max_length=64)
    proposer_name = models.CharField(max_length=200)
    proposed_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    status = models.CharField(max_length=16, choices=ProposalStatus.choices, default=ProposalStatus.PENDING)
    decided_by = models.CharField(max_length=64, blank=True)
    decider_name = models.CharField(max_length=200, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=500, blank=True, help_text="Why it was refused")
    finished_at = models.DateTimeField(null=True, blank=True, help_text="Carried out, or failed")
    outcome = models.CharField(max_length=500, blank=True, help_text="Why it failed")

    objects = ProposalQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(organisation__isnull=False, territory="")
                | (models.Q(organisation__isnull=True) & ~models.Q(territory="")),
                name="proposal_in_one_place",
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=_UNDECIDED)
                | models.Q(kind__in=TAKES_ONE_PERSON)
                | (~models.Q(decided_by="") & ~models.Q(decided_by=models.F("proposed_by"))),
                name="proposal_decided_by_another",
            ),
            models.CheckConstraint(
                condition=models.Q(proposed_by__startswith="person:")
                & (models.Q(decided_by="") | models.Q(decided_by__startswith="person:")),
                name="proposal_by_persons",
            ),
            models.CheckConstraint(
                condition=models.Q(decided_by="") ^ models.Q(decided_at__isnull=False), name="proposal_decision_whole"
            ),
            models.UniqueConstraint(
                fields=["digest"],
                condition=models.Q(status=ProposalStatus.PENDING) & ~models.Q(digest=b""),  # emptied
                name="proposal_pending_once",
            ),
        ]
        indexes = [
            models.Index(fields=["organisation", "-proposed_at"], name="proposal_by_organisation"),
            models.Index(fields=["territory", "-proposed_at"], name="proposal_by_territory"),
            models.Index(
                fields=["expires_at"], name="proposal_open", condition=models.Q(status__in=["pending", "confirmed"])
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="proposal_stays_as_made",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange(*_AS_MADE),
                func=_STAYS,
            ),
            only_emptied("accounts_proposal"),
            pgtrigger.FSM(
                name="proposal_status",
                field="status",
                transitions=[
                    ("pending", "confirmed"),
                    ("pending", "refused"),
                    ("pending", "withdrawn"),
                    ("pending", "expired"),
                    ("confirmed", "done"),
                    ("confirmed", "failed"),
                ],
            ),
            pgtrigger.Trigger(
                name="proposal_by_who_acts",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                func=_BY_WHO_ACTS,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.status}"

    def sentence(self, language: str) -> str:
        """What will be done, in plain words."""
        return proposal_kinds.sentence(self.kind, self.shown, language=language)
