"""Posting: what a filing's newest version and a return's newest version say, as the rows that positions are made of.

Both bring what is posted to what is in force, whatever was posted before: an event that comes twice, late or out of
order changes nothing the second time. The cost is that of what changed: the lines of one filing; the records that a
version of a return added or ended. What is touched is marked as stale and read later (`position_register`).
"""

import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from django.db import connection

from registry import rows
from registry.accounts.policy import Permission
from registry.acting import Actor, inside_acting_as
from registry.compute import catalogue
from registry.compute.models import Facility, Return
from registry.filings import document
from registry.filings.document import FilingDocument
from registry.filings.document.site import Facility as DescribedFacility
from registry.filings.lifecycle import Status
from registry.filings.models import Filing
from registry.filings.ownership_document import organisation_key
from registry.filings.working_days import day_of
from registry.screening import filed_runs, position_terms, positions
from registry.screening.filed_runs import FiledRun
from registry.screening.models import Position, PostedReturn, PostedRun

# The key of a record's customer, as `organisation_key` makes that of an organisation.
ACCOUNT: Final = """
case when r.customer_lei <> '' then 'lei:' || r.customer_lei
     when r.customer_euid <> '' then 'euid:' || r.customer_euid
     when r.customer_vat <> '' then 'vat:' || r.customer_vat
     else 'name:' || r.customer_country || ':' || left(lower(regexp_replace(r.customer_name, '\\W+', '', 'g')), 150)
end
"""
# Records added up as they are posted; `sign` takes away what ended. Days are those of UTC, as a machine's hours are.
ADDED_UP: Final = f"""
select r.organisation_id, r.territory, r.month, {ACCOUNT} as account, max(r.customer_name) as customer_name,
  r.facility_id::text as facility, r.accelerator_id as accelerator, r.workload_class = any(%(training)s) as is_training,
  (r.starts_at at time zone 'UTC')::date as starts_on,
  ((r.ends_at - interval '1 microsecond') at time zone 'UTC')::date + 1 as ends_on,
  sum(r.sign) as records, sum(r.sign * r.accelerator_hours) as hours,
  sum(case when r.workload_class = any(%(training)s)
      then r.sign * r.accelerator_hours * coalesce(rate.flop, 0) else 0 end) as flop
from changed r
left join unnest(%(accelerators)s::text[], %(flop_per_hour)s::numeric[]) as rate (accelerator, flop)
  on rate.accelerator = r.accelerator_id
group by r.organisation_id, r.territory, r.month, 4, 6, 7, 8, 9, 10
"""  # noqa: S608 - words of this module alone
_POST_RETURN: Final = f"""
with changed as (
  select *, 1 as sign from compute_accessrecord
  where monthly_return_id = %(return)s and month = %(month)s and since_version > %(from)s and since_version <= %(until)s
    and (until_version is null or until_version > %(until)s)
  union all
  select *, -1 from compute_accessrecord
  where monthly_return_id = %(return)s and month = %(month)s and until_version > %(from)s and until_version <= %(until)s
    and since_version <= %(from)s
), added as ({ADDED_UP}), posted as (
  insert into screening_posteduse as known (organisation_id, territory, month, account, customer_name, facility,
    accelerator, is_training, starts_on, ends_on, records, hours, flop)
  select organisation_id, territory, month, account, customer_name, facility, accelerator, is_training, starts_on,
    ends_on, records, hours, flop from added
  on conflict (account, organisation_id, month, facility, accelerator, starts_on, ends_on, is_training) do update
  set records = known.records + excluded.records, hours = known.hours + excluded.hours,
    flop = known.flop + excluded.flop
  returning account, customer_name
)
select account, max(customer_name) from posted group by account
"""  # noqa: S608 - words of this module alone
_DROP_EMPTY: Final = """
delete from screening_posteduse where records = 0 and organisation_id = %s and account = any(%s)
"""
_LOCK: Final = "select pg_advisory_xact_lock(hashtextextended(%s, 0))"
_STALE: Final = """
with touched as (
  select coalesce(m."group", t.account) as "group", coalesce(m.group_name, t.name) as name
  from unnest(%(accounts)s::text[], %(names)s::text[]) as t (account, name)
  left join screening_groupmember m on m.account = t.account
), wanted as (
  select distinct on (kind, subject) kind, subject, "group", name from (
    select 'owner_group' as kind, "group" as subject, "group", name from touched
    union all
    select 'lineage', touched."group" || '|' || l.lineage, touched."group", l.lineage
    from touched cross join unnest(%(lineages)s::text[]) as l (lineage)
  ) each order by kind, subject
)
insert into screening_position (kind, subject, "group", name, limits, crossed, stale_since, changed_at)
select kind, subject, "group", name, '[]', '[]', %(at)s, %(at)s from wanted
order by kind desc, subject -- groups before their lineages, as whoever reads them locks them
on conflict (kind, subject) do update
set stale_since = coalesce(screening_position.stale_since, excluded.stale_since)
"""


