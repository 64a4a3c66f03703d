"""What the register says of a facility and of its yearly report: physics, days, completeness, export control. Pure.

Texts, severities, sources and limits stand in `data/facility_checks.toml`. Power is in kW, energy in kWh.
"""

import hashlib
import tomllib
from calendar import isleap
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Final

from registry.compute import facility
from registry.compute.catalogue import Accelerator, Precision, catalogue, export_status
from registry.compute.facility import STANDING, THERE, FacilityStatement, YearlyReport
from registry.errors import Obstacle
from registry.languages import SPOKEN
from registry.organisations.identifiers import MEMBER_STATES
from registry.quantities import two_significant_figures

DATA: Final = Path(__file__).with_name("data") / "facility_checks.toml"
SITE, REPORT = "site", "report"
SEVERITIES: Final = ("error", "warning", "note")
HOURS_A_DAY: Final = 24
WATTS_A_KILOWATT: Final = 1000
NOT_YET: Final = frozenset({"planned", "ordered"})
NUTS_COUNTRY: Final = {"GR": "EL", "GB": "UK"}
_EDITION: Final = "2026-11"
_PARTS_OF: Final = (
    ("potable_water_m3", "water_m3"),
    ("computer_room_area_m2", "floor_area_m2"),
    ("renewable_energy_kwh", "total_energy_kwh"),
    ("renewable_onsite_kwh", "renewable_energy_kwh"),
    ("renewable_contracts_kwh", "renewable_energy_kwh"),
    ("renewable_guarantees_kwh", "renewable_energy_kwh"),
    ("heat_reused_kwh", "total_energy_kwh"),
)


@dataclass(frozen=True, kw_only=True)
class Lot:
    """One period of a lot of accelerators. `cluster` is a name, empty for none; `until_on` is out."""

    lot: str
    accelerator: str
    count: int
    stage: str
    from_on: date
    until_on: date | None = None
    delivered_on: date | None = None
    evidence: str = ""
    cluster: str = ""

    def holds(self, on: date) -> bool:
        """Whether it is so on a day."""
        return self.from_on <= on and (self.until_on is None or on < self.until_on)

    @property
    def part(self) -> Accelerator | None:
        """The accelerator of the catalogue."""
        return catalogue().get(self.accelerator)

    @property
    def power_kw(self) -> Decimal:
        """Rated power of the chips alone; nothing where the catalogue knows none."""
        watts = self.part.power_w if self.part else None
        return (watts or Decimal(0)) * self.count / WATTS_A_KILOWATT


@dataclass(frozen=True, kw_only=True)
class Network:
    """A cluster as the checks see it."""

    name: str
    interconnect_gbit_per_s: Decimal | None
    from_on: date
    until_on: date | None = None


@dataclass(frozen=True)
class Site:
    """A facility with what stands there and stood."""

    statement: FacilityStatement
    lots: tuple[Lot, ...] = ()
    networks: tuple[Network, ...] = ()


@dataclass(frozen=True)
class Said:
    """What one check says. `subject`: empty for facility and report, else a lot (`lot:a1`) or cluster (`cluster:x`)."""

    code: str
    pointer: str
    subject: str = ""
    inputs: Mapping[str, str] = field(default_factory=dict)

    @property
    def severity(self) -> str:
        """`error`, `warning` or `note`."""
        return str(_texts()["check"][self.code]["severity"])


@dataclass(frozen=True)
class FacilityCheck:
    """One check as the catalogue publishes it."""

    code: str
    of: str
    severity: str
    source: str
    valid_from: date
    texts: Mapping[str, Mapping[str, str]]


def checks() -> tuple[FacilityCheck, ...]:
    """Every check, in the order of the file."""
    since = _texts()["valid_from"]
    return tuple(
        FacilityCheck(code, row["of"], row["severity"], row["source"], since, {each: row[each] for each in SPOKEN})
        for code, row in _texts()["check"].items()
    )


