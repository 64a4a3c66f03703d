"""What happens to each filing of the demonstration, by whom and when: the acts of three years in order. Pure.

Every organisation files in one hour of its own in a week, every authority decides in one sitting a week, as people do
who have other work; so what one hand does at one time is one unit of work.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from random import Random
from types import MappingProxyType

from registry.filings.checks.subject import VersionKind
from registry.management.demonstration.organisations import TERRITORIES
from registry.management.demonstration.runs import DemoRun, Plan

UNION = "EU"
CHAPTER_V_APPLIES_ON = date(2025, 8, 2)
WORKING_DAYS = 5
# Sittings lie before the hours in which providers file (UTC), so that both come in one piece.
SITTING_HOURS = (6, 7, 8, 9)
DESK_HOURS = (10, 16)
BETWEEN_ACTS = timedelta(seconds=95)
WEEK = timedelta(days=7)
SHORTEST_UPDATED_DAYS = 28
VERSIONS = frozenset({"file", "submit", "amend"})

REASONS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "accept": (
            "Complete and consistent; the estimate agrees with hardware and architecture.",
            "The figures were checked against the catalogue and the power of the site; nothing is open.",
            "Complete. The assumptions behind the utilisation are plausible for a run of this size.",
        ),
        "return": (
            "The utilisation does not fit the run that precedes it. Please state how it was measured and file anew.",
            "The number of accelerators does not agree with the plan presented in May. Please correct it.",
        ),
        "ask": (
            "Please say how the utilisation was measured, and on which preceding run.",
            "Please confirm that no synthetic data that is not public was generated for this run.",
            "Which part of the site is used by this run, and which by your other customers?",
        ),
        "answer": (
            "The utilisation was measured over the first week of the preceding run; the record is on file.",
            "We confirm it: all data are from our own crawl and from public corpora.",
            "The run has one hall to itself; the other customers of the site are not affected.",
        ),
        "withdraw": (
            "The run was cancelled before it began.",
            "Filed twice by mistake; the other filing stands.",
        ),
        "confirm_withdrawal": ("The run did not take place; confirmed after a call with the provider.",),
    }
)


@dataclass(frozen=True)
class Act:
    """One thing done to the filing of a run. `territory` is set where an authority acts (`EU`: the AI Office).

    `kind` is that of a version, `factor` what became of the utilisation since the plan.
    """

    at: datetime
    run: DemoRun
    verb: str
    territory: str = ""
    kind: VersionKind = "notification"
    factor: Decimal = Decimal(1)
    reason: str = ""

    @property
    def hand(self) -> str:
        """Who acts: an authority's territory or a company's short name."""
        return self.territory or self.run.company.slug


def acts(plan: Plan, *, until: datetime, seed: int) -> list[Act]:
    """Everything that happens before `until`, in order; the same for the same plan and seed."""
    found = [act for run in plan.runs for act in _course(run, seed) if act.at < until]
    return _staggered(sorted(found, key=lambda act: (act.at, act.hand, act.verb != "file", act.run.key)))


def stage_on(run: DemoRun, day: date) -> str:
    """The stage of a document signed on a day."""
    if day < run.starts_on:
        return "planned"
    return "monitoring" if day <= run.ends_on else "completed"


def sitting(territory: str, *, after: date) -> datetime:
    """The authority's next sitting after a day: each has a weekday and an hour that no other has."""
    number = (*TERRITORIES, UNION).index(territory)
    hour, weekday = divmod(number, WORKING_DAYS)
    ahead = (weekday - after.weekday() - 1) % 7 + 1
    return datetime.combine(after + timedelta(days=ahead), time(SITTING_HOURS[hour]), tzinfo=UTC)


@cache
def desk(slug: str, *, since: date) -> datetime:
    """The next moment, from a day on, at which the company files: once a week, whenever the desk gets to it."""
    monday = since - timedelta(days=since.weekday())
    moment = _desk_of_week(slug, monday)
    return moment if moment.date() >= since else _desk_of_week(slug, monday + WEEK)


def _desk_of_week(slug: str, monday: date) -> datetime:
    random = Random(f"{slug} {monday}")  # noqa: S311
    day = monday + timedelta(days=random.randrange(WORKING_DAYS))
    return datetime.combine(day, time(random.randint(*DESK_HOURS), random.randrange(60)), tzinfo=UTC)


def _staggered(found: Sequence[Act]) -> list[Act]:
    """The same acts, those of one hand at one time a minute and a half apart; what is filed together stays together."""
    made: list[Act] = []
    before: tuple[datetime, str] | None = None
    number = 0
    for act in found:
        number = number + (act.verb != "file") if before == (act.at, act.hand) else 0
        before = (act.at, act.hand)
        made.append(replace(act, at=act.at + number * BETWEEN_ACTS))
    return sorted(made, key=lambda act: act.at)


