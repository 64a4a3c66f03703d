"""Who belonged to which owner group on which day: the members of groups, kept from the statements of ownership.

Groups are those of `registry.organisations.ownership_control` on each day on which a statement changes something. What
is first known of an account holds for the days before as well.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from django.db import connection

from registry import rows
from registry.accounts.policy import Permission
from registry.acting import Actor, inside_acting_as
from registry.filings import ownership_reckoning
from registry.filings.ownership_document import organisation_key
from registry.filings.ownership_reckoning import Register
from registry.filings.working_days import day_of
from registry.organisations import ownership_control
from registry.organisations.models import Organisation, OwnershipHolding, OwnershipStatement
from registry.screening import posting
from registry.screening.models import GroupMember

BEGINNING: Final = date(1, 1, 1)
_NO_WORD: Final = re.compile(r"\W+")
_LONGEST_NAME: Final = 150
_MOST_DAYS: Final = 24  # of one statement; the newest count
_CUT: Final = """
update screening_groupmember set until_on = %(day)s where account = any(%(accounts)s) and from_on < %(day)s
  and (until_on is null or until_on > %(day)s)
"""


@dataclass(frozen=True)
class Belonging:
    """The group of an account, and what people read for it; whether a statement tells of it."""

    group: str
    name: str
    is_told: bool


@inside_acting_as
def regroup(*, organisation: str, by: Actor, at: datetime) -> int:
    """Follow what an organisation's newest statement changes, day by day; returns how many accounts changed groups.

    Without an organisation only today is looked at, as holdings begin and end with the days. Repeatable.
    """
    by.require(Permission.POSITION_KEEP)
    today = day_of(at)
    changed: set[str] = set()
    for day in _days(organisation, today):
        changed |= _follow(day, by=by, at=at)
    return len(changed)


def _days(organisation: str, today: date) -> list[date]:
    """The days on which the newest statement changes something, none of them to come."""
    if not organisation:
        return [today]
    told = OwnershipStatement.objects.filter(organisation_id=UUID(organisation)).only("id", "as_of_on")
    statement = told.order_by("-number").first()
    if statement is None:
        return [today]
    holdings = OwnershipHolding.objects.filter(statement=statement).values_list("valid_from", "valid_to")
    days = {day for pair in holdings for day in pair if day is not None and statement.as_of_on <= day <= today}
    return sorted({*days, min(statement.as_of_on, today)})[-_MOST_DAYS:]


def _follow(day: date, *, by: Actor, at: datetime) -> set[str]:
    """Bring the members to the groups of a day, from that day on; returns the accounts that changed."""
    register = ownership_reckoning.register_on(day, by=by)
    wanted = _belongings(register, by)
    accounts = sorted(wanted)
    known = {
        each.account: each
        for each in GroupMember.objects.filter(account__in=accounts, from_on__lte=day).order_by("account", "from_on")
    }
    seen = set(GroupMember.objects.filter(account__in=accounts).values_list("account", flat=True))
    changed = {
        account: belonging
        for account, belonging in wanted.items()
        if (belonging.group != known[account].group if account in known else _is_news(account, belonging))
    }
    if not changed:
        return set()
    left = {known[account].group if account in known else account for account in changed}
    GroupMember.objects.filter(account__in=list(changed), from_on__gte=day).delete()
    with connection.cursor() as cursor:
        cursor.execute(_CUT, {"day": day, "accounts": sorted(changed)})
    rows.insert(GroupMember, list(_rows(changed, day, seen)))
    posting.mark_stale([(account, each.name) for account, each in sorted(changed.items())], lineages=(), at=at)
    posting.mark_left(left, at=at)
    return set(changed)


def _is_news(account: str, belonging: Belonging) -> bool:
    """Whether what is first known of an account is to be kept: also that it stands alone, if somebody says so."""
    return belonging.is_told or belonging.group != account


def _rows(changed: Mapping[str, Belonging], day: date, seen: set[str]) -> Iterable[dict[str, object]]:
    for account, belonging in sorted(changed.items()):
        yield {
            "account": account,
            "group": belonging.group,
            "group_name": belonging.name,
            "from_on": day if account in seen else BEGINNING,
            "until_on": None,
        }


def _belongings(register: Register, by: Actor) -> dict[str, Belonging]:
    """The group of every entity that is told of, and of every organisation by each of its numbers."""
    standings = ownership_control.standings(register.graph)
    names = {key: known.name or key for key, known in register.entities.items()}

    def belonging(key: str) -> Belonging:
        group = standings[key].group if key in standings else key
        return Belonging(group, names.get(group, group)[:300], key in standings)

    found = {key: belonging(key) for key in register.entities if key not in register.people}
    stored = Organisation.objects.visible_to(by).values_list("id", "lei", "euid", "legal_name", "seat_country")
    for identity, lei, euid, name, country in stored:
        own = organisation_key(lei=lei, euid=euid, identity=str(identity))
        key = register.organisations.get(identity, own)
        names.setdefault(key, name)
        for alias in {own, key, f"lei:{lei}" if lei else own, f"euid:{euid}" if euid else own, named(country, name)}:
            found.setdefault(alias, belonging(key))
    return found


def named(country: str, name: str) -> str:
    """The account of a customer of whom only name and country are known, as `posting.ACCOUNT` makes it."""
    return f"name:{country}:{_NO_WORD.sub('', name.lower())[:_LONGEST_NAME]}"
