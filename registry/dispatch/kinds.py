"""The events that webhooks tell of, with their words, and the words of failures and reasons. Pure; data/webhooks.toml.

The list is what may leave the house: an event of another kind, such as a finding, is told to no provider.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

_DATA: Final = Path(__file__).parent / "data" / "webhooks.toml"
TEST, DISABLED = "webhook.test", "webhook.disabled"


@dataclass(frozen=True)
class EventKind:
    """One kind of event. `names` is the member of `data` that carries the subject: `filing`, `client` and so on."""

    code: str
    names: str
    texts: Mapping[str, str]


@cache
def event_kinds() -> Mapping[str, EventKind]:
    """All kinds by code."""
    return MappingProxyType(
        {
            code: EventKind(code, row["names"], MappingProxyType({k: v for k, v in row.items() if k != "names"}))
            for code, row in _read()["kinds"].items()
        }
    )


@cache
def subscribable() -> frozenset[str]:
    """The codes that a webhook may ask for. A test goes to the webhook that is tested, asked for or not."""
    return frozenset(event_kinds()) - {TEST}


def failure_text(code: str, *, language: str) -> str:
    """Why an attempt failed, in a sentence."""
    return str(_read()["failures"][code][language])


def reason_text(code: str, *, language: str) -> str:
    """Why the register disabled a webhook, in a sentence."""
    return str(_read()["reasons"][code][language])


@cache
def _read() -> dict[str, Any]:
    return tomllib.loads(_DATA.read_text(encoding="utf-8"))
