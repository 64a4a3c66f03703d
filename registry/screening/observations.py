"""Reading published data sets about models and clusters: what is publicly known, as a third voice. Pure.

A file is recognised by its columns. Rows that cannot be used are skipped, each with its line and a reason; a file that
cannot be read as a whole is refused. Figures are kept as published: FLOP as exact decimals, never rounded.
"""

import codecs
import csv
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cache
from types import MappingProxyType
from typing import Final

from babel import Locale

from registry.errors import DomainError
from registry.organisations.identifiers import COUNTRIES
from registry.quantities import parse_decimal

MODEL, CLUSTER = "model", "cluster"
_AS_PUBLISHED = "_as_published"
_LONGEST_NAME = 300
_LONGEST_TEXT = 500
_MOST_INTEGER_DIGITS = 37  # of the column in the database
_MOST_UNITS = 2**63 - 1
_ISO_DATE = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")
_US_DATE = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})")
# Spellings of the publisher that are no English names in the Unicode country list, and what is no country.
_COUNTRY_SPELLINGS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "united states of america": "US",
        "united kingdom of great britain and northern ireland": "GB",
        "korea (republic of)": "KR",
        "korea (democratic people's republic of)": "KP",
        "iran (islamic republic of)": "IR",
        "russian federation": "RU",
        "hong kong": "HK",
        "macau": "MO",
        "viet nam": "VN",
        "czech republic": "CZ",
        "turkey": "TR",
        "multinational": "",
    }
)


class UnreadableFile(DomainError):
    """The file cannot be read as a whole, or is not one of the known data sets."""

    code = "unreadable-file"
    title = "The file cannot be read"


class _Unusable(ValueError):
    """Why one row is skipped."""


@dataclass(frozen=True)
class Observation:
    """What one row says. `key` is the publisher's name for it, unique within the file; `facts` the rest, as text."""

    line: int
    kind: str
    key: str
    name: str
    organisation_name: str
    countries: str
    observed_on: date | None
    training_compute_flop: Decimal | None
    accelerator: str
    accelerator_count: int | None
    confidence: str
    facts: dict[str, str]


@dataclass(frozen=True)
class Skipped:
    """A row that is not imported, by the line on which it starts."""

    line: int
    name: str
    reason: str


@dataclass(frozen=True)
class Layout:
    """How one data set is written: which columns say what. `count` and `compute` are tried in order.

    `evidence` are columns of which at least one must be filled, or the row says nothing that can be compared.
    `numbers` are facts that are decimals; one that is not is kept beside them, as published. `may_repeat` tells that
    equal names are different things.
    """

    kind: str
    title: str
    attribution: str
    name: str
    organisation: str
    country: str
    day: str
    accelerator: str
    count: tuple[str, ...]
    compute: str | None
    confidence: str
    evidence: tuple[str, ...]
    numbers: Mapping[str, str]
    texts: Mapping[str, str]
    may_repeat: bool = False

    @property
    def required(self) -> tuple[str, ...]:
        """The columns by which the data set is recognised."""
        named = (self.name, self.organisation, self.country, self.day, self.accelerator, self.confidence)
        return tuple(dict.fromkeys((*named, *self.count, *self.evidence)))


@dataclass(frozen=True)
class Publisher:
    """Whose data sets these are, with the attribution to show beside every figure."""

    code: str
    name: str
    layouts: tuple[Layout, ...] = field(default=())


