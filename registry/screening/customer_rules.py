"""Rules on how a customer came, pays, reaches and buys: R-09, R-11, R-14 to R-17, R-21, R-25. Pure."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, localcontext
from fractions import Fraction
from types import MappingProxyType
from typing import Final

from registry.filings.working_days import Term, Unit, nominal_end
from registry.quantities import EXACT, format_flop
from registry.screening.movement_rules import movements
from registry.screening.rulebook import NOTHING, Inputs, Outcome, Rule
from registry.screening.shapes import CustomerSnapshot
from registry.screening.wording import codes, listed, plain, ratio


def _young_or_changed(snapshot: CustomerSnapshot, rule: Rule) -> Outcome:
    """R-09: founded less than twelve months before the contract, or a new entity or country for the same end user."""
    cases: list[str] = []
    inputs: Inputs = {"customer_name": snapshot.name}
    founded, contract = snapshot.incorporated_on, snapshot.contract_on
    if founded is not None and contract is not None and _is_young(snapshot, rule):
        cases.append("young")
        inputs |= {"incorporated_on": founded.isoformat(), "contract_on": contract.isoformat()}
        inputs |= {"age_days": str((contract - founded).days), "young_months": plain(rule.limits["young_months"])}
    before = [each for each in snapshot.previous_entities if _name(each.name) != _name(snapshot.name)]
    if before:
        countries = [each.country for each in before if each.country]
        moved = snapshot.seat_country and any(country != snapshot.seat_country for country in countries)
        cases.append("jurisdiction_changed" if moved else "entity_changed")
        inputs |= {"previous_names": listed(each.name for each in before), "previous_countries": codes(countries)}
        inputs["seat_country"] = snapshot.seat_country
    return tuple(cases), inputs


def _re_papered(snapshot: CustomerSnapshot, rule: Rule) -> Outcome:
    """R-11: another entity signs because the provider asked for it; a new one in the provider's own country."""
    cases: list[str] = []
    inputs: Inputs = {"customer_name": snapshot.name, "provider_name": snapshot.provider}
    requested = [each for each in snapshot.previous_entities if each.change_requested_by == "compute_provider"]
    if requested:
        cases.append("requested")
        inputs |= {"previous_names": listed(each.name for each in requested)}
        inputs["previous_countries"] = codes(each.country for each in requested)
    offshore = [each for each in snapshot.parents if each.country in rule.lists["offshore"]]
    is_local = bool(snapshot.provider_country) and snapshot.seat_country == snapshot.provider_country
    if offshore and is_local and (snapshot.previous_entities or _is_young(snapshot, rule)):
        cases.append("offshore")
        inputs |= {"seat_country": snapshot.seat_country, "parent_names": listed(each.name for each in offshore)}
        inputs["parent_countries"] = codes(each.country for each in offshore)
    return tuple(cases), inputs


def _is_young(snapshot: CustomerSnapshot, rule: Rule) -> bool:
    """Contracted before the day on which so many months had passed since the foundation; that day is not young."""
    founded, contract = snapshot.incorporated_on, snapshot.contract_on
    if founded is None or contract is None:
        return False
    return contract < nominal_end(founded, Term(int(rule.limits["young_months"]), Unit.MONTHS))


def _paid_by_others(snapshot: CustomerSnapshot, rule: Rule) -> Outcome:
    """R-14: somebody else pays, from a country nobody declared, or the payer changes during the use."""
    del rule  # identity is not measured
    cases: list[str] = []
    inputs: Inputs = {"customer_name": snapshot.name}
    others = [each.payer for each in snapshot.payments if each.payer and _name(each.payer) != _name(snapshot.name)]
    if others:
        cases.append("payer")
        inputs["payer_names"] = listed(others)
    known = snapshot.declared_countries | {snapshot.seat_country}
    elsewhere = {each.country for each in snapshot.payments if each.country} - known if known - {""} else frozenset()
    if elsewhere:
        cases.append("country")
        inputs |= {"payment_countries": codes(elsewhere), "declared_countries": codes(known)}
    changed = _payer_change(snapshot)
    if changed is not None:
        cases.append("changed")
        inputs |= {"changed_on": changed[0].isoformat(), "new_payer_name": changed[1]}
    return tuple(cases), inputs


def _payer_change(snapshot: CustomerSnapshot) -> tuple[date, str] | None:
    """When, before the end of the use, another than paid first began to pay, and who."""
    dated = sorted((each.on, each.payer) for each in snapshot.payments if each.on and each.payer)
    for on, payer in dated[1:]:
        is_running = snapshot.ended_on is None or on <= snapshot.ended_on
        if on > dated[0][0] and is_running and _name(payer) != _name(dated[0][1]):
            return on, payer
    return None


