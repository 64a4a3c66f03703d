"""Rules on data centres and what stands in them: R-18, R-19, R-20. Pure."""

from collections.abc import Callable, Mapping
from decimal import Decimal, localcontext
from types import MappingProxyType
from typing import Final

from registry.quantities import EXACT
from registry.screening.rulebook import NOTHING, Inputs, Outcome, Rule
from registry.screening.shapes import ControlEvent, FacilitySnapshot, Installation
from registry.screening.wording import listed, plain

_WATTS_PER_KW = 1000


def _too_little_power(snapshot: FacilitySnapshot, rule: Rule) -> Outcome:
    """R-18: the accelerators declared as installed need more than the IT power, or nobody attests the capacity.

    A part without a known power counts nothing, so the sum is the least that is needed.
    """
    installed = [each for each in snapshot.installations if each.stage == "installed"]
    if not installed:
        return NOTHING
    cases: list[str] = []
    count = sum(each.count for each in installed)
    inputs: Inputs = {"facility_name": snapshot.name, "accelerators_count": str(count)}
    overhead, power = rule.limits["overhead"], snapshot.it_power_kw
    with localcontext(EXACT):
        chips = sum((each.count * each.tdp_w for each in installed if each.tdp_w is not None), Decimal(0))
        needed = chips * overhead / _WATTS_PER_KW
    if power is not None and needed > power:
        cases.append("power")
        inputs |= {"chips_kw": plain(chips / _WATTS_PER_KW), "overhead": plain(overhead)}
        inputs |= {"needed_kw": plain(needed), "it_power_kw": plain(power)}
    if snapshot.is_capacity_attested is False:
        cases.append("unattested")
        inputs["operator_name"] = snapshot.operator
    return tuple(cases), inputs


def _without_licence(snapshot: FacilitySnapshot, rule: Rule) -> Outcome:
    """R-19: in use from the day on which a licence is needed, for a parent in a listed country, without one."""
    if snapshot.parent_country not in rule.lists["licence_countries"]:
        return NOTHING
    found = [(each, event) for each in snapshot.installations if (event := _event(each, rule))]
    if not found:
        return NOTHING
    return ("licence",), {
        "facility_name": snapshot.name,
        "operator_name": snapshot.operator,
        "parent_country": snapshot.parent_country,
        "installed_text": listed(f"{each.count} × {each.accelerator}, {each.in_use_from}" for each, _ in found),
        "event_names": listed(f"{event.code} {event.on.isoformat()}" for _, event in found),
    }


def _event(installation: Installation, rule: Rule) -> ControlEvent | None:
    """The first event since which a licence was needed on the day of first use, if none was recorded by then."""
    used, licensed = installation.in_use_from, installation.licensed_on
    if used is None or installation.stage == "planned" or (licensed is not None and licensed <= used):
        return None
    needing = (each for each in installation.events if each.kind in rule.lists["licence_events"] and each.on <= used)
    return min(needing, key=lambda each: each.on, default=None)


def _not_there(snapshot: FacilitySnapshot, rule: Rule) -> Outcome:
    """R-20: declared as installed, but not delivered, to be delivered later, or still in their boxes."""
    del rule  # a single one counts
    installed = [each for each in snapshot.installations if each.stage == "installed"]
    missing = [
        (each, each.delivered) for each in installed if each.delivered is not None and each.delivered < each.count
    ]
    later = [(each, each.delivery_on) for each in installed if each.delivery_on and each.delivery_on > snapshot.as_of]
    boxed = [(each, each.boxed) for each in installed if each.boxed]
    inputs: Inputs = {"facility_name": snapshot.name, "as_of_on": snapshot.as_of.isoformat()}
    cases: list[str] = []
    if missing:
        cases.append("undelivered")
        inputs["installed_count"] = str(sum(each.count for each, _ in missing))
        inputs["delivered_count"] = str(sum(delivered for _, delivered in missing))
        inputs["undelivered_names"] = listed(each.accelerator for each, _ in missing)
    if later:
        cases.append("later")
        inputs["later_text"] = listed(f"{each.count} × {each.accelerator}, {on.isoformat()}" for each, on in later)
    if boxed:
        cases.append("boxed")
        inputs["boxed_count"] = str(sum(count for _, count in boxed))
        inputs["boxed_names"] = listed(each.accelerator for each, _ in boxed)
    return tuple(cases), inputs


RULES: Final[Mapping[str, Callable[[FacilitySnapshot, Rule], Outcome]]] = MappingProxyType(
    {"R-18": _too_little_power, "R-19": _without_licence, "R-20": _not_there}
)
