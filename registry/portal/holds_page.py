"""Holds: filings that a procedure keeps from being erased. The list, setting one, lifting one with a second person."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext

from registry.accounts import proposals
from registry.accounts.models import Proposal, ProposalStatus
from registry.accounts.policy import Permission
from registry.acting import Actor, Audience
from registry.dispatch import outbox
from registry.errors import Conflict, Invalid, NotFound, NotPermitted, NotPossible
from registry.oversight import holds
from registry.oversight.models import Hold
from registry.portal import access_log
from registry.portal.page import REGULATORS, Page, language, said
from registry.portal.paging import part
from registry.portal.presentation import words
from registry.portal.presentation.access import FormPage, HoldLine, HoldsPage
from registry.portal.presentation.marks import Crumb, Field, Heading, Label, Link, Notice, Option, Tone

USUAL = timedelta(days=365)


class Holds(Page):
    """The list."""

    permission = Permission.LOOK_READ
    audiences = REGULATORS | {Audience.AUDITOR}

    def get(self, request: HttpRequest) -> HttpResponse:
        """Newest first, with what can be done about each now."""
        with self.reading() as actor:
            shown = part(request, Hold.objects.visible_to(actor).order_by("-at", "id"))
            asked = _proposals(shown.rows, actor)
            rows = tuple(_line(hold, asked.get(str(hold.id)), actor, self.now) for hold in shown.rows)
        may_set = Permission.FILING_HOLD.value in self.actor.permissions
        heading = Heading(
            gettext("Holds on erasure"),
            gettext("Filings that are not erased at the end of their period, because a procedure needs them."),
            _crumbs(),
            main_link=Link(gettext("New hold"), reverse("holds-new"), "shield-check") if may_set else None,
        )
        return self.shown("oversight/holds.html", HoldsPage(heading, rows, shown.pager))


class New(Page):
    """Setting a hold."""

    permission = Permission.FILING_HOLD
    audiences = REGULATORS

    def get(self, request: HttpRequest) -> HttpResponse:
        """The form: which filing, on which legal basis, why, until when."""
        return self._form(request)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Set it, then to the list; what is not complete is asked again."""
        form = request.POST
        try:
            new = holds.NewHold(
                reference=form.get("reference", "").strip().upper(),
                basis=form.get("basis", ""),
                reason=form.get("reason", ""),
                ends_at=end_of(form.get("until", "")),
            )
            with self.writing() as actor:
                holds.place(new=new, by=actor, at=self.now)
        except NotFound:
            error = gettext("Your authority has no filing of this reference.")
            return self._form(request, error=error, status=400)
        except Invalid as refused:
            return self._form(request, error=" ".join(said(refused)), status=400)
        messages.success(request, gettext("The filing is held. It is not erased before the hold ends."))
        return redirect("holds")

    def _form(self, request: HttpRequest, *, error: str = "", status: int = 200) -> HttpResponse:
        told = gettext(
            "A hold keeps a filing, however old, from being erased. It is entered in the register’s log, the auditor "
            "reads it, and it ends on its day. To lift it before, two persons of your authority are needed."
        )
        page = FormPage(
            Heading(gettext("New hold"), crumbs=_crumbs(Crumb(gettext("New hold")))),
            _fields(request, self.actor, self.now),
            request.get_full_path(),
            told,
            gettext("Set the hold"),
            notices=(Notice("error", error),) if error else (),
        )
        answer = self.shown("oversight/exports_form.html", page)
        answer.status_code = status
        return answer


class Lift(Page):
    """Asking a second person to lift a hold."""

    permission = Permission.FILING_HOLD
    audiences = REGULATORS

    def post(self, request: HttpRequest, hold: uuid.UUID) -> HttpResponse:
        """Propose it, then back to the list."""
        try:
            with self.writing() as actor:
                holds.propose_lifting(held=hold, by=actor, at=self.now, announce=outbox.put)
        except (NotPossible, NotPermitted) as refused:
            messages.error(request, " ".join(said(refused)))
        else:
            messages.info(request, gettext("A second person of your authority must confirm this before the hold ends."))
        return redirect("holds")


class Decide(Page):
    """The second person's word on lifting a hold, or the first one's, who takes the proposal back."""

    permission = Permission.FILING_HOLD
    audiences = REGULATORS

    def post(self, request: HttpRequest, hold: uuid.UUID) -> HttpResponse:
        """Confirm, refuse or withdraw, then back to the list."""
        try:
            with self.writing() as actor:
                self._decide(request, _waiting(hold, actor, self.now), actor)
        except (NotPossible, NotPermitted, Conflict) as refused:
            messages.error(request, " ".join(said(refused)))
        else:
            messages.success(request, gettext("Your decision is recorded."))
        return redirect("holds")

    def _decide(self, request: HttpRequest, proposal: Proposal, by: Actor) -> None:
        decision = request.POST.get("decision", "")
        if decision == "confirm":
            proposals.confirm(proposal_id=proposal.id, by=by, at=self.now, announce=outbox.put)
        elif decision == "withdraw":
            proposals.withdraw(proposal_id=proposal.id, by=by, at=self.now, announce=outbox.put)
        else:
            reason = request.POST.get("reason", "").strip() or gettext("Refused.")
            proposals.refuse(proposal_id=proposal.id, reason=reason, by=by, at=self.now, announce=outbox.put)


