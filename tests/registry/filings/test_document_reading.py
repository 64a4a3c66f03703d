"""What the filing document accepts, what it refuses, and in which words."""

import re
import time
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry.errors import Invalid, Obstacle
from registry.filings import document
from registry.forms.obstacles import CODES, sentences
from registry.languages import SPOKEN
from tests.documents import REMOVED, completed_run, fine_tune, planned_run, rented_run

FLOP = "run__training_compute__training_compute_flop"
NAME = "filer__legal_name"
COUNT = "run__hardware__0__count"
DAY = "run__planned_start_on"
MOMENT = "signature__signed_at"


def obstacles_of(raw: Any, language: str = "en") -> tuple[Obstacle, ...]:
    """The obstacles that reading `raw` meets, none where it is accepted."""
    try:
        document.read(raw, language=language)
    except Invalid as refused:
        return refused.obstacles
    return ()


def the_obstacle(**changes: Any) -> Obstacle:
    """The only obstacle of the planned run with `changes`."""
    (found,) = obstacles_of(planned_run(**changes))
    return found


@pytest.mark.parametrize("build", [planned_run, completed_run, fine_tune, rented_run])
def test_a_complete_document_is_read_and_written_without_loss(build: Any) -> None:
    raw = build()
    assert document.plain(document.read(raw)) == raw


def test_a_document_needs_only_a_core_to_be_kept_as_a_draft() -> None:
    core = {
        "stage": "planned",
        "filer": {"role": "model_provider", "legal_name": "Aurélia Modèles SA", "seat_country": "FR"},
        "run": {"client_run_id": "1", "stage": "pre_training"},
    }
    read = document.read(core)
    assert read.schema_version == "1.0"
    assert read.run.training_compute is None
    for path, pointer in [
        ("stage", "/stage"),
        ("filer__role", "/filer/role"),
        ("filer__legal_name", "/filer/legal_name"),
        ("filer__seat_country", "/filer/seat_country"),
        ("run__client_run_id", "/run/client_run_id"),
        ("run__stage", "/run/stage"),
    ]:
        assert the_obstacle(**{path: REMOVED}).pointer == pointer


def test_quantities_are_decimals_and_days_are_days() -> None:
    run = document.read(planned_run()).run
    assert run.training_compute is not None
    assert run.training_compute.training_compute_flop == Decimal("2.3e25")
    assert run.hardware[0].utilisation == Decimal("0.40")
    assert run.planned_start_on is not None
    assert run.planned_start_on.year == 2027


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (Decimal("1e400"), "number-out-of-range"),
        ("1e400", "number-out-of-range"),
        ("nan", "validation"),
        ("inf", "validation"),
        ("sNaN", "validation"),
        (Decimal("nan"), "validation"),
        (Decimal("inf"), "number-out-of-range"),
        ("1E+1000000", "number-out-of-range"),
        ("1e999999999", "number-out-of-range"),
        ("1e99999999999999999999", "validation"),
        (-1, "number-out-of-range"),
        (0, "number-out-of-range"),
        ("-1", "number-out-of-range"),
        ("0", "number-out-of-range"),
        ("-0", "number-out-of-range"),
        (Decimal("-0"), "number-out-of-range"),
        ("1e-400", "validation"),
        (Decimal("1e-400"), "validation"),
        (Decimal("1e26"), "validation"),
        (10**26, "validation"),
        (10**400, "number-out-of-range"),
        ("1_000", "validation"),
        ("١٢", "validation"),
        ("１２", "validation"),
        (" 12 ", "validation"),
        (" 2.3e25", "validation"),
        ("2.3e25\n", "validation"),
        ("2.3E25", "validation"),
        ("+2.3e25", "validation"),
        ("23e24", "validation"),
        ("2.3456e25", "validation"),
        ("1e17", "number-out-of-range"),
        ("1.001e30", "number-out-of-range"),
        (True, "validation"),
        ([], "validation"),
        ({}, "validation"),
        ("", "validation"),
        ("9" * 100_000, "validation"),
    ],
)
def test_a_compute_figure_is_a_string_in_its_one_form(value: Any, code: str) -> None:
    started = time.process_time()
    found = the_obstacle(**{FLOP: value})
    assert time.process_time() - started < 0.5
    assert (found.code, found.pointer) == (code, "/run/training_compute/training_compute_flop")


