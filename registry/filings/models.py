"""All tables of the package. They stand in three modules by what they are about; others import them from here."""

from registry.filings.duty_models import Act, Decision, Duty, DutyQuerySet, Plea, PleaKind, Reminder
from registry.filings.filing_models import (
    Amendment,
    Answer,
    Crossing,
    Filing,
    FilingQuerySet,
    Kind,
    Transition,
    TransitionQuerySet,
    Version,
    flop_field,
)
from registry.filings.reference_models import CodeListItem, Holiday, Threshold

__all__ = [
    "Act",
    "Amendment",
    "Answer",
    "CodeListItem",
    "Crossing",
    "Decision",
    "Duty",
    "DutyQuerySet",
    "Filing",
    "FilingQuerySet",
    "Holiday",
    "Kind",
    "Plea",
    "PleaKind",
    "Reminder",
    "Threshold",
    "Transition",
    "TransitionQuerySet",
    "Version",
    "flop_field",
]
