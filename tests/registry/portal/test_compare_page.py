"""Two versions of a filing compared: what differs by part, who may compare, and that a look is recorded."""

from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from registry.acting import Actor, acting_as
from registry.filings import actions
from registry.filings.checks.catalogue import reasons
from registry.filings.checks.engine import Acknowledgement
from registry.filings.models import Version
from registry.organisations.models import Organisation
from registry.oversight.models import Look
from registry.portal import comparison
from tests.documents import REMOVED, planned_run
from tests.registry.portal.conftest import File, SignIn, forget_purpose, state_purpose
from tests.registry.portal.test_pages import assert_sound, body

pytestmark = pytest.mark.django_db
LANGUAGES = ("en", "fr", "de")


def amend(reference: str, *, by: Actor, at: datetime, **changes: object) -> None:
    """File a correction of the sample document; every sentence of the checks is acknowledged."""
    document = planned_run(**changes)
    with acting_as(by):
        filing = actions.Filing.objects.get(reference=reference)
        answers = actions.examine(filing=filing, kind="correction", content=document, by=by, at=at).answers
        known = tuple(
            Acknowledgement(each.code, each.pointer, next(iter(reasons())), "Measured on our own cluster.")
            for each in answers
            if each.severity == "warning"
        )
        actions.amend(
            reference=reference, kind="correction", content=document, revision=None, by=by, at=at,
            acknowledgements=known,
        )  # fmt: skip


@pytest.fixture
def amended(alice: Actor, file: File, noon: datetime) -> str:
    """The reference of a filing in two versions: another version of the model, and no website."""
    reference = file(alice)
    amend(reference, by=alice, at=noon + timedelta(hours=1), model__version="3.1", filer__website=REMOVED)
    return reference


def address(side: str, reference: str, query: str = "") -> str:
    return reverse(f"{side}-filings-compare", args=[reference]) + query


@pytest.fixture
def provider(sign_in: SignIn, aurelia: Organisation) -> Client:
    return sign_in("provider_reader", aurelia)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_provider_compares_its_versions_in_every_language(provider: Client, amended: str, language: str) -> None:
    html = body(provider, address("workspace", amended).replace("/en/", f"/{language}/", 1))
    assert_sound(html, language=language)
    assert "<del>3.0</del>" in html
    assert "<ins>3.1</ins>" in html


def test_what_differs_stands_under_its_part_and_what_does_not_is_folded(amended: str) -> None:
    first, second = (actions_document(number) for number in (1, 2))
    parts = {part.title: part for part in comparison.parts(first, second)}
    rows = {row.label: row for part in parts.values() for row in part.rows}
    assert [row.mark.text for row in rows.values()] == ["removed", "changed"]
    assert {title for title, part in parts.items() if part.rows} == {"Filer", "Model"}
    assert any("FLOP" in fact.value for fact in parts["Training run"].unchanged)


def actions_document(number: int) -> dict[str, object]:
    return comparison.document_view.members(Version.objects.get(number=number).canonical)


def test_the_versions_can_be_chosen_in_the_address(provider: Client, amended: str) -> None:
    html = body(provider, address("workspace", amended, "?from=2&to=1"))
    assert "<del>3.1</del>" in html
    assert "<ins>3.0</ins>" in html
    assert "Nothing differs here." in body(provider, address("workspace", amended, "?from=2&to=2"))


@pytest.mark.parametrize("query", ["?from=1&to=9", "?from=9&to=2"])
def test_a_version_that_is_not_there_is_not_found(provider: Client, amended: str, query: str) -> None:
    body(provider, address("workspace", amended, query), status=404)


@pytest.mark.parametrize("query", ["?from=x&to=", "?from=-1", "?to=²"])
def test_nonsense_compares_the_newest_with_the_one_before(provider: Client, amended: str, query: str) -> None:
    assert "<ins>3.1</ins>" in body(provider, address("workspace", amended, query))


def test_one_version_alone_is_told_so(provider: Client, alice: Actor, file: File) -> None:
    html = body(provider, address("workspace", file(alice)))
    assert_sound(html)
    assert "There are not two versions to compare yet." in html


def test_a_stranger_compares_nothing(sign_in: SignIn, cantabria: Organisation, amended: str) -> None:
    body(sign_in("provider_reader", cantabria), address("workspace", amended), status=404)
    body(sign_in("officer", "ES"), address("oversight", amended), status=404)


def test_an_officer_compares_for_a_purpose_and_the_look_is_recorded(sign_in: SignIn, amended: str) -> None:
    officer = sign_in("officer", "FR")
    forget_purpose(officer)
    answer = officer.get(address("oversight", amended))
    assert answer.headers["Location"] == reverse("oversight-filings-open", args=[amended])
    assert not Look.objects.exists()
    state_purpose(officer, amended)
    html = body(officer, address("oversight", amended))
    assert_sound(html)
    assert "<ins>3.1</ins>" in html
    assert [look.kind for look in Look.objects.all()] == ["document"]


def test_the_page_of_the_filing_leads_to_the_comparison(provider: Client, sign_in: SignIn, amended: str) -> None:
    officer = sign_in("officer", "FR")
    state_purpose(officer, amended)
    for browser, side in ((provider, "workspace"), (officer, "oversight")):
        html = body(browser, reverse(f"{side}-filings-one", args=[amended]))
        assert f'href="{address(side, amended)}?from=1&amp;to=2"' in html


def test_the_key_of_an_item_names_it() -> None:
    old = {"facilities": [{"facility_id": "a/1", "country": "FR"}]}
    new = {"facilities": [{"facility_id": "a/1", "country": "DE"}]}
    (part,) = comparison.parts(old, new)
    (row,) = part.rows
    assert (row.item, row.mark.text, row.old) == ("a/1", "changed", "France (FR)")


def test_what_differs_in_a_late_digit_only_is_shown_in_full() -> None:
    old, new = (planned_run(run__training_compute__training_compute_flop=f"2.29700{n}e25") for n in (1, 2))
    (row,) = (row for part in comparison.parts(old, new) for row in part.rows)
    assert (row.old, row.new) == ("2.297001e25 FLOP", "2.297002e25 FLOP")
