"""The checks of a line of a return: answers by code, as data with their texts, and the functions that judge. Pure.

An error refuses the line; a warning is noted, and the line is stored. What only other lines show (a line id given
twice) is judged by the set, where the lines are stored.
"""

import hashlib
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from registry.compute.record import MEMBERS, SCHEMA_ID, Record
from registry.compute.record_reading import Fault
from registry.errors import Obstacle
from registry.forms import obstacles
from registry.languages import SPOKEN

DATA: Final = Path(__file__).with_name("data") / "record_checks.toml"
# Raised by hand when a function changes what it answers; a change of the data shows in the digest by itself.
_EDITION: Final = "2026.1"
_HOURS_SLACK: Final = Decimal("1.001")  # clocks and rounding
_SECONDS_IN_HOUR: Final = 3600
_SHARES_AT_MOST: Final = 100
LINE_REPEATED: Final = "line-repeated"
LINE_EXISTS: Final = "line-exists"


@dataclass(frozen=True)
class Check:
    """One rule that answers about a line. Texts by language: sentence and remedy."""

    code: str
    severity: str
    source: str
    texts: Mapping[str, Mapping[str, str]]
    valid_from: date


@dataclass(frozen=True)
class Answer:
    """What a check says of a line: its code, the member it is about, and the values in its sentence."""

    code: str
    pointer: str = ""
    inputs: tuple[tuple[str, str | int], ...] = ()

    @property
    def is_error(self) -> bool:
        """Whether the line cannot be stored."""
        return every_check()[self.code].severity == "error"


@dataclass(frozen=True)
class Site:
    """A facility that a line can name, and when it was in operation."""

    id: Any
    operating_from: date | None
    closed_on: date | None = None


@dataclass(frozen=True)
class Context:
    """What a line is judged against: the month, the facilities that can be named, and when accelerators came out."""

    month: date
    sites: Mapping[str, Site]
    released: Mapping[str, date]

    @property
    def starts_at(self) -> datetime:
        """The first moment of the month, UTC."""
        return datetime(self.month.year, self.month.month, 1, tzinfo=UTC)

    @property
    def ends_at(self) -> datetime:
        """The first moment after the month, UTC."""
        return (self.starts_at + timedelta(days=32)).replace(day=1)


Judge = Callable[[Record, Context, datetime, datetime], Answer | None]


@cache
def every_check() -> Mapping[str, Check]:
    """Every check by code, in the order of the file."""
    said = _said()
    made = (
        Check(row["code"], row["severity"], row["source"], _texts(row), row.get("valid_from", said["valid_from"]))
        for row in said["check"]
    )
    return MappingProxyType({check.code: check for check in made})


def judge(record: Record, context: Context) -> list[Answer]:
    """Everything that the checks have to say about a line by itself."""
    starts_at, ends_at = _bounds(context.month)
    return [answer for each in JUDGES if (answer := each(record, context, starts_at, ends_at)) is not None]


@cache
def _bounds(month: date) -> tuple[datetime, datetime]:
    context = Context(month, {}, {})
    return context.starts_at, context.ends_at


def _site(record: Record, context: Context, _start: datetime, _end: datetime) -> Answer | None:
    site = context.sites.get(record.facility)
    if site is None:
        return Answer("facility-unknown", "/facility")
    first, last = record.starts_at.date(), record.ends_at.date()
    is_open = site.operating_from is not None and site.operating_from <= last
    if not is_open or (site.closed_on is not None and site.closed_on < first):
        return Answer("facility-not-operating", "/facility")
    return None


def _accelerator(record: Record, context: Context, _start: datetime, _end: datetime) -> Answer | None:
    released = context.released.get(record.accelerator)
    if released is None:
        return Answer("accelerator-unknown", "/accelerator")
    if record.starts_at.date() < released:
        return Answer("used-before-release", "/accelerator", (("released_on", released.isoformat()),))
    return None


def _time(record: Record, context: Context, start: datetime, end: datetime) -> Answer | None:
    if record.ends_at <= record.starts_at:
        return Answer("ends-before-start", "/ends_at")
    if record.starts_at < start or record.ends_at > end:
        return Answer("outside-month", "/starts_at", (("month", f"{context.month:%Y-%m}"),))
    return None


