"""Duties: what the law asks of a provider by when, and whether it was done.

The duties are data (`data/duties.toml`); this module reckons with them. Due moments follow Regulation 1182/71
(`working_days`), in Brussels, and so do dates that the law names outright, such as 15 May. What must *wait* (a request
for reassessment, a deletion) is not prolonged by rest days: Article 3(4) is there for acts still to be done.
"""

import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

from registry.filings.lifecycle import Text
from registry.filings.working_days import (
    Term,
    Unit,
    day_of,
    due,
    end_of_day,
    nominal_end,
    start_of_day,
    working_day_from,
)

_DATA = Path(__file__).with_name("data") / "duties.toml"
_ONE_DAY = timedelta(days=1)

Calendar = Mapping[str, frozenset[date]]  # public holidays by calendar: "EU" or a Member State's ISO 3166-1 code


class State(StrEnum):
    """How a duty stands at a moment."""

    NOT_BEFORE = "not_before"
    OPEN = "open"
    MET = "met"
    LATE = "late"
    OVERDUE = "overdue"


class Direction(StrEnum):
    """On which side of its moment the act must lie, and whether it recurs."""

    WITHIN = "within"
    BEFORE = "before"
    EVERY = "every"
    EACH_YEAR = "each_year"
    EACH_MONTH = "each_month"
    NOT_BEFORE = "not_before"


@dataclass(frozen=True, kw_only=True)
class DutyRule:
    """One row of `data/duties.toml`; the file's head explains the columns."""

    code: str
    basis: str
    source: str
    force: str
    trigger: str
    direction: Direction
    authority: str
    calendar: str
    met_by: frozenset[str]
    term: Term | None = None
    day: int = 0
    month: int = 0
    until: str = ""
    threshold: str = ""
    applies_from: date = date.min
    grace: tuple[date, date] = (date.min, date.min)


@dataclass(frozen=True)
class Submission:
    """Something the provider did: its kind, when, the thresholds its estimate crosses, the change of owners it states.

    A version counts from its receipt; what is done outside the register counts from the day on which it was done.
    `year` is the calendar year that a yearly report is about, where it says so, `month` the first day of a return's.
    """

    kind: str
    at: datetime
    thresholds: frozenset[str] = frozenset()
    ownership_changed_on: date | None = None
    year: int | None = None
    month: date | None = None


class ExceptionKind(StrEnum):
    """An extension moves the due moment; an excuse leaves it and takes the blame off a late act."""

    EXTENSION = "extension"
    EXCUSE = "excuse"


@dataclass(frozen=True, kw_only=True)
class DutyException:
    """A reasoned decision of the authority about one duty. `trigger_on` None means every occurrence of it.

    Raises ValueError without a reason, or for an extension that does not say until when.
    """

    kind: ExceptionKind
    duty_code: str
    reason: str
    decided_by: str
    decided_at: datetime
    granted_until: datetime | None = None
    trigger_on: date | None = None

    def __post_init__(self) -> None:
        if not self.reason.strip():
            raise ValueError("a decision about a duty needs its reason")
        if (self.kind is ExceptionKind.EXTENSION) != (self.granted_until is not None):
            raise ValueError("an extension, and only an extension, says until when it is granted")


