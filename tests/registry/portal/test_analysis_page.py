"""Map and analysis: who sees it, that each figure counts what its list shows, the files, the queries."""

import csv
import io
import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from xml.etree import ElementTree

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from registry.acting import Actor
from registry.filings.models import Filing
from registry.organisations.models import Organisation
from tests.conftest import NOON
from tests.registry.portal.conftest import File, SignIn, forget_purpose
from tests.registry.portal.test_pages import assert_sound

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def a_day_later() -> Iterator[None]:
    """The figures are of the last twelve months."""
    with time_machine.travel(NOON + timedelta(days=1), tick=True):
        yield


FIGURES = ("map", "shares", "calendar", "quarters", "notifications")


def page(browser: Client, where: str = "", **query: str) -> str:
    """The page, if it can be had."""
    answer = browser.get(where or reverse("analysis"), query)
    assert answer.status_code == 200, answer.content
    return answer.content.decode()


def drilled(html: str, uid: str) -> Iterator[str]:
    """Where the rows of a figure's table lead."""
    card = html.partition(f'aria-labelledby="{uid}-h"')[2].partition("</section>")[0]
    table = card.partition("<tbody>")[2].partition("</tbody>")[0]
    return (unescape(href) for href in re.findall(r'href="([^"]+)"', table))


def test_every_figure_stands_on_the_page_with_its_table(sign_in: SignIn, file: File, alice: Actor) -> None:
    file(by=alice)
    html = page(sign_in("officer", "FR"))
    assert_sound(html)
    for name in FIGURES:
        assert f'id="{name}-h"' in html
        assert f'id="{name}-t"' in html
        assert reverse("analysis-file", args=[name, "svg"]) in html


def test_an_empty_register_has_figures_that_say_so(sign_in: SignIn) -> None:
    html = page(sign_in("ai_office_officer", "EU"))
    assert_sound(html)
    for said in (
        "Nothing was filed",
        "Nobody notified the Commission",
        "Nobody has filed compute",
        "No Member State has",
    ):
        assert said in html
    assert "No facility is registered." in page(sign_in("ai_office_officer", "EU"), measure="facilities")


@pytest.mark.parametrize("uid", ["map", "calendar", "quarters"])
def test_a_row_leads_to_the_filings_it_counts(sign_in: SignIn, file: File, alice: Actor, uid: str) -> None:
    reference = file(by=alice)
    browser = sign_in("officer", "FR")
    hrefs = list(drilled(page(browser), uid))
    assert hrefs
    assert any(reference in page(browser, href) for href in hrefs)


def test_the_list_leaves_out_what_a_row_does_not_count(sign_in: SignIn, file: File, alice: Actor) -> None:
    reference = file(by=alice)
    browser = sign_in("officer", "FR")
    queue = reverse("queue")
    for query in ({"from": "2030-01-01"}, {"until": "2001-01-01"}, {"site": "MT"}, {"notified": "late"}):
        assert reference not in page(browser, queue, view="filed", **query)
    for query in ({"from": "nonsense"}, {"site": "XX"}, {"provider": "x"}, {"q": "\x00"}):
        assert reference in page(browser, queue, view="filed", **query)


def test_a_share_leads_to_the_provider(sign_in: SignIn, file: File, alice: Actor, aurelia: Organisation) -> None:
    file(by=alice)
    html = page(sign_in("officer", "FR"))
    assert list(drilled(html, "shares")) == [reverse("oversight-provider", args=[aurelia.id])]


@pytest.mark.parametrize(
    ("role", "place", "status"), [("officer", "FR", 200), ("ai_office_officer", "EU", 200), ("analyst", "FR", 403)]
)
def test_only_who_may_see_identities_sees_it(sign_in: SignIn, role: str, place: str, status: int) -> None:
    browser = sign_in(role, place)
    assert browser.get(reverse("analysis")).status_code == status
    assert browser.get(reverse("analysis-file", args=["shares", "csv"])).status_code == status


def test_an_officer_counts_its_own_territory_alone(sign_in: SignIn, file: File, alice: Actor) -> None:
    file(by=alice)
    officer = sign_in("officer", "ES")
    assert "Nobody has filed compute" in page(officer)
    assert "Nobody has filed compute" in page(officer, state="FR")
    assert "Nobody has filed compute" in page(sign_in("ai_office_officer", "EU"), state="ES")
    assert "Nobody has filed compute" not in page(sign_in("ai_office_officer", "EU"), state="FR")


def test_a_purpose_is_asked_first(sign_in: SignIn) -> None:
    browser = sign_in("officer", "FR")
    forget_purpose(browser)
    for where in (reverse("analysis"), reverse("analysis-file", args=["map", "csv"])):
        assert browser.get(where).headers["Location"].startswith(reverse("oversight-purpose"))


@pytest.mark.parametrize("name", FIGURES)
def test_each_figure_is_a_table_and_a_drawing(sign_in: SignIn, file: File, alice: Actor, name: str) -> None:
    file(by=alice)
    browser = sign_in("officer", "FR")
    for measure in ("runs", "facilities"):
        table = browser.get(reverse("analysis-file", args=[name, "csv"]), {"measure": measure}).getvalue().decode()
        head, *rows = csv.reader(io.StringIO(table))
        assert all(len(row) == len(head) for row in rows)
        assert "Aurelia" not in table
        drawing = browser.get(reverse("analysis-file", args=[name, "svg"]), {"measure": measure})
        assert drawing.headers["Content-Type"] == "image/svg+xml"
        root = ElementTree.fromstring(drawing.content)  # noqa: S314 - our own
        assert not [each for each in root.iter() if each.get("class")]


@pytest.mark.parametrize(("name", "shape"), [("x", "csv"), ("map", "x")])
def test_nothing_else_is_a_file(sign_in: SignIn, name: str, shape: str) -> None:
    assert sign_in("officer", "FR").get(reverse("analysis-file", args=[name, shape])).status_code == 404


def test_more_filings_take_no_more_queries(sign_in: SignIn, file: File, alice: Actor, charlie: Actor) -> None:
    browser = sign_in("ai_office_officer", "EU")

    def asked() -> int:
        with CaptureQueriesContext(connection) as captured:
            page(browser)
        return len(captured)

    file(by=alice)
    page(browser)
    one = asked()
    file(charlie, filer__legal_name="Cantabria IA", filer__seat_country="ES", run__client_run_id="cantabria-1")
    assert Filing.objects.count() == 2
    assert asked() == one


@pytest.mark.parametrize("language", ["fr", "de"])
def test_the_page_is_told_in_other_languages(sign_in: SignIn, file: File, alice: Actor, language: str) -> None:
    file(by=alice)
    with translation.override(language):
        where = reverse("analysis")
    html = page(sign_in("officer", "FR"), where)
    assert_sound(html, language=language)
    assert "The largest provider holds" not in html
    assert "Filings by day" not in html
