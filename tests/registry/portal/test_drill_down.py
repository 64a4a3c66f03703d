"""Numbers of the overview and the analysis lead to the lists that stand behind them, and those hold that many."""

import re
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from html import unescape

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from registry import quantities
from registry.acting import Actor
from registry.filings.models import Filing
from registry.portal.presentation.figures import DataTable
from tests.conftest import NOON
from tests.registry.portal.conftest import File, SignIn
from tests.registry.portal.test_pages import assert_sound, body

pytestmark = pytest.mark.django_db
COMPUTE = (Decimal("2e22"), Decimal("3e23"), Decimal("4e23"), Decimal("2.3e25"))


@pytest.fixture(autouse=True)
def a_day_later() -> Iterator[None]:
    """The figures are of the last twelve months."""
    with time_machine.travel(NOON + timedelta(days=1), tick=True):
        yield


@pytest.fixture
def filed(file: File, alice: Actor) -> list[str]:
    """Runs of three bands."""
    references = []
    for number, flop in enumerate(COMPUTE):
        reference = file(alice, run__client_run_id=f"run-{number}", run__lineage_id=f"lineage-{number}")
        band = quantities.band_of(flop, on=NOON.date()).code
        Filing.objects.filter(reference=reference).update(training_compute_flop=flop, band=band)
        references.append(reference)
    return references


def cells(html: str, uid: str) -> list[tuple[str, str]]:
    """Address and number of each cell of a figure's table that leads somewhere."""
    card = html.partition(f'aria-labelledby="{uid}-h"')[2].partition("</section>")[0]
    found = re.findall(r'<td class="end"><a href="([^"]+)">([^<]+)</a>', card)
    return [(unescape(href), number) for href, number in found]


def held(browser: Client, address: str, references: list[str]) -> int:
    html = body(browser, address)
    return sum(f"/filings/{reference}/" in html for reference in references)


@pytest.mark.parametrize("page", ["overview", "analysis"])
def test_each_count_of_a_band_leads_to_that_many_filings(sign_in: SignIn, filed: list[str], page: str) -> None:
    browser = sign_in("officer", "FR")
    html = body(browser, reverse(page))
    assert_sound(html)
    known = cells(html, "quarters")
    assert sorted(number for _, number in known) == ["1", "1", "2", "4"]
    for address, number in known:
        assert held(browser, address, filed) == int(number), address


def test_key_figures_of_the_quarter_lead_to_what_they_count(sign_in: SignIn, filed: list[str]) -> None:
    browser = sign_in("officer", "FR")
    html = body(browser, reverse("overview"))
    for words, count in (("Runs filed, Q4 2026", 4), ("Runs above 10²⁵ FLOP, Q4 2026", 1)):
        before = html.partition(words)[0]
        address = unescape(re.findall(r'key-figure__in" href="([^"]+)"', before)[-1])
        assert held(browser, address, filed) == count, address


def test_a_member_state_of_the_map_leads_to_its_runs(sign_in: SignIn, filed: list[str]) -> None:
    browser = sign_in("officer", "FR")
    html = body(browser, reverse("overview"))
    card = html.partition('aria-labelledby="states-h"')[2].partition("</section>")[0]
    addresses = [unescape(each) for each in re.findall(r'<th scope="row"><a href="([^"]+)"', card)]
    assert addresses
    assert sum(held(browser, each, filed) for each in addresses) == len(filed)


def test_a_cell_without_an_address_is_text() -> None:
    table = DataTable("", ("a", "b"), (("x", "1", "0"), ("y", "2", "0")), ("/x",), (("/x/1",),))
    assert table.lines == (
        (("x", "/x"), ("1", "/x/1"), ("0", "")),
        (("y", ""), ("2", ""), ("0", "")),
    )
