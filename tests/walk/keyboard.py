"""A run is filed and a decision is taken by Tab, Space, Enter, arrows and letters alone: no mouse, no address typed."""

import time
from collections.abc import Mapping
from typing import Any

from django.utils import translation
from playwright.sync_api import BrowserContext, Page

from registry.portal import element_form, filing_form
from tests.documents import planned_run
from tests.walk.people import Walker

STEPS = 900  # presses of Tab on one page after which the focus will not come any more
FOCUS = """() => {
  const at = document.activeElement
  if (!at || at === document.body) return null
  const told = {tag: at.tagName, type: at.type || '', name: at.name || '', value: at.value || '', id: at.id,
                href: at.getAttribute('href') || '', checked: !!at.checked, inMain: !!at.closest('main'),
                action: at.form ? at.form.getAttribute('action') || '' : '', text: at.innerText || ''}
  const box = at.getBoundingClientRect(), style = getComputedStyle(at)
  told.isSeen = (box.width > 0 && box.height > 0) && style.visibility === 'visible'
  told.index = at.tagName === 'SELECT' ? at.selectedIndex : -1
  told.options = at.tagName === 'SELECT' ? [...at.options].map(each => each.value) : []
  return told
}"""
SIGNED = {"name": "Inès Carpentier", "capacity": "Head of regulatory affairs", "place": "Paris", "agreed": "yes"}
KNOWN = ("/filer/legal_name", "/filer/lei", "/filer/euid", "/filer/vat", "/filer/eori")
HISTORY = "section[aria-labelledby=history-h]"
SENTENCE = "Measured on our own cluster."


class NoWay(Exception):
    """The keyboard does not come there."""


def tried(walker: Walker, context: BrowserContext) -> list[str]:
    """What cannot be done by keyboard alone, of what this person does; nothing where all can."""
    doing = {"provider_submitter": filed, "ai_office_officer": decided}.get(walker.role)
    if doing is None:
        return []
    page = context.new_page()
    page.set_viewport_size({"width": 1440, "height": 900})
    try:
        doing(page)
    except NoWay as none:
        return [f"keyboard: {none} at {page.url}"]
    finally:
        page.close()
    return []


def filed(page: Page) -> None:
    """From the workspace to the receipt of a filing. Raises NoWay."""
    document = planned_run(run__client_run_id=f"by-keyboard-{time.time_ns()}")
    with translation.override("en"):
        start = element_form.values_of(filing_form.form_of_start(), document)
        topics = {
            topic: element_form.values_of(filing_form.form_of(topic), filing_form.part_of(document, paths))
            for topic, paths in filing_form.TOPICS.items()
        }
    for known in KNOWN:  # the draft has them from the register
        topics["filer"].pop(known, None)
    page.goto("/en/workspace/")
    followed(page, "/workspace/filings/new/")
    filled(page, start)
    tasks = page.url
    for topic, values in topics.items():
        if values:
            followed(page, f"/draft/{topic}/")
            while not _names(page).issuperset(values):
                before = _names(page)
                filled(page, values, then="more")
                if _names(page) == before:
                    raise NoWay(f"no room for more of {topic}")
            filled(page, values, then="list")
            if page.url != tasks:
                raise NoWay(f"{topic} is not kept")
    followed(page, "/draft/check/")
    names = _names(page)
    said = {name: SENTENCE for name in names if name.startswith("sentence:")}
    filled(page, {**{name: "" for name in names if name.startswith("because:")}, **said, **SIGNED})
    if "/filed/" not in page.url:
        raise NoWay("the filing is not submitted")


def decided(page: Page) -> None:
    """From the queue to a filing to a step of its review. Raises NoWay."""
    page.goto("/en/oversight/queue/")
    followed(page, "/oversight/filings/ECAR-")
    opened = page.url
    if page.locator("main select[name=purpose]").count():
        filled(page, {})
    _tab_to(page, lambda here: here["tag"] == "SUMMARY" and _is_within(page, "#decide"), f"a decision on {opened}")
    if not page.evaluate("document.activeElement.parentElement.open"):
        page.keyboard.press("Space")
    page.keyboard.press("Tab")
    before = page.locator(HISTORY).inner_text()
    names = page.evaluate("[...document.activeElement.form.querySelectorAll('[name]')].map(each => each.name)")
    asked = [name for name in names if name != "csrfmiddlewaretoken"]
    page.keyboard.press("Shift+Tab")
    filled(page, dict.fromkeys(asked, "Please say how the compute was measured"))
    if page.locator(HISTORY).inner_text() == before:
        raise NoWay("the decision is not taken")


def followed(page: Page, part: str) -> None:
    """Tab to a link whose address has `part` in it, and Enter."""
    _tab_to(page, lambda here: part in here["href"], f"a link to {part}")
    _entered(page)


def filled(page: Page, values: Mapping[str, str], *, then: str = "") -> None:
    """Tab from field to field, fill in those that are named, and press the button `then` (or the first one)."""

    def is_done(here: Mapping[str, Any]) -> bool:
        if here["type"] == "submit" and here["inMain"] and here["tag"] == "BUTTON":
            return not then or here["value"] == then
        if here["name"] in values:
            _fill(page, here, values[here["name"]])
        return False

    _tab_to(page, is_done, f"the button {then}")
    _entered(page)


def _names(page: Page) -> set[str]:
    return set(page.evaluate("[...document.querySelectorAll('main [name]')].map(each => each.name)"))


def _entered(page: Page) -> None:
    with page.expect_navigation():
        page.keyboard.press("Enter")


def _fill(page: Page, here: Mapping[str, Any], value: str) -> None:
    keys = page.keyboard
    if here["tag"] == "SELECT":
        wanted = here["options"].index(value) if value in here["options"] else min(1, len(here["options"]) - 1)
        for _ in range(abs(wanted - here["index"])):
            keys.press("ArrowDown" if wanted > here["index"] else "ArrowUp")
    elif here["type"] == "checkbox":
        if here["checked"] != (value == "yes"):
            keys.press("Space")
    elif here["type"] == "date":
        year, _, day = value.partition("-")
        keys.type(day.replace("-", "") + year if day else "")
    else:
        keys.press("Control+A")
        keys.insert_text(value)


def _tab_to(page: Page, is_there: Any, what: str) -> None:
    for _ in range(STEPS):
        page.keyboard.press("Tab")
        here = page.evaluate(FOCUS)
        if here is None:
            continue
        if not here["isSeen"]:
            raise NoWay(f"the focus is on something that is not seen: {here['tag']} {here['id']} {here['text'][:40]}")
        if is_there(here):
            return
    raise NoWay(f"the keyboard does not come to {what}")


def _is_within(page: Page, selector: str) -> bool:
    return bool(page.evaluate("selector => !!document.activeElement.closest(selector)", selector))
