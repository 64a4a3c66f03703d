"""The main navigation of an authority in a browser: one row, its groups open by keyboard, and nothing is cut off."""

import pytest
from django.urls import reverse
from playwright.sync_api import Page

from registry.organisations.models import Organisation
from tests.registry.portal.conftest import SignIn
from tests.registry.portal.test_authorisations_page import propose, stopped
from tests.registry.portal.test_in_a_browser import (
    BOTH,
    NARROW,
    ORIGIN,
    fetched,
    inspected,
    pytestmark,
    serving,
)
from tests.registry.portal.test_pages import in_language
from tests.walk.looking import chromium

__all__ = ["pytestmark"]
GROUPS = ".navigation__group"
TOPS = "[...new Set([...document.querySelectorAll('.navigation__list > li')].map(each => each.offsetTop))].length"
SEEN = """group => [...group.querySelectorAll('a')].every(link => {
    const box = link.getBoundingClientRect();
    const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
    return box.x >= 0 && box.right <= window.innerWidth && link.contains(top);
})"""


@pytest.mark.parametrize("language", ["en", "fr", "de"])
def test_the_navigation_is_one_row_and_every_group_opens_by_keyboard(sign_in: SignIn, language: str) -> None:
    address = in_language(reverse("authorisations"), language)
    answers = {address: fetched(sign_in("ai_office_officer", "EU"), address)}
    with chromium() as browser:
        for width in BOTH:
            context = browser.new_context(viewport={"width": width, "height": 900})
            context.route("**/*", serving(answers))
            page = context.new_page()
            page.goto(ORIGIN + address)
            assert page.evaluate(TOPS) == 1, f"{width}: more than one row"
            assert opened_by_keyboard(page) == 4


def opened_by_keyboard(page: Page) -> int:
    """Opens each group with the Enter key; the one before closes, and all links of the open one can be reached."""
    groups = page.locator(GROUPS).all()
    for group in groups:
        group.locator("summary").focus()
        page.keyboard.press("Enter")
        assert page.locator(f"{GROUPS}[open]").count() == 1
        assert group.evaluate(SEEN), group.inner_text()
        page.keyboard.press("Tab")
        assert group.evaluate("each => each.contains(document.activeElement)")
    return len(groups)


@pytest.mark.parametrize(("language", "widths"), [("en", BOTH), ("de", (NARROW,))])
def test_the_pages_of_stops_are_accessible(
    sign_in: SignIn, aurelia: Organisation, language: str, widths: tuple[int, ...]
) -> None:
    first, second, stop = sign_in("officer", "FR"), sign_in("officer", "FR"), stopped(aurelia)
    form = reverse("authorisations-new", args=[stop.id])
    propose(first, stop)
    shown = [in_language(each, language) for each in (reverse("authorisations"), form)]
    assert not inspected({address: fetched(second, address) for address in shown}, widths)
