"""Stops of R-22 through the pages: the case and the list lead to the form, two persons record, the stop is lifted."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from registry import tasks
from registry.accounts.models import Proposal
from registry.case_tasks import open_cases
from registry.organisations.models import Organisation
from registry.oversight.models import Case
from registry.screening.authorisations import is_prohibition
from registry.screening.models import Authorisation, Finding
from tests.registry.oversight.cases import NOON, finding
from tests.registry.portal.conftest import SignIn, forget_purpose
from tests.registry.portal.test_pages import assert_sound, body, in_language

pytestmark = pytest.mark.django_db
WHY = "Humanitarian research, decision in the file."
SEEN = {"cases": "customer", "customer_name": "OOO Sever", "served_names": "OOO Sever"}
LIST = "authorisations"


@pytest.fixture
def stop(aurelia: Organisation) -> Finding:
    """A customer of Aurelia that is established in Russia."""
    return stopped(aurelia)


def stopped(provider: Organisation, **changes: Any) -> Finding:
    said: dict[str, Any] = {"rule": "R-22", "severity": "stop", "subject_name": "OOO Sever", "inputs": SEEN, **changes}
    return Finding.objects.get(id=finding(provider, **said))


def day(days: int = 0) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).date().isoformat()


def propose(browser: Client, stop: Finding, **changes: str) -> int:
    said = {
        "reference": "DGT-2026-17",
        "legal_basis": "Art. 5n(10)",
        "from_on": day(-1),
        "until_on": day(30),
        "reason": WHY,
        **changes,
    }
    return browser.post(reverse("authorisations-new", args=[stop.id]), said).status_code


def decide(browser: Client, proposal: Proposal, decision: str) -> int:
    return browser.post(reverse("authorisations-decide", args=[proposal.id]), {"decision": decision}).status_code


def test_case_and_finding_say_stopped_and_lead_to_the_form(sign_in: SignIn, stop: Finding) -> None:
    open_cases()
    browser, form = sign_in("officer", "FR"), reverse("authorisations-new", args=[stop.id])
    for address in (
        reverse("case", args=[Case.objects.get().reference]),
        reverse("findings"),
        reverse(LIST),
    ):
        shown = body(browser, address)
        assert_sound(shown)
        assert form in shown
        assert "Stopped" in shown
    shown = body(browser, form)
    assert_sound(shown)
    assert "OOO Sever, customer of Aurelia Research" in shown


def test_two_persons_record_and_every_page_then_says_until_when(sign_in: SignIn, stop: Finding) -> None:
    open_cases()
    first, second = sign_in("officer", "FR"), sign_in("officer", "FR")
    assert propose(first, stop) == 302
    own, others = body(first, reverse(LIST)), body(second, reverse(LIST))
    assert 'value="withdraw"' in own
    assert 'value="confirm"' not in own
    assert 'value="confirm"' in others
    assert WHY in others
    proposal = Proposal.objects.get()
    decide(first, proposal, "confirm")
    assert "You proposed this yourself" in body(first, reverse(LIST))
    decide(second, proposal, "confirm")
    assert "authorisation being recorded" in body(second, reverse(LIST))
    assert tasks.sweep_proposals() == 1
    row = Authorisation.objects.get()
    assert (row.reference, row.reason, row.organisation_id) == ("DGT-2026-17", WHY, stop.organisation_id)
    for address in (reverse("case", args=[Case.objects.get().reference]), reverse("findings"), reverse(LIST)):
        assert "Authorised until" in body(second, address)
    recorded = body(second, f"{reverse(LIST)}?view=recorded")
    assert_sound(recorded)
    for told in ("DGT-2026-17", "Art. 5n(10)", WHY, "In force", "OOO Sever"):
        assert told in recorded


def test_every_finding_about_the_customer_says_that_it_is_authorised(
    sign_in: SignIn, stop: Finding, aurelia: Organisation
) -> None:
    stopped(aurelia, found_at=NOON - timedelta(days=40))
    first, second = sign_in("officer", "FR"), sign_in("officer", "FR")
    propose(first, stop)
    decide(second, Proposal.objects.get(), "confirm")
    tasks.sweep_proposals()
    assert body(second, reverse("findings")).count("Authorised until") == 2
    assert body(second, reverse(LIST)).count("Authorised until") == 1


@pytest.mark.parametrize(("decision", "by_whom"), [("refuse", 1), ("withdraw", 0)])
def test_what_is_refused_or_withdrawn_leaves_the_stop(
    sign_in: SignIn, stop: Finding, decision: str, by_whom: int
) -> None:
    people = (sign_in("officer", "FR"), sign_in("officer", "FR"))
    propose(people[0], stop)
    decide(people[by_whom], Proposal.objects.get(), decision)
    assert tasks.sweep_proposals() == 0
    assert not Authorisation.objects.exists()
    assert reverse("authorisations-new", args=[stop.id]) in body(people[0], reverse(LIST))


@pytest.mark.parametrize(("from_on", "until_on", "state"), [(-9, -1, "Ended"), (2, 9, "From"), (-1, 0, "In force")])
def test_only_the_days_recorded_lift_the_stop(
    sign_in: SignIn, stop: Finding, from_on: int, until_on: int, state: str
) -> None:
    first, second = sign_in("officer", "FR"), sign_in("officer", "FR")
    propose(first, stop, from_on=day(from_on), until_on=day(until_on))
    decide(second, Proposal.objects.get(), "confirm")
    tasks.sweep_proposals()
    assert state in body(second, f"{reverse(LIST)}?view=recorded")
    assert ("Authorised until" in body(second, reverse(LIST))) is (state == "In force")


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"reference": "\x00"}, "The reference of the decision is needed"),
        ({"legal_basis": ""}, "The legal basis is needed"),
        ({"until_on": "soon"}, "A day is needed"),
        ({"until_on": "2001-01-01"}, "The last day is before the first"),
        ({"reason": "because"}, "A reason of 10 to 500 characters is needed"),
    ],
)
def test_what_is_not_complete_is_asked_again(
    sign_in: SignIn, stop: Finding, changes: dict[str, str], told: str
) -> None:
    said = {"reference": "D-17", "legal_basis": "Art. 5n", "from_on": day(), "until_on": day(9), "reason": WHY}
    answer = sign_in("officer", "FR").post(reverse("authorisations-new", args=[stop.id]), {**said, **changes})
    assert answer.status_code == 400
    assert told in answer.content.decode()
    assert not Proposal.objects.exists()


def test_a_mere_review_stops_nobody_and_the_newest_finding_counts(sign_in: SignIn, aurelia: Organisation) -> None:
    stop = stopped(aurelia, found_at=NOON - timedelta(days=40))
    review = stopped(aurelia, inputs={**SEEN, "cases": "review"}, severity="high")
    browser = sign_in("officer", "FR")
    assert is_prohibition(stop)
    assert not is_prohibition(review)
    assert "No customer is stopped" in body(browser, reverse(LIST))
    body(browser, reverse("authorisations-new", args=[review.id]), status=404)


def test_another_state_sees_no_stop_and_decides_nothing(sign_in: SignIn, stop: Finding) -> None:
    propose(sign_in("officer", "FR"), stop)
    stranger = sign_in("officer", "ES")
    assert "OOO Sever" not in body(stranger, reverse(LIST))
    assert propose(stranger, stop) == 404
    assert decide(stranger, Proposal.objects.get(), "confirm") == 404


def test_the_ai_office_reads_and_leaves_the_proposal_to_the_state(sign_in: SignIn, stop: Finding) -> None:
    browser, form = sign_in("ai_office_officer", "EU"), reverse("authorisations-new", args=[stop.id])
    shown = body(browser, reverse(LIST))
    assert "OOO Sever" in shown
    assert form not in shown
    body(browser, form, status=404)
    assert propose(browser, stop) == 403


def test_the_purpose_is_asked_before_names_are_shown(sign_in: SignIn, stop: Finding) -> None:
    browser = sign_in("officer", "FR")
    forget_purpose(browser)
    for address in (reverse(LIST), reverse("authorisations-new", args=[stop.id])):
        assert "OOO Sever" not in browser.get(address).content.decode()


@pytest.mark.parametrize("language", ["en", "fr", "de"])
def test_lists_and_form_are_whole_in_every_language(sign_in: SignIn, stop: Finding, language: str) -> None:
    first, second = sign_in("officer", "FR"), sign_in("officer", "FR")
    propose(first, stop)
    form = reverse("authorisations-new", args=[stop.id])
    for address in (reverse(LIST), form):
        assert_sound(body(second, in_language(address, language)), language=language)
    decide(second, Proposal.objects.get(), "confirm")
    tasks.sweep_proposals()
    recorded = f"{in_language(reverse(LIST), language)}?view=recorded"
    assert_sound(body(second, recorded), language=language)


@pytest.mark.parametrize("role", ["analyst", "operator", "statistician", "auditor"])
def test_nobody_else_sees_the_page(sign_in: SignIn, role: str) -> None:
    body(sign_in(role, "EU"), reverse(LIST), status=403)
