"""The strict reader: rows of the bad-input table that the bytes alone decide, a public corpus, arbitrary bytes."""

import json
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api import reading
from api.problems import Problem
from registry.errors import Obstacle

CORPUS = Path(__file__).parents[3] / "shared" / "data" / "badinput" / "jsontestsuite" / "test_parsing"

MALFORMED = (400, "malformed-json")
REPEATED = (400, "duplicate-member")
DEEP = (400, "too-deep")
MANY = (400, "too-many-values")
ENCODING = (400, "encoding")
FORBIDDEN = (422, "forbidden-character")
RANGE = (422, "number-out-of-range")

REFUSED = [
    (1, b"", MALFORMED),
    (1, b"  \n", MALFORMED),
    (2, b"{", MALFORMED),
    (3, b"{} {}", MALFORMED),
    (3, b"{}{}", MALFORMED),
    (4, b'{"a": 1,}', MALFORMED),
    (4, b"[1,]", MALFORMED),
    (5, b"{'a': 1}", MALFORMED),
    (6, b'{"a": 1} // note', MALFORMED),
    (6, b'{"a": /* note */ 1}', MALFORMED),
    (7, b'{"a": 007}', MALFORMED),
    (8, b'{"a": 0x10}', MALFORMED),
    (9, b'{"a": NaN}', MALFORMED),
    (10, b'{"a": Infinity}', MALFORMED),
    (10, b'{"a": -Infinity}', MALFORMED),
    (11, b'{"a": "\x01"}', MALFORMED),
    (11, b'{"a": "\n"}', MALFORMED),
    (11, b'{"a": "\x00"}', MALFORMED),
    (12, b'{"a": 1, "a": 1}', REPEATED),
    (12, b'{"deep": [{"a": 1, "b": 2, "a": 3}]}', REPEATED),
    (13, b'{"a": 1, "\\u0061": 1}', REPEATED),
    (17, b"[" * 33 + b"]" * 33, DEEP),
    (18, b"[" * 1_000 + b"]" * 1_000, DEEP),
    (19, b"[" * 100_000 + b"]" * 100_000, DEEP),
    (19, b"[" * 100_000, DEEP),
    (20, b'{"a":' * 5_000 + b"1" + b"}" * 5_000, DEEP),
    (21, b"{" + b",".join(b'"m%d":1' % n for n in range(10_001)) + b"}", MANY),
    (21, b"[" + b"[]," * 10_000 + b"[]]", MANY),
    (22, b'{"a": "\xff"}', ENCODING),
    (23, b"\xef\xbb\xbf{}", ENCODING),
    (24, '{"a": 1}'.encode("utf-16"), ENCODING),
    (27, b'{"a": "\xc0\x80"}', ENCODING),
    (31, b'{"a": "\xed\xa0\x80"}', ENCODING),
    (28, b'{"name": "\\u0000"}', FORBIDDEN),
    (30, b'{"free": {"\\u0000": 1}}', FORBIDDEN),
    (31, b'{"free": "\\ud800"}', FORBIDDEN),
    (31, b'{"free": "\\uD800\\uD800"}', FORBIDDEN),
    (31, b'{"free": "\\udc00\\ud800"}', FORBIDDEN),
    (33, b'{"a": "\\ufffe"}', FORBIDDEN),
    (33, '{"a": "\ufffe"}'.encode(), FORBIDDEN),
    (33, '{"a": "\U0010ffff"}'.encode(), FORBIDDEN),
    (33, b'{"a": "\\ud83f\\udfff"}', FORBIDDEN),
    (33, b'{"a": "\\uFDD0"}', FORBIDDEN),
    (36, b'{"a": "x\\r\\ny"}', FORBIDDEN),
    (36, b'{"a": "x\\u000dy"}', FORBIDDEN),
    (37, b'{"a": "\x7f"}', FORBIDDEN),
    (37, b'{"a": "\\u007F"}', FORBIDDEN),
    (37, '{"a": "\x85"}'.encode(), FORBIDDEN),
    (37, b'{"a": "\\b"}', FORBIDDEN),
    (42, b'"' + b"a" * 1024 * 1024 + b'"', (413, "body-too-large")),
    (48, b'{"a": 1e400}', RANGE),
    (48, b'{"a": 1e99999999999999999999999}', RANGE),
    (56, b'{"a": ' + b"1" * 20 + b"}", RANGE),
    (56, b'{"a": ' + b"1" * 400 + b"}", RANGE),
    (56, b'{"a": ' + b"1" * 5_000 + b"}", (400, "number-out-of-range")),
    (56, b'{"a": 0.' + b"1" * 5_000 + b"}", (400, "number-out-of-range")),
]


