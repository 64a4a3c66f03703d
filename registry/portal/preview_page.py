"""What a change of a threshold or of the checks would change among the filings one may see. Nothing is stored."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from registry.accounts.policy import Permission
from registry.acting import Actor
from registry.errors import Invalid, NotPossible
from registry.filings import previews, reference, thresholds
from registry.filings.checks.catalogue import RULE_SET
from registry.filings.models import Filing
from registry.filings.thresholds import Operator, Threshold
from registry.filings.working_days import day_of
from registry.portal import labels, rules_page, table_file
from registry.portal.page import REGULATORS, Page, language, with_query
from registry.portal.paging import part
from registry.portal.presentation import words
from registry.portal.presentation.duties import PreviewPage, SideChange, StateCount
from registry.portal.presentation.marks import Crumb, Fact, Field, Heading, Label, Notice, Option, Section, Tone
from registry.portal.table_file import ListFile
from registry.quantities import parse_limit

MOST = 2_000  # filings judged while a reader waits; beyond, the register's command does it
THRESHOLDS, CHECKS = "thresholds", "checks"
SYSTEMIC_RISK = "systemic-risk"


@dataclass(frozen=True)
class Found:
    """One change: the filing (or part of the catalogue), where in it, its value, whether it enters or leaves."""

    reference: str
    place: str
    value: str
    enters: bool
    said: tuple[str, ...] = ()


@dataclass(frozen=True)
class Draft:
    """What the form asks: a threshold with its limit changed, or the checks as of a day (none: each as it came)."""

    old: Threshold | None = None
    new: Threshold | None = None
    on: date | None = None


def draft(query: QueryDict, *, today: date) -> Draft | None:
    """The change described in the address; None where there is none. Raises `Invalid` for what cannot be read."""
    what = query.get("what")
    if what == CHECKS:
        return Draft(on=_day(query.get("on", "")) if query.get("on") else None)
    if what != THRESHOLDS:
        return None
    try:
        old = thresholds.threshold(query.get("threshold", ""), on=today)
    except KeyError:
        raise Invalid(gettext("Choose a threshold from the list.")) from None
    text = query.get("value", "").strip().replace(",", ".")[:40]
    try:
        value = parse_limit(text)
    except ValueError:
        raise Invalid(gettext("Write the limit as a number such as 1e25 or 3e24.")) from None
    sign = query.get("operator", old.operator.value)
    if sign not in set(Operator):
        raise Invalid(gettext("Choose on which side the limit itself lies."))
    return Draft(old, replace(old, value=value, value_text=text, operator=Operator(sign)))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid(gettext("Choose a day.")) from None


def changes(actor: Actor, asked: Draft) -> Iterator[Found]:
    """Everything that would change. Raises `NotPossible` where that is too much to wait for."""
    if Filing.objects.visible_to(actor).filed().count() > MOST:
        told = gettext("There are more than %(count)s filings.") % {"count": words.count(MOST)}
        raise NotPossible(told, remedy=gettext("Have the register’s command preview_rules do it."))
    return _judged(actor, asked.on) if asked.new is None or asked.old is None else _crossed(actor, asked.old, asked.new)


def _crossed(actor: Actor, old: Threshold, new: Threshold) -> Iterator[Found]:
    for change in previews.of_thresholds(actor, old=[old], new=[new]):
        name, _, place = change.reference.partition(" ")
        yield Found(name, place, f"{change.value:g}", change.is_crossed)


def _judged(actor: Actor, on: date | None) -> Iterator[Found]:
    for each in previews.of_checks(actor, on=on):
        appear = tuple(f"+ {labels.severity(severity).text} {code} {place}" for severity, code, place in each.appear)
        gone = tuple(f"− {labels.severity(severity).text} {code} {place}" for severity, code, place in each.disappear)
        yield Found(each.reference, each.rule_set, "", bool(appear), appear + gone)


class Preview(Page):
    """The form and, once it is sent, the result; the address says what was asked."""

    permission = Permission.OVERVIEW_READ
    audiences = REGULATORS

    def get(self, request: HttpRequest) -> HttpResponse:
        """Read only."""
        today = day_of(self.now)
        page = PreviewPage(
            heading=_heading(),
            fields=_fields(request.GET, today),
            check_fields=_check_fields(request.GET),
            action=reverse("preview"),
        )
        try:
            asked = draft(request.GET, today=today)
            if asked is not None:
                page = self._with_result(page, asked)
        except (Invalid, NotPossible) as refused:
            told = " ".join(each for each in (refused.sentence, refused.remedy) if each)
            page = replace(page, notices=(Notice("error", told),))
        return self.shown("oversight/preview.html", page)

    def _with_result(self, page: PreviewPage, asked: Draft) -> PreviewPage:
        with self.reading() as actor:
            found = list(changes(actor, asked))
            known = _filings(actor, found)
        shown = part(self.request, found, per_page=50)
        return replace(
            page,
            summary=_summary(found, asked),
            section=_section(asked),
            crossing_head=gettext("Would cross") if asked.new else gettext("More answers"),
            leaving_head=gettext("Would no longer") if asked.new else gettext("Fewer answers"),
            states=_by_state(found, known),
            rows=tuple(_row(each, known, asked) for each in shown.rows),
            files=table_file.links("preview", query=with_query(self.request, {})),
            pager=shown.pager,
        )


class PreviewFile(ListFile, Page):
    """The whole result as a file."""

    permission = Permission.OVERVIEW_READ
    audiences = REGULATORS

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """One line a change; codes and plain numbers, for machines."""
        asked = draft(request.GET, today=day_of(self.now))
        if asked is None:
            raise Invalid(gettext("Say first which change to preview."))
        with self.reading() as actor:
            found = list(changes(actor, asked))
            known = _filings(actor, found)
        lines = [
            (
                each.reference,
                known[each.reference].organisation.legal_name if each.reference in known else "",
                known[each.reference].territory if each.reference in known else "",
                each.place,
                each.value,
                "enters" if each.enters else "leaves",
                "; ".join(each.said),
            )
            for each in found
        ]
        head = ("reference", "provider", "territory", "place", "value", "change", "answers")
        return self.sent("preview", head, lines)


def _filings(actor: Actor, found: list[Found]) -> Mapping[str, Filing]:
    """The filings among what was found, with their providers, in one query."""
    references = {each.reference for each in found if reference.is_valid(each.reference)}
    listed = Filing.objects.visible_to(actor).filter(reference__in=references).select_related("organisation")
    return {filing.reference: filing for filing in listed}


def _by_state(found: list[Found], known: Mapping[str, Filing]) -> tuple[StateCount, ...]:
    """How many filings would change in each Member State, a filing with several changes counted once a direction."""
    crossing, leaving = Counter[str](), Counter[str]()
    for name, enters in {(each.reference, each.enters) for each in found if each.reference in known}:
        (crossing if enters else leaving)[known[name].territory] += 1
    states = sorted({*crossing, *leaving}, key=words.country)
    return tuple(StateCount(words.country(code), crossing[code], leaving[code]) for code in states)


def _row(each: Found, known: Mapping[str, Filing], asked: Draft) -> SideChange:
    filing = known.get(each.reference)
    if asked.new is None:
        becomes = Label(gettext("judged otherwise"), Tone.WAITING, "git-diff")
    elif each.enters:
        becomes = Label(gettext("would cross"), Tone.ALERT, "arrow-up")
    else:
        becomes = Label(gettext("would no longer"), Tone.DONE, "arrow-down")
    return SideChange(
        reference=each.reference,
        href=reverse("oversight-filings-one", args=[each.reference]) if filing else "",
        provider=filing.organisation.legal_name if filing else gettext("catalogue of accelerators"),
        country=words.country(filing.territory) if filing else "",
        place=rules_page.quantity_name(asked.new.quantity) if asked.new and filing else each.place,
        value=_amount(each.value),
        becomes=becomes,
        said=each.said,
    )


def _amount(text: str) -> str:
    """A value as people read it; answers have none."""
    if not text:
        return ""
    amount = Decimal(text)
    return words.flop(amount, digits=3) if amount >= rules_page.LARGE else words.count(amount)


def _summary(found: list[Found], asked: Draft) -> str:
    if not found:
        return gettext("Nothing would change among the filings you may see.")
    if asked.new is None:
        number = len(found)
        told = ngettext(
            "%(count)s filing would be judged otherwise.", "%(count)s filings would be judged otherwise.", number
        )
        return told % {"count": words.count(number)}
    crossing = sum(each.enters for each in found)
    return gettext("%(crossing)s values would newly cross it, %(leaving)s would no longer.") % {
        "crossing": words.count(crossing),
        "leaving": words.count(len(found) - crossing),
    }


def _section(asked: Draft) -> Section:
    if asked.old is None or asked.new is None:
        on = words.day(asked.on) if asked.on else gettext("the day of its receipt")
        compared = (
            Fact(gettext("Compared"), gettext("stored answers with rule set %(rules)s") % {"rules": RULE_SET}),
            Fact(gettext("Judged as of"), on),
        )
        return Section(gettext("Checks"), compared)
    facts = (
        Fact(gettext("Today"), rules_page.condition(asked.old)),
        Fact(gettext("Changed"), rules_page.condition(asked.new)),
        Fact(gettext("Legal basis"), asked.old.legal_basis),
    )
    return Section(words.powers(asked.old.sentence(language())), facts)


def _heading() -> Heading:
    return Heading(
        gettext("Preview of a change of rules"),
        gettext(
            "Which filings a changed threshold or the present checks would reach. Nothing is stored, nobody is told."
        ),
        (Crumb(gettext("Oversight"), reverse("overview")), Crumb(gettext("Preview of a change of rules"))),
    )


def _fields(query: Mapping[str, Any], today: date) -> tuple[Field, ...]:
    picked = query.get("threshold", SYSTEMIC_RISK)
    rows = sorted(thresholds.in_force(on=today), key=lambda row: row.code)
    options = tuple(Option(row.code, rules_page.named(row), row.code == picked) for row in rows)
    sign = query.get("operator", Operator.GREATER.value)
    signs = {Operator.GREATER.value: gettext("greater than"), Operator.AT_LEAST.value: gettext("at least")}
    return (
        Field("what", "", "hidden", THRESHOLDS),
        Field("threshold", gettext("Threshold"), "select", options=options, required=True),
        Field(
            "operator",
            gettext("Crossed when"),
            "select",
            options=tuple(Option(code, text, code == sign) for code, text in signs.items()),
            required=True,
        ),
        Field(
            "value",
            gettext("New limit"),
            value=str(query.get("value", "")),
            required=True,
            limit=40,
            help=gettext("In the threshold’s own unit, such as 3e24."),
        ),
    )


def _check_fields(query: Mapping[str, Any]) -> tuple[Field, ...]:
    told = gettext("Empty: each version as of the day it came, so that only the checks differ.")
    return (
        Field("what", "", "hidden", CHECKS),
        Field("on", gettext("As if all came on"), "date", str(query.get("on", "")), help=told),
    )
