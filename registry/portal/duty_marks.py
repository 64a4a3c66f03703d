"""Words and looks of duties and of what is asked about them, the same on both sides."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.translation import gettext

from registry.filings import duties, facility_owed, ownership_duties, return_owed
from registry.filings.duties import State
from registry.filings.models import Decision, Duty, Plea, PleaKind
from registry.portal import labels
from registry.portal.page import language
from registry.portal.presentation import words
from registry.portal.presentation.duties import DutyLine
from registry.portal.presentation.filing import Asked, DutyRow
from registry.portal.presentation.marks import Clock, Label, Pace, Tone

DESIGNATION = "designation"
OWNERS = frozenset(ownership_duties.CODES)
_SECOND = timedelta(seconds=1)  # a period ends at midnight: people read the last moment of the day before
_KIND_ICONS = {
    PleaKind.EXTENSION.value: "clock-countdown",
    PleaKind.EXCUSE.value: "handshake",
    PleaKind.REBUTTAL.value: "scales",
    PleaKind.REASSESSMENT.value: "clock-counter-clockwise",
    DESIGNATION: "gavel",
}


def address(duty: Duty) -> str:
    """The provider's page of a duty; its filing is fetched with it."""
    return step_address(duty, "one")


def step_address(duty: Duty, verb: str) -> str:
    """Where something is asked about a duty; `one` is its page."""
    if duty.filing is None:
        return reverse(f"workspace-own-duties-{verb}", args=[duty.pk])
    return reverse(f"workspace-duties-{verb}", args=[duty.filing.reference, duty.code, duty.trigger_on.isoformat()])


def about(duty: Duty) -> str:
    """What it hangs on, as people call it."""
    return duty.filing.reference if duty.filing else duty.subject or gettext("The organisation itself")


def hangs_on(duty: Duty) -> tuple[str, str, str, str]:
    """The same as a fact: its term, the filing or the organisation, the run or what of it, and its address."""
    if duty.filing is None:
        return gettext("About"), about(duty), duty.subject, about_address(duty)
    return gettext("Filing"), duty.filing.reference, duty.filing.run_id, about_address(duty)


def about_address(duty: Duty) -> str:
    """The provider's page of what the duty hangs on."""
    if duty.code == facility_owed.CODE and duty.subject:
        return reverse("workspace-facilities-one", args=[duty.subject])
    if duty.code == return_owed.CODE:
        return reverse("workspace-returns")
    if duty.filing is None:
        return reverse("workspace-ownership" if duty.code in OWNERS else "workspace-organisation")
    return reverse("workspace-filings-one", args=[duty.filing.reference])


def name(code: str) -> str:
    """What the duty is called."""
    return duties.duty_text(code, language()).name


def last_moment(until: datetime | None) -> str:
    """The last moment of a period, in Brussels; nothing for nothing."""
    return words.moment(until - _SECOND) if until else ""


def due(duty: Duty) -> str:
    """When it is due, with what was granted; or from when on it may be done."""
    if duty.extended_due_at is not None:
        return last_moment(duty.extended_due_at)
    return gettext("not before %(moment)s") % {"moment": words.moment(duty.not_before)} if duty.not_before else "–"


def state(duty: Duty, at: datetime) -> Label:
    """How it stands; what is late stays late, but says when it is excused."""
    if duty.excused_at is not None and duty.state_at(at) in {State.LATE, State.OVERDUE}:
        return Label(gettext("Late, excused"), Tone.PLAIN, "handshake")
    return labels.duty_state(duty, at)


def notes(duty: Duty, at: datetime) -> tuple[str, ...]:
    """When it was done, and what was granted."""
    told = []
    if duty.met_at is not None and duty.state_at(at) in {State.MET, State.LATE}:
        told.append(gettext("done %(moment)s") % {"moment": words.short_moment(duty.met_at)})
    if duty.due_at is not None and duty.extended_due_at != duty.due_at:
        told.append(gettext("extended; by law %(moment)s") % {"moment": last_moment(duty.due_at)})
    if duty.excused_at is not None:
        told.append(gettext("excused %(moment)s") % {"moment": words.short_moment(duty.excused_at)})
    return tuple(told)


