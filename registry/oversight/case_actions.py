"""What an authority does with a case: read it for a purpose, assign it, write a note, close it with reasons, reopen it.

Two at once: each says which revision it read, and the second is told to read again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from registry import rows
from registry.accounts import memberships
from registry.accounts.models import Membership
from registry.accounts.policy import ROLES, Permission
from registry.acting import Actor, inside_acting_as
from registry.dispatch import outbox
from registry.errors import Invalid, NotFound, NotPermitted, NotPossible
from registry.oversight import case_keeping, case_rules, looks
from registry.oversight.case_keeping import Step
from registry.oversight.case_models import Case, CaseFinding, CaseStep
from registry.oversight.case_opening import REOPENED
from registry.oversight.case_rules import LONGEST_TEXT, SHORTEST_REASON, Reason, State, Verb
from registry.oversight.models import LookKind
from registry.oversight.purposes import Purpose

ASSIGNED, CLOSED = "case.assigned", "case.closed"
MOST_AT_ONCE = 200


@dataclass(frozen=True)
class Decision:
    """What a case came to: a coded reason, which names the outcome, in words; and of findings that differ, theirs.

    `others` maps the id of a finding to the code of its reason; every other finding has the reason of the case.
    """

    reason_code: str
    reason: str
    others: Mapping[int, str] = field(default_factory=dict)


@inside_acting_as
def look_at(*, reference: str, purpose: Purpose, by: Actor, at: datetime) -> Case:
    """The case, noted as looked at once a day for each person and purpose, with the filings that it names.

    Raises `NotFound`, `NotPermitted`.
    """
    case = Case.objects.visible_to(by).filter(reference=reference).first()
    if case is None:
        raise NotFound
    by.require(Permission.CASE_READ)
    parts = CaseFinding.objects.visible_to(by).filter(case=case, finding__filing__isnull=False)
    filings = {each.finding.filing_id: each.finding.filing for each in parts.select_related("finding__filing")}
    looks.note(
        [filing for filing in filings.values() if filing is not None],
        kind=LookKind.LISTED,
        purpose=purpose,
        by=by,
        at=at,
    )
    today = at.replace(hour=0, minute=0, second=0, microsecond=0)
    said = purpose.columns()
    known = CaseStep.objects.visible_to(by).filter(
        case=case, kind=Verb.LOOK.value, actor=by.id, at__gte=today, details=said
    )
    if not known.exists():
        case_keeping.note_steps([Step(case, Verb.LOOK, purpose.sentence, said)], by=by, at=at)
    return case


@inside_acting_as
def assign(*, references: Sequence[str], to: UUID | None, by: Actor, at: datetime, revision: int | None = None) -> None:
    """Give cases to a person of one's own authority, or with `to` None to nobody; all or none.

    Without a revision they are taken as they are. Raises `NotFound`, `NotPermitted`, `NotPossible`, `Stale`.
    """
    cases = _locked(references, by)
    by.require(Permission.CASE_HANDLE)
    name = _name_of(to, by, at) if to is not None else ""
    verb = Verb.ASSIGN if to is not None else Verb.RELEASE
    steps = []
    for case in cases:
        after = _possible(case, verb)
        columns = {"state": after.value, "assigned_to": to, "assigned_name": name}
        case_keeping.changed(case, revision=case.revision if revision is None else revision, at=at, **columns)
        steps.append(Step(case, verb, "", {"to": name} if name else {}))
    outbox.put(ASSIGNED, subjects=[case.reference for case in cases], at=at)
    case_keeping.note_steps(steps, by=by, at=at)


@inside_acting_as
def write_note(*, reference: str, text: str, by: Actor, at: datetime) -> Case:
    """Write a note for one's colleagues; it stays for ever. Raises `NotFound`, `NotPermitted`, `NotPossible`."""
    (case,) = _locked([reference], by)
    by.require(Permission.CASE_HANDLE)
    _possible(case, Verb.NOTE)
    said = text.strip()
    if not said or len(said) > LONGEST_TEXT:
        raise Invalid("Write a note of 2,000 characters at most.")
    case_keeping.changed(case, revision=case.revision, at=at)
    case_keeping.note_steps([Step(case, Verb.NOTE, said)], by=by, at=at)
    return case


