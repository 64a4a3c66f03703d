"""What is said of a facility: strict forms of statement, yearly report, cluster and installation; what follows. Pure.

Elements, their class, source and names are data (`data/facility_elements.toml`). Sources: Delegated Regulation (EU)
2024/1364 Annex I (statement), Annex II (report), Annex III (ratios), Annex IV (size classes).
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Final, Literal, TypeVar

from pydantic import Field, ValidationError

from registry.errors import Invalid
from registry.forms import obstacles
from registry.forms.parts import Part
from registry.forms.scalars import (
    AcceleratorCode,
    Count,
    Country,
    Day,
    Email,
    GigabitPerSecond,
    HistoricDay,
    Kilowatts,
    LauCode,
    Lei,
    Line,
    Listing,
    Name,
    Nuts,
    Phone,
    Reference,
    Uuid,
    quantity,
)
from registry.languages import SPOKEN
from registry.quantities import EXACT

DATA: Final = Path(__file__).with_name("data")
SCHEMA_VERSION: Final = "1.0"
SCHEMA_ADDRESS: Final = f"/api/v1/schemas/{{form}}-{SCHEMA_VERSION}.json"
DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
SIZE_CLASSES: Final[tuple[tuple[str, Decimal, bool], ...]] = (
    ("over-10mw", Decimal(10_000), False),
    ("2-10mw", Decimal(2_000), True),
    ("1-2mw", Decimal(1_000), True),
    ("500-1000kw", Decimal(500), True),
    ("100-500kw", Decimal(100), True),
)
"""Annex IV, from the largest: class, its lower bound in kW, whether that bound belongs to it."""
REPORTING_FROM_KW: Final = Decimal(500)
"""Art. 3(1): an installed IT power demand of at least 500 kW is reported."""
LITRES_PER_CUBIC_METRE: Final = 1000
RATIO_FIGURES: Final = Decimal("0.0001")
LARGEST_RATIO: Final = Decimal(99_999)

KilowattHours = Annotated[Decimal, quantity(minimum="0", maximum="1000000000000")]
Amount = Annotated[Decimal, quantity(minimum="0", maximum="1000000000000")]
Celsius = Annotated[Decimal, quantity(minimum="0", maximum="200")]
Year = Annotated[int, Field(ge=2023, lt=2100)]
Kind = Literal["enterprise", "colocation", "co_hosting"]
Redundancy = Literal["n", "n_plus_1", "2n", "2n_plus_1", "other"]
StageName = Literal["planned", "ordered", "delivered", "installed", "operating", "retired"]
STANDING: Final = frozenset({"installed", "operating"})
THERE: Final = STANDING | {"delivered"}
"""What has arrived: only that can need power."""

Form = TypeVar("Form", bound=Part)


@cache
def said() -> Mapping[str, Any]:
    """The data: elements by form and member, words by list and code."""
    return tomllib.loads((DATA / "facility_elements.toml").read_text(encoding="utf-8"))


def label(form: str, member: str, language: str = "en") -> str:
    """What a member of a form is called. Raises KeyError for one that does not exist."""
    return str(said()[form][member][language])


def word(of: str, code: str, language: str = "en") -> str:
    """What a code of a list (`kind`, `stage`, `size_class`, `redundancy`, `act`) is called; the code if unknown."""
    row = said()["words"][of].get(code)
    return str(row[language]) if row else code


def _element(form: str, member: str, default: Any = None, **constraints: Any) -> Any:
    row = said()[form][member]
    return Field(
        default,
        title=row["en"],
        json_schema_extra={
            "x-class": row["class"],
            "x-source": row["source"],
            "x-needed": row.get("needed", False),
            "x-label": {language: row[language] for language in SPOKEN},
        },
        **constraints,
    )


class FacilityContact(Part):
    """Whom to ask at the operator or the owner."""

    name: Name = _element("contact", "name", ...)
    email: Email = _element("contact", "email", ...)
    phone: Phone | None = _element("contact", "phone")


class FacilityStatement(Part):
    """What an operator says of a data centre at one physical location."""

    schema_version: Literal["1.0"] = _element("statement", "schema_version", SCHEMA_VERSION)
    client_reference: Reference | None = _element("statement", "client_reference")
    name: Name = _element("statement", "name", ...)
    operator: FacilityContact | None = _element("statement", "operator")
    owner_name: Name = _element("statement", "owner_name", ...)
    owner_lei: Lei | None = _element("statement", "owner_lei")
    owner: FacilityContact | None = _element("statement", "owner")
    kind: Kind = _element("statement", "kind", ...)
    is_group_of_structures: bool = _element("statement", "is_group_of_structures", False)
    country: Country = _element("statement", "country", ...)
    lau_code: LauCode | None = _element("statement", "lau_code")
    nuts_code: Nuts | None = _element("statement", "nuts_code")
    operating_from: HistoricDay | None = _element("statement", "operating_from")
    closed_on: HistoricDay | None = _element("statement", "closed_on")
    electrical_redundancy: Redundancy | None = _element("statement", "electrical_redundancy")
    cooling_redundancy: Redundancy | None = _element("statement", "cooling_redundancy")
    it_power_kw: Kilowatts = _element("statement", "it_power_kw", ...)
    hardware_control: Literal["owner", "lessee", "sub_lessee"] | None = _element("statement", "hardware_control")
    controlled_by: Name | None = _element("statement", "controlled_by")
    remote_access_countries: Annotated[tuple[Country, ...], Listing] = _element(
        "statement", "remote_access_countries", (), max_length=249
    )


class YearlyReport(Part):
    """What was measured at a facility in one calendar year."""

    schema_version: Literal["1.0"] = _element("report", "schema_version", SCHEMA_VERSION)
    year: Year = _element("report", "year", ...)
    it_power_kw: Kilowatts = _element("report", "it_power_kw", ...)
    is_rated_power: bool = _element("report", "is_rated_power", False)
    floor_area_m2: Amount | None = _element("report", "floor_area_m2")
    computer_room_area_m2: Amount | None = _element("report", "computer_room_area_m2")
    total_energy_kwh: KilowattHours = _element("report", "total_energy_kwh", ...)
    it_energy_kwh: KilowattHours = _element("report", "it_energy_kwh", ...)
    grid_functions: Annotated[tuple[Line, ...], Listing] = _element("report", "grid_functions", (), max_length=20)
    average_battery_kw: Kilowatts | None = _element("report", "average_battery_kw")
    backup_energy_kwh: KilowattHours | None = _element("report", "backup_energy_kwh")
    water_m3: Amount | None = _element("report", "water_m3")
    potable_water_m3: Amount | None = _element("report", "potable_water_m3")
    heat_reused_kwh: KilowattHours | None = _element("report", "heat_reused_kwh")
    waste_heat_c: Celsius | None = _element("report", "waste_heat_c")
    intake_air_c: Celsius | None = _element("report", "intake_air_c")
    refrigerants: Annotated[tuple[Line, ...], Listing] = _element("report", "refrigerants", (), max_length=50)
    cooling_degree_days: Amount | None = _element("report", "cooling_degree_days")
    renewable_energy_kwh: KilowattHours | None = _element("report", "renewable_energy_kwh")
    renewable_guarantees_kwh: KilowattHours | None = _element("report", "renewable_guarantees_kwh")
    renewable_contracts_kwh: KilowattHours | None = _element("report", "renewable_contracts_kwh")
    renewable_onsite_kwh: KilowattHours | None = _element("report", "renewable_onsite_kwh")
    server_capacity: Amount | None = _element("report", "server_capacity")
    storage_capacity_pb: Amount | None = _element("report", "storage_capacity_pb")
    bandwidth_in_gbit_per_s: GigabitPerSecond | None = _element("report", "bandwidth_in_gbit_per_s")
    bandwidth_out_gbit_per_s: GigabitPerSecond | None = _element("report", "bandwidth_out_gbit_per_s")
    traffic_in_eb: Amount | None = _element("report", "traffic_in_eb")
    traffic_out_eb: Amount | None = _element("report", "traffic_out_eb")


class ClusterStatement(Part):
    """Machines that work together over one network."""

    name: Name = _element("cluster", "name", ...)
    network: Name | None = _element("cluster", "network")
    interconnect_gbit_per_s: GigabitPerSecond | None = _element("cluster", "interconnect_gbit_per_s")
    from_on: HistoricDay = _element("cluster", "from_on", ...)
    until_on: HistoricDay | None = _element("cluster", "until_on")


class InstallationStatement(Part):
    """A lot of accelerators of one kind: how many, how far, from a day on."""

    lot: Reference = _element("installation", "lot", ...)
    cluster: Uuid | None = _element("installation", "cluster")
    accelerator: AcceleratorCode = _element("installation", "accelerator", ...)
    count: Count = _element("installation", "count", ...)
    stage: StageName = _element("installation", "stage", ...)
    from_on: Day = _element("installation", "from_on", ...)
    delivered_on: Day | None = _element("installation", "delivered_on")
    evidence: Line | None = _element("installation", "evidence")


class InstallationChange(Part):
    """What is otherwise about a lot from a day on; what is left out stays as it was."""

    from_on: Day = _element("installation", "from_on", ...)
    cluster: Uuid | None = _element("installation", "cluster")
    count: Count | None = _element("installation", "count")
    stage: StageName | None = _element("installation", "stage")
    delivered_on: Day | None = _element("installation", "delivered_on")
    evidence: Line | None = _element("installation", "evidence")


FORMS: Final[Mapping[str, type[Part]]] = {
    "facility": FacilityStatement,
    "facility-report": YearlyReport,
    "cluster": ClusterStatement,
    "installation": InstallationStatement,
    "installation-change": InstallationChange,
}
"""The forms by the name under which their JSON Schema is published."""


@dataclass(frozen=True)
class Ratios:
    """Annex III: PUE, WUE in litres a kWh, ERF, REF. None where the report lacks a part, or divides by nothing."""

    pue: Decimal | None
    wue: Decimal | None
    erf: Decimal | None
    ref: Decimal | None


def read(form: type[Form], raw: Mapping[str, Any], *, language: str = "en") -> Form:
    """What is said in a parsed JSON object. Raises `Invalid` with every obstacle of form, in `language`."""
    try:
        return form.model_validate(raw)
    except ValidationError as error:
        known = tuple(sorted(form.model_fields))
        address = schema_address(form)
        found = obstacles.explained(error, language=language, known=known, schema=address)
        raise Invalid(obstacles.summary(language=language), obstacles=found) from None


def plain(said_of: Part) -> dict[str, Any]:
    """What was said as JSON values, without members that say nothing."""
    return said_of.model_dump(mode="json", exclude_none=True, exclude_defaults=True)


def schema_address(form: type[Part]) -> str:
    """Where the JSON Schema of a form is published."""
    return SCHEMA_ADDRESS.format(form=next(name for name, known in FORMS.items() if known is form))


def json_schema(name: str) -> dict[str, Any]:
    """The JSON Schema of the form called `name`. Raises KeyError for none."""
    form = FORMS[name]
    return {"$schema": DIALECT, "$id": schema_address(form), **form.model_json_schema(mode="validation")}


def size_class(it_power_kw: Decimal) -> str:
    """The class of Annex IV; empty below 100 kW, where there is none."""
    return next(
        (name for name, least, is_in in SIZE_CLASSES if it_power_kw > least or (is_in and it_power_kw == least)), ""
    )


def must_report(it_power_kw: Decimal) -> bool:
    """Whether the yearly report is owed: at least 500 kW of installed IT power (Art. 3(1))."""
    return it_power_kw >= REPORTING_FROM_KW


def ratios(report: YearlyReport) -> Ratios:
    """The four ratios of Annex III, to four decimals."""
    litres = None if report.water_m3 is None else EXACT.multiply(report.water_m3, LITRES_PER_CUBIC_METRE)
    return Ratios(
        pue=_ratio(report.total_energy_kwh, report.it_energy_kwh),
        wue=_ratio(litres, report.it_energy_kwh),
        erf=_ratio(report.heat_reused_kwh, report.total_energy_kwh),
        ref=_ratio(report.renewable_energy_kwh, report.total_energy_kwh),
    )


def _ratio(part: Decimal | None, whole: Decimal) -> Decimal | None:
    if part is None or whole == 0:
        return None
    found = EXACT.divide(part, whole)
    return found.quantize(RATIO_FIGURES) if found <= LARGEST_RATIO else None


def due_on(year: int) -> date:
    """The day until which the report of a calendar year is due (Art. 3(1)), before rest days are looked at."""
    return date(year + 1, 5, 15)
