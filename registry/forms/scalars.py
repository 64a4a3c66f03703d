"""The scalar types of forms: each reads one JSON value, exactly or not at all.

Nothing is coerced, apart from names and prose, which are stored in Unicode normal form C. A refusal is a pydantic
error whose type is a key of `data/obstacles.toml`; it never carries the refused value. Every pattern is linear.
"""

import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import Field, GetCoreSchemaHandler, GetJsonSchemaHandler, Strict
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import PydanticCustomError, core_schema
from stdnum import exceptions
from stdnum.eu import nace as stdnum_nace

from registry.forms import characters
from registry.organisations import identifiers

LONGEST_NUMBER = 40
LONGEST_PLAIN_NUMBER = 200
NUMBER = re.compile(r"-?[0-9]{1,400}(?:\.[0-9]{1,400})?(?:[eE][+-]?[0-9]{1,9})?")
FLOP = re.compile(r"[1-9](?:\.[0-9]{1,3})?e[0-9]{1,2}")
PLAIN = re.compile(r"(?:0|[1-9][0-9]{0,24})(?:\.[0-9]{1,6})?")
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
MOMENT = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})"
)
FRACTION_TOO_FINE = re.compile(r"[0-9T:-]{19}\.[0-9]{7,30}.{1,6}")
NO_OFFSET = re.compile(r"[0-9T:-]{19}(?:\.[0-9]{1,30})?")
FURTHEST_OFFSET_MINUTES = 14 * 60


def fault(reason: str, **details: str | int) -> PydanticCustomError:
    """The error of a scalar: `reason` is a key of `data/obstacles.toml`, `details` fill its sentence."""
    return PydanticCustomError(reason, reason, details)


@dataclass(frozen=True)
class Scalar:
    """Annotation of a scalar type: how it is read from JSON, written to JSON, and described in the JSON Schema."""

    read: Callable[[Any], Any]
    schema: tuple[tuple[str, Any], ...]
    write: Callable[[Any], str] | None = None

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        written = (
            core_schema.plain_serializer_function_ser_schema(self.write, when_used="json-unless-none")
            if self.write
            else None
        )
        return core_schema.no_info_plain_validator_function(self.read, serialization=written)

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {name: list(value) if isinstance(value, tuple) else value for name, value in self.schema}


def described(**members: Any) -> tuple[tuple[str, Any], ...]:
    """JSON Schema members of a string type, in a hashable form. `format_` stands for `format`."""
    return (("type", "string"), *((name.rstrip("_"), value) for name, value in members.items()))


def string(value: Any) -> str:
    """`value`, if it is a JSON string."""
    if not isinstance(value, str):
        raise fault("string_expected")
    return value


# ---- text


def text(*, longest: int, is_prose: bool = False) -> Scalar:
    """Names (`is_prose` False: one line) and prose (tabs and line feeds allowed) of 1 to `longest` characters."""

    def read(value: Any) -> str:
        if isinstance(value, str) and len(value) <= longest and characters.is_simple(value):
            return value
        reason = characters.refusal(string(value), longest=longest, is_prose=is_prose)
        if reason is not None:
            raise fault(reason, maximum=longest)
        return characters.normalised(value)

    return Scalar(read, described(minLength=1, maxLength=longest))


def matching(pattern: str, *, reason: str, longest: int) -> Scalar:
    """ASCII strings of at most `longest` characters that match the whole of `pattern`."""
    compiled = re.compile(pattern)

    def read(value: Any) -> str:
        if len(string(value)) > longest or compiled.fullmatch(value) is None:
            raise fault(reason, maximum=longest)
        return str(value)

    return Scalar(read, described(pattern=f"^{pattern}$", maxLength=longest))


