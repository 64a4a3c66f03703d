"""The data centres of the demonstration, one for each company: what stands there on a day, and its power. Pure."""

from datetime import date
from decimal import Decimal
from typing import Any

from registry.compute import catalogue
from registry.management.demonstration.organisations import Company, lei_of
from registry.management.demonstration.runs import FLEET, Plan, peak_of

# Hosts, network and storage beside the chips, and some air above that.
OVERHEAD = Decimal("1.3")
UNUSUAL_POWER_W = Decimal(700)
# These run a data centre of their own; the others rent.
OWN_SITES = frozenset({"saimaa", "maas", "mistrale"})
LANDLORD = "Exemplar Rechenzentren GmbH"
SIZE_CLASSES = ((2_000, "1-2mw"), (1_000, "500-1000kw"), (500, "100-500kw"))


def power_w(accelerator: str) -> Decimal:
    """Rated power of one accelerator in watts."""
    return catalogue.catalogue()[accelerator].power_w or UNUSUAL_POWER_W


def facility(company: Company, plan: Plan, *, on: date) -> dict[str, Any]:
    """The company's data centre as it stands on a day, as the filing document writes it."""
    installed = _installed(company, plan, on)
    power_kw = sum((count * power_w(code) for code, count in installed.items()), Decimal(0)) * OVERHEAD / 1000 + 200
    peak = sum((count * peak_of(code) for code, count in installed.items()), Decimal(0))
    own = is_own(company)
    operator = company.name if own else LANDLORD
    return {
        "facility_id": facility_id(company),
        "name": f"{company.town} 1",
        "operator": operator,
        "operator_lei": lei_of(operator),
        "owner": operator,
        "kind": "enterprise" if own else "co_hosting",
        "country": company.country,
        "nuts_code": company.nuts_code,
        "in_operation_from": "2020-09-01",
        "installed_it_power_kw": f"{power_kw:.0f}",
        "size_class": _size_class(power_kw),
        "power_usage_effectiveness": "1.24",
        "accelerators": [
            {"accelerator": code, "count": count, "status": "installed"} for code, count in installed.items()
        ],
        "interconnect_gbit_per_s": "400",
        "theoretical_peak_flop_per_s": f"{peak:.3e}".replace("e+", "e"),
        "hardware_control": "owner" if own else "lessee",
        "controlled_by": company.name,
        "remote_access_countries": [company.country],
    }


def is_own(company: Company) -> bool:
    """Whether the company runs its data centre itself."""
    return company.slug in OWN_SITES


def facility_id(company: Company) -> str:
    """The name that filings use for the company's data centre."""
    return f"{company.slug}-1"


def _installed(company: Company, plan: Plan, on: date) -> dict[str, int]:
    """Accelerators by kind, oldest first: each generation arrives when the fleet takes it into use."""
    arrived = [code for code, since, _ in FLEET if since <= on]
    return {code: plan.installed[company.slug, code] for code in arrived if (company.slug, code) in plan.installed}


def _size_class(power_kw: Decimal) -> str:
    """The class of Delegated Regulation (EU) 2024/1364, Annex IV."""
    if power_kw > 10_000:
        return "over-10mw"
    return next((name for limit, name in reversed(SIZE_CLASSES) if power_kw < limit), "2-10mw")
