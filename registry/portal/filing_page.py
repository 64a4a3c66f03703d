"""From a filing and what hangs on it to its page: the same for authority and provider, less what only one may see."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext, ngettext

from registry.accounts.policy import Permission
from registry.acting import Actor, Audience
from registry.filings import duties, duty_lists, lifecycle
from registry.filings.checks import engine
from registry.filings.checks.catalogue import every_check
from registry.filings.lifecycle import Status
from registry.filings.models import Answer, Duty, Filing, Plea, PleaKind, Transition, Version
from registry.filings.models import Decision as DutyDecision
from registry.filings.review_clock import Clock, clock_of, elapsed, remaining
from registry.oversight import case_queries, queries
from registry.oversight.case_queries import Sought
from registry.oversight.models import Look
from registry.portal import (
    access_log,
    case_marks,
    curve,
    document_view,
    duty_marks,
    exchanges,
    filing_files,
    labels,
    step_forms,
)
from registry.portal.page import language
from registry.portal.presentation import words
from registry.portal.presentation.filing import (
    Asked,
    CheckRow,
    FilingPage,
    FindingRow,
)
from registry.portal.presentation.marks import (
    ClockCard,
    Crumb,
    Happening,
    Heading,
    Link,
    Meta,
    Pace,
    Run,
    Stretch,
)
from registry.quantities import parse_decimal
from registry.screening import rulebook, rules
from registry.screening.models import Finding

LAST_DAYS = timedelta(days=3)
LARGE = Decimal(10) ** 9


@dataclass(frozen=True)
class Read:
    """What was read of a filing in one unit of work. Versions and steps in order; `content` is the newest document."""

    filing: Filing
    versions: tuple[Version, ...]
    steps: tuple[Transition, ...]
    answers: tuple[Answer, ...]
    duties: tuple[Duty, ...]
    findings: tuple[Finding, ...]
    looks: tuple[Look, ...]
    pleas: tuple[Plea, ...]
    designations: tuple[DutyDecision, ...]
    content: Mapping[str, Any]


def read(filing: Filing, *, by: Actor) -> Read:
    """Everything the page shows. Findings for authorities only, looks for the provider only."""
    versions = tuple(filing.versions.select_related("filing").prefetch_related("crossings").order_by("number"))
    newest = versions[-1] if versions else None
    is_provider = by.audience is Audience.PROVIDER
    findings = () if is_provider else tuple(case_queries.findings(by, Sought()).filter(filing=filing).order_by("rule"))
    looks = tuple(Look.objects.visible_to(by).filter(filing=filing)[:50]) if is_provider else ()
    return Read(
        filing=filing,
        versions=versions,
        steps=tuple(filing.transitions.order_by("at", "id")),
        answers=tuple(newest.answers.order_by("id")) if newest and newest.canonical else (),  # none once erased
        duties=tuple(duty_lists.of_filing(filing)),
        pleas=tuple(queries.pleas_of(by, filing.id)),
        designations=tuple(filing.decisions.filter(plea__isnull=True)),
        findings=tuple(f for f in findings if f.version_number == filing.number and newest and newest.canonical),
        looks=looks,
        content=document_view.members(newest.canonical) if newest else filing.draft or {},
    )


def build(
    found: Read,
    *,
    by: Actor,
    at: datetime,
    crumbs: tuple[Crumb, ...],
    reviewer: str = "",
    purpose: str = "",
) -> FilingPage:
    """The page for `by`, as of `at`."""
    filing = found.filing
    is_provider = by.audience is Audience.PROVIDER
    clock = clock_of([(step.target, step.at) for step in found.steps], days=duties.review_days())
    steps = step_forms.decisions(filing, by=by, is_designated=_is_designated(found), content=found.content)
    return FilingPage(
        heading=_heading(found, crumbs, reviewer, by=by, can_decide=bool(steps) and not is_provider),
        clock=_clock_card(clock, at, is_provider=is_provider) if clock else None,
        curve=curve.figure(found.versions, at=at, files=filing_files.of_curve(filing, is_provider=is_provider)),
        changes=document_view.changes(found.versions[-2], found.versions[-1]) if len(found.versions) > 1 else None,
        checks=tuple(_check(answer) for answer in found.answers),
        checks_summary=_checks_summary(found),
        findings=tuple(_finding(finding) for finding in found.findings),
        findings_shown=not is_provider,
        summary=document_view.summary(found.filing, found.content),
        chapters=document_view.chapters(found.content),
        duties=tuple(duty_marks.row(duty, at, is_provider=is_provider) for duty in found.duties),
        asked=_asked(found, is_provider=is_provider),
        exchanges=exchanges.exchanges(filing, found.steps, found.content, by=by, at=at),
        history=_history(found),
        decisions=steps,
        evidence=filing_files.evidence(filing, found.versions, is_provider=is_provider),
        documents=filing_files.documents(filing, found.versions, found.steps, is_provider=is_provider),
        purpose=told_purpose(purpose) if purpose else "",
        versions=filing_files.versions(filing, found.versions, is_provider=is_provider),
        paper=filing_files.paper(filing, at),
    )


def told_purpose(purpose: str) -> str:
    """What stands on top of an identified page: why it is open, and who can see that."""
    told = gettext("You opened this filing for: %(purpose)s. This look is logged, and the provider can list it.")
    return told % {"purpose": purpose}


def _heading(found: Read, crumbs: tuple[Crumb, ...], reviewer: str, *, by: Actor, can_decide: bool) -> Heading:
    filing = found.filing
    meta = []
    if reviewer:
        meta.append(Meta("user-circle", gettext("Reviewer %(name)s") % {"name": reviewer}))
    if found.versions:
        newest = found.versions[-1]
        said = gettext("Version %(number)s, filed %(moment)s") % {
            "number": newest.number,
            "moment": words.moment(newest.submitted_at),
        }
        meta.append(Meta("file-text", said))
        entry = gettext("Entry %(index)s of the public log") % {"index": words.count(newest.entry_id)}
        meta.append(Meta("fingerprint", entry))
    name = gettext("%(kind)s, training run %(run)s, %(provider)s") % {
        "kind": labels.kind(filing.kind),
        "run": filing.run_id or "–",
        "provider": filing.organisation.legal_name,
    }
    return Heading(
        filing.reference,
        name,
        (*crumbs, Crumb(filing.reference)),
        labels.status(filing.status),
        tuple(meta),
        links=_side_links(filing, by),
        main_link=Link(gettext("Record a decision"), "#decide", "seal-check") if can_decide else _writing(filing, by),
    )


def _writing(filing: Filing, by: Actor) -> Link | None:
    """Where a provider goes on with its draft, or begins a further version."""
    if by.audience is not Audience.PROVIDER or Permission.FILING_AMEND.value not in by.permissions:
        return None
    if filing.status == Status.DRAFT:
        href = reverse("workspace-filings-draft", args=[filing.reference])
        return Link(gettext("Go on with the draft"), href, "pencil-simple")
    if filing.status == Status.RETURNED or lifecycle.holds(lifecycle.require_amendable, filing.status):
        return Link(gettext("Amend"), reverse("workspace-filings-amend", args=[filing.reference]), "pencil-simple")
    return None


def _side_links(filing: Filing, by: Actor) -> tuple[Link, ...]:
    """Where an authority goes beside deciding: to the organisation, and to showing; nowhere for a provider."""
    if by.audience is Audience.PROVIDER:
        return ()
    whose = Link(gettext("Provider"), reverse("oversight-provider", args=[filing.organisation_id]), "buildings")
    if not filing.number:
        return (whose,)
    share, hold = reverse("oversight-filings-share", args=[filing.reference]), reverse("holds-new")
    links = {
        Permission.FILING_SHARE: Link(gettext("Show to another authority"), share, "users-three"),
        Permission.FILING_HOLD: Link(gettext("Hold"), f"{hold}?reference={filing.reference}", "shield-check"),
    }
    return (whose, *(link for permission, link in links.items() if permission.value in by.permissions))


def _clock_card(clock: Clock, at: datetime, *, is_provider: bool) -> ClockCard | None:
    """The sentence, the legal end, and the bar of running and stopped time; nothing once it has ended."""
    if clock.ended_at is not None:
        return None
    left = remaining(clock, at)
    stands = bool(clock.stops) and clock.stops[-1][1] is None
    if stands:
        pace = Pace.SOON if is_provider else Pace.STOPPED
        told_turn = gettext("The authority’s clock stands still: it is your turn")
        sentence = told_turn if is_provider else gettext("The clock stands still: it is the provider’s turn")
    elif left < timedelta(0):
        pace = Pace.RUNNING if is_provider else Pace.LATE
        sentence = gettext("The authority is %(time)s late") if is_provider else gettext("%(time)s overdue")
        sentence = labels.capital(sentence % {"time": words.in_words(-left)})
    else:
        pace = Pace.SOON if left < labels.SOON and not is_provider else Pace.RUNNING
        sentence = gettext("The authority has %(time)s left") if is_provider else gettext("%(time)s left to decide")
        sentence = labels.capital(sentence % {"time": words.in_words(left)})
    stopped = elapsed(Clock(clock.started_at, clock.days), at) - elapsed(clock, at)
    told = [gettext("%(days)s days from a complete filing.") % {"days": clock.days}]
    if not stands:
        told.insert(0, gettext("Due %(moment)s.") % {"moment": words.moment(at + left)})
    if stopped:
        times = len(clock.stops)
        told.append(
            ngettext("Stopped once for %(time)s.", "Stopped %(times)s times for %(time)s in all.", times)
            % {"times": times, "time": words.in_words(stopped)}
        )
    explanation = " ".join(told)
    return ClockCard(pace, sentence, explanation, _stretches(clock, at), f"{sentence}. {explanation}")


def _stretches(clock: Clock, at: datetime) -> tuple[Stretch, ...]:
    """The bar: from the start to the due moment as it stands, or to now where that is later."""
    end = max(at + max(remaining(clock, at), timedelta(0)), at)
    whole = (end - clock.started_at) / timedelta(seconds=1) or 1

    def place(moment: datetime) -> int:
        return max(0, min(1000, round(1000 * ((moment - clock.started_at) / timedelta(seconds=1)) / whole)))

    edges: list[tuple[datetime, datetime, Run]] = []
    reached = clock.started_at
    for start, until in clock.stops:
        edges += [(reached, start, Run.RUNNING), (start, until or at, Run.STOPPED)]
        reached = until or at
    last = max(end - LAST_DAYS, reached)
    edges += [(reached, min(at, last), Run.RUNNING), (min(at, last), at, Run.LAST_DAYS)]
    return tuple(
        Stretch(kind, place(start), max(place(until) - place(start) - 2, 1))
        for start, until, kind in edges
        if until > start and place(until) > place(start)
    )


def _check(answer: Answer) -> CheckRow:
    shown = engine.stored(answer.code, answer.severity, answer.pointer, answer.inputs)
    sentence, remedy = engine.render(shown, language())
    rule = every_check().get(answer.code)
    return CheckRow(
        answer.code,
        labels.severity(answer.severity),
        words.powers(sentence),
        words.powers(remedy),
        answer.pointer,
        rule.source if rule else "",
    )


def _checks_summary(found: Read) -> str:
    if not found.versions:
        return ""
    told = gettext("rule set %(rules)s") % {"rules": found.versions[-1].rule_set}
    number = len(found.answers)
    if not number:
        return gettext("All checks passed; %(rules)s") % {"rules": told}
    shown = ngettext("%(count)s answer", "%(count)s answers", number) % {"count": number}
    return f"{shown}; {told}"


def _finding(finding: Finding) -> FindingRow:
    case, outcome = getattr(finding, "case_reference", ""), getattr(finding, "case_outcome", "")
    rule = rulebook.rule_of(finding.rule, finding.rule_version)
    hit = rules.Hit(finding.rule, finding.inputs, finding.rule_version)
    return FindingRow(
        finding.rule,
        labels.severity(finding.severity),
        rules.render(hit, language()),
        words.powers(rule.formula),
        tuple((name.replace("_", " "), _input(value)) for name, value in finding.inputs.items() if name != "cases"),
        rule.source,
        case_marks.outcome(outcome) if outcome else None,
        href=reverse("case", args=[case]) if case else "",
    )


def _input(value: object) -> str:
    """An input as people read it: large amounts with a power of ten, other values as they are."""
    text = str(value)
    try:
        amount = parse_decimal(text)
    except ValueError:
        return text
    return words.flop(amount, digits=4) if amount >= LARGE else words.count(round(amount, 4).normalize())


def _asked(found: Read, *, is_provider: bool) -> tuple[Asked, ...]:
    """What was asked and decided beside the versions, newest first."""

    def href(plea: Plea) -> str:
        return "" if is_provider else reverse("oversight-pleas-one", args=[found.filing.reference, plea.id])

    listed = [duty_marks.asked(plea, href=href(plea)) for plea in found.pleas]
    listed += [duty_marks.designated(decision) for decision in found.designations]
    return tuple(sorted(listed, key=lambda each: each.at, reverse=True))


def _is_designated(found: Read) -> bool:
    """Whether a designation stands: one that no later reassessment has lifted."""
    decided = [decision for plea in found.pleas if (decision := duty_marks.decision_of(plea))]
    lifted = [each.at for each in decided if each.kind == PleaKind.REASSESSMENT and each.is_granted]
    return any(all(moment <= each.at for moment in lifted) for each in found.designations)


def _history(found: Read) -> tuple[Happening, ...]:
    """Steps and looks, newest first."""
    newest = found.steps[-1].id if found.steps else None
    steps = [
        Happening(
            labels.STEP_ICONS.get(step.verb, "git-diff"),
            labels.happened(step.verb, step.version_number),
            step.at,
            step.reason if step.verb not in {"ask", "answer"} else "",
            step.actor_name,
            "current" if step.id == newest else "",
        )
        for step in found.steps
    ]
    looks = [
        Happening("eye", access_log.kind(look.kind), look.at, access_log.why(look), access_log.who(look))
        for look in found.looks
    ]
    return tuple(sorted([*steps, *looks], key=lambda each: each.at, reverse=True))
