"""Questions about findings and cases: lists with their filters, what belongs together, how precise each rule was."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, repeat

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery

from registry.acting import Actor
from registry.oversight.case_models import Case, CaseFinding
from registry.oversight.case_opening import without_case
from registry.oversight.case_rules import State
from registry.screening.models import Finding
from registry.screening.precision import Judged, Outcome, Precision, precisions


@dataclass(frozen=True)
class Sought:
    """What a list of findings is narrowed to; empty lets everything through. `standing` is waiting, open or closed."""

    rule: str = ""
    severity: str = ""
    standing: str = ""
    territory: str = ""
    words: str = ""


def findings(by: Actor, sought: Sought) -> QuerySet[Finding]:
    """The findings that an actor may see, newest first, each with the reference and state of its case."""
    found = Finding.objects.visible_to(by).select_related("organisation", "filing", "facility")
    part = CaseFinding.objects.visible_to(by).filter(finding=OuterRef("pk"))
    found = found.annotate(
        case_reference=Subquery(part.values("case__reference")[:1]),
        case_state=Subquery(part.values("case__state")[:1]),
        case_outcome=Subquery(part.values("outcome")[:1]),
    )
    for column in ("rule", "severity", "territory"):
        if value := getattr(sought, column):
            found = found.filter(**{column: value})
    if sought.words:
        named = Q(subject_name__icontains=sought.words) | Q(organisation__legal_name__icontains=sought.words)
        keyed = Q(subject_key__istartswith=sought.words) | Q(group_key=sought.words)
        found = found.filter(named | keyed | Q(filing__reference__istartswith=sought.words))
    if sought.standing == "waiting":
        found = found.filter(without_case())
    elif sought.standing == "open":
        found = found.filter(in_case__case__state__in=[State.OPEN.value, State.ASSIGNED.value])
    elif sought.standing == "closed":
        found = found.filter(in_case__case__state=State.CLOSED.value)
    return found.order_by("-found_at", "-id")


def cases(by: Actor) -> QuerySet[Case]:
    """The cases that an actor may see, with how many findings each has; who waits longest comes first."""
    return (
        Case.objects.visible_to(by).annotate(findings=Count("parts", distinct=True)).order_by("opened_at", "reference")
    )


def views(person: object) -> dict[str, Q]:
    """The saved views of the queue."""
    is_open = ~Q(state=State.CLOSED.value)
    return {
        "all": is_open,
        "mine": is_open & Q(assigned_to=person),
        "unassigned": Q(state=State.OPEN.value),
        "closed": Q(state=State.CLOSED.value),
    }


def parts_of(case: Case, by: Actor) -> list[CaseFinding]:
    """The findings of a case with their outcomes, the gravest first."""
    found = CaseFinding.objects.visible_to(by).filter(case=case)
    known = found.select_related("finding__organisation", "finding__filing", "finding__facility")
    order = {"stop": 0, "high": 1, "medium": 2, "low": 3}
    return sorted(known, key=lambda each: (order.get(each.finding.severity, 4), each.finding.rule, each.id))


def linked_findings(case: Case, by: Actor, *, limit: int = 50) -> list[Finding]:
    """Findings of the same parties that are not in the case, newest first: those of low weight that wait."""
    accounts = set(CaseFinding.objects.visible_to(by).filter(case=case).values_list("account", flat=True))
    same = Q(group_key__in=[*accounts, case.group_key])
    whose = CaseFinding.objects.visible_to(by).filter(case=case, finding__group_key="")
    of_whom = Q(group_key="", organisation_id__in=whose.values("finding__organisation_id"))
    found = Finding.objects.visible_to(by).filter(same | of_whom).filter(without_case())
    return list(found.select_related("organisation", "filing").order_by("-found_at", "-id")[:limit])


def linked_cases(case: Case, by: Actor, *, limit: int = 50) -> list[Case]:
    """Other cases of the same owner group: in other territories, and those that hold findings of the same parties."""
    accounts = CaseFinding.objects.visible_to(by).filter(case=case).values("account")
    same = Q(group_key=case.group_key) | Q(parts__account__in=accounts) | Q(group_key__in=accounts)
    found = Case.objects.visible_to(by).filter(same).exclude(pk=case.pk).distinct()
    return list(found.order_by("-opened_at", "reference")[:limit])


def precision_by_rule(by: Actor) -> Mapping[tuple[str, str], tuple[int, Precision]]:
    """By rule and version how many findings there are and what became of them: of those the actor may see."""
    counted = (
        Finding.objects.visible_to(by)
        .values("rule", "rule_version", outcome=F("in_case__outcome"))
        .annotate(count=Count("id"))
        .order_by()
    )
    judged = chain.from_iterable(
        repeat(
            Judged(row["rule"], row["rule_version"], Outcome(row["outcome"]) if row["outcome"] else None), row["count"]
        )
        for row in counted
    )
    return {(each.rule, each.version): (each.decided + each.waiting, each) for each in precisions(judged)}


def waiting_since(by: Actor) -> tuple[int, datetime | None]:
    """How many cases nobody has, and since when the oldest of them."""
    found = Case.objects.visible_to(by).filter(state=State.OPEN.value)
    oldest = found.order_by("opened_at").first()
    return found.count(), oldest.opened_at if oldest else None
