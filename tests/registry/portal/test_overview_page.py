"""The overview's chart of runs says the same however the runs are drawn, and names only so many of them."""

import re
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from registry.acting import Actor
from registry.charts import compute
from registry.filings.models import Filing
from registry.oversight.models import Look
from registry.portal import overview
from tests.registry.portal.conftest import File, SignIn
from tests.registry.portal.test_pages import assert_sound, body

AMOUNTS = ("3e22", "8e22", "2e24", "5e24", "1.1e25", "2.5e25", "9e25")
DRAWN = [(9, 7, False), (6, 5, True), (4, 3, True), (2, 1, True)]  # most marks, marks, whether there is a density


@pytest.fixture
def browser(sign_in: SignIn, alice: Actor, file: File, noon: datetime) -> Client:
    """An officer where runs of several sizes were filed, on days of one quarter."""
    references = [file(alice, run__client_run_id=f"run-{number}") for number in range(len(AMOUNTS))]
    for number, (reference, flop) in enumerate(zip(references, AMOUNTS, strict=True)):
        at = noon - timedelta(days=number)
        Filing.objects.filter(reference=reference).update(training_compute_flop=Decimal(flop), submitted_at=at)
    return sign_in("officer", "FR")


def series(browser: Client) -> tuple[str, str]:
    """The page, and the drawing of all runs in it."""
    html = body(browser, reverse("overview"))
    found = re.search(r'<svg[^>]+aria-labelledby="series-t".*?</svg>', html, re.DOTALL)
    assert found is not None
    return html, found[0]


def told(html: str, drawing: str) -> list[str]:
    """The finding, and the table of values."""
    finding = re.search(r'<desc id="series-d">(.*?)</desc>', drawing)
    assert finding is not None
    table = re.search(r"<caption[^>]*>Training compute of each run</caption>.*?</table>", html, re.DOTALL)
    assert table is not None
    return [finding[1], table[0]]


@pytest.mark.parametrize(("most", "marks", "dense"), DRAWN)
def test_what_the_chart_says_does_not_depend_on_how_it_is_drawn(
    browser: Client, monkeypatch: pytest.MonkeyPatch, most: int, marks: int, dense: bool
) -> None:
    usual = told(*series(browser))
    assert "3 of 7 runs lie above" in usual[0]
    assert "Aurelia Research" in usual[0]
    monkeypatch.setattr(compute, "MOST_MARKS", most)
    html, drawing = series(browser)
    assert_sound(html)
    assert told(html, drawing) == usual
    assert len(re.findall(r'class="dot ', drawing)) == marks
    assert bool(re.search(r'class="density ', drawing)) == dense


def test_only_so_many_runs_are_named_the_largest_first(browser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    assert series(browser)[1].count("<a ") == 3
    monkeypatch.setattr(overview, "MOST_NAMED", 2)
    drawing = series(browser)[1]
    assert drawing.count("<a ") == 2
    assert drawing.count("dot--high") == 3
    named = set(re.findall(r'href="[^"]*/filings/([^/"]+)/', drawing))
    assert len(named) == 2
    assert named <= set(Look.objects.values_list("reference", flat=True))
