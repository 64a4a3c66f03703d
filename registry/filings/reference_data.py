"""Reference data of filings: thresholds, public holidays, code lists, stored so that pages and queries can use them."""

import tomllib
from datetime import date
from pathlib import Path

import holidays

from registry import rows
from registry.acting import Actor, inside_acting_as
from registry.filings import thresholds
from registry.filings.models import CodeListItem, Holiday, Threshold
from registry.languages import SPOKEN
from registry.organisations.identifiers import MEMBER_STATES

DATA = Path(__file__).with_name("data")
FIRST_YEAR, LAST_YEAR = 2020, 2040


@inside_acting_as
def load(*, by: Actor) -> dict[str, int]:
    """Make the stored reference data equal to what the packages hold; returns how many of each there are."""
    by.require("reference_load")
    return {"thresholds": _thresholds(), "holidays": _holidays(), "codes": _codes()}


def _thresholds() -> int:
    Threshold.objects.all().delete()
    listed = [
        {
            "code": row.code,
            "valid_from": row.validity.starts_on,
            "valid_until": row.validity.ends_on,
            "quantity": row.quantity.value,
            "unit": row.unit,
            "operator": row.operator.value,
            "value": row.value_text,
            "legal_basis": row.legal_basis,
            "effect": row.sentences["en"],
        }
        for row in thresholds.rows()
    ]
    rows.insert(Threshold, listed)
    return len(listed)


def _holidays() -> int:
    """Every Member State's public holidays, and the Union institutions' as `EU` (European Central Bank's calendar)."""
    years = range(FIRST_YEAR, LAST_YEAR + 1)
    listed = [
        {"calendar": calendar, "on": day, "name": name[:200]}
        for calendar in (*sorted(MEMBER_STATES), "EU")
        for day, name in _days_of(calendar, years)
    ]
    Holiday.objects.all().delete()
    rows.insert(Holiday, listed)
    return len(listed)


def _days_of(calendar: str, years: range) -> list[tuple[date, str]]:
    found = (
        holidays.financial_holidays("XECB", years=years)
        if calendar == "EU"
        else holidays.country_holidays(calendar, years=years, language="en_US")
    )
    return sorted((day, str(name)) for day, name in found.items())


def _codes() -> int:
    listed = [
        {"list": name, "code": code, **{f"label_{language}": words[language] for language in SPOKEN}}
        for name, codes in tomllib.loads((DATA / "code_lists.toml").read_text("utf-8")).items()
        for code, words in codes.items()
    ]
    CodeListItem.objects.all().delete()
    rows.insert(CodeListItem, listed)
    return len(listed)
