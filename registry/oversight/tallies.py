"""Counting findings, cases and positions for analysts, who see sums and never whose they are."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime
from typing import Final

from django.db.models import Count
from django.db.models.functions import TruncMonth

from registry import rows
from registry.accounts.policy import UNION, Permission
from registry.acting import Actor, inside_acting_as
from registry.oversight.case_models import Case
from registry.oversight.tally_models import Tally
from registry.screening.models import Finding, Position

LEAST: Final = 3
"""A count below this is not kept: Delegated Regulation (EU) 2024/1364 Annex IV asks three for a published sum."""

Cell = tuple[str, str, str, date]  # kind, code, territory, month


@inside_acting_as
def count(*, by: Actor, at: datetime) -> int:
    """Count everything anew; returns how many cells there are. Raises `NotPermitted`."""
    by.require(Permission.TALLY_KEEP)
    found = Counter[Cell]()
    for cell, number in _counted(by):
        found[cell] += number
    Tally.objects.visible_to(by).delete()
    made = [
        {
            "kind": kind,
            "code": code,
            "territory": territory,
            "month": month,
            "count": number if number >= LEAST else None,
            "counted_at": at,
        }
        for (kind, code, territory, month), number in sorted(found.items())
    ]
    if made:
        rows.insert(Tally, made)
    return len(made)


def _counted(by: Actor) -> Iterator[tuple[Cell, int]]:
    """Each sum of a territory, and once more for the Union, which is where sums over territories belong."""
    findings = Finding.objects.visible_to(by).annotate(month=TruncMonth("found_at"))
    cases = Case.objects.visible_to(by).annotate(month=TruncMonth("opened_at"))
    found = findings.values_list("rule", "territory", "month").annotate(number=Count("pk")).order_by()
    opened = cases.values_list("state", "territory", "month").annotate(number=Count("pk")).order_by()
    for kind, counted in ((Tally.Kind.FINDING, found), (Tally.Kind.CASE, opened)):
        for code, territory, month, number in counted:
            for place in {territory, UNION}:
                yield (kind.value, code, place, month.date()), number
    crossed = Position.objects.visible_to(by).filter(kind=Position.Kind.OWNER_GROUP).exclude(crossed=[])
    for limits in crossed.values_list("limits", flat=True).iterator():
        for limit in limits:
            if limit["crossed_on"]:
                month = date.fromisoformat(limit["crossed_on"]).replace(day=1)
                yield (Tally.Kind.POSITION.value, limit["code"], UNION, month), 1
