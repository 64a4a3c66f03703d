"""From access records to customers: what providers say of each, read for some hundred customers at once.

Of the records of a year only what differs is brought over: the lines without what belongs to single uses, and hours
added up by month and accelerator. A provider that repeats itself a million times costs the database, not the rules.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from django.db import connection

from registry.acting import Actor
from registry.compute.models import Return
from registry.organisations.models import Organisation
from registry.screening import authorisations, customer_records
from registry.screening.customer_records import Line, Told, Used
from registry.screening.keeping import Subject, content_of
from registry.screening.shapes import CustomerSnapshot, Party, SubjectKind
from registry.screening.taking import Taken

LOOKED_BACK: Final = timedelta(days=366)
AT_ONCE: Final = 200
# What belongs to single uses: it differs from line to line and tells nothing of who the customer is.
_OF_A_USE: Final = (
    "line_id", "facility", "accelerator", "accelerators", "starts_at", "ends_at", "accelerator_hours", "workload_class",
    "nodes", "interconnect_gbit_per_s", "steady_days", "run_reference", "hardware_controller", "attested_on",
    "verified_on", "end_user_statement_on",
)  # fmt: skip
_STANDING: Final = """
from compute_accessrecord r join compute_return t on t.id = r.monthly_return_id
where r.organisation_id = %(provider)s and r.month between %(since)s and %(until)s and r.customer_key = any(%(keys)s)
  and r.since_version <= t.version and (r.until_version is null or r.until_version > t.version)
"""
_KEYS: Final = """
select distinct r.customer_key from compute_accessrecord r join compute_return t on t.id = r.monthly_return_id
where r.monthly_return_id = %(return)s and r.month = %(month)s and r.customer_key > %(after)s
  and r.since_version <= t.version and (r.until_version is null or r.until_version > t.version)
order by r.customer_key limit %(limit)s
"""
_LINES: Final = f"""
select r.customer_key, (r.document - %(of_a_use)s::text[])::text, min(r.starts_at), max(r.ends_at)
{_STANDING} group by 1, 2 order by 1, 4, 2
"""
_USES: Final = f"""
select r.customer_key, r.month, r.accelerator_id, sum(r.accelerator_hours), max(r.accelerators)
{_STANDING} group by 1, 2, 3 order by 1, 2, 3
"""
_DIRECTORS: Final = """
select distinct d.name, r.customer_name from compute_accessrecord r
join compute_return t on t.id = r.monthly_return_id
cross join lateral jsonb_array_elements_text(r.document -> 'customer_directors') as d (name)
where r.document ? 'customer_directors' and r.document -> 'customer_directors' ?| %(names)s and d.name = any(%(names)s)
  and r.month between %(since)s and %(until)s
  and r.since_version <= t.version and (r.until_version is null or r.until_version > t.version)
order by 1, 2
"""


def keys_of(found: Return, *, after: str = "", limit: int = AT_ONCE) -> list[str]:
    """The provider's keys of customers in a return as submitted, in order, after one."""
    with connection.cursor() as cursor:
        cursor.execute(_KEYS, {"return": found.id, "month": found.month, "after": after, "limit": limit})
        return [str(key) for (key,) in cursor.fetchall()]


def of_customers(actor: Actor, *, provider: UUID, keys: Sequence[str], until: date, as_of: date) -> Iterator[Taken]:
    """These customers of a provider, by what their records said in the year up to and including a month.

    Six queries however many customers there are. A customer without a record is left out.
    """
    lender = Organisation.objects.visible_to(actor).get(id=provider)
    asked: dict[str, Any] = {"provider": provider, "keys": list(keys), "since": until - LOOKED_BACK, "until": until}
    lines, uses = _lines(asked), _uses(asked)
    directs = _directs(lines, asked)
    covered = authorisations.covering(provider, keys)
    parents = _known_parents((each for _, several in lines.values() for each in several), actor)
    for key, (span, several) in lines.items():
        newest = several[-1]
        told = Told(
            provider=lender.legal_name,
            provider_country=lender.seat_country,
            lines=several,
            uses=uses.get(key, ()),
            first_on=span[0],
            last_on=span[1],
            directs=_others(directs, newest["customer_name"]),
            parents=parents.get(newest.get("customer_lei", ""), ()),
            authorisations=covered.get(key, ()),
        )
        snapshot = customer_records.snapshot(told, as_of=as_of)
        yield _subject(lender, key, newest, snapshot), snapshot


def account_of(line: Line) -> str:
    """The key of a customer as statements of ownership make it: by LEI, EUID or VAT number, else by its name."""
    for name in ("lei", "euid", "vat"):
        if line.get(f"customer_{name}"):
            return f"{name}:{line[f'customer_{name}']}"
    plain = "".join(each for each in line["customer_name"].lower() if each.isalnum() or each == "_")
    return f"name:{line['customer_country']}:{plain[:150]}"


def _subject(lender: Organisation, key: str, newest: Line, snapshot: CustomerSnapshot) -> Subject:
    return Subject(
        kind=SubjectKind.CUSTOMER,
        key=f"{lender.id}:{key}",
        name=snapshot.name,
        organisation_id=lender.id,
        territory=lender.territory,
        group_key=account_of(newest),
        content=content_of(snapshot),
    )


def _lines(asked: dict[str, Any]) -> dict[str, tuple[tuple[date, date], list[Line]]]:
    """By customer the first and last day of use, and the different lines, the newest last."""
    found: dict[str, tuple[tuple[date, date], list[Line]]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_LINES, asked | {"of_a_use": list(_OF_A_USE)})
        for key, text, starts_at, ends_at in cursor.fetchall():
            line = {**json.loads(text, parse_float=Decimal), "_since_on": starts_at.date()}
            span, several = found.get(key, ((starts_at.date(), _last(ends_at)), []))
            several.append(line)
            found[key] = ((min(span[0], starts_at.date()), max(span[1], _last(ends_at))), several)
    return found


def _uses(asked: Mapping[str, Any]) -> Mapping[str, list[Used]]:
    found: defaultdict[str, list[Used]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_USES, asked)
        for key, month, accelerator, hours, accelerators in cursor.fetchall():
            found[key].append(Used(month, accelerator, hours, accelerators))
    return found


def _directs(lines: Mapping[str, tuple[Any, list[Line]]], asked: dict[str, Any]) -> Mapping[str, list[str]]:
    """By director every customer, of whichever provider, that names this person."""
    names = {name for _, several in lines.values() for line in several for name in line.get("customer_directors", ())}
    if not names:
        return {}
    found: defaultdict[str, list[str]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_DIRECTORS, asked | {"names": sorted(names)})
        for name, customer in cursor.fetchall():
            found[name].append(customer)
    return found


def _others(directs: Mapping[str, list[str]], own: str) -> Mapping[str, tuple[str, ...]]:
    return {name: tuple(each for each in customers if each != own) for name, customers in directs.items()}


def _known_parents(lines: Iterable[Line], actor: Actor) -> Mapping[str, tuple[Party, ...]]:
    """By LEI the ultimate parents of customers that are organisations of the register."""
    leis = {line["customer_lei"] for line in lines if line.get("customer_lei")}
    stored = Organisation.objects.visible_to(actor).filter(lei__in=leis).exclude(ultimate_parent_country="")
    return {
        lei: (Party(name=name, country=country),)
        for lei, name, country in stored.values_list("lei", "ultimate_parent_name", "ultimate_parent_country")
    }


def _last(ends_at: datetime) -> date:
    """The last day of a use; one that ends at midnight ended the day before."""
    return (ends_at - timedelta(microseconds=1)).date()
