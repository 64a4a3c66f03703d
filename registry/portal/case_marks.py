"""Cases, findings and rules as labels and lines, in the reader's language."""

from collections.abc import Iterable
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext

from registry.oversight import case_rules
from registry.oversight.case_rules import State
from registry.oversight.models import Case
from registry.portal import labels
from registry.portal.page import language
from registry.portal.presentation import words
from registry.portal.presentation.cases import CaseLine, FindingLine, StopMark
from registry.portal.presentation.marks import Label, Option, Tone
from registry.screening import rulebook
from registry.screening.models import Finding
from registry.screening.precision import Outcome
from registry.screening.shapes import SubjectKind


def state(case: Case) -> Label:
    """Where a case stands, a closed one with its outcome."""
    if case.state == State.CLOSED:
        return outcome(case.outcome)
    return open_state(case.state)


def open_state(code: str) -> Label:
    """Where a case stands that is not closed; the empty one stands for a finding without a case."""
    return {
        "": Label(gettext("Waits in the list"), Tone.PLAIN, "hourglass-medium"),
        State.OPEN.value: Label(gettext("Open, nobody has it"), Tone.NEW, "folder-open"),
        State.ASSIGNED.value: Label(gettext("Assigned"), Tone.REVIEW, "user"),
        State.CLOSED.value: Label(gettext("Closed"), Tone.DONE, "check-circle"),
    }[code]


def outcome(code: str) -> Label:
    """What a finding or a case came to."""
    return {
        Outcome.CONFIRMED.value: Label(gettext("Confirmed"), Tone.ALERT, "check-circle"),
        Outcome.EXPLAINED.value: Label(gettext("Explained"), Tone.DONE, "check"),
        Outcome.DISMISSED.value: Label(gettext("Dismissed"), Tone.PLAIN, "x"),
    }[code]


def place(territory: str) -> str:
    """The authority's country; what no State sees whole is the Union's."""
    return words.country(territory)


def rule_name(code: str, version: str) -> str:
    """What a rule is called; its code if this version is not of the register."""
    try:
        return rulebook.rule_of(code, version).names[language()]
    except KeyError:
        return code


def subject(finding: Finding) -> tuple[str, str]:
    """Whom or what a finding is about, and the address of its page if it has one."""
    if finding.filing is not None:
        reference = finding.filing.reference
        return reference, reverse("oversight-filings-one", args=[reference])
    if finding.subject_kind == SubjectKind.FACILITY and finding.facility is not None:
        name = finding.subject_name or finding.facility.reference
        return name, reverse("oversight-facilities-one", args=[finding.facility.reference])
    if not finding.subject_name and finding.subject_kind in {SubjectKind.CUSTOMER, SubjectKind.USE}:
        provider = {"provider": finding.organisation.legal_name}
        return gettext("Customer known only to the provider %(provider)s") % provider, ""
    return words.owner(finding.subject_name) or kind(finding.subject_kind), ""


def kind(code: str) -> str:
    """A kind of subject in words."""
    return {
        SubjectKind.FILING.value: gettext("Filing"),
        SubjectKind.CUSTOMER.value: gettext("Customer"),
        SubjectKind.OWNER_GROUP.value: gettext("Owner group"),
        SubjectKind.LINEAGE.value: gettext("Model lineage"),
        SubjectKind.FACILITY.value: gettext("Facility"),
        SubjectKind.USE.value: gettext("Use"),
    }[code]


def finding_line(
    finding: Finding, *, case: str = "", case_state: str = "", outcome_code: str = "", stop: StopMark | None = None
) -> FindingLine:
    """A finding in a list. One without a case can be taken up."""
    name, href = subject(finding)
    return FindingLine(
        code=finding.rule,
        name=rule_name(finding.rule, finding.rule_version),
        severity=labels.severity(finding.severity),
        subject=name,
        subject_href=href,
        provider=finding.organisation.legal_name,
        country=place(finding.territory),
        at=finding.found_at,
        case=case,
        case_href=reverse("case", args=[case]) if case else "",
        state=outcome(outcome_code) if outcome_code else open_state(case_state),
        number=None if case else finding.id,
        stop=stop,
    )


def case_line(case: Case) -> CaseLine:
    """A case in a list; how many findings it has where that was counted."""
    return CaseLine(
        reference=case.reference,
        href=reverse("case", args=[case.reference]),
        title=words.owner(case.title),
        country=place(case.territory),
        severity=labels.severity(case.severity),
        findings=getattr(case, "findings", 0),
        state=state(case),
        person=case.assigned_name,
        initials=words.initials(case.assigned_name) if case.assigned_name else "",
        opened=case.opened_at,
    )


def severities() -> dict[str, str]:
    """Severities of findings in words, the heaviest first."""
    return {each.value: labels.severity(each.value).text for each in rulebook.Severity}


def reason_options(chosen: str = "") -> tuple[Option, ...]:
    """Every coded reason, with the outcome that it stands for."""
    return tuple(
        Option(code, f"{outcome(reason.outcome.value).text}: {reason.words[language()]}", code == chosen)
        for code, reason in case_rules.reasons().items()
    )


def reason_words(code: str) -> str:
    """A coded reason in words; the code itself if it is not in the list any more."""
    found = case_rules.reasons().get(code)
    return found.words[language()] if found else code


def people_options(people: Iterable[tuple[UUID, str]], *, me: UUID | None) -> tuple[Option, ...]:
    """Whom work can be given to, oneself first, and nobody last."""
    listed = sorted(people, key=lambda each: (each[0] != me, each[1]))
    named = (Option(str(id_), f"{name} ({gettext('you')})" if id_ == me else name) for id_, name in listed)
    return (*named, Option("", gettext("Nobody")))
