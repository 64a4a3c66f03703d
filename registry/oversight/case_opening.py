"""Opening cases: by the register for findings that weigh enough, by an officer for any; what belongs together joins.

A finding of a party that has a case joins it; a case that was closed opens again. Set-wise, and repeatable: a finding
is in one case.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID, uuid4

from django.db.models import Exists, OuterRef, Q

from registry import rows
from registry.accounts.policy import Permission
from registry.acting import Actor, inside_acting_as
from registry.dispatch import outbox
from registry.errors import Conflict, Invalid, NotFound
from registry.oversight import case_keeping, case_rules
from registry.oversight.case_keeping import Step
from registry.oversight.case_models import Case, CaseFinding
from registry.oversight.case_rules import LONGEST_TEXT, OPENING, State, Verb
from registry.screening.models import Finding

OPENED, JOINED, REOPENED = "case.opened", "case.joined", "case.reopened"
MOST_AT_ONCE = 500


@inside_acting_as
def open_due(*, by: Actor, at: datetime, limit: int = MOST_AT_ONCE) -> list[Case]:
    """Put findings that weigh enough and are in no case into cases, oldest first; returns the cases they came to.

    Repeatable. Raises `NotPermitted`.
    """
    by.require(Permission.CASE_OPEN)
    case_keeping.lock()
    waiting = Finding.objects.visible_to(by).filter(without_case(), severity__in=OPENING)
    found = list(waiting.select_related("organisation").order_by("id")[:limit])
    return _into_cases(found, text="", by=by, at=at) if found else []


@inside_acting_as
def open_case(*, findings: Sequence[int], text: str, by: Actor, at: datetime) -> list[Case]:
    """Take findings up: each into the case of whom it is about, which is opened where there is none.

    Returns the cases. Raises `NotFound`, `NotPermitted`, `Conflict` for a finding that is in a case, `Invalid`.
    """
    wanted = list(dict.fromkeys(findings))[:MOST_AT_ONCE]
    case_keeping.lock()
    known = Finding.objects.visible_to(by).filter(id__in=wanted).select_related("organisation").order_by("id")
    found = list(known)
    if not wanted:
        raise Invalid("Choose at least one finding.")
    if len(found) != len(wanted):
        raise NotFound
    by.require(Permission.CASE_HANDLE)
    if len(text) > LONGEST_TEXT:
        raise Invalid("This is too long.")
    taken = CaseFinding.objects.visible_to(by).filter(finding_id__in=wanted).select_related("case").first()
    if taken is not None:
        raise Conflict("A finding is in the case {case} already.", remedy="Open that case.", case=taken.case.reference)
    return _into_cases(found, text=" ".join(text.split()), by=by, at=at)


def without_case() -> Q:
    """Findings that are in no case."""
    return Q(~Exists(CaseFinding.objects.filter(finding=OuterRef("pk"))))


def _into_cases(found: Sequence[Finding], *, text: str, by: Actor, at: datetime) -> list[Case]:
    """Every finding into a case: known ones are joined, or opened again, and one is made for each other group."""
    accounts = {each.id: case_keeping.account_of(each) for each in found}
    groups = case_keeping.groups_of(accounts.values(), by=by, at=at)
    places = [(each.territory, accounts[each.id], groups[accounts[each.id]]) for each in found]
    cases = case_keeping.known_cases(places, by=by)
    by_group = {(case.territory, case.group_key): case for case in cases.values() if case.state != State.CLOSED}
    made: dict[tuple[str, str], list[Finding]] = {}
    joined: dict[UUID, tuple[Case, list[Finding]]] = {}
    for each, (territory, account, group) in zip(found, places, strict=True):
        case = cases.get((territory, account)) or by_group.get((territory, group))
        if case is None:
            made.setdefault((territory, group), []).append(each)
        else:
            joined.setdefault(case.id, (case, []))[1].append(each)
    steps = [*_make(made, text, at=at), *_join(joined.values(), text, at=at)]
    members = [(step.case, each) for step, several in steps for each in several]
    rows.insert(CaseFinding, [_part(case, each, accounts[each.id], at) for case, each in members])
    _announce(steps, at=at)
    case_keeping.note_steps([step for step, _ in steps], by=by, at=at)
    return [step.case for step, _ in steps]


def _make(made: dict[tuple[str, str], list[Finding]], text: str, *, at: datetime) -> list[tuple[Step, list[Finding]]]:
    numbers = case_keeping.references(len(made), at=at) if made else []
    steps = []
    for ((territory, group), several), reference in zip(made.items(), numbers, strict=True):
        case = Case(
            id=uuid4(),
            reference=reference,
            territory=territory,
            group_key=group,
            title=case_keeping.titled(several[0]),
            severity=case_rules.gravest(each.severity for each in several),
            state=State.OPEN.value,
            opened_at=at,
            changed_at=at,
        )
        steps.append((Step(case, Verb.OPEN, text, _details(several)), several))
    columns = [field.attname for field in Case._meta.concrete_fields]
    rows.insert(Case, [{name: getattr(step.case, name) for name in columns} for step, _ in steps])
    return steps


def _join(joined: Iterable[tuple[Case, list[Finding]]], text: str, *, at: datetime) -> list[tuple[Step, list[Finding]]]:
    """A case weighs the most of its findings; one that was closed is open again, and nobody's."""
    steps = []
    for case, several in joined:
        was_closed = case.state == State.CLOSED
        severity = case_rules.gravest([case.severity, *(each.severity for each in several)])
        after = case_rules.TRANSITIONS[State(case.state), Verb.ADD]
        columns: dict[str, object] = {"severity": severity, "state": after.value}
        if was_closed:
            columns |= dict.fromkeys(("outcome", "reason_code", "reason", "assigned_name"), "")
            columns |= {"assigned_to": None, "closed_at": None}
        case_keeping.changed(case, revision=case.revision, at=at, **columns)
        steps.append((Step(case, Verb.REOPEN if was_closed else Verb.ADD, text, _details(several)), several))
    return steps


def _announce(steps: Sequence[tuple[Step, list[Finding]]], *, at: datetime) -> None:
    for kind, verb in ((OPENED, Verb.OPEN), (JOINED, Verb.ADD), (REOPENED, Verb.REOPEN)):
        subjects = [step.case.reference for step, _ in steps if step.verb is verb]
        if subjects:
            outbox.put(kind, subjects=subjects, at=at)


def _details(several: Sequence[Finding]) -> dict[str, object]:
    return {"findings": [each.id for each in several], "rules": sorted({each.rule for each in several})}


def _part(case: Case, finding: Finding, account: str, at: datetime) -> dict[str, object]:
    return {
        "case_id": case.id,
        "finding_id": finding.id,
        "territory": case.territory,
        "account": account,
        "added_at": at,
        "outcome": "",
        "reason_code": "",
        "decided_at": None,
    }