@cache
def rule_set() -> str:
    """The version of these checks: edition and digest of the data."""
    return f"{_EDITION}+{hashlib.sha256(DATA.read_bytes()).hexdigest()[:8]}"


def told(said: Said, *, language: str) -> Obstacle:
    """What a check says, in words."""
    text = _texts()["check"][said.code][language]
    words = {name: _worded(name, value, language) for name, value in said.inputs.items()}
    sentence, remedy = (text[part].format_map(words) for part in ("sentence", "remedy"))
    return Obstacle(said.code, said.pointer, sentence, remedy, said.severity)


def of_site(site: Site, *, today: date) -> list[Said]:
    """Everything there is to say about a facility, its clusters and installations; errors first."""
    found = [*_statement(site.statement, today), *_power(site), *_clusters(site)]
    for lot in site.lots:
        if lot.until_on is None or lot.until_on > lot.from_on:
            found += [*_lot_days(lot, site.statement, today), *_lot_in_law(lot), *_lot_in_cluster(lot, site)]
    return sorted(found, key=lambda each: SEVERITIES.index(each.severity))


def of_report(report: YearlyReport, site: Site, *, today: date) -> list[Said]:
    """Everything there is to say about a yearly report; errors first."""
    found = [*_year(report, site.statement, today), *_energy(report, site), *_parts(report)]
    found += _missing(report, "report", "indicator-missing")
    return sorted(found, key=lambda each: SEVERITIES.index(each.severity))


def needed_kw(lots: Iterable[Lot], on: date) -> Decimal:
    """What the accelerators that have arrived need on a day, hosts, network and storage included (rule R-18)."""
    return sum((each.power_kw for each in lots if each.stage in THERE and each.holds(on)), Decimal(0)) * _limit(
        "overhead"
    )


def theoretical_peak(lots: Iterable[Lot]) -> tuple[Decimal, str]:
    """Dense operations a second of all lots together at 16 bits, and the format; zero where the catalogue has none."""
    total = Decimal(0)
    for each in lots:
        peaks = each.part.dense_peak_flop_per_s if each.part else {}
        total += (peaks.get(Precision.BF16) or peaks.get(Precision.FP16) or Decimal(0)) * each.count
    return total, "16 bit"


@cache
def _texts() -> Mapping[str, Any]:
    return tomllib.loads(DATA.read_text(encoding="utf-8"))


def _limit(name: str) -> Decimal:
    return Decimal(_texts()["limits"][name])


def _worded(name: str, value: str, language: str) -> str:
    """Codes among the inputs in words: stages, names of elements, what lacks, what an export event says."""
    if name == "stage":
        return facility.word("stage", value, language).casefold()
    if name == "control":
        return facility.word("hardware_control", value, language).casefold()
    if name in {"element", "part", "whole"} and "." in value and value.partition(".")[0] in {"statement", "report"}:
        form, _, member = value.partition(".")
        return facility.label(form, member, language)
    if name == "lacks":
        return str(_texts()["lacks"][value][language])
    if name == "said":
        accelerator, _, event = value.partition(" ")
        known = {each.code: each.sentences for each in export_status(code=accelerator, on=date.max)}
        return known[event][language] if event in known else event
    return value


def _whole(value: Decimal) -> str:
    return f"{value:.0f}"


# --- the statement


def _statement(said: FacilityStatement, today: date) -> Iterator[Said]:
    since, closed = said.operating_from, said.closed_on
    if since is not None and since > today:
        yield _of("operating-in-the-future", "/operating_from", day=since, today=today)
    if closed is not None and (since is None or closed < since):
        yield _of("closed-before-operation", "/closed_on", closed=closed, since=since or "—")
    if said.nuts_code and said.nuts_code[:2] != NUTS_COUNTRY.get(said.country, said.country):
        yield _of("nuts-elsewhere", "/nuts_code", nuts=said.nuts_code, country=said.country)
    if said.hardware_control in {"lessee", "sub_lessee"} and said.controlled_by is None:
        yield _of("controller-missing", "/controlled_by", control=said.hardware_control)
    if said.country not in MEMBER_STATES:
        yield _of("outside-the-union", "/country", country=said.country)
        return
    yield from _missing(said, "statement", "element-missing")
    if not facility.must_report(said.it_power_kw):
        stated, least = _whole(said.it_power_kw), facility.REPORTING_FROM_KW
        yield _of("below-the-bound", "/it_power_kw", stated=stated, least=least)


