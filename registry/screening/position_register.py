"""Reading what was posted for one owner group: its position, its lineages' positions, and its bundles.

A group is read from its own rows, whatever else the register holds.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from registry import rows
from registry.filings.working_days import day_of
from registry.periods import Period
from registry.quantities import format_flop
from registry.screening import position_reading, position_terms, positions
from registry.screening.models import GroupMember, Position, PostedRun, PostedUse
from registry.screening.position_reading import Reading
from registry.screening.positions import Contribution, Side

COMPARED: Final = ("window_flop", "window_hours", "peak_flop", "peak_on", "total_flop", "rate_flop_per_day", "limits")
_ALWAYS: Final = Period(date.min)
_THOUSANDTH: Final = Decimal("0.001")


@dataclass(frozen=True)
class Holdings:
    """What is posted for one group: members with their days, and their runs and uses by account."""

    group: str
    members: tuple[tuple[str, Period], ...]
    runs: Mapping[str, Sequence[PostedRun]]
    uses: Mapping[str, Sequence[PostedUse]]

    @property
    def accounts(self) -> frozenset[str]:
        """Who was ever in the group."""
        return frozenset(account for account, _ in self.members)

    @property
    def lineages(self) -> frozenset[str]:
        """The lineages that members filed."""
        return frozenset(run.lineage for several in self.runs.values() for run in several if run.lineage)


def holdings(group: str) -> Holdings:
    """What is posted for a group."""
    stored = GroupMember.objects.filter(group=group).order_by("account", "from_on")
    members = [(each.account, Period(each.from_on, each.until_on)) for each in stored]
    if not GroupMember.objects.filter(account=group).exists():
        members.append((group, _ALWAYS))
    accounts = {account for account, _ in members}
    runs: defaultdict[str, list[PostedRun]] = defaultdict(list)
    uses: defaultdict[str, list[PostedUse]] = defaultdict(list)
    for run in PostedRun.objects.filter(account__in=accounts).order_by("filing_id", "line"):
        runs[run.account].append(run)
    for use in PostedUse.objects.filter(account__in=accounts).order_by("account", "starts_on", "id"):
        uses[use.account].append(use)
    return Holdings(group, tuple(members), runs, uses)


def position(held: Holdings, *, lineage: str = "") -> positions.Position:
    """The position of a group, or of one of its lineages: runs alone, for records know no lineage."""
    of_account: dict[str, positions.Position] = {}
    for account in held.accounts:
        told = [run_contribution(run) for run in held.runs.get(account, ()) if not lineage or run.lineage == lineage]
        if not lineage:
            told += [use_contribution(use) for use in held.uses.get(account, ())]
        of_account[account] = positions.position_of(told)
    return positions.group_position((of_account[account], period) for account, period in held.members)


def run_contribution(run: PostedRun) -> Contribution:
    """What one line of a filing adds."""
    place = positions.place_of(facility=run.facility, accelerator=run.accelerator)
    flop, covers = run.flop or Decimal(0), run.covers_flop or Decimal(0)
    return Contribution(Side.FILED, place, run.starts_on, run.ends_on, flop, Decimal(str(run.hours)), covers)


def use_contribution(use: PostedUse) -> Contribution:
    """What the records of one customer, place and period add."""
    place = positions.place_of(facility=use.facility, accelerator=use.accelerator)
    return Contribution(Side.REPORTED, place, use.starts_on, use.ends_on, use.flop, Decimal(str(use.hours)))


def reading(held: Holdings, *, on: date, lineage: str = "") -> Reading:
    """The group's position over its rolling window, or a lineage's over everything (Guidelines ¶22)."""
    terms = position_terms.terms(on=on)
    window_days = None if lineage else terms.owner_window_days
    return position_reading.read(position(held, lineage=lineage), on=on, window_days=window_days, terms=terms)


def store(held: Holdings, *, at: datetime) -> None:
    """Keep the positions of a group and its lineages as of a moment; what was marked no longer is."""
    made = rows_of(held, at=at, on=day_of(at))
    assigned = ", ".join(f'"{name}" = excluded."{name}"' for name in made[0] if name not in {"kind", "subject", "name"})
    rows.insert(Position, made, conflict=f"(kind, subject) do update set {assigned}")
    _clear(held)


def rows_of(held: Holdings, *, at: datetime, on: date) -> list[dict[str, Any]]:
    """The rows of a group's position, which comes first, and its lineages', read as of a day."""
    names = dict(Position.objects.filter(group=held.group).values_list("subject", "name"))
    found = [_row(held.group, held.group, names, reading(held, on=on), at)]
    for lineage in sorted(held.lineages):
        read = reading(held, on=on, lineage=lineage)
        found.append(_row(f"{held.group}|{lineage}", lineage, names, read, at, held.group))
    return found


def _row(
    subject: str, name: str, names: Mapping[str, str], read: Reading, at: datetime, group: str = ""
) -> dict[str, Any]:
    return {
        "kind": Position.Kind.LINEAGE.value if group else Position.Kind.OWNER_GROUP.value,
        "subject": subject,
        "group": group or subject,
        "name": names.get(subject, name)[:300],
        "window_days": read.window_days,
        "read_on": read.on,
        "window_flop": read.window.flop,
        "window_hours": read.window.hours.quantize(_THOUSANDTH),
        "peak_flop": read.peak.flop,
        "peak_hours": read.peak.hours.quantize(_THOUSANDTH),
        "peak_on": read.peak_on,
        "total_flop": read.total.flop,
        "rate_flop_per_day": read.rate_flop_per_day.quantize(_THOUSANDTH),
        "limits": [
            {
                "code": limit.code,
                "flop": format_flop(limit.flop),
                "crossed_on": _iso(limit.crossed_on),
                "planned_on": _iso(limit.planned_on),
                "projected_on": _iso(limit.projected_on),
            }
            for limit in read.limits
        ],
        "crossed": [limit.code for limit in read.limits if limit.crossed_on],
        "stale_since": None,
        "changed_at": at,
    }


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _clear(held: Holdings) -> None:
    """Take away positions of lineages that nobody files any more."""
    subjects = {held.group, *(f"{held.group}|{lineage}" for lineage in held.lineages)}
    Position.objects.filter(group=held.group).exclude(subject__in=subjects).delete()