@pytest.mark.parametrize(("row", "body", "answer"), REFUSED)
def test_bad_input_is_refused_with_its_status_and_type(row: int, body: bytes, answer: tuple[int, str]) -> None:
    with pytest.raises(Problem) as refused:
        reading.read_json(body)
    assert (refused.value.status, refused.value.slug) == answer


ACCEPTED = [
    (b'{"a": "x\\ty\\nz"}', {"a": "x\ty\nz"}),
    (b'{"a": "\\ud83d\\ude00 \xe2\x82\xac"}', {"a": "\U0001f600 €"}),
    (b'{"a": "\\\\u0000 \\\\r"}', {"a": "\\u0000 \\r"}),
    (b'{"a": {"b": 1}, "c": {"b": 2}}', {"a": {"b": 1}, "c": {"b": 2}}),
    (b'{"a": 9223372036854775808, "b": -1}', {"a": 2**63, "b": -1}),
    (b'{"a": 1.10, "b": 1e26}', {"a": Decimal("1.10"), "b": Decimal("1e26")}),
    (b"[" * 32 + b"]" * 32, json.loads("[" * 32 + "]" * 32)),
    (b"[" + b"0," * 9_998 + b"0]", [0] * 9_999),
    (b'["' + b"[" * 50_000 + b'", "\\"[[[[", "' + b"," * 20_000 + b'"]', ["[" * 50_000, '"[[[[', "," * 20_000]),
    (b" true ", True),
    (b"null", None),
]


@pytest.mark.parametrize(("body", "value"), ACCEPTED)
def test_sound_json_is_read_exactly(body: bytes, value: object) -> None:
    assert reading.read_json(body) == value


def test_fractions_stay_decimal() -> None:
    value = reading.read_json(b"[0.1, 1E5]")
    assert isinstance(value, list)
    assert [type(number) for number in value] == [Decimal, Decimal]


@pytest.mark.parametrize("body", [b"[]", b"null", b'"text"', b"5", b"true"])
def test_a_document_that_is_no_object_is_read_and_wrong(body: bytes) -> None:
    with pytest.raises(Problem) as refused:
        reading.read_object(body)
    assert (refused.value.status, refused.value.slug) == (422, "validation")


def _errors(body: bytes) -> list[tuple[str, str]]:
    with pytest.raises(Problem) as refused:
        reading.read_json(body)
    return [(error.code, error.pointer) for error in refused.value.errors]


def test_every_forbidden_character_is_placed() -> None:
    body = b'{"a": ["x", "\\u0000"], "b/~": "\\r", "\\u0001": 1}'
    assert _errors(body) == [
        ("forbidden-character", ""),
        ("forbidden-character", "/a/1"),
        ("forbidden-character", "/b~1~0"),
    ]


def test_every_repeated_member_is_placed_once() -> None:
    body = b'{"a": [{"b": 1, "b": 2, "b": 3}], "c": 1, "c": 2}'
    assert _errors(body) == [("duplicate-member", "/c"), ("duplicate-member", "/a/0/b")]


def test_what_cannot_be_read_comes_before_what_is_wrong() -> None:
    assert _errors(b'{"a": 1, "a": "\\u0000"}') == [("duplicate-member", "/a")]


def test_different_faults_together_are_a_validation_problem() -> None:
    with pytest.raises(Problem) as refused:
        reading.read_json(b'{"a": 1e400, "b": "\\u0000"}')
    assert refused.value.slug == "validation"
    assert {error.code for error in refused.value.errors} == {"number-out-of-range", "forbidden-character"}


def test_members_are_named_when_unknown_or_missing() -> None:
    with pytest.raises(Problem) as refused:
        reading.members_of({"a": 1, "__proto__": 2}, required=("a", "b"), optional=("c",))
    assert refused.value.slug == "validation"
    assert refused.value.errors == (Obstacle("unknown-field", "/__proto__", ""), Obstacle("missing", "/b", ""))


def test_unknown_members_alone_are_an_unknown_field_problem() -> None:
    with pytest.raises(Problem) as refused:
        reading.members_of({"a": 1, "org": 2}, required=("a",))
    assert refused.value.slug == "unknown-field"


def test_sound_members_pass() -> None:
    assert reading.members_of({"a": 1, "c": 2}, required=("a",), optional=("c", "d")) == {"a": 1, "c": 2}


SOUND_TYPES = [
    "application/json",
    "Application/JSON",
    "application/json;charset=utf-8",
    "application/json; charset=UTF-8",
    'application/json; charset="utf-8"',
]


