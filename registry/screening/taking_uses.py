"""From access records to patterns of use: what looks like large training at one provider, and whether it is filed.

Asked of the customers of a return, for some hundred at once, beside what is said of the customers themselves. A use is
filed where a filing is posted of the customer's owner group whose run shares a day with it.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from django.db import connection

from registry.acting import Actor
from registry.organisations.models import Organisation
from registry.screening import posting
from registry.screening.customer_records import UTILISATION, flop_of
from registry.screening.keeping import Subject, content_of
from registry.screening.models import GroupMember, PostedRun
from registry.screening.shapes import SubjectKind, UsageSnapshot
from registry.screening.taking import Taken
from registry.screening.taking_customers import LOOKED_BACK

_HOURS_A_DAY: Final = 24
_TRAINING_LIKE: Final = ("large_training", "training", "fine_tuning", "synthetic_data", "unknown")
_PATTERNS: Final = f"""
select r.customer_key, {posting.ACCOUNT} as account, max(r.customer_name), r.month, r.accelerator_id,
  max((r.document ->> 'nodes')::bigint), max((r.document ->> 'interconnect_gbit_per_s')::numeric),
  max((r.document ->> 'steady_days')::numeric), max(r.accelerators),
  min(r.starts_at), max(r.ends_at)
from compute_accessrecord r join compute_return t on t.id = r.monthly_return_id
where r.organisation_id = %(provider)s and r.month between %(since)s and %(until)s and r.customer_key = any(%(keys)s)
  and r.since_version <= t.version and (r.until_version is null or r.until_version > t.version)
  and r.workload_class = any(%(training)s) and r.document ? 'nodes'
group by 1, 2, 4, 5 order by 1, 4, 5
"""  # noqa: S608 - words of this package alone


@dataclass(frozen=True)
class _Month:
    """What one customer's records of a month say of one accelerator."""

    account: str
    name: str
    month: date
    accelerator: str
    nodes: int
    interconnect: Decimal | None
    steady_days: Decimal | None
    accelerators: int
    from_on: date
    until_on: date


def of_uses(actor: Actor, *, provider: UUID, keys: Sequence[str], until: date, as_of: date) -> Iterator[Taken]:
    """The uses of these customers of a provider that may be training, in the year up to and including a month."""
    lender = Organisation.objects.visible_to(actor).get(id=provider)
    months = _months(provider, keys, until)
    groups = _groups({each.account for several in months.values() for each in several})
    filed = _filed(set(groups.values()))
    for key, several in months.items():
        newest = several[-1]
        group = groups.get(newest.account, newest.account)
        snapshot = _snapshot(several, provider=lender.legal_name, runs=filed.get(group, ()), as_of=as_of)
        subject = Subject(
            kind=SubjectKind.USE,
            key=f"{lender.id}:{key}",
            name=newest.name,
            group_key=group,
            organisation_id=lender.id,
            territory=lender.territory,
            content=content_of(snapshot),
        )
        yield subject, snapshot


def _snapshot(months: Sequence[_Month], *, provider: str, runs: Iterable[PostedRun], as_of: date) -> UsageSnapshot:
    """All months together: the most nodes and accelerators at once, and the steady days of each month added up.

    How much it was is left to reconciliation, which holds it against filings in hours (rule R-23).
    """
    from_on, until_on = min(each.from_on for each in months), max(each.until_on for each in months)
    largest = max(months, key=lambda each: each.accelerators)
    steady: defaultdict[date, Decimal] = defaultdict(Decimal)
    for each in months:
        steady[each.month] = max(steady[each.month], each.steady_days or Decimal(0))
    is_filed = any(run.starts_on <= until_on and run.ends_on > from_on for run in runs)
    return UsageSnapshot(
        as_of=as_of,
        customer=largest.name,
        provider=provider,
        from_on=from_on,
        until_on=until_on,
        filing_reference="…" if is_filed else "",
        workload="training",
        accelerators=largest.accelerators,
        nodes=max(each.nodes for each in months),
        interconnect_gbit_per_s=max((each.interconnect for each in months if each.interconnect), default=None),
        steady_days=int(sum(steady.values())) if any(each.steady_days is not None for each in months) else None,
        utilisation=UTILISATION,
        flop_per_day=flop_of(accelerator=largest.accelerator, hours=Decimal(largest.accelerators * _HOURS_A_DAY)),
    )


def _months(provider: UUID, keys: Sequence[str], until: date) -> Mapping[str, list[_Month]]:
    asked: dict[str, Any] = {"provider": provider, "keys": list(keys), "until": until, "since": until - LOOKED_BACK}
    found: defaultdict[str, list[_Month]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_PATTERNS, asked | {"training": list(_TRAINING_LIKE)})
        for key, *said, starts_at, ends_at in cursor.fetchall():
            days = (starts_at.date(), (ends_at - timedelta(microseconds=1)).date())
            found[key].append(_Month(*(*said, *days)))
    return found


def _groups(accounts: set[str]) -> Mapping[str, str]:
    """The owner group of each account, as it is now; who has none is its own."""
    known = GroupMember.objects.filter(account__in=accounts, until_on__isnull=True)
    return {each: each for each in accounts} | dict(known.values_list("account", "group"))


def _filed(groups: set[str]) -> Mapping[str, list[PostedRun]]:
    """What is posted from filings of each group."""
    members = dict(GroupMember.objects.filter(group__in=groups).values_list("account", "group"))
    found: defaultdict[str, list[PostedRun]] = defaultdict(list)
    for run in PostedRun.objects.filter(account__in={*members, *groups}):
        found[members.get(run.account, run.account)].append(run)
    return found