_MODELS = Layout(
    kind=MODEL,
    title="models",
    attribution="Epoch AI, “Data on AI models”, epoch.ai",
    name="Model",
    organisation="Organization",
    country="Country (of organization)",
    day="Publication date",
    accelerator="Training hardware",
    count=("Hardware quantity",),
    compute="Training compute (FLOP)",
    confidence="Confidence",
    evidence=("Training compute (FLOP)", "Training hardware", "Hardware quantity"),
    numbers={
        "Parameters": "parameters",
        "Training dataset size (total)": "training_data_size",
        "Epochs": "epochs",
        "Training time (hours)": "training_hours",
        "Hardware utilization (MFU)": "utilisation_mfu",
        "Hardware utilization (HFU)": "utilisation_hfu",
        "Training power draw (W)": "training_power_w",
        "Finetune compute (FLOP)": "modification_compute_flop",
    },
    texts={
        "Domain": "domain",
        "Task": "task",
        "Base model": "base_model",
        "Numerical format": "precision",
        "Model accessibility": "accessibility",
        "Link": "link",
    },
)
_CLUSTERS = Layout(
    kind=CLUSTER,
    title="clusters",
    attribution="Epoch AI (Pilz, Rahman, Sanders, Heim), “GPU clusters”, epoch.ai",
    name="Name",
    organisation="Owner",
    country="Country",
    day="First Operational Date",
    accelerator="Chip type (primary)",
    count=("Total number of AI chips", "Chip quantity (primary)"),
    compute=None,
    confidence="Certainty",
    evidence=("Chip type (primary)", "Total number of AI chips", "Chip quantity (primary)", "Max OP/s"),
    numbers={
        "Max OP/s": "peak_op_per_s",
        "16-bit OP/s": "peak_16_bit_op_per_s",
        "8-bit OP/s": "peak_8_bit_op_per_s",
        "H100 equivalents": "h100_equivalents",
        "Power Capacity (MW)": "power_mw",
        "Chip quantity (primary)": "primary_accelerator_count",
        "Chip quantity (secondary)": "secondary_accelerator_count",
    },
    texts={
        "Status": "status",
        "Sector": "sector",
        "Location": "location",
        "Users": "users",
        "Chip type (secondary)": "secondary_accelerator",
        "First Operational Date Note": "operational_note",
        "Decommissioned Date (if applicable)": "decommissioned",
        "Possible Duplicate Of": "possible_duplicate_of",
        "Source 1": "link",
    },
    may_repeat=True,  # clusters in China are published without their names
)
PUBLISHERS: Final[Mapping[str, Publisher]] = MappingProxyType(
    {"epoch-ai": Publisher(code="epoch-ai", name="Epoch AI", layouts=(_MODELS, _CLUSTERS))}
)


def publisher(code: str) -> Publisher:
    """The publisher of that code. Raises `UnreadableFile`, naming those known, for another."""
    if code not in PUBLISHERS:
        raise UnreadableFile(f"“{code}” is not a known source. Known: {', '.join(sorted(PUBLISHERS))}.")
    return PUBLISHERS[code]


def read(lines: Iterable[bytes], *, source: Publisher) -> tuple[Layout, Iterator[Observation | Skipped]]:
    """The layout of a file and its rows one by one, from its lines of UTF-8 (with or without a byte-order mark).

    Raises `UnreadableFile` at once for unknown columns, and while rows are taken for bytes that are no UTF-8 and
    quotation marks that do not close: after those nothing could be trusted.
    """
    rows = _rows(lines)
    _, header = next(rows, (1, []))
    layout = _layout(header, source)
    return layout, _observations(rows, header, layout)


def _layout(header: list[str], source: Publisher) -> Layout:
    missing = {layout.title: [name for name in layout.required if name not in header] for layout in source.layouts}
    found = next((layout for layout in source.layouts if not missing[layout.title]), None)
    if found is None:
        lacks = "; ".join(f"for {title} the columns {', '.join(names)}" for title, names in missing.items())
        raise UnreadableFile(
            f"The columns of this file are not those of a data set of {source.name}. Missing are {lacks}.",
            remedy="Give the file as it was published, with its header row.",
        )
    doubled = [name for name, times in Counter(header).items() if times > 1 and name in found.required]
    if doubled:
        raise UnreadableFile(f"The file has more than one column {', '.join(doubled)}.")
    return found


def _rows(lines: Iterable[bytes]) -> Iterator[tuple[int, list[str]]]:
    """Each record with the line on which it starts; quoted cells may hold line breaks, empty lines are no records."""
    reader = csv.reader(_decoded(lines), strict=True)
    starts_at = 1
    try:
        for cells in reader:
            if cells:
                yield starts_at, cells
            starts_at = reader.line_num + 1
    except csv.Error as error:
        raise UnreadableFile(f"The record that starts on line {starts_at} is not well-formed CSV: {error}.") from error


def _decoded(lines: Iterable[bytes]) -> Iterator[str]:
    for number, line in enumerate(lines, start=1):
        try:
            yield (line.removeprefix(codecs.BOM_UTF8) if number == 1 else line).decode()
        except UnicodeDecodeError as error:
            raise UnreadableFile(f"Line {number} is not UTF-8 text.", remedy="Save the file as UTF-8.") from error


def _observations(
    rows: Iterator[tuple[int, list[str]]], header: list[str], layout: Layout
) -> Iterator[Observation | Skipped]:
    seen: Counter[str] = Counter()
    for line, cells in rows:
        row = dict(zip(header, cells, strict=False))
        name = _clean(row.get(layout.name, ""))
        try:
            if len(cells) != len(header):
                raise _Unusable(f"{len(cells)} cells where the header has {len(header)}")
            found = _observation(line, name, row, layout)
            if seen[name] and not layout.may_repeat:
                raise _Unusable("the name stands on an earlier line")
        except _Unusable as error:
            yield Skipped(line, name[:_LONGEST_NAME], str(error))
            continue
        seen[name] += 1
        yield found if seen[name] == 1 else _numbered(found, seen[name])