@inside_acting_as
def post_filing(*, reference: str, by: Actor, at: datetime) -> bool:
    """Bring the runs of a filing to its newest version, or take them out where it is withdrawn; says if any changed."""
    by.require(Permission.POSITION_KEEP)
    _lock(f"filing {reference}")
    filing = (
        Filing.objects.visible_to(by).filter(reference=reference, number__gte=1).select_related("organisation").first()
    )
    if filing is None:
        return False
    organisation = filing.organisation
    account = organisation_key(lei=organisation.lei, euid=organisation.euid, identity=str(organisation.id))
    wanted = _wanted(filing, account)
    known = posted_runs(filing)
    if known == wanted:
        return False
    PostedRun.objects.filter(filing=filing).delete()
    rows.insert(PostedRun, wanted)
    lineages = {str(each["lineage"]) for each in (*known, *wanted)} - {""}
    accounts = {str(each["account"]) for each in (*known, *wanted)}
    mark_stale([(each, filing.organisation.legal_name) for each in sorted(accounts)], lineages=lineages, at=at)
    return True


@inside_acting_as
def post_return(*, reference: str, by: Actor, at: datetime) -> int:
    """Post what a return's versions since the one posted added and ended; returns how many customers that touched."""
    by.require(Permission.POSITION_KEEP)
    _lock(f"return {reference}")
    found = Return.objects.visible_to(by).filter(reference=reference, version__gte=1).first()
    if found is None:
        return 0
    posted = PostedReturn.objects.filter(monthly_return=found).first()
    before = posted.version if posted else 0
    if before >= found.version:
        return 0
    with connection.cursor() as cursor:
        values: dict[str, Any] = {"return": found.id, "month": found.month, "from": before, "until": found.version}
        cursor.execute(_POST_RETURN, {**values, **rates(found.month)})
        touched = [(str(account), str(name)) for account, name in cursor.fetchall()]
        cursor.execute(_DROP_EMPTY, [found.organisation_id, [account for account, _ in touched]])
    _note(found, at)
    mark_stale(touched, lineages=(), at=at)
    return len(touched)


@inside_acting_as
def unposted(*, by: Actor, limit: int) -> tuple[list[str], list[str]]:
    """References of filings and of returns whose newest version no event has posted, for the sweep."""
    by.require(Permission.POSITION_KEEP)
    with connection.cursor() as cursor:
        cursor.execute(
            "select f.reference from filings_filing f where f.number >= 1 and f.status <> 'withdrawn' and not exists "
            "(select from screening_postedrun p where p.filing_id = f.id and p.version_number = f.number) "
            "order by f.submitted_at limit %s",
            [limit],
        )
        filings = [str(reference) for (reference,) in cursor.fetchall()]
        cursor.execute(
            "select r.reference from compute_return r where r.version >= 1 and not exists (select from "
            "screening_postedreturn p where p.monthly_return_id = r.id and p.version = r.version) "
            "order by r.submitted_at limit %s",
            [limit],
        )
        returns = [str(reference) for (reference,) in cursor.fetchall()]
    return filings, returns


def mark_stale(accounts: Sequence[tuple[str, str]], *, lineages: Iterable[str], at: datetime) -> None:
    """Mark the positions of these accounts' groups, and of these lineages in them, as to be read again."""
    values: dict[str, Any] = {
        "accounts": [account for account, _ in accounts],
        "names": [name for _, name in accounts],
        "lineages": sorted(lineages),
        "at": at,
    }
    with connection.cursor() as cursor:
        cursor.execute(_STALE, values)


def mark_left(groups: Iterable[str], *, at: datetime) -> None:
    """Mark the positions of groups that somebody left, also of who was alone and now belongs to a group."""
    marked = Position.objects.filter(kind=Position.Kind.OWNER_GROUP, subject__in=list(groups), stale_since=None)
    marked.update(stale_since=at)


