"""A public page for each type of problem, at the very address that `type` gives: what it means and what to do.

It stands outside the surfaces' own pages, so that it answers wherever the API does.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import get_language
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from api.problems import CATALOGUE
from registry.languages import SPOKEN

FRESH_FOR = 3_600  # seconds that others may keep a page
_GENERAL = "validation"  # the type under which obstacles of form are listed


@dataclass(frozen=True)
class Code:
    """A code of an obstacle of form: what is wrong and how to mend it."""

    code: str
    sentence: str
    remedy: str


def _data() -> Mapping[str, Mapping[str, Mapping[str, Mapping[str, str]]]]:
    return MappingProxyType(tomllib.loads((Path(__file__).parent / "data" / "problem_page.toml").read_text("utf-8")))


_DATA = _data()


def codes(language: str) -> tuple[Code, ...]:
    """The codes of obstacles of form in a language, by name."""
    return tuple(Code(code, **texts[language]) for code, texts in sorted(_DATA["codes"].items()))


@require_safe
@vary_on_headers("Accept-Language", "Cookie")
def page(request: HttpRequest, slug: str) -> HttpResponse:
    """`/problems/<slug>`: title, status, meaning and remedy in the reader's language; facts of a case are left open."""
    found = CATALOGUE.get(slug)
    if found is None:
        raise Http404
    spoken = (get_language() or "")[:2]
    language = spoken if spoken in SPOKEN else SPOKEN[0]
    text = found.texts[language]
    shown = {
        "words": _DATA["words"][language],
        "slug": slug,
        "status": found.status,
        "title": text.title,
        "sentence": re.sub(r"\{\w+\}", "…", text.sentence),
        "remedy": text.remedy,
        "codes": codes(language) if slug == _GENERAL else (),
    }
    answer = render(request, "public/problem.html", shown)
    answer["Content-Language"] = language
    answer["Cache-Control"] = f"public, max-age={FRESH_FOR}"
    return answer


def as_markdown() -> str:
    """The codes as the page `docs/api/obstacles.md`, which a test keeps equal to them."""
    lines = [
        "# Codes of obstacles",
        "",
        "Generated from `api/data/problem_page.toml`. Each entry of `errors` has a `code`. It is that of a",
        "[problem type](problems.md), of a [check](../checks.md), or one of these, of form:",
        "",
        "| Code | Meaning | What to do |",
        "| --- | --- | --- |",
    ]
    lines += [f"| `{each.code}` | {each.sentence} | {each.remedy} |" for each in codes("en")]
    return "\n".join([*lines, ""])


urlpatterns = [path("<slug:slug>", page, name="problem")]  # mounted at /problems/