def _hours(record: Record, _context: Context, _start: datetime, _end: datetime) -> Answer | None:
    seconds = (record.ends_at - record.starts_at).total_seconds()
    most = record.accelerators * seconds / _SECONDS_IN_HOUR
    if seconds > 0 and record.accelerator_hours > Decimal(most) * _HOURS_SLACK:
        inputs = (("accelerators", record.accelerators), ("most", f"{most:.1f}"))
        return Answer("hours-exceed-period", "/accelerator_hours", inputs)
    return None


def _pattern(record: Record, _context: Context, _start: datetime, _end: datetime) -> Answer | None:
    if record.nodes is not None and record.nodes > record.accelerators:
        return Answer("nodes-exceed-accelerators", "/nodes")
    if record.workload_class == "large_training":
        stated = (record.nodes, record.interconnect_gbit_per_s, record.steady_days)
        if None in stated:
            return Answer("training-without-pattern", "/workload_class")
    return None


def _steady(record: Record, _context: Context, _start: datetime, _end: datetime) -> Answer | None:
    days = record.steady_days
    if days is not None and days > (record.ends_at - record.starts_at).total_seconds() / 86_400 + 1:
        return Answer("steady-exceeds-period", "/steady_days")
    return None


def _contract(record: Record, _context: Context, _start: datetime, _end: datetime) -> Answer | None:
    made = record.contracted_on
    if made > record.ends_at.date():
        return Answer("contract-after-use", "/contracted_on")
    if record.contract_ends_on is not None and record.contract_ends_on < record.starts_at.date():
        return Answer("contract-ended-before-use", "/contract_ends_on")
    return None


def _beginnings(record: Record, _context: Context, _start: datetime, _end: datetime) -> Answer | None:
    made, incorporated = record.contracted_on, record.customer_incorporated_on
    if incorporated is not None and incorporated > made:
        return Answer("incorporated-after-contract", "/customer_incorporated_on")
    if record.relation_began_on is not None and record.relation_began_on > made:
        return Answer("relation-after-contract", "/relation_began_on")
    return None


def _identifier(record: Record, _context: Context, _start: datetime, _end: datetime) -> Answer | None:
    known = record.customer_lei or record.customer_euid or record.customer_vat
    return None if known else Answer("customer-without-identifier", "/customer_lei")


def _verified(record: Record, _context: Context, _start: datetime, _end: datetime) -> Answer | None:
    is_verified = record.verification_method not in {None, "none"} and record.verified_on is not None
    return None if is_verified else Answer("customer-not-verified", "/verification_method")


def _owners(record: Record, _context: Context, _start: datetime, _end: datetime) -> Answer | None:
    if not record.customer_owners:
        return None
    total = sum((owner.share_percent or Decimal(0) for owner in record.customer_owners), Decimal(0))
    if total <= _SHARES_AT_MOST:
        return None
    return Answer("owners-exceed-whole", "/customer_owners", (("total", f"{total:f}"),))


def _predecessor(record: Record, _context: Context, _start: datetime, _end: datetime) -> Answer | None:
    stated = (record.previous_customer_name, record.contract_changed_on, record.contract_changed_by)
    is_whole = None not in stated or stated == (None, None, None)
    return None if is_whole else Answer("change-without-predecessor", "/previous_customer_name")


def _payer(record: Record, _context: Context, _start: datetime, _end: datetime) -> Answer | None:
    if record.payer_name in {None, record.customer_name} or record.payer_country is not None:
        return None
    return Answer("payer-without-country", "/payer_country")


def _access(record: Record, _context: Context, _start: datetime, _end: datetime) -> Answer | None:
    if record.observed_access_countries == record.declared_access_countries:
        return None
    strange = set(record.observed_access_countries) - set(record.declared_access_countries)
    if not strange:
        return None
    return Answer("access-not-declared", "/observed_access_countries", (("countries", ", ".join(sorted(strange))),))


def _resellers(record: Record, _context: Context, _start: datetime, _end: datetime) -> Answer | None:
    for place, reseller in enumerate(record.resellers):
        if not reseller.has_own_verification:
            return Answer("reseller-not-verified", f"/resellers/{place}")
    return None


