"""Where a prohibition stands: stopped, waiting for a second person, or authorised until a day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext

from registry.accounts.models import Proposal, ProposalStatus
from registry.accounts.policy import Permission
from registry.acting import Actor
from registry.filings.working_days import day_of
from registry.portal.presentation import words
from registry.portal.presentation.cases import StopMark
from registry.portal.presentation.marks import Label, Tone
from registry.screening import authorisations
from registry.screening.models import Authorisation, Finding


@dataclass(frozen=True)
class Standing:
    """What is known of one prohibition now: what covers it today, and what is asked for."""

    covering: Authorisation | None = None
    asked: Proposal | None = None

    def label(self) -> Label:
        """In words."""
        if self.covering is not None:
            told = gettext("Authorised until %(day)s") % {"day": words.day(self.covering.until_on)}
            return Label(told, Tone.DONE, "shield-check")
        if self.asked is not None and self.asked.status == ProposalStatus.CONFIRMED:
            return Label(gettext("Stopped, authorisation being recorded"), Tone.REVIEW, "clock")
        if self.asked is not None:
            return Label(gettext("Stopped, a second person is asked"), Tone.WAITING, "hourglass-medium")
        return Label(gettext("Stopped"), Tone.ALERT, "warning-octagon")


def standings(findings: Sequence[Finding], by: Actor, at: datetime) -> Mapping[int, Standing]:
    """Of each finding that prohibits, by its id; none for the others. Two queries, and none if nothing prohibits."""
    stops = [each for each in findings if authorisations.is_prohibition(each)]
    if not stops:
        return {}
    covering = authorisations.in_force(stops, on=day_of(at), by=by)
    asked = _asked(by, at)
    keys = {each.id: (str(each.organisation_id), authorisations.customer_key(each)) for each in stops}
    return {each.id: Standing(covering.get(each.id), asked.get(keys[each.id])) for each in stops}


def marks(findings: Sequence[Finding], by: Actor, at: datetime) -> Mapping[int, StopMark]:
    """How each finding that prohibits is marked where it is listed, with the way on for who may take it."""
    known = standings(findings, by, at)
    return {each.id: _mark(each, known[each.id], by) for each in findings if each.id in known}


def _mark(finding: Finding, standing: Standing, by: Actor) -> StopMark:
    if Permission.AUTHORISATION_RECORD.value not in by.permissions:
        return StopMark(standing.label(), "", "")
    is_free = standing.covering is None and standing.asked is None
    if is_free and finding.territory == by.territory:
        href = reverse("authorisations-new", args=[finding.id])
        return StopMark(standing.label(), href, gettext("Propose an authorisation"))
    return StopMark(standing.label(), reverse("authorisations"), gettext("Stops and authorisations"))


def _asked(by: Actor, at: datetime) -> Mapping[tuple[str, str], Proposal]:
    """The newest proposal that waits or is being carried out, by provider and the provider's key of the customer."""
    open_ = (ProposalStatus.PENDING, ProposalStatus.CONFIRMED)
    found = Proposal.objects.visible_to(by).filter(kind=authorisations.RECORD, status__in=open_)
    return {
        (each.payload["organisation"], each.payload["customer_key"]): each
        for each in found.order_by("proposed_at")
        if each.status == ProposalStatus.CONFIRMED or each.expires_at > at
    }
