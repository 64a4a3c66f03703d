"""A person who files by forms: finds the fields of a page as they stand there, fills some in, and sends them."""

from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Any

from django.test import Client

from registry.portal import element_form, filing_form


class _Fields(HTMLParser):
    """The fields of a page that a browser would send, with their values."""

    def __init__(self) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self.area = self.select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A field begins."""
        said = {name: value or "" for name, value in attrs}
        name = said.get("name", "")
        if tag == "input" and name:
            if said.get("type") != "checkbox" or "checked" in said:
                self.values[name] = said.get("value", "")
        elif tag == "textarea":
            self.area, self.values[name] = name, ""
        elif tag == "select":
            self.select, self.values[name] = name, ""
        elif tag == "option" and "selected" in said:
            self.values[self.select] = said.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        """A field ends."""
        if tag == "textarea":
            self.area = ""

    def handle_data(self, data: str) -> None:
        """The text of a field of several lines."""
        if self.area:
            self.values[self.area] += data


def fields(html: str) -> dict[str, str]:
    """The fields of a page with what stands in them."""
    found = _Fields()
    found.feed(html)
    return found.values


def send(browser: Client, address: str, **changes: str) -> Any:
    """Open the page, change some fields (`then` for the button), send it; the answer, not followed."""
    return browser.post(address, {**fields(browser.get(address).content.decode()), **changes})


def fill(browser: Client, draft: str, document: Mapping[str, Any]) -> None:
    """Fill in every topic of a draft from a document, page by page; asserts that each is kept."""
    for topic, paths in filing_form.TOPICS.items():
        stated = element_form.values_of(filing_form.form_of(topic), filing_form.part_of(document, paths))
        if stated:
            answer = send(browser, f"{draft}{topic}/", **stated, then="list")
            assert answer.status_code == 302, (topic, answer.content.decode()[:3000])
