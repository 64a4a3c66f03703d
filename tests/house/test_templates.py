"""Every template is used, and none carries script or style that the security policy would refuse."""

import re
from pathlib import Path

import pytest

from tests.house.sources import ROOT, modules, name

TEMPLATES = sorted(path for path in ROOT.glob("templates/**/*") if path.is_file())
TEMPLATES += sorted(path for path in ROOT.glob("registry/*/templates/**/*") if path.is_file())

# allauth finds its own pages by name; these folders override them.
OVERRIDES = ("account/", "allauth/", "mfa/", "socialaccount/", "usersessions/")
# Django finds the pages of its errors by name.
BY_NAME = {"400.html", "403.html", "404.html", "429.html", "500.html", "403_csrf.html"}


def _within(path: Path) -> str:
    return path.as_posix().rsplit("/templates/", 1)[1]


def _is_named(template: str, own: Path) -> bool:
    texts = [path for path in (*TEMPLATES, *modules("registry", "api")) if path != own]
    return any(template in path.read_text(encoding="utf-8") for path in texts)


@pytest.mark.parametrize("path", TEMPLATES, ids=_within)
def test_a_template_is_used(path: Path) -> None:
    template = _within(path)
    assert template.startswith(OVERRIDES) or template in BY_NAME or _is_named(template, path), "nobody uses it"


@pytest.mark.parametrize("path", [path for path in TEMPLATES if path.suffix == ".html"], ids=_within)
def test_a_page_has_no_inline_script_or_style(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"<script(?![^>]*\bsrc=)(?![^>]*application/(ld\+)?json)", text), "inline script"
    assert not re.search(r"<style\b|\sstyle=|\son[a-z]+=\"", text), "inline style or handler"
    assert "|safe" not in text
    assert "autoescape off" not in text


def test_every_page_that_is_rendered_exists() -> None:
    known = {_within(path) for path in TEMPLATES}
    for path in modules("registry", "api"):
        for found in re.findall(r"[\"']((?:portal|public|email)/[a-z_/]+\.(?:html|txt))[\"']", path.read_text("utf-8")):
            assert found in known, f"{name(path)} renders {found}, which does not exist"
