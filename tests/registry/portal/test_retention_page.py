"""Operator and auditor see how long what is kept; the auditor also what was done; nobody else either."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.urls import reverse

from registry.accounts.policy import of_the_register
from registry.acting import Actor, acting_as
from registry.filings import actions
from registry.organisations.models import Organisation
from registry.oversight import erasure, retention_view
from tests.conftest import NOON
from tests.registry.portal.conftest import File, SignIn
from tests.registry.portal.test_pages import assert_sound, body, in_language

pytestmark = pytest.mark.django_db


def erased_draft(alice: Actor, file: File) -> str:
    reference = file(alice, draft=True)
    housekeeper = of_the_register("housekeeper")
    with acting_as(housekeeper):
        at = NOON.replace(year=NOON.year + 2)
        assert erasure.erase(erasure.grounds()[1], by=housekeeper, at=at, limit=10) == 1
    return reference


@pytest.mark.parametrize("language", ["en", "fr", "de"])
def test_the_auditor_sees_limits_and_runs(sign_in: SignIn, alice: Actor, file: File, language: str) -> None:
    reference = erased_draft(alice, file)
    html = body(sign_in("auditor", "EU"), in_language(reverse("retention"), language))
    assert_sound(html, language=language)
    assert reference in html
    assert "filing.erased" in html
    for limit in retention_view.limits():
        assert limit.table in html


def test_the_operator_sees_limits_and_no_filing(sign_in: SignIn, alice: Actor, file: File) -> None:
    reference = erased_draft(alice, file)
    html = body(sign_in("operator", "EU"), reverse("retention"))
    assert_sound(html)
    assert "10 years" in html
    assert reference not in html


@pytest.mark.parametrize("role", ["officer", "analyst", "statistician"])
def test_nobody_else_sees_it(sign_in: SignIn, role: str) -> None:
    body(sign_in(role, "FR" if role == "officer" else "EU"), reverse("retention"), status=403)


def test_the_dry_run_counts_and_changes_nothing(alice: Actor, file: File) -> None:
    file(alice, draft=True)
    housekeeper = of_the_register("housekeeper")
    for _ in range(2):
        with acting_as(housekeeper, read_only=True):
            found = retention_view.waiting(by=housekeeper, at=NOON.replace(year=NOON.year + 2))
        assert found["Drafts that were never submitted"] == 1
    out = StringIO()
    call_command("retention_report", stdout=out)
    assert "Filings after their period" in out.getvalue()
    assert set(found) == {limit.name for limit in retention_view.limits()} - {
        limit.name for limit in retention_view.limits() if limit.period == "until it expires"
    }


@pytest.mark.parametrize("role", ["officer", "provider_submitter"])
def test_the_page_of_an_erased_filing_still_opens_and_tells_nothing_of_its_content(
    sign_in: SignIn, alice: Actor, olga: Actor, aurelia: Organisation, file: File, role: str
) -> None:
    reference = file(alice, run__client_run_id="canary-7f3a")
    for verb in ("review", "accept"):
        with acting_as(olga):
            actions.decide(reference=reference, verb=verb, reason="in order", by=olga, at=NOON)
    housekeeper = of_the_register("housekeeper")
    with acting_as(housekeeper):
        at = NOON.replace(year=NOON.year + 11)
        assert erasure.erase(erasure.grounds()[0], by=housekeeper, at=at, limit=10) == 1
    place = "workspace-filings-one" if role.startswith("provider") else "oversight-filings-one"
    html = body(sign_in(role, aurelia if role.startswith("provider") else "FR"), reverse(place, args=[reference]))
    assert_sound(html)
    assert reference in html
    assert "canary-7f3a" not in html
