"""The public pages of releases: what is published, in every language, and nothing of what is withheld."""

import io
import re
import zipfile
from dataclasses import replace
from datetime import timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
from django.test import Client

from registry.periods import Quarter
from registry.portal import release_view
from registry.statistics import definitions
from registry.statistics.formats import bundle
from registry.statistics.published import Cell, Table
from tests.registry.statistics import samples, shelving

pytestmark = pytest.mark.django_db
Q2, Q3 = samples.release(Quarter(2026, 2), is_provisional=False), samples.release()
REVISED = samples.release(vintage=2, more=1)
PAGE, TABLE = "/en/statistics/2026-Q3/1/", "/en/statistics/2026-Q3/1/runs-by-state-and-band/"
WITHIN_A_MONTH = timedelta(days=20)


@pytest.fixture
def shelf() -> Any:
    """Two quarters, one vintage each."""
    return [shelving.shelve(Q2), shelving.shelve(Q3)]


def _page(path: str, *, status: int = 200) -> str:
    answer = Client().get(path)
    assert answer.status_code == status, path
    return answer.content.decode()


def test_the_list_names_every_vintage_the_newest_first(shelf: Any) -> None:
    shelving.shelve(REVISED)
    page = _page("/en/statistics/")
    addresses = re.findall(r'href="(/en/statistics/2026-Q\d/\d/)"', page)
    assert addresses == ["/en/statistics/2026-Q3/2/", PAGE, "/en/statistics/2026-Q2/1/"]
    assert "Superseded" in page


@pytest.mark.parametrize("language", ["en", "fr", "de"])
@pytest.mark.parametrize(
    "path", ["", "2026-Q3/1/", "2026-Q3/1/hours-by-customer-region/", "calendar/", "methodology/", "dictionary/"]
)
def test_every_page_is_there_in_every_language(shelf: Any, language: str, path: str) -> None:
    page = _page(f"/{language}/statistics/{path}")
    assert f'lang="{language}"' in page
    assert "<script" not in page


def test_a_release_shows_its_figures_and_no_withheld_value(shelf: Any) -> None:
    page = _page(PAGE)
    assert "Third quarter 2026" in page
    assert "Provisional" in page
    assert page.count("<svg") >= 2
    withheld = sum(None in cell.values for cell in Q3.tables[0].cells)
    assert page.count('<td class="end hidden">') == withheld
    assert f"{withheld} of 140 cells confidential" in page


@pytest.mark.parametrize(("language", "word"), [("en", "confidential"), ("fr", "confidentiel"), ("de", "vertraulich")])
def test_no_page_prints_a_withheld_value_as_a_letter_alone(language: str, word: str) -> None:
    for each in (Q2, Q3):
        shelving.shelve(replace(each, tables=tuple(map(_all_withheld, each.tables))))
    home, release = _page(f"/{language}/"), _page(PAGE.replace("/en/", f"/{language}/"))
    for page in (home, release):
        assert f'numbers__value--withheld">{word}</span>' in page
        assert f'numbers__note">{word} ' in page
        assert f'<abbr title="{word}">c</abbr>' in page
        assert not re.search(r'<td[^>]*>c<|numbers__\w+">c\b', page)


def _all_withheld(table: Table) -> Table:
    return replace(table, cells=tuple(Cell(cell.key, (None,) * len(cell.values)) for cell in table.cells))


def test_a_table_page_has_every_cell_of_every_measure(shelf: Any) -> None:
    page = _page(TABLE)
    [table] = [each for each in Q3.tables if each.id == "runs-by-state-and-band"]
    assert page.count('<td class="end') >= len(table.cells) * 2
    assert "\u00a0×\u00a010²⁵" in page


def test_the_address_without_a_vintage_leads_to_the_newest_that_stands(shelf: Any) -> None:
    revised = shelving.shelve(REVISED)
    assert "Vintage 2" in _page("/en/statistics/2026-Q3/")
    shelving.withdraw(revised, at=REVISED.published_at + WITHIN_A_MONTH)
    assert "Superseded" not in _page("/en/statistics/2026-Q3/")


def test_a_withdrawn_vintage_says_so_and_stays(shelf: Any) -> None:
    shelving.withdraw(shelf[1], at=Q3.published_at + WITHIN_A_MONTH)
    page = _page(PAGE)
    assert "This vintage was withdrawn on" in page
    assert "Two filings were counted twice." in page
    assert "Deux dossiers doublés." in _page(PAGE.replace("/en/", "/fr/"))
    assert "Withdrawn" in _page("/en/statistics/releases.atom")


