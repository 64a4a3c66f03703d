"""From a submitted document to everything that follows from it, before anything is stored: one pass, all obstacles.

Reading (form), judgement (estimate, crossings), checks (law and physics). The result is a value;
registry.filings.actions stores sets of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from registry.errors import Obstacle
from registry.filings import document, judgement
from registry.filings.checks import engine
from registry.filings.checks.engine import Answer
from registry.filings.checks.subject import Context
from registry.filings.document import FilingDocument
from registry.filings.duties import FilingFacts, Submission
from registry.filings.working_days import day_of


@dataclass(frozen=True)
class Assessment:
    """A document that could be read, and what the register says of it."""

    content: FilingDocument
    canonical: bytes
    digest: bytes
    estimates: judgement.Estimates
    answers: tuple[Answer, ...]

    @property
    def errors(self) -> tuple[Answer, ...]:
        """Answers that block a submission."""
        return tuple(answer for answer in self.answers if answer.severity == "error")

    def crossed(self) -> dict[str, date]:
        """Threshold code to the day on which the estimate passes it."""
        return {crossing.threshold: crossing.on for crossing in self.estimates.crossings if crossing.on is not None}


def assess(content: Mapping[str, Any], *, context: Context) -> Assessment:
    """Read and judge one document. Raises `Invalid` with every obstacle of form; checks are in the result."""
    read = document.read(content)
    canonical = document.canonical(read)
    estimates = judgement.estimate(read)
    answers = engine.answer(read, context, estimates)
    return Assessment(read, canonical, document.digest(canonical), estimates, answers)


def obstacles(answers: tuple[Answer, ...], *, language: str) -> tuple[Obstacle, ...]:
    """Answers of checks as obstacles, in the reader's language."""
    found = []
    for answer in answers:
        sentence, remedy = engine.render(answer, language)
        found.append(Obstacle(answer.code, answer.pointer, sentence, remedy, answer.severity))
    return tuple(found)


def facts(
    assessed: Assessment, *, territory: str, submitted: tuple[Submission, ...], designated_on: date | None = None
) -> FilingFacts:
    """What the duties of the filing depend on, taken from its newest version and the moments of all of them."""
    run, owners = assessed.content.run, assessed.content.beneficial_ownership
    model = assessed.content.model
    return FilingFacts(
        territory=territory,
        planned_start_on=run.planned_start_on,
        actual_start_on=run.actual_start_on,
        actual_end_on=run.actual_end_on,
        met_on=run.met_on,
        known_on=run.known_on,
        crossed=assessed.crossed(),
        placed_on_market_on=model.union_placing_on if model else None,
        ownership_as_of=owners.as_of_on if owners else None,
        designated_on=designated_on,
        submitted=submitted,
    )


def submission(assessed: Assessment, *, kind: str, at: datetime) -> Submission:
    """This version as the duties see it."""
    return Submission(kind=kind, at=at, thresholds=frozenset(assessed.crossed()))


def today(at: datetime) -> date:
    """The day in Brussels: what a check calls today."""
    return day_of(at)
