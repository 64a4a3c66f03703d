"""Rows 38 to 68: names that deceive, numbers and times that are not what they should be."""

from typing import Any

from tests.api.bad_input.case import Case, raw

NAME = "filer__legal_name"
FLOP = "run__training_compute__training_compute_flop"
COUNT = "run__hardware__0__count"
DAY = "run__planned_start_on"
MOMENT = "signature__signed_at"
BOMB = "a" * 100_000 + "!"


def _wrong(row: int, what: str, place: str, value: Any, slug: str = "validation") -> Case:
    return Case(row=row, what=what, status=422, slug=slug, changes={place: value})


def _range(row: int, what: str, place: str, value: Any) -> Case:
    return _wrong(row, what, place, value, "number-out-of-range")


def _stored(row: int, what: str, name: str, said: str = "") -> Case:
    return Case(row=row, what=what, status=201, changes={NAME: name}, said=said)


NAMES = [
    _stored(38, "Cyrillic letter in a Latin name", "Аcme Modèles", "name-mixes-scripts"),
    _stored(39, "whole name in look-alikes", "Асме"),
    _stored(40, "decomposed accents", "Aure\u0301lia Mode\u0300les SA"),
    _wrong(41, "199 combining accents", NAME, "A" + "\u0301" * 199),
    _wrong(42, "201 characters", NAME, "A" * 201),
    Case(row=42, what="10 MB", status=413, slug="body-too-large", changes={NAME: "A" * 10_000_000}),
    _wrong(43, "blanks", NAME, "   "),
    _wrong(44, "number as name", NAME, 5),
    _wrong(44, "boolean as name", NAME, True),
    _wrong(44, "list as name", NAME, ["a"]),
    _wrong(44, "null as name", NAME, None),
    _stored(45, "formula as name", "=cmd|' /C calc'!A0"),
    _stored(46, "markup as name", "<script>alert(1)</script>"),
    _stored(47, "template as name", "{{7*7}}"),
    _stored(47, "expression as name", "${7*7}"),
    _stored(47, "SQL as name", "' OR 1=1--"),
]

NUMBERS = [
    _range(48, "FLOP 1e400 as number", FLOP, raw("1e400")),
    _range(49, "FLOP 1e400", FLOP, "1e400"),
    *(_wrong(50, f"FLOP {value}", FLOP, value) for value in ("nan", "inf", "sNaN", "NaN123", "-Infinity")),
    _range(51, "FLOP 1E+1000000", FLOP, "1E+1000000"),
    *(_range(52, f"FLOP {value}", FLOP, value) for value in ("-1", "0", "-0")),
    _wrong(53, "FLOP 1e-400", FLOP, "1e-400"),
    _wrong(54, "FLOP as JSON number", FLOP, raw("1e26")),
    *(
        _wrong(55, f"FLOP {value!r}", FLOP, value)
        for value in ("1_000", "١٢", "１２", " 12 ", True, "2.3e25\n", "2.3E25e1")
    ),
    _range(56, "integer of 400 digits", COUNT, raw("1" * 400)),
    *(_wrong(57, f"count {value}", COUNT, value) for value in (2**31, 2**63, "1_000", "8192", True, -1)),
    _wrong(57, "count 1.5", COUNT, raw("1.5")),
    _wrong(57, "count 1.0", COUNT, raw("1.0")),
]

TIMES = [
    *(
        _wrong(58, f"day {value}", DAY, value)
        for value in ("2026-02-30", "10000-01-01", "0000-01-01", "2026-1-1", "20270111", 20270111)
    ),
    _wrong(59, "no offset", MOMENT, "2026-11-20T10:30:00"),
    _wrong(60, "before the end of time, beyond it in UTC", MOMENT, "9999-12-31T23:59:59-14:00"),
    _wrong(60, "before the beginning in UTC", MOMENT, "0001-01-01T00:00:00+14:00"),
    _wrong(61, "leap second", MOMENT, "2016-12-31T23:59:60Z"),
    _wrong(62, "24 o'clock", MOMENT, "2026-11-20T24:00:00Z"),
    _wrong(62, "offset +99:99", MOMENT, "2026-11-20T10:30:00+99:99"),
    _wrong(63, "nanoseconds", MOMENT, "2026-11-20T10:30:00.123456789Z"),
    _wrong(64, "Arabic digits in a day", DAY, "٢٠٢٧-01-11"),
    _wrong(64, "Arabic digits in a moment", MOMENT, "٢٠٢٦-11-20T10:30:00Z"),
    _wrong(65, "end before 2020", "run__planned_end_on", "2019-12-31"),
    Case(
        row=65,
        what="start after end",
        status=422,
        slug="validation",
        changes={"run__planned_start_on": "2027-05-01", "run__planned_end_on": "2027-04-02"},
    ),
    Case(
        row=65,
        what="start more than five years ahead",
        status=422,
        slug="validation",
        changes={
            "run__planned_start_on": "2035-01-11",
            "run__planned_end_on": "2035-04-02",
            "run__hardware__0__starts_on": "2035-01-11",
            "run__hardware__0__ends_on": "2035-04-02",
        },
    ),
    Case(
        row=66,
        what="the night the clocks change",
        status=201,
        changes={MOMENT: "2026-10-25T02:30:00+02:00"},
    ),
]

IDENTIFIERS = [
    _wrong(68, "LEI with wrong check digits", "filer__lei", "5299009AURELIAMODE72"),
    *(_wrong(68, f"Member State {code}", "filer__seat_country", code) for code in ("XX", "UK", "EL", "fr", "FRA", "")),
]

PATTERNED = (
    "filer__lei",
    "filer__euid",
    "filer__vat",
    "filer__eori",
    "filer__nace_code",
    "filer__website",
    "filer__seat_country",
    "filer__contacts__0__email",
    "filer__contacts__0__phone",
    "run__client_run_id",
    "run__planned_start_on",
    "run__training_compute__training_compute_flop",
    "run__hardware__0__accelerator",
    "run__hardware__0__peak_flop_per_s",
    "run__hardware__0__utilisation",
    "facilities__0__lau_code",
    "facilities__0__nuts_code",
    "facilities__0__annual_energy_mwh",
    "signature__signed_at",
)
PATTERNS = [_wrong(107, f"100 kB in {place}", place, BOMB) for place in PATTERNED]

CASES = [*NAMES, *NUMBERS, *TIMES, *IDENTIFIERS, *PATTERNS]
