"""Fields with a choice above lists, and the choices that several lists have."""

from collections.abc import Mapping

from registry.portal.presentation import words
from registry.portal.presentation.drawn import MEMBERS
from registry.portal.presentation.marks import Field, Option


def select(name: str, label: str, options: Mapping[str, str], picked: str, *, everything: str = "") -> Field:
    """A field that lets one of `options` (texts by value) be chosen, before them all, where there is a word for it."""
    first = (Option("", everything, not picked),) if everything else ()
    listed = (Option(value, text, value == picked) for value, text in options.items())
    return Field(name, label, "select", options=(*first, *listed))


def member_states() -> dict[str, str]:
    """Names of the 27 by code, in the order of the names."""
    return dict(sorted(((code, words.country(code)) for code in MEMBERS), key=lambda pair: pair[1]))


def territories() -> dict[str, str]:
    """The Union and its Member States by code, in the order of the names."""
    return {"EU": words.country("EU"), **member_states()}
