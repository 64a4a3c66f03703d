"""The schemas of duties, as api.components has them of all else."""

from collections.abc import Mapping
from typing import Any, Final

from api.bodies import REASON_LENGTH
from api.duties import CODES, EVIDENCE_LENGTH
from api.duty_bodies import ABOUT, GRANTED, REFUSED, WAITING
from api.schema_parts import (
    Schema,
    a_code,
    a_day,
    a_list,
    a_request,
    a_text,
    an_object,
    component,
    nullable,
    results_of,
)
from registry.filings.duties import State
from registry.filings.models import PleaKind
from registry.filings.reference import PATTERN

_FILING: Final = a_text("Reference of the filing.", pattern=f"^{PATTERN.pattern}$")
_REASON: Final = a_text("For the authority to read.", minLength=1, maxLength=REASON_LENGTH)
_TRIGGER: Final = a_day("The day from which the duty is reckoned: names the occurrence.")
_SUBJECT: Final = a_text("As the duty names it; left out where it names none.", minLength=1, maxLength=64)
_ZONE: Final = a_text("The zone in which moments are shown and reckoned.", examples=["Europe/Brussels"])
_TRUTH: Final = {"type": "boolean"}


def _local(description: str) -> dict[str, Any]:
    return a_text(f"{description} RFC 3339, in Brussels' time with its offset.", format="date-time")


_PLEA: Final[dict[str, Any]] = {
    "id": a_text("Stable id.", format="uuid"),
    "kind": a_code("What was asked.", PleaKind),
    "state": a_code("What became of it.", (WAITING, GRANTED, REFUSED)),
    "asked_at": _local("When it was asked."),
    "until": nullable(_local("The moment asked for.")),
    "reason": a_text("Why."),
    "decided_at": nullable(_local("When it was decided.")),
    "granted_until": nullable(_local("The moment granted.")),
    "decision_reason": nullable(a_text("Why it was decided so.")),
}

DUTY_REQUESTS: Final[Mapping[str, Schema]] = {
    "ExtensionRequest": a_request(
        "More time for a duty that is not met.",
        trigger_on=_TRIGGER,
        until=a_text("Until when; RFC 3339 with an offset.", format="date-time"),
        reason=_REASON,
    ),
    "ExcuseRequest": a_request("To be excused for what is late.", trigger_on=_TRIGGER, reason=_REASON),
    "OwnExtensionRequest": a_request(
        "More time for a duty of the organisation itself.",
        trigger_on=_TRIGGER,
        until=a_text("Until when; RFC 3339 with an offset.", format="date-time"),
        reason=_REASON,
        subject=_SUBJECT,
        optional=("subject",),
    ),
    "OwnExcuseRequest": a_request(
        "To be excused for what is late of the organisation itself.",
        trigger_on=_TRIGGER,
        reason=_REASON,
        subject=_SUBJECT,
        optional=("subject",),
    ),
    "ReassessmentRequest": a_request("Objective, detailed and new reasons (Art. 52(5)).", reason=_REASON),
    "DutyReport": a_request(
        "What was done elsewhere that meets a duty.",
        done_on=a_day("When it was done."),
        evidence=a_text("Where it can be seen.", minLength=1, maxLength=EVIDENCE_LENGTH),
    ),
}

DUTY_ANSWERS: Final[Mapping[str, Schema]] = {
    "Duty": an_object(
        "What the law asks by when.",
        about=a_code("A filing, or the organisation itself.", ABOUT),
        filing=nullable(_FILING),
        subject=nullable(a_text("What of the organisation it is about; null for the organisation itself.")),
        code=a_code("Stable code of the duty.", CODES),
        name=a_text("In the reader's language."),
        sentence=a_text("In the reader's language."),
        legal_basis=a_text("Where it stands."),
        source=a_text("Where that can be read.", format="uri"),
        force=a_code(
            "`law`, `guidance` of the Commission, or the register's own rule.", ("law", "guidance", "register")
        ),
        authority=a_code("To whom it is owed.", ("ai_office", "national")),
        trigger_on=_TRIGGER,
        due_at=nullable(_local("The last moment, extensions counted.")),
        due_at_by_law=nullable(_local("The last moment without any extension.")),
        not_before=nullable(_local("The first moment.")),
        met_at=nullable(_local("When it was met.")),
        time_zone=_ZONE,
        state=a_code("How it stands now.", State),
        is_late={**_TRUTH, "description": "Met late, or overdue."},
        is_excused={**_TRUTH, "description": "The authority has excused the lateness."},
        exceptions=a_list(component("DutyException"), "What was asked about it and decided, oldest first."),
    ),
    "DutyException": an_object("A request about a duty, with the authority's decision.", **_PLEA),
    "DutyList": results_of("Duty", "Duties, what falls due first."),
    "OwnDutyList": results_of("Duty", "Duties of the organisation itself, what falls due first."),
    "DutyPage": results_of(
        "Duty",
        "A page of duties, what falls due first.",
        next=nullable(a_text("Cursor of the next page; null at the end.")),
    ),
    "Calendar": a_text("An iCalendar object (RFC 5545)."),
    "SystemicRisk": an_object(
        "How the presumption of systemic risk stands (Art. 51 and 52).",
        filing=_FILING,
        rebuttal_state=a_code("Of the newest rebuttal.", ("none", "filed", "accepted", "rejected")),
        rebuttals=a_list(
            an_object(
                "A rebuttal with its decision.",
                **_PLEA,
                version={
                    "type": ["integer", "null"],
                    "minimum": 1,
                    "description": "The version that first carried it.",
                },
            ),
            "Oldest first.",
        ),
        designated_at=nullable(_local("Since when the model is designated.")),
        designation_reason=nullable(a_text("Why.")),
        reassessments=a_list(component("DutyException"), "What was asked and decided, oldest first."),
        time_zone=_ZONE,
    ),
}
