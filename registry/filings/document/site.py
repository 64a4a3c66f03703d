"""Where the run stands and how it is protected (FAC-1 to 3, SEC-1)."""

from functools import partial
from typing import Annotated, Literal

from registry.filings.document.elements import MONITORING, PLANNED, element
from registry.forms.parts import Part
from registry.forms.scalars import (
    AcceleratorCode,
    Count,
    Country,
    FlopPerSecond,
    GigabitPerSecond,
    HistoricDay,
    Kilowatts,
    LauCode,
    Lei,
    Line,
    Listing,
    MegawattHours,
    Name,
    Nuts,
    Prose,
    Ratio,
    Reference,
)

FacilityKind = Literal["enterprise", "colocation", "co_hosting"]
SizeClass = Literal["100-500kw", "500-1000kw", "1-2mw", "2-10mw", "over-10mw"]
"""The classes of Delegated Regulation (EU) 2024/1364, Annex IV."""

_place = partial(element, code="FAC-1", cls="R", source="Delegated Regulation (EU) 2024/1364 Annex I")
_power = partial(element, code="FAC-2", cls="S", source="Delegated Regulation (EU) 2024/1364 Annex II; 89 FR 73612")
_control = partial(
    element, code="FAC-3", cls="S", source="Delegated Regulation (EU) 2024/1364 Art. 2(8)-(9); 91 FR 1684"
)
_security = partial(element, code="SEC-1", cls="S", source="AI Act Art. 55(1)(d); EO 14110")


class InstalledAccelerators(Part):
    """Accelerators of one kind at the facility."""

    accelerator: AcceleratorCode | None = _power(text="installed.accelerator", needed=PLANNED)
    count: Count | None = _power(text="installed.count", needed=PLANNED)
    status: Literal["installed", "delivered", "planned"] | None = _power(text="installed.status")


class Facility(Part):
    """A data centre at one physical location."""

    facility_id: Reference | None = _place(text="facility.facility_id", needed=PLANNED)
    name: Name | None = _place(text="facility.name", needed=PLANNED)
    operator: Name | None = _place(text="facility.operator", needed=PLANNED)
    operator_lei: Lei | None = _place(text="facility.operator_lei")
    owner: Name | None = _place(text="facility.owner", needed=PLANNED)
    kind: FacilityKind | None = _place(text="facility.kind", needed=PLANNED)
    country: Country | None = _place(text="facility.country", needed=PLANNED)
    lau_code: LauCode | None = _place(text="facility.lau_code")
    nuts_code: Nuts | None = _place(text="facility.nuts_code")
    in_operation_from: HistoricDay | None = _place(text="facility.in_operation_from", needed=PLANNED)
    installed_it_power_kw: Kilowatts | None = _power(text="facility.installed_it_power_kw", needed=PLANNED)
    size_class: SizeClass | None = _power(text="facility.size_class")
    power_usage_effectiveness: Ratio | None = _power(text="facility.power_usage_effectiveness")
    annual_energy_mwh: MegawattHours | None = _power(text="facility.annual_energy_mwh")
    accelerators: Annotated[tuple[InstalledAccelerators, ...], Listing] = _power(
        text="facility.accelerators", needed=PLANNED, default=(), max_length=100
    )
    interconnect_gbit_per_s: GigabitPerSecond | None = _power(text="facility.interconnect_gbit_per_s", needed=PLANNED)
    theoretical_peak_flop_per_s: FlopPerSecond | None = _power(
        text="facility.theoretical_peak_flop_per_s", needed=PLANNED
    )
    hardware_control: Literal["owner", "lessee", "sub_lessee"] | None = _control(
        text="facility.hardware_control", needed=PLANNED
    )
    controlled_by: Name | None = _control(text="facility.controlled_by", needed=PLANNED)
    remote_access_countries: Annotated[tuple[Country, ...], Listing] = _control(
        text="facility.remote_access_countries", needed=MONITORING, default=(), max_length=249
    )


class Security(Part):
    """How the run and its weights are protected."""

    physical_protection: Prose | None = _security(text="security.physical_protection", needed=PLANNED)
    cyber_protection: Prose | None = _security(text="security.cyber_protection", needed=PLANNED)
    weights_protection: Prose | None = _security(text="security.weights_protection", needed=PLANNED)
    certifications: Annotated[tuple[Line, ...], Listing] = _security(
        text="security.certifications", default=(), max_length=20
    )
