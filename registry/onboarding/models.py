"""Applications to be entered, their steps, invitations, letters, yearly confirmations, and notices of idle accounts."""

import uuid
from typing import Self

import pgtrigger
from django.db import models

from registry.accounts.models import User
from registry.acting import Actor, Audience
from registry.ledger.emptying import append_only, only_emptied
from registry.ledger.models import Entry
from registry.onboarding import lifecycle
from registry.onboarding.lifecycle import Status
from registry.organisations.models import Organisation, Row, Scoped, ScopedQuerySet, Statement


class LinkedQuerySet(models.QuerySet[Row]):
    """Rows that hang on a secret link: its holder sees them, and the authority of the territory."""

    def visible_to(self, actor: Actor) -> Self:
        """The application's own layer, sufficient without the database's."""
        if actor.audience in {Audience.AI_OFFICE, Audience.ENROLLER}:
            return self.all()
        if actor.audience is Audience.APPLICANT and actor.link:
            return self.filter(link=actor.link)
        if actor.audience is Audience.OFFICER and actor.territory:
            return self.filter(territory=actor.territory)
        return self.none()


class ApplicationQuerySet(LinkedQuerySet["Application"]):
    """Applications; an authority sees what was handed in."""

    def visible_to(self, actor: Actor) -> Self:
        """As for every row on a link, until it is erased; what was not handed in, its applicant and the register."""
        seen = super().visible_to(actor).exclude(language="")
        return seen.filter(submitted_at__isnull=False) if actor.territory else seen


# The applicant's own hand confirms, answers and withdraws; it cannot decide, whatever a view does.
_BY_APPLICANT = f"""
if current_user = 'ecar_applicant'
   and new.status not in ({", ".join(f"'{status}'" for status in sorted(lifecycle.APPLICANTS))}) then
  raise exception 'an applicant does not decide';
end if;
return new;
"""


class Application(models.Model):
    """Somebody asks to be entered. `content` is that of `particulars`, plain; `link` the digest of the secret."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reference = models.CharField(max_length=20, unique=True)
    link = models.CharField(max_length=64, unique=True)
    territory = models.CharField(max_length=2)
    status = models.CharField(max_length=16, choices=[(s.value, s.value) for s in Status])
    revision = models.PositiveIntegerField(default=1)
    content = models.JSONField()
    language = models.CharField(max_length=2)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True, blank=True, help_text="When the address was confirmed")
    expires_at = models.DateTimeField(null=True, blank=True, help_text="Deleted then, unless the address is confirmed")
    decided_at = models.DateTimeField(null=True, blank=True)
    assigned_to = models.UUIDField(null=True, blank=True)
    heard_until = models.DateTimeField(null=True, blank=True)
    organisation = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+", help_text="Once entered"
    )

    objects = ApplicationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status="unconfirmed") ^ models.Q(submitted_at__isnull=False),
                name="application_handed_in_by_who_confirmed",
            ),
            models.CheckConstraint(
                condition=~models.Q(status="enrolled") | models.Q(organisation__isnull=False),
                name="application_enrolled_has_an_organisation",
            ),
        ]
        indexes = [models.Index(fields=["territory", "status", "submitted_at"], name="application_by_territory")]
        triggers = [
            pgtrigger.FSM(name="application_follows_the_table", field="status", transitions=list(lifecycle.pairs())),
            pgtrigger.Trigger(
                name="application_by_applicant",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                func=_BY_APPLICANT,
            ),
            pgtrigger.ReadOnly(
                name="application_stays_who_it_is", fields=["id", "reference", "link", "territory", "created_at"]
            ),
            only_emptied("onboarding_application"),
        ]

    def __str__(self) -> str:
        return self.reference


class Step(models.Model):
    """One step of an application: the history that both sides read. `pointer` is the field a question is tied to."""

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="steps")
    link = models.CharField(max_length=64, db_index=True)
    territory = models.CharField(max_length=2)
    verb = models.CharField(max_length=16)
    source = models.CharField(max_length=16)
    target = models.CharField(max_length=16)
    at = models.DateTimeField()
    actor = models.CharField(max_length=64)
    actor_name = models.CharField(max_length=200)
    pointer = models.CharField(max_length=100, blank=True)
    code = models.CharField(max_length=32, blank=True, help_text="Coded reason of a refusal")
    reason = models.TextField(blank=True)
    changed_to = models.CharField(max_length=1_000, blank=True, help_text="What the answer made of the field")
    salt = models.BinaryField(max_length=32)
    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, related_name="+")

    objects = LinkedQuerySet.as_manager()

    class Meta:
        ordering = ["at", "id"]
        triggers = [append_only("onboarding_step")]

    def __str__(self) -> str:
        return f"{self.application_id} {self.verb}"


class Observation(models.Model):
    """A neutral fact about an application that the register noticed, for the authority alone."""

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="observations")
    territory = models.CharField(max_length=2)
    code = models.CharField(max_length=32)
    detail = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()

    objects = LinkedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["application", "code", "detail"], name="application_observed_once")
        ]
        triggers = [only_emptied("onboarding_observation")]

    def __str__(self) -> str:
        return f"{self.application_id} {self.code}"


class InvitationQuerySet(LinkedQuerySet["Invitation"]):
    """Invitations; the organisation sees whom the register invited for it."""

    def visible_to(self, actor: Actor) -> Self:
        """As for every row on a link; own rows for a provider, none for an authority."""
        if actor.audience is Audience.PROVIDER and actor.organisation:
            return self.filter(organisation_id=actor.organisation)
        return self.none() if actor.audience is Audience.OFFICER else super().visible_to(actor)


class Invitation(models.Model):
    """A one-time link by which a person sets a password; no password ever travels by mail."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    link = models.CharField(max_length=64, unique=True)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        triggers = [
            pgtrigger.Trigger(
                name="invitation_used_once",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__used_at__isnull=False),
                func="raise exception 'an invitation is used once';",
            )
        ]

    def __str__(self) -> str:
        return f"{self.organisation_id} {self.name}"