@dataclass(frozen=True, kw_only=True)
class FilingFacts:
    """All that the duties of one filing depend on. Days are days of Brussels; `territory` is the Member State's code.

    What an organisation owes by itself is reckoned from the same facts (registry.filings.organisation_duties).

    `crossed` maps the code of each threshold to the day on which the cumulative estimate passes it.
    """

    territory: str
    planned_start_on: date | None = None
    actual_start_on: date | None = None
    actual_end_on: date | None = None
    met_on: date | None = None
    known_on: date | None = None
    crossed: Mapping[str, date] | None = None
    placed_on_market_on: date | None = None
    ownership_changed_on: tuple[date, ...] = ()
    ownership_as_of: date | None = None
    facility_operates_from: date | None = None
    facility_closed_on: date | None = None
    lends_from: date | None = None
    lends_until: date | None = None
    registered_on: date | None = None
    designated_on: date | None = None
    reassessment_refused_on: tuple[date, ...] = ()
    submitted: tuple[Submission, ...] = ()
    exceptions: tuple[DutyException, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Duty:
    """One duty: either `due_at` or `not_before` is set. `state` is that of the moment `as_of`."""

    code: str
    trigger_on: date
    due_at: datetime | None
    not_before: datetime | None
    met_at: datetime | None
    as_of: datetime
    basis: str
    force: str
    authority: str
    exceptions: tuple[DutyException, ...] = ()

    @property
    def state(self) -> State:
        """The state at the moment for which the duty was reckoned."""
        return state_at(self, self.as_of)


@cache
def rules() -> tuple[DutyRule, ...]:
    """All duties of the law as the register keeps them, in the order of the file."""
    return tuple(_rule(row) for row in _data()["duty"])


def rule_of(code: str) -> DutyRule:
    """The duty of that code. Raises KeyError for an unknown one."""
    return {rule.code: rule for rule in rules()}[code]


def duty_text(code: str, language: str = "en") -> Text:
    """Name and sentence of a duty. Raises KeyError for an unknown code or a language other than en, fr, de."""
    rows = {row["code"]: row for row in _data()["duty"]}
    entry = rows[code][language]
    return Text(name=entry["name"], sentence=entry["sentence"])


def basis_text(code: str, language: str = "en") -> str:
    """The legal basis of a duty as lawyers of a language write it. Raises KeyError as `duty_text` does."""
    row = {row["code"]: row for row in _data()["duty"]}[code]
    return str(row[language].get("basis", row["basis"]))


def review_days() -> int:
    """How many calendar days the authority gives itself for a review, by the register's own rule."""
    return int(_data()["clock"]["review_days"])


def duties_of(facts: FilingFacts, calendar: Calendar, *, at: datetime) -> tuple[Duty, ...]:
    """Every duty that the facts have triggered, as of `at`, by due moment.

    Recurring duties are listed up to the occurrence that runs at `at`. Raises ValueError when `calendar` lacks the
    holidays of a calendar that a duty needs: silence there would be a wrong date.
    """
    found = [duty for rule in rules() for duty in _of_rule(rule, facts, calendar, at)]
    return tuple(sorted(found, key=lambda duty: (duty.due_at or duty.not_before or at, duty.code)))


def effective_due(duty: Duty, at: datetime) -> datetime | None:
    """The due moment with the extensions decided by `at`; None for what must wait."""
    if duty.due_at is None:
        return None
    granted = (e.granted_until for e in duty.exceptions if e.granted_until and e.decided_at <= at)
    return max([duty.due_at, *granted])


def state_at(duty: Duty, at: datetime) -> State:
    """How `duty` stands at `at`. Met on time or late is told apart for ever; an extension decided later counts."""
    is_met = duty.met_at is not None and duty.met_at <= at
    if duty.not_before is not None and at < duty.not_before:
        return State.NOT_BEFORE
    due_at = effective_due(duty, at)
    if duty.met_at is not None and is_met:
        return State.LATE if due_at is not None and duty.met_at > due_at else State.MET
    return State.OVERDUE if due_at is not None and at > due_at else State.OPEN


def is_excused(duty: Duty, at: datetime) -> bool:
    """Whether the authority had excused the lateness of `duty` by `at`."""
    return any(e.kind is ExceptionKind.EXCUSE and e.decided_at <= at for e in duty.exceptions)


def met_at(rule: DutyRule, submitted: Sequence[Submission], opens_on: date, moment: datetime) -> datetime | None:
    """When the duty of that trigger and moment was first done; a recurring one by what came after its window opened."""
    fitting = (s for s in submitted if s.kind in rule.met_by)
    if rule.threshold:
        return min((s.at for s in fitting if rule.threshold in s.thresholds), default=None)
    match rule.direction:
        case Direction.EVERY | Direction.EACH_YEAR:
            about = (s for s in fitting if s.year in {None, opens_on.year})
            return min((s.at for s in about if day_of(s.at) > opens_on), default=None)
        case Direction.EACH_MONTH:
            return min((s.at for s in fitting if s.month == opens_on.replace(day=1)), default=None)
        case Direction.NOT_BEFORE:
            return min((s.at for s in fitting if s.at >= moment), default=None) if rule.met_by else moment
        case _ if rule.trigger == "ownership_changed":
            return min((s.at for s in fitting if day_of(s.at) >= opens_on), default=None)
        case _:
            return min((s.at for s in fitting), default=None)


def _of_rule(rule: DutyRule, facts: FilingFacts, calendar: Calendar, at: datetime) -> Iterator[Duty]:
    for trigger_on in _TRIGGERS[rule.trigger](facts, rule):
        for opens_on, moment in _moments(rule, trigger_on, facts, calendar, at):
            waits = rule.direction is Direction.NOT_BEFORE
            yield Duty(
                code=rule.code,
                trigger_on=opens_on,
                due_at=None if waits else moment,
                not_before=moment if waits else None,
                met_at=met_at(rule, facts.submitted, opens_on, moment),
                as_of=at,
                basis=rule.basis,
                force=rule.force,
                authority=rule.authority,
                exceptions=tuple(
                    e for e in facts.exceptions if e.duty_code == rule.code and e.trigger_on in {None, opens_on}
                ),
            )


def _moments(
    rule: DutyRule, trigger_on: date, facts: FilingFacts, calendar: Calendar, at: datetime
) -> Iterator[tuple[date, datetime]]:
    """Each occurrence as the day that opens it and its moment."""
    holidays = _holidays(rule, facts, calendar)
    starts_on = max(trigger_on, rule.applies_from)
    placed_before, grace_until = rule.grace
    is_old = facts.placed_on_market_on is not None and facts.placed_on_market_on < placed_before
    match rule.direction:
        case Direction.WITHIN:
            moment = due(starts_on, _term(rule), holidays=holidays)
            yield starts_on, max(moment, end_of_day(grace_until)) if is_old else moment
        case Direction.BEFORE:
            yield starts_on, end_of_day(starts_on - _ONE_DAY)
        case Direction.NOT_BEFORE:
            yield starts_on, start_of_day(nominal_end(starts_on, _term(rule)) + _ONE_DAY)
        case Direction.EACH_YEAR:
            ends_on = min(_TRIGGERS[rule.until](facts, rule), default=date.max) if rule.until else date.max
            last = max(starts_on.year, day_of(at).year - 1)
            for year in range(starts_on.year, min(last, ends_on.year) + 1):
                day = working_day_from(date(year + 1, rule.month, rule.day), holidays)
                yield date(year, 12, 31), end_of_day(day)
        case Direction.EACH_MONTH:
            ends_on = min(_TRIGGERS[rule.until](facts, rule), default=date.max) if rule.until else date.max
            for closing in _month_ends(starts_on, min(ends_on, day_of(at))):
                yield closing, end_of_day(working_day_from(closing + timedelta(days=rule.day), holidays))
        case Direction.EVERY:
            for opens_on, moment in _windows(rule, starts_on, facts, holidays, day_of(at)):
                if not is_old or moment >= end_of_day(grace_until):
                    yield opens_on, moment


def _month_ends(first: date, last: date) -> Iterator[date]:
    """The last day of each month from that of one day to that of another, which may still be running."""
    month = first.replace(day=1)
    while month <= last:
        following = (month + timedelta(days=32)).replace(day=1)
        yield following - _ONE_DAY
        month = following


def _windows(
    rule: DutyRule, starts_on: date, facts: FilingFacts, holidays: frozenset[date], today: date
) -> Iterator[tuple[date, datetime]]:
    """One window after the other until the one that runs `today`; one that the end cuts short is left out.

    Windows are reckoned from the first day, not from each other, so that a moved last day never makes them drift.
    """
    ends_on = min(_TRIGGERS[rule.until](facts, rule), default=None) if rule.until else None
    term = _term(rule)
    opens_on = starts_on
    for number in count(1):
        whole = Term(number * term.number, term.unit)
        closes_on = nominal_end(starts_on, whole)
        if ends_on is not None and closes_on > ends_on:
            return
        yield opens_on, due(starts_on, whole, holidays=holidays)
        if closes_on >= today:
            return
        opens_on = closes_on


def _term(rule: DutyRule) -> Term:
    if rule.term is None:
        raise ValueError(f"{rule.code} needs a number and a unit")
    return rule.term


def _holidays(rule: DutyRule, facts: FilingFacts, calendar: Calendar) -> frozenset[date]:
    code = facts.territory if rule.calendar == "national" else rule.calendar
    try:
        return calendar[code]
    except KeyError:
        raise ValueError(f"the holidays of {code!r} are not known, and {rule.code} depends on them") from None


def _threshold_known(facts: FilingFacts, rule: DutyRule) -> Sequence[date]:
    """The earliest of met, declared known and reckoned; a crossing still to come is known once a version states it."""
    crossed = (facts.crossed or {}).get(rule.threshold)
    told = (day_of(s.at) for s in facts.submitted if crossed and rule.threshold in s.thresholds)
    days = [day for day in (facts.met_on, facts.known_on, crossed, *told) if day is not None]
    return [min(days)] if days else []


def _last_decision(facts: FilingFacts, _rule: DutyRule) -> Sequence[date]:
    if facts.designated_on is None:
        return []
    return [max((facts.designated_on, *facts.reassessment_refused_on))]


def _one(day: date | None) -> Sequence[date]:
    return [] if day is None else [day]


_TRIGGERS: dict[str, Callable[[FilingFacts, DutyRule], Sequence[date]]] = {
    "threshold_known": _threshold_known,
    "run_start": lambda facts, _: _one(facts.actual_start_on or facts.planned_start_on),
    "run_started": lambda facts, _: _one(facts.actual_start_on),
    "run_ended": lambda facts, _: _one(facts.actual_end_on),
    "ownership_changed": lambda facts, _: sorted(set(facts.ownership_changed_on)),
    "ownership_as_of": lambda facts, _: _one(facts.ownership_as_of),
    "facility_in_operation": lambda facts, _: _one(facts.facility_operates_from),
    "facility_closed": lambda facts, _: _one(facts.facility_closed_on),
    "compute_lent": lambda facts, _: _one(facts.lends_from),
    "lending_ended": lambda facts, _: _one(facts.lends_until),
    "placed_on_market": lambda facts, _: _one(facts.placed_on_market_on),
    "registered": lambda facts, _: _one(facts.registered_on),
    "designated_or_refused": _last_decision,
}


def _rule(row: dict[str, Any]) -> DutyRule:
    plain = {key: value for key, value in row.items() if key not in {"en", "fr", "de", "number", "unit"}}
    plain["direction"] = Direction(plain["direction"])
    plain["met_by"] = frozenset(plain["met_by"])
    if "grace" in plain:
        plain["grace"] = tuple(plain["grace"])
    term = Term(row["number"], Unit(row["unit"])) if "number" in row else None
    return DutyRule(**plain, term=term)


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads(_DATA.read_text(encoding="utf-8"))
