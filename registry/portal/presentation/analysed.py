"""Figures of analysis: filings by day, days to notification, shares of compute, installed power, punctuality.

Each is a chart, what it shows in a sentence, a table whose rows lead on where an address is given, and plain values.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from statistics import median

from django.utils.translation import gettext, ngettext

from registry.charts import calendar, counts, europe, punctuality, shares
from registry.portal.presentation import words
from registry.portal.presentation.drawn import MEMBERS
from registry.portal.presentation.figures import DataTable, Figure, Key

FIRST_RANKS = (1, 3, 5)
"""How many of the largest the curve of shares speaks of."""


@dataclass(frozen=True)
class Holding:
    """A provider's sum of training compute in FLOP, of how many filings, and its page."""

    name: str
    flop: Decimal
    filings: int
    href: str = ""


@dataclass(frozen=True)
class Owed:
    """A duty as the strip shows it: its name, its last day, how it stands in words and as a mark."""

    name: str
    due_on: date
    state: str
    words: str


def filings_by_day(
    *,
    uid: str,
    found: Mapping[date, int],
    first: date,
    last: date,
    href: Callable[[date], str],
) -> Figure:
    """A square for each day from the first to the last; the table has the days with filings."""
    title = gettext("Filings by day")
    span = [first + timedelta(days=i) for i in range((last - first).days + 1)]
    busy = [(day, found[day]) for day in span if found.get(day)]
    most = max((count for _, count in busy), default=0)
    finding = _busy(busy)
    days = [calendar.Day(day, found.get(day, 0), f"{words.short_day(day)}: {found.get(day, 0)}") for day in span]
    newest = busy[::-1]
    legend = [Key("heat-0", gettext("none"))]
    legend += [Key(f"heat-{shade}", _range(low, high)) for shade, low, high in calendar.bounds(most)]
    return Figure(
        uid=uid,
        title=title,
        subtitle=finding,
        svg=calendar.heat_map(
            uid=uid,
            title=title,
            finding=finding,
            days=days,
            month_names=words.months(),
            weekday_names=words.weekdays(),
        ),
        table=DataTable(
            title,
            (gettext("Day"), gettext("Filings")),
            tuple((words.day(day), words.count(count)) for day, count in newest),
            tuple(href(day) for day, _ in newest),
        ),
        legend=tuple(legend),
        layout="wide",
    )


def _busy(busy: Sequence[tuple[date, int]]) -> str:
    finding = gettext("Nothing was filed in this period.")
    if busy:
        every, most = sum(count for _, count in busy), max(count for _, count in busy)
        peak = next(day for day, count in busy if count == most)
        finding = ngettext(
            "%(count)s filing on %(days)s days; most on %(day)s: %(most)s.",
            "%(count)s filings on %(days)s days; most on %(day)s: %(most)s.",
            every,
        ) % {
            "count": words.count(every),
            "days": words.count(len(busy)),
            "day": words.day(peak),
            "most": words.count(most),
        }
    return finding


def _range(low: int, high: int) -> str:
    return words.count(low) if low == high else f"{words.count(low)}–{words.count(high)}"


def days_to_notification(
    *,
    uid: str,
    in_time: Mapping[int, int],
    late: Mapping[int, int],
    overdue: int,
    limit: int,
    href: Callable[[bool], str],
) -> Figure:
    """A dot for each notification over the days it took; `in_time` and `late` are counts by number of days."""
    title = gettext("Days to notification")
    days = sorted(Counter(in_time) + Counter(late))
    every = [day for day in days for _ in range(in_time.get(day, 0) + late.get(day, 0))]
    finding = _notified(every, sum(late.values()), overdue)
    lines = [
        (day, is_late, each[day]) for day in days for is_late, each in ((False, in_time), (True, late)) if each.get(day)
    ]
    return Figure(
        uid=uid,
        title=title,
        subtitle=finding,
        svg=counts.dot_histogram(
            uid=uid,
            title=title,
            finding=finding,
            days=every,
            limit=limit,
            limit_label=gettext("%(days)s days, Art. 52(1)") % {"days": limit},
            axis_label=gettext("Days from passing 10²⁵ FLOP to the notification"),
        ),
        table=DataTable(
            title,
            (gettext("Days"), gettext("Notifications"), gettext("In time")),
            tuple(
                (words.count(day), words.count(n), gettext("no") if is_late else gettext("yes"))
                for day, is_late, n in lines
            ),
            tuple(href(is_late) for _, is_late, _ in lines),
        ),
        legend=(Key("decided", gettext("up to two weeks")), Key("decided-late", gettext("more than two weeks"))),
        note=gettext(
            "A period that ends on a holiday or weekend ends on the next working day: 15 or 16 days can be in time."
        ),
    )