def rates(month: date) -> dict[str, Any]:
    """What records of a month are added up by: classes that can be training, FLOP of an hour of each accelerator."""
    terms = position_terms.terms(on=month)
    codes = sorted(catalogue.catalogue())
    hour = Decimal(1)
    flops = [
        positions.reference_flop(accelerator=code, hours=hour, utilisation=terms.utilisation) or Decimal(0)
        for code in codes
    ]
    return {"training": sorted(terms.counted_workloads), "accelerators": codes, "flop_per_hour": flops}


def posted_runs(filing: Filing) -> list[dict[str, Any]]:
    """The rows of a filing that are posted."""
    return [dict(each) for each in PostedRun.objects.filter(filing=filing).order_by("line").values(*_RUN_COLUMNS)]


def wanted_runs(filing: Filing) -> list[dict[str, Any]]:
    """The rows that a filing's newest version makes; none where it is withdrawn."""
    organisation = filing.organisation
    account = organisation_key(lei=organisation.lei, euid=organisation.euid, identity=str(organisation.id))
    return _wanted(filing, account)


_RUN_COLUMNS: Final = (
    "filing_id",
    "organisation_id",
    "territory",
    "version_number",
    "line",
    "account",
    "lineage",
    "facility",
    "operator",
    "accelerator",
    "starts_on",
    "ends_on",
    "hours",
    "flop",
    "covers_flop",
)


def _wanted(filing: Filing, account: str) -> list[dict[str, Any]]:
    version = filing.versions.order_by("-number").first()
    if filing.status == Status.WITHDRAWN.value or version is None or not version.canonical:
        return []
    content = document.read(json.loads(version.canonical))
    stated = [amount for amount in (version.training_compute_flop, version.estimated_flop) if amount is not None]
    runs = filed_runs.of(content, flop=max(stated, default=None), submitted_on=day_of(version.submitted_at))
    halls = _halls(content, {run.facility for run in runs})
    return [_row(filing, version.number, account, number, run, halls) for number, run in enumerate(runs, start=1)]


def _row(
    filing: Filing, version: int, account: str, line: int, run: FiledRun, halls: dict[str, tuple[UUID, UUID]]
) -> dict[str, Any]:
    hall = halls.get(run.facility)
    has_place = hall is not None and bool(run.accelerator)
    return {
        "filing_id": filing.id,
        "organisation_id": filing.organisation_id,
        "territory": filing.territory,
        "version_number": version,
        "line": line,
        "account": account,
        "lineage": run.lineage,
        "facility": str(hall[0]) if hall else "",
        "operator": hall[1] if hall else None,
        "accelerator": run.accelerator,
        "starts_on": run.starts_on,
        "ends_on": run.ends_on,
        "hours": run.hours,
        "flop": run.flop,
        "covers_flop": run.covers_flop if has_place or run.accelerator else run.flop,
    }


def _halls(content: FilingDocument, named: set[str]) -> dict[str, tuple[UUID, UUID]]:
    """Facilities of the register and their operators, by what the filing calls them.

    A filing names the register's reference, or it describes a facility of an operator of the register (by LEI) by the
    operator's own name for it, by its name, or by a place where the operator has one facility alone.
    """
    found = Facility.objects.filter(reference__in=named - {""}).values_list("reference", "id", "organisation_id")
    halls = {reference: (identity, operator) for reference, identity, operator in found}
    described = [each for each in content.facilities if each.facility_id in named - halls.keys() and each.operator_lei]
    if not described:
        return halls
    leis = {each.operator_lei for each in described}
    known = list(Facility.objects.filter(organisation__lei__in=leis).select_related("organisation"))
    for each in described:
        hall = _described(each, [one for one in known if one.organisation.lei == each.operator_lei])
        if hall is not None:
            halls[each.facility_id or ""] = (hall.id, hall.organisation_id)
    return halls


def _described(described: DescribedFacility, known: Sequence[Facility]) -> Facility | None:
    """The one of an operator's facilities that is meant; None where none is, or several may be."""
    for alike in (
        [one for one in known if one.client_reference and one.client_reference == described.facility_id],
        [one for one in known if described.name and one.name.casefold() == described.name.casefold()],
        [one for one in known if one.country == described.country and one.lau_code == described.lau_code],
    ):
        if len(alike) == 1:
            return alike[0]
    return None


def _note(found: Return, at: datetime) -> None:
    made = {
        "monthly_return_id": found.id,
        "organisation_id": found.organisation_id,
        "territory": found.territory,
        "version": found.version,
        "at": at,
    }
    rows.insert(
        PostedReturn, [made], conflict="(monthly_return_id) do update set version = excluded.version, at = excluded.at"
    )


def _lock(name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [f"posting {name}"])