@pytest.mark.parametrize("value", ["1e18", "2.3e25", "2.30e25", "1e30", "9.999e29"])
def test_a_compute_figure_keeps_its_significant_figures(value: str) -> None:
    read = document.read(planned_run(**{FLOP: value}))
    assert document.plain(read)["run"]["training_compute"]["training_compute_flop"] == value


def test_a_number_in_place_of_a_string_is_told_to_send_a_string() -> None:
    assert "string" in the_obstacle(**{FLOP: Decimal("1e26")}).remedy


@pytest.mark.parametrize("value", ["0", "0.40", "1", "1.000000", "0.000001"])
def test_a_share_keeps_its_digits(value: str) -> None:
    read = document.read(planned_run(run__hardware__0__utilisation=value))
    assert document.plain(read)["run"]["hardware"][0]["utilisation"] == value


@pytest.mark.parametrize(
    ("value", "code"),
    [("1.1", "number-out-of-range"), ("-0.1", "number-out-of-range"), ("00.4", "validation"), (".4", "validation")],
)
def test_a_share_lies_between_nought_and_one(value: str, code: str) -> None:
    assert the_obstacle(run__hardware__0__utilisation=value).code == code


@pytest.mark.parametrize("value", ["9.894e14", "989400000000000"])
def test_a_large_quantity_may_be_written_either_way_and_stays_so(value: str) -> None:
    read = document.read(planned_run(run__hardware__0__peak_flop_per_s=value))
    assert read.run.hardware[0].peak_flop_per_s == Decimal("989400000000000")
    assert document.plain(read)["run"]["hardware"][0]["peak_flop_per_s"] == value


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (2**31, "validation"),
        (2**63, "validation"),
        (10**30, "number-out-of-range"),
        (-1, "validation"),
        (1.5, "validation"),
        (Decimal("1.5"), "validation"),
        (Decimal("8192"), "validation"),
        ("1_000", "validation"),
        ("8192", "validation"),
        (True, "validation"),
    ],
)
def test_a_count_is_a_whole_number_below_two_to_the_31(value: Any, code: str) -> None:
    found = the_obstacle(**{COUNT: value})
    assert (found.code, found.pointer) == (code, "/run/hardware/0/count")


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("Ac\x00me", "forbidden-character"),
        ("Ac\ud800me", "forbidden-character"),
        ("Ac\ufffeme", "forbidden-character"),
        ("Ac\u202eme", "forbidden-character"),
        ("Ac\u200bme", "forbidden-character"),
        ("Ac\r\nme", "forbidden-character"),
        ("Ac\u007fme", "forbidden-character"),
        ("Ac\u0085me", "forbidden-character"),
        ("e" + "\u0301" * 199, "validation"),
        ("x" * 201, "validation"),
        ("x" * 10_000_000, "validation"),
        ("   ", "validation"),
        ("", "validation"),
        (5, "validation"),
        (True, "validation"),
        (["a"], "validation"),
        (None, "validation"),
    ],
)
def test_a_name_that_cannot_be_one_is_refused(value: Any, code: str) -> None:
    found = the_obstacle(**{NAME: value})
    assert (found.code, found.pointer) == (code, "/filer/legal_name")


@pytest.mark.parametrize(
    "value",
    [
        "=cmd|' /C calc'!A0",
        "<script>alert(1)</script>",
        "{{7*7}}",
        "${7*7}",
        "' OR 1=1--",
        "Аcme",
        "x" * 200,
        "木村株式会社",
    ],
)
def test_a_strange_name_is_kept_as_it_is(value: str) -> None:
    assert document.read(planned_run(**{NAME: value})).filer.legal_name == value