@inside_acting_as
def close(*, reference: str, revision: int, decision: Decision, by: Actor, at: datetime) -> Case:
    """Close a case that one has, with an outcome and a reason for it and each of its findings.

    Raises `NotFound`, `NotPermitted` for a case of another, `NotPossible`, `Invalid`, `Stale`.
    """
    (case,) = _locked([reference], by)
    by.require(Permission.CASE_HANDLE)
    after = _possible(case, Verb.CLOSE)
    if str(case.assigned_to) != by.id.removeprefix("person:"):
        raise NotPermitted("Another has this case.", remedy="Assign it to yourself first.")
    parts = list(CaseFinding.objects.visible_to(by).filter(case=case).order_by("id"))
    whole, reasons = _judged(decision, parts)
    case_keeping.changed(
        case,
        revision=revision,
        at=at,
        state=after.value,
        outcome=whole.outcome.value,
        reason_code=whole.code,
        reason=decision.reason.strip(),
        closed_at=at,
    )
    _keep_outcomes(parts, reasons, at)
    outbox.put(CLOSED, subjects=[case.reference], at=at)
    told = {str(part.finding_id): reasons[part.finding_id].code for part in parts}
    details = {"outcome": whole.outcome.value, "reason": whole.code, "findings": told}
    case_keeping.note_steps([Step(case, Verb.CLOSE, decision.reason.strip(), details)], by=by, at=at)
    return case


@inside_acting_as
def reopen(*, reference: str, revision: int, reason: str, by: Actor, at: datetime) -> Case:
    """Look anew at a closed case. Its findings keep their outcomes until it is closed again.

    Raises `NotFound`, `NotPermitted`, `NotPossible` also where another case of the group is open, `Invalid`, `Stale`.
    """
    case_keeping.lock()
    (case,) = _locked([reference], by)
    by.require(Permission.CASE_HANDLE)
    after = _possible(case, Verb.REOPEN)
    same = Case.objects.visible_to(by).filter(territory=case.territory, group_key=case.group_key)
    other = same.exclude(state=State.CLOSED.value).first()
    if other is not None:
        raise NotPossible(
            "A further case of this group is open: {case}.", remedy="Work on that one.", case=other.reference
        )
    said = _reason_given(reason)
    emptied: dict[str, object] = dict.fromkeys(("outcome", "reason_code", "reason", "assigned_name"), "")
    case_keeping.changed(case, revision=revision, at=at, state=after.value, assigned_to=None, closed_at=None, **emptied)
    outbox.put(REOPENED, subjects=[case.reference], at=at)
    case_keeping.note_steps([Step(case, Verb.REOPEN, said)], by=by, at=at)
    return case


def colleagues(by: Actor, at: datetime, *, permission: Permission = Permission.CASE_HANDLE) -> list[Membership]:
    """Whom work can be given to: people of one's own authority whose roles let them do it, by name."""
    roles = [code for code, role in ROLES.items() if permission in role.permissions]
    known = memberships.visible_to(by).filter(memberships.at_moment(at), role__in=roles, user__is_active=True)
    return list({each.user_id: each for each in known.order_by("user__name", "id")}.values())


def _locked(references: Sequence[str], by: Actor) -> list[Case]:
    return rows.locked_all(Case.objects.visible_to(by), references, at_most=MOST_AT_ONCE)


def _possible(case: Case, verb: Verb) -> State:
    after = case_rules.next_state(State(case.state), verb)
    if after is None:
        raise NotPossible(
            "The case {case} does not stand where this can be done.", remedy="Look at it again.", case=case.reference
        )
    return after


def _name_of(person: UUID, by: Actor, at: datetime) -> str:
    found = next((each for each in colleagues(by, at) if each.user_id == person), None)
    if found is None:
        raise Invalid("Nobody of your authority who handles cases is meant.", remedy="Choose a person from the list.")
    return str(found.user.name)


def _reason_given(text: str) -> str:
    said = text.strip()
    if not SHORTEST_REASON <= len(said) <= LONGEST_TEXT:
        raise Invalid("Give a reason.", remedy="Say in ten characters at least why.")
    return said


def _judged(decision: Decision, parts: Sequence[CaseFinding]) -> tuple[Reason, Mapping[int, Reason]]:
    """The reason of the case and of each finding. Raises `Invalid` for an unknown one, or if they contradict."""
    known = case_rules.reasons()
    whole = known.get(decision.reason_code)
    if whole is None or any(code not in known for code in decision.others.values()):
        raise Invalid("A case is closed with a reason.", remedy="Choose one from the list.")
    _reason_given(decision.reason)
    found = {each.finding_id: known[decision.others.get(each.finding_id, whole.code)] for each in parts}
    heaviest = case_rules.heaviest(reason.outcome for reason in found.values())
    if heaviest is not None and heaviest is not whole.outcome:
        raise Invalid(
            "A case comes to what the weightiest of its findings does: confirmed before explained before dismissed.",
            remedy="Choose another reason for the case, or for the finding.",
        )
    return whole, found


def _keep_outcomes(parts: Sequence[CaseFinding], reasons: Mapping[int, Reason], at: datetime) -> None:
    rows.update(
        CaseFinding,
        [
            {
                "id": part.id,
                "outcome": reasons[part.finding_id].outcome.value,
                "reason_code": reasons[part.finding_id].code,
                "decided_at": at,
            }
            for part in parts
        ],
        key="id",
    )
