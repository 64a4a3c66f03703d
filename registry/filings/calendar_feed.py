"""A calendar as text (iCalendar, RFC 5545, with the names of RFC 7986). Pure: events in, bytes out.

Moments are written in UTC, so that no client needs a definition of a zone; the zone in which they are meant is named
beside them as text.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

MEDIA_TYPE = "text/calendar"
LINE_OCTETS = 75  # RFC 5545 3.1: longer lines are folded, the line break not counted
_ESCAPED = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n"})
# What TEXT may not hold (3.3.11): control characters but the tab; line breaks of any kind become one.
_BREAKS = re.compile("\r\n|[\r\n\x0b\x0c\x85\u2028\u2029]")
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]")
_UNPRINTABLE = re.compile("[\x00-\x20\x7f-\x9f]")


@dataclass(frozen=True, kw_only=True)
class Event:
    """One moment to keep in mind. `uid` never changes; `sequence` grows and `changed_at` moves with every change."""

    uid: str
    summary: str
    description: str
    starts_at: datetime
    sequence: int
    changed_at: datetime
    url: str = ""
    categories: tuple[str, ...] = ()


def calendar(events: Iterable[Event], *, name: str, description: str, zone: str, language: str) -> bytes:
    """The calendar in UTF-8; `zone` is the IANA name in which its moments are meant. ValueError for a naive moment."""
    lines = _lines(events, name, description, zone, language)
    return "".join(f"{part}\r\n" for line in lines for part in _folded(line)).encode()


def text(value: str) -> str:
    """A value of type TEXT: escaped, line breaks as `\\n`, without control characters."""
    return _CONTROLS.sub("", _BREAKS.sub("\n", value)).translate(_ESCAPED)


def moment(at: datetime) -> str:
    """A value of type DATE-TIME in UTC, to the second. Raises ValueError for a moment without a zone."""
    if at.tzinfo is None:
        raise ValueError("a moment needs its zone")
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _lines(events: Iterable[Event], name: str, description: str, zone: str, language: str) -> Iterator[str]:
    yield "BEGIN:VCALENDAR"
    yield "VERSION:2.0"
    yield "PRODID:-//European Compute-Access Registry//Duties//EN"
    yield "CALSCALE:GREGORIAN"
    yield f"NAME;LANGUAGE={language}:{text(name)}"
    yield f"X-WR-CALNAME:{text(name)}"
    yield f"DESCRIPTION;LANGUAGE={language}:{text(description)}"
    yield f"X-WR-TIMEZONE:{text(zone)}"
    yield "REFRESH-INTERVAL;VALUE=DURATION:PT6H"
    for event in events:
        yield from _event(event, language)
    yield "END:VCALENDAR"


def _event(event: Event, language: str) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{text(event.uid)}"
    yield f"DTSTAMP:{moment(event.changed_at)}"
    yield f"LAST-MODIFIED:{moment(event.changed_at)}"
    yield f"SEQUENCE:{event.sequence}"
    yield f"DTSTART:{moment(event.starts_at)}"
    yield f"SUMMARY;LANGUAGE={language}:{text(event.summary)}"
    yield f"DESCRIPTION;LANGUAGE={language}:{text(event.description)}"
    if event.categories:
        yield f"CATEGORIES:{','.join(text(each) for each in event.categories)}"
    if event.url:
        yield f"URL:{_UNPRINTABLE.sub('', event.url)}"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def _folded(line: str) -> Iterator[str]:
    """The line in parts of at most 75 octets, the later ones after a space; no character is cut in two."""
    part, octets = "", 0
    for character in line:
        size = len(character.encode())
        if octets + size > LINE_OCTETS:
            yield part
            part, octets = " ", 1
        part += character
        octets += size
    yield part
