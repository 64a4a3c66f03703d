"""One page in a browser and what is wrong with it: rules of axe, words of the policy, failed requests, its width."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page, sync_playwright

from tests.house.sources import ROOT

WIDE, NARROW = 1440, 390
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
AXE = ROOT / "tests/vendor/axe/axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice", "EN-301-549"]
RUN_AXE = "rules => axe.run(document, {runOnly: {type: 'tag', values: rules}})"
TOO_WIDE = "document.documentElement.scrollWidth - window.innerWidth"
WIDEST = """() => [...document.querySelectorAll('body *')].filter(each => {
  if (each.getBoundingClientRect().right <= window.innerWidth + 1) return false
  for (let up = each.parentElement; up; up = up.parentElement)
    if (getComputedStyle(up).overflowX !== 'visible') return false
  return true
}).slice(-1).map(each => each.outerHTML.slice(0, 160))[0] || ''"""
SETTLED = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser of this machine."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


def listening(page: Page) -> list[str]:
    """A list that fills with what the console says and which requests fail, from now on."""
    found: list[str] = []

    def said(text: str) -> None:
        # a hint of the browser to password keepers; the answer of the page itself is judged where it is asked for
        if "username fields" not in text and not ("Failed to load resource" in text and "the server responded" in text):
            found.append(f"console: {text}")

    page.on("console", lambda message: said(message.text))
    page.on("pageerror", lambda error: found.append(f"script: {error}"))
    page.on("requestfailed", lambda request: found.append(f"asked in vain for {request.url}"))
    page.on(
        "response",
        lambda answer: (
            found.append(f"{answer.status} for {answer.url}")
            if answer.status >= 400 and not answer.request.is_navigation_request()
            else None
        ),
    )
    return found


def faults(page: Page) -> list[str]:
    """What is wrong with the page as it is shown now."""
    page.evaluate(SETTLED)
    found = []
    if (too_wide := page.evaluate(TOO_WIDE)) > 0:
        found.append(f"{too_wide} pixels too wide: {page.evaluate(WIDEST)}")
    if not page.evaluate("typeof window.axe !== 'undefined'"):
        page.evaluate(AXE.read_text("utf-8"))
    for violation in page.evaluate(RUN_AXE, RULES)["violations"]:
        found.append(f"{violation['id']} ({len(violation['nodes'])}): {violation['nodes'][0]['html'][:160]}")
    return found