def test_a_name_is_stored_in_normal_form_c() -> None:
    assert document.read(planned_run(**{NAME: "Aure\u0301lia"})).filer.legal_name == "Aurélia"


@pytest.mark.parametrize(
    "value",
    ["2026-02-30", "10000-01-01", "0000-01-01", "٢٠٢٦-01-01", "2026-1-1", "20260101", "2019-12-31", "2100-01-01",
     "2026-01-01T00:00:00Z", "2026-01-01 ", 20260101, None.__class__, ""],
)  # fmt: skip
def test_a_day_is_a_full_date_within_the_window(value: Any) -> None:
    found = the_obstacle(**{DAY: value})
    assert (found.code, found.pointer) == ("validation", "/run/planned_start_on")


@pytest.mark.parametrize(
    ("value", "word"),
    [
        ("2026-11-20T10:30:00", "offset"),
        ("9999-12-31T23:59:59-14:00", "outside"),
        ("0001-01-01T00:00:00+14:00", "outside"),
        ("2026-11-20T23:59:60Z", "Leap"),
        ("2026-11-20T24:00:00Z", "form"),
        ("2026-11-20T10:30:00+99:99", "form"),
        ("2026-11-20T10:30:00+14:01", "form"),
        ("2026-11-20T10:30:00.123456789Z", "finer"),
        ("2026-11-20T1٠:30:00Z", "form"),
        ("2026-11-20t10:30:00z", "form"),
        ("2026-02-30T10:30:00Z", "form"),
        (1700000000, "string"),
    ],
)
def test_a_moment_has_an_offset_and_is_no_finer_than_a_microsecond(value: Any, word: str) -> None:
    found = the_obstacle(**{MOMENT: value})
    assert (found.code, found.pointer) == ("validation", "/signature/signed_at")
    assert word in found.sentence


@pytest.mark.parametrize("value", ["2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00", "2026-11-20T10:30:00Z"])
def test_a_moment_in_the_doubled_hour_is_clear_by_its_offset(value: str) -> None:
    assert document.plain(document.read(planned_run(**{MOMENT: value})))["signature"]["signed_at"] == value


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"run__planned_end_on": "2027-01-10"}, "/run/planned_end_on"),
        ({"run__actual_start_on": "2027-02-01", "run__actual_end_on": "2027-01-31"}, "/run/actual_end_on"),
        ({"run__hardware__0__ends_on": "2026-12-31"}, "/run/hardware/0/ends_on"),
    ],
)
def test_a_period_cannot_end_before_it_starts(changes: dict[str, Any], pointer: str) -> None:
    found = the_obstacle(**changes)
    assert (found.code, found.pointer) == ("validation", pointer)


