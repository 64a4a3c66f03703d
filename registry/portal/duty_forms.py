"""The forms for what a provider can ask or report about a duty, and the update that files a rebuttal."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, get_args

from django.utils.translation import gettext

from registry.acting import Actor
from registry.errors import Invalid
from registry.filings import actions, duties, duty_actions, lifecycle
from registry.filings.checks.catalogue import reasons
from registry.filings.checks.engine import Acknowledgement
from registry.filings.document import element_at
from registry.filings.document.statements import RebuttalTopic
from registry.filings.duties import State
from registry.filings.models import Duty, Filing, Plea, PleaKind, Version
from registry.filings.working_days import day_of
from registry.portal import document_view, duty_marks
from registry.portal.page import language
from registry.portal.presentation.filing import Decision
from registry.portal.presentation.marks import Field, Option
from registry.portal.step_forms import LONGEST_REASON

# Pleas about a filing as a whole, by the duty on whose page they are made.
BESIDE = {
    "systemic_risk_notification": PleaKind.REBUTTAL.value,
    duty_actions.REASSESSMENT: PleaKind.REASSESSMENT.value,
}
_OF_A_REBUTTAL = (("rebuttal-without-benchmarks", "/rebuttal/benchmarks"), ("rebuttal-without-threshold", "/rebuttal"))
TOPICS: tuple[str, ...] = get_args(RebuttalTopic)


def of_duty(duty: Duty, beside: Sequence[Plea], *, by: Actor, at: datetime) -> tuple[Decision, ...]:
    """What `by` may ask or report about the duty now, the likeliest first; what is waiting is not asked again."""
    if duty.is_withdrawn:
        return ()
    waits = {plea.kind for plea in (*duty.pleas.all(), *beside) if duty_marks.decision_of(plea) is None}
    forms: list[Decision] = []
    if "duty_report" in by.permissions and duty.filing and duties.rule_of(duty.code).met_by & duty_actions.OUTSIDE:
        forms.append(_report(duty, at))
    if "duty_plead" in by.permissions:
        if duty.met_at is None and duty.due_at is not None and PleaKind.EXTENSION.value not in waits:
            forms.append(_extension(duty, at))
        is_late = duty.state_at(at) in {State.LATE, State.OVERDUE}
        if is_late and duty.excused_at is None and PleaKind.EXCUSE.value not in waits:
            forms.append(_excuse(duty))
        can_reassess = duty.code == duty_actions.REASSESSMENT and duty.state_at(at) is not State.NOT_BEFORE
        if can_reassess and PleaKind.REASSESSMENT.value not in waits:
            forms.append(_reassessment(duty))
    if "filing_amend" in by.permissions and PleaKind.REBUTTAL.value not in waits and (filing := _rebuttable(duty)):
        forms.append(_rebuttal(duty, filing))
    return tuple(_first(form, is_first=place == 0) for place, form in enumerate(forms))


def _first(form: Decision, *, is_first: bool) -> Decision:
    return Decision(
        form.name, form.text, form.explanation, form.href, form.icon, form.fields, form.receives, is_first, is_first
    )


def _href(duty: Duty, verb: str) -> str:
    return duty_marks.step_address(duty, verb)


def _reason(help_: str) -> Field:
    return Field("reason", gettext("Reason"), "area", help=help_, required=True, limit=LONGEST_REASON)


def _extension(duty: Duty, at: datetime) -> Decision:
    later = max(duty.falls_at, at) + timedelta(days=14)
    return Decision(
        "extension",
        gettext("Ask for more time"),
        gettext("The due moment moves once the authority grants it; until then it stays."),
        _href(duty, "extension"),
        "clock-countdown",
        (
            Field("until", gettext("Until the end of"), "date", day_of(later).isoformat(), required=True),
            _reason(gettext("What keeps you, and what you do about it. Part of the record.")),
        ),
    )


def _excuse(duty: Duty) -> Decision:
    return Decision(
        "excuse",
        gettext("Ask to be excused"),
        gettext("The dates stay and it remains late; if granted, both sides see that it is excused."),
        _href(duty, "excuse"),
        "handshake",
        (_reason(gettext("Why it came, or comes, late. Part of the record.")),),
    )


def _reassessment(duty: Duty) -> Decision:
    return Decision(
        "reassessment",
        gettext("Ask for a reassessment"),
        gettext("Objective, detailed and new reasons that arose since the designation (Art. 52(5))."),
        _href(duty, "reassessment"),
        "clock-counter-clockwise",
        (_reason(gettext("Part of the record.")),),
    )


def _report(duty: Duty, at: datetime) -> Decision:
    where = gettext("An address or a reference under which it can be seen.")
    return Decision(
        "report",
        gettext("Report as done"),
        gettext("For what is done elsewhere, such as a published summary or a report sent to another database."),
        _href(duty, "report"),
        "check-circle",
        (
            Field("done_on", gettext("Done on"), "date", day_of(at).isoformat(), required=True),
            Field("evidence", gettext("Where it can be seen"), "area", help=where, required=True, limit=2000, rows=2),
        ),
    )


def _rebuttable(duty: Duty) -> Filing | None:
    """The filing whose model's presumption can be argued against on this page."""
    filing = duty.filing
    if filing is None or duty.code != "systemic_risk_notification" or filing.number == 0:
        return None
    return filing if filing.status not in {lifecycle.Status.DRAFT, lifecycle.Status.WITHDRAWN} else None


