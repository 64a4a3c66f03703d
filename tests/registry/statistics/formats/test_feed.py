"""The feed of releases is Atom, and says when something changed."""

from datetime import UTC, datetime
from xml.etree import ElementTree

from registry.statistics.formats import feed

ATOM = "{http://www.w3.org/2005/Atom}"
FIRST, LATER = datetime(2026, 8, 17, 9, tzinfo=UTC), datetime(2026, 11, 17, 10, tzinfo=UTC)
ENTRY = feed.Entry("https://r.example/en/statistics/2026-Q2/1/", "Q2 <2026> & more", "“final”", FIRST, LATER)


def _read(*entries: feed.Entry) -> ElementTree.Element:
    made = feed.atom(
        entries,
        href="https://r.example/f.atom",
        page="https://r.example/",
        title="Releases",
        author="ECAR",
        language="en",
    )
    return ElementTree.fromstring(made.decode())  # noqa: S314 - our own feed


def test_an_entry_has_its_words_and_moments() -> None:
    root = _read(ENTRY)
    [entry] = root.findall(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}title") == "Q2 <2026> & more"
    assert entry.findtext(f"{ATOM}published") == "2026-08-17T09:00:00Z"
    assert entry.findtext(f"{ATOM}updated") == root.findtext(f"{ATOM}updated") == "2026-11-17T10:00:00Z"
    assert [link.get("rel") for link in root.findall(f"{ATOM}link")] == ["self", "alternate"]


def test_an_empty_feed_is_one() -> None:
    root = _read()
    assert not root.findall(f"{ATOM}entry")
    assert {each.tag.removeprefix(ATOM) for each in root} >= {"id", "title", "updated", "author"}
