"""Query parameters: everything that is not exactly a known, single, sound one is refused by name."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api import parameters
from api.parameters import Parameters
from api.problems import Problem

HOME = "list of alice"


def _refused_name(problem: Problem) -> str:
    assert (problem.status, problem.slug) == (400, "invalid-parameter")
    return str(problem.facts["parameter"])


ENVELOPES = [
    ({"unknown": ["1"]}, "unknown"),
    ({"limit": ["1", "2"]}, "limit"),
    ({"limit": []}, "limit"),
    ({"limit": [""]}, "limit"),
    ({"Limit": ["1"]}, "Limit"),
    ({"format": ["xyz"]}, "format"),
    ({"offset": ["9223372036854775808"]}, "offset"),
    ({"a" * 500: ["1"]}, "a" * 40),
    ({"\x00\ud800": ["1"]}, "\ufffd\ufffd"),
]


@pytest.mark.parametrize(("query", "name"), ENVELOPES)
def test_unknown_repeated_and_empty_parameters_are_refused(query: dict[str, list[str]], name: str) -> None:
    with pytest.raises(Problem) as refused:
        Parameters(query, allowed=("limit",))
    assert _refused_name(refused.value) == name


LIMITS = [
    "-1",
    "0",
    "101",
    "1" + "0" * 30,
    "9" * 5_000,
    "1.0",
    "1e1",
    "0x1",
    "01",
    "+1",
    " 1",
    "1_0",
    "\u0661",
    "\uff11",
    "-0",
]


@pytest.mark.parametrize("value", LIMITS)
def test_a_limit_out_of_range_or_not_in_ascii_digits_is_refused(value: str) -> None:
    with pytest.raises(Problem) as refused:
        Parameters({"limit": [value]}, allowed=("limit",)).limit()
    assert _refused_name(refused.value) == "limit"


@pytest.mark.parametrize(("query", "limit"), [({}, 50), ({"limit": ["1"]}, 1), ({"limit": ["100"]}, 100)])
def test_a_limit_is_one_to_a_hundred(query: dict[str, list[str]], limit: int) -> None:
    assert Parameters(query, allowed=("limit",)).limit() == limit


WRONG = [
    ("flag", "True"),
    ("flag", "1"),
    ("flag", "yes"),
    ("day", "2026-02-30"),
    ("day", "20260201"),
    ("day", "2026-W05-1"),
    ("day", "\u0662026-01-01"),
    ("moment", "2026-01-01T00:00:00"),
    ("moment", "2026-01-01 00:00:00Z"),
    ("moment", "2026-01-01T24:00:00Z"),
    ("moment", "2026-01-01T00:00:00+99:99"),
    ("moment", "2026-01-01T00:00:00.1234567Z"),
    ("uuid", "{6ba7b810-9dad-11d1-80b4-00c04fd430c8}"),
    ("uuid", "urn:uuid:6ba7b810-9dad-11d1-80b4-00c04fd430c8"),
    ("uuid", "6BA7B810-9DAD-11D1-80B4-00C04FD430C8"),
    ("uuid", "6ba7b8109dad11d180b400c04fd430c8"),
    ("text", "a" * 201),
    ("text", "a\x00b"),
    ("text", "a\nb"),
]


@pytest.mark.parametrize(("kind", "value"), WRONG)
def test_a_value_of_another_kind_is_refused(kind: str, value: str) -> None:
    query = Parameters({"x": [value]}, allowed=("x",))
    with pytest.raises(Problem) as refused:
        getattr(query, kind)("x")
    assert _refused_name(refused.value) == "x"


RIGHT = [
    ("flag", "true", True),
    ("flag", "false", False),
    ("day", "2024-02-29", date(2024, 2, 29)),
    ("moment", "2026-01-01T01:00:00+01:00", datetime(2026, 1, 1, tzinfo=UTC)),
    ("moment", "2026-01-01T00:00:00.5Z", datetime(2026, 1, 1, microsecond=500_000, tzinfo=UTC)),
    ("uuid", "6ba7b810-9dad-11d1-80b4-00c04fd430c8", UUID("6ba7b810-9dad-11d1-80b4-00c04fd430c8")),
    ("text", "Ελλάς", "Ελλάς"),
]


@pytest.mark.parametrize(("kind", "value", "read"), RIGHT)
def test_a_sound_value_is_read(kind: str, value: str, read: object) -> None:
    assert getattr(Parameters({"x": [value]}, allowed=("x",)), kind)("x") == read


def test_what_is_not_asked_for_is_absent() -> None:
    query = Parameters({}, allowed=("x",))
    assert "x" not in query
    assert (query.day("x"), query.moment("x"), query.uuid("x"), query.text("x")) == (None, None, None, "")
    assert query.choice("x", choices=("a",)) == ""
    assert query.cursor(bound_to=HOME) is None


def test_an_ordering_that_is_not_offered_is_refused() -> None:
    query = Parameters({"ordering": ["password"]}, allowed=("ordering",))
    with pytest.raises(Problem) as refused:
        query.choice("ordering", choices=("submitted_at", "-submitted_at"))
    assert _refused_name(refused.value) == "ordering"


UNREADABLE = ["search=%00", "search=%ff", "search=%ED%A0%80", "search=%c0%80", "search=%", "search=%zz", "search=a%0db"]


@pytest.mark.parametrize("query", UNREADABLE)
def test_a_query_that_is_not_printable_utf_8_is_refused(query: str) -> None:
    with pytest.raises(Problem) as refused:
        parameters.require_readable_query(query)
    assert _refused_name(refused.value) == "search"


def test_a_query_of_a_hundred_parameters_is_the_largest() -> None:
    parameters.require_readable_query("&".join(["a=1"] * 100))
    with pytest.raises(Problem) as refused:
        parameters.require_readable_query("&".join(["a=1"] * 101))
    assert refused.value.slug == "invalid-parameter"


@pytest.mark.parametrize("query", ["", "a=1&b=%C3%A9", "a=x+y", "a", "cursor=abc-_"])
def test_a_readable_query_passes(query: str) -> None:
    parameters.require_readable_query(query)


@given(st.lists(st.integers(-(2**63), 2**63) | st.text(st.characters(codec="utf-8"), max_size=30), max_size=4))
def test_a_cursor_gives_back_its_position(position: list[int | str]) -> None:
    cursor = parameters.sealed(position, bound_to=HOME)
    assert parameters.opened(cursor, bound_to=HOME) == tuple(position)


def test_a_cursor_of_another_list_is_refused() -> None:
    alice = Parameters({"status": ["submitted"], "limit": ["5"]}, allowed=("status", "limit"))
    other_page = Parameters({"status": ["submitted"], "limit": ["9"]}, allowed=("status", "limit"))
    other_filter = Parameters({"status": ["accepted"]}, allowed=("status",))
    home = alice.binding(endpoint="filings", organisation="a")
    cursor = parameters.sealed([17], bound_to=home)
    assert parameters.opened(cursor, bound_to=other_page.binding(endpoint="filings", organisation="a")) == (17,)
    for foreign in (
        other_filter.binding(endpoint="filings", organisation="a"),
        alice.binding(endpoint="returns", organisation="a"),
        alice.binding(endpoint="filings", organisation="b"),
    ):
        with pytest.raises(Problem) as refused:
            parameters.opened(cursor, bound_to=foreign)
        assert _refused_name(refused.value) == "cursor"


@pytest.mark.parametrize("cursor", ["", "x", "WzFd", "A" * 5_000, "é", "a b", "a=="])
def test_a_forged_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(Problem) as refused:
        parameters.opened(cursor, bound_to=HOME)
    assert _refused_name(refused.value) == "cursor"


@given(st.binary(max_size=80), st.integers(0, 500))
def test_a_tampered_cursor_is_refused(noise: bytes, at: int) -> None:
    cursor = parameters.sealed(["2026-11-20T12:00:00Z", 4711], bound_to=HOME)
    place = at % len(cursor)
    other = "A" if cursor[place] != "A" else "B"
    for forged in (cursor[:place] + other + cursor[place + 1 :], noise.hex(), cursor + "A", cursor[:place]):
        with pytest.raises(Problem):
            parameters.opened(forged, bound_to=HOME)


def test_a_cursor_lives_through_a_change_of_key(settings: pytest.FixtureRequest) -> None:
    cursor = parameters.sealed([1], bound_to=HOME)
    old = settings.SECRET_KEY  # type: ignore[attr-defined]
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "n" * 50, [old]  # type: ignore[attr-defined]
    assert parameters.opened(cursor, bound_to=HOME) == (1,)
    settings.SECRET_KEY_FALLBACKS = []  # type: ignore[attr-defined]
    with pytest.raises(Problem):
        parameters.opened(cursor, bound_to=HOME)
