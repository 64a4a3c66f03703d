"""How lines are cut, read and judged: each thing that can be wrong with one, and that nothing else stops at it."""

import io
import json
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.compute import record, record_checks, record_reading
from registry.compute.record_checks import Context, Site
from registry.compute.record_reading import Unreadable, cut, header_of, lines_of, read
from registry.errors import Invalid
from tests.registry.compute.records import OCTOBER, line

RELEASED = {"nvidia-h100-sxm5-80gb": date(2022, 10, 1)}
CONTEXT = Context(OCTOBER, {"lyon-1": Site("id", date(2023, 3, 1))}, RELEASED)


def _codes(**changes: Any) -> list[str]:
    reading = read(json.dumps(line(1, **changes)).encode())
    return [answer.code for answer in record_checks.judge(reading.record, CONTEXT)]


def test_every_element_says_where_it_comes_from_and_what_it_is_called() -> None:
    for element in record.elements().values():
        assert element.code
        assert element.source
        assert all(element.label[language] and element.help[language] for language in ("en", "fr", "de"))
    assert record.json_schema()["properties"]["customer_lei"]["x-class"] == "S"
    assert set(record.csv_header().split(",")) == set(record.MEMBERS)


@given(st.lists(st.binary(max_size=30).filter(lambda part: b"\n" not in part and b"\r" not in part), max_size=60))
def test_no_line_is_lost_or_cut_whatever_the_size_of_a_part(parts: list[bytes]) -> None:
    body = b"\n".join(parts)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(record_reading, "PART_BYTES", 7)
        found = list(cut(io.BytesIO(body)))
    told = [each for part in found for each in lines_of(part.content, first_line=part.first_line)]
    assert told == [(number, part) for number, part in enumerate(parts, 1) if part]
    assert sum(part.lines for part in found) == len(told)


def test_a_line_that_is_too_long_is_refused_and_the_next_one_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record_reading, "LINE_BYTES", 20)
    monkeypatch.setattr(record_reading, "PART_BYTES", 16)
    found = [each for part in cut(io.BytesIO(b"x" * 200 + b"\nabc\n")) for each in lines_of(part.content, first_line=1)]
    assert [len(text) > 20 for _, text in found] == [True, False]
    with pytest.raises(Unreadable, match="line_too_long"):
        read(found[0][1])


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (b"{", "not_json"),
        (b"\xff", "not_utf8"),
        (b"[" * 5_000, "not_json"),
        (b'{"line_id":"a","line_id":"b"}', "missing"),
        (json.dumps(line(1)).replace('"nodes": 8', '"nodes": 8, "nodes": 9').encode(), "duplicate_member"),
        (json.dumps(line(1, colour="red")).encode(), "extra_forbidden"),
        (json.dumps(line(1, accelerator_hours=5)).encode(), "number_as_text"),
        (json.dumps(line(1, customer_lei="969500DEMONSTRATIO15")).encode(), "lei_check_digits"),
        (json.dumps(line(1, customer_country="UK")).encode(), "country_use_gb"),
        (json.dumps(line(1, starts_at="2026-10-01T00:00:00")).encode(), "moment_without_offset"),
        (json.dumps(line(1, customer_name="a\u202eb")).encode(), "forbidden_character"),
        (json.dumps(line(1, customer_name="x" * 201)).encode(), "text_too_long"),
    ],
)
def test_a_line_of_bad_form_says_why_in_three_languages(text: bytes, fault: str) -> None:
    with pytest.raises(Unreadable) as refused:
        read(text)
    assert fault in {each.type for each in refused.value.faults}
    kept = json.loads(json.dumps([record_checks.kept_fault(each) for each in refused.value.faults]))
    told = {language: record_checks.explained(kept, language=language) for language in ("en", "fr", "de")}
    assert len({tuple(each["sentence"] for each in said) for said in told.values()}) == 3
    assert all(each["severity"] == "error" and each["code"] for said in told.values() for each in said)


def test_a_name_in_another_normal_form_is_read_as_one_in_form_c() -> None:
    written = json.dumps(line(1, customer_name="Bore\u0301alis"), ensure_ascii=False).encode()
    assert read(written).record.customer_name == "Bor\u00e9alis"


def test_a_sound_line_has_no_answer() -> None:
    assert _codes() == []


