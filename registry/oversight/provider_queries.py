"""A provider as its authority sees it: how it stands in a list, and all that is known of one.

Every query starts from rows the actor may see; a list takes a fixed number of them, however long it is.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from itertools import chain
from typing import Any, Final
from uuid import UUID

from django.db.models import Count, Exists, F, Max, OuterRef, Q, QuerySet

from registry.acting import Actor
from registry.compute.models import Return
from registry.filings.duties import State
from registry.filings.duty_models import states
from registry.filings.lifecycle import Status
from registry.filings.models import Duty, DutyQuerySet, Filing, Transition
from registry.filings.ownership_document import organisation_key
from registry.organisations.models import Mandate, Organisation, Statement
from registry.oversight import case_keeping
from registry.oversight.case_models import Case, CaseFinding
from registry.oversight.case_rules import State as CaseState
from registry.oversight.queries import OPEN
from registry.screening.models import Finding, MatchRate, Position

DEVELOPER, OPERATOR = "developer", "operator"
OVERDUE, WAITING, FOUND = "overdue", "waiting", "found"
_UNDECIDED: Final = ~Q(in_case__case__state=CaseState.CLOSED.value)


@dataclass(frozen=True)
class Sought:
    """What a list of providers is narrowed to; empty lets everything through.

    `role` is developer or operator (of facilities), `standing` overdue, waiting (for a decision) or found (findings).
    """

    words: str = ""
    territory: str = ""
    role: str = ""
    standing: str = ""


@dataclass(frozen=True)
class Standing:
    """How a provider stands: filings, duties and findings in numbers. `judged` duties are done or past."""

    filings: int = 0
    waiting: int = 0
    newest: datetime | None = None
    in_time: int = 0
    judged: int = 0
    overdue: int = 0
    findings: int = 0


def providers(actor: Actor, sought: Sought, *, at: datetime) -> QuerySet[Organisation]:
    """The organisations that the actor may see, by name."""
    found = Organisation.objects.visible_to(actor)
    if sought.words:
        named = Q(legal_name__icontains=sought.words) | Q(ultimate_parent_name__icontains=sought.words)
        found = found.filter(named | Q(lei__istartswith=sought.words) | Q(euid__istartswith=sought.words))
    if sought.territory:
        found = found.filter(territory=sought.territory)
    if sought.role:
        found = found.filter(**{"is_developer" if sought.role == DEVELOPER else "is_compute_provider": True})
    if sought.standing == OVERDUE:
        overdue = Duty.objects.visible_to(actor).standing().filter(states(at)[State.OVERDUE])
        found = found.filter(Exists(overdue.filter(organisation=OuterRef("pk"))))
    elif sought.standing == WAITING:
        open_ones = Filing.objects.visible_to(actor).open_for_authority()
        found = found.filter(Exists(open_ones.filter(organisation=OuterRef("pk"))))
    elif sought.standing == FOUND:
        findings = Finding.objects.visible_to(actor).filter(_UNDECIDED)
        found = found.filter(Exists(findings.filter(organisation=OuterRef("pk"))))
    return found.order_by("legal_name", "id")


def standings(actor: Actor, organisations: Collection[UUID], *, at: datetime) -> Mapping[UUID, Standing]:
    """How each of these stands, in three queries."""
    of_these = Q(organisation__in=organisations)
    filed = Filing.objects.visible_to(actor).filed().filter(of_these).values("organisation")
    filings = filed.annotate(
        filings=Count("id"), waiting=Count("id", filter=Q(status__in=OPEN)), newest=Max("submitted_at")
    ).order_by()
    how = states(at)
    owed = Duty.objects.visible_to(actor).standing().filter(of_these, due_at__isnull=False).values("organisation")
    duties = owed.annotate(
        in_time=Count("id", filter=how[State.MET]),
        judged=Count("id", filter=how[State.MET] | how[State.LATE] | how[State.OVERDUE]),
        overdue=Count("id", filter=how[State.OVERDUE]),
    ).order_by()
    hits = Finding.objects.visible_to(actor).filter(of_these, _UNDECIDED).values("organisation")
    findings = hits.annotate(findings=Count("id", distinct=True)).order_by()
    found = dict.fromkeys(organisations, Standing())
    for row in chain(filings, duties, findings):
        numbers: dict[str, Any] = {name: value for name, value in row.items() if name != "organisation"}
        found[row["organisation"]] = replace(found[row["organisation"]], **numbers)
    return found


def owed_by(organisation: Organisation, actor: Actor) -> DutyQuerySet:
    """Every duty with a last day, of the organisation itself and of its filings, by that day."""
    standing = Duty.objects.visible_to(actor).standing().filter(organisation=organisation, due_at__isnull=False)
    return standing.order_by("falls_at", "id")


def steps_of(organisation: Organisation, actor: Actor, *, limit: int) -> list[Transition]:
    """What happened to its filings lately, newest first."""
    steps = Transition.objects.visible_to(actor).filter(organisation=organisation).select_related("filing")
    return list(steps.order_by("-at", "-id")[:limit])


def questions_to(organisation: Organisation, actor: Actor, *, limit: int) -> list[Transition]:
    """What it was asked about its filings and has not answered, the soonest due first."""
    again = Transition.objects.filter(filing=OuterRef("filing"), verb="ask", id__gt=OuterRef("id"))
    asked = Transition.objects.visible_to(actor).filter(organisation=organisation, verb="ask")
    waiting = asked.filter(~Exists(again), filing__status=Status.AWAITING_PROVIDER).select_related("filing")
    return list(waiting.order_by(F("answer_by").asc(nulls_last=True), "at", "id")[:limit])


def spoken_last(organisation: Organisation, actor: Actor) -> Transition | None:
    """The newest of what somebody filed or answered for it; None where nobody did."""
    own = Transition.objects.visible_to(actor).filter(organisation=organisation, verb__in=("submit", "answer"))
    return own.order_by("-at", "-id").first()


def statement_of(organisation: Organisation, actor: Actor) -> Statement | None:
    """What it last said of itself, with its contacts; None where it was entered without."""
    return Statement.objects.visible_to(actor).filter(organisation=organisation).order_by("-number").first()


def mandates_of(organisation: Organisation, actor: Actor, *, at: datetime) -> list[Mandate]:
    """The mandates by which others act for it: those that run or are offered, the newest first."""
    given = Mandate.objects.visible_to(actor).filter(organisation=organisation, ends_at__gt=at)
    return list(given.filter(declined_at__isnull=True, revoked_at__isnull=True).order_by("-given_at", "id"))


def returns_of(organisation: Organisation, actor: Actor, *, limit: int) -> list[Return]:
    """Its returns, the newest month first."""
    return list(Return.objects.visible_to(actor).filter(organisation=organisation).order_by("-month", "id")[:limit])


def match_rate(organisation: Organisation, actor: Actor) -> Decimal | None:
    """Which share of its reported hours agrees with filings; None where nothing was held together yet."""
    found = MatchRate.objects.visible_to(actor).filter(organisation=organisation)
    return found.values_list("matched_share", flat=True).first()


def account_of(organisation: Organisation) -> str:
    """What screening calls it."""
    return organisation_key(lei=organisation.lei, euid=organisation.euid, identity=str(organisation.id))


def positions_of(organisation: Organisation, actor: Actor, *, at: datetime, limit: int) -> list[Position]:
    """The positions of its owner group and that group's lineages, the highest first: for the Union's authority."""
    account = account_of(organisation)
    group = case_keeping.groups_of([account], by=actor, at=at)[account]
    found = Position.objects.visible_to(actor).filter(group=group, peak_flop__gt=0)
    return list(found.order_by("-peak_flop", "pk")[:limit])


def cases_of(organisation: Organisation, actor: Actor, *, limit: int) -> list[Case]:
    """The cases about it that are not closed, the newest first."""
    parts = CaseFinding.objects.visible_to(actor).filter(finding__organisation_id=organisation.id)
    about = Q(pk__in=parts.values("case")) | Q(group_key=account_of(organisation))
    found = Case.objects.visible_to(actor).filter(about).exclude(state=CaseState.CLOSED.value)
    counted = found.annotate(findings=Count("parts", distinct=True))
    return list(counted.order_by("-opened_at", "reference")[:limit])


def findings_of(organisation: Organisation, actor: Actor, *, limit: int) -> list[Finding]:
    """Findings about it that nobody has decided, newest first."""
    found = Finding.objects.visible_to(actor).filter(_UNDECIDED, organisation=organisation)
    known = found.select_related("organisation", "filing", "facility")
    return list(known.order_by("-found_at", "-id")[:limit])