def _notified(every: Sequence[int], late: int, overdue: int) -> str:
    finding = gettext("Nobody notified the Commission in this period.")
    if every:
        finding = ngettext(
            "%(count)s notification, %(late)s of them late; median %(median)s days.",
            "%(count)s notifications, %(late)s of them late; median %(median)s days.",
            len(every),
        ) % {
            "count": words.count(len(every)),
            "late": words.count(late),
            "median": words.count(int(median(every))),
        }
    if overdue:
        finding += " " + ngettext("%(count)s is overdue.", "%(count)s are overdue.", overdue) % {
            "count": words.count(overdue)
        }
    return finding


def shares_of_compute(*, uid: str, held: Sequence[Holding]) -> Figure:
    """How much of all compute the largest providers hold, the largest first."""
    title = gettext("Share of compute held by the largest providers")
    ordered = sorted(held, key=lambda each: each.flop, reverse=True)
    cumulated = shares.cumulated([each.flop for each in ordered])
    told = {
        rank: ngettext("the largest: %(share)s", "the %(count)s largest: %(share)s", rank)
        % {"count": words.count(rank), "share": words.share(cumulated[rank - 1])}
        for rank in FIRST_RANKS
        if rank < len(cumulated)
    }
    finding = _largest(cumulated)
    return Figure(
        uid=uid,
        title=title,
        subtitle=finding,
        svg=shares.share_curve(
            uid=uid,
            title=title,
            finding=finding,
            holders=[shares.Holder(each.flop, f"{each.name}: {words.flop(each.flop)} FLOP") for each in ordered],
            equal_label=gettext("if all were equal"),
            axis_label=gettext("Providers, the largest first"),
            notes=told,
        ),
        table=DataTable(
            title,
            (gettext("Provider"), "FLOP", gettext("Share"), gettext("Together"), gettext("Filings")),
            tuple(
                (
                    each.name,
                    words.flop(each.flop),
                    words.share(share - before),
                    words.share(share),
                    words.count(each.filings),
                )
                for each, share, before in zip(ordered, cumulated, (Decimal(0), *cumulated), strict=False)
            ),
            tuple(each.href for each in ordered),
        ),
        legend=(
            Key("record", gettext("share of the largest together")),
            Key("point", gettext("one of the ten largest")),
            Key("median", gettext("if all were equal")),
        ),
    )


def _largest(cumulated: Sequence[Decimal]) -> str:
    finding = gettext("Nobody has filed compute in this period.")
    if cumulated:
        top = min(FIRST_RANKS[-1], len(cumulated))
        finding = ngettext(
            "The largest provider holds %(share)s of the compute filed by all %(all)s.",
            "The %(count)s largest providers hold %(share)s of the compute filed by all %(all)s.",
            top,
        ) % {"count": words.count(top), "share": words.share(cumulated[top - 1]), "all": words.count(len(cumulated))}
    return finding


def installed_power(*, uid: str, kilowatts: Mapping[str, Decimal], href: Callable[[str], str]) -> Figure:
    """Installed IT power of the registered facilities by Member State, on a map; keys are ISO 3166-1 codes."""
    title = gettext("Where the facilities stand")
    names = {code: words.country(code) for code in MEMBERS}
    known = {code: kilowatts[code] for code in MEMBERS if kilowatts.get(code)}
    nothing = gettext("no facility with IT power")
    finding = _most_power(known)
    bounds = steps(list(known.values()))
    ordered = sorted(MEMBERS, key=lambda code: (-known.get(code, Decimal(0)), names[code]))
    return Figure(
        uid=uid,
        title=title,
        subtitle=gettext("Installed IT power of registered facilities, MW"),
        svg=europe.choropleth(
            uid=uid,
            title=title,
            finding=finding,
            values={
                code: europe.MapValue(sum(value > bound for bound in bounds), f"{megawatts(value)} MW")
                for code, value in known.items()
            },
            names=names,
            not_covered=gettext("European Economic Area, not covered"),
            nothing=nothing,
        ),
        table=DataTable(
            title,
            (gettext("Member State"), "MW"),
            tuple((names[code], megawatts(known[code]) if code in known else "–") for code in ordered),
            tuple(href(code) if code in known else "" for code in ordered),
        ),
        legend=(*_power_keys(bounds, known), Key("state-none", nothing), Key("eea", gettext("not covered"))),
        table_words=gettext("Show all 27 Member States as a table"),
        note=gettext("Boundaries: Natural Earth. The map states no view on the status of any territory."),
        layout="map",
    )


