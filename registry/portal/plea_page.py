"""What providers ask of an authority: the list of what waits, one request with its evidence, decision, designation."""

import uuid
from collections.abc import Sequence
from datetime import date
from typing import Any

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext

from registry.accounts.policy import Permission
from registry.acting import Actor, Audience
from registry.errors import Conflict, Invalid, NotFound, NotPossible
from registry.filings import duties, duty_actions
from registry.filings.models import Plea, PleaKind
from registry.filings.working_days import day_of, end_of_day
from registry.oversight import looks, queries
from registry.oversight.models import LookKind
from registry.portal import document_view, duty_marks, filings, step_forms
from registry.portal import purpose as purpose_page
from registry.portal.page import REGULATORS, Page, language, said, with_query
from registry.portal.paging import part
from registry.portal.presentation import words
from registry.portal.presentation.duties import PleaLine, PleaPage, PleasPage
from registry.portal.presentation.filing import Chapter, Decision
from registry.portal.presentation.marks import Crumb, Fact, Field, Heading, Link, Tab
from registry.portal.step_forms import LONGEST_REASON

GRANT, REFUSE = "grant", "refuse"


def views(audience: Audience) -> dict[str, tuple[str, Q]]:
    """The saved views: their words and what they hold."""
    return {
        "mine": (gettext("For you to decide"), queries.decided_by(audience)),
        "all": (gettext("All"), Q()),
        PleaKind.EXTENSION.value: (gettext("More time"), Q(kind=PleaKind.EXTENSION.value)),
        PleaKind.EXCUSE.value: (gettext("Excuses"), Q(kind=PleaKind.EXCUSE.value)),
        PleaKind.REBUTTAL.value: (gettext("Rebuttals"), Q(kind=PleaKind.REBUTTAL.value)),
        PleaKind.REASSESSMENT.value: (gettext("Reassessments"), Q(kind=PleaKind.REASSESSMENT.value)),
    }


class Pleas(Page):
    """All that waits for a decision."""

    permission = Permission.OVERVIEW_READ
    audiences = REGULATORS

    def get(self, request: HttpRequest) -> HttpResponse:
        """The longest waiting first."""
        if (why := purpose_page.known(request)) is None:
            return purpose_page.asked(request)
        with self.writing() as actor:
            known = views(actor.audience)
            current = next((name for name in known if name == request.GET.get("view")), "mine")
            found = queries.waiting_pleas(actor)
            counts = found.order_by().aggregate(
                **{name: Count("id", filter=chosen) for name, (_, chosen) in known.items() if chosen},
                all=Count("id"),
            )
            shown = part(request, found.filter(known[current][1]))
            rows = tuple(self._line(plea) for plea in shown.rows)
            seen = [plea.filing for plea in shown.rows if plea.filing]
            looks.note(seen, kind=LookKind.LISTED, purpose=why, by=actor, at=self.now)
        request.counts = {"pleas": counts["all"]}  # type: ignore[attr-defined]
        page = PleasPage(
            heading=Heading(
                gettext("Requests"),
                gettext("What providers have asked for and nobody has decided, the longest waiting first."),
                _crumbs(),
                links=(Link(gettext("Calendar of duties"), reverse("oversight-duties-calendar"), "calendar-blank"),),
            ),
            tabs=tuple(
                Tab(text, counts[name], with_query(request, {"view": name}), name == current)
                for name, (text, _) in known.items()
            ),
            rows=rows,
            pager=shown.pager,
        )
        return self.shown("oversight/pleas.html", page)

    def _line(self, plea: Plea) -> PleaLine:
        reference, href = _about(plea)
        return PleaLine(
            kind=duty_marks.kind(plea.kind),
            href=_address(plea, "one"),
            reference=reference,
            filing_href=href,
            provider=plea.organisation.legal_name,
            country=words.country(plea.territory),
            subject=duty_marks.subject(plea),
            asked_at=plea.at,
            waits=words.lasting(self.now - plea.at),
            until=duty_marks.last_moment(plea.until),
            decides=_decider(plea),
        )


def _about(plea: Plea) -> tuple[str, str]:
    """What it is about as people call it, and the page of that."""
    if plea.filing is None:
        return gettext("The organisation itself"), reverse("oversight-organisation", args=[plea.organisation_id])
    return plea.filing.reference, reverse("oversight-filings-one", args=[plea.filing.reference])


def _address(plea: Plea, verb: str) -> str:
    if plea.filing is None:
        return reverse(f"oversight-own-pleas-{verb}", args=[plea.organisation_id, plea.id])
    return reverse(f"oversight-pleas-{verb}", args=[plea.filing.reference, plea.id])