def _rebuttal(duty: Duty, filing: Filing) -> Decision:
    newest = _newest(filing)
    signed = document_view.members(newest.canonical).get("signature") or {}
    topic = element_at("/rebuttal/arguments/*/topic")
    options = tuple(Option(code, document_view.value(code, topic)) for code in TOPICS)
    fields = [
        Field("summary", gettext("Your argument in a few sentences"), "area", required=True, limit=LONGEST_REASON),
        Field("topic", gettext("What it rests on"), "select", options=options, required=True),
        Field("explanation", gettext("Evidence"), "area", required=True, limit=LONGEST_REASON, rows=6),
        Field("benchmark", gettext("Benchmark"), limit=200, help=gettext("Name of a result that supports it.")),
        Field("score", gettext("Score"), limit=40),
        Field("forecast", gettext("A forecast, not yet measured"), "check"),
        *_acknowledging(newest),
        Field("name", gettext("Signed by"), value=str(signed.get("name", "")), required=True, limit=200),
        Field("capacity", gettext("Capacity"), value=str(signed.get("capacity", "")), required=True, limit=200),
        Field(
            "acknowledged",
            gettext("I answer for the whole document; incorrect or misleading information can be fined (Art. 101)."),
            "check",
            required=True,
        ),
    ]
    return Decision(
        "rebuttal",
        gettext("Argue against the presumption"),
        gettext(
            "Why the model, though above the threshold, has no systemic risk (Art. 52(2)). It is filed as an update "
            "of the filing, otherwise unchanged, and suspends no duty."
        ),
        _href(duty, "rebuttal"),
        "scales",
        tuple(fields),
    )


def _acknowledging(newest: Version) -> tuple[Field, ...]:
    """Warnings of the newest version come again with an update that is otherwise unchanged, and need their reason."""
    is_needed = newest.answers.filter(severity="warning").exists()
    options = tuple(Option(code, reason.names[language()]) for code, reason in reasons().items())
    told = gettext("For what the checks warn about: in the newest version, or a rebuttal without benchmarks.")
    return (
        Field("warnings", gettext("Why warnings stay"), "select", options=options, required=is_needed, help=told),
        Field("warnings_said", gettext("The same in a sentence"), required=is_needed, limit=500),
    )


def _newest(filing: Filing) -> Version:
    return filing.versions.order_by("-number")[0]


def rebut(filing: Filing, form: Mapping[str, Any], *, by: Actor, at: datetime, language: str) -> None:
    """File the newest document again with the rebuttal in the form, signed anew. Raises `Invalid` with what lacks."""
    names = ("summary", "explanation", "name", "capacity")
    written = {name: str(form.get(name, "")).strip()[:LONGEST_REASON] for name in names}
    if not all(written.values()) or form.get("topic") not in TOPICS:
        raise Invalid(gettext("Write the argument and its evidence, and sign."))
    if not form.get("acknowledged"):
        raise Invalid(gettext("Confirm that you answer for the document."))
    newest = _newest(filing)
    content = document_view.members(newest.canonical)
    content["rebuttal"] = {
        **(content.get("rebuttal") or {}),
        "summary": written["summary"],
        "arguments": [{"topic": form["topic"], "explanation": written["explanation"]}],
        **_benchmarks(form),
    }
    content["signature"] = {
        **(content.get("signature") or {}),
        "name": written["name"],
        "capacity": written["capacity"],
        "signed_at": f"{at:%Y-%m-%dT%H:%M:%SZ}",
        "warning_acknowledged": True,
    }
    actions.amend(
        reference=filing.reference,
        kind="update",
        content=content,
        revision=None,
        by=by,
        at=at,
        acknowledgements=_acknowledged(newest, form),
        language=language,
    )


def _benchmarks(form: Mapping[str, Any]) -> dict[str, Any]:
    name, score = (str(form.get(field, "")).strip()[:200] for field in ("benchmark", "score"))
    if not name or not score:
        return {}
    return {"benchmarks": [{"name": name, "score": score, "is_forecast": bool(form.get("forecast"))}]}


def _acknowledged(newest: Version, form: Mapping[str, Any]) -> tuple[Acknowledgement, ...]:
    """The same reason for each warning of the newest version, and for those that a rebuttal itself may bring."""
    code, sentence = str(form.get("warnings", "")), str(form.get("warnings_said", "")).strip()[:500]
    if code not in reasons() or not sentence:
        return ()
    warned = newest.answers.filter(severity="warning").values_list("code", "pointer")
    return tuple(Acknowledgement(check, pointer, code, sentence) for check, pointer in (*warned, *_OF_A_REBUTTAL))
