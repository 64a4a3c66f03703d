"""What makes a long password easy to guess. Beside the length and the list of common ones that Django brings.

Length alone lets `passwordpassword` and `compute-registry-2026` through. So a password is taken apart: common words,
the register's own, the person's own, years, runs and repeats count little, and each once (NIST SP 800-63B-4, 3.1.1.2:
compare with lists of common, expected and context-specific words). No password leaves this machine to be compared.
"""

import re
from typing import Any

from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext

ENOUGH = 8  # of different characters; a word counts two of them, any other piece that is easy to guess one
_OUR_WORDS = ("european", "compute", "access", "registry", "register", "commission", "office", "filing", "officer")
_LEET = str.maketrans("01345@$!7", "oleasasit")
_RUNS = ("abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "azertyuiop", "qwertzuiop")
_SHORTEST_WORD, _SHORTEST_RUN = 4, 3


class NotEasyToGuess:
    """A validator for AUTH_PASSWORD_VALIDATORS."""

    def __init__(self) -> None:
        known = CommonPasswordValidator().passwords
        self._words = frozenset(word for word in known if len(word) >= _SHORTEST_WORD and word.isalpha())
        self._longest = max(map(len, self._words))

    def validate(self, password: str, user: Any = None) -> None:
        """Raise ValidationError where too little is left that could not be guessed."""
        named = re.findall(r"\w{3,}", f"{getattr(user, 'name', '')} {getattr(user, 'email', '')}".lower())
        expected = frozenset({*named, *_OUR_WORDS})
        pieces = _pieces(password.lower(), self._words | expected, self._longest)
        if sum(2 if piece in self._words - expected else 1 for piece in pieces) < ENOUGH:
            raise ValidationError(self.get_help_text(), code="password_easy_to_guess")

    def get_help_text(self) -> str:
        """What the page says under the field, and as the refusal."""
        return gettext("Choose a password that is not made of common words, your name, years or repeats.")


def _pieces(text: str, words: frozenset[str], longest: int) -> set[str]:
    """The different pieces that a password is made of: words (digits read as letters), runs, repeats, characters."""
    plain, found, place = text.translate(_LEET), set(), 0
    while place < len(text):
        as_word, as_run = _word(plain, place, words, longest), _run(text, place)
        found.add(plain[place : place + as_word] if as_word >= as_run else text[place : place + as_run])
        place += max(as_word, as_run)
    return found


def _word(text: str, place: int, words: frozenset[str], longest: int) -> int:
    sizes = range(min(longest, len(text) - place), _SHORTEST_WORD - 2, -1)
    return next((size for size in sizes if text[place : place + size] in words), 1)


def _run(text: str, place: int) -> int:
    """The length of a run, forwards or backwards, of a repeat of one character, or of a year; 1 for none."""
    found = re.compile(r"(.)\1{2,}|(19|20)\d\d").match(text, place)
    best = len(found[0]) if found else 1
    for size in range(len(text) - place, _SHORTEST_RUN - 1, -1):
        piece = text[place : place + size]
        if any(piece in run or piece[::-1] in run for run in _RUNS):
            return max(best, size)
    return best
