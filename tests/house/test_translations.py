"""Every sentence of the pages is said in French and German too, and the compiled catalogues are fresh."""

import importlib.util
import re
from types import ModuleType

import pytest
from babel.messages.pofile import read_po

from tests.house.sources import ROOT

PLACEHOLDER = re.compile(r"%\([a-z_]+\)s")


def _build() -> ModuleType:
    spec = importlib.util.spec_from_file_location("locale_build", ROOT / "locale" / "build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


BUILD = _build()


@pytest.mark.parametrize("language", ["fr", "de"])
def test_no_sentence_lacks_its_translation(language: str) -> None:
    assert not BUILD.missing(language), "run locale/build.py, translate, run it again"


@pytest.mark.parametrize("language", BUILD.LANGUAGES)
def test_the_stored_catalogue_holds_exactly_the_present_sentences(language: str) -> None:
    with (BUILD.LOCALE / language / "LC_MESSAGES" / "django.po").open("rb") as file:
        stored = {(m.id, m.context) for m in read_po(file) if m.id}
    assert stored == set(BUILD.messages())


@pytest.mark.parametrize("language", BUILD.LANGUAGES)
def test_the_compiled_catalogue_is_fresh(language: str) -> None:
    folder = BUILD.LOCALE / language / "LC_MESSAGES"
    assert (folder / "django.mo").read_bytes() == BUILD.compiled(folder / "django.po")


@pytest.mark.parametrize("language", ["fr", "de"])
def test_a_translation_keeps_the_placeholders(language: str) -> None:
    for message in BUILD.catalogue(language):
        if not message.id:
            continue
        wanted = message.id[-1] if isinstance(message.id, tuple) else message.id
        forms = message.string if isinstance(message.string, tuple) else (message.string,)
        for form in forms:
            assert set(PLACEHOLDER.findall(form)) <= set(PLACEHOLDER.findall(wanted)), message.id
        assert set(PLACEHOLDER.findall(forms[-1])) == set(PLACEHOLDER.findall(wanted)), message.id
