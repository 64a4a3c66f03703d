"""A provider's duties: what is to be done by when, one duty with what can be asked about it, and the calendar."""

from abc import ABC, abstractmethod
from datetime import date, datetime
from typing import Any, ClassVar

from django.conf import settings
from django.contrib import messages
from django.db.models import Count, Exists, F, OuterRef, Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext

from registry.accounts.policy import Permission
from registry.acting import Actor
from registry.errors import Conflict, Invalid, NotFound, NotPossible
from registry.filings import calendar_feed, duties, duty_actions, duty_lists
from registry.filings.models import Duty, DutyQuerySet, Plea
from registry.filings.working_days import end_of_day
from registry.portal import duty_forms, duty_marks, labels
from registry.portal.page import PROVIDERS, REGULATORS, Page, language, said, with_query
from registry.portal.paging import part
from registry.portal.presentation import words
from registry.portal.presentation.duties import DutiesPage, DutyPage
from registry.portal.presentation.marks import Crumb, Fact, Heading, Link, Tab
from registry.portal.presentation.overview import KeyFigure
from registry.portal.step_forms import LONGEST_REASON


def views(at: datetime) -> dict[str, tuple[str, Q]]:
    """The saved views: their words and what they hold."""
    due, done = Q(due_at__isnull=False), Q(met_at__isnull=False)
    waiting = Exists(Plea.objects.filter(duty=OuterRef("pk"), decision__isnull=True))
    return {
        "todo": (gettext("To do"), due & ~done),
        "overdue": (gettext("Overdue"), due & ~done & Q(falls_at__lt=at)),
        "asked": (gettext("Decision awaited"), Q(waiting)),
        "late": (gettext("Done late"), due & Q(met_at__gt=F("falls_at"))),
        "done": (gettext("Done in time"), due & Q(met_at__lte=F("falls_at"))),
        "later": (gettext("Only from a day on"), ~due),
    }


def next_due(actor: Actor) -> Duty | None:
    """The duty not done that falls due first, with what was granted; its filing is fetched with it."""
    todo = Duty.objects.visible_to(actor).standing().filter(met_at__isnull=True, due_at__isnull=False)
    return todo.select_related("filing").order_by("falls_at", "id").first()


class Duties(Page):
    """The organisation's duties, over all its filings, and its own."""

    permission = Permission.FILING_READ
    audiences = PROVIDERS

    def get(self, request: HttpRequest) -> HttpResponse:
        """What falls due first on top; what is done, newest first."""
        known = views(self.now)
        current = next((name for name in known if name == request.GET.get("view")), "todo")
        order = "-falls_at" if current in {"late", "done"} else "falls_at"
        with self.reading() as actor:
            found = duty_lists.listed(actor)
            counts = Duty.objects.visible_to(actor).standing().aggregate(**_counted(self.now))
            shown = part(request, found.filter(known[current][1]).order_by(order, "id"))
            rows = tuple(duty_marks.line(duty, self.now) for duty in shown.rows)
            first = next_due(actor)
        page = DutiesPage(
            heading=Heading(
                gettext("Duties"),
                gettext("What the law asks of you, by when. Days end at midnight in Brussels."),
                (Crumb(gettext("Workspace"), reverse("workspace")), Crumb(gettext("Duties"))),
            ),
            key_figures=_key_figures(counts, first, self.now),
            tabs=tuple(
                Tab(text, counts[name], with_query(request, {"view": name}), name == current)
                for name, (text, _) in known.items()
            ),
            rows=rows,
            feed=Link(gettext("Calendar (iCalendar)"), reverse("workspace-duties-calendar"), "calendar-blank"),
            pager=shown.pager,
        )
        return self.shown("workspace/duties.html", page)


def _counted(at: datetime) -> dict[str, Count]:
    return {name: Count("id", filter=chosen) for name, (_, chosen) in views(at).items()}