def _movements(record: Record, context: Context, _start: datetime, _end: datetime) -> Answer | None:
    for name, days in (
        ("media_in", [each.arrived_on for each in record.media_in]),
        ("weights_out", [each.left_on for each in record.weights_out]),
    ):
        for place, moved_on in enumerate(days):
            if moved_on.replace(day=1) != context.month:
                return Answer("media-outside-month", f"/{name}/{place}")
    return None


def _attested(record: Record, _context: Context, _start: datetime, _end: datetime) -> Answer | None:
    stated = (record.is_established_in_russia, record.is_end_use_prohibited, record.attested_on, record.attested_by)
    return Answer("attestation-missing", "/attested_on") if None in stated else None


def _prohibited(record: Record, _context: Context, _start: datetime, _end: datetime) -> Answer | None:
    is_russian = "RU" in {record.customer_country, record.end_user_country} or record.is_established_in_russia
    if is_russian and record.exemption_reference is None:
        return Answer("service-prohibited", "/exemption_reference")
    return None


JUDGES: Final[tuple[Judge, ...]] = (
    _site,
    _accelerator,
    _time,
    _hours,
    _pattern,
    _steady,
    _contract,
    _beginnings,
    _identifier,
    _verified,
    _owners,
    _predecessor,
    _payer,
    _access,
    _resellers,
    _movements,
    _attested,
    _prohibited,
)


def explained(answers: Iterable[Mapping[str, Any]], *, language: str) -> list[dict[str, str]]:
    """Answers and faults as they are kept with a verdict, each with severity, sentence and remedy in a language."""
    return [_of_fault(each, language) if "type" in each else _of_check(each, language) for each in answers]


def kept_answer(answer: Answer) -> dict[str, Any]:
    """An answer as it is kept with a verdict."""
    kept: dict[str, Any] = {"code": answer.code, "pointer": answer.pointer}
    return {**kept, "inputs": dict(answer.inputs)} if answer.inputs else kept


def kept_fault(fault: Fault) -> dict[str, Any]:
    """What is wrong with the form of a line as it is kept with a verdict."""
    return {"type": fault.type, "place": list(fault.place), "values": dict(fault.values)}


def obstacles_of(answers: Sequence[Answer], *, language: str) -> tuple[Obstacle, ...]:
    """The answers about one line, as obstacles for whoever sent it by itself."""
    said = explained(map(kept_answer, answers), language=language)
    return tuple(
        Obstacle(each["code"], each["pointer"], each["sentence"], each["remedy"], each["severity"]) for each in said
    )


def _of_check(kept: Mapping[str, Any], language: str) -> dict[str, str]:
    check = every_check()[kept["code"]]
    inputs, texts = kept.get("inputs", {}), check.texts[language]
    return {
        "code": check.code,
        "severity": check.severity,
        "pointer": kept["pointer"],
        "sentence": texts["sentence"].format_map(inputs),
        "remedy": texts["remedy"].format_map(inputs),
    }


def _of_fault(kept: Mapping[str, Any], language: str) -> dict[str, str]:
    own = _said()["form"].get(kept["type"])
    if own is not None:
        sentence, remedy = (own[language][part].format_map(kept["values"]) for part in ("sentence", "remedy"))
        return {"code": own["code"], "severity": "error", "pointer": "", "sentence": sentence, "remedy": remedy}
    error: Any = {"type": kept["type"], "loc": tuple(kept["place"]), "ctx": kept["values"], "msg": "", "input": None}
    found = obstacles.explained_error(error, language=language, known=MEMBERS, schema=SCHEMA_ID)
    return {
        "code": found.code,
        "severity": "error",
        "pointer": found.pointer,
        "sentence": found.sentence,
        "remedy": found.remedy,
    }


@cache
def _said() -> dict[str, Any]:
    return tomllib.loads(DATA.read_text(encoding="utf-8"))


def _texts(row: Mapping[str, Any]) -> Mapping[str, Mapping[str, str]]:
    return MappingProxyType({language: row[language] for language in SPOKEN})


RULE_SET: Final = f"{_EDITION}+{hashlib.sha256(DATA.read_bytes()).hexdigest()[:8]}"
"""Version of the checks: edition and digest of the data. A version of a return keeps the one it was judged by."""
