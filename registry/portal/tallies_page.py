"""Figures of oversight for analysts: how many findings, cases and positions, by rule, state, threshold and month."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext

from registry.accounts.policy import Permission
from registry.acting import Audience
from registry.filings import thresholds
from registry.oversight.case_rules import State
from registry.oversight.models import Tally
from registry.portal import case_marks, table_file
from registry.portal.page import Page, language
from registry.portal.presentation import monthly, words
from registry.portal.presentation.figures import Figure
from registry.portal.presentation.marks import Crumb, Heading, Link, Meta
from registry.portal.table_file import ListFile
from registry.screening import rulebook

ANALYSTS = frozenset({Audience.ANALYST})
MONTHS_SHOWN = 12
COLUMNS = ("kind", "code", "territory", "month", "count")


@dataclass(frozen=True)
class TallyRow:
    """A code with its count by month, in the order of the table's months; `code` where people use it."""

    code: str
    name: str
    counts: tuple[str, ...]


@dataclass(frozen=True)
class TallyTable:
    """One kind: its months, newest first, and its codes."""

    title: str
    text: str
    head: str
    months: tuple[str, ...]
    rows: tuple[TallyRow, ...]
    figure: Figure | None = None


@dataclass(frozen=True)
class TalliesPage:
    """The page."""

    heading: Heading
    tables: tuple[TallyTable, ...]
    files: tuple[Link, ...]


class Tallies(Page):
    """The tables."""

    permission = Permission.TALLY_READ
    audiences = ANALYSTS

    def get(self, request: HttpRequest) -> HttpResponse:
        """The counts of the analyst's territory; no purpose is asked, as nobody is named."""
        with self.reading() as actor:
            kept = list(Tally.objects.visible_to(actor))
        counted = [Meta("calendar-blank", _as_of(kept))] if kept else []
        page = TalliesPage(
            heading=Heading(
                gettext("Figures of oversight"),
                gettext("How many there are; c stands for a count that would tell of single groups. Nobody is named."),
                (Crumb(gettext("Figures of oversight")),),
                meta=(*counted, Meta("globe", words.country(actor.territory))),
            ),
            tables=tuple(_tables(kept)),
            files=table_file.links("tallies"),
        )
        return self.shown("oversight/tallies.html", page)


class TalliesFile(ListFile, Page):
    """The same as a file, all months."""

    permission = Permission.TALLY_READ
    audiences = ANALYSTS

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """A row for each cell; an empty count is one below three."""
        with self.reading() as actor:
            kept = list(Tally.objects.visible_to(actor))
        rows = [(each.kind, each.code, each.territory, f"{each.month:%Y-%m}", each.count) for each in kept]
        return self.sent("tallies", COLUMNS, rows)


def _as_of(kept: list[Tally]) -> str:
    return gettext("Data as of %(moment)s") % {"moment": words.moment(max(each.counted_at for each in kept))}


def _tables(kept: Iterable[Tally]) -> Iterable[TallyTable]:
    of = {kind: [each for each in kept if each.kind == kind] for kind in Tally.Kind.values}
    rules = {rule.code: rule.names[language()] for rule in rulebook.rows()}
    states = {state.value: case_marks.open_state(state.value).text for state in State}
    limits = {
        each.code: f"{words.flop(Decimal(each.value.numerator) / each.value.denominator)} FLOP"
        for each in thresholds.rows()
        if each.unit == "FLOP"
    }
    yield _table(
        "finding", of["finding"], rules, gettext("Findings"),
        gettext("By rule and the month in which they were found."), gettext("Rule"),
    )  # fmt: skip
    yield _table(
        "case", of["case"], states, gettext("Cases"), gettext("By state and the month in which they were opened."),
        gettext("State"),
    )  # fmt: skip
    yield _table(
        "position", of["position"], limits, gettext("Positions of owner groups"),
        gettext("By threshold and the month in which it was crossed; for the whole Union only."),
        gettext("Threshold"),
    )  # fmt: skip


def _table(uid: str, kept: list[Tally], names: Mapping[str, str], title: str, text: str, head: str) -> TallyTable:
    months = sorted({each.month for each in kept}, reverse=True)[:MONTHS_SHOWN]
    cells = {(each.code, each.month): each for each in kept}
    codes = sorted({each.code for each in kept if each.month in months})
    rows = []
    for code in codes:
        counts = tuple(_shown(cells.get((code, month))) for month in months)
        rows.append(TallyRow(code if code.startswith("R-") else "", names.get(code, code), counts))
    sums = [_sum_of(month, [cells.get((code, month)) for code in codes]) for month in reversed(months)]
    figure = monthly.by_month(uid=uid, title=title, months=sums) if sums else None
    return TallyTable(title, text, head, tuple(f"{month:%Y-%m}" for month in months), tuple(rows), figure)


def _sum_of(month: date, cells: list[Tally | None]) -> monthly.Month:
    """What is known of a month, and whether something in it is withheld."""
    told = [each.count for each in cells if each is not None]
    return monthly.Month(month, sum(count for count in told if count is not None), None in told)


def _shown(cell: Tally | None) -> str:
    if cell is None:
        return "0"
    if cell.count is None:
        return words.WITHHELD
    return words.count(cell.count)
