"""The addresses of the register that are pages, from the URL configuration, and which of them a walk may leave out."""

import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from django.urls import Resolver404, URLPattern, URLResolver, get_resolver, resolve
from django.utils import translation

from registry.portal.urls import PUBLIC

LISTS = ("-csv", "-xlsx")
HERE = Path(__file__).parent
# Values that change what a page is, where others only say which one of many it shows.
TELLING = frozenset({"topic", "table", "verb", "code"})


@cache
def _written() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = tomllib.loads((HERE / "not_walked.toml").read_text("utf-8"))
    return found


def files() -> frozenset[str]:
    """Routes that answer a GET with something other than a page: those written down, and every list as a file."""
    lists = (str(each.name) for each in patterns() if str(each.name).endswith(LISTS))
    return frozenset(_written()["files"]).union(lists)


def left_out() -> dict[str, str]:
    """Routes with a page that a walk cannot come to, and why."""
    return _written()["pages"]


def patterns() -> Iterator[URLPattern]:
    """Every address under its name, those of the interface for machines left out."""

    def walk(above: str, found: list[URLPattern | URLResolver]) -> Iterator[URLPattern]:
        for pattern in found:
            here = above + str(pattern.pattern)
            if here.startswith("api/"):
                continue
            if isinstance(pattern, URLResolver):
                yield from walk(here, pattern.url_patterns)
            elif pattern.name:
                yield pattern

    with translation.override("en"):
        yield from walk("", get_resolver().url_patterns)


def answers_get(pattern: URLPattern) -> bool:
    """Whether the view of an address has an answer to GET; of a view that is a function, it is taken to have one."""
    kind = getattr(pattern.callback, "view_class", None)
    return kind is None or hasattr(kind, "get")


def pages() -> dict[str, URLPattern]:
    """The routes of pages by name."""
    return {str(each.name): each for each in patterns() if answers_get(each) and each.name not in files()}


def of_everybody() -> frozenset[str]:
    """Routes of pages that are the same for everybody: the public walks them."""
    return frozenset(str(each.name) for each in PUBLIC) - {"trail"}  # an auditor's, at an open address


def route_of(address: str) -> tuple[str, frozenset[tuple[str, str]]] | None:
    """The route of an address, with what tells its pages apart; None where there is none."""
    with translation.override("en"):
        try:
            found = resolve(urlsplit(address).path)
        except Resolver404:
            return None
    told = {(name, str(value)) for name, value in found.kwargs.items() if name in TELLING}
    asked = {("?", name) for name, value in parse_qsl(urlsplit(address).query) if value and name != "next"}
    return str(found.url_name), frozenset(told | asked)