OWNERS = [{"name": "A", "share_percent": "60"}, {"name": "B", "share_percent": "50"}]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"facility": "nowhere"}, "facility-unknown"),
        ({"accelerator": "abacus"}, "accelerator-unknown"),
        ({"starts_at": "2026-09-30T23:59:59Z"}, "outside-month"),
        ({"ends_at": "2026-11-01T00:00:01Z"}, "outside-month"),
        ({"ends_at": "2026-10-01T00:00:00Z"}, "ends-before-start"),
        ({"accelerator_hours": "21600"}, "hours-exceed-period"),
        ({"nodes": 65}, "nodes-exceed-accelerators"),
        ({"steady_days": "16"}, "steady-exceeds-period"),
        ({"workload_class": "large_training"}, "training-without-pattern"),
        ({"contracted_on": "2026-10-16"}, "contract-after-use"),
        ({"contract_ends_on": "2026-09-30"}, "contract-ended-before-use"),
        ({"customer_incorporated_on": "2024-01-16"}, "incorporated-after-contract"),
        ({"relation_began_on": "2024-01-16"}, "relation-after-contract"),
        ({"customer_lei": None}, "customer-without-identifier"),
        ({"verification_method": "none"}, "customer-not-verified"),
        ({"customer_owners": OWNERS}, "owners-exceed-whole"),
        ({"contract_changed_by": "provider"}, "change-without-predecessor"),
        ({"payer_name": "Another", "payer_country": None}, "payer-without-country"),
        ({"observed_access_countries": ["CN"]}, "access-not-declared"),
        ({"resellers": [{"name": "R", "country": "FR"}]}, "reseller-not-verified"),
        ({"media_in": [{"arrived_on": "2026-09-30", "volume_tb": "80"}]}, "media-outside-month"),
        ({"attested_by": None}, "attestation-missing"),
        ({"customer_country": "RU"}, "service-prohibited"),
    ],
)
def test_a_check_speaks_where_its_rule_is_broken(changes: dict[str, Any], code: str) -> None:
    assert code in _codes(**changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"starts_at": "2026-10-01T00:00:00Z", "ends_at": "2026-11-01T00:00:00Z", "steady_days": "31"},
        {"accelerator_hours": "21504"},
        {"nodes": 64},
        {"contracted_on": "2026-10-15"},
        {"customer_incorporated_on": "2024-01-15"},
        {"customer_lei": None, "customer_vat": "DE136695976"},
        {"observed_access_countries": ["DE"]},
        {"customer_country": "RU", "exemption_reference": "Art. 5n(9)"},
        {"media_in": [{"arrived_on": "2026-10-31", "volume_tb": "80"}]},
    ],
)
def test_a_check_is_silent_at_its_boundary(changes: dict[str, Any]) -> None:
    assert _codes(**changes) == []


def test_every_check_has_its_texts_and_its_inputs() -> None:
    inputs = {
        "line_id": "x", "line": 1, "released_on": "x", "month": "x", "accelerators": 1, "most": "x", "total": "x",
        "countries": "x",
    }  # fmt: skip
    for check in record_checks.every_check().values():
        for language in ("en", "fr", "de"):
            assert all(check.texts[language][part].format_map(inputs) for part in ("sentence", "remedy")), check.code


def test_a_facility_that_had_closed_is_noted() -> None:
    closed = Context(OCTOBER, {"lyon-1": Site("id", date(2023, 3, 1), OCTOBER - timedelta(days=1))}, RELEASED)
    (answer,) = record_checks.judge(read(json.dumps(line(1)).encode()).record, closed)
    assert (answer.code, answer.is_error) == ("facility-not-operating", False)


@pytest.mark.parametrize(
    "head", [b"line_id;facility\n", b"line_id,line_id\n", b"line_id,colour\n", b"line_id\n", b"x" * 9_000, b'"a\n']
)
def test_a_file_whose_header_is_none_is_refused(head: bytes) -> None:
    with pytest.raises(Invalid):
        header_of(io.BytesIO(head))


def test_a_header_with_a_byte_order_mark_is_read() -> None:
    assert header_of(io.BytesIO(b"\xef\xbb\xbf" + record.csv_header().encode() + b"\r\n")) == list(record.MEMBERS)


@pytest.mark.parametrize(
    ("text", "fault"), [(b'"a', "not_csv"), (b"a,b,c", "cells_and_columns"), (b"\xff", "not_utf8")]
)
def test_a_line_of_csv_that_cannot_be_read_says_why(text: bytes, fault: str) -> None:
    with pytest.raises(Unreadable, match=fault):
        read(text, columns=["line_id", "facility"])
