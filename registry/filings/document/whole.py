"""The filing document as a whole, and the few rules of form that hold between its parts."""

from functools import partial
from typing import Annotated, Literal

from pydantic import model_validator

from registry.filings.document.customer import Customer
from registry.filings.document.elements import PLANNED, Stage, element
from registry.filings.document.filer import BeneficialOwnership, Filer
from registry.filings.document.model_and_data import Data, Model
from registry.filings.document.run import Run
from registry.filings.document.site import Facility, Security
from registry.filings.document.statements import Attestation, Incident, Rebuttal, Signature
from registry.forms import scalars
from registry.forms.parts import Part
from registry.forms.scalars import Listing

SCHEMA_VERSION = "1.0"

_meta = partial(element, code="DOC-1", cls="R", source="European Compute-Access Registry, schema 1.0")


class FilingDocument(Part):
    """What a provider files about one training run."""

    schema_version: Literal["1.0"] = _meta(text="document.schema_version", needed=PLANNED, default="1.0")
    stage: Stage = _meta(text="document.stage", needed=PLANNED, default=...)
    language: Literal["en", "fr", "de"] | None = _meta(text="document.language")
    illustrative: bool = _meta(text="document.illustrative", default=False)
    filer: Filer = element(
        code="FILER-2",
        cls="R",
        source="RAISE Act §1428(3)(a)",
        text="document.filer",
        needed=PLANNED,
        default=...,
    )
    beneficial_ownership: BeneficialOwnership | None = element(
        code="UBO-1",
        cls="S",
        source="Regulation (EU) 2024/1624 Art. 51-54, 62, 63(4), 66",
        text="document.beneficial_ownership",
        needed=PLANNED,
    )
    customer: Customer | None = element(
        code="CUST-1", cls="S", source="89 FR 5698; SB 1047 §22604", text="document.customer"
    )
    run: Run = element(
        code="RUN-1", cls="R", source="Guidelines ¶22, A.1", text="document.run", needed=PLANNED, default=...
    )
    model: Model | None = element(
        code="MODEL-1",
        cls="R",
        source="AI Act Annex XI 1; Model Documentation Form",
        text="document.model",
        needed=PLANNED,
    )
    data: Data | None = element(
        code="DATA-1", cls="R", source="AI Act Annex XI 2(c)", text="document.data", needed=PLANNED
    )
    facilities: Annotated[tuple[Facility, ...], Listing] = element(
        code="FAC-1",
        cls="R",
        source="Delegated Regulation (EU) 2024/1364 Annex I",
        text="document.facilities",
        needed=PLANNED,
        default=(),
        max_length=100,
    )
    security: Security | None = element(
        code="SEC-1", cls="S", source="AI Act Art. 55(1)(d); EO 14110", text="document.security", needed=PLANNED
    )
    attestations: Annotated[tuple[Attestation, ...], Listing] = element(
        code="SCR-1",
        cls="S",
        source="Regulation (EU) 833/2014; Regulation (EU) 2021/821",
        text="document.attestations",
        needed=PLANNED,
        default=(),
        max_length=20,
    )
    rebuttal: Rebuttal | None = element(
        code="REB-1", cls="S", source="AI Act Art. 52(2); Guidelines ¶32-41", text="document.rebuttal"
    )
    incident: Incident | None = element(
        code="INC-1", cls="S", source="AI Act Art. 55(1)(c); Guidelines 5.2", text="document.incident"
    )
    signature: Signature | None = element(
        code="ATT-1", cls="S", source="AI Act Art. 91(5), 101(1)(b)", text="document.signature", needed=PLANNED
    )

    @model_validator(mode="after")
    def _order_of_days(self) -> "FilingDocument":
        """No period of the run ends before it starts, and a NACE code exists in the version it names."""
        run = self.run
        for kind, start, end in (
            ("planned", run.planned_start_on, run.planned_end_on),
            ("actual", run.actual_start_on, run.actual_end_on),
        ):
            if start is not None and end is not None and end < start:
                raise scalars.fault("end_before_start", member=f"/run/{kind}_end_on")
        for index, entry in enumerate(run.hardware):
            if entry.starts_on is not None and entry.ends_on is not None and entry.ends_on < entry.starts_on:
                raise scalars.fault("end_before_start", member=f"/run/hardware/{index}/ends_on")
        code, version = self.filer.nace_code, self.filer.nace_version
        if code is not None and version is not None and not scalars.is_nace(code, version=version):
            raise scalars.fault("nace_unknown", member="/filer/nace_code")
        return self
