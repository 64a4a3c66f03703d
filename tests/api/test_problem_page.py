"""The address in `type` leads to a page, in three languages; the codes of obstacles of form are told with remedies."""

import ast
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils.html import escape

from api import problem_page
from api.problems import CATALOGUE
from registry.filings.checks.catalogue import every_check
from registry.languages import SPOKEN
from tests.house.sources import ROOT, modules
from tests.registry.portal.test_pages import assert_sound

pytestmark = pytest.mark.django_db
PAGE = ROOT / "docs" / "api" / "obstacles.md"


def test_a_refusal_leads_to_the_page_of_its_type() -> None:
    refused = Client().get("/api/v1/filings/").json()
    shown: Any = Client().get(refused["type"])
    assert shown.status_code == 200
    assert escape(refused["title"]) in shown.content.decode()


@pytest.mark.parametrize("language", SPOKEN)
def test_every_type_has_a_page_in_every_language(language: str) -> None:
    for slug, row in CATALOGUE.items():
        shown: Any = Client().get(f"/problems/{slug}", headers={"Accept-Language": language})
        html = shown.content.decode()
        assert (shown.status_code, shown["Content-Language"]) == (200, language), slug
        assert_sound(html, language=language)
        assert escape(row.texts[language].title) in html
        assert escape(row.texts[language].remedy) in html
        assert "{" not in html
        assert "Accept-Language" in shown["Vary"]


def test_a_type_that_does_not_exist_has_no_page() -> None:
    assert Client().get("/problems/no-such-type").status_code == 404


@pytest.mark.parametrize("language", SPOKEN)
def test_the_page_of_validation_lists_the_codes_of_form_each_with_a_remedy(language: str) -> None:
    html = Client().get("/problems/validation", headers={"Accept-Language": language}).content.decode()
    listed = problem_page.codes(language)
    assert {"text", "not-in-list", "not-a-list", "repeated", "not-a-time", "out-of-range"} <= {c.code for c in listed}
    for each in listed:
        assert f"<code>{each.code}</code>" in html
        assert escape(each.remedy) in html


def _first_words(path: Path) -> set[str]:
    """The code in each `Obstacle("code", …)` of a module."""
    calls = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)]
    made = [call for call in calls if isinstance(call.func, ast.Name) and call.func.id == "Obstacle" and call.args]
    return {str(call.args[0].value) for call in made if isinstance(call.args[0], ast.Constant)}


def test_every_code_that_the_interface_gives_is_told_somewhere() -> None:
    given = set().union(*(_first_words(path) for path in modules("api", "registry")))
    told = {*CATALOGUE, *every_check(), *(each.code for each in problem_page.codes("en"))}
    assert given - told == set()


def test_the_published_list_of_codes_is_the_data() -> None:
    assert PAGE.read_text("utf-8") == problem_page.as_markdown()
