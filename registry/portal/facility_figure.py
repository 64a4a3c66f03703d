"""The figure of a facility: what stands there over time, with the same values as a table."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby

from django.utils.translation import gettext

from registry.charts import installations
from registry.charts.installations import LotBar, Need, Stretch
from registry.compute import facility, facility_checks
from registry.compute.facility_checks import Lot, Site
from registry.portal.page import language
from registry.portal.presentation import words
from registry.portal.presentation.figures import DataTable, Figure, Key

TONES = {"planned": "none", "ordered": "0", "delivered": "1", "installed": "2", "operating": "4"}
AHEAD = timedelta(days=90)


def figure(site: Site, *, today: date) -> Figure | None:
    """Lots by their stages and the power they need; None where nothing was ever put up."""
    lots = [each for each in site.lots if each.until_on is None or each.until_on > each.from_on]
    if not lots:
        return None
    first = min(each.from_on for each in lots).replace(month=1, day=1)
    last = max([today, *(each.from_on for each in lots), *(each.until_on or today for each in lots)]) + AHEAD
    stated = site.statement.it_power_kw
    needs = _needs(lots)
    most = max((need.kilowatts for need in needs), default=Decimal(0))
    title = gettext("What stands there over time")
    kilowatts = gettext("%(amount)s kW")
    return Figure(
        uid="installations",
        title=title,
        subtitle=gettext("Above: power needed (rated × 1.2) against the IT power there; below: a bar for each lot."),
        svg=installations.over_time(
            uid="installations",
            title=title,
            finding=gettext("At most %(needed)s kW are needed, %(stated)s kW are installed.")
            % {"needed": words.count(round(most)), "stated": words.count(round(stated))},
            lots=_bars(lots, last),
            needs=needs,
            installed_kw=stated,
            power_label=kilowatts % {"amount": words.count(round(stated))},
            need_label=gettext("power needed"),
            first=first,
            last=last,
        ),
        table=_table(lots),
        legend=(
            *(Key(f"state-{tone}", facility.word("stage", stage, language())) for stage, tone in TONES.items()),
            Key("range", gettext("power needed")),
        ),
        layout="wide",
    )


def _needs(lots: Sequence[Lot]) -> list[Need]:
    days = sorted({each.from_on for each in lots} | {each.until_on for each in lots if each.until_on})
    found = [Need(day, facility_checks.needed_kw(lots, day)) for day in days]
    return [next(same) for _, same in groupby(found, key=lambda need: need.kilowatts)]


def _bars(lots: Sequence[Lot], last: date) -> list[LotBar]:
    found = []
    for name, periods in groupby(sorted(lots, key=lambda each: (each.lot, each.from_on)), key=lambda each: each.lot):
        held = list(periods)
        part = held[-1].part
        stretches = tuple(
            Stretch(each.from_on, each.until_on or last, TONES[each.stage], _said(each))
            for each in held
            if each.stage in TONES
        )
        note = f"{words.count(held[-1].count)} × {part.model if part else held[-1].accelerator}"
        found.append(LotBar(name[:18], note[:24], stretches))
    return found


def _said(lot: Lot) -> str:
    stage = facility.word("stage", lot.stage, language())
    return f"{lot.lot}: {words.count(lot.count)}, {stage}, {days(lot.from_on, lot.until_on)}"


def days(from_on: date, until_on: date | None) -> str:
    """A period in words."""
    if until_on is None:
        return gettext("since %(day)s") % {"day": words.short_day(from_on)}
    return gettext("%(first)s to %(last)s") % {
        "first": words.short_day(from_on),
        "last": words.short_day(until_on),
    }


def _table(lots: Sequence[Lot]) -> DataTable:
    rows = tuple(
        (
            lot.lot,
            lot.accelerator,
            words.count(lot.count),
            facility.word("stage", lot.stage, language()),
            days(lot.from_on, lot.until_on),
            words.count(round(lot.power_kw)),
        )
        for lot in lots
    )
    head = (
        gettext("Lot"),
        gettext("Accelerator"),
        gettext("Number"),
        gettext("Stage"),
        gettext("Days"),
        gettext("Rated power, kW"),
    )
    return DataTable(gettext("Lots and their stages"), head, rows)
