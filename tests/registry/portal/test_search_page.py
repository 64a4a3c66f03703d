"""The search finds what a person may see and nothing else, marks it, and can be asked anything."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.http import urlencode

from registry.accounts import precision
from registry.acting import Actor, acting_as
from registry.case_tasks import open_cases
from registry.organisations.models import Organisation
from registry.oversight.models import Case, Look
from registry.portal import search
from registry.quantities import Precision
from tests.conftest import person
from tests.registry.oversight.cases import finding
from tests.registry.portal.conftest import File, SignIn, forget_purpose
from tests.registry.portal.test_pages import assert_sound, body, in_language
from tests.registry.test_searching import ODD

pytestmark = pytest.mark.django_db
CANARY = "Zwitschervogel"


def found(browser: Client, words: str, *, status: int = 200) -> str:
    """The page of results, without the frame around it, which repeats what was sought."""
    html = body(browser, address(words), status=status)
    return html.split("</header>", 1)[1] if status == 200 else html


def address(words: str) -> str:
    return f"{reverse('search')}?{urlencode({'q': words})}"


def titles(html: str) -> list[str]:
    return re.findall(r'class="hit__title" href="[^"]*">([^<]*)<', html)


@pytest.fixture
def hidden(alice: Actor, file: File) -> str:
    """A filing in France with the canary in its document."""
    return file(alice, model__name=f"{CANARY} Éclair-7")


def test_words_of_a_document_are_found_and_marked(sign_in: SignIn, aurelia: Organisation, hidden: str) -> None:
    for browser in (sign_in("officer", "FR"), sign_in("ai_office_officer", "EU"), sign_in("provider_reader", aurelia)):
        html = found(browser, "eclair")
        assert titles(html) == [hidden]
        assert f"{CANARY} <mark>Éclair</mark>-7" in html


@pytest.mark.parametrize("words", [CANARY, "Aurelia", "eclair 7", "-nothing Aurelia", '"aurelia research"'])
def test_nobody_finds_what_they_may_not_see(sign_in: SignIn, cantabria: Organisation, hidden: str, words: str) -> None:
    """A stranger's page is the page of a word that nobody wrote: not even a count tells."""
    for browser in (sign_in("officer", "ES"), sign_in("provider_submitter", cantabria)):
        told, nothing = found(browser, words), found(browser, "Qwxzv")
        assert titles(told) == []
        assert hidden not in told
        assert re.sub(r"“.*?”", "", told.split("<main", 1)[1].split("</main>")[0]) == re.sub(
            r"“.*?”", "", nothing.split("<main", 1)[1].split("</main>")[0]
        )


@pytest.mark.parametrize("role", ["analyst", "statistician", "publisher", "auditor", "operator"])
def test_who_sees_no_identities_has_no_search(sign_in: SignIn, hidden: str, role: str) -> None:
    browser = sign_in(role, "EU")
    html = body(browser, address(CANARY), status=403)
    assert hidden not in html
    assert 'role="search"' not in html


def test_a_draft_is_found_by_its_provider_alone(
    sign_in: SignIn, alice: Actor, aurelia: Organisation, file: File
) -> None:
    reference = file(alice, draft=True, model__name=CANARY)
    assert titles(found(sign_in("provider_reader", aurelia), CANARY)) == [reference]
    for words in (CANARY, reference):
        assert titles(found(sign_in("ai_office_officer", "EU"), words)) == []


def test_the_reference_that_was_typed_comes_first(sign_in: SignIn, alice: Actor, file: File) -> None:
    first, second, third = (file(alice, run__client_run_id=f"run-{each}") for each in range(3))
    browser = sign_in("officer", "FR")
    html = found(browser, second.lower())
    assert titles(html)[0] == second
    assert titles(found(browser, "ecar-2026"))[:3] == sorted((first, second, third))


def test_every_kind_is_found_by_its_names(sign_in: SignIn, aurelia: Organisation, hidden: str) -> None:
    finding(aurelia, subject_name=f"{CANARY} SAS", group_key="lei:X")
    open_cases()
    case = Case.objects.get()
    assert_sound(body(sign_in("officer", "FR"), address(CANARY)))
    html = found(sign_in("officer", "FR"), CANARY)
    for group in ("filings", "cases", "findings"):
        assert f'id="{group}-h"' in html
    assert hidden in html
    assert case.reference in html
    assert titles(found(sign_in("officer", "FR"), case.reference)) == [case.reference]
    own = found(sign_in("provider_administrator", aurelia), CANARY)
    assert 'id="cases-h"' not in own
    assert 'id="findings-h"' not in own
    assert "Aurelia Research" in titles(found(sign_in("officer", "FR"), "aurelia"))
    assert titles(found(sign_in("officer", "ES"), CANARY)) == []