class LetterStatus(models.TextChoices):
    """How far a letter has come."""

    PENDING = "pending"
    SENT = "sent"
    FAILED = "failed"


class LetterQuerySet(models.QuerySet["Letter"]):
    """Letters: the mailer sees all, nobody else any."""

    def visible_to(self, actor: Actor) -> Self:
        """The application's own layer."""
        return self.all() if actor.audience in {Audience.MAILER, Audience.ENROLLER} else self.none()


class Letter(models.Model):
    """A mail to somebody who has no account yet, or is about to lose it. Its secret link is made when it is sent."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=32)
    target = models.UUIDField(help_text="The application, invitation or person it is about")
    link = models.CharField(max_length=64, blank=True)
    territory = models.CharField(max_length=2, blank=True, help_text="Of the authority whose step it tells of")
    address = models.EmailField()
    language = models.CharField(max_length=2)
    status = models.CharField(max_length=16, choices=LetterStatus.choices, default=LetterStatus.PENDING)
    attempts = models.PositiveIntegerField(default=0)
    failure = models.CharField(max_length=32, blank=True)
    next_attempt_at = models.DateTimeField(null=True, blank=True)
    leased_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = LetterQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status="pending") ^ models.Q(next_attempt_at__isnull=True),
                name="letter_pending_has_a_moment",
            )
        ]
        indexes = [models.Index(fields=["next_attempt_at"], name="letter_due", condition=models.Q(status="pending"))]

    def __str__(self) -> str:
        return f"{self.kind} {self.status}"


class Confirmation(Scoped):
    """Once a year an organisation confirms its data: when that is due, and what was confirmed by whom."""

    due_at = models.DateTimeField()
    reminded_at = models.DateTimeField(null=True, blank=True)
    told_late_at = models.DateTimeField(null=True, blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    confirmed_by = models.CharField(max_length=64, blank=True)
    confirmed_by_name = models.CharField(max_length=200, blank=True)
    statement = models.ForeignKey(Statement, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    salt = models.BinaryField(max_length=32, null=True, blank=True)
    entry = models.OneToOneField(Entry, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["-due_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation"], condition=models.Q(confirmed_at__isnull=True), name="confirmation_one_open"
            ),
            models.CheckConstraint(
                condition=models.Q(confirmed_at__isnull=True) ^ models.Q(entry__isnull=False),
                name="confirmation_has_its_entry",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation_id} {self.due_at:%Y-%m-%d}"


class IdleNotice(models.Model):
    """An account that nobody has used for long: reminded, then ended, unless the person comes back."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    last_seen_at = models.DateTimeField()
    reminded_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    returned_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user"],
                condition=models.Q(ended_at__isnull=True, returned_at__isnull=True),
                name="idle_notice_one_open",
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.ends_at:%Y-%m-%d}"
