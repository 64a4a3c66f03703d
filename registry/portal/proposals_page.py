"""What waits for a second person: its lines on the pages of people and keys, and the three decisions about it."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext

from registry.accounts import proposals
from registry.accounts.models import Proposal, ProposalQuerySet, ProposalStatus
from registry.accounts.policy import Permission
from registry.accounts.proposal_kinds import kinds
from registry.acting import Actor
from registry.dispatch import outbox
from registry.errors import Conflict, Invalid, NotPermitted, NotPossible, in_language
from registry.portal.page import PROVIDERS, REGULATORS, Page, language, said
from registry.portal.presentation.marks import Label, Tone
from registry.portal.presentation.people import ProposalLine

DECIDED_SHOWN = 20
REFUSALS = (NotPossible, NotPermitted, Conflict, Invalid)


def waiting(actor: Actor, *, prefix: tuple[str, ...]) -> tuple[ProposalLine, ...]:
    """Open proposals of kinds that begin with one of `prefix`, the oldest first."""
    open_ = (ProposalStatus.PENDING, ProposalStatus.CONFIRMED)
    found = _of(actor, prefix).filter(status__in=open_).order_by("proposed_at", "id")
    return tuple(_line(proposal, actor) for proposal in found)


def decided(actor: Actor, *, prefix: tuple[str, ...]) -> tuple[ProposalLine, ...]:
    """The last that are not open any more, the newest first."""
    open_ = (ProposalStatus.PENDING, ProposalStatus.CONFIRMED)
    found = _of(actor, prefix).exclude(status__in=open_).order_by("-proposed_at", "-id")[:DECIDED_SHOWN]
    return tuple(_line(proposal, actor) for proposal in found)


def take(page: Page, act: Callable[[Actor], object], *, done: str, back: str) -> HttpResponse:
    """Take one step in a unit of work, tell how it came out, and go back."""
    try:
        with page.writing() as actor:
            act(actor)
    except REFUSALS as refused:
        messages.error(page.request, " ".join(said(refused)))
    else:
        messages.success(page.request, done)
    return redirect(back)


class Decide(Page, ABC):
    """One decision about a proposal; a subclass says which."""

    permission = Permission.MEMBER_MANAGE
    audiences = PROVIDERS | REGULATORS

    def post(self, request: HttpRequest, proposal: UUID) -> HttpResponse:
        """Decide, then back to where it was shown."""
        back = "keys" if request.POST.get("back") == "keys" else "people"
        return take(self, lambda actor: self.decide(proposal, actor), done=self.told(), back=back)

    @abstractmethod
    def decide(self, proposal: UUID, by: Actor) -> None:
        """The one domain call."""

    @abstractmethod
    def told(self) -> str:
        """What is said when it is done."""


class Confirm(Decide):
    """The second person agrees."""

    permission = Permission.MEMBER_MANAGE
    audiences = PROVIDERS | REGULATORS

    def decide(self, proposal: UUID, by: Actor) -> None:
        """Confirm."""
        proposals.confirm(proposal_id=proposal, by=by, at=self.now, announce=outbox.put)

    def told(self) -> str:
        """The steward does the rest."""
        return gettext("Confirmed. It is carried out within seconds; reload to see what became of it.")


class Refuse(Decide):
    """The second person does not agree."""

    permission = Permission.MEMBER_MANAGE
    audiences = PROVIDERS | REGULATORS

    def decide(self, proposal: UUID, by: Actor) -> None:
        """Refuse, for the reason in the form."""
        reason = self.request.POST.get("reason", "").strip() or gettext("Refused.")
        proposals.refuse(proposal_id=proposal, reason=reason, by=by, at=self.now, announce=outbox.put)

    def told(self) -> str:
        """Nothing happens."""
        return gettext("Refused. Nothing was changed.")


class Withdraw(Decide):
    """The proposer takes it back."""

    permission = Permission.MEMBER_MANAGE
    audiences = PROVIDERS | REGULATORS

    def decide(self, proposal: UUID, by: Actor) -> None:
        """Withdraw."""
        proposals.withdraw(proposal_id=proposal, by=by, at=self.now, announce=outbox.put)

    def told(self) -> str:
        """Nothing happens."""
        return gettext("Withdrawn. Nothing was changed.")


def states() -> dict[str, Label]:
    """How a proposal stands, in words."""
    return {
        ProposalStatus.PENDING.value: Label(gettext("waits"), Tone.WAITING, "hourglass-medium"),
        ProposalStatus.CONFIRMED.value: Label(gettext("being carried out"), Tone.REVIEW, "clock"),
        ProposalStatus.REFUSED.value: Label(gettext("refused"), Tone.PLAIN, "x"),
        ProposalStatus.WITHDRAWN.value: Label(gettext("withdrawn"), Tone.PLAIN, "arrow-u-up-left"),
        ProposalStatus.EXPIRED.value: Label(gettext("expired"), Tone.PLAIN, "clock-countdown"),
        ProposalStatus.DONE.value: Label(gettext("done"), Tone.DONE, "check-circle"),
        ProposalStatus.FAILED.value: Label(gettext("failed"), Tone.ALERT, "warning-octagon"),
    }


def _of(actor: Actor, prefix: tuple[str, ...]) -> ProposalQuerySet:
    mine = [code for code, kind in kinds().items() if code.startswith(prefix) and kind.permission in actor.permissions]
    return Proposal.objects.visible_to(actor).filter(kind__in=mine)


def _line(proposal: Proposal, actor: Actor) -> ProposalLine:
    is_open = proposal.status == ProposalStatus.PENDING
    is_own = proposal.proposed_by == actor.id

    def href(verb: str) -> str:
        return reverse(f"proposals-{verb}", args=[proposal.id])

    by = gettext("proposed by %(name)s") % {"name": proposal.proposer_name}
    if proposal.decider_name and proposal.status != ProposalStatus.WITHDRAWN:
        by = gettext("%(proposed)s, decided by %(name)s") % {"proposed": by, "name": proposal.decider_name}
    return ProposalLine(
        uid=str(proposal.id),
        sentence=proposal.sentence(language()),
        by=by,
        at=proposal.proposed_at,
        until=proposal.expires_at,
        state=states()[proposal.status],
        note=" ".join(in_language(said, language()) for said in proposal.outcome.splitlines()) or proposal.reason,
        confirm_href=href("confirm") if is_open and not is_own else "",
        refuse_href=href("refuse") if is_open and not is_own else "",
        withdraw_href=href("withdraw") if is_open and is_own else "",
    )
