"""What is said of a facility as a plain form, and back. Names of fields are pointers: `/operator/name`."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext

from registry.compute import facility
from registry.compute.catalogue import catalogue
from registry.compute.models import Cluster, Stage
from registry.errors import Obstacle
from registry.organisations.identifiers import COUNTRIES, MEMBER_STATES
from registry.portal.page import language
from registry.portal.presentation import words
from registry.portal.presentation.marks import Field, Option
from registry.portal.presentation.onboarding import FieldGroup

LISTS = frozenset({"remote_access_countries", "refrigerants", "grid_functions"})
CHECKS = frozenset({"is_group_of_structures", "is_rated_power"})
WHOLE = frozenset({"year", "count"})
DAYS = frozenset({"operating_from", "closed_on", "from_on", "until_on", "delivered_on"})
REQUIRED: Mapping[str, frozenset[str]] = {
    "statement": frozenset({"name", "owner_name", "kind", "country", "it_power_kw"}),
    "report": frozenset({"year", "it_power_kw", "total_energy_kwh", "it_energy_kwh"}),
    "cluster": frozenset({"name", "from_on"}),
    "installation": frozenset({"lot", "accelerator", "count", "stage", "from_on"}),
    "change": frozenset({"from_on"}),
}
_CODES = {
    "kind": ("kind", "enterprise colocation co_hosting"),
    "electrical_redundancy": ("redundancy", "n n_plus_1 2n 2n_plus_1 other"),
    "cooling_redundancy": ("redundancy", "n n_plus_1 2n 2n_plus_1 other"),
    "hardware_control": ("hardware_control", "owner lessee sub_lessee"),
}
_RENEWABLE = ("renewable_energy_kwh", "renewable_guarantees_kwh", "renewable_contracts_kwh", "renewable_onsite_kwh")
_TRAFFIC = ("bandwidth_in_gbit_per_s", "bandwidth_out_gbit_per_s", "traffic_in_eb", "traffic_out_eb")


def values_of(content: Mapping[str, Any]) -> dict[str, str]:
    """What was said, by pointer, as fields show it."""
    found: dict[str, str] = {}
    for name, value in content.items():
        if isinstance(value, Mapping):
            found |= {f"/{name}/{inner}": str(each) for inner, each in value.items()}
        elif isinstance(value, list):
            found[f"/{name}"] = ", ".join(value)
        elif isinstance(value, bool):
            found[f"/{name}"] = "yes" if value else ""
        else:
            found[f"/{name}"] = str(value)
    return found


def content_of(form: QueryDict) -> dict[str, Any]:
    """What was filled in; fields left empty are absent."""
    found: dict[str, Any] = {}
    for pointer, raw in form.items():
        value = str(raw).strip()
        if not pointer.startswith("/") or not value:
            continue
        head, _, inner = pointer[1:].partition("/")
        if inner:
            found.setdefault(head, {})[inner] = value
        elif head in LISTS:
            found[head] = [each.strip() for each in value.split(",") if each.strip()]
        elif head in CHECKS:
            found[head] = True
        else:
            found[head] = int(value) if head in WHOLE and value.isascii() and value.isdigit() else value
    return found


def statement(values: Mapping[str, str], obstacles: Sequence[Obstacle]) -> tuple[FieldGroup, ...]:
    """The form of a facility."""
    field = _Fields("statement", values, obstacles)
    contact = {
        who: tuple(field.inner(who, part) for part in ("name", "email", "phone")) for who in ("operator", "owner")
    }
    place = field("country", "lau_code", "nuts_code", "operating_from", "closed_on")
    power = field("it_power_kw", "electrical_redundancy", "cooling_redundancy")
    control = field("hardware_control", "controlled_by", "remote_access_countries")
    return (
        FieldGroup(gettext("The facility"), field("name", "client_reference", "kind", "is_group_of_structures")),
        FieldGroup(
            gettext("Place and time"), place, gettext("LAU and NUTS as Eurostat has them; one physical location.")
        ),
        FieldGroup(gettext("Power"), power, gettext("From 500 kW of installed IT power a report is owed each year.")),
        FieldGroup(gettext("Owner"), field("owner_name", "owner_lei")),
        FieldGroup(facility.label("statement", "owner", language()), contact["owner"]),
        FieldGroup(gettext("Contact of the operator"), contact["operator"]),
        FieldGroup(
            gettext("Who controls the accelerators"), control, gettext("Countries as codes, separated by commas.")
        ),
    )


def report(values: Mapping[str, str], obstacles: Sequence[Obstacle]) -> tuple[FieldGroup, ...]:
    """The form of a year (Delegated Regulation (EU) 2024/1364 Annex II)."""
    field = _Fields("report", values, obstacles)
    area = field("it_power_kw", "is_rated_power", "floor_area_m2", "computer_room_area_m2")
    energy = field("total_energy_kwh", "it_energy_kwh", "backup_energy_kwh", "average_battery_kw", "grid_functions")
    heat = field("heat_reused_kwh", "waste_heat_c", "intake_air_c", "cooling_degree_days", "refrigerants")
    return (
        FieldGroup(gettext("The year"), field("year"), gettext("By 15 May, for the calendar year before.")),
        FieldGroup(gettext("Power and area"), area),
        FieldGroup(gettext("Energy"), energy, gettext("In kWh, for the whole year.")),
        FieldGroup(gettext("Water"), field("water_m3", "potable_water_m3")),
        FieldGroup(gettext("Heat and cooling"), heat),
        FieldGroup(gettext("Renewable energy"), field(*_RENEWABLE)),
        FieldGroup(gettext("Capacity and traffic"), field("server_capacity", "storage_capacity_pb", *_TRAFFIC)),
    )


def cluster(values: Mapping[str, str], obstacles: Sequence[Obstacle]) -> tuple[FieldGroup, ...]:
    """The form of a cluster."""
    field = _Fields("cluster", values, obstacles)
    named = field("name", "network", "interconnect_gbit_per_s", "from_on", "until_on")
    return (FieldGroup(gettext("The cluster"), named),)


def installation(
    values: Mapping[str, str], obstacles: Sequence[Obstacle], *, clusters: Sequence[Cluster], is_change: bool = False
) -> tuple[FieldGroup, ...]:
    """The form of a lot, or of what changes about it."""
    field = _Fields("installation", values, obstacles, required=REQUIRED["change" if is_change else "installation"])
    choice = _options([(str(each.id), each.name) for each in clusters], values.get("/cluster", ""))
    where = field.one("cluster", "select", choice)
    lot = () if is_change else field("lot", "accelerator")
    delivery = field("delivered_on", "evidence")
    return (
        FieldGroup(gettext("The lot"), (*lot, *field("count", "stage", "from_on"), where)),
        FieldGroup(
            gettext("Delivery"),
            delivery,
            gettext("What counts as installed has been delivered: say when, and where that can be seen."),
        ),
    )


class _Fields:
    """The fields of one form, with their values and what is wrong beside each."""

    def __init__(
        self,
        form: str,
        values: Mapping[str, str],
        obstacles: Sequence[Obstacle],
        *,
        required: frozenset[str] | None = None,
    ) -> None:
        self.form, self.values = form, values
        self.required = REQUIRED[form] if required is None else required
        self.wrong: dict[str, str] = {}
        for obstacle in obstacles:
            self.wrong.setdefault(_field_of(obstacle.pointer), obstacle.sentence)

    def __call__(self, *names: str) -> tuple[Field, ...]:
        return tuple(self.one(name) for name in names)

    def one(self, name: str, kind: str = "", options: tuple[Option, ...] = ()) -> Field:
        pointer = f"/{name}"
        value = self.values.get(pointer, "")
        options = options or _choices(name, value)
        return Field(
            pointer,
            facility.label(self.form, name, language()),
            kind or ("select" if options else "check" if name in CHECKS else "date" if name in DAYS else "text"),
            value,
            options,
            error=self.wrong.get(pointer, ""),
            required=name in self.required,
        )

    def inner(self, who: str, name: str) -> Field:
        pointer = f"/{who}/{name}"
        label = facility.label("contact", name, language())
        return Field(pointer, label, value=self.values.get(pointer, ""), error=self.wrong.get(pointer, ""))


def _field_of(pointer: str) -> str:
    """The field in which an obstacle is shown: an item of a list stands in one field."""
    head = pointer[1:].partition("/")[0]
    return f"/{head}" if head in LISTS else pointer


def _choices(name: str, chosen: str) -> tuple[Option, ...]:
    if name in _CODES:
        of, codes = _CODES[name]
        return _options([(code, facility.word(of, code, language())) for code in codes.split()], chosen)
    if name == "country":
        known = sorted(COUNTRIES, key=lambda code: (code not in MEMBER_STATES, words.country(code)))
        return _options([(code, words.country(code)) for code in known], chosen)
    if name == "stage":
        return _options([(code, facility.word("stage", code, language())) for code in Stage.values], chosen)
    if name == "accelerator":
        return _options([(part.code, part.name) for part in catalogue().values()], chosen)
    return ()


def _options(named: Sequence[tuple[str, str]], chosen: str) -> tuple[Option, ...]:
    return (Option("", "—", not chosen), *(Option(code, text, code == chosen) for code, text in named))
