"""What happens to each filing of the demonstration: a course for each fate. Pure."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from types import MappingProxyType

from registry.filings.checks.subject import VersionKind
from registry.management.demonstration import papers, sites
from registry.management.demonstration.acts import REASONS, VERSIONS, Act, stage_on
from registry.management.demonstration.hours import UNION, WEEK, desk, sitting
from registry.management.demonstration.runs import YEARS, DemoRun

CHAPTER_V_APPLIES_ON = date(2025, 8, 2)
SHORTEST_UPDATED_DAYS = 28
NOTIFICATION, FACILITY, SUMMARY = "systemic_risk_notification", "facility_report", "training_content_summary"
FACILITY_REPORT_DUE = (5, 15)
CONFIRMED_EVERY = timedelta(days=345)
SUMMARY_EVERY = timedelta(days=182)


class Course:
    """The acts of one filing as they come about; `day` is where it has got to, `factor` where its utilisation has."""

    def __init__(self, run: DemoRun, seed: int) -> None:
        self.run, self.acts, self.day, self.factor = run, list[Act](), run.notified_on, Decimal(1)
        self.random = Random(f"{seed} {run.key}")  # noqa: S311
        is_for_union = run.is_above_threshold and run.notified_on >= CHAPTER_V_APPLIES_ON
        self.territory = UNION if is_for_union else run.company.country

    def provider(self, verb: str, *, days: int = 1, kind: VersionKind = "notification", duty: str = "") -> None:
        """The provider does something so many days later, when its desk gets to it; at once if it is the first act."""
        since = self.day + timedelta(days=days if self.acts else 0)
        at = desk(self.run.company.slug, since=since)
        reason = self._reason(verb)
        self.acts.append(Act(at, self.run, verb, kind=kind, factor=self.factor, duty=duty, reason=reason))
        self.day = at.date()

    def authority(self, verb: str, *, weeks: int = 1) -> None:
        """The authority does something in its next sitting, or so many weeks later."""
        at = sitting(self.territory, after=self.day + (weeks - 1) * WEEK)
        self.acts.append(Act(at, self.run, verb, territory=self.territory, reason=self._reason(verb)))
        self.day = at.date()

    def decided(self, *, is_granted: bool) -> None:
        """The authority grants or refuses what the provider has asked for, in a fortnight."""
        at = sitting(self.territory, after=self.day + WEEK)
        reason = self._reason("grant" if is_granted else "refuse")
        self.acts.append(Act(at, self.run, "decide", territory=self.territory, reason=reason, is_granted=is_granted))
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


def course_of(run: DemoRun, seed: int) -> list[Act]:
    """All acts of one filing, also those still to come; the same for the same run and seed."""
    course = Course(run, seed)
    _FATES[run.fate](course)
    if any(act.verb == "accept" for act in course.acts) and run.fate != "withdrawn_after":
        _complete(course)
        _confirm_owners(course)
        _report(course)
    return course.acts


def _complete(course: Course) -> None:
    """The completion report, due four weeks after the end. Who told of the start has to tell of the end; most do."""
    run = course.run
    has_told = any(act.verb in VERSIONS and stage_on(run, act.at.date()) == "monitoring" for act in course.acts)
    is_due = run.completes or (has_told and course.between(1, 12) > 1)
    if is_due and stage_on(run, course.acts[0].at.date()) != "completed":
        course.day = max(course.day, run.ends_on)
        course.provider("amend", days=course.between(2, 16), kind="completion")


def _confirm_owners(course: Course) -> None:
    """Once a year an update confirms the owners, wherever a version has named the day of their statement; most do."""
    versions = [act for act in course.acts if act.verb in VERSIONS]
    course.day = versions[-1].at.date()
    if stage_on(course.run, course.day) != "completed" or course.between(1, 12) == 1:
        return
    for _ in range(YEARS):
        course.day += CONFIRMED_EVERY
        course.provider("amend", kind="update")


def _report(course: Course) -> None:
    """What is done elsewhere and reported here, by most: on an own data centre by 15 May, on training content."""
    run, filed_on = course.run, course.acts[0].at.date()
    if sites.is_own(run.company) and course.between(1, 10) > 2:
        first = filed_on.year + ((filed_on.month, filed_on.day) > FACILITY_REPORT_DUE)
        for year in range(first, first + YEARS):
            course.day = max(filed_on, date(year, 5, 1))
            course.provider("report", duty=FACILITY)
    completed = any(act.kind == "completion" for act in course.acts)
    if run.is_released and completed and course.between(1, 10) > 2:
        course.day = max(papers.placed_on(run), CHAPTER_V_APPLIES_ON) + SUMMARY_EVERY - 4 * WEEK
        for _ in range(2 * YEARS):
            course.provider("report", duty=SUMMARY)
            course.day += SUMMARY_EVERY


def _plain(course: Course) -> None:
    course.provider("file")
    course.judged()


def _updated(course: Course) -> None:
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


def _corrected(course: Course) -> None:
    course.provider("file")
    course.authority("review", weeks=course.between(1, 2))
    course.change()
    course.provider("amend", days=course.between(1, 6), kind="correction")
    course.authority("accept", weeks=course.between(1, 2))


def _asked(course: Course) -> None:
    course.provider("file")
    course.authority("review")
    course.authority("ask")
    course.provider("answer", days=course.between(2, 10))
    course.authority("accept")


def _returned(course: Course) -> None:
    course.provider("file")
    course.authority("review")
    course.authority("return")
    course.change()
    course.provider("amend", days=course.between(2, 9), kind="correction")
    course.judged()


def _drafted(course: Course) -> None:
    """Drafted first, replaced a week later, submitted the week after."""
    course.day -= 2 * WEEK
    course.provider("draft")
    course.provider("redraft")
    course.provider("submit")
    course.judged()


def _withdrawn(course: Course) -> None:
    course.provider("file")
    if course.between(1, 5) > 2:
        course.authority("review")
    course.provider("withdraw", days=course.between(1, 12))


def _withdrawn_after(course: Course) -> None:
    """Withdrawn after acceptance: by a withdrawal version that the authority confirms."""
    _plain(course)
    course.provider("amend", days=course.between(4, 20), kind="withdrawal")
    course.authority("confirm_withdrawal")


def _late(course: Course) -> None:
    """Notified late, and asking to be excused: granted to some."""
    course.provider("file")
    course.provider("ask_excuse", days=5, duty=NOTIFICATION)
    course.decided(is_granted=course.between(0, 1) == 1)
    course.judged()


def _designated(course: Course) -> None:
    """The AI Office designates the model after it has accepted the filing (Art. 52(4))."""
    course.provider("file")
    course.judged()
    course.authority("designate", weeks=3)


def _rebutted(course: Course) -> None:
    """The notification argues that there is no systemic risk (Art. 52(2)); the AI Office is not convinced."""
    course.provider("file")
    course.authority("review")
    course.decided(is_granted=False)
    course.authority("accept")


def _drafting(course: Course) -> None:
    course.provider("draft")


def _open(*verbs: str) -> Callable[[Course], None]:
    """Filed, and with the authority since: what it has done so far."""

    def course_so_far(course: Course) -> None:
        course.provider("file")
        for verb in verbs:
            course.authority(verb)

    return course_so_far


_FATES: Mapping[str, Callable[[Course], None]] = MappingProxyType(
    {
        "plain": _plain,
        "late": _late,
        "designated": _designated,
        "rebutted": _rebutted,
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
