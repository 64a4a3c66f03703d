"""The feed of releases (Atom, RFC 4287): an entry for each vintage, changed when it is withdrawn."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from typing import Final

from registry.statistics.formats.structure import moment

MEDIA_TYPE: Final = "application/atom+xml"
NOTHING_YET: Final = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Entry:
    """One vintage: an address that never changes, its words, when it appeared and when it last changed."""

    href: str
    title: str
    summary: str
    published_at: datetime
    updated_at: datetime


def atom(entries: Iterable[Entry], *, href: str, page: str, title: str, author: str, language: str) -> bytes:
    """The feed, the newest entry first as given; `href` is its own address, `page` that of the list for people."""
    listed = list(entries)
    updated = max((entry.updated_at for entry in listed), default=NOTHING_YET)
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{escape(language)}">',
        f"<id>{escape(href)}</id>",
        f"<title>{escape(title)}</title>",
        f"<updated>{moment(updated)}</updated>",
        f"<author><name>{escape(author)}</name></author>",
        f'<link rel="self" type="{MEDIA_TYPE}" href="{escape(href)}"/>',
        f'<link rel="alternate" type="text/html" href="{escape(page)}"/>',
    ]
    for entry in listed:
        lines += [
            "<entry>",
            f"<id>{escape(entry.href)}</id>",
            f"<title>{escape(entry.title)}</title>",
            f"<published>{moment(entry.published_at)}</published>",
            f"<updated>{moment(entry.updated_at)}</updated>",
            f'<link rel="alternate" type="text/html" href="{escape(entry.href)}"/>',
            f"<summary>{escape(entry.summary)}</summary>",
            "</entry>",
        ]
    return ("\n".join([*lines, "</feed>"]) + "\n").encode()