def clock(duty: Duty, at: datetime) -> Clock:
    """How long there still is, or how late it is."""
    found, moment = duty.state_at(at), duty.extended_due_at
    if found is State.NOT_BEFORE and duty.not_before is not None:
        return Clock(Pace.STOPPED, gettext("from %(day)s on") % {"day": words.short_day(duty.not_before)})
    if found is State.LATE and moment is not None and duty.met_at is not None:
        return Clock(Pace.DONE, gettext("%(time)s late") % {"time": words.lasting(duty.met_at - moment)})
    if found is State.MET or moment is None:
        return Clock(Pace.DONE, gettext("done") if duty.met_at else gettext("may be done"))
    if found is State.OVERDUE:
        return Clock(Pace.LATE, gettext("%(time)s overdue") % {"time": words.lasting(at - moment)})
    left = moment - at
    return Clock(
        Pace.SOON if left < labels.SOON else Pace.RUNNING, gettext("%(time)s left") % {"time": words.lasting(left)}
    )


def kind(code: str) -> Label:
    """What is asked, or decided unasked."""
    text = {
        PleaKind.EXTENSION.value: gettext("More time"),
        PleaKind.EXCUSE.value: gettext("Excuse"),
        PleaKind.REBUTTAL.value: gettext("Rebuttal"),
        PleaKind.REASSESSMENT.value: gettext("Reassessment"),
        DESIGNATION: gettext("Designation"),
    }[code]
    return Label(text, Tone.NEW, _KIND_ICONS[code])


def outcome(decision: Decision | None) -> Label:
    """What became of it."""
    if decision is None:
        return Label(gettext("Decision awaited"), Tone.WAITING, "hourglass-medium")
    if decision.plea_id is None:
        return Label(gettext("Decided"), Tone.REVIEW, "gavel")
    if decision.is_granted:
        return Label(gettext("Granted"), Tone.DONE, "check-circle")
    return Label(gettext("Refused"), Tone.ALERT, "x-circle")


def decision_of(plea: Plea) -> Decision | None:
    """The decision on a plea, fetched with it; None while it waits."""
    found: Decision | None = getattr(plea, "decision", None)
    return found


def subject(plea: Plea) -> str:
    """What the plea is about; its duty is fetched with it."""
    if plea.duty is not None:
        return name(plea.duty.code)
    if plea.kind == PleaKind.REBUTTAL:
        return gettext("Presumption of systemic risk, Art. 51(2)")
    return gettext("Designation of the model, Art. 52(5)")


def asked(plea: Plea, *, href: str = "") -> Asked:
    """A plea with its decision."""
    decision = decision_of(plea)
    return Asked(
        kind=kind(plea.kind),
        state=outcome(decision),
        at=plea.at,
        by=plea.actor_name,
        subject=subject(plea),
        reason=plea.reason,
        until=last_moment(plea.until),
        decided_at=decision.at if decision else None,
        decided_by=decision.actor_name if decision else "",
        decision=decision.reason if decision else "",
        granted_until=last_moment(decision.granted_until) if decision else "",
        href=href,
    )


def designated(decision: Decision) -> Asked:
    """A decision that nobody asked for."""
    return Asked(
        kind=kind(DESIGNATION),
        state=outcome(decision),
        at=decision.at,
        decided_at=decision.at,
        decided_by=decision.actor_name,
        decision=decision.reason,
    )


def basis(code: str) -> str:
    """Where the law asks a duty, cited as in the reader's language."""
    return duties.basis_text(code, language())


def waiting(pleas: Iterable[Plea]) -> Label | None:
    """The mark of a duty about which something is asked and not decided."""
    found = next((plea for plea in pleas if decision_of(plea) is None), None)
    return Label(kind(found.kind).text, Tone.WAITING, "hourglass-medium") if found else None


def line(duty: Duty, at: datetime) -> DutyLine:
    """A duty as a line of the provider's list; filing and pleas are fetched with it."""
    return DutyLine(
        text=name(duty.code),
        basis=basis(duty.code),
        href=address(duty),
        reference=about(duty),
        filing_href=about_address(duty),
        run=duty.filing.run_id if duty.filing else duty.subject,
        due=due(duty),
        clock=clock(duty, at),
        state=state(duty, at),
        asked=waiting(duty.pleas.all()),
    )


def row(duty: Duty, at: datetime, *, is_provider: bool) -> DutyRow:
    """A duty as a line of its filing's page."""
    return DutyRow(
        name(duty.code),
        basis(duty.code),
        due(duty),
        state(duty, at),
        ", ".join(notes(duty, at)),
        href=address(duty) if is_provider else "",
        asked=waiting(duty.pleas.all()),
    )
