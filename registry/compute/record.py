"""One line of a return: who used which accelerators, where, how long, paid by whom, reached from where.

The one definition, from which come reading, the JSON Schema, the header of CSV files, the forms of the portal and the
descriptions in the API. Strict: unknown members are refused and nothing is coerced. Pure.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache, partial
from pathlib import Path
from types import MappingProxyType, NoneType, UnionType
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin

from pydantic import Field
from pydantic.fields import FieldInfo

from registry.forms.parts import ConfidentialityClass, Part
from registry.forms.scalars import (
    AcceleratorCode,
    Count,
    Country,
    Day,
    Email,
    Euid,
    GigabitPerSecond,
    HistoricDay,
    Lei,
    Line,
    Listing,
    Moment,
    Name,
    Percent,
    Phone,
    Reference,
    Terabytes,
    Url,
    Vat,
    matching,
    quantity,
)
from registry.languages import SPOKEN

SCHEMA_VERSION: Final = "1.0"
SCHEMA_ID: Final = f"/api/v1/schemas/access-record-{SCHEMA_VERSION}.json"
DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_TEXTS: Final = Path(__file__).with_name("data") / "record_elements.toml"

LineId = Annotated[str, matching(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,99}", reason="reference_form", longest=100)]
AcceleratorHours = Annotated[Decimal, quantity(minimum="0", maximum="10000000000")]
DaysOfMonth = Annotated[Decimal, quantity(minimum="0", maximum="31")]
Gigabytes = Annotated[Decimal, quantity(minimum="0", maximum="1000000000")]
WorkloadClass = Literal[
    "large_training", "training", "fine_tuning", "synthetic_data", "inference", "simulation", "other", "unknown"
]
Medium = Literal["network", "physical_media"]


@cache
def texts() -> Mapping[str, Mapping[str, Mapping[str, Any]]]:
    """Label, help and words for codes of each element by its name, from `data/record_elements.toml`."""
    return MappingProxyType(tomllib.loads(_TEXTS.read_text(encoding="utf-8")))


def _element(text: str, *, code: str, cls: ConfidentialityClass = "S", source: str, default: Any = None) -> Any:
    """A member with its metadata: `code` is the row of the consolidated schema, `source` where it comes from."""
    known = texts()[text]
    told: dict[str, Any] = {
        "x-element": code,
        "x-class": cls,
        "x-source": source,
        "x-label": dict(known["label"]),
        "x-help": dict(known["help"]),
    }
    if "words" in known:
        told["x-words"] = known["words"]
    return Field(default, title=known["label"]["en"], description=known["help"]["en"], json_schema_extra=told)


_line = partial(_element, code="RUN-1", source="own line id, so that verdicts can be matched", cls="R")
_site = partial(_element, code="FAC-1", source="Delegated Regulation (EU) 2024/1364 Annex I", cls="R")
_control = partial(_element, code="FAC-3", source="Delegated Regulation (EU) 2024/1364 Art. 2(8)-(9); 91 FR 1684")
_hardware = partial(_element, code="RUN-4", source="AI Act guidelines, Annex A.2.1")
_pattern = partial(_element, code="FAC-2", source="Governing Through the Cloud; 89 FR 73612")
_customer = partial(_element, code="CUST-1", source="89 FR 5698; SB 1047 §22604")
_parent = partial(_element, code="FILER-3", source="BIS guidance of 31 May 2026; red flag 28")
_contract = partial(_element, code="FILER-4", source="WSJ, 12 June 2025; BIS guidance of 13 May 2025")
_chain = partial(_element, code="CUST-2", source="89 FR 5698 (resellers)")
_purpose = partial(_element, code="CUST-3", source="SB 1047 §22604(a)(1)-(2); BIS guidance of 13 May 2025")
_owners = partial(_element, code="UBO-1", source="Regulation (EU) 2024/1624 Art. 51-54, 62, 66")
_media = partial(_element, code="DATA-6", source="WSJ, 12 June 2025")
_weights = partial(_element, code="MODEL-9", source="Regulation (EU) 2021/821 Art. 2(2)(d), 2(3)(c); WSJ, 12 June 2025")
_sanctions = partial(_element, code="SCR-1", source="Regulation (EU) No 833/2014 Art. 5n, 8a; Regulation (EU) 2021/821")


class Owner(Part):
    """A beneficial owner of the customer, as the compute provider established it."""

    name: Name = _owners("owner.name", default=...)
    country: Country | None = _owners("owner.country")
    share_percent: Percent | None = _owners("owner.share_percent")


class Reseller(Part):
    """One link of the chain between compute provider and customer, nearest to the provider first."""

    name: Name = _chain("reseller.name", default=...)
    country: Country = _chain("reseller.country", default=...)
    lei: Lei | None = _chain("reseller.lei")
    euid: Euid | None = _chain("reseller.euid")
    has_own_verification: bool | None = _chain("reseller.has_own_verification")


class MediaIn(Part):
    """Data that arrived on physical media for the customer's use."""

    arrived_on: Day = _media("media_in.arrived_on", default=...)
    volume_tb: Terabytes = _media("media_in.volume_tb", default=...)
    from_country: Country | None = _media("media_in.from_country")
    carrier: Name | None = _media("media_in.carrier")


