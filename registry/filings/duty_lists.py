"""Lists of duties for whoever looks: their rows with what was asked and decided, and their calendar."""

import tomllib
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from django.db.models import Prefetch, Q

from registry.acting import Actor
from registry.filings import calendar_feed, duties
from registry.filings.calendar_feed import Event
from registry.filings.duties import State
from registry.filings.models import Duty, DutyQuerySet, Filing, Plea
from registry.filings.working_days import BRUSSELS

FEED_LIMIT = 5_000
# How long what is done stays in the calendar.
DONE_SHOWN = timedelta(days=90)
_WORDS = Path(__file__).with_name("data") / "duty_words.toml"


def listed(actor: Actor) -> DutyQuerySet:
    """The duties that the actor may see, of organisations and of filings not withdrawn, with pleas and decisions."""
    return with_pleas(Duty.objects.visible_to(actor).standing())


def of_filing(filing: Filing) -> DutyQuerySet:
    """The present duties of one filing, by due moment, with pleas and decisions."""
    return with_pleas(filing.duties.filter(is_current=True)).order_by("falls_at", "id")


def with_pleas(chosen: DutyQuerySet) -> DutyQuerySet:
    """The same duties with their filing if any, and what was asked and decided, in a fixed number of queries."""
    asked = Prefetch("pleas", queryset=Plea.objects.select_related("decision"))
    return chosen.select_related("filing").prefetch_related(asked)


def feed_for(
    actor: Actor,
    *,
    at: datetime,
    language: str,
    base_url: str,
    after: datetime | None = None,
    before: datetime | None = None,
) -> bytes:
    """The calendar (text/calendar) of the duties that the actor may see: all that are not done, and what was lately.

    Only what falls due at `after` or later and before `before`, if given. For a provider its own, for an officer those
    of the territory, for the AI Office all; the 5,000 that come first.
    """
    shown = Q(met_at__isnull=True) | Q(met_at__gte=at - DONE_SHOWN)
    if after:
        shown &= Q(falls_at__gte=after)
    if before:
        shown &= Q(falls_at__lt=before)
    found = list(
        Duty.objects.visible_to(actor)
        .standing()
        .filter(shown)
        .select_related("filing")
        .order_by("falls_at", "id")[: FEED_LIMIT + 1]
    )
    words = _words(language)
    told = words["cut"].format(count=FEED_LIMIT) if len(found) > FEED_LIMIT else words["all"]
    events = [_event(duty, at=at, language=language, base_url=base_url) for duty in found[:FEED_LIMIT]]
    return calendar_feed.calendar(events, name=words["title"], description=told, zone=BRUSSELS.key, language=language)


def spoken(moment: datetime) -> str:
    """A moment in Brussels as a person reads it in any language: 2026-11-30 23:59."""
    return f"{moment.astimezone(BRUSSELS):%Y-%m-%d %H:%M}"


def _event(duty: Duty, *, at: datetime, language: str, base_url: str) -> Event:
    text = duties.duty_text(duty.code, language)
    mark = "✓ " if duty.state_at(at) in {State.MET, State.LATE} else ""
    host = base_url.partition("://")[2].partition("/")[0].partition(":")[0]
    about = [duty.name, *([duty.subject] if duty.subject else [])]
    shown = about[-1] if duty.filing or duty.subject else ""
    return Event(
        uid=".".join([*about, duty.code, duty.trigger_on.isoformat()]) + f"@{host}",
        summary=f"{mark}{text.name} ({shown})" if shown else f"{mark}{text.name}",
        description="\n".join(_description(duty, text.sentence, language)),
        starts_at=duty.falls_at,
        sequence=duty.sequence,
        changed_at=duty.changed_at,
        url=f"{base_url}/api/v1/{f'filings/{duty.name}' if duty.filing else 'organisation'}/duties/",
    )


def _description(duty: Duty, sentence: str, language: str) -> list[str]:
    words, zone = _words(language), BRUSSELS.key
    kind = "not_before" if duty.due_at is None else "due"
    lines = [sentence, words[kind].format(moment=spoken(duty.falls_at), zone=zone)]
    if duty.due_at is not None and duty.extended_until is not None:
        lines.append(words["extended"].format(moment=spoken(duty.due_at)))
    if duty.met_at is not None and duty.due_at is not None:
        lines.append(words["met"].format(moment=spoken(duty.met_at)))
    if duty.excused_at is not None:
        lines.append(words["excused"])
    basis = duties.basis_text(duty.code, language)
    about = words["filing"].format(reference=duty.filing.reference) if duty.filing else words["organisation"]
    return [*lines, words["basis"].format(basis=basis), about]


def _words(language: str) -> Mapping[str, str]:
    return _all_words()[language]


@cache
def _all_words() -> Mapping[str, Mapping[str, str]]:
    return tomllib.loads(_WORDS.read_text(encoding="utf-8"))