def _decider(plea: Plea) -> str:
    is_union = plea.duty is None or duties.rule_of(plea.duty.code).authority == "ai_office"
    return gettext("AI Office") if is_union else words.country(plea.territory)


def _crumbs(*more: Crumb) -> tuple[Crumb, ...]:
    here = Crumb(gettext("Requests"), reverse("pleas")) if more else Crumb(gettext("Requests"))
    return (Crumb(gettext("Oversight"), reverse("overview")), here, *more)


class Open(filings.Open):
    """Why somebody opens the filing that a request is about."""

    def post(self, request: HttpRequest, reference: str, plea: uuid.UUID | None = None) -> HttpResponse:
        """Keep the answer for this session and go to the request."""
        super().post(request, reference)
        return redirect("oversight-pleas-one", reference=reference, plea=plea)

    def get(self, request: HttpRequest, reference: str, plea: uuid.UUID | None = None) -> HttpResponse:
        """The same question as before the filing itself."""
        return super().get(request, reference)


class OnePlea(Page):
    """One request."""

    permission = Permission.FILING_READ
    audiences = REGULATORS

    def get(self, request: HttpRequest, reference: str, plea: uuid.UUID) -> HttpResponse:
        """The page, once a purpose is stated; each look is logged like a look at the filing."""
        purpose = filings.known_purpose(request, reference)
        if not purpose:
            return redirect("oversight-pleas-open", reference=reference, plea=plea)
        with self.writing() as actor:
            filing = filings.opened(reference, purpose, by=actor, at=self.now)
            asked = list(queries.pleas_of(actor, filing.id))
            told = gettext(
                "You opened this filing for: %(purpose)s. This look is logged, and the provider can list it."
            ) % {"purpose": purpose.text(language())}
            page = page_of(plea, asked, purpose=told, by=actor)
        return self.shown("oversight/plea.html", page)


def page_of(plea: uuid.UUID, among: Sequence[Plea], *, purpose: str, by: Actor) -> PleaPage:
    """The page of one request among all about the same thing. Raises `NotFound` where it is not there."""
    found = next((each for each in among if each.id == plea), None)
    if found is None:
        raise NotFound
    can = queries.waiting_pleas(by).filter(queries.decided_by(by.audience), id=plea).exists()
    can = can and _permission(found) in by.permissions
    return PleaPage(
        heading=_heading(found),
        purpose=purpose,
        asked=duty_marks.asked(found),
        facts=_facts(found),
        evidence=_evidence(found),
        decisions=_decisions(found) if can else (),
        earlier=tuple(duty_marks.asked(each) for each in reversed(among) if each.id != plea),
        not_yours=""
        if can or duty_marks.decision_of(found)
        else gettext("On this request decides: %(whose)s.") % {"whose": _decider(found)},
    )


def _permission(plea: Plea) -> str:
    return (Permission.RISK_DECIDE if plea.duty is None else Permission.DUTY_DECIDE).value


def _heading(plea: Plea) -> Heading:
    kind, provider = duty_marks.kind(plea.kind), plea.organisation.legal_name
    reference, href = _about(plea)
    whose = gettext("%(provider)s, filing %(reference)s") % {"provider": provider, "reference": reference}
    link = Link(gettext("The filing"), href, "file-text")
    if plea.filing is None:
        whose, link = provider, Link(gettext("The organisation"), href, "buildings")
    return Heading(
        f"{kind.text}: {duty_marks.subject(plea)}",
        whose,
        _crumbs(Crumb(reference if plea.filing else provider, href), Crumb(kind.text)),
        duty_marks.outcome(duty_marks.decision_of(plea)),
        links=(link,),
    )


def _facts(plea: Plea) -> tuple[Fact, ...]:
    """The duty and its moments; of a rebuttal the version that carries it."""
    facts = [Fact(gettext("Decides"), _decider(plea))]
    if plea.duty is not None:
        facts += [
            Fact(gettext("Duty"), duty_marks.name(plea.duty.code), duty_marks.basis(plea.duty.code)),
            *([Fact(gettext("About"), plea.duty.subject)] if plea.duty.subject else []),
            Fact(gettext("Due"), duty_marks.due(plea.duty), ", ".join(duty_marks.notes(plea.duty, plea.at))),
        ]
    if plea.until is not None:
        facts.append(Fact(gettext("Asked until"), duty_marks.last_moment(plea.until)))
    if plea.version is not None and plea.filing is not None:
        href = reverse("oversight-filings-versions-one", args=[plea.filing.reference, plea.version.number])
        facts.append(Fact(gettext("Filed with version"), str(plea.version.number), "", href))
    facts.append(Fact(gettext("SHA-256 of what was asked"), bytes(plea.digest).hex(), monospace=True))
    return tuple(facts)


