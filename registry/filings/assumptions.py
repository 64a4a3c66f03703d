"""What an estimate takes for granted, as codes with a sentence in each language. Pure."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

DATA = Path(__file__).parent / "data" / "assumptions.toml"


@dataclass(frozen=True)
class Assumption:
    """One thing taken for granted; `details` fill the sentence."""

    code: str
    details: tuple[tuple[str, str], ...] = ()

    def sentence(self, language: str) -> str:
        """The sentence in "en", "fr" or "de"."""
        return _texts("assumption")[self.code][language].format_map(dict(self.details))

    @property
    def source(self) -> str:
        """The place in the Commission's Guidelines."""
        return _texts("assumption")[self.code]["source"]


def assume(code: str, **details: object) -> Assumption:
    """An assumption of the catalogue. Raises KeyError for a code without texts."""
    if code not in _texts("assumption"):
        raise KeyError(f"no assumption {code!r} in {DATA.name}")
    return Assumption(code, tuple((name, str(value)) for name, value in details.items()))


def method_name(method: str, *, language: str) -> str:
    """The name of an estimation method for people. Raises KeyError for an unknown one."""
    return _texts("method")[method][language]


def choice_name(choice: str, *, language: str) -> str:
    """Which figure is used, and why, for people. Raises KeyError for an unknown choice."""
    return _texts("choice")[choice][language]


def refusal_sentence(reason: str, *, language: str) -> str:
    """Why a method gives no estimate, for people. Raises KeyError for an unknown reason."""
    return _texts("refusal")[reason][language]


def codes() -> frozenset[str]:
    """Every assumption that has texts."""
    return frozenset(_texts("assumption"))


@cache
def _texts(table: str) -> Mapping[str, Mapping[str, str]]:
    return MappingProxyType(tomllib.loads(DATA.read_text(encoding="utf-8"))[table])
