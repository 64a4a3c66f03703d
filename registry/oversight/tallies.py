"""Counting findings, cases and positions for analysts, who see sums and never whose they are."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime

from django.db.models import Case as Choice
from django.db.models import Count, F, TextField, When
from django.db.models.functions import Cast, TruncMonth

from registry import rows
from registry.accounts.policy import UNION, Permission
from registry.acting import Actor, inside_acting_as
from registry.oversight.case_models import Case
from registry.oversight.tally_models import Tally
from registry.oversight.tally_rules import SHARED, told
from registry.screening.models import Finding, Position
from registry.statistics.disclosure.rules import Rules

Shown = tuple[str, str, date]  # kind, code, month
Counts = dict[tuple[str, str], int]  # by territory and owner group


@inside_acting_as
def count(*, rules: Rules, by: Actor, at: datetime) -> int:
    """Count everything anew; returns how many cells there are. Raises `NotPermitted`."""
    by.require(Permission.TALLY_KEEP)
    found: dict[Shown, Counts] = defaultdict(lambda: defaultdict(int))
    for shown, territory, group, number in _counted(by):
        found[shown][SHARED if territory == UNION else territory, group] += number
    Tally.objects.visible_to(by).delete()
    made = [
        {"kind": kind, "code": code, "territory": place, "month": month, "count": number, "counted_at": at}
        for (kind, code, month), counts in sorted(found.items())
        for place, number in told(counts, rules).items()
    ]
    if made:
        rows.insert(Tally, made)
    return len(made)


def _counted(by: Actor) -> Iterator[tuple[Shown, str, str, int]]:
    """What there is by kind, code and month, in a territory or (EU) in several, and the owner group it is about."""
    findings = Finding.objects.visible_to(by).annotate(month=TruncMonth("found_at"))
    alone = When(group_key="", then=Cast("organisation_id", TextField()))
    named = findings.annotate(group=Choice(alone, default=Cast("group_key", TextField())))
    cases = Case.objects.visible_to(by).annotate(month=TruncMonth("opened_at"), group=F("group_key"))
    found = named.values_list("rule", "territory", "group", "month").annotate(number=Count("pk")).order_by()
    opened = cases.values_list("state", "territory", "group", "month").annotate(number=Count("pk")).order_by()
    for kind, counted in ((Tally.Kind.FINDING, found), (Tally.Kind.CASE, opened)):
        for code, territory, group, month, number in counted:
            yield (kind.value, code, month.date()), territory, group, number
    crossed = Position.objects.visible_to(by).filter(kind=Position.Kind.OWNER_GROUP).exclude(crossed=[])
    for group, limits in crossed.values_list("group", "limits").iterator():
        for limit in limits:
            if limit["crossed_on"]:
                month = date.fromisoformat(limit["crossed_on"]).replace(day=1)
                yield (Tally.Kind.POSITION.value, limit["code"], month), UNION, group, 1