def _most_power(known: Mapping[str, Decimal]) -> str:
    finding = gettext("No facility is registered.")
    if known:
        most = max(known, key=lambda code: known[code])
        finding = gettext(
            "Registered facilities in %(count)s of 27 Member States; %(state)s has the most IT power, %(power)s MW."
        ) % {"count": words.count(len(known)), "state": words.country(most), "power": megawatts(known[most])}
    return finding


def megawatts(kilowatts: Decimal) -> str:
    """An amount of kilowatts in megawatts, one decimal below ten."""
    whole = kilowatts / 1000
    return words.count(round(whole, 1) if whole < 10 else round(whole))


def steps(values: Sequence[Decimal]) -> tuple[Decimal, ...]:
    """Where the second to the fifth shade begin: half, a quarter … of the highest value, as round kilowatts."""
    if not values:
        return ()
    highest = max(values)
    return tuple(sorted({round(highest / divisor, -2) for divisor in (16, 8, 4, 2)} - {Decimal(0)}))


def _power_keys(bounds: Sequence[Decimal], known: Mapping[str, Decimal]) -> tuple[Key, ...]:
    if not known or not bounds:
        return ()
    texts = [gettext("up to %(bound)s") % {"bound": f"{megawatts(bounds[0])} MW"}]
    texts += [f"{megawatts(low)} – {megawatts(high)} MW" for low, high in pairwise(bounds)]
    texts.append(gettext("above %(bound)s") % {"bound": f"{megawatts(bounds[-1])} MW"})
    return tuple(Key(f"state-{place}", text) for place, text in enumerate(texts))


def _done(owed: Sequence[Owed]) -> str:
    counted = Counter(each.state for each in owed)
    judged = counted["in-time"] + counted["late"] + counted["overdue"]
    finding = gettext("No duty has fallen due yet.")
    if judged:
        finding = ngettext(
            "%(in_time)s of %(count)s duty was done in time; %(late)s late, %(overdue)s overdue.",
            "%(in_time)s of %(count)s duties were done in time; %(late)s late, %(overdue)s overdue.",
            judged,
        ) % {
            "in_time": words.count(counted["in-time"]),
            "count": words.count(judged),
            "late": words.count(counted["late"]),
            "overdue": words.count(counted["overdue"]),
        }
    return finding


def punctual(*, uid: str, owed: Sequence[Owed]) -> Figure:
    """A provider's duties in the order of their last days: a mark each, in time, late, overdue or open."""
    title = gettext("Punctuality")
    ordered = sorted(owed, key=lambda each: each.due_on)
    finding = _done(ordered)
    marks = [
        punctuality.Mark(each.state, f"{words.short_day(each.due_on)}: {each.name}, {each.words}") for each in ordered
    ]
    return Figure(
        uid=uid,
        title=title,
        subtitle=finding,
        svg=punctuality.strip(
            uid=uid,
            title=title,
            finding=finding,
            marks=marks,
            first=words.short_day(ordered[0].due_on) if ordered else "",
            last=words.short_day(ordered[-1].due_on) if len(ordered) > 1 else "",
        ),
        table=DataTable(
            title,
            (gettext("Last day"), gettext("Duty"), gettext("State")),
            tuple((words.day(each.due_on), each.name, each.words) for each in reversed(ordered)),
        ),
        legend=(
            Key("due-in-time", gettext("done in time")),
            Key("due-late", gettext("done late")),
            Key("due-overdue", gettext("overdue")),
            Key("due-open", gettext("open")),
        ),
        layout="wide",
    )
