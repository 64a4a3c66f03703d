"""What every element of the filing document says about itself: code, confidentiality, source, texts, stages."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import Field

from registry.forms.parts import ConfidentialityClass

DATA: Final = Path(__file__).resolve().parent.parent / "data"
Stage = Literal["planned", "monitoring", "completed"]
STAGES: Final[tuple[Stage, ...]] = ("planned", "monitoring", "completed")
PLANNED: Final[tuple[Stage, ...]] = STAGES
"""Needed from the plan on: a version is a whole document, so later ones carry it too."""
MONITORING: Final[tuple[Stage, ...]] = ("monitoring", "completed")
COMPLETED: Final[tuple[Stage, ...]] = ("completed",)


@cache
def texts() -> dict[str, dict[str, dict[str, str]]]:
    """Label and help of each element by text key and language, from `data/elements.toml`."""
    with (DATA / "elements.toml").open("rb") as file:
        found: dict[str, dict[str, dict[str, str]]] = tomllib.load(file)
    return found


def element(
    *,
    code: str,
    cls: ConfidentialityClass,
    source: str,
    text: str,
    needed: tuple[Stage, ...] = (),
    default: Any = None,
    **constraints: Any,
) -> Any:
    """A field of the document with its metadata.

    `code` is the row of the schema (`RUN-4`), `cls` who may see it (S competent authority, R regulators, A aggregates
    only, O open), `source` the article, `text` its key in `data/elements.toml`, `needed` the stages that must carry it.
    `default=...` makes the member structurally required.
    """
    known = texts().get(text) or texts().get(f"any.{text.rpartition('.')[2]}", {})
    label, help_ = known.get("label", {}), known.get("help", {})
    return Field(
        default,
        title=label.get("en", text),
        description=help_.get("en", ""),
        json_schema_extra={
            "x-element": code,
            "x-class": cls,
            "x-source": source,
            "x-needed": list(needed),
            "x-label": dict(label),
            "x-help": dict(help_),
        },
        **constraints,
    )