def _evidence(plea: Plea) -> tuple[Chapter, ...]:
    """What the version says in support of a rebuttal."""
    if plea.version is None:
        return ()
    argued = document_view.members(plea.version.canonical).get("rebuttal")
    return document_view.chapters({"rebuttal": argued}) if argued else ()


def _decisions(plea: Plea) -> tuple[Decision, ...]:
    """The two forms: granting and refusing, each with what the provider will read."""
    href = _address(plea, "decide")
    fields: list[Field] = [Field("verdict", "", "hidden", GRANT)]
    if plea.until is not None:
        told = gettext("Another day than the one asked for is possible.")
        fields.append(
            Field(
                "until", gettext("Until the end of"), "date", day_of(plea.until).isoformat(), help=told, required=True
            )
        )
    reason = step_forms.reason("reason", gettext("Reason"), gettext("Part of the record; cannot be changed later."))
    values = {"what": duty_marks.subject(plea), "reference": _about(plea)[0]}
    return (
        Decision(
            GRANT,
            gettext("Grant"),
            _granting(plea.kind),
            href,
            "check-circle",
            (*fields, reason),
            gettext("Granted, with your reason: %(what)s, filing %(reference)s.") % values,
            main=True,
            open=True,
        ),
        Decision(
            REFUSE,
            gettext("Refuse"),
            gettext("Nothing changes. The provider may ask again with other reasons."),
            href,
            "x-circle",
            (Field("verdict", "", "hidden", REFUSE), reason),
            gettext("Refused, with your reason: %(what)s, filing %(reference)s.") % values,
        ),
    )


def _granting(kind: str) -> str:
    return {
        PleaKind.EXTENSION.value: gettext("The due moment moves; what is done by then is done in time."),
        PleaKind.EXCUSE.value: gettext("It stays late, and both sides see that it is excused."),
        PleaKind.REBUTTAL.value: gettext("Accepted: the model does not count as one with systemic risk."),
        PleaKind.REASSESSMENT.value: gettext("The designation is lifted."),
    }[kind]


class _Deciding(Page):
    """A decision about duties, by a form."""

    permission = Permission.DUTY_DECIDE
    audiences = REGULATORS

    def reason(self) -> str:
        """The reason in the form, which must not be empty."""
        text = self.request.POST.get("reason", "").strip()[:LONGEST_REASON]
        if not text:
            raise Invalid(gettext("Write what the other side will read."))
        return text


class Decide(_Deciding):
    """Grant or refuse."""

    back = "oversight-pleas-one"

    def post(self, request: HttpRequest, **where: Any) -> HttpResponse:
        """Decide, or say why not; either way back to the request."""
        try:
            with self.writing() as actor:
                self._take(self.found(actor, **where).id, actor)
        except (NotPossible, Conflict, Invalid) as refused:
            messages.error(request, " ".join(said(refused)))
        else:
            messages.success(request, gettext("Decided. The provider is told, with your reason."))
        return HttpResponseRedirect(reverse(self.back, kwargs=where))

    def found(self, actor: Actor, **where: Any) -> Plea:
        """The request that the address names."""
        chosen = Plea.objects.visible_to(actor).filter(id=where["plea"], filing__reference=where["reference"])
        found = chosen.first()
        if found is None:
            raise NotFound
        return found

    def _take(self, plea: uuid.UUID, by: Actor) -> None:
        verdict, given = self.request.POST.get("verdict"), self.request.POST.get("until", "")
        if verdict not in {GRANT, REFUSE}:
            raise Invalid(gettext("Grant or refuse."))
        until: dict[str, Any] = {}
        if verdict == GRANT and given:
            try:
                until = {"granted_until": end_of_day(date.fromisoformat(given))}
            except ValueError:
                raise Invalid(gettext("Choose a day.")) from None
        duty_actions.decide(plea=plea, is_granted=verdict == GRANT, reason=self.reason(), by=by, at=self.now, **until)


class Designate(_Deciding):
    """Designate the model of a filing as one with systemic risk: the AI Office alone (Art. 52(4), 88)."""

    permission = Permission.RISK_DECIDE

    def post(self, request: HttpRequest, reference: str) -> HttpResponse:
        """Designate, or say why not; either way back to the filing."""
        try:
            with self.writing() as actor:
                duty_actions.designate(reference=reference, reason=self.reason(), by=actor, at=self.now)
        except (NotPossible, Conflict, Invalid) as refused:
            messages.error(request, " ".join(said(refused)))
        else:
            messages.success(request, gettext("Designated. The provider is told, with your reason."))
        return redirect("oversight-filings-one", reference=reference)
