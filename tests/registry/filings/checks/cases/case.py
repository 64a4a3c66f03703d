"""A case of the tables: a change of a valid document that a check answers, and the nearest one that it does not."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from registry.filings import document
from registry.filings.checks import engine
from registry.filings.checks.engine import Answer, Context, OrganisationFacts
from registry.filings.checks.subject import VersionKind
from registry.filings.document import FilingDocument
from tests import documents

Changes = Mapping[str, Any]
NOTHING: Changes = {}

TODAY = date(2026, 11, 20)
DAYS = {"announced": date(2026, 1, 20), "under_way": date(2026, 4, 1), "completed": date(2026, 5, 4)}
KINDS: Mapping[str, VersionKind] = {"under_way": "update", "completed": "completion"}


@dataclass(frozen=True)
class Case:
    """`fires` and `spares` change the base document; `context` holds for both unless `spares_context` is given."""

    code: str
    fires: Changes
    spares: Changes = field(default_factory=dict)
    base: str = "planned"
    context: Changes = field(default_factory=dict)
    spares_context: Changes | None = None
    pointer: str | None = None


def content(base: str, changes: Changes = NOTHING) -> dict[str, Any]:
    """A valid document as JSON values, changed by path."""
    return documents.changed(BASES[base](), **changes)


def read(base: str, changes: Changes = NOTHING) -> FilingDocument:
    """The same, read."""
    return document.read(content(base, changes))


def context_of(base: str, filed: FilingDocument, changes: Changes = NOTHING) -> Context:
    """A context in which the base document is beyond reproach: its own organisation, the day of its signature."""
    filer = read(base).filer
    facts = OrganisationFacts(
        legal_name=filer.legal_name, lei=filer.lei, seat_country=filer.seat_country, territory=filer.seat_country
    )
    usual = Context(
        today=DAYS.get(base, TODAY),
        kind=KINDS.get(base, "notification"),
        organisation=facts,
        previous=_previous(base),
    )
    return replace(usual, **changes)


def answers(base: str, changes: Changes = NOTHING, context: Changes = NOTHING) -> tuple[Answer, ...]:
    """What the register answers to the changed document."""
    filed = read(base, changes)
    return engine.answer(filed, context_of(base, filed, context))


def _previous(base: str) -> FilingDocument | None:
    """A completion follows an update, an update follows the plan of the same run."""
    return read(EARLIER[base]) if base in EARLIER else None


def _planned() -> dict[str, Any]:
    return documents.changed(documents.planned_run(), **OWNERS_OF_THE_MONTH)


def _announced() -> dict[str, Any]:
    return documents.changed(
        _under_way(),
        stage="planned",
        run__actual_start_on=documents.REMOVED,
        beneficial_ownership__confirmed_on="2025-11-03",
        **documents.statements(signed_on="2026-01-20", signed_at="2026-01-20T09:00:00+01:00"),
    )


def _under_way() -> dict[str, Any]:
    return documents.changed(
        documents.completed_run(),
        stage="monitoring",
        run__actual_end_on=documents.REMOVED,
        run__energy=documents.REMOVED,
        run__met_on=documents.REMOVED,
        **documents.statements(signed_on="2026-04-01", signed_at="2026-04-01T09:00:00+02:00"),
    )


OWNERS_OF_THE_MONTH: Changes = {
    "beneficial_ownership__as_of_on": "2026-11-03",
    "beneficial_ownership__confirmed_on": "2026-11-03",
}
EARLIER = {"under_way": "announced", "completed": "under_way"}
BASES = {
    "planned": _planned,
    "announced": _announced,
    "under_way": _under_way,
    "completed": documents.completed_run,
    "fine_tune": lambda: documents.changed(documents.fine_tune(), **OWNERS_OF_THE_MONTH),
    "rented": lambda: documents.changed(documents.rented_run(), **OWNERS_OF_THE_MONTH),
}
