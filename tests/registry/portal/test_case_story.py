"""The Kuala Lumpur case on its page: who the customer is, what it used, what came in and left, found by which rules."""

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from registry.case_tasks import open_cases
from registry.oversight import case_reckoning
from registry.oversight.models import Case
from registry.screening.models import Finding, Position
from registry.screening.shapes import MonthOfUse
from tests.registry.portal.conftest import SignIn
from tests.registry.portal.test_pages import assert_sound, body, in_language
from tests.registry.screening.test_kuala_lumpur_stored import found

__all__ = ["found"]
TOLD = (
    "Straits Compute SAS", "Straits Compute Pte (Singapore)", "changed at the request of the compute provider",
    "Palm Holding (British Virgin Islands)", "Director One", "59 days after its incorporation", "Data in",
    "physical media, China", "Weights leave", "400 GB", "7,027,200", "What happened, in order",
)  # fmt: skip


def months(flop: str) -> list[MonthOfUse]:
    """March to June 2026, so much FLOP on each of their 122 days."""
    days = {3: 31, 4: 30, 5: 31, 6: 30}
    return [
        MonthOfUse(
            month=date(2026, month, 1),
            accelerators=2_400,
            accelerator_hours=Decimal(2_400 * 24 * length),
            flop=Decimal(flop) * length,
            utilisation=Decimal("0.40"),
        )
        for month, length in days.items()
    ]


@pytest.mark.parametrize(
    ("flop", "limit", "on", "days"),
    [
        ("1e23", "1e23", date(2026, 3, 1), 1),
        ("1e23", "3.1e24", date(2026, 3, 31), 31),
        ("1e23", "3.11e24", date(2026, 4, 1), 32),
        ("8.2e22", "1e25", date(2026, 6, 30), 122),
    ],
)
def test_the_day_on_which_an_amount_is_reached_is_counted_from_the_first(
    flop: str, limit: str, on: date, days: int
) -> None:
    reached = case_reckoning.reached(months(flop), flop=Decimal(limit))
    assert reached is not None
    assert (reached.on, reached.after_days) == (on, days)


def test_what_is_never_reached_has_no_day() -> None:
    assert case_reckoning.reached(months("1e22"), flop=Decimal("1e25")) is None
    assert case_reckoning.reached([], flop=Decimal(1)) is None
    assert case_reckoning.in_all([]) is None


@pytest.mark.django_db
def test_the_page_tells_the_whole_story(sign_in: SignIn, found: dict[str, Finding]) -> None:
    open_cases()
    case = Case.objects.get(parts__finding=found["R-11"])
    browser = sign_in("officer", "FR")
    low = [each.id for each in found.values() if not hasattr(each, "in_case") and each.group_key == case.group_key]
    browser.post(reverse("findings-open"), {"finding": low})
    address = reverse("case", args=[case.reference])
    shown = body(browser, address)
    assert_sound(shown)
    for told in TOLD:
        assert told in shown, told
    for rule in ("R-06", "R-09", "R-11", "R-12", "R-13", "R-21", "R-23", "R-24"):
        assert f'answer__code">{rule}<' in shown, rule
    for language in ("fr", "de"):
        assert_sound(body(browser, in_language(address, language)), language=language)
    whole = body(sign_in("ai_office_officer", "EU"), address)
    assert "Position of the owner group" in whole, "sums over territories are for the Union's authority alone"
    assert "Position of the owner group" not in shown
    position = Position.objects.get(kind=Position.Kind.OWNER_GROUP, group=case.group_key)
    assert reverse("oversight-positions-one", args=[position.id]) in whole