def _reached_from_elsewhere(snapshot: CustomerSnapshot, rule: Rule) -> Outcome:
    """R-15: reached from a country not declared for remote access, or on the list. Nothing declared means the seat."""
    cases: list[str] = []
    declared = snapshot.declared_access_countries or frozenset({snapshot.seat_country}) - {""}
    inputs: Inputs = {"declared_countries": codes(declared)}
    undeclared = snapshot.observed_access_countries - declared if declared else frozenset()
    if undeclared:
        cases.append("undeclared")
        inputs["undeclared_countries"] = codes(undeclared)
    watched = snapshot.observed_access_countries & rule.lists["watched"]
    if watched:
        cases.append("watched")
        inputs["watched_countries"] = codes(watched)
    return tuple(cases), inputs


def _hard_to_find(snapshot: CustomerSnapshot, rule: Rule) -> Outcome:
    """R-16: an address where nobody works, no web presence, a mailbox anybody may open. People live where they live."""
    del rule
    cases = {
        "residential": snapshot.address_kind == "residential" and not snapshot.is_natural_person,
        "virtual_office": snapshot.address_kind == "virtual_office",
        "no_web": snapshot.has_web_presence is False and not snapshot.is_natural_person,
        "free_email": snapshot.email_kind == "free_domain" and not snapshot.is_natural_person,
    }
    return tuple(case for case, holds in cases.items() if holds), {"customer_name": snapshot.name}


def _out_of_proportion(snapshot: CustomerSnapshot, rule: Rule) -> Outcome:
    """R-17: far more compute than the purpose needs, the staff runs or the revenue pays; a very large first order."""
    if not snapshot.months:
        return NOTHING
    limits, cases = rule.limits, list[str]()
    with localcontext(EXACT):
        flop = sum((each.flop for each in snapshot.months), Decimal(0))
        hours = sum((each.accelerator_hours for each in snapshot.months), Decimal(0))
        cost = hours * limits["eur_per_accelerator_hour"]
    peak = max(each.accelerators for each in snapshot.months)
    inputs: Inputs = {
        "used_flop": format_flop(flop),
        "accelerators_count": str(peak),
        "accelerator_hours": plain(hours),
    }
    declared, staff, revenue = snapshot.declared_flop, snapshot.staff, snapshot.revenue_eur
    if (
        declared is not None
        and declared > 0
        and Fraction(flop) > Fraction(limits["purpose_times"]) * Fraction(declared)
    ):
        cases.append("purpose")
        inputs |= {"declared_flop": format_flop(declared), "purpose_ratio": ratio(flop, declared)}
    if staff is not None and peak > limits["accelerators_per_person"] * max(staff, 1):
        cases.append("staff")
        inputs |= {"staff_count": str(staff), "per_person_count": plain(limits["accelerators_per_person"])}
    if revenue is not None and Fraction(cost) > Fraction(limits["revenue_times"]) * Fraction(revenue):
        cases.append("revenue")
        inputs |= {"cost_eur": plain(cost), "revenue_eur": plain(revenue)}
        inputs["price_eur"] = plain(limits["eur_per_accelerator_hour"])
    if snapshot.is_first_order and peak >= limits["first_order_accelerators"]:
        cases.append("first_order")
        inputs["first_order_count"] = plain(limits["first_order_accelerators"])
    return tuple(cases), inputs


def _resold(snapshot: CustomerSnapshot, rule: Rule) -> Outcome:
    """R-25: a reseller that does not attest that it verified its customer, or more than two in a row."""
    cases: list[str] = []
    inputs: Inputs = {"resellers_count": str(len(snapshot.resellers))}
    unattested = [each.party for each in snapshot.resellers if not each.has_attestation]
    if unattested:
        cases.append("unattested")
        inputs |= {"reseller_names": listed(each.name for each in unattested)}
        inputs["reseller_countries"] = codes(each.country for each in unattested)
    if len(snapshot.resellers) > rule.limits["depth_until"]:
        cases.append("depth")
        inputs |= {"chain_names": listed(each.party.name for each in snapshot.resellers)}
        inputs["depth_until_count"] = plain(rule.limits["depth_until"])
    return tuple(cases), inputs


def _name(name: str) -> str:
    """A name without case, accents' forms, punctuation and spaces: `ACME, S.A.` is `Acme SA`."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", name).casefold())


RULES: Final[Mapping[str, Callable[[CustomerSnapshot, Rule], Outcome]]] = MappingProxyType(
    {
        "R-09": _young_or_changed,
        "R-11": _re_papered,
        "R-14": _paid_by_others,
        "R-15": _reached_from_elsewhere,
        "R-16": _hard_to_find,
        "R-17": _out_of_proportion,
        "R-21": movements,
        "R-25": _resold,
    }
)
