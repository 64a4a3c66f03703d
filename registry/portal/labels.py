"""Words and looks of statuses, severities, duties and steps, from the domain's own texts."""

from datetime import datetime, timedelta

from django.utils.translation import gettext

from registry.accounts.policy import ROLES
from registry.filings import duties, lifecycle
from registry.filings.lifecycle import Status
from registry.filings.models import Duty
from registry.filings.review_clock import Clock as ReviewClock
from registry.filings.review_clock import remaining
from registry.portal.page import language
from registry.portal.presentation import words
from registry.portal.presentation.marks import Clock, Label, Pace, Tone
from registry.quantities import Band
from registry.statistics.tables import BANDS

SOON = timedelta(hours=72)
_STATUS = {
    Status.DRAFT: (Tone.PLAIN, "pencil-simple"),
    Status.SUBMITTED: (Tone.NEW, "bell"),
    Status.IN_REVIEW: (Tone.REVIEW, "magnifying-glass"),
    Status.AWAITING_PROVIDER: (Tone.WAITING, "hourglass-medium"),
    Status.ACCEPTED: (Tone.DONE, "seal-check"),
    Status.RETURNED: (Tone.WAITING, "arrow-u-up-left"),
    Status.WITHDRAWN: (Tone.PLAIN, "prohibit"),
}
_SEVERITY = {
    "stop": (Tone.ALERT, "hand-palm"),
    "high": (Tone.ALERT, "warning-octagon"),
    "medium": (Tone.WAITING, "warning"),
    "low": (Tone.NEW, "info"),
    "error": (Tone.ALERT, "warning-octagon"),
    "warning": (Tone.WAITING, "warning"),
    "note": (Tone.NEW, "info"),
}
STEP_ICONS = {
    "submit": "file-text",
    "review": "user-plus",
    "ask": "paper-plane-tilt",
    "answer": "arrow-bend-up-left",
    "accept": "seal-check",
    "return": "arrow-u-up-left",
    "withdraw": "prohibit",
    "confirm_withdrawal": "prohibit",
}


def status(code: str) -> Label:
    """A filing's status."""
    tone, icon = _STATUS[Status(code)]
    return Label(lifecycle.status_text(code, language()).name, tone, icon)


def severity(code: str) -> Label:
    """How much a check's answer or a finding weighs."""
    tone, icon = _SEVERITY[code]
    names = {
        "stop": gettext("Stop"),
        "high": gettext("High"),
        "medium": gettext("Medium"),
        "low": gettext("Low"),
        "error": gettext("Error"),
        "warning": gettext("Warning"),
        "note": gettext("Note"),
    }
    return Label(names[code], tone, icon)


def kind(code: str) -> str:
    """What a version is."""
    return {
        "notification": gettext("Notification"),
        "update": gettext("Update"),
        "completion": gettext("Completion"),
        "correction": gettext("Correction"),
        "withdrawal": gettext("Withdrawal"),
    }.get(code, gettext("Draft"))


def duty_state(duty: Duty, at: datetime) -> Label:
    """How a duty stands."""
    return state_of_duty(duty.state_at(at))


def state_of_duty(state: duties.State) -> Label:
    """A state of a duty."""
    return {
        duties.State.NOT_BEFORE: Label(gettext("Not yet possible"), Tone.PLAIN, "clock"),
        duties.State.OPEN: Label(gettext("Open"), Tone.NEW, "clock"),
        duties.State.MET: Label(gettext("Done in time"), Tone.DONE, "check-circle"),
        duties.State.LATE: Label(gettext("Done late"), Tone.WAITING, "warning"),
        duties.State.OVERDUE: Label(gettext("Overdue"), Tone.ALERT, "warning-octagon"),
    }[state]


def review_clock(clock: ReviewClock | None, at: datetime) -> Clock:
    """The authority's clock as a table shows it."""
    if clock is None:
        return Clock(Pace.DONE, gettext("not filed yet"))
    left, whole = remaining(clock, at), timedelta(days=clock.days)
    used = max(0, min(100, round(100 * (whole - left) / whole)))
    if clock.ended_at is not None:
        return Clock(Pace.DONE, gettext("decided"))
    if clock.stops and clock.stops[-1][1] is None:
        return Clock(Pace.STOPPED, gettext("stopped, provider’s turn"), used)
    if left < timedelta(0):
        return Clock(Pace.LATE, gettext("%(time)s overdue") % {"time": words.lasting(-left)}, 100)
    text = gettext("%(time)s left") % {"time": words.lasting(left)}
    return Clock(Pace.SOON if left < SOON else Pace.RUNNING, text, used)


def provider_clock(clock: ReviewClock | None, at: datetime, *, is_ours: bool) -> Clock:
    """The same clock seen from the provider: whose turn it is, and how long the other side still has."""
    if is_ours:
        return Clock(Pace.SOON, gettext("your turn"))
    seen = review_clock(clock, at)
    if clock is None or clock.ended_at is not None or seen.pace is Pace.STOPPED:
        return seen
    left = remaining(clock, at)
    if left < timedelta(0):
        return Clock(Pace.RUNNING, gettext("authority late by %(time)s") % {"time": words.lasting(-left)}, 100)
    text = gettext("authority has %(time)s left") % {"time": words.lasting(left)}
    return Clock(Pace.RUNNING, text, seen.used_percent)


def role(code: str) -> str:
    """A role in the reader's language; its plain name where the policy has one the pages do not know."""
    return {
        "provider_reader": gettext("Reader"),
        "provider_submitter": gettext("Submitter"),
        "provider_administrator": gettext("Administrator"),
        "analyst": gettext("Analyst"),
        "officer": gettext("Officer"),
        "supervisor": gettext("Supervisor"),
        "ai_office_officer": gettext("AI Office"),
        "ai_office_supervisor": gettext("AI Office supervisor"),
        "statistician": gettext("Statistician"),
        "publisher": gettext("Publisher"),
        "auditor": gettext("Auditor"),
        "operator": gettext("Operator"),
    }.get(code, ROLES[code].name)


def bands() -> dict[str, str]:
    """Names of the compute bands by code."""
    return dict(zip((band.code for band in BANDS), words.band_names(), strict=True))


def band_of(code: str) -> Band | None:
    """The band of that code."""
    return next((band for band in BANDS if band.code == code), None)


def capital(text: str) -> str:
    """The text with its first letter large."""
    return text[:1].upper() + text[1:]


def top_band() -> str:
    """The code of the highest band."""
    return BANDS[-1].code


def did(verb: str) -> str:
    """What somebody did, for a line that begins with who and ends with the filing."""
    return {
        "submit": gettext("filed"),
        "amend": gettext("filed a further version of"),
        "review": gettext("took up"),
        "ask": gettext("asked about"),
        "answer": gettext("answered about"),
        "accept": gettext("accepted"),
        "return": gettext("returned"),
        "withdraw": gettext("withdrew"),
        "confirm_withdrawal": gettext("confirmed the withdrawal of"),
    }.get(verb, verb)


def happened(verb: str, number: int) -> str:
    """What happened, as the title of a line of the history."""
    return {
        "submit": gettext("Version %(number)s filed"),
        "amend": gettext("Version %(number)s filed"),
        "review": gettext("Taken up"),
        "ask": gettext("Question asked, clock stopped"),
        "answer": gettext("Answered, clock running again"),
        "accept": gettext("Accepted"),
        "return": gettext("Returned to the provider"),
        "withdraw": gettext("Withdrawn"),
        "confirm_withdrawal": gettext("Withdrawal confirmed"),
    }.get(verb, verb) % {"number": number}