@pytest.mark.parametrize(
    ("changes", "pointer", "words"),
    [
        ({"filer__seat_country": "XX"}, "/filer/seat_country", "ISO 3166-1"),
        ({"filer__seat_country": "UK"}, "/filer/seat_country", "GB"),
        ({"filer__seat_country": "EL"}, "/filer/seat_country", "GR"),
        ({"filer__seat_country": "fr"}, "/filer/seat_country", "capital"),
        ({"filer__lei": "5299009AURELIAMODE72"}, "/filer/lei", "check digits"),
        ({"filer__euid": "ZZ1.2"}, "/filer/euid", "Member State"),
        ({"filer__vat": "FR43999999006"}, "/filer/vat", "check digits"),
        ({"filer__eori": "FR"}, "/filer/eori", "EORI"),
        ({"filer__nace_code": "62.01"}, "/filer/nace_code", "NACE"),
        ({"filer__nace_code": "6210"}, "/filer/nace_code", "NACE"),
        ({"filer__website": "http://aurelia.example/"}, "/filer/website", "https"),
        ({"filer__website": "https://user@aurelia.example/"}, "/filer/website", "https"),
        ({"filer__website": "https://["}, "/filer/website", "https"),
        ({"filer__alert_contact__email": "duty"}, "/filer/alert_contact/email", "e-mail"),
        ({"filer__alert_contact__phone": "0033"}, "/filer/alert_contact/phone", "+"),
        ({"run__hardware__0__accelerator": "NVIDIA H100"}, "/run/hardware/0/accelerator", "catalogue"),
        ({"facilities__0__nuts_code": "FRK26X"}, "/facilities/0/nuts_code", "NUTS"),
        ({"model__weights__sha256": "5F" * 32}, "/model/weights/sha256", "SHA-256"),
        ({"customer__access_addresses": [{"address": "010.0.0.1"}]}, "/customer/access_addresses/0/address", "IPv4"),
        ({"customer__access_addresses": [{"address": "fe80::1%eth0"}]}, "/customer/access_addresses/0/address", "IPv4"),
        ({"run__stage": "training"}, "/run/stage", "fine_tuning"),
        ({"run__hardware__0__is_dense": "true"}, "/run/hardware/0/is_dense", "true or false"),
        ({"facilities": {}}, "/facilities", "array"),
        ({"run": []}, "/run", "object"),
        ({"filer__contacts": [{}] * 11}, "/filer/contacts", "10"),
    ],
)  # fmt: skip
def test_a_wrong_value_is_refused_with_its_place_and_remedy(changes: dict[str, Any], pointer: str, words: str) -> None:
    found = the_obstacle(**changes)
    assert (found.code, found.pointer) == ("validation", pointer)
    assert words in found.sentence + found.remedy


@pytest.mark.parametrize(
    "value",
    ["{5f0c8a52-7b8d-4f0e-9a51-0d1f2a3b4c5d}", "urn:uuid:5f0c8a52-7b8d-4f0e-9a51-0d1f2a3b4c5d", 5,
     "5F0C8A52-7B8D-4F0E-9A51-0D1F2A3B4C5D", "5f0c8a527b8d4f0e9a510d1f2a3b4c5d"],
)  # fmt: skip
def test_a_uuid_has_its_canonical_form(value: Any) -> None:
    assert the_obstacle(rebuttal__attachments=[{"attachment_id": value}]).code == "validation"


@pytest.mark.parametrize("member", ["__proto__", "constructor", "id", "org", "filing"])
def test_an_unknown_member_is_refused_by_name(member: str) -> None:
    (found,) = obstacles_of({**planned_run(), member: 1})
    assert (found.code, found.pointer) == ("unknown-field", f"/{member}")


def test_a_misspelt_member_is_answered_with_the_right_one() -> None:
    found = the_obstacle(run__training_compute__training_compute_flops="2.3e25")
    assert "training_compute_flop." in found.remedy


@pytest.mark.parametrize("member", ["a\x00b", "a\ud800b", "\u202e", ""])
def test_a_member_name_of_odd_characters_is_not_repeated(member: str) -> None:
    found = next(iter(obstacles_of({**planned_run(), member: 1})))
    assert found.code == "forbidden-character"
    assert found.pointer == ""


def test_a_choice_with_a_surrogate_is_refused_for_its_character() -> None:
    assert the_obstacle(run__stage="\ud800").code == "forbidden-character"


def test_a_member_name_is_escaped_in_its_pointer() -> None:
    raw = planned_run()
    raw["run"]["a/b~c"] = 1
    assert [each.pointer for each in obstacles_of(raw)] == ["/run/a~1b~0c"]


@pytest.mark.parametrize("raw", [[], None, "text", 5, True])
def test_what_is_no_object_is_refused(raw: Any) -> None:
    (found,) = obstacles_of(raw)
    assert (found.code, found.pointer) == ("validation", "")


