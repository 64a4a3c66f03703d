"""What is declared and signed: attestations, rebuttal, incident, signature (SCR-1, REB-1, INC-1, ATT-1)."""

from functools import partial
from typing import Annotated, Literal

from registry.filings.document.elements import PLANNED, element
from registry.forms.parts import Part
from registry.forms.scalars import Day, Line, Listing, Moment, Name, Prose, Reference, Score, Sha256, Uuid

StatementKind = Literal["no_russian_customer", "no_russian_re_export", "no_military_end_use"]
"""Regulation (EU) 833/2014 Art. 5n; its Art. 8a; Regulation (EU) 2021/821 Art. 4 and 5."""
RebuttalTopic = Literal[
    "benchmarks",
    "architecture",
    "parameters",
    "training_examples",
    "data_curation",
    "training_techniques",
    "modalities",
    "tool_use",
    "context_length",
    "other",
]

_screening = partial(element, code="SCR-1", cls="S", source="Regulation (EU) 833/2014; Regulation (EU) 2021/821")
_rebuttal = partial(element, code="REB-1", cls="S", source="AI Act Art. 52(2); Guidelines ¶32-41")
_incident = partial(element, code="INC-1", cls="S", source="AI Act Art. 55(1)(c); Guidelines 5.2")
_signature = partial(element, code="ATT-1", cls="S", source="AI Act Art. 91(5), 101(1)(b)")


class Attestation(Part):
    """One signed statement on sanctions or dual use."""

    statement: StatementKind | None = _screening(text="attestation.statement", needed=PLANNED)
    is_affirmed: bool | None = _screening(text="attestation.is_affirmed", needed=PLANNED)
    explanation: Prose | None = _screening(text="attestation.explanation")
    signed_by: Name | None = _screening(text="attestation.signed_by", needed=PLANNED)
    signed_on: Day | None = _screening(text="attestation.signed_on", needed=PLANNED)


class BenchmarkResult(Part):
    """One benchmark, measured or forecast."""

    name: Name | None = _rebuttal(text="benchmark.name", needed=PLANNED)
    score: Score | None = _rebuttal(text="benchmark.score", needed=PLANNED)
    unit: Line | None = _rebuttal(text="benchmark.unit")
    is_forecast: bool | None = _rebuttal(text="benchmark.is_forecast", needed=PLANNED)


class Argument(Part):
    """One argument of the rebuttal."""

    topic: RebuttalTopic | None = _rebuttal(text="argument.topic", needed=PLANNED)
    explanation: Prose | None = _rebuttal(text="argument.explanation", needed=PLANNED)


class AttachedFile(Part):
    """A file handed over beside the document."""

    attachment_id: Uuid | None = _rebuttal(text="attached_file.attachment_id", needed=PLANNED)
    title: Line | None = _rebuttal(text="attached_file.title")
    sha256: Sha256 | None = _rebuttal(text="attached_file.sha256", needed=PLANNED)


class Rebuttal(Part):
    """Why the model, though above the threshold, should not count as one with systemic risk."""

    summary: Prose | None = _rebuttal(text="rebuttal.summary", needed=PLANNED)
    arguments: Annotated[tuple[Argument, ...], Listing] = _rebuttal(
        text="rebuttal.arguments", needed=PLANNED, default=(), max_length=50
    )
    benchmarks: Annotated[tuple[BenchmarkResult, ...], Listing] = _rebuttal(
        text="rebuttal.benchmarks", default=(), max_length=200
    )
    attachments: Annotated[tuple[AttachedFile, ...], Listing] = _rebuttal(
        text="rebuttal.attachments", default=(), max_length=50
    )


class Incident(Part):
    """A serious incident during the run or with its weights."""

    incident_id: Reference | None = _incident(text="incident.incident_id")
    kind: (
        Literal["weights_exfiltration", "cybersecurity_breach", "physical_breach", "loss_of_control", "harm", "other"]
        | None
    ) = _incident(text="incident.kind", needed=PLANNED)
    occurred_at: Moment | None = _incident(text="incident.occurred_at")
    discovered_at: Moment | None = _incident(text="incident.discovered_at", needed=PLANNED)
    is_ongoing: bool | None = _incident(text="incident.is_ongoing", needed=PLANNED)
    description: Prose | None = _incident(text="incident.description", needed=PLANNED)
    corrective_measures: Prose | None = _incident(text="incident.corrective_measures", needed=PLANNED)
    reported_to: Line | None = _incident(text="incident.reported_to")


class Signature(Part):
    """The signatory, who answers for the whole document."""

    name: Name | None = _signature(text="signature.name", needed=PLANNED)
    capacity: Line | None = _signature(text="signature.capacity", needed=PLANNED)
    signed_at: Moment | None = _signature(text="signature.signed_at", needed=PLANNED)
    place: Line | None = _signature(text="signature.place")
    warning_acknowledged: bool | None = _signature(text="signature.warning_acknowledged", needed=PLANNED)
