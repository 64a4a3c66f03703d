"""Which characters a name or a text may hold, and which names look as if written to deceive.

Pure, standard library only. Names that mix scripts are flagged for the authority, never refused.
"""

import re
import unicodedata

MOST_COMBINING_MARKS = 4
"""In a row. Vietnamese and Hebrew need up to three; a tower of accents is an attack on the reader's screen."""

_CONTROLS = "\x00-\x1f\x7f-\x9f"
_CONTROLS_IN_PROSE = "\x00-\x08\x0b-\x1f\x7f-\x9f"
_INVISIBLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0"
    "\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e00ff\U000e01f0-\U000e0fff"
)
"""Soft hyphen, joiners without a letter, zero-width, directional controls, line separators, fillers, tags."""
_NOT_TEXT = "\ud800-\udfff\ue000-\uf8ff\ufdd0-\ufdef\U000f0000-\U0010ffff" + "".join(
    f"{chr(plane * 0x10000 + 0xFFFE)}{chr(plane * 0x10000 + 0xFFFF)}" for plane in range(15)
)
"""Surrogates, private use, noncharacters."""
FORBIDDEN_IN_NAME = re.compile(f"[{_CONTROLS}{_INVISIBLE}{_NOT_TEXT}]")
FORBIDDEN_IN_PROSE = re.compile(f"[{_CONTROLS_IN_PROSE}{_INVISIBLE}{_NOT_TEXT}]")
_PRINTABLE_ASCII = re.compile(r"[ -~]*")
_SIMPLE = re.compile(r"[!-~](?:[ -~]*[!-~])?")
_JOINER = re.compile("[\u200c\u200d]")

_WITH_JOINERS = """
ARABIC SYRIAC MONGOLIAN NKO DEVANAGARI BENGALI GURMUKHI GUJARATI ORIYA TAMIL TELUGU KANNADA MALAYALAM SINHALA KHMER
MYANMAR TIBETAN
"""
_WITHOUT_JOINERS = """
LATIN GREEK COPTIC CYRILLIC ARMENIAN HEBREW THAANA THAI LAO GEORGIAN HANGUL ETHIOPIC CHEROKEE HIRAGANA KATAKANA
BOPOMOFO CJK YI GLAGOLITIC TIFINAGH GOTHIC RUNIC OGHAM LISU
"""
SCRIPTS_WITH_JOINERS = frozenset(_WITH_JOINERS.split())
_SCRIPTS = SCRIPTS_WITH_JOINERS | frozenset(_WITHOUT_JOINERS.split())
_WRITTEN_TOGETHER = (
    frozenset({"LATIN", "CJK", "HIRAGANA", "KATAKANA"}),
    frozenset({"LATIN", "CJK", "BOPOMOFO"}),
    frozenset({"LATIN", "CJK", "HANGUL"}),
)
"""The combinations UTS 39 calls highly restrictive: Japanese, Chinese and Korean beside Latin."""


def is_simple(value: str) -> bool:
    """Whether `value` is one line of printable ASCII without outer spaces: the common case, decided by one pattern."""
    return _SIMPLE.fullmatch(value) is not None


def normalised(value: str) -> str:
    """`value` in Unicode normal form C."""
    return value if value.isascii() else unicodedata.normalize("NFC", value)


def _has_stray_joiner(value: str) -> bool:
    """Whether a zero-width joiner or non-joiner follows anything but a letter or mark of a script that needs it."""
    return any(
        place.start() == 0 or _script(value[place.start() - 1]) not in SCRIPTS_WITH_JOINERS
        for place in _JOINER.finditer(value)
    )


def _has_tower(value: str) -> bool:
    """Whether more combining marks stand in a row than any language writes."""
    if max(value) < "\u0300":  # the first combining mark
        return False
    run = 0
    for character in value:
        run = run + 1 if unicodedata.category(character) in ("Mn", "Me") else 0
        if run > MOST_COMBINING_MARKS:
            return True
    return False


def refusal(value: str, *, longest: int, is_prose: bool = False) -> str | None:
    """Why `value` cannot be a name or text of at most `longest` characters: a key of the obstacles, or None."""
    if len(value) > 4 * longest:
        return "text_too_long"
    if _PRINTABLE_ASCII.fullmatch(value) is None:
        if (FORBIDDEN_IN_PROSE if is_prose else FORBIDDEN_IN_NAME).search(value) or _has_stray_joiner(value):
            return "forbidden_character"
        value = normalised(value)
        if not value.isascii() and _has_tower(value):
            return "combining_marks"
    return _refused_shape(value, longest=longest, is_prose=is_prose)


def _refused_shape(value: str, *, longest: int, is_prose: bool) -> str | None:
    if len(value) > longest:
        return "text_too_long"
    if not value or value.isspace():
        return "text_blank"
    has_outer_space = value[0].isspace() or value[-1].isspace()
    return "text_outer_space" if has_outer_space and not is_prose else None


def _script(character: str) -> str:
    """The script of a letter or mark by its Unicode name, or an empty string where it belongs to none or to many."""
    words = unicodedata.name(character, "").replace("-", " ").split()
    found = next((word for word in words[:2] if word in _SCRIPTS), "")
    return "CJK" if words[:1] == ["IDEOGRAPHIC"] else found


def scripts_of(name: str) -> frozenset[str]:
    """The scripts of the letters of `name`, as first words of Unicode names: LATIN, CYRILLIC, CJK."""
    letters = {character for character in name if character.isalpha()}
    return frozenset(script for script in map(_script, letters) if script)


def is_mixed_script(name: str) -> bool:
    """Whether the letters of `name` mix scripts no language writes together (a flag, UTS 39 highly restrictive)."""
    if name.isascii():
        return False
    scripts = scripts_of(name)
    return len(scripts) > 1 and not any(scripts <= together for together in _WRITTEN_TOGETHER)
