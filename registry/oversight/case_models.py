"""Cases: what an authority makes of findings that belong together, which findings, and every step it took."""

import uuid
from typing import Self

import pgtrigger
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from registry import searching
from registry.acting import Actor, Audience
from registry.ledger.emptying import append_only, only_emptied
from registry.ledger.models import Entry
from registry.organisations.scoping import Row
from registry.oversight.case_rules import CHANGES, State, Verb
from registry.screening.models import Finding
from registry.screening.precision import Outcome

CASE_WORDS = searching.Words("reference", "title")
_OUTCOMES = [(each.value, each.value) for each in Outcome]
# A wrong view cannot write a step in another's name.
_IN_ONES_OWN_NAME = """
if new.actor is distinct from current_setting('reg.actor', true) then
  raise exception 'a step of a case is written in one''s own name';
end if;
return new;
"""


class OfTerritory(models.QuerySet[Row]):
    """Rows of one authority: a case may hold findings of several organisations and belongs to none."""

    def visible_to(self, actor: Actor) -> Self:
        """All for the Union's authority and the screener, an officer's own territory's, else none."""
        if actor.audience in {Audience.AI_OFFICE, Audience.SCREENER}:
            return self.all()
        if actor.audience is Audience.OFFICER and actor.territory:
            return self.filter(territory=actor.territory)
        return self.none()


class CaseQuerySet(OfTerritory["Case"]):
    """Cases; one that was erased after its period is shown to nobody."""

    def visible_to(self, actor: Actor) -> Self:
        """As for every row of an authority, without what is erased."""
        return super().visible_to(actor).exclude(state=State.CLOSED.value, title="")


class Case(models.Model):
    """An authority's work on findings of one owner group: who has it, what it came to, and why.

    `territory` is a Member State, or EU for what no single one may see whole. `group_key` is the owner group, or the
    account of the one party known of; a territory has one case of it that is not closed. `revision` counts changes.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reference = models.CharField(max_length=24, unique=True)
    territory = models.CharField(max_length=2)
    group_key = models.CharField(max_length=200)
    title = models.CharField(max_length=300, help_text="Whom it is about, as the first finding names them")
    severity = models.CharField(max_length=8, help_text="The heaviest of its findings'")
    state = models.CharField(max_length=12, choices=[(each.value, each.value) for each in State])
    outcome = models.CharField(max_length=12, blank=True, choices=_OUTCOMES)
    reason_code = models.CharField(max_length=32, blank=True, help_text="Of data/case_reasons.toml")
    reason = models.CharField(max_length=2000, blank=True)
    assigned_to = models.UUIDField(null=True, blank=True)
    assigned_name = models.CharField(max_length=200, blank=True)
    opened_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    revision = models.PositiveIntegerField(default=0)

    objects = CaseQuerySet.as_manager()

    class Meta:
        ordering = ["-opened_at", "reference"]
        constraints = [
            models.UniqueConstraint(
                fields=["territory", "group_key"], condition=~models.Q(state=State.CLOSED.value), name="case_open_once"
            ),
            models.CheckConstraint(
                condition=(models.Q(state=State.CLOSED.value) & ~models.Q(outcome="") & ~models.Q(reason_code=""))
                | (~models.Q(state=State.CLOSED.value) & models.Q(outcome="", closed_at__isnull=True)),
                name="case_closed_with_an_outcome",
            ),
            models.CheckConstraint(
                condition=models.Q(state=State.ASSIGNED.value, assigned_to__isnull=False)
                | models.Q(state=State.OPEN.value, assigned_to__isnull=True)
                | models.Q(state=State.CLOSED.value),
                name="case_assigned_to_somebody",
            ),
        ]
        indexes = [
            models.Index(fields=["territory", "state", "-opened_at"], name="case_by_state"),
            models.Index(fields=["group_key"], name="case_by_group"),
            models.Index(fields=["assigned_to"], condition=~models.Q(state=State.CLOSED.value), name="case_by_person"),
            GinIndex(CASE_WORDS, name="case_by_words"),
        ]
        triggers = [
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
            only_emptied("oversight_case"),
            pgtrigger.ReadOnly(name="case_stays_what_it_is", fields=["id", "reference", "territory", "opened_at"]),
            pgtrigger.FSM(name="case_state", field="state", transitions=list(CHANGES)),
        ]

    def __str__(self) -> str:
        return self.reference


class CaseFinding(models.Model):
    """A finding in a case, and what it came to. A finding is in one case. `account` is the party it is about."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="parts")
    finding = models.OneToOneField(Finding, on_delete=models.PROTECT, related_name="in_case")
    territory = models.CharField(max_length=2)
    account = models.CharField(max_length=200)
    added_at = models.DateTimeField()
    outcome = models.CharField(max_length=12, blank=True, choices=_OUTCOMES)
    reason_code = models.CharField(max_length=32, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)

    objects = OfTerritory.as_manager()

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["account", "territory"], name="case_finding_by_account")]
        triggers = [
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(
                name="case_finding_stays", fields=["id", "case", "finding", "territory", "account", "added_at"]
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.finding_id}"


class CaseStep(models.Model):
    """Something done to a case, by whom, in which words; its entry commits to it under `salt`. For ever."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="steps")
    territory = models.CharField(max_length=2)
    at = models.DateTimeField()
    kind = models.CharField(max_length=16, choices=[(each.value, each.value) for each in Verb])
    text = models.CharField(max_length=2000, blank=True)
    details = models.JSONField(default=dict)
    actor = models.CharField(max_length=64)
    actor_name = models.CharField(max_length=200)
    salt = models.BinaryField(max_length=32)
    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, related_name="+")

    objects = OfTerritory.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["case", "-id"], name="case_steps")]
        triggers = [
            append_only("oversight_casestep"),
            pgtrigger.Trigger(
                name="in_ones_own_name", when=pgtrigger.Before, operation=pgtrigger.Insert, func=_IN_ONES_OWN_NAME
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.kind}"
