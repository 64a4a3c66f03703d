"""Calendars as RFC 5545 wants them: escaped, folded, in UTC, and readable again."""

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.filings import calendar_feed
from registry.filings.calendar_feed import LINE_OCTETS, Event
from registry.filings.working_days import BRUSSELS

DUE = datetime(2026, 11, 30, 23, 59, 59, 999999, tzinfo=BRUSSELS)
EVENT = Event(
    uid="ECAR-2026-000123-7.systemic_risk_notification.2026-11-16@ecar.example",
    summary="Notify; the Commission, now",
    description="Within two weeks\nDue: 30 November 2026, 23:59 (Europe/Brussels)",
    starts_at=DUE,
    sequence=3,
    changed_at=datetime(2026, 11, 20, 12, 0, tzinfo=UTC),
    url="https://ecar.example/x",
    categories=("open",),
)


def made(*events: Event) -> bytes:
    return calendar_feed.calendar(
        events, name="Duties", description="All of them", zone="Europe/Brussels", language="en"
    )


def unfolded(content: bytes) -> list[str]:
    return content.decode().replace("\r\n ", "").split("\r\n")


def unescaped(value: str) -> str:
    return re.sub(r"\\(.)", lambda found: "\n" if found[1] == "n" else found[1], value)


def test_a_calendar_without_events_is_whole() -> None:
    lines = unfolded(made())
    assert lines[:2] == ["BEGIN:VCALENDAR", "VERSION:2.0"]
    assert lines[-2:] == ["END:VCALENDAR", ""]
    assert any(line.startswith("PRODID:") for line in lines)
    assert "X-WR-TIMEZONE:Europe/Brussels" in lines


def test_an_event_says_what_when_and_how_often_it_changed() -> None:
    lines = unfolded(made(EVENT))
    assert lines[lines.index("BEGIN:VEVENT") : lines.index("END:VEVENT") + 1] == [
        "BEGIN:VEVENT",
        f"UID:{EVENT.uid}",
        "DTSTAMP:20261120T120000Z",
        "LAST-MODIFIED:20261120T120000Z",
        "SEQUENCE:3",
        "DTSTART:20261130T225959Z",
        "SUMMARY;LANGUAGE=en:Notify\\; the Commission\\, now",
        "DESCRIPTION;LANGUAGE=en:Within two weeks\\nDue: 30 November 2026\\, 23:59 (Europe/Brussels)",
        "CATEGORIES:open",
        "URL:https://ecar.example/x",
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
    ]


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("a;b,c\\d", "a\\;b\\,c\\\\d"),
        ("one\r\ntwo\nthree\rfour", "one\\ntwo\\nthree\\nfour"),
        ("bell\x07 and\x00 nul", "bell and nul"),
        ("tab\tstays", "tab\tstays"),
        ("a line\u2028separator\x85", "a line\\nseparator\\n"),
    ],
)
def test_text_is_escaped(value: str, written: str) -> None:
    assert calendar_feed.text(value) == written


def test_a_break_in_an_address_starts_no_property() -> None:
    event = Event(**{**vars(EVENT), "url": "https://x.example/\r\nATTENDEE:mailto:a@b.example"})
    assert not any(line.startswith("ATTENDEE") for line in unfolded(made(event)))


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        calendar_feed.moment(datetime(2026, 11, 30))  # noqa: DTZ001


@given(st.text(max_size=400))
def test_lines_are_short_whole_and_say_what_was_put_in(value: str) -> None:
    content = made(Event(**{**vars(EVENT), "description": value}))
    assert all(len(line) <= LINE_OCTETS for line in content.split(b"\r\n"))
    for line in content.split(b"\r\n"):
        line.decode()  # no character is cut in two
        assert b"\r" not in line
        assert b"\n" not in line
    (written,) = (
        line for line in unfolded(content) if line.startswith("DESCRIPTION;LANGUAGE=en:") and "All" not in line[:30]
    )
    breaks = re.compile("\r\n|[\r\n\x0b\x0c\x85\u2028\u2029]")
    expected = re.sub("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]", "", breaks.sub("\n", value))
    assert unescaped(written.partition(":")[2]) == expected
