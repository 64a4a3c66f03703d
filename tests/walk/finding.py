"""Which pages a person can come to: from link to link, the first rows of every list, then the routes without values.

Where nothing led to a route so far, more pages of each kind are read for a link to it, and not looked at.
"""

import html
import re
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import suppress
from urllib.parse import urljoin, urlsplit

from django.urls import NoReverseMatch, reverse
from django.utils import translation
from playwright.sync_api import BrowserContext

from tests.walk import routes
from tests.walk.people import Walker, confirmed

_LINK = re.compile(r"<a\s[^>]*?href=\"([^\"]*)\"")
OF_A_ROUTE = 6  # times the samples: however many topics and questions it has
READ_ON = 60  # pages beyond the samples that are read for links
GOOD = 200
_OTHERWISE = ("//", "/fr/", "/de/", "/api/", "/static/")  # other hosts, the same pages again, what is no page


class Finding:
    """The pages of one person, in English: `samples` of each route, one of each question put to it."""

    def __init__(self, walker: Walker, *, url: str, samples: int) -> None:
        self.walker, self.url, self.samples = walker, url, samples
        shared = routes.of_everybody() if walker.known else frozenset()
        self.pages = {name: pattern for name, pattern in routes.pages().items() if name not in shared}
        self.taken: Counter[tuple[str, frozenset[tuple[str, str]]]] = Counter()
        self.of_route: Counter[str] = Counter()
        self.seen: set[str] = set()
        self.waiting: deque[str] = deque()
        self.left: list[str] = []

    def found(self, context: BrowserContext) -> Iterator[tuple[str, str]]:
        """Route and address of each page, in the order in which they are come to. Pages are read, not shown."""
        self.waiting.extend(self.walker.starts)
        yield from self._followed(context)
        for address in self._without_values():
            self._offer(address)
        yield from self._followed(context)
        for address in self.left[:READ_ON]:
            for link in self._links(context, address) or ():
                if self.of_route[self._key(self._own(link))[0]] == 0:
                    self._offer(link)
            yield from self._followed(context)

    def _followed(self, context: BrowserContext) -> Iterator[tuple[str, str]]:
        while self.waiting:
            address = self.waiting.popleft()
            links = self._links(context, address)
            if links is None:
                continue
            for link in links:
                self._offer(link)
            yield str(self._key(address)[0]), address

    def _links(self, context: BrowserContext, address: str) -> list[str] | None:
        """What a page links to; None where there is no page, or one that sends on, which is offered then."""
        answer = context.request.get(self.url + address)
        if "/reauthenticate/?" in answer.url and self.walker.known:
            confirmed(context, self.walker, answer.url)
            answer = context.request.get(self.url + address)
        settled = answer.url.removeprefix(self.url)
        if answer.status != GOOD or "text/html" not in answer.headers.get("content-type", ""):
            return None
        if settled != address:
            self._offer(settled)
            return None
        return [urljoin(address, html.unescape(link)) for link in _LINK.findall(answer.text())]

    def _own(self, address: str) -> str:
        return address.removeprefix(self.url).partition("#")[0]

    def _offer(self, address: str) -> None:
        """Put an address on the way if it is a page of ours and not one too many of its kind."""
        address = self._own(address)
        path = urlsplit(address).path
        if not path.startswith("/") or path.startswith(_OTHERWISE) or address in self.seen:
            return
        self.seen.add(address)
        key = self._key(address)
        limit = 1 if any(name == "?" for name, _ in key[1]) else self.samples
        if key[0] not in self.pages:
            return
        if self.taken[key] >= limit or self.of_route[key[0]] >= OF_A_ROUTE * self.samples:
            self.left += [] if key[1] else [address]
            return
        self.taken[key] += 1
        self.of_route[key[0]] += 1
        self.waiting.append(address)

    def _key(self, address: str) -> tuple[str, frozenset[tuple[str, str]]]:
        return routes.route_of(address) or ("", frozenset())

    def _without_values(self) -> Iterator[str]:
        with translation.override("en"):
            for name in self.pages:
                with suppress(NoReverseMatch):  # it needs a value
                    yield reverse(name)
