"""The page of a case: its story, its findings explained, what belongs to it, its steps, and what can be done."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext

from registry.accounts.policy import Permission
from registry.acting import Actor
from registry.errors import Conflict, Invalid, NotFound, NotPermitted, NotPossible, Stale
from registry.filings.lifecycle import Status
from registry.filings.working_days import day_of
from registry.oversight import case_actions, case_queries, case_rules
from registry.oversight.case_actions import Decision as Closing
from registry.oversight.case_rules import State, Verb
from registry.oversight.models import Case, CaseFinding, CaseStep
from registry.portal import case_marks, case_story, labels, purpose, queue, stop_marks
from registry.portal.cases_page import person
from registry.portal.page import REGULATORS, Page, language, said
from registry.portal.presentation import words
from registry.portal.presentation.cases import CasePage, Outcome, StopMark
from registry.portal.presentation.filing import Decision, FindingRow
from registry.portal.presentation.marks import Crumb, Fact, Field, Happening, Heading, Meta, Option, Section
from registry.screening import rules
from registry.screening.models import Position
from registry.screening.rules import Hit

_ICONS: Mapping[str, str] = {
    Verb.OPEN.value: "folder-open",
    Verb.ADD.value: "flag",
    Verb.ASSIGN.value: "user-plus",
    Verb.RELEASE.value: "user",
    Verb.NOTE.value: "note-pencil",
    Verb.CLOSE.value: "check-circle",
    Verb.REOPEN.value: "arrow-u-up-left",
    Verb.LOOK.value: "eye",
}
_OTHER = "finding-"
_OF_PARTIES = ("_name", "_names")  # ends of inputs that name parties, several with this between them
_BETWEEN = "; "
_REFUSED = (Invalid, NotPossible, NotPermitted, Stale, Conflict)


class OneCase(Page):
    """The page."""

    permission = Permission.CASE_READ
    audiences = REGULATORS

    def get(self, request: HttpRequest, case: str) -> HttpResponse:
        """For a stated purpose; that it was looked at is a step of the case."""
        why = purpose.known(request)
        if why is None:
            return purpose.asked(request)
        with self.writing() as actor:
            found = case_actions.look_at(reference=case, purpose=why, by=actor, at=self.now)
            page = self._page(found, actor, why.text(language()))
        return self.shown("oversight/case.html", page)

    def _page(self, case: Case, actor: Actor, why: str) -> CasePage:
        parts = case_queries.parts_of(case, actor)
        stories = case_story.told(parts, actor, today=day_of(self.now))
        linked = case_queries.linked_findings(case, actor)
        stops = stop_marks.marks([*(part.finding for part in parts), *linked], actor, self.now)
        steps = CaseStep.objects.visible_to(actor).filter(case=case).order_by("-id")
        may = Permission.CASE_HANDLE.value in actor.permissions
        return CasePage(
            heading=_heading(case, len(parts)),
            purpose=why,
            findings=tuple(_explained(parts, stops)),
            stories=stories,
            days=case_story.days_in_order(stories, [part.finding for part in parts]),
            facts=_facts(case),
            position=_position(case, actor),
            linked_cases=tuple(case_marks.case_line(each) for each in case_queries.linked_cases(case, actor)),
            linked_findings=tuple(case_marks.finding_line(each, stop=stops.get(each.id)) for each in linked),
            history=tuple(_happening(step) for step in steps),
            decisions=tuple(_decisions(case, parts, actor, self)) if may else (),
            conclusion=case.reason,
            open_href=reverse("findings-open") if may else "",
        )


class CaseVerb(Page):
    """Something done to the case, then back to its page; a refusal is told there."""

    permission = Permission.CASE_HANDLE
    audiences = REGULATORS

    def post(self, request: HttpRequest, case: str, verb: str) -> HttpResponse:
        """Assign, note, close or reopen."""
        act = {"assign": self._assign, "note": self._note, "close": self._close, "reopen": self._reopen}.get(verb)
        if act is None:
            raise NotFound
        try:
            with self.writing() as actor:
                told = act(case, actor)
        except _REFUSED as refused:
            messages.error(request, " ".join(said(refused)))
        else:
            messages.success(request, told)
        return redirect("case", case)

    def _assign(self, case: str, by: Actor) -> str:
        to = person(self.request.POST.get("person", ""))
        case_actions.assign(references=[case], to=to, by=by, at=self.now, revision=self._revision())
        return gettext("The case is assigned.") if to else gettext("Nobody has the case now.")

    def _note(self, case: str, by: Actor) -> str:
        case_actions.write_note(reference=case, text=self.request.POST.get("text", ""), by=by, at=self.now)
        return gettext("Your note is kept.")

    def _close(self, case: str, by: Actor) -> str:
        form = self.request.POST
        named = {name.removeprefix(_OTHER): code for name, code in form.items() if name.startswith(_OTHER)}
        others = {int(number): str(code) for number, code in named.items() if code and number.isdecimal()}
        decision = Closing(form.get("reason_code", ""), form.get("reason", ""), others)
        case_actions.close(reference=case, revision=self._revision(), decision=decision, by=by, at=self.now)
        return gettext("The case is closed.")

    def _reopen(self, case: str, by: Actor) -> str:
        reason = self.request.POST.get("reason", "")
        case_actions.reopen(reference=case, revision=self._revision(), reason=reason, by=by, at=self.now)
        return gettext("The case is open again.")

    def _revision(self) -> int:
        """What the form was made from; a form without it was made from nothing."""
        text = self.request.POST.get("revision", "")
        return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else -1


def _heading(case: Case, count: int) -> Heading:
    return Heading(
        words.owner(case.title),
        crumbs=(
            Crumb(gettext("Oversight"), reverse("overview")),
            Crumb(gettext("Cases"), reverse("cases")),
            Crumb(case.reference),
        ),
        label=case_marks.state(case),
        meta=(
            Meta("folder-open", case.reference),
            Meta("globe", case_marks.place(case.territory)),
            Meta("flag", gettext("%(count)s findings, the gravest: %(severity)s") % {
                "count": words.count(count), "severity": labels.severity(case.severity).text,
            }),
            Meta("user", case.assigned_name or gettext("Nobody has it")),
            Meta("clock", gettext("open since %(moment)s") % {"moment": words.short_moment(case.opened_at)}),
        ),
    )  # fmt: skip


def _facts(case: Case) -> Section:
    facts = [
        Fact(gettext("Known as"), words.owner(case.group_key)),
        Fact(gettext("Severity"), labels.severity(case.severity).text),
        Fact(gettext("Competent"), case_marks.place(case.territory)),
    ]
    if case.outcome:
        facts.append(Fact(gettext("Came to"), case_marks.outcome(case.outcome).text, _reason(case.reason_code)))
    if case.closed_at:
        facts.append(Fact(gettext("Closed"), words.short_moment(case.closed_at), case.assigned_name))
    return Section(gettext("The case"), tuple(facts))


def _reason(code: str) -> str:
    return case_marks.reason_words(code) if code else ""


def _explained(parts: Iterable[CaseFinding], stops: Mapping[int, StopMark]) -> Iterable[Outcome]:
    """What each rule says of each party: the newest word of it, and after it those before."""
    said: dict[tuple[str, str, str], list[CaseFinding]] = {}
    for part in parts:
        finding = part.finding
        said.setdefault((finding.rule, finding.subject_kind, finding.subject_key), []).append(part)
    for several in said.values():
        *before, newest = sorted(several, key=lambda part: part.finding.id)
        earlier = tuple(_finding(part, None).finding for part in reversed(before))
        yield replace(_finding(newest, stops.get(newest.finding.id)), earlier=earlier)


def _finding(part: CaseFinding, stop: StopMark | None) -> Outcome:
    """A finding explained; of one whose content was erased only the rule is left."""
    finding = part.finding
    name, href = case_marks.subject(finding)
    outcome = case_marks.outcome(part.outcome) if part.outcome else None
    ask = ""
    filing = finding.filing
    if filing is not None and filing.status in {Status.SUBMITTED, Status.IN_REVIEW, Status.AWAITING_PROVIDER}:
        ask = f"{reverse('oversight-filings-one', args=[filing.reference])}#decide"
    try:
        told = rules.explain(Hit(finding.rule, _named(finding.inputs), finding.rule_version), language())
        row = FindingRow(
            told.code,
            labels.severity(finding.severity),
            told.sentence,
            words.powers(told.formula),
            tuple((input_name(known), value) for known, value in told.inputs),
            f"{told.name}. {told.source}",
            outcome,
            _reason(part.reason_code),
        )
    except KeyError:
        gone = gettext("What the rule saw is erased.")
        row = FindingRow(finding.rule, labels.severity(finding.severity), gone, outcome=outcome)
    return Outcome(row, name, href, ask, stop)


def _named(inputs: Mapping[str, str]) -> dict[str, str]:
    """What a rule saw, with words where only a key stands for a party."""
    return {
        name: _BETWEEN.join(map(words.owner, value.split(_BETWEEN))) if name.endswith(_OF_PARTIES) else value
        for name, value in inputs.items()
    }


def input_name(name: str) -> str:
    """The name of an input without what its end says of its form."""
    return name.replace("_", " ")


def _position(case: Case, by: Actor) -> Section | None:
    """What is added up for the owner group, for those who may read it."""
    found = (
        Position.objects.visible_to(by)
        .filter(kind=Position.Kind.OWNER_GROUP, group=case.group_key, read_on__isnull=False)
        .first()
    )
    if found is None:
        return None
    facts = [
        Fact(term, f"{words.flop(amount, digits=3)} FLOP", note)
        for term, amount, note in (
            (gettext("In the window"), found.window_flop, gettext("%(days)s days") % {"days": found.window_days}),
            (gettext("Highest"), found.peak_flop, words.day(found.peak_on) if found.peak_on else ""),
            (gettext("In all"), found.total_flop, ""),
        )
        if amount
    ]
    facts += [Fact(gettext("Crossed"), str(code)) for code in found.crossed]
    facts.append(Fact(gettext("Owner group"), found.name, href=reverse("oversight-positions-one", args=[found.id])))
    return Section(gettext("Position of the owner group"), tuple(facts))


def _happening(step: CaseStep) -> Happening:
    details = step.details
    titles = {
        Verb.OPEN.value: gettext("Case opened"),
        Verb.ADD.value: gettext("Further finding"),
        Verb.ASSIGN.value: gettext("Assigned to %(name)s") % {"name": details.get("to", "")},
        Verb.RELEASE.value: gettext("Given back"),
        Verb.NOTE.value: gettext("Note"),
        Verb.CLOSE.value: gettext("Case closed"),
        Verb.REOPEN.value: gettext("Case open again"),
        Verb.LOOK.value: gettext("Looked at"),
    }
    told = [", ".join(details.get("rules", ())), step.text]
    if step.kind == Verb.CLOSE.value:
        told.insert(0, f"{case_marks.outcome(details['outcome']).text}: {_reason(details['reason'])}")
    return Happening(
        icon=_ICONS[step.kind],
        title=titles[step.kind],
        at=step.at,
        detail=". ".join(each for each in told if each),
        by=step.actor_name,
        tone="alert" if step.kind == Verb.REOPEN.value else "",
    )


# --- what can be done ------------------------------------------------------------------------------------------------


def _decisions(case: Case, parts: Sequence[CaseFinding], by: Actor, page: Page) -> Iterable[Decision]:
    can = case_rules.verbs_in(State(case.state))
    me = queue.me(by)
    makers: tuple[tuple[Verb, Callable[[], Decision]], ...] = (
        (Verb.ASSIGN, lambda: _assigning(case, by, me, page)),
        (Verb.CLOSE, lambda: _closing(case, parts)),
        (Verb.NOTE, lambda: _noting(case)),
        (Verb.REOPEN, lambda: _reopening(case)),
    )
    return [make() for verb, make in makers if verb in can and (verb is not Verb.CLOSE or case.assigned_to == me)]


def _address(case: Case, verb: str) -> str:
    return reverse("case-verb", args=[case.reference, verb])


def _revised(case: Case) -> Field:
    return Field("revision", "", "hidden", str(case.revision))


def _assigning(case: Case, by: Actor, me: UUID | None, page: Page) -> Decision:
    people = [(each.user_id, each.user.name) for each in case_actions.colleagues(by, page.now)]
    options = case_marks.people_options(people, me=me)
    field = Field("person", gettext("To whom"), "select", options=options, required=True)
    return Decision(
        "assign",
        gettext("Assign"),
        gettext("To yourself or a colleague of your authority; or to nobody, so that another takes it."),
        _address(case, "assign"),
        "user-plus",
        (field, _revised(case)),
        main=case.assigned_to is None,
        open=case.assigned_to is None,
    )


def _closing(case: Case, parts: Sequence[CaseFinding]) -> Decision:
    reasons = case_marks.reason_options()
    fields = [
        Field("reason_code", gettext("What the case came to"), "select", options=reasons, required=True),
        Field(
            "reason",
            gettext("Why, in your words"),
            "area",
            rows=4,
            limit=case_rules.LONGEST_TEXT,
            required=True,
            help=gettext("It stays in the case for ever. Name your evidence."),
        ),
    ]
    same = Option("", gettext("As the case"))
    if len(parts) > 1:
        fields += [_of_one(part, same) for part in parts]
    return Decision(
        "close",
        gettext("Close the case"),
        gettext("The outcome of each finding counts for the precision of its rule."),
        _address(case, "close"),
        "check-circle",
        (*fields, _revised(case)),
        main=True,
    )


def _of_one(part: CaseFinding, same: Option) -> Field:
    name = case_marks.rule_name(part.finding.rule, part.finding.rule_version)
    options = (same, *case_marks.reason_options(part.reason_code))
    return Field(f"{_OTHER}{part.finding_id}", f"{part.finding.rule} {name}", "select", options=options)


def _noting(case: Case) -> Decision:
    field = Field("text", gettext("Note"), "area", limit=case_rules.LONGEST_TEXT, required=True)
    told = gettext("For your colleagues; never shown to a provider. It cannot be changed afterwards.")
    return Decision("note", gettext("Write a note"), told, _address(case, "note"), "note-pencil", (field,))


def _reopening(case: Case) -> Decision:
    field = Field("reason", gettext("Why"), "area", limit=case_rules.LONGEST_TEXT, required=True)
    told = gettext("The outcomes of its findings stay until it is closed again.")
    fields = (field, _revised(case))
    return Decision("reopen", gettext("Open again"), told, _address(case, "reopen"), "arrow-u-up-left", fields)