Name = Annotated[str, text(longest=200)]
Line = Annotated[str, text(longest=500)]
Prose = Annotated[str, text(longest=10_000, is_prose=True)]
Reference = Annotated[str, matching(r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,99}", reason="reference_form", longest=100)]
AcceleratorCode = Annotated[str, matching(r"[a-z0-9]+(?:-[a-z0-9]+)*", reason="accelerator_form", longest=80)]
Sha256 = Annotated[str, matching(r"[0-9a-f]{64}", reason="sha256_form", longest=64)]
Uuid = Annotated[
    str, matching(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", reason="uuid_form", longest=36)
]
Email = Annotated[
    str,
    matching(
        r"[A-Za-z0-9._%+'-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.){1,10}[A-Za-z]{2,63}",
        reason="email_form",
        longest=254,
    ),
]
Phone = Annotated[str, matching(r"\+[1-9][0-9]{6,14}", reason="phone_form", longest=16)]
LauCode = Annotated[str, matching(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,14}", reason="lau_form", longest=15)]


def _url(value: Any) -> str:
    if len(string(value)) > 500 or re.fullmatch(r"https://[!-~]+", value) is None:
        raise fault("url_form")
    try:
        parts = urlsplit(value)
        is_complete = bool(parts.hostname) and parts.username is None and parts.port in (None, 443)
    except ValueError:
        is_complete = False
    if not is_complete:
        raise fault("url_form")
    return str(value)


Url = Annotated[str, Scalar(_url, described(format_="uri", pattern="^https://[!-~]+$", maxLength=500))]


def _address(value: Any) -> str:
    try:
        parsed = ipaddress.ip_address(string(value)) if len(string(value)) <= 45 else None
    except ValueError:
        parsed = None
    if parsed is None or str(parsed) != value or getattr(parsed, "scope_id", None):
        raise fault("ip_address_form")
    return str(value)


IpAddress = Annotated[str, Scalar(_address, described(maxLength=45))]


# ---- identifiers


def identifier(normalise: Callable[[str], str], *, example: str, longest: int) -> Scalar:
    """An identifier of `registry.organisations.identifiers`, which must come in its normalised form."""

    def read(value: Any) -> str:
        try:
            code = normalise(string(value))
        except identifiers.IdentifierError as error:
            raise fault(error.reason) from None
        if code != value:
            raise fault("identifier_capitals")
        return code

    return Scalar(read, described(maxLength=longest, examples=(example,)))


Country = Annotated[str, identifier(identifiers.country, example="FR", longest=2)]
Lei = Annotated[str, identifier(identifiers.lei, example="969500DEMONSTRATIO14", longest=20)]
Euid = Annotated[str, identifier(identifiers.euid, example="DEK1101R.HRB116737", longest=60)]
Vat = Annotated[str, identifier(identifiers.vat, example="DE136695976", longest=16)]
Eori = Annotated[str, identifier(identifiers.eori, example="FR40303265045", longest=17)]


def _nuts(value: Any) -> str:
    code = re.fullmatch(r"[A-Z]{2}[A-Z0-9]{0,3}", string(value)[:10])
    if code is None:
        raise fault("nuts_form")
    return code[0]


Nuts = Annotated[str, Scalar(_nuts, described(pattern="^[A-Z]{2}[A-Z0-9]{0,3}$", maxLength=5, examples=("FR101",)))]
Nace = Annotated[str, matching(r"[0-9]{2}(?:\.[0-9]{1,2})?", reason="nace_form", longest=5)]


@lru_cache(maxsize=256)
def is_nace(code: str, *, version: str) -> bool:
    """Whether `code` (such as 62.10) exists in NACE `version`, 2.0 or 2.1 (Delegated Regulation (EU) 2023/137)."""
    try:
        stdnum_nace.validate(code, revision=version)
    except exceptions.ValidationError:
        return False
    return True


# ---- numbers


def _refused_number(value: Any, *, minimum: Decimal, maximum: Decimal) -> PydanticCustomError:
    """Why `value` is no number string of the wanted form: out of range where it is a number at all, else ill formed."""
    bounds = {"minimum": written(minimum), "maximum": written(maximum)}
    if isinstance(value, bool) or not isinstance(value, (str, int, float, Decimal)):
        return fault("string_expected")
    if isinstance(value, str):
        if len(value) > LONGEST_PLAIN_NUMBER or NUMBER.fullmatch(value) is None:
            return fault("number_form", **bounds)
        number = Decimal(value)
    else:
        number = Decimal(value)
    if number.is_nan() or 0 < number < minimum:
        is_too_small = isinstance(value, str) and not number.is_nan() and number >= Decimal("1e-18")
        return fault("number_out_of_range" if is_too_small else "number_form", **bounds)
    if not minimum <= number <= maximum:
        return fault("number_out_of_range", **bounds)
    return fault("number_form" if isinstance(value, str) else "number_as_text", **bounds)


def written(number: Decimal) -> str:
    """The one way this register writes `number`: `2.3e25` where it was read with an exponent, `0.40` where not."""
    _, digits, exponent = number.as_tuple()
    if not isinstance(exponent, int) or exponent <= 0:
        return format(number, "f")
    mantissa = "".join(map(str, digits))
    fraction = f".{mantissa[1:]}" if len(mantissa) > 1 else ""
    return f"{mantissa[0]}{fraction}e{exponent + len(mantissa) - 1}"


def quantity(*, minimum: str, maximum: str, is_flop: bool = False) -> Scalar:
    """A decimal string between the two bounds, both included.

    `is_flop`: only the form `2.3e25`. Otherwise plain digits, or that form from 1e4 upwards, so that both are kept as
    they were written (`2.0e13` states two significant figures, `2e13` one).
    """
    least, most = Decimal(minimum), Decimal(maximum)

    def read(value: Any) -> Decimal:
        if isinstance(value, str) and len(value) <= LONGEST_NUMBER:
            if FLOP.fullmatch(value):
                number = Decimal(value)
                if least <= number <= most and (is_flop or number >= 10_000):
                    return number
            elif not is_flop and PLAIN.fullmatch(value):
                number = Decimal(value)
                if least <= number <= most:
                    return number
        raise _refused_number(value, minimum=least, maximum=most)

    flop = r"[1-9](\.[0-9]{1,3})?e[0-9]{1,2}"
    pattern = f"^{flop}$" if is_flop else rf"^({flop}|(0|[1-9][0-9]{{0,24}})(\.[0-9]{{1,6}})?)$"
    members = described(pattern=pattern, maxLength=LONGEST_NUMBER, **{"x-minimum": minimum, "x-maximum": maximum})
    return Scalar(read, members, written)


Flop = Annotated[Decimal, quantity(minimum="1e18", maximum="1e30", is_flop=True)]
"""Training compute, operations: `2.3e25`."""
FlopPerSecond = Annotated[Decimal, quantity(minimum="1e9", maximum="1e24")]
Operations = Annotated[Decimal, quantity(minimum="1", maximum="1e24")]
Many = Annotated[Decimal, quantity(minimum="1", maximum="1e18")]
"""Counts beyond 2^31: parameters, tokens, data points."""
Seconds = Annotated[Decimal, quantity(minimum="0", maximum="1000000000")]
Hours = Annotated[Decimal, quantity(minimum="0", maximum="300000")]
Share = Annotated[Decimal, quantity(minimum="0", maximum="1")]
Percent = Annotated[Decimal, quantity(minimum="0", maximum="100")]
UncertaintyPercent = Annotated[Decimal, quantity(minimum="0", maximum="1000")]
Epochs = Annotated[Decimal, quantity(minimum="0", maximum="1000000")]
Kilowatts = Annotated[Decimal, quantity(minimum="0", maximum="100000000")]
MegawattHours = Annotated[Decimal, quantity(minimum="0", maximum="1000000000")]
GigabitPerSecond = Annotated[Decimal, quantity(minimum="0", maximum="10000000")]
Ratio = Annotated[Decimal, quantity(minimum="1", maximum="100")]
Terabytes = Annotated[Decimal, quantity(minimum="0", maximum="1000000000")]
Euros = Annotated[Decimal, quantity(minimum="0", maximum="10000000000000")]
Score = Annotated[Decimal, quantity(minimum="0", maximum="1000000000")]
Count = Annotated[int, Field(ge=0, lt=2**31)]


# ---- time


def _day(value: Any, *, first: date, last: date) -> date:
    if DATE.fullmatch(string(value)) is None:
        raise fault("date_form")
    try:
        day = date.fromisoformat(value)
    except ValueError:
        raise fault("date_impossible") from None
    if not first <= day <= last:
        raise fault("date_out_of_range", minimum=first.isoformat(), maximum=last.isoformat())
    return day


def day(*, first: date, last: date = date(2099, 12, 31)) -> Scalar:
    """An RFC 3339 full-date within the window, both ends included."""
    return Scalar(lambda value: _day(value, first=first, last=last), described(format_="date"), date.isoformat)


Day = Annotated[date, day(first=date(2020, 1, 1))]
HistoricDay = Annotated[date, day(first=date(1600, 1, 1))]


def _moment(value: Any) -> datetime:
    matched = MOMENT.fullmatch(string(value)) if len(string(value)) <= 32 else None
    if matched is None:
        is_fine = len(value) <= 64 and FRACTION_TOO_FINE.fullmatch(value)
        is_naive = len(value) <= 64 and NO_OFFSET.fullmatch(value)
        raise fault("moment_without_offset" if is_naive else "moment_too_fine" if is_fine else "moment_form")
    if matched[6] == "60":
        raise fault("moment_leap_second")
    zone = matched[8]
    if zone != "Z" and (int(zone[1:3]) * 60 + int(zone[4:6]) > FURTHEST_OFFSET_MINUTES or int(zone[4:6]) > 59):
        raise fault("moment_form")
    try:
        moment = datetime.fromisoformat(value)
        is_in_window = 2020 <= moment.year <= 2099 and 2020 <= moment.astimezone(UTC).year <= 2099
    except ValueError:
        raise fault("moment_form") from None
    except OverflowError:
        is_in_window = False
    if not is_in_window:
        raise fault("date_out_of_range", minimum="2020-01-01", maximum="2099-12-31")
    return moment


def _moment_written(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


Moment = Annotated[datetime, Scalar(_moment, described(format_="date-time"), _moment_written)]

Listing = Strict(False)
"""Lets a tuple be read from a JSON array, which arrives as a list; its items stay strict."""
