"""Reading what postings marked, and holding everything posted against what a full recomputation gives."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import connection

from registry import rows
from registry.accounts.policy import Permission
from registry.acting import Actor, inside_acting_as
from registry.filings.models import Filing
from registry.filings.working_days import day_of
from registry.screening import position_register, posting, reconciling
from registry.screening.models import Position, PostedReturn, PostedRun, PostedUse

_EVERYTHING: Final = f"""
with changed as (
  select c.*, 1 as sign from compute_accessrecord c
  join screening_postedreturn p on p.monthly_return_id = c.monthly_return_id
  where c.month = %(month)s and c.since_version <= p.version
    and (c.until_version is null or c.until_version > p.version)
), added as ({posting.ADDED_UP})
"""  # noqa: S608 - words of this package alone
_SAME: Final = "account, organisation_id, facility, accelerator, is_training, starts_on, ends_on, records, hours, flop"
_DIFFERING: Final = f"""
{_EVERYTHING}, posted as (
  select {_SAME} from screening_posteduse where month = %(month)s
), anew as (select {_SAME} from added)
select count(*) from ((select * from posted except select * from anew) union all
  (select * from anew except select * from posted)) as d
"""  # noqa: S608 - as above
_ANEW: Final = f"""
{_EVERYTHING}
insert into screening_posteduse (organisation_id, territory, month, account, customer_name, facility, accelerator,
  is_training, starts_on, ends_on, records, hours, flop)
select organisation_id, territory, month, account, customer_name, facility, accelerator, is_training, starts_on,
  ends_on, records, hours, flop from added
"""  # noqa: S608 - as above


@dataclass(frozen=True)
class Recomputed:
    """What differed: lines of filings, rows of uses, positions; and how many positions were compared."""

    runs: int
    uses: int
    positions: int
    compared: int

    @property
    def is_equal(self) -> bool:
        """Whether everything kept is as it would be if it were added up anew."""
        return self.runs == self.uses == self.positions == 0


@inside_acting_as
def read_stale(*, limit: int, by: Actor, at: datetime) -> list[str]:
    """Read and reconcile up to `limit` groups that postings marked, the longest waiting first; returns the groups."""
    by.require(Permission.POSITION_KEEP)
    waiting = list(
        Position.objects.visible_to(by)
        .select_for_update(skip_locked=True)
        .filter(kind=Position.Kind.OWNER_GROUP, stale_since__isnull=False)
        .order_by("stale_since", "pk")
        .values_list("subject", flat=True)[:limit]
    )
    for group in waiting:
        held = position_register.holdings(group)
        position_register.store(held, at=at)
        if reconciling.is_worth_it(held):
            reconciling.write(held, at=at)
    return waiting


@inside_acting_as
def age(*, by: Actor, at: datetime, limit: int) -> int:
    """Mark positions that were last read on an earlier day: windows move. Returns how many."""
    by.require(Permission.POSITION_KEEP)
    old = Position.objects.filter(kind=Position.Kind.OWNER_GROUP, stale_since__isnull=True, read_on__lt=day_of(at))
    chosen = list(old.order_by("read_on").values_list("pk", flat=True)[:limit])
    return Position.objects.filter(pk__in=chosen).update(stale_since=at)


@inside_acting_as
def check(*, by: Actor, at: datetime) -> Recomputed:
    """Add everything up anew and compare; nothing is changed. Postings and positions that wait are not counted."""
    by.require(Permission.POSITION_KEEP)
    runs = 0
    for filing in Filing.objects.visible_to(by).filter(number__gte=1).select_related("organisation").iterator():
        runs += posting.wanted_runs(filing) != posting.posted_runs(filing)
    uses = sum(_counted(_DIFFERING, month) for month in _months())
    compared, differing = 0, 0
    for stored in Position.objects.filter(kind=Position.Kind.OWNER_GROUP, stale_since__isnull=True):
        anew = position_register.rows_of(
            position_register.holdings(stored.subject), at=at, on=stored.read_on or day_of(at)
        )
        compared += 1
        differing += any(getattr(stored, name) != anew[0][name] for name in position_register.COMPARED)
    return Recomputed(runs, uses, differing, compared)


@inside_acting_as
def recompute(*, by: Actor, at: datetime) -> int:
    """Post every filing and every posted return anew, and mark every group; returns how many groups wait to be read."""
    by.require(Permission.POSITION_KEEP)
    PostedUse.objects.all().delete()
    for month in _months():
        with connection.cursor() as cursor:
            cursor.execute(_ANEW, {"month": month, **posting.rates(month)})
    PostedRun.objects.all().delete()
    for filing in Filing.objects.visible_to(by).filter(number__gte=1).select_related("organisation").iterator():
        rows.insert(PostedRun, posting.wanted_runs(filing))
    Position.objects.filter(kind=Position.Kind.OWNER_GROUP).update(stale_since=at)
    accounts = {*PostedRun.objects.values_list("account", "organisation__legal_name")}
    accounts |= {*PostedUse.objects.values_list("account", "customer_name")}
    posting.mark_stale(sorted(dict(accounts).items()), lineages=(), at=at)
    return Position.objects.filter(kind=Position.Kind.OWNER_GROUP, stale_since__isnull=False).count()


def _months() -> list[Any]:
    posted = PostedReturn.objects.order_by("monthly_return__month").values_list("monthly_return__month", flat=True)
    return list(posted.distinct())


def _counted(statement: str, month: Any) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"month": month, **posting.rates(month)})
        row = cursor.fetchone()
    return int(row[0]) if row else 0
