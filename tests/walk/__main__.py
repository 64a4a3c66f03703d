"""`python -m tests.walk`: every page of every audience of a running demonstration, in a browser.

At both widths and in each language: no rule of axe broken, no word on the console, no request in vain, nothing wider
than the screen. A picture of each is kept for human eyes. Ends with 1 where something is wrong or a page is not found.
"""

import argparse
import sys
from pathlib import Path

from tests.house.sources import ROOT
from tests.walk import bare_django, keyboard, people, routes  # noqa: F401  Django is set up before it is read
from tests.walk.looking import NARROW, WIDE, chromium
from tests.walk.walking import Walk


def given() -> argparse.Namespace:
    """What the command was given."""
    parser = argparse.ArgumentParser(prog="python -m tests.walk", description=__doc__)
    parser.add_argument("--url", default="http://127.0.0.1:8000", help="where the register runs")
    parser.add_argument("--state", type=Path, default=ROOT / "var", help="its folder, with demo.json")
    parser.add_argument("--out", type=Path, default=ROOT / "var/walk", help="where the pictures go")
    parser.add_argument("--languages", default="en,fr,de")
    parser.add_argument("--widths", default=f"{WIDE},{NARROW}")
    parser.add_argument("--roles", default="", help="only these, by comma")
    parser.add_argument("--routes", default="", help="only these, by comma")
    parser.add_argument("--everybody", action="store_true", help="all people, not one for each role")
    parser.add_argument("--samples", type=int, default=2, help="pages of a kind for each person")
    parser.add_argument("--no-pictures", action="store_true")
    parser.add_argument("--keyboard", action="store_true", help="nothing but the two paths by keyboard")
    return parser.parse_args()


def main() -> int:
    """Walk, tell, say how it went."""
    asked = given()
    walk = Walk(
        url=asked.url,
        out=asked.out,
        languages=tuple(asked.languages.split(",")),
        widths=tuple(int(width) for width in asked.widths.split(",")),
        samples=asked.samples,
        has_pictures=not asked.no_pictures,
        only=frozenset(filter(None, asked.routes.split(","))),
    )
    wanted = set(filter(None, asked.roles.split(",")))
    by_keyboard: set[str] = set()
    with chromium() as browser:
        for walker in people.walkers(asked.state / "demo.json", everybody=asked.everybody):
            if wanted and walker.role not in wanted:
                continue
            context = people.entered(browser, walker, url=asked.url)
            if not asked.keyboard:
                walk.go(walker, context)
            if not walk.only and walker.role not in by_keyboard:
                by_keyboard.add(walker.role)
                walk.note(walker.name, keyboard.tried(walker, context))
                walk.weigh(walker, context)
            context.close()
    is_whole = not (wanted or walk.only or asked.keyboard)
    missing = sorted(set(routes.pages()) - walk.reached - set(routes.left_out())) if is_whole else []
    sys.stdout.write(walk.told(missing, is_whole=is_whole))
    return 1 if walk.faults or missing else 0


if __name__ == "__main__":
    sys.exit(main())