def test_a_revision_lists_what_it_corrects(shelf: Any) -> None:
    shelving.shelve(REVISED)
    page = _page("/en/statistics/2026-Q3/2/")
    assert "1 published value is another than in the vintage before." in page
    assert "There is a newer vintage." in _page(PAGE)


def test_nothing_is_there_before_it_is_published(shelf: Any) -> None:
    for path in ("2025-Q1/", "2026-Q3/2/", "2026-Q3/1/no-such-table/", "2026-Q3/1/runs-by-state-and-band/?at=2020-Q1"):
        _page(f"/en/statistics/{path}", status=404)


def test_a_file_is_served_as_it_is_and_for_ever(shelf: Any) -> None:
    made = bundle.render(Q3, software=bundle.written_with())
    for path, content in made.items():
        answer = Client().get(f"/statistics/2026-Q3/1/{path}")
        assert (answer.status_code, answer.content) == (200, content), path
        assert answer["Cache-Control"] == "public, max-age=31536000, immutable"
        assert not answer.cookies
        again = Client().get(f"/statistics/2026-Q3/1/{path}", HTTP_IF_NONE_MATCH=answer["ETag"])
        assert (again.status_code, again.content) == (304, b"")
    assert Client().get("/statistics/2026-Q3/1/manifest.json.sig").status_code == 200
    assert Client().get("/statistics/2026-Q3/1/truth.csv").status_code == 404
    assert Client().get("/statistics/2026-Q3/9/manifest.json").status_code == 404


def test_the_proof_of_a_vintage_stands_beside_it(shelf: Any) -> None:
    answer = Client().get("/statistics/2026-Q3/1/evidence.json")
    assert answer.json()["document"]["manifest_sha256"] == shelf[1].manifest_sha256
    assert answer["Cache-Control"] == "public, max-age=300"
    assert "/statistics/2026-Q3/1/evidence.json" in _page(PAGE)


def test_all_files_come_as_one_archive(shelf: Any) -> None:
    content = Client().get("/statistics/2026-Q3/1/all.zip").content
    assert content == Client().get("/statistics/2026-Q3/1/all.zip").content
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert "ecar-2026-Q3-1/SHA256SUMS" in archive.namelist()
        assert (
            archive.read("ecar-2026-Q3-1/structure.json")
            == Client().get("/statistics/2026-Q3/1/structure.json").content
        )


def test_the_catalogue_of_all_releases_is_there(shelf: Any) -> None:
    turtle = Client().get("/statistics/catalogue.ttl")
    assert turtle["Content-Type"] == "text/turtle; charset=utf-8"
    assert turtle.content.decode().count("a dcat:Dataset ") == 4
    assert Client().get("/statistics/catalogue.jsonld")["Content-Type"] == "application/ld+json"


def test_the_feed_and_the_calendar_can_be_followed(shelf: Any) -> None:
    feed = ElementTree.fromstring(_page("/de/statistics/releases.atom"))  # noqa: S314 - our own feed
    assert len(feed.findall("{http://www.w3.org/2005/Atom}entry")) == 2
    calendar = _page("/fr/statistics/calendar.ics")
    assert calendar.count("BEGIN:VEVENT") == 2
    assert "DTSTART:20261017T100000Z" in calendar


def test_the_home_page_shows_the_newest_figures(shelf: Any) -> None:
    page = _page("/en/")
    assert PAGE in page
    assert "training runs reported" in page


def test_without_releases_the_pages_say_so(db: None) -> None:
    assert "Nothing has been published yet." in _page("/en/statistics/")
    assert "Nothing is announced at present." in _page("/en/statistics/calendar/")
    assert "conf_status" in _page("/en/statistics/dictionary/")
    assert _page("/en/")


def test_the_head_of_a_release_is_drawn_from_tables_that_there_are() -> None:
    rules = {rule.id: rule for rule in definitions.tables()}
    said = release_view.layout()
    for place in (said["course"], said["map"], *said["number"]):
        assert place["measure"] in rules[place["table"]].measures
        for dimension, code in place.get("codes", {}).items():
            assert dimension in rules[place["table"]].dimensions
            assert code in {each.id for each in definitions.classifications()[dimension].dimension.codes}
    band = definitions.classifications()[said["course"]["dimension"]].dimension
    assert [code.id for code in band.codes if not band.splits.get(code.id)] == said["course"]["parts"]
    assert said["first"]["table"] in rules