@pytest.mark.parametrize("header", SOUND_TYPES)
def test_the_media_type_may_say_utf_8(header: str) -> None:
    assert reading.read_media_type(header) == "application/json"


UNSOUND_TYPES = [
    None,
    "",
    "application/json; charset=utf-16",
    "application/json; charset=bogus",
    "application/json; charset=utf-7",
    "application/json; charset=idna",
    "application/json;;==",
    "application/json; charset=utf-8; charset=utf-16",
    "application/json; boundary=x",
    "application/x-ndjson",
    "application/jsonp",
    "application/xml",
    "text/xml",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/merge-patch+json",
    "*/*",
]


@pytest.mark.parametrize("header", UNSOUND_TYPES)
def test_any_other_media_type_is_unsupported(header: str | None) -> None:
    with pytest.raises(Problem) as refused:
        reading.read_media_type(header)
    assert (refused.value.status, refused.value.slug) == (415, "unsupported-media-type")


@pytest.mark.parametrize("encoding", ["gzip", "br", "deflate", "identity", ""])
def test_any_content_encoding_is_refused(encoding: str) -> None:
    with pytest.raises(Problem) as refused:
        reading.require_plain_body(encoding)
    assert (refused.value.status, refused.value.slug) == (415, "unsupported-content-encoding")


def test_a_body_without_content_encoding_passes() -> None:
    reading.require_plain_body(None)


ACCEPTS = [
    (None, True),
    ("", True),
    ("*/*", True),
    ("application/*", True),
    ("application/json", True),
    ("APPLICATION/JSON", True),
    ("application/json;q=0.1", True),
    ("text/html, application/json;charset=utf-8;q=0.9", True),
    ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", True),
    ("application/xml", False),
    ("text/*", False),
    ("application/json;q=0", False),
    ("application/json;q=0.000, */*", False),
    ("*/*;q=0", False),
    ("garbage", False),
    ("application/json application/json", False),
    ("/;;;", False),
    ("\u0661/\u0662", False),
]


@pytest.mark.parametrize(("header", "is_acceptable"), ACCEPTS)
def test_accept_is_honoured(header: str | None, is_acceptable: bool) -> None:
    if is_acceptable:
        reading.require_acceptable(header)
        return
    with pytest.raises(Problem) as refused:
        reading.require_acceptable(header)
    assert (refused.value.status, refused.value.slug) == (406, "not-acceptable")


@pytest.mark.shared
def test_the_public_corpus_of_malformed_json_is_refused_as_a_problem() -> None:
    if not CORPUS.is_dir():
        pytest.skip(f"JSONTestSuite is missing: {CORPUS}")
    files = sorted(CORPUS.glob("n_*.json"))
    assert len(files) == 188
    for file in files:
        with pytest.raises(Problem) as refused:
            reading.read_json(file.read_bytes())
        assert refused.value.status == 400, file.name


FRAGMENTS = [
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b'"',
    b"\\",
    b'"a"',
    b"\\u0000",
    b"\\ud800",
    b"1",
    b"-",
    b"e9",
    b"\xff",
]


@given(st.one_of(st.binary(max_size=200), st.lists(st.sampled_from(FRAGMENTS), max_size=60).map(b"".join)))
def test_arbitrary_bytes_are_read_or_refused_as_a_problem(body: bytes) -> None:
    try:
        value = reading.read_json(body)
    except Problem as refused:
        assert refused.status in {400, 422}  # noqa: PT017 either outcome is sound, a third is not
    else:
        assert value == json.loads(body, parse_float=Decimal)


_TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc", "Cn")), max_size=10)
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**18), 10**18) | _TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_TEXT, inner, max_size=4),
    max_leaves=20,
)


@given(_VALUES, st.booleans())
def test_sound_values_survive_the_reader(value: object, is_escaped: bool) -> None:
    assert reading.read_json(json.dumps(value, ensure_ascii=is_escaped).encode()) == value


@given(st.integers(1, 60), st.sampled_from([(b"[", b"]"), (b'{"a":', b"}"), (b'[{"":', b"}]")]))
def test_depth_is_counted_exactly(times: int, brackets: tuple[bytes, bytes]) -> None:
    opening, closing = brackets
    depth = times * sum(opening.count(sign) for sign in (b"[", b"{"))
    body = opening * times + b"0" + closing * times
    if depth <= reading.DEPTH_LIMIT:
        reading.read_json(body)
    else:
        with pytest.raises(Problem, match="too-deep"):
            reading.read_json(body)