def _key_figures(counts: dict[str, int], first: Duty | None, at: datetime) -> tuple[KeyFigure, ...]:
    href = reverse("workspace-duties")
    is_late = first is not None and first.falls_at < at
    return (
        KeyFigure(
            gettext("Overdue"),
            words.count(counts["overdue"]),
            gettext("past the due moment, not done"),
            f"{href}?view=overdue",
            "warning-octagon",
            "late" if counts["overdue"] else "",
        ),
        KeyFigure(
            gettext("Next due"),
            words.short_day(first.falls_at) if first else "–",
            duty_marks.name(first.code) if first else gettext("none open"),
            duty_marks.address(first) if first else href,
            "calendar-check",
            "late" if is_late else "",
        ),
        KeyFigure(
            gettext("Decision awaited"),
            words.count(counts["asked"]),
            gettext("asked of the authority"),
            f"{href}?view=asked",
            "hourglass-medium",
        ),
        KeyFigure(
            gettext("Done late"),
            words.count(counts["late"]),
            gettext("seen by both sides"),
            f"{href}?view=late",
            "warning",
            "soon" if counts["late"] else "",
        ),
    )


class _Calendar(Page):
    """The duties one may see as a calendar file: the same events as the feed of the API."""

    permission = Permission.FILING_READ
    audiences = PROVIDERS

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """text/calendar, in the language of the page."""
        with self.reading() as actor:
            content = duty_lists.feed_for(actor, at=self.now, language=language(), base_url=settings.BASE_URL)
        answer = HttpResponse(content, content_type=f"{calendar_feed.MEDIA_TYPE}; charset=utf-8")
        answer["Content-Disposition"] = 'attachment; filename="duties.ics"'
        return answer


class Calendar(_Calendar):
    """A provider's own."""


class AuthorityCalendar(_Calendar):
    """Those owed in the territory of an authority."""

    permission = Permission.OVERVIEW_READ
    audiences = REGULATORS


class OneDuty(Page):
    """One duty of one filing."""

    permission = Permission.FILING_READ
    audiences = PROVIDERS

    def get(self, request: HttpRequest, reference: str, code: str, day: str) -> HttpResponse:
        """What it asks, how it stands, what was asked and decided, and the forms for what can be asked now."""
        with self.reading() as actor:
            page = page_of(found(duty_lists.listed(actor), reference, code, day), by=actor, at=self.now)
        return self.shown("workspace/duty.html", page)


def page_of(duty: Duty, *, by: Actor, at: datetime) -> DutyPage:
    """The page of a duty, fetched with filing, pleas and decisions, with what `by` can ask now."""
    beside = list(_beside(by, duty))
    text = duties.duty_text(duty.code, language())
    crumbs = (
        Crumb(gettext("Duties"), reverse("workspace-duties")),
        Crumb(duty_marks.about(duty), duty_marks.about_address(duty)),
        Crumb(text.name),
    )
    return DutyPage(
        heading=Heading(text.name, "", crumbs, duty_marks.state(duty, at)),
        sentence=text.sentence,
        facts=_facts(duty, at),
        asked=tuple(
            duty_marks.asked(plea)
            for plea in sorted((*duty.pleas.all(), *beside), key=lambda each: each.at, reverse=True)
        ),
        decisions=duty_forms.of_duty(duty, beside, by=by, at=at),
    )


def found(among: DutyQuerySet, reference: str, code: str, day: str) -> Duty:
    """The duty of that address, or NotFound; nonsense for a day looks like another day."""
    try:
        trigger_on = date.fromisoformat(day)
    except ValueError:
        raise NotFound from None
    duty = among.filter(filing__reference=reference, code=code, trigger_on=trigger_on).first()
    if duty is None:
        raise NotFound
    return duty


def _beside(actor: Actor, duty: Duty) -> list[Plea]:
    """Pleas about the filing that concern this duty: rebuttals of the notification, requests for reassessment."""
    kinds = duty_forms.BESIDE.get(duty.code)
    if kinds is None or duty.filing_id is None:
        return []
    pleas = Plea.objects.visible_to(actor).filter(filing_id=duty.filing_id, duty__isnull=True, kind=kinds)
    return list(pleas.select_related("decision", "duty"))


