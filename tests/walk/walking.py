"""The walk of each person over their pages, and what is told of it."""

import csv
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import BrowserContext, Page

from tests.walk import looking, routes, weighing
from tests.walk.finding import Finding
from tests.walk.people import Walker

HEIGHT = 900


@dataclass
class Walk:
    """What is looked at, and what was seen so far."""

    url: str
    out: Path
    languages: tuple[str, ...]
    widths: tuple[int, ...]
    samples: int = 2
    has_pictures: bool = True
    only: frozenset[str] = frozenset()
    reached: set[str] = field(default_factory=set)
    faults: list[tuple[str, str]] = field(default_factory=list)
    pages: list[tuple[str, str, str, int]] = field(default_factory=list)

    def go(self, walker: Walker, context: BrowserContext) -> None:
        """Look at every page that the walker comes to."""
        began, before = time.monotonic(), len(self.pages)
        page = context.new_page()
        heard = looking.listening(page)
        found = Finding(walker, url=self.url, samples=self.samples).found(context)
        for number, (route, address) in enumerate(found):
            self.reached.add(route)
            if self.only and route not in self.only:
                continue
            for language in self.languages if address.startswith("/en/") else self.languages[:1]:
                spoken = address.replace("/en/", f"/{language}/", 1)
                self._look(page, heard, walker, route, spoken, f"{number:03}-{route}-{language}")
        page.close()
        told = f"{walker.role:<24} {len(self.pages) - before:>5} looks, {time.monotonic() - began:.0f} s"
        sys.stdout.write(f"{told}\n")
        sys.stdout.flush()

    def _look(self, page: Page, heard: list[str], walker: Walker, route: str, address: str, name: str) -> None:
        heard.clear()
        answer = page.goto(self.url + address)
        if answer is None or answer.status != 200:
            self.note(f"{walker.role} {address}", [f"answers {answer.status if answer else 'nothing'}"])
        for width in self.widths:
            page.set_viewport_size({"width": width, "height": HEIGHT})
            found = looking.faults(page)
            self.note(f"{walker.role} {width} {address}", [*heard, *found])
            self.pages.append((walker.role, route, address, width))
            heard.clear()
            if self.has_pictures:
                path = self.out / walker.name / f"{name}-{width}.jpeg"
                page.screenshot(path=path, full_page=True, type="jpeg", quality=60)

    def note(self, where: str, faults: list[str]) -> None:
        """Keep what is wrong at a place, and say it."""
        for fault in faults:
            self.faults.append((where, fault))
            sys.stdout.write(f"  {where}: {fault}\n")

    def weigh(self, walker: Walker, context: BrowserContext) -> None:
        """Tell what a first visit of theirs takes; too much is wrong."""
        address = weighing.WEIGHED.get(walker.role)
        if address is not None:
            octets = sum(weighing.weighed(context, address).values())
            sys.stdout.write(f"{walker.role:<24} {address} takes {octets / 1000:.1f} kB\n")
            self.note(address, [f"{octets} octets, more than {weighing.MOST}"] if octets > weighing.MOST else [])

    def told(self, missing: list[str], *, is_whole: bool) -> str:
        """The end of the report; the list of what was looked at goes beside the pictures."""
        self.out.mkdir(parents=True, exist_ok=True)
        with (self.out / "pages.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([("role", "route", "address", "width"), *self.pages])
        kept = routes.left_out()
        lines = [f"  not come to: {name}" for name in missing]
        lines += [f"  left out: {name}: {kept[name]}" for name in sorted(kept) if is_whole and name not in self.reached]
        lines.append(
            f"{len(self.pages)} looks at {len({each[2] for each in self.pages})} addresses of {len(self.reached)} "
            f"routes: {len(self.faults)} faults, {len(missing)} routes not come to. Pictures: {self.out}"
        )
        return "\n".join(lines) + "\n"