def test_an_authority_says_first_why_it_looks_and_its_looks_are_logged(sign_in: SignIn, hidden: str) -> None:
    browser = sign_in("officer", "FR")
    forget_purpose(browser)
    answer = browser.get(address(CANARY))
    assert answer.headers["Location"].startswith(reverse("oversight-purpose"))
    assert not Look.objects.exists()
    browser = sign_in("officer", "FR")
    found(browser, CANARY)
    assert list(Look.objects.values_list("reference", "kind")) == [(hidden, "listed")]


@pytest.mark.parametrize("typed", [*ODD, "word " * 3_000, "<script>alert(1)</script>", "a\x00b", "🦆", "%_\\", "'; --"])
def test_anything_can_be_asked(sign_in: SignIn, aurelia: Organisation, typed: str) -> None:
    for browser in (sign_in("officer", "FR"), sign_in("provider_reader", aurelia)):
        html = body(browser, address(typed))
        assert_sound(html)
        assert "<script>alert" not in html
        assert "\x00" not in html


def test_what_was_written_in_a_filing_is_shown_as_text(sign_in: SignIn, alice: Actor, file: File) -> None:
    file(alice, model__name=f"<b>{CANARY}</b> & <mark>")
    html = found(sign_in("officer", "FR"), CANARY)
    assert f"&lt;b&gt;<mark>{CANARY}</mark>&lt;/b&gt; &amp; &lt;mark&gt;" in html


@pytest.mark.parametrize("language", ["en", "fr", "de"])
def test_the_page_is_whole_in_every_language(sign_in: SignIn, hidden: str, language: str) -> None:
    browser = sign_in("officer", "FR")
    for words in (CANARY, "Qwxzv", ""):
        assert_sound(body(browser, in_language(address(words), language)), language=language)


def test_many_results_cost_no_more_questions_and_lead_to_the_queue(sign_in: SignIn, alice: Actor, file: File) -> None:
    browser, counts = sign_in("officer", "FR"), []
    found(browser, CANARY)  # what the first page of a session costs
    for number in range(22):
        file(alice, run__client_run_id=f"{CANARY}-{number}")
        if number in {0, 21}:
            with CaptureQueriesContext(connection) as queries:
                html = found(browser, CANARY)
            counts.append(len(queries))
    assert counts[0] == counts[1]
    assert len(titles(html)) == search.SHOWN
    assert "The first 20 results." in html
    link = f"{reverse('queue')}?{urlencode({'q': CANARY})}"
    assert link in html
    assert "1 to 20 of 22" in body(browser, link)


def test_what_is_told_roughly_is_not_searched(monkeypatch: pytest.MonkeyPatch, aurelia: Organisation) -> None:
    olga, reader = person("officer", territory="FR"), person("provider_reader", organisation=aurelia)
    assert {kind for kind in search._SEARCHED if search.may_search(kind, olga)} == set(search._SEARCHED)
    assert not {"case", "finding"} & {kind for kind in search._SEARCHED if search.may_search(kind, reader)}
    assert not any(search.may_search(kind, person("analyst", territory="EU")) for kind in search._SEARCHED)
    exactly = precision.precision

    def roughly(**asked: Any) -> Precision:
        return Precision.MAGNITUDE if asked["resource"] == "document" else exactly(**asked)

    monkeypatch.setattr(precision, "precision", roughly)
    assert not search.may_search("filing", olga)
    assert search.may_search("organisation", olga)


def test_each_index_answers_to_its_search(hidden: str) -> None:
    """Who sees all rows of a table uses the index; a territory's rows are found by territory first."""
    nora = person("ai_office_officer", territory="EU")
    with acting_as(nora), connection.cursor() as cursor:
        cursor.execute("set local enable_seqscan = off")
        for words, table, index in (
            ("ecar_document_words(canonical)", "filings_version", "version_by_words"),
            ("ecar_words(rule, subject_name)", "screening_finding", "finding_by_words"),
        ):
            cursor.execute(f"explain select id from {table} where {words} @@ websearch_to_tsquery('simple', 'a')")  # noqa: S608
            assert index in "\n".join(line for (line,) in cursor.fetchall())