def _facts(duty: Duty, at: datetime) -> tuple[Fact, ...]:
    rule = duties.rule_of(duty.code)
    whose = gettext("Commission (AI Office)") if rule.authority == "ai_office" else gettext("Member State")
    facts = [
        Fact(gettext("Due"), duty_marks.due(duty), ", ".join(duty_marks.notes(duty, at))),
        Fact(gettext("Clock"), labels.capital(duty_marks.clock(duty, at).text)),
        Fact(gettext("Started by"), words.day(duty.trigger_on), gettext("the day itself is not counted")),
        Fact(*duty_marks.hangs_on(duty)),
        Fact(gettext("Owed to"), whose),
        Fact(
            gettext("Legal basis"),
            duty_marks.basis(duty.code),
            href=rule.source if rule.source.startswith("https://") else "",
        ),
    ]
    return tuple(facts)


class DutyStep(Page, ABC):
    """Something a provider asks or reports about one duty, by a form. A subclass makes the one domain call."""

    permission = Permission.DUTY_PLEAD
    audiences = PROVIDERS
    told: ClassVar[str] = ""

    back = "workspace-duties-one"

    def post(self, request: HttpRequest, **where: Any) -> HttpResponse:
        """Do it, or say why not; either way back to the duty."""
        try:
            with self.writing() as actor:
                self.take(self.found(actor, **where), actor)
        except (NotPossible, Conflict, Invalid) as refused:
            messages.error(request, " ".join(said(refused)))
        else:
            messages.success(request, self.success())
        return HttpResponseRedirect(reverse(self.back, kwargs=where))

    def found(self, actor: Actor, **where: Any) -> Duty:
        """The duty that the address names."""
        return found(duty_lists.listed(actor), where["reference"], where["code"], where["day"])

    @abstractmethod
    def take(self, duty: Duty, by: Actor) -> None:
        """The one domain call."""

    def success(self) -> str:
        """What stands on the page once it is done."""
        return gettext("Sent to the authority. Its decision will stand here, with its reason.")

    def written(self, name: str) -> str:
        """A text of the form, which must not be empty."""
        text = self.request.POST.get(name, "").strip()[:LONGEST_REASON]
        if not text:
            raise Invalid(gettext("Write what the other side will read."))
        return text

    def day(self, name: str) -> date:
        """A day of the form."""
        try:
            return date.fromisoformat(self.request.POST.get(name, ""))
        except ValueError:
            raise Invalid(gettext("Choose a day.")) from None


class Extension(DutyStep):
    """Ask for more time."""

    def take(self, duty: Duty, by: Actor) -> None:
        """Until the end of the chosen day in Brussels."""
        duty_actions.ask_extension(
            reference=duty.filing.reference if duty.filing else None,
            subject=duty.subject,
            code=duty.code,
            trigger_on=duty.trigger_on,
            until=end_of_day(self.day("until")),
            reason=self.written("reason"),
            by=by,
            at=self.now,
        )


class Excuse(DutyStep):
    """Ask to be excused for what is late."""

    def take(self, duty: Duty, by: Actor) -> None:
        """The dates stay."""
        duty_actions.ask_excuse(
            reference=duty.filing.reference if duty.filing else None,
            subject=duty.subject,
            code=duty.code,
            trigger_on=duty.trigger_on,
            reason=self.written("reason"),
            by=by,
            at=self.now,
        )


class Reassessment(DutyStep):
    """Ask for a reassessment of the designation."""

    def take(self, duty: Duty, by: Actor) -> None:
        """Art. 52(5)."""
        duty_actions.ask_reassessment(reference=duty.name, reason=self.written("reason"), by=by, at=self.now)


class Report(DutyStep):
    """Report what was done elsewhere."""

    permission = Permission.DUTY_REPORT

    def take(self, duty: Duty, by: Actor) -> None:
        """What was done, when, and where it can be seen."""
        duty_actions.report(
            reference=duty.name,
            code=duty.code,
            done_on=self.day("done_on"),
            evidence=self.written("evidence"),
            by=by,
            at=self.now,
        )

    def success(self) -> str:
        """Nobody decides about a report."""
        return gettext("Reported.")


class Rebuttal(DutyStep):
    """Argue that the model has no systemic risk: files an update of the filing that carries the argument."""

    permission = Permission.FILING_AMEND

    def take(self, duty: Duty, by: Actor) -> None:
        """A rebuttal is part of a version (Guidelines, paragraphs 32 to 41)."""
        if duty.filing is None:
            raise NotFound
        duty_forms.rebut(duty.filing, self.request.POST, by=by, at=self.now, language=language())