def test_every_obstacle_is_named_at_once() -> None:
    raw = planned_run(**{FLOP: "1e400", NAME: "\x00", COUNT: -1, "surplus": 1, "run__hardware__0__precision": "fp7"})
    found = obstacles_of(raw)
    assert {each.pointer for each in found} == {
        "/run/training_compute/training_compute_flop",
        "/filer/legal_name",
        "/run/hardware/0/count",
        "/run/hardware/0/precision",
        "/surplus",
    }
    assert document.leading_code(found) == "validation"


def test_the_leading_code_is_the_one_all_obstacles_share() -> None:
    assert document.leading_code(obstacles_of(planned_run(**{NAME: "\x00"}))) == "forbidden-character"
    assert document.leading_code(obstacles_of(planned_run(**{FLOP: "1e400"}))) == "number-out-of-range"
    assert document.leading_code(obstacles_of(planned_run(surplus=1))) == "unknown-field"


def test_a_refusal_never_repeats_the_refused_value() -> None:
    secret = "Geheimnis-4711"
    for path in (FLOP, COUNT, DAY, MOMENT, "filer__lei", "run__stage", "filer__seat_country", "filer__website"):
        for found in obstacles_of(planned_run(**{path: secret})):
            assert secret not in found.sentence + found.remedy + found.pointer


@pytest.mark.parametrize("language", SPOKEN)
def test_a_refusal_speaks_the_language_asked_for(language: str) -> None:
    said = {each.sentence for each in obstacles_of(planned_run(filer__seat_country="EL"), language)}
    assert said == {sentences()["country_use_gr"]["sentence"][language]}


@pytest.mark.parametrize("reason", sorted(sentences()))
def test_every_reason_has_a_code_a_sentence_and_a_remedy_in_three_languages(reason: str) -> None:
    row = sentences()[reason]
    assert row["code"] in CODES
    for part in ("sentence", "remedy"):
        assert set(row[part]) == set(SPOKEN)
        assert len(set(row[part].values())) == 3
        placeholders = {language: set(re.findall(r"\{(\w+)\}", text)) for language, text in row[part].items()}
        assert placeholders["en"] == placeholders["fr"] == placeholders["de"]


def test_many_documents_get_a_result_each() -> None:
    results = document.read_many([planned_run(), planned_run(**{COUNT: -1}), fine_tune()])
    assert [isinstance(each, Invalid) for each in results] == [False, True, False]


@pytest.mark.parametrize(
    "path",
    ["filer__website", "filer__lei", "filer__euid", "filer__vat", "run__client_run_id", "filer__alert_contact__email",
     "run__hardware__0__accelerator", FLOP, MOMENT, DAY, NAME, "facilities__0__lau_code", "filer__nace_code"],
)  # fmt: skip
@pytest.mark.parametrize(
    "text", ["a" * 100_000 + "!", "a-" * 50_000 + "!", "a." * 120 + "@", "1" * 253 + "!", "a@" + "a." * 125]
)
def test_no_pattern_can_be_made_to_take_long(path: str, text: str) -> None:
    started = time.process_time()
    obstacles_of(planned_run(**{path: text}))
    assert time.process_time() - started < 0.25


TEXTS = st.text(st.characters(), max_size=40)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.decimals() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
LEAVES = [each for each in document.elements() if each.is_leaf]


@settings(max_examples=400, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(LEAVES), JSON)
def test_any_json_in_any_place_is_accepted_or_refused_at_that_place(element: document.Element, value: Any) -> None:
    raw: Any = value
    for part in reversed(element.pointer.split("/")[1:]):
        raw = [raw] if part == "*" else {part: raw}
    pointers = {each.pointer for each in obstacles_of({**planned_run(), **raw})}
    place = element.pointer.replace("*", "0")
    top = "/" + place.split("/")[1]
    assert all(pointer.startswith(top) for pointer in pointers)
    if isinstance(value, (int, float, Decimal)) and element.kind in ("Flop", "Name", "Day", "Moment", "Lei", "Prose"):
        assert place in pointers