def end_of(day: str) -> datetime:
    """The end of a day, in UTC. Raises `Invalid` for what is no day."""
    try:
        return datetime.combine(date.fromisoformat(day) + timedelta(days=1), datetime.min.time(), UTC)
    except (ValueError, OverflowError):
        raise Invalid("A day is needed.", remedy="Choose another day.") from None


def basis_words(code: str) -> str:
    """A legal basis in words, with its article; what was stored before there was a list has none."""
    basis = holds.bases().get(code)
    return f"{basis.words[language()]}, {basis.article}" if basis else ""


def _waiting(hold: uuid.UUID, actor: Actor, at: datetime) -> Proposal:
    """The proposal about a hold that waits. Raises `NotFound`."""
    known = Proposal.objects.visible_to(actor).filter(
        kind=holds.LIFT, subject=str(hold), status=ProposalStatus.PENDING, expires_at__gt=at
    )
    found = known.first()
    if found is None:
        raise NotFound
    return found


def _proposals(rows: Sequence[Hold], actor: Actor) -> Mapping[str, Proposal]:
    """The newest proposal about each hold, by its id; the auditor reads none."""
    if actor.audience is Audience.AUDITOR:
        return {}
    known = Proposal.objects.visible_to(actor).filter(kind=holds.LIFT, subject__in=[str(hold.id) for hold in rows])
    return {each.subject: each for each in known.order_by("proposed_at")}


def _fields(request: HttpRequest, actor: Actor, at: datetime) -> tuple[Field, ...]:
    form, usual = request.POST, (at + USUAL).date().isoformat()
    options = tuple(
        Option(basis.code, basis_words(basis.code), basis.code == form.get("basis")) for basis in holds.bases_of(actor)
    )
    return (
        Field(
            "reference",
            gettext("Reference of the filing"),
            value=form.get("reference", request.GET.get("reference", ""))[:32],
            limit=32,
            required=True,
        ),
        Field("basis", gettext("Legal basis"), "select", options=options, required=True),
        Field(
            "reason",
            gettext("Which procedure needs it"),
            "area",
            form.get("reason", "")[: holds.LONGEST_REASON],
            rows=2,
            limit=holds.LONGEST_REASON,
            required=True,
            help=gettext("Its number and a few words, ten characters at least."),
        ),
        Field("until", gettext("Until"), "date", form.get("until", usual)[:10], required=True),
    )


def _line(hold: Hold, proposal: Proposal | None, actor: Actor, at: datetime) -> HoldLine:
    is_ours = hold.set_from == actor.territory and Permission.FILING_HOLD.value in actor.permissions
    in_force = hold.is_in_force(at)
    asked = proposal if proposal is not None and in_force and _is_open(proposal, at) else None
    waits = asked is not None and asked.status == ProposalStatus.PENDING
    is_own = asked is not None and asked.proposed_by == actor.id
    decide = reverse("holds-decide", args=[hold.id]) if waits and is_ours else ""
    opens = actor.audience in REGULATORS
    return HoldLine(
        reference=hold.reference,
        href=reverse("oversight-filings-one", args=[hold.reference]) if opens and hold.reference else "",
        at=hold.at,
        by=", ".join(each for each in (hold.actor_name, access_log.authority(hold.set_from)) if each),
        basis=basis_words(hold.basis),
        reason=hold.reason,
        until=hold.ends_at,
        state=_state(hold, asked, at),
        asked_by=asked.proposer_name if asked is not None else "",
        lift_href=reverse("holds-lift", args=[hold.id]) if in_force and is_ours and asked is None else "",
        decide_href="" if is_own else decide,
        withdraw_href=decide if is_own else "",
    )


def _is_open(proposal: Proposal, at: datetime) -> bool:
    if proposal.status == ProposalStatus.CONFIRMED:
        return True
    return proposal.status == ProposalStatus.PENDING and proposal.expires_at > at


def _state(hold: Hold, asked: Proposal | None, at: datetime) -> Label:
    if hold.lifted_at is not None:
        told = gettext("Lifted on %(moment)s") % {"moment": words.short_moment(hold.lifted_at)}
        return Label(told, Tone.PLAIN, "x")
    if not hold.is_in_force(at):
        return Label(gettext("Ended"), Tone.PLAIN, "clock")
    if asked is not None and asked.status == ProposalStatus.CONFIRMED:
        return Label(gettext("being carried out"), Tone.REVIEW, "clock")
    if asked is not None:
        return Label(gettext("Waits for a second person"), Tone.WAITING, "hourglass-medium")
    return Label(gettext("In force"), Tone.DONE, "shield-check")


def _crumbs(*more: Crumb) -> tuple[Crumb, ...]:
    here = Crumb(gettext("Holds on erasure"), reverse("holds")) if more else Crumb(gettext("Holds on erasure"))
    return (Crumb(gettext("Oversight"), reverse("portal-start")), here, *more)  # auditors have no overview
