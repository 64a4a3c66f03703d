"""Which characters names may hold, and which names look deceptive."""

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.forms import characters
from registry.forms.characters import is_mixed_script, scripts_of

VISIBLE_FORMAT = {
    0x0600,
    0x0601,
    0x0602,
    0x0603,
    0x0604,
    0x0605,
    0x06DD,
    0x070F,
    0x0890,
    0x0891,
    0x08E2,
    0x110BD,
    0x110CD,
}
"""Format characters that are printed: signs over Arabic, Syriac and Kaithi numbers."""
HIEROGLYPH_FORMAT = set(range(0x13430, 0x13440))


def is_refused(character: str) -> bool:
    return characters.refusal(f"a{character}b", longest=200) == "forbidden_character"


def test_every_control_invisible_and_private_character_is_refused_in_a_name() -> None:
    for code in range(sys.maxunicode + 1):
        character = chr(code)
        is_bad = unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp") or code & 0xFFFE == 0xFFFE
        if is_bad and code not in VISIBLE_FORMAT | HIEROGLYPH_FORMAT:
            assert is_refused(character), hex(code)


def test_no_letter_digit_or_sign_of_a_living_script_is_refused() -> None:
    fillers = {0x115F, 0x1160, 0x3164, 0xFFA0}
    for code in range(0x20, 0x10000):
        if unicodedata.category(chr(code)) in ("Lu", "Ll", "Lt", "Lo", "Nd", "Po", "Sc", "Sm") and code not in fillers:
            assert not is_refused(chr(code)), hex(code)


@pytest.mark.parametrize(
    "name",
    [
        "Ståhl & Söner AB",
        "Łódź sp. z o.o.",
        "Ηλιος ΑΕ",
        "Българска АД",
        "木村株式会社",
        "שָׁלוֹם בע״מ",
        "شركة",
        "نمی‌خواهم",
        "क्‍ष",
        "Việt Nam Ế",
    ],
)
def test_names_of_the_worlds_languages_are_accepted(name: str) -> None:
    assert characters.refusal(name, longest=200) is None


@pytest.mark.parametrize("name", ["a\u200db", "\u200cab", "A\u200c", "👩\u200d💻"])
def test_a_joiner_outside_the_scripts_that_need_it_is_refused(name: str) -> None:
    assert characters.refusal(name, longest=200) == "forbidden_character"


def test_prose_may_hold_tabs_and_line_feeds_but_no_carriage_return() -> None:
    assert characters.refusal("a\tb\nc", longest=200, is_prose=True) is None
    assert characters.refusal("a\tb", longest=200) == "forbidden_character"
    assert characters.refusal("a\r\nb", longest=200, is_prose=True) == "forbidden_character"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        (" Aurélia", "text_outer_space"),
        ("Aurélia\u00a0", "text_outer_space"),
        ("\u3000", "text_blank"),
        ("é" * 201, "text_too_long"),
        ("e\u0301\u0301\u0301\u0301\u0301\u0301", "combining_marks"),
    ],
)
def test_a_name_of_bad_shape_is_refused_with_its_reason(name: str, reason: str) -> None:
    assert characters.refusal(name, longest=200) == reason


def test_length_is_counted_after_composition() -> None:
    assert characters.refusal("e\u0301" * 200, longest=200) is None


@given(st.text(max_size=300))
def test_the_fast_answer_is_the_slow_answer(text: str) -> None:
    if characters.is_simple(text) and len(text) <= 200:
        assert characters.refusal(text, longest=200) is None


@given(st.text(st.characters(max_codepoint=0x7F), max_size=30))
def test_every_accepted_ascii_name_is_simple(text: str) -> None:
    assert characters.is_simple(text) == (characters.refusal(text, longest=200) is None)


@pytest.mark.parametrize(
    ("name", "is_mixed"),
    [
        ("Аcme", True),  # the first letter is Cyrillic
        ("Acme", False),
        ("Aurélia 2 (GmbH)", False),
        ("Ηλιος", False),
        ("Ηliοs", True),
        ("木村 AI カンパニー", False),
        ("한국 AI", False),
        ("木村 Компания", True),
        ("", False),
        ("12 & 34", False),
    ],
)
def test_a_name_that_mixes_scripts_is_flagged(name: str, is_mixed: bool) -> None:
    assert is_mixed_script(name) is is_mixed


def test_the_scripts_of_a_name_are_named() -> None:
    assert scripts_of("Аcme") == {"LATIN", "CYRILLIC"}
