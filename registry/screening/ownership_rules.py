"""Rules on who stands behind a customer: R-10, R-12, R-13, and the hard stop R-22. Pure."""

from collections.abc import Callable, Mapping
from decimal import Decimal, localcontext
from types import MappingProxyType
from typing import Final

from registry.quantities import EXACT
from registry.screening.rulebook import NOTHING, Inputs, Outcome, Rule
from registry.screening.shapes import CustomerSnapshot, Owner, Party
from registry.screening.wording import codes, listed, percent, plain

_RUSSIA = "RU"


def _parent_elsewhere(snapshot: CustomerSnapshot, rule: Rule) -> Outcome:
    """R-10: the group is led from a country on the list, the customer has its seat in another."""
    found = [
        each
        for each in snapshot.parents
        if each.country in rule.lists["watched"] and snapshot.seat_country and each.country != snapshot.seat_country
    ]
    if not found:
        return NOTHING
    return ("parent",), {
        "customer_name": snapshot.name,
        "seat_country": snapshot.seat_country,
        "parent_names": listed(each.name for each in found),
        "parent_countries": codes(each.country for each in found),
    }


def _nominee_like(snapshot: CustomerSnapshot, rule: Rule) -> Outcome:
    """R-12: directors of several unrelated organisations without a part in any, or on the board of a listed party."""
    cases: list[str] = []
    inputs: Inputs = {"customer_name": snapshot.name}
    least = rule.limits["unrelated_from"]
    idle = [each for each in snapshot.directors if len(each.also_directs) >= least and not each.has_relevant_role]
    if idle:
        cases.append("nominee")
        inputs |= {"nominee_names": listed(f"{each.name} ({len(each.also_directs)})" for each in idle)}
        inputs |= {"nominees_count": str(len(idle)), "directors_count": str(len(snapshot.directors))}
        inputs["unrelated_from_count"] = plain(least)
    tied = [each for each in snapshot.directors if each.listed_boards]
    if tied:
        cases.append("listed_board")
        inputs["tied_names"] = listed(f"{each.name} ({listed(each.listed_boards)})" for each in tied)
    return tuple(cases), inputs


def _owners_hidden(snapshot: CustomerSnapshot, rule: Rule) -> Outcome:
    """R-13: no beneficial owner known, none reaches 25 %, holdings in a circle, or a listed party among the owners."""
    owner_share, aggregate = rule.limits["owner_share"], rule.limits["aggregate_share"]
    inputs: Inputs = {"customer_name": snapshot.name, "owner_percent": percent(owner_share)}
    cases: list[str] = []
    if not snapshot.is_traded and not snapshot.is_natural_person:
        if snapshot.is_owner_unknown:
            cases.append("unknown")
        elif _all_below(snapshot.beneficial_owners, owner_share):
            cases.append("below")
            inputs["largest_percent"] = percent(max(each.share or Decimal(0) for each in snapshot.beneficial_owners))
    if snapshot.is_ownership_circular:
        cases.append("circular")
    listed_owners = [each for each in snapshot.beneficial_owners if each.is_listed and each.share is not None]
    single = [each for each in listed_owners if _share(each) >= owner_share]
    if single:
        cases.append("listed")
        inputs["listed_names"] = listed(f"{each.name} ({percent(_share(each))} %)" for each in single)
    together = _sum(listed_owners)
    if together >= aggregate:
        cases.append("aggregate")
        inputs |= {"together_percent": percent(together), "aggregate_percent": percent(aggregate)}
        inputs["together_names"] = listed(each.name for each in listed_owners)
    return tuple(cases), inputs


def _all_below(owners: tuple[Owner, ...], share: Decimal) -> bool:
    """Whether owners are known, each with a share, and none of them reaches it or has control by other means."""
    return bool(owners) and all(
        each.share is not None and each.share < share and not each.has_control for each in owners
    )


def _prohibited(snapshot: CustomerSnapshot, rule: Rule) -> Outcome:
    """R-22: a service to the Government of Russia or a legal person established there, directly or indirectly.

    An exemption or authorisation recorded for the day turns the stop into a note. A Russian owner or parent of somebody
    established elsewhere does not stop: it asks for a review of indirect provision.
    """
    served = _served(snapshot)
    if served:
        inputs = {"served_names": listed(each.name for each in served.values()), "customer_name": snapshot.name}
        covering = [each.reference for each in snapshot.authorisations if each.covers(snapshot.as_of)]
        if covering:
            return ("authorised",), inputs | {"authorisation_names": listed(covering)}
        return tuple(served), inputs
    behind = _behind(snapshot, rule.limits["owner_share"])
    if not behind:
        return NOTHING
    return ("review",), {
        "customer_name": snapshot.name,
        "seat_country": snapshot.seat_country,
        "owner_names": listed(behind),
        "owner_percent": percent(rule.limits["owner_share"]),
    }


def _served(snapshot: CustomerSnapshot) -> Mapping[str, Party]:
    """The parties to whom the service may not be given, by case; of several in one case the first."""
    customer = Party(
        name=snapshot.name,
        country=snapshot.seat_country,
        is_natural_person=snapshot.is_natural_person,
        is_russian_government=snapshot.is_russian_government,
    )
    found: dict[str, Party] = {}
    parties = [("customer", customer)]
    parties += [("end_user", each) for each in snapshot.end_users]
    parties += [("reseller", each.party) for each in snapshot.resellers]
    for case, party in parties:
        if party.is_russian_government:
            found.setdefault("government", party)
        elif party.country == _RUSSIA and not party.is_natural_person:
            found.setdefault(case, party)
    return found


def _behind(snapshot: CustomerSnapshot, share: Decimal) -> list[str]:
    """Parents in Russia, and Russian owners with control, with an unknown share, or with so large a share together."""
    parents = [each.name for each in snapshot.parents if each.country == _RUSSIA or each.is_russian_government]
    owners = [each for each in snapshot.beneficial_owners if each.country == _RUSSIA]
    matters = any(each.has_control or each.share is None for each in owners) or _sum(owners) >= share
    return [*parents, *(each.name for each in owners if matters)]


def _share(owner: Owner) -> Decimal:
    return owner.share or Decimal(0)


def _sum(owners: list[Owner]) -> Decimal:
    with localcontext(EXACT):
        return sum((_share(each) for each in owners), Decimal(0))


RULES: Final[Mapping[str, Callable[[CustomerSnapshot, Rule], Outcome]]] = MappingProxyType(
    {"R-10": _parent_elsewhere, "R-12": _nominee_like, "R-13": _owners_hidden, "R-22": _prohibited}
)
