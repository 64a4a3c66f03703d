"""What is written to people: in three languages, with a link that leads somewhere, and nothing of what was filed."""

import re
from string import Formatter

import pytest
from django.urls import resolve
from django.utils import translation

from registry.accounts.policy import ROLES
from registry.acting import Audience
from registry.dispatch import kinds, letters
from registry.filings import duty_clock
from registry.languages import SPOKEN

BASE = "https://registry.example"
REFERENCE = "ECAR-2026-000123-7"
KINDS = sorted(letters.mail_kinds())


def _write(kind: str, language: str) -> letters.Letter:
    return letters.write(kind, subject=REFERENCE, language=language, base_url=BASE)


@pytest.mark.parametrize("language", SPOKEN)
@pytest.mark.parametrize("kind", KINDS)
def test_a_mail_is_short_names_its_subject_and_links_to_one_page(kind: str, language: str) -> None:
    letter = _write(kind, language)
    assert "\n" not in letter.title
    assert len(letter.title) < 120
    assert REFERENCE in letter.body
    (link,) = re.findall(r"https?://\S+", letter.body)
    assert link.startswith(f"{BASE}/")
    assert "{" not in letter.title + letter.body
    assert len(letter.body) < 900
    assert all(len(line) <= letters.WIDTH for line in letter.body.splitlines() if link not in line)
    assert "\n-- \n" in letter.body


@pytest.mark.parametrize("kind", KINDS)
def test_a_mail_differs_in_every_language(kind: str) -> None:
    written = [_write(kind, language) for language in SPOKEN]
    assert len({letter.title for letter in written}) == len(SPOKEN)
    assert len({letter.body for letter in written}) == len(SPOKEN)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", SPOKEN)
def test_a_mail_can_carry_nothing_but_its_subject(kind: str, language: str) -> None:
    known = letters.mail_kinds()[kind]
    for text in (*known.texts[language].values(), known.path):
        assert {name for _, name, _, _ in Formatter().parse(text) if name} <= {"subject", "language"}


@pytest.mark.parametrize("kind", KINDS)
def test_the_link_leads_to_a_page_of_the_register(kind: str) -> None:
    subject = "7f3a1c0e-58a5-4a43-8f3a-0d5c4c1d9c11" if kind.startswith("webhook") else REFERENCE
    with translation.override("en"):
        assert resolve(letters.mail_kinds()[kind].path.format(language="en", subject=subject))


def test_only_providers_are_written_to_and_only_in_roles_that_exist() -> None:
    for kind in letters.mail_kinds().values():
        assert kind.roles
        assert all(ROLES[role].audience is Audience.PROVIDER for role in kind.roles)


def test_the_kinds_are_those_that_the_register_puts() -> None:
    assert {kinds.DISABLED, duty_clock.DUE_SOON, duty_clock.OVERDUE, "client_key.expiring"} <= set(KINDS)
    assert set(KINDS) - kinds.subscribable() == {"proposal.failed", "proposal.proposed"}


def test_who_speaks_another_language_is_written_to_in_english() -> None:
    assert _write("duty.overdue", "it") == _write("duty.overdue", "en")


def test_a_kind_that_is_not_mailed_has_no_words() -> None:
    with pytest.raises(KeyError):
        _write("finding.made", "en")
