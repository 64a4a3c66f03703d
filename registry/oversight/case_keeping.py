"""How cases are kept: their steps with an entry each, whom a finding is about, and which case it belongs to."""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.db import connection

from registry import rows
from registry.acting import Actor
from registry.errors import Stale
from registry.filings import document
from registry.filings.ownership_document import organisation_key
from registry.filings.working_days import day_of
from registry.ledger import chain, log
from registry.oversight import case_rules
from registry.oversight.case_models import Case, CaseFinding, CaseStep
from registry.oversight.case_rules import State, Verb
from registry.screening.models import Finding, GroupMember
from registry.screening.shapes import SubjectKind

_LOCK: Final = "select pg_advisory_xact_lock(hashtextextended('cases are opened', 0))"
_NUMBERS: Final = "select nextval('oversight_case_number') from generate_series(1, %s)"
_OF_AN_ORGANISATION: Final = frozenset({SubjectKind.FILING.value, SubjectKind.FACILITY.value})
_LONGEST: Final = 200


@dataclass(frozen=True)
class Step:
    """What is told of a case: the verb, words of a person, and plain details such as the rules of findings."""

    case: Case
    verb: Verb
    text: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)


def lock() -> None:
    """One opens cases at a time, until the unit of work ends: two never make a case of the same group."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK)


def references(count: int, *, at: datetime) -> list[str]:
    """So many new references."""
    with connection.cursor() as cursor:
        cursor.execute(_NUMBERS, [count])
        year = day_of(at).year
        return [case_rules.reference(year=year, number=number) for (number,) in cursor.fetchall()]


def note_steps(steps: Sequence[Step], *, by: Actor, at: datetime) -> None:
    """Write steps and their entries, in order: one statement each. The last thing of a unit of work."""
    salts = [os.urandom(chain.HASH_BYTES) for _ in steps]
    lines = [
        log.Line(
            f"case.{step.verb.value}", step.case.reference, chain.commitment(salt=salt, digest=digest_of(step, at))
        )
        for step, salt in zip(steps, salts, strict=True)
    ]
    entries = log.append(lines, by=by, at=at)
    made = [
        {
            "case_id": step.case.id,
            "territory": step.case.territory,
            "at": at,
            "kind": step.verb.value,
            "text": step.text,
            "details": dict(step.details),
            "actor": by.id,
            "actor_name": by.name[:_LONGEST],
            "salt": salt,
            "entry_id": entry.index,
        }
        for step, salt, entry in zip(steps, salts, entries, strict=True)
    ]
    rows.insert(CaseStep, made)


def digest_of(step: Step, at: datetime) -> bytes:
    """The digest that the commitment of a step is made of, under the step's salt."""
    told = {
        "case": step.case.reference,
        "kind": step.verb.value,
        "text": step.text,
        "details": dict(step.details),
        "at": chain.moment_text(at),
    }
    return document.digest(document.canonical_json(told))


def account_of(finding: Finding) -> str:
    """Whom a finding is about: the party that screening names, else the organisation of its filing or facility."""
    if finding.group_key:
        return finding.group_key
    if finding.subject_kind in _OF_AN_ORGANISATION:
        whose = finding.organisation
        return organisation_key(lei=whose.lei, euid=whose.euid, identity=str(whose.id))
    return f"{finding.subject_kind}:{finding.subject_key}"[:_LONGEST]


def groups_of(accounts: Iterable[str], *, by: Actor, at: datetime) -> Mapping[str, str]:
    """The owner group of each account today, for those who may read groups; of every other account itself."""
    wanted = sorted(set(accounts))
    found = {account: account for account in wanted}
    day = day_of(at)
    for member in GroupMember.objects.visible_to(by).filter(account__in=wanted, from_on__lte=day).order_by("from_on"):
        if member.until_on is None or member.until_on > day:
            found[member.account] = member.group
    return found


def titled(finding: Finding) -> str:
    """Whom a case is about, as a finding names them: a customer or group by its name, else the organisation's."""
    return finding.subject_name or finding.organisation.legal_name


def known_cases(pairs: Iterable[tuple[str, str, str]], *, by: Actor) -> dict[tuple[str, str], Case]:
    """By territory and account the case that a further finding joins; of several the one not closed, then the newest.

    `pairs` are territory, account and group. A case is of an account if it is its group's or holds a finding of it.
    """
    wanted = list(pairs)
    accounts = {account for _, account, _ in wanted}
    groups = {group for _, _, group in wanted}
    parts = CaseFinding.objects.visible_to(by).filter(account__in=accounts).select_related("case")
    of_account = _preferred(((each.territory, each.account), each.case) for each in parts)
    cases = Case.objects.visible_to(by).filter(group_key__in=accounts | groups)
    of_group = _preferred(((each.territory, each.group_key), each) for each in cases)
    found: dict[tuple[str, str], Case] = {}
    for territory, account, group in wanted:
        keys = ((of_group, group), (of_group, account), (of_account, account))
        known = [known[territory, key] for known, key in keys if (territory, key) in known]
        if known:
            found[territory, account] = next((each for each in known if each.state != State.CLOSED), known[0])
    return found


def _preferred(known: Iterable[tuple[tuple[str, str], Case]]) -> Mapping[tuple[str, str], Case]:
    """Of several cases under one key the one that is not closed, else the newest."""
    ordered = sorted(known, key=lambda pair: (pair[1].state != State.CLOSED, pair[1].opened_at, pair[1].reference))
    return dict(ordered)


def changed(case: Case, *, revision: int, at: datetime, **columns: Any) -> Case:
    """Write columns of a case if it is at that revision, and count it. Raises `Stale` if somebody was faster."""
    new = {**columns, "changed_at": at, "revision": revision + 1}
    if not Case.objects.filter(pk=case.pk, revision=revision).update(**new):
        raise Stale("The case changed since you read it.", remedy="Read it again and repeat what you meant to do.")
    for name, value in new.items():
        setattr(case, name, value)
    return case
