"""The letter of acceptance: what stands in it and in which language, that it is accessible and twice the same."""

import io
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from registry.acting import Actor, acting_as
from registry.filings import actions
from registry.filings.models import Filing, Version
from registry.organisations.models import Organisation
from registry.oversight.models import Look
from registry.portal import pdf
from tests.documents import REMOVED
from tests.registry.portal.conftest import File, SignIn, forget_purpose, state_purpose
from tests.registry.portal.test_compare_page import amend
from tests.registry.portal.test_pages import body

pytestmark = pytest.mark.django_db


@pytest.fixture
def accepted(alice: Actor, olga: Actor, file: File, noon: datetime) -> str:
    """The reference of a filing that was accepted the day after, in the language of its document, which is German."""
    return accept(file(alice, language="de"), by=olga, at=noon + timedelta(days=1))


def accept(reference: str, *, by: Actor, at: datetime) -> str:
    with acting_as(by):
        actions.decide(reference=reference, verb="review", reason="", by=by, at=at)
        actions.decide(reference=reference, verb="accept", reason="Complete.", by=by, at=at + timedelta(minutes=5))
    return reference


def address(side: str, reference: str) -> str:
    return reverse(f"{side}-filings-acceptance", args=[reference])


def letter(browser: Client, where: str) -> PdfReader:
    answer = browser.get(where)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/pdf"
    return PdfReader(io.BytesIO(answer.content))


def text(read: PdfReader) -> str:
    return " ".join(" ".join(page.extract_text() for page in read.pages).split())


@pytest.fixture
def provider(sign_in: SignIn, aurelia: Organisation) -> Client:
    return sign_in("provider_reader", aurelia)


def test_it_tells_reference_dates_version_and_what_proves_them(provider: Client, accepted: str) -> None:
    version = Version.objects.select_related("entry").get()
    told = text(letter(provider, address("workspace", accepted)))
    for part in (
        f"Ihre Meldung {accepted} wurde angenommen",
        "21. November 2026",
        "Aurelia Research",
        "Frankreich",
        str(version.entry_id),
        bytes(version.entry.entry_hash).hex(),
        bytes(version.digest).hex(),
        "ecar-verify receipt receipt.json",
    ):
        assert part in told, told


@pytest.mark.parametrize(
    ("language", "title"),
    [("en", "was accepted"), ("fr", "a été accepté"), (REMOVED, "was accepted")],
)
def test_it_is_written_in_the_language_of_the_filing(
    provider: Client, alice: Actor, olga: Actor, file: File, noon: datetime, language: Any, title: str
) -> None:
    reference = accept(file(alice, language=language), by=olga, at=noon + timedelta(days=1))
    read = letter(provider, address("workspace", reference))
    assert title in text(read)
    assert read.trailer["/Root"]["/Lang"] == (language if isinstance(language, str) else "en")


def test_it_is_tagged_and_has_a_title(provider: Client, accepted: str) -> None:
    read = letter(provider, address("workspace", accepted))
    root = read.trailer["/Root"]
    assert bool(root["/MarkInfo"]["/Marked"])
    assert "/StructTreeRoot" in root
    assert read.metadata is not None
    assert accepted in str(read.metadata.title)
    assert b"pdfuaid" in root["/Metadata"].get_data()


def test_authority_and_provider_get_the_same_bytes_and_the_look_is_recorded(
    provider: Client, sign_in: SignIn, accepted: str
) -> None:
    officer = sign_in("officer", "FR")
    forget_purpose(officer)
    answer = officer.get(address("oversight", accepted))
    assert answer.headers["Location"] == reverse("oversight-filings-open", args=[accepted])
    state_purpose(officer, accepted)
    own, theirs = provider.get(address("workspace", accepted)), officer.get(address("oversight", accepted))
    assert own.content == theirs.content
    assert own.content == provider.get(address("workspace", accepted).replace("/en/", "/fr/")).content
    assert [look.kind for look in Look.objects.all()] == ["document"]


def test_there_is_none_before_the_acceptance_and_none_for_a_stranger(
    provider: Client, sign_in: SignIn, cantabria: Organisation, alice: Actor, olga: Actor, file: File, noon: datetime
) -> None:
    reference = file(alice)
    body(provider, address("workspace", reference), status=409)
    assert "acceptance.pdf" not in body(provider, reverse("workspace-filings-one", args=[reference]))
    accept(reference, by=olga, at=noon + timedelta(days=1))
    assert address("workspace", reference) in body(provider, reverse("workspace-filings-one", args=[reference]))
    body(sign_in("provider_reader", cantabria), address("workspace", reference), status=404)
    body(sign_in("officer", "ES"), address("oversight", reference), status=404)


def test_a_later_version_leaves_the_letter_as_it_is(
    provider: Client, accepted: str, alice: Actor, noon: datetime
) -> None:
    before = provider.get(address("workspace", accepted)).content
    amend(accepted, by=alice, at=noon + timedelta(days=2), model__version="3.1")
    assert provider.get(address("workspace", accepted)).content == before


def test_a_name_is_never_read_as_markup(provider: Client, accepted: str) -> None:
    Filing.objects.update(run_id='#read("/etc/passwd") *run* $x$')
    assert '#read("/etc/passwd") *run* $x$' in text(letter(provider, address("workspace", accepted)))


def test_a_script_that_the_fonts_lack_does_not_prevent_the_letter(noon: datetime) -> None:
    said: dict[str, Any] = dict.fromkeys(
        ("register", "authority", "date", "title", "subject", "evidence_title", "evidence"), "x"
    )
    said |= {"language": "en", "reference": "x", "verify_title": "x", "command": "x", "note": "x", "address": ["深度"]}
    said |= {"sentences": [], "facts": [], "proof": [], "steps": ["x"]}
    read = PdfReader(io.BytesIO(pdf.made("acceptance", said, at=noon)))
    assert "/StructTreeRoot" in read.trailer["/Root"]
