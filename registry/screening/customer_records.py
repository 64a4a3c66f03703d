"""From what access records say of one customer at one provider to the snapshot that the rules look at. Pure.

A provider repeats who the customer is on every line; what differs between lines is taken together: every payer, every
country, every arrival counts. Of single facts the newest line's holds.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal, localcontext
from typing import Any, Final

from registry.compute import catalogue
from registry.quantities import EXACT, SECONDS_PER_HOUR
from registry.screening import rulebook
from registry.screening.shapes import (
    Authorisation,
    ContractingEntity,
    CustomerSnapshot,
    Director,
    EmailKind,
    MonthOfUse,
    Movement,
    Owner,
    Party,
    Payment,
    RequestedBy,
    Reseller,
)

UTILISATION: Final = Decimal("0.40")
"""Assumed where hours are reported and no FLOP: the middle of what large runs reach (`data/positions.toml`)."""
_FREE_MAIL: Final = "free-mail-2025"
_REQUESTED_BY: Final[Mapping[str, RequestedBy]] = {"provider": "compute_provider", "customer": "customer"}
_FIRST_ORDER: Final = timedelta(days=62)
_GB_PER_TB: Final = 1000
_HUNDRED: Final = 100
Line = Mapping[str, Any]


@dataclass(frozen=True)
class Used:
    """Hours on one accelerator in one month (its first day), and the most accelerators that one line names."""

    month: date
    accelerator: str
    hours: Decimal
    accelerators: int


@dataclass(frozen=True)
class Told:
    """All that is said of one customer: lines without what belongs to single uses, the newest last, and its uses."""

    provider: str
    provider_country: str
    lines: Sequence[Line]
    uses: Sequence[Used]
    first_on: date
    last_on: date
    directs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    parents: tuple[Party, ...] = ()
    authorisations: tuple[Authorisation, ...] = ()


def snapshot(told: Told, *, as_of: date) -> CustomerSnapshot:
    """The customer as of a day. `told.directs` names by director what else that person directs."""
    newest, lines = told.lines[-1], told.lines
    country = newest["customer_country"]
    contracted = date.fromisoformat(newest["contracted_on"])
    owners = tuple(_owner(each) for each in newest.get("customer_owners", ()))
    return CustomerSnapshot(
        as_of=as_of,
        name=newest["customer_name"],
        seat_country=country,
        provider=told.provider,
        provider_country=told.provider_country,
        incorporated_on=_day(newest, "customer_incorporated_on"),
        contract_on=contracted,
        previous_entities=_previous(lines),
        directors=tuple(Director(name=name, also_directs=told.directs.get(name, ())) for name in _directors(lines)),
        parents=_parents(newest, told.parents),
        beneficial_owners=owners,
        is_owner_unknown=not owners,
        end_users=_end_users(lines),
        resellers=tuple(_reseller(each) for each in newest.get("resellers", ())),
        payments=_payments(lines),
        declared_countries=_countries(lines, "end_user_country") | {country},
        declared_access_countries=_all(lines, "declared_access_countries"),
        observed_access_countries=_all(lines, "observed_access_countries"),
        has_web_presence=True if newest.get("customer_website") else None,
        email_kind=_email_kind(newest.get("customer_email", "")),
        purpose=newest.get("business_purpose", ""),
        staff=newest.get("customer_employees"),
        is_first_order=told.first_on - contracted <= _FIRST_ORDER,
        months=_months(told.uses),
        data_arrivals=_moved(lines, "media_in", _arrival),
        weights_departures=_moved(lines, "weights_out", _departure),
        ended_on=told.last_on,
        authorisations=told.authorisations,
    )


def flop_of(*, accelerator: str, hours: Decimal) -> Decimal:
    """What accelerator-hours come to at the dense 16-bit peak and the utilisation assumed; 0 for a part unknown."""
    if accelerator not in catalogue.catalogue():
        return Decimal(0)
    peak = catalogue.dense_peak(code=accelerator, precision=catalogue.default_precision(accelerator))
    with localcontext(EXACT):
        return hours * SECONDS_PER_HOUR * (peak or Decimal(0)) * UTILISATION


def _months(uses: Iterable[Used]) -> tuple[MonthOfUse, ...]:
    """Each month with all accelerators together; what one line names is held at the same time, other lines may not."""
    found: dict[date, MonthOfUse] = {}
    for use in sorted(uses, key=lambda each: each.month):
        before = found.get(use.month)
        with localcontext(EXACT):
            found[use.month] = MonthOfUse(
                month=use.month,
                accelerators=max(use.accelerators, before.accelerators if before else 0),
                accelerator_hours=use.hours + (before.accelerator_hours if before else 0),
                flop=flop_of(accelerator=use.accelerator, hours=use.hours) + (before.flop if before else 0),
                utilisation=UTILISATION,
            )
    return tuple(found.values())


def _previous(lines: Sequence[Line]) -> tuple[ContractingEntity, ...]:
    found = {
        (name, line.get("previous_customer_country", "")): ContractingEntity(
            name=name,
            country=line.get("previous_customer_country", ""),
            until_on=_day(line, "contract_changed_on"),
            change_requested_by=_REQUESTED_BY.get(line.get("contract_changed_by", ""), "other"),
        )
        for line in lines
        if (name := line.get("previous_customer_name"))
    }
    return tuple(found.values())


def _directors(lines: Sequence[Line]) -> list[str]:
    return list(dict.fromkeys(name for line in lines for name in line.get("customer_directors", ())))


def _parents(newest: Line, known: tuple[Party, ...]) -> tuple[Party, ...]:
    """What the register knows by the statements of owners, else what the provider was told."""
    name, country = newest.get("customer_parent_name", ""), newest.get("customer_parent_country", "")
    return known or ((Party(name=name or country, country=country),) if name or country else ())


def _end_users(lines: Sequence[Line]) -> tuple[Party, ...]:
    """Named end users; and the customer itself where the provider attests that it is established in Russia."""
    named = {(name, line.get("end_user_country", "")) for line in lines if (name := line.get("end_user_name"))}
    russian = {(line["customer_name"], "RU") for line in lines if line.get("is_established_in_russia")}
    return tuple(Party(name=name, country=country) for name, country in sorted(named | russian))


def _payments(lines: Sequence[Line]) -> tuple[Payment, ...]:
    found: dict[Payment, None] = {}
    for line in lines:
        payer, on = line.get("payer_name", ""), line.get("_since_on")
        for country in (line.get("payer_country", ""), *line.get("payment_countries", ())):
            if payer or country:
                found[Payment(payer=payer, country=country, on=on)] = None
    return tuple(found)


def _owner(said: Line) -> Owner:
    share = said.get("share_percent")
    return Owner(
        name=said["name"],
        share=None if share is None else Decimal(share) / _HUNDRED,
        country=said.get("country", ""),
    )


def _reseller(said: Line) -> Reseller:
    party = Party(name=said["name"], country=said["country"])
    return Reseller(party=party, has_attestation=bool(said.get("has_own_verification")))


def _moved(lines: Sequence[Line], name: str, moved: Callable[[Line], Movement]) -> tuple[Movement, ...]:
    """Every movement once, however many lines repeat it; two alike on one line are two."""
    found: Counter[Movement] = Counter()
    for line in lines:
        found |= Counter(moved(each) for each in line.get(name, ()))
    return tuple(found.elements())


def _arrival(said: Line) -> Movement:
    return Movement(
        country=said.get("from_country", ""),
        on=date.fromisoformat(said["arrived_on"]),
        medium="physical_media",
        volume_gb=Decimal(said["volume_tb"]) * _GB_PER_TB,
        carrier=said.get("carrier", ""),
    )


def _departure(said: Line) -> Movement:
    return Movement(
        country=said.get("to_country", ""),
        on=date.fromisoformat(said["left_on"]),
        medium=said["medium"],
        volume_gb=Decimal(said["volume_gb"]),
        carrier=said.get("holder_name", ""),
    )


def _email_kind(address: str) -> EmailKind:
    domain = address.rpartition("@")[2].casefold()
    if not domain:
        return ""
    return "free_domain" if domain in rulebook.listed(_FREE_MAIL) else "own_domain"


def _all(lines: Sequence[Line], name: str) -> frozenset[str]:
    return frozenset(each for line in lines for each in line.get(name, ()))


def _countries(lines: Sequence[Line], name: str) -> frozenset[str]:
    return frozenset(line[name] for line in lines if line.get(name))


def _day(line: Line, name: str) -> date | None:
    return date.fromisoformat(line[name]) if line.get(name) else None