class WeightsOut(Part):
    """Weights, or what may hold weights, that left the facility after or during the use."""

    left_on: Day = _weights("weights_out.left_on", default=...)
    volume_gb: Gigabytes = _weights("weights_out.volume_gb", default=...)
    to_country: Country | None = _weights("weights_out.to_country")
    medium: Medium = _weights("weights_out.medium", default=...)
    holder_name: Name | None = _weights("weights_out.holder_name")


class Record(Part):
    """One customer's use of accelerators of one kind at one facility, within the month of the return."""

    line_id: LineId = _line("line_id", default=...)
    facility: Reference = _site("facility", default=...)
    accelerator: AcceleratorCode = _hardware("accelerator", default=..., cls="R")
    accelerators: Annotated[Count, Field(ge=1)] = _hardware("accelerators", default=..., cls="R")
    starts_at: Moment = _hardware("starts_at", default=..., code="RUN-2", source="AI Act Annex XI 2(d)")
    ends_at: Moment = _hardware("ends_at", default=..., code="RUN-2", source="AI Act Annex XI 2(d)")
    accelerator_hours: AcceleratorHours = _hardware("accelerator_hours", default=..., cls="R")
    workload_class: WorkloadClass = _pattern("workload_class", default=...)
    nodes: Count | None = _pattern("nodes")
    interconnect_gbit_per_s: GigabitPerSecond | None = _pattern("interconnect_gbit_per_s")
    steady_days: DaysOfMonth | None = _pattern("steady_days")
    run_reference: Reference | None = _line("run_reference", source="AI Act guidelines ¶22", cls="S")
    hardware_controller: Literal["owner", "lessee", "sub_lessee"] | None = _control("hardware_controller")
    customer_key: Reference = _customer("customer_key", default=...)
    customer_name: Name = _customer("customer_name", default=...)
    customer_country: Country = _customer("customer_country", default=...)
    customer_lei: Lei | None = _customer("customer_lei")
    customer_euid: Euid | None = _customer("customer_euid")
    customer_vat: Vat | None = _customer("customer_vat")
    customer_address: Line | None = _customer("customer_address")
    customer_email: Email | None = _customer("customer_email")
    customer_phone: Phone | None = _customer("customer_phone")
    customer_website: Url | None = _customer("customer_website")
    customer_employees: Count | None = _customer("customer_employees")
    customer_incorporated_on: HistoricDay | None = _contract("customer_incorporated_on")
    customer_parent_name: Name | None = _parent("customer_parent_name")
    customer_parent_country: Country | None = _parent("customer_parent_country")
    customer_directors: Annotated[tuple[Name, ...], Listing, Field(max_length=50)] = _owners(
        "customer_directors", default=()
    )
    customer_owners: Annotated[tuple[Owner, ...], Listing, Field(max_length=50)] = _owners(
        "customer_owners", default=()
    )
    contracted_on: HistoricDay = _contract("contracted_on", default=...)
    contract_ends_on: Day | None = _contract("contract_ends_on")
    relation_began_on: HistoricDay | None = _contract("relation_began_on")
    previous_customer_name: Name | None = _contract("previous_customer_name")
    previous_customer_country: Country | None = _contract("previous_customer_country")
    previous_customer_lei: Lei | None = _contract("previous_customer_lei")
    previous_customer_key: Reference | None = _contract("previous_customer_key")
    contract_changed_on: Day | None = _contract("contract_changed_on")
    contract_changed_by: Literal["provider", "customer", "other"] | None = _contract("contract_changed_by")
    resellers: Annotated[tuple[Reseller, ...], Listing, Field(max_length=20)] = _chain("resellers", default=())
    payer_name: Name | None = _customer("payer_name")
    payer_country: Country | None = _customer("payer_country")
    payment_means: Literal["bank_transfer", "card", "direct_debit", "crypto_asset", "credits", "other"] | None = (
        _customer("payment_means")
    )
    payment_countries: Annotated[tuple[Country, ...], Listing, Field(max_length=50)] = _customer(
        "payment_countries", default=()
    )
    declared_access_countries: Annotated[tuple[Country, ...], Listing, Field(max_length=250)] = _control(
        "declared_access_countries", default=()
    )
    observed_access_countries: Annotated[tuple[Country, ...], Listing, Field(max_length=250)] = _control(
        "observed_access_countries", default=()
    )
    business_purpose: Line | None = _purpose("business_purpose")
    end_use: Line | None = _purpose("end_use")
    end_user_name: Name | None = _purpose("end_user_name")
    end_user_country: Country | None = _purpose("end_user_country")
    end_user_statement_on: Day | None = _purpose("end_user_statement_on")
    verification_method: Literal["register", "documents", "video", "in_person", "third_party", "none"] | None = (
        _purpose("verification_method")
    )
    verified_on: Day | None = _purpose("verified_on")
    media_in: Annotated[tuple[MediaIn, ...], Listing, Field(max_length=100)] = _media("media_in", default=())
    weights_out: Annotated[tuple[WeightsOut, ...], Listing, Field(max_length=100)] = _weights("weights_out", default=())
    is_established_in_russia: bool | None = _sanctions("is_established_in_russia")
    is_end_use_prohibited: bool | None = _sanctions("is_end_use_prohibited")
    attested_on: Day | None = _sanctions("attested_on")
    attested_by: Name | None = _sanctions("attested_by")
    exemption_reference: Line | None = _sanctions("exemption_reference")