class _Course:
    """The acts of one filing as they come about; `day` is where it has got to, `factor` where its utilisation has."""

    def __init__(self, run: DemoRun, seed: int) -> None:
        self.run, self.acts, self.day, self.factor = run, list[Act](), run.notified_on, Decimal(1)
        self.random = Random(f"{seed} {run.key}")  # noqa: S311
        is_for_union = run.is_above_threshold and run.notified_on >= CHAPTER_V_APPLIES_ON
        self.territory = UNION if is_for_union else run.company.country

    def provider(self, verb: str, *, days: int = 1, kind: VersionKind = "notification") -> None:
        """The provider does something so many days later, when its desk gets to it; at once if it is the first act."""
        since = self.day + timedelta(days=days if self.acts else 0)
        at = desk(self.run.company.slug, since=since)
        self.acts.append(Act(at, self.run, verb, kind=kind, factor=self.factor, reason=self._reason(verb)))
        self.day = at.date()

    def authority(self, verb: str, *, weeks: int = 1) -> None:
        """The authority does something in its next sitting, or so many weeks later."""
        at = sitting(self.territory, after=self.day + (weeks - 1) * WEEK)
        self.acts.append(Act(at, self.run, verb, territory=self.territory, reason=self._reason(verb)))
        self.day = at.date()

    def judged(self) -> None:
        """Reviewed within two weeks, accepted within five."""
        self.authority("review", weeks=self.between(1, 2))
        self.authority("accept", weeks=self.between(1, 3))

    def change(self) -> None:
        """The utilisation turns out otherwise, up or down."""
        self.factor = Decimal(self.between(93, 112)) / 100

    def between(self, least: int, most: int) -> int:
        """A number of days or weeks."""
        return self.random.randint(least, most)

    def _reason(self, verb: str) -> str:
        return self.random.choice(REASONS[verb]) if verb in REASONS else ""


def _course(run: DemoRun, seed: int) -> list[Act]:
    course = _Course(run, seed)
    _FATES[run.fate](course)
    is_accepted = any(act.verb == "accept" for act in course.acts)
    # Whoever told of the start has to tell of the end; nearly all do.
    has_told = any(act.verb in VERSIONS and run.starts_on <= act.at.date() <= run.ends_on for act in course.acts)
    completes = run.completes or (has_told and course.between(1, 12) > 1)
    if completes and is_accepted and run.fate != "withdrawn_after" and course.acts[0].at.date() <= run.ends_on:
        # The completion report is due four weeks after the end.
        course.day = max(course.day, run.ends_on)
        course.provider("amend", days=course.between(2, 16), kind="completion")
    return course.acts


def _plain(course: _Course) -> None:
    course.provider("file")
    course.judged()


def _updated(course: _Course) -> None:
    """A monitoring update halfway through a run of some length, after the acceptance or before it."""
    run = course.run
    if run.days < SHORTEST_UPDATED_DAYS:
        _plain(course)
        return
    course.provider("file")
    course.authority("review", weeks=course.between(1, 2))
    halfway = run.starts_on + timedelta(days=run.days // 2)
    accepts_first = halfway > course.day + 2 * WEEK
    if accepts_first:
        course.authority("accept", weeks=course.between(1, 2))
    course.day = max(course.day, halfway)
    course.change()
    course.provider("amend", kind="update")
    if not accepts_first:
        course.authority("accept", weeks=course.between(1, 2))


def _corrected(course: _Course) -> None:
    course.provider("file")
    course.authority("review", weeks=course.between(1, 2))
    course.change()
    course.provider("amend", days=course.between(1, 6), kind="correction")
    course.authority("accept", weeks=course.between(1, 2))


def _asked(course: _Course) -> None:
    course.provider("file")
    course.authority("review")
    course.authority("ask")
    course.provider("answer", days=course.between(2, 10))
    course.authority("accept")


def _returned(course: _Course) -> None:
    course.provider("file")
    course.authority("review")
    course.authority("return")
    course.change()
    course.provider("amend", days=course.between(2, 9), kind="correction")
    course.judged()


def _drafted(course: _Course) -> None:
    """Drafted first, replaced a week later, submitted the week after."""
    course.day -= 2 * WEEK
    course.provider("draft")
    course.provider("redraft")
    course.provider("submit")
    course.judged()


def _withdrawn(course: _Course) -> None:
    course.provider("file")
    if course.between(1, 5) > 2:
        course.authority("review")
    course.provider("withdraw", days=course.between(1, 12))


def _withdrawn_after(course: _Course) -> None:
    """Withdrawn after acceptance: by a withdrawal version that the authority confirms."""
    _plain(course)
    course.provider("amend", days=course.between(4, 20), kind="withdrawal")
    course.authority("confirm_withdrawal")


def _drafting(course: _Course) -> None:
    course.provider("draft")


def _open(*verbs: str) -> Callable[[_Course], None]:
    """Filed, and with the authority since: what it has done so far."""

    def course_so_far(course: _Course) -> None:
        course.provider("file")
        for verb in verbs:
            course.authority(verb)

    return course_so_far


_FATES: Mapping[str, Callable[[_Course], None]] = MappingProxyType(
    {
        "plain": _plain,
        "late": _plain,
        "after_start": _plain,
        "updated": _updated,
        "corrected": _corrected,
        "asked": _asked,
        "returned": _returned,
        "drafted": _drafted,
        "withdrawn": _withdrawn,
        "withdrawn_after": _withdrawn_after,
        "draft": _drafting,
        "open_submitted": _open(),
        "open_in_review": _open("review"),
        "open_awaiting": _open("review", "ask"),
        "open_returned": _open("review", "return"),
    }
)
