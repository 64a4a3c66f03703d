"""Keeping what the rules found: whom it is about, one statement for many hits, and nothing found twice."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import rfc8785

from registry import rows
from registry.screening import rules
from registry.screening.models import Finding
from registry.screening.rules import CASES, Hit
from registry.screening.shapes import Snapshot, SubjectKind

UNION = "EU"
"""The territory of what no single Member State may see whole."""
_LONGEST_KEY, _LONGEST_NAME = 200, 300
_AS_OF = "as_of"


@dataclass(frozen=True, kw_only=True)
class Subject:
    """Whom findings are about, and who may see them: a row's organisation and territory.

    `content` tells what was looked at (`content_of`), `group_key` what links findings of one owner group.
    """

    kind: SubjectKind
    key: str
    organisation_id: UUID
    territory: str
    name: str = ""
    group_key: str = ""
    content: str = ""
    filing_id: int | UUID | None = None
    facility_id: UUID | None = None
    version_number: int | None = None


def keep(found: Iterable[tuple[Subject, Hit]], *, at: datetime) -> list[Finding]:
    """Store the hits that are new: of one rule version, in one version of a filing or one content of another subject.

    One statement; returns the findings made, by rule.
    """
    made = rows.insert(
        Finding, [_row(subject, hit, at) for subject, hit in found], conflict="do nothing", returning="id"
    )
    return list(Finding.objects.filter(id__in=made).order_by("rule", "id"))


def content_of(snapshot: Snapshot) -> str:
    """SHA-256 over what a snapshot holds, but for the day: it looks the same tomorrow if nothing was said since."""
    return hashlib.sha256(rfc8785.dumps(_plain(snapshot))).hexdigest()


def _row(subject: Subject, hit: Hit, at: datetime) -> dict[str, Any]:
    return {
        "subject_kind": subject.kind.value,
        "subject_key": subject.key[:_LONGEST_KEY],
        "subject_name": subject.name[:_LONGEST_NAME],
        "group_key": subject.group_key[:_LONGEST_KEY],
        "content": _content(subject, hit),
        "filing_id": subject.filing_id,
        "facility_id": subject.facility_id,
        "version_number": subject.version_number,
        "organisation_id": subject.organisation_id,
        "territory": subject.territory,
        "rule": hit.rule,
        "rule_version": hit.version,
        "severity": rules.severity(hit).value,
        "inputs": hit.inputs,
        "found_at": at,
    }


def _content(subject: Subject, hit: Hit) -> str:
    """With the cases that held: time alone may bring another, as when an authorisation expires."""
    return hashlib.sha256(f"{subject.content} {hit.inputs[CASES]}".encode()).hexdigest() if subject.content else ""


def _plain(value: object) -> Any:
    """The value as JSON: dataclasses by their fields, sets sorted, amounts and days as text."""
    if value is None or isinstance(value, (bool, int, str)):
        return str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if isinstance(value, (Decimal, date)):
        return format(value, "f") if isinstance(value, Decimal) else value.isoformat()
    if isinstance(value, frozenset):
        return sorted(str(each) for each in value)
    if isinstance(value, Sequence):
        return [_plain(each) for each in value]
    return {each.name: _plain(getattr(value, each.name)) for each in fields(value) if each.name != _AS_OF}  # type: ignore[arg-type]