MEMBERS: Final = tuple(Record.model_fields)
REQUIRED: Final = tuple(name for name, field in Record.model_fields.items() if field.is_required())


@dataclass(frozen=True)
class Element:
    """One member of a line. `kind` is text, whole, decimal, yes_no, choice, day, moment, texts or objects.

    `words` says by code and language what each choice is called.
    """

    name: str
    code: str
    cls: ConfidentialityClass
    source: str
    kind: str
    choices: tuple[str, ...]
    is_required: bool
    label: Mapping[str, str]
    help: Mapping[str, str]
    words: Mapping[str, Mapping[str, str]]


@cache
def elements() -> Mapping[str, Element]:
    """Every member of a line by name, in order."""
    return MappingProxyType({name: _described(name, field) for name, field in Record.model_fields.items()})


def parts_of(name: str) -> Mapping[str, Element]:
    """The members of the objects in a list such as `resellers`."""
    inner, _ = _inside(Record.model_fields[name].annotation)
    return MappingProxyType({each: _described(each, field) for each, field in inner.model_fields.items()})


def json_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of a line, with code, class, source and texts of each element in `x-` members."""
    return {"$schema": DIALECT, "$id": SCHEMA_ID, **Record.model_json_schema(mode="validation")}


def csv_header() -> str:
    """The first line of a CSV file with every column. Optional columns may be left out, and the order is free."""
    return ",".join(MEMBERS)


def _described(name: str, field: FieldInfo) -> Element:
    inner, is_list = _inside(field.annotation)
    said: Any = field.json_schema_extra
    return Element(
        name=name,
        code=said["x-element"],
        cls=said["x-class"],
        source=said["x-source"],
        kind=_kind(inner, is_list),
        choices=get_args(inner) if get_origin(inner) is Literal else (),
        is_required=field.is_required(),
        label=MappingProxyType({each: said["x-label"][each] for each in SPOKEN}),
        help=MappingProxyType({each: said["x-help"][each] for each in SPOKEN}),
        words=MappingProxyType(said.get("x-words", {})),
    )


_KINDS: Final = {int: "whole", Decimal: "decimal", bool: "yes_no", date: "day", datetime: "moment", str: "text"}


def _kind(inner: Any, is_list: bool) -> str:
    if isinstance(inner, type) and issubclass(inner, Part):
        return "objects"
    if get_origin(inner) is Literal:
        return "choice"
    return "texts" if is_list else _KINDS[inner]


def _inside(annotation: Any) -> tuple[Any, bool]:
    """The type inside optional, annotation and tuple, and whether it is a list."""
    is_list = False
    while True:
        origin, arguments = get_origin(annotation), get_args(annotation)
        if origin is Annotated:
            annotation = arguments[0]
        elif origin in (Union, UnionType):
            annotation = next(each for each in arguments if each is not NoneType)
        elif origin is tuple:
            annotation, is_list = arguments[0], True
        else:
            return annotation, is_list


def moment_text(moment: datetime) -> str:
    """A moment in UTC as the register writes it."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
