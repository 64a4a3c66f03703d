"""A provider reads who looked at its filings and why, not which person; the auditor reads all; others nothing of it."""

import csv

import pytest
from django.urls import reverse

from registry.acting import Actor
from registry.organisations.models import Organisation
from tests.registry.portal.conftest import File, SignIn, state_purpose
from tests.registry.portal.test_pages import assert_sound, body, in_language

pytestmark = pytest.mark.django_db


@pytest.fixture
def looked(sign_in: SignIn, alice: Actor, file: File) -> str:
    """A filing that an officer opened for a case."""
    reference, browser = file(alice), sign_in("officer", "FR")
    browser.post(
        reverse("oversight-filings-open", args=[reference]),
        {"purpose": "finding", "case": "FR-7", "sentence": "Two runs of one lineage."},
    )
    body(browser, reverse("oversight-filings-one", args=[reference]))
    return reference


@pytest.mark.parametrize("language", ["en", "fr", "de"])
def test_a_provider_reads_authority_role_and_reason_and_no_name(
    sign_in: SignIn, aurelia: Organisation, looked: str, language: str
) -> None:
    html = body(sign_in("provider_reader", aurelia), in_language(reverse("access-log"), language))
    assert_sound(html, language=language)
    for told in (looked, "FR-7", "Two runs of one lineage.", "AI Act Art. 89(1)"):
        assert told in html
    assert "Officer Example" not in html


def test_the_filing_itself_tells_its_provider_the_same(sign_in: SignIn, aurelia: Organisation, looked: str) -> None:
    html = body(sign_in("provider_reader", aurelia), reverse("workspace-filings-one", args=[looked]))
    assert "Opened by an authority" in html
    assert "Authority of France, Officer" in html
    assert "Officer Example" not in html


def test_the_file_has_codes_and_no_person(sign_in: SignIn, aurelia: Organisation, looked: str) -> None:
    answer = sign_in("provider_reader", aurelia).get(reverse("access-log-csv"))
    head, first, *_ = csv.reader(b"".join(answer).decode().splitlines())  # type: ignore[arg-type]
    assert ",".join(head) == "at,reference,kind,authority,role,legal_basis,case_reference,purpose,entry"
    assert first[1:-1] == [looked, "opened", "FR", "officer", "finding", "FR-7", "Two runs of one lineage."]
    assert "Example" not in " ".join(first)


def test_a_stranger_reads_nothing_of_it(sign_in: SignIn, cantabria: Organisation, looked: str) -> None:
    assert looked not in body(sign_in("provider_reader", cantabria), reverse("access-log"))


def test_an_auditor_reads_every_look_with_the_person_and_no_filing(sign_in: SignIn, looked: str) -> None:
    browser = sign_in("auditor", "EU")
    html = body(browser, reverse("access-log"))
    assert looked in html
    assert "Officer Example" in html
    assert reverse("oversight-filings-one", args=[looked]) not in html
    body(browser, reverse("oversight-filings-one", args=[looked]), status=403)


@pytest.mark.parametrize("role", ["analyst", "statistician", "operator"])
def test_who_has_no_business_with_it_is_refused(sign_in: SignIn, role: str) -> None:
    body(sign_in(role, "EU"), reverse("access-log"), status=403)


@pytest.mark.parametrize(
    ("query", "is_there"),
    [
        ("?kind=opened", True),
        ("?kind=exported", False),
        ("?basis=finding&kind=opened", True),
        ("?basis=alert", False),
        ("?q=ECAR-1999", False),
        ("?from=2199-01-01", False),
        ("?to=1999-01-01", False),
        ("?from=nonsense&kind=nonsense&page=99", True),
    ],
)
def test_filters_choose(sign_in: SignIn, aurelia: Organisation, looked: str, query: str, is_there: bool) -> None:
    html = body(sign_in("provider_reader", aurelia), reverse("access-log") + query)
    assert (f">{looked}<" in html) is is_there


def test_an_officer_of_another_state_reads_nothing(sign_in: SignIn, looked: str) -> None:
    browser = sign_in("officer", "ES")
    state_purpose(browser)
    assert looked not in body(browser, reverse("access-log"))
