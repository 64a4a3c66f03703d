"""Every sentence of the pages is said in French and German too, and the compiled catalogues are fresh."""

import gettext
import importlib.util
import re
from types import ModuleType

import pytest
from babel import Locale
from babel.messages.plurals import get_plural
from babel.messages.pofile import read_po
from django.utils.translation import get_language_info

from registry.languages import NAMES, PREPARED
from registry.organisations.identifiers import MEMBER_STATES
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


@pytest.mark.parametrize("language", PREPARED)
def test_a_language_that_is_prepared_wants_its_words_alone(language: str) -> None:
    assert get_language_info(language)["name_local"]
    known = Locale.parse(language)
    assert all(known.territories[state] for state in MEMBER_STATES)
    made = BUILD.catalogue(language)
    assert {(m.id, m.context) for m in made if m.id} == set(BUILD.messages())
    forms = get_plural(language)
    plural = gettext.c2py(forms.plural_expr)  # type: ignore[attr-defined]
    assert {plural(number) for number in range(200)} == set(range(forms.num_plurals))
    assert all(len(m.string) == forms.num_plurals for m in made if m.id and m.pluralizable)


def test_the_union_has_twenty_four_languages_and_each_its_own_name() -> None:
    assert len(NAMES) == len(set(NAMES.values())) == 24
    assert all(Locale.parse(code).get_display_name(code).casefold() == name.casefold() for code, name in NAMES.items())
