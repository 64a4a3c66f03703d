"""The providers of a territory: who sees them, what the list narrows to, what the page of one tells and logs."""

import csv
import io
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from registry.acting import Actor, acting_as
from registry.filings import ownership_statements
from registry.filings.models import Duty
from registry.organisations.models import Organisation
from registry.oversight import provider_queries
from registry.oversight.models import Look
from registry.oversight.provider_queries import Sought
from tests.registry.portal.conftest import File, SignIn, forget_purpose
from tests.registry.portal.test_pages import assert_sound
from tests.statements import statement

pytestmark = pytest.mark.django_db


def address(organisation: Organisation) -> str:
    return reverse("oversight-provider", args=[organisation.id])


def page(browser: Client, where: str, **query: str) -> str:
    answer = browser.get(where, query)
    assert answer.status_code == 200, answer.content
    return answer.content.decode()


def listed(browser: Client, **query: str) -> str:
    return page(browser, reverse("oversight-providers"), **query)


def test_the_list_tells_how_each_stands(
    sign_in: SignIn, file: File, alice: Actor, aurelia: Organisation, cantabria: Organisation
) -> None:
    file(by=alice)
    html = listed(sign_in("ai_office_officer", "EU"))
    assert_sound(html)
    assert address(aurelia) in html
    assert address(cantabria) in html


def test_an_officer_sees_those_of_its_territory(
    sign_in: SignIn, aurelia: Organisation, cantabria: Organisation
) -> None:
    html = listed(sign_in("officer", "FR"), state="ES")
    assert address(aurelia) in html
    assert address(cantabria) not in html


@pytest.mark.parametrize(
    ("query", "is_there"),
    [
        ({"q": "aurel"}, True),
        ({"q": "nobody of this name"}, False),
        ({"q": "\x00"}, True),
        ({"standing": "waiting"}, True),
        ({"standing": "found"}, False),
        ({"standing": "nonsense"}, True),
        ({"role": "developer"}, True),
        ({"page": "99"}, True),
    ],
)
def test_filters_narrow_the_list(
    sign_in: SignIn, file: File, alice: Actor, aurelia: Organisation, query: dict[str, str], is_there: bool
) -> None:
    file(by=alice)
    assert (address(aurelia) in listed(sign_in("officer", "FR"), **query)) is is_there


def test_overdue_duties_are_counted_and_found(
    sign_in: SignIn, file: File, alice: Actor, aurelia: Organisation, olga: Actor, noon: datetime
) -> None:
    file(by=alice)
    later = noon + timedelta(days=4000)
    with acting_as(olga, read_only=True) as actor:
        overdue = Sought(standing=provider_queries.OVERDUE)
        assert aurelia in provider_queries.providers(actor, overdue, at=later)
        assert aurelia not in provider_queries.providers(actor, overdue, at=noon - timedelta(days=4000))
        how = provider_queries.standings(actor, [aurelia.id], at=later)[aurelia.id]
        owed = list(provider_queries.owed_by(aurelia, actor))
    assert how.filings == 1
    assert how.overdue == len([each for each in owed if each.met_at is None])
    assert how.judged == len(owed)


def test_the_list_takes_no_more_queries_for_more_providers(
    sign_in: SignIn, file: File, alice: Actor, aurelia: Organisation, cantabria: Organisation
) -> None:
    file(by=alice)
    browser = sign_in("ai_office_officer", "EU")

    def asked(**query: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            listed(browser, **query)
        return len(captured)

    listed(browser)
    assert asked(q="aurelia") == asked()


def test_the_page_of_one_tells_all_of_it_and_logs_each_look(
    sign_in: SignIn, file: File, alice: Actor, aurelia: Organisation, noon: datetime
) -> None:
    reference = file(by=alice)
    with acting_as(alice):
        ownership_statements.state(content=statement(), revision=0, by=alice, at=noon)
    html = page(sign_in("officer", "FR"), address(aurelia))
    assert_sound(html)
    assert (
        html.count('class="duty"')
        == Duty.objects.filter(organisation=aurelia, is_current=True).exclude(due_at=None).count()
    )
    for uid in ("punctuality", "cases", "findings", "filings", "facilities", "returns", "history", "owners"):
        assert f'id="{uid}-h"' in html
    assert "positions-h" not in html  # of the Union's authority alone
    assert reference in html
    assert Look.objects.filter(reference=reference, kind="listed").count() == 1


def test_the_unions_authority_sees_positions_too(sign_in: SignIn, aurelia: Organisation) -> None:
    html = page(sign_in("ai_office_officer", "EU"), address(aurelia))
    assert_sound(html)
    assert 'id="positions-h"' in html


@pytest.mark.parametrize(
    ("role", "place", "status"),
    [("officer", "ES", 404), ("ai_office_officer", "EU", 200), ("analyst", "FR", 403), ("auditor", "EU", 403)],
)
def test_only_the_competent_authority_sees_it(
    sign_in: SignIn, aurelia: Organisation, role: str, place: str, status: int
) -> None:
    browser = sign_in(role, place)
    for where in (address(aurelia), reverse("oversight-provider-file", args=[aurelia.id, "svg"])):
        assert browser.get(where).status_code == status


def test_a_purpose_is_asked_first(sign_in: SignIn, aurelia: Organisation) -> None:
    browser = sign_in("officer", "FR")
    forget_purpose(browser)
    files = reverse("oversight-provider-file", args=[aurelia.id, "csv"])
    for where in (reverse("oversight-providers"), address(aurelia), files):
        assert browser.get(where).headers["Location"].startswith(reverse("oversight-purpose"))


def test_the_duties_are_a_file_that_names_no_filing(
    sign_in: SignIn, file: File, alice: Actor, aurelia: Organisation
) -> None:
    reference = file(by=alice)
    browser = sign_in("officer", "FR")
    table = browser.get(reverse("oversight-provider-file", args=[aurelia.id, "csv"])).getvalue().decode()
    head, *rows = csv.reader(io.StringIO(table))
    assert head == ["last_day", "duty", "state"]
    assert rows
    assert reference not in table
    assert browser.get(reverse("oversight-provider-file", args=[aurelia.id, "x"])).status_code == 404


def test_a_filing_leads_to_its_provider(sign_in: SignIn, file: File, alice: Actor, aurelia: Organisation) -> None:
    reference = file(by=alice)
    html = page(sign_in("officer", "FR"), reverse("oversight-filings-one", args=[reference]))
    assert address(aurelia) in html


@pytest.mark.parametrize("language", ["fr", "de"])
def test_the_pages_are_told_in_other_languages(
    sign_in: SignIn, file: File, alice: Actor, aurelia: Organisation, language: str
) -> None:
    file(by=alice)
    browser = sign_in("officer", "FR")
    with translation.override(language):
        places = (reverse("oversight-providers"), address(aurelia))
    for where in places:
        html = page(browser, where)
        assert_sound(html, language=language)
        for english in ("Duties in time", "Punctuality", "What happened", "Findings not decided"):
            assert english not in html