def _missing(said: FacilityStatement | YearlyReport, form: str, code: str) -> list[Said]:
    needed = (name for name, row in facility.said()[form].items() if row.get("needed"))
    return [_of(code, f"/{name}", element=f"{form}.{name}") for name in needed if getattr(said, name) is None]


def _of(code: str, pointer: str, subject: str = "", /, **inputs: object) -> Said:
    return Said(code, pointer, subject, {name: str(value) for name, value in inputs.items()})


# --- what stands there


def _power(site: Site) -> Iterator[Said]:
    """R-18, on the day on which most power is needed."""
    days = {lot.from_on for lot in site.lots if lot.stage in THERE}
    if not days:
        return
    day = max(sorted(days), key=lambda each: needed_kw(site.lots, each))
    needed, stated = needed_kw(site.lots, day), site.statement.it_power_kw
    if needed > stated:
        count = sum(lot.count for lot in site.lots if lot.stage in THERE and lot.holds(day))
        figures = {"needed": _whole(needed), "stated": _whole(stated), "overhead": _limit("overhead")}
        yield _of("facility-lacks-power", "/it_power_kw", day=day, count=count, **figures)


def _lot_days(lot: Lot, said: FacilityStatement, today: date) -> Iterator[Said]:
    subject = f"lot:{lot.lot}"
    named: dict[str, object] = {"lot": lot.lot, "stage": lot.stage, "day": lot.from_on}
    if lot.stage in THERE and lot.from_on > today:
        yield _of("planned-counted-as-installed", "/stage", subject, **named)
    if lot.delivered_on is not None and lot.delivered_on > today:
        yield _of(
            "delivered-in-the-future", "/delivered_on", subject, lot=lot.lot, delivered=lot.delivered_on, today=today
        )
    elif lot.delivered_on is not None and lot.stage in THERE and lot.delivered_on > lot.from_on:
        yield _of("delivered-later", "/delivered_on", subject, **named, delivered=lot.delivered_on)
    elif lot.delivered_on is not None and lot.stage in NOT_YET and lot.until_on is None:
        yield _of("delivered-but-planned", "/stage", subject, lot=lot.lot, stage=lot.stage, delivered=lot.delivered_on)
    if lot.stage == "operating" and said.operating_from is not None and lot.from_on < said.operating_from:
        yield _of(
            "standing-before-operation", "/from_on", subject, lot=lot.lot, day=lot.from_on, since=said.operating_from
        )


def _lot_in_law(lot: Lot) -> Iterator[Said]:
    """Delivery shown, release, export control: of what has arrived."""
    part, subject = lot.part, f"lot:{lot.lot}"
    if part is None or lot.stage not in THERE:
        return
    named = {"lot": lot.lot, "part": part.name, "day": lot.from_on}
    if lot.stage in STANDING and not (lot.delivered_on and lot.evidence):
        lacks, pointer = ("evidence", "/evidence") if lot.delivered_on else ("day", "/delivered_on")
        yield _of(
            "installed-without-delivery", pointer, subject,
            lot=lot.lot, part=part.name, count=lot.count, stage=lot.stage, lacks=lacks,
        )  # fmt: skip
    if lot.from_on < part.released_on:
        yield _of("installed-before-release", "/from_on", subject, **named, stage=lot.stage, release=part.released_on)
    governing = export_status(code=part.code, on=lot.from_on)
    if governing:
        last = governing[-1]
        yield _of("export-control", "/accelerator", subject, **named, event=last.on, said=f"{part.code} {last.code}")


