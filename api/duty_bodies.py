"""What duties look like in answers. Moments stand in Brussels' time with its offset, as the law reckons them."""

from datetime import datetime
from typing import Any

from registry.filings import duties, rebuttals
from registry.filings.duties import State
from registry.filings.models import Decision, Duty, Filing, Plea, PleaKind
from registry.filings.working_days import BRUSSELS

FILING, ORGANISATION = ABOUT = ("filing", "organisation")
WAITING, GRANTED, REFUSED = "waiting", "granted", "refused"


def duty(row: Duty, language: str, *, at: datetime) -> dict[str, Any]:
    """A duty with its state at the moment of the answer, and what was asked and decided about it.

    Reads the duty's filing, pleas and their decisions: fetch them beforehand (`duty_lists.with_pleas`).
    """
    rule, text, state = duties.rule_of(row.code), duties.duty_text(row.code, language), row.state_at(at)
    return {
        "about": FILING if row.filing else ORGANISATION,
        "filing": row.filing.reference if row.filing else None,
        "subject": row.subject or None,
        "code": row.code,
        "name": text.name,
        "sentence": text.sentence,
        "legal_basis": rule.basis,
        "source": rule.source,
        "force": rule.force,
        "authority": rule.authority,
        "trigger_on": row.trigger_on.isoformat(),
        "due_at": moment(row.extended_due_at),
        "due_at_by_law": moment(row.due_at),
        "not_before": moment(row.not_before),
        "met_at": moment(row.met_at) if state in {State.MET, State.LATE} else None,
        "time_zone": BRUSSELS.key,
        "state": state.value,
        "is_late": state in {State.LATE, State.OVERDUE},
        "is_excused": row.excused_at is not None,
        "exceptions": [plea(each) for each in sorted(row.pleas.all(), key=lambda each: each.at)],
    }


def plea(row: Plea) -> dict[str, Any]:
    """What was asked, and what became of it."""
    decision = decision_of(row)
    return {
        "id": str(row.id),
        "kind": row.kind,
        "state": WAITING if decision is None else GRANTED if decision.is_granted else REFUSED,
        "asked_at": moment(row.at),
        "until": moment(row.until),
        "reason": row.reason,
        "decided_at": moment(decision.at) if decision else None,
        "granted_until": moment(decision.granted_until) if decision else None,
        "decision_reason": decision.reason if decision else None,
    }


def systemic_risk(filing: Filing, *, at: datetime) -> dict[str, Any]:
    """Whether the presumption of Art. 51(2) is argued against, and whether the model is designated."""
    asked = list(filing.pleas.filter(duty__isnull=True).select_related("decision", "version").order_by("at"))
    argued = [each for each in asked if each.kind == PleaKind.REBUTTAL]
    lifted = [
        d.at for each in asked if each.kind == PleaKind.REASSESSMENT and (d := decision_of(each)) and d.is_granted
    ]
    designations = filing.decisions.filter(kind="designation").order_by("at")
    standing = [each for each in designations if not any(moment > each.at for moment in lifted)]
    newest = argued[-1] if argued else None
    return {
        "filing": filing.reference,
        "rebuttal_state": rebuttals.of_plea(newest, decision_of(newest)).state_at(at) if newest else "none",
        "rebuttals": [{**plea(each), "version": each.version.number if each.version else None} for each in argued],
        "designated_at": moment(standing[-1].at) if standing else None,
        "designation_reason": standing[-1].reason if standing else None,
        "reassessments": [plea(each) for each in asked if each.kind == PleaKind.REASSESSMENT],
        "time_zone": BRUSSELS.key,
    }


def decision_of(row: Plea) -> Decision | None:
    """The decision on a plea, fetched with it; None while it waits."""
    found: Decision | None = getattr(row, "decision", None)
    return found


def moment(at: datetime | None) -> str | None:
    """RFC 3339 in Brussels' time, with its offset."""
    return at.astimezone(BRUSSELS).isoformat() if at else None