def _numbered(observation: Observation, number: int) -> Observation:
    """The nth thing of one name within a file: its place among its namesakes is all that tells it apart."""
    return Observation(**{**vars(observation), "key": f"{observation.key} #{number}"})


def _observation(line: int, name: str, row: Mapping[str, str], layout: Layout) -> Observation:
    if any("\x00" in cell for cell in row.values()):
        raise _Unusable("a NUL character")
    if not name:
        raise _Unusable("no name")
    if len(name) > _LONGEST_NAME - len(" #000000"):
        raise _Unusable("the name is too long")
    if not any(row[column].strip() for column in layout.evidence):
        raise _Unusable("no compute and no hardware")
    countries, unknown = _countries(row[layout.country])
    facts = {fact: text for column, fact in layout.texts.items() if (text := _clean(row.get(column, "")))}
    for column, fact in layout.numbers.items():
        if text := _clean(row.get(column, "")):
            facts[fact if _is_number(text) else f"{fact}{_AS_PUBLISHED}"] = text
    if unknown:
        facts[f"countries{_AS_PUBLISHED}"] = unknown
    return Observation(
        line=line,
        kind=layout.kind,
        key=name,
        name=name,
        organisation_name=_clean(row[layout.organisation])[:_LONGEST_TEXT],
        countries=countries,
        observed_on=_day(row[layout.day], layout.day),
        training_compute_flop=_flop(row, layout.compute) if layout.compute else None,
        accelerator=_clean(row[layout.accelerator])[:_LONGEST_TEXT],
        accelerator_count=next((n for column in layout.count if (n := _units(row, column)) is not None), None),
        confidence=_clean(row[layout.confidence])[:32],
        facts=facts,
    )


def _clean(text: str) -> str:
    """One line, single spaces, Unicode normal form C."""
    return unicodedata.normalize("NFC", " ".join(text.split()))


def _is_number(text: str) -> bool:
    try:
        parse_decimal(text)
    except ValueError:
        return False
    return True


def _number(row: Mapping[str, str], column: str) -> Decimal | None:
    text = row[column].strip()
    if not text:
        return None
    if not _is_number(text):
        raise _Unusable(f"“{column}” is not a number: {_clean(text)[:40]}")
    return parse_decimal(text)


def _flop(row: Mapping[str, str], column: str) -> Decimal | None:
    value = _number(row, column)
    if value is None:
        return None
    if value <= 0 or value.adjusted() >= _MOST_INTEGER_DIGITS:
        raise _Unusable(f"“{column}” is out of range: {value}")
    return value


def _units(row: Mapping[str, str], column: str) -> int | None:
    value = _number(row, column)
    if value is None:
        return None
    if value != value.to_integral_value() or value > _MOST_UNITS:
        raise _Unusable(f"“{column}” is not a number of units: {value}")
    return int(value)


def _day(text: str, column: str) -> date | None:
    """A day as 2025-07-22 or, as spreadsheets write it in America, 7/22/2025."""
    text = text.strip()
    if not text:
        return None
    if match := _ISO_DATE.fullmatch(text):
        year, month, day = match.groups()
    elif match := _US_DATE.fullmatch(text):
        month, day, year = match.groups()
    else:
        raise _Unusable(f"“{column}” is not a day: {_clean(text)[:40]}")
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        raise _Unusable(f"“{column}” is not a day: {text[:40]}") from None


def _countries(text: str) -> tuple[str, str]:
    """The ISO 3166-1 codes of the countries named, each once, in order; and the names that are none known."""
    names = [name for name in (_clean(part) for part in text.split(",")) if name]
    codes = {name: _country_codes().get(name.casefold()) for name in names}
    known = dict.fromkeys(code for code in codes.values() if code)
    unknown = dict.fromkeys(name for name, code in codes.items() if code is None)
    return ",".join(known), ",".join(unknown)


@cache
def _country_codes() -> Mapping[str, str]:
    """Names of countries in English, without regard to case, to their codes; the empty code is no country."""
    names = Locale.parse("en").territories
    listed = {name.casefold(): code for code, name in names.items() if code in COUNTRIES}
    return MappingProxyType({**listed, **{code.casefold(): code for code in COUNTRIES}, **_COUNTRY_SPELLINGS})