def _lot_in_cluster(lot: Lot, site: Site) -> Iterator[Said]:
    network = next((each for each in site.networks if each.name == lot.cluster), None)
    if network is None:
        return
    ends_first = network.until_on is not None and (lot.until_on is None or lot.until_on > network.until_on)
    if lot.from_on < network.from_on or (ends_first and lot.stage != "retired"):
        yield _of("cluster-ends-first", "/cluster", f"lot:{lot.lot}", lot=lot.lot, cluster=network.name)


def _clusters(site: Site) -> Iterator[Said]:
    """Above both limits of 89 FR 73612, on the day on which most stands in the cluster."""
    network_limit, rate_limit = _limit("network_gbit_per_s"), _limit("operations_per_s")
    for network in site.networks:
        link = network.interconnect_gbit_per_s
        inside = [lot for lot in site.lots if lot.cluster == network.name and lot.stage in STANDING]
        peaks = [theoretical_peak(each for each in inside if each.holds(lot.from_on)) for lot in inside]
        peak, precision = max(peaks, default=(Decimal(0), ""))
        if link is not None and link > network_limit and peak > rate_limit:
            figures = {"link": link, "network": network_limit, "rate": _texts()["limits"]["operations_per_s"]}
            subject, shown = f"cluster:{network.name}", two_significant_figures(peak)
            yield _of("large-cluster", "", subject, cluster=network.name, peak=shown, precision=precision, **figures)


# --- the yearly report


def _year(report: YearlyReport, said: FacilityStatement, today: date) -> Iterator[Said]:
    since = said.operating_from
    if report.year >= today.year:
        yield _of("year-not-over", "/year", year=report.year, today=today)
    if since is None or report.year < since.year:
        yield _of("year-before-operation", "/year", year=report.year, since=since or "—")


def _energy(report: YearlyReport, site: Site) -> Iterator[Said]:
    it, total, year = report.it_energy_kwh, report.total_energy_kwh, report.year
    hours = (366 if isleap(year) else 365) * HOURS_A_DAY
    stated = site.statement.it_power_kw
    if total < it:
        yield _of("pue-below-one", "/total_energy_kwh", total=total, it=it)
    pue = facility.ratios(report).pue
    if pue is None or pue > _limit("highest_pue"):
        yield _of("pue-unusual", "/total_energy_kwh", pue=pue or "—", most=_limit("highest_pue"))
    if report.it_power_kw > stated:
        reported = _whole(report.it_power_kw)
        yield _of("power-exceeds-installed", "/it_power_kw", reported=reported, stated=_whole(stated))
    power = max(report.it_power_kw, stated)
    if it > power * hours:
        yield _of("energy-exceeds-power", "/it_energy_kwh", it=it, power=_whole(power), hours=hours, year=year)
    least = _waiting_kwh(site.lots, year) * _limit("least_share_of_chip_energy")
    if it < least:
        yield _of("energy-below-chips", "/it_energy_kwh", it=it, least=_whole(least), year=year)


def _waiting_kwh(lots: Iterable[Lot], year: int) -> Decimal:
    """Rated energy of what operated in the year, for the days on which it did."""
    first, after = date(year, 1, 1), date(year + 1, 1, 1)
    total = Decimal(0)
    for lot in lots:
        days = min(lot.until_on or after, after) - max(lot.from_on, first)
        if lot.stage == "operating" and days > timedelta(0):
            total += lot.power_kw * days.days * HOURS_A_DAY
    return total


def _parts(report: YearlyReport) -> Iterator[Said]:
    for part, whole in _PARTS_OF:
        small, large = getattr(report, part), getattr(report, whole)
        if small is not None and large is not None and small > large:
            named = {"part": f"report.{part}", "whole": f"report.{whole}"}
            yield _of("part-exceeds-whole", f"/{part}", **named, small=small, large=large)
