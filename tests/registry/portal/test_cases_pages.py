"""Findings and cases through the pages: found, taken up, assigned, told whole, closed, counted."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from registry import tasks
from registry.acting import Actor
from registry.case_tasks import open_cases
from registry.organisations.models import Organisation
from registry.oversight.models import Case, CaseFinding, CaseStep, Look
from registry.screening.models import Finding
from tests.registry.oversight.cases import finding
from tests.registry.portal.conftest import File, SignIn, forget_purpose
from tests.registry.portal.test_pages import assert_sound, body, in_language

pytestmark = pytest.mark.django_db
LATE = {"run__known_on": "2026-10-01"}
REASON = "The land register names another owner."
SEEN = {
    "cases": "undeclared",
    "customer_name": "Sud Calcul SAS",
    "declared_countries": "FR",
    "undeclared_countries": "CN",
    "observed_countries": "CN, FR",
}


def act(browser: Client, case: Case, verb: str, **said: Any) -> Any:
    case.refresh_from_db()
    form = {"revision": case.revision, **said}
    return browser.post(reverse("case-verb", args=[case.reference, verb]), form, follow=True)


def mine(browser: Client) -> str:
    return str(browser.session["_auth_user_id"])


@pytest.fixture
def case(aurelia: Organisation) -> Callable[..., Case]:
    """A case that the register opened for a finding about a customer of Aurelia."""

    def made(**changes: Any) -> Case:
        finding(aurelia, **changes)
        open_cases()
        return Case.objects.order_by("-opened_at", "-reference")[0]

    return made


def test_screening_a_filing_late_opens_a_case_that_its_page_leads_to(sign_in: SignIn, alice: Actor, file: File) -> None:
    """The journey of a filing: filed late, screened, in a case, assigned, closed, counted."""
    reference, browser = file(alice, **LATE), sign_in("officer", "FR")
    tasks.screen_filing(reference=reference, event_key="00000000-0000-0000-0000-000000000001")
    assert open_cases(reference=reference, event_key="x") == 1
    assert open_cases() == 0
    case = Case.objects.get()
    address = reverse("case", args=[case.reference])
    assert address in body(browser, reverse("oversight-filings-one", args=[reference]))
    assert f"{reverse('cases')}?view=unassigned" in body(browser, reverse("overview"))
    shown = body(browser, address)
    assert_sound(shown)
    for told in (reference, "R-01", "Aurelia Research", "2026-10-15", "What happened, in order", "#decide"):
        assert told in shown
    assert Look.objects.filter(reference=reference).exists(), "looking at a case is looking at its filings"
    assert "assigned" in act(browser, case, "assign", person=mine(browser)).content.decode()
    told = act(browser, case, "close", reason_code="filed_wrongly", reason=REASON).content.decode()
    assert "The case is closed." in told
    assert REASON in told
    rules = body(browser, reverse("screening-rules"))
    assert_sound(rules)
    row = re.search(r"<tr>(?:(?!</tr>).)*R-01.*?</tr>", rules, re.DOTALL)
    assert row is not None
    assert "100%" in row[0]
    assert "Confirmed" in body(browser, reverse("oversight-filings-one", args=[reference]))


@pytest.mark.parametrize(
    ("key", "told"),
    [
        ("name:AT:b8720e01ff2b075b10c2cbb5332514a3", "Party known only by its name, Austria, b8720e01"),
        ("", "Customer known only to the provider Aurelia Research"),
    ],
)
def test_a_case_shows_no_key_of_a_party_that_has_no_name(
    sign_in: SignIn, case: Callable[..., Case], key: str, told: str
) -> None:
    seen = {**SEEN, "customer_name": key or "customer:6a51:0123abcd"}
    found = case(rule="R-15", inputs=seen, subject_kind="customer", subject_name=key, subject_key="x:1", group_key=key)
    browser = sign_in("officer", "FR")
    for address in (reverse("cases"), reverse("findings"), reverse("case", args=[found.reference])):
        shown = body(browser, address)
        assert "name:AT" not in shown
        assert "customer:" not in shown
    assert told in shown


@pytest.mark.parametrize("language", ["en", "fr", "de"])
def test_every_page_is_whole_in_every_language(
    sign_in: SignIn, aurelia: Organisation, case: Callable[..., Case], language: str
) -> None:
    browser, found = sign_in("officer", "FR"), case(rule="R-15", inputs=SEEN)
    finding(aurelia, rule="R-12", severity="low", inputs={"cases": "?"})
    act(browser, found, "assign", person=mine(browser))
    for address in (
        reverse("findings"),
        reverse("cases"),
        reverse("case", args=[found.reference]),
        reverse("screening-rules"),
    ):
        assert_sound(body(browser, in_language(address, language)), language=language)


def test_low_findings_are_taken_up_from_the_list(sign_in: SignIn, aurelia: Organisation) -> None:
    low, browser = finding(aurelia, severity="low"), sign_in("officer", "FR")
    open_cases()
    assert not Case.objects.exists()
    listed = body(browser, f"{reverse('findings')}?view=waiting&severity=low&rule=R-15")
    assert f'value="{low}"' in listed
    answer = browser.post(reverse("findings-open"), {"finding": [low]})
    case = Case.objects.get()
    assert answer.headers["Location"] == reverse("case", args=[case.reference])
    again = browser.post(reverse("findings-open"), {"finding": [low]}, follow=True)
    assert f"A finding is in the case {case.reference} already." in again.content.decode()
    nothing = browser.post(reverse("findings-open"), {"finding": ["x", "²"]}, follow=True)
    assert "Choose at least one finding." in nothing.content.decode()


def test_the_list_is_narrowed_by_its_address(sign_in: SignIn, aurelia: Organisation) -> None:
    finding(aurelia, subject_name="Alpha SA", group_key="lei:ALPHA", severity="low")
    finding(aurelia, subject_name="Beta SA", group_key="lei:BETA", rule="R-22", severity="stop")
    open_cases()
    browser = sign_in("officer", "FR")
    for query, shown, hidden in (
        ("?severity=low", "Alpha SA", "Beta SA"),
        ("?rule=R-22", "Beta SA", "Alpha SA"),
        ("?view=open", "Beta SA", "Alpha SA"),
        ("?view=waiting", "Alpha SA", "Beta SA"),
        ("?q=lei:BETA", "Beta SA", "Alpha SA"),
        ("?q=alpha", "Alpha SA", "Beta SA"),
    ):
        listed = body(browser, reverse("findings") + query)
        assert shown in listed
        assert hidden not in listed
    assert "No finding fits" in body(browser, reverse("findings") + "?state=ES&q=%00")


def test_the_file_of_findings_has_codes_and_no_names(sign_in: SignIn, aurelia: Organisation) -> None:
    finding(aurelia)
    answer = sign_in("officer", "FR").get(reverse("findings-csv"))
    text = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    assert text.replace('"', "").startswith("finding,rule,version,severity,territory")
    assert "R-15,1,high,FR,customer" in text.replace('"', "")
    assert "Sud Calcul" not in text


def test_several_cases_are_assigned_at_once(sign_in: SignIn, case: Callable[..., Case]) -> None:
    browser = sign_in("officer", "FR")
    cases = [case(group_key=f"lei:{name}") for name in "AB"]
    assert_sound(body(browser, reverse("cases")))
    form = {"case": [each.reference for each in cases], "person": mine(browser)}
    told = browser.post(reverse("cases-assign"), form, follow=True).content.decode()
    assert "2 cases assigned." in told
    assert Case.objects.filter(assigned_to=mine(browser)).count() == 2
    assert all(each.reference in body(browser, f"{reverse('cases')}?view=mine") for each in cases)
    assert "Choose at least one case." in browser.post(reverse("cases-assign"), follow=True).content.decode()
    odd = browser.post(reverse("cases-assign"), {**form, "person": "me"}, follow=True).content.decode()
    assert "Nobody of your authority" in odd


def test_of_two_officers_the_second_reads_that_the_case_changed(sign_in: SignIn, case: Callable[..., Case]) -> None:
    first, second, found = sign_in("officer", "FR"), sign_in("officer", "FR"), case()
    address, form = reverse("case-verb", args=[found.reference, "assign"]), {"revision": found.revision}
    first.post(address, {**form, "person": mine(first)})
    told = second.post(address, {**form, "person": mine(second)}, follow=True).content.decode()
    assert "The case changed since you read it." in told
    found.refresh_from_db()
    assert str(found.assigned_to) == mine(first)
    closing = act(second, found, "close", reason_code="wrong_data", reason=REASON).content.decode()
    assert "Another has this case." in closing


def test_each_finding_is_decided_on_its_own_and_the_case_opened_again(
    sign_in: SignIn, aurelia: Organisation, case: Callable[..., Case]
) -> None:
    browser, found = sign_in("officer", "FR"), case()
    second = finding(aurelia, rule="R-22", severity="stop")
    open_cases()
    act(browser, found, "assign", person=mine(browser))
    act(browser, found, "note", text="Asked the bank <b>again</b>.")
    decided = {"reason_code": "hidden_party", "reason": REASON, f"finding-{second}": "authorised"}
    told = act(browser, found, "close", **decided).content.decode()
    assert "Asked the bank &lt;b&gt;again&lt;/b&gt;." in told
    outcomes = dict(CaseFinding.objects.values_list("finding__rule", "outcome"))
    assert outcomes == {"R-15": "confirmed", "R-22": "explained"}
    told = act(browser, found, "reopen", reason="The owner objects.").content.decode()
    assert "The case is open again." in told
    assert [step.kind for step in CaseStep.objects.order_by("id") if step.kind != "looked"] == [
        "opened", "finding_added", "assigned", "noted", "closed", "reopened",
    ]  # fmt: skip


def test_a_case_is_opened_for_a_purpose_alone(sign_in: SignIn, case: Callable[..., Case]) -> None:
    browser, found = sign_in("officer", "FR"), case()
    forget_purpose(browser)
    for address in (
        reverse("findings"),
        reverse("findings-csv"),
        reverse("cases"),
        reverse("case", args=[found.reference]),
    ):
        assert browser.get(address).headers["Location"].startswith(reverse("oversight-purpose"))
    assert not CaseStep.objects.filter(kind="looked").exists()


@pytest.mark.parametrize(("role", "place", "status"), [("officer", "ES", 404), ("ai_office_officer", "EU", 200)])
def test_who_is_not_competent_finds_nothing(
    sign_in: SignIn, case: Callable[..., Case], role: str, place: str, status: int
) -> None:
    browser, found = sign_in(role, place), case()
    assert browser.get(reverse("case", args=[found.reference])).status_code == status
    assert (found.reference in body(browser, reverse("cases"))) is (status == 200)
    assert ("Sud Calcul" in body(browser, reverse("findings"))) is (status == 200)
    assert browser.post(reverse("case-verb", args=[found.reference, "no-such"])).status_code == 404


@pytest.mark.parametrize("role", ["analyst", "provider_administrator"])
def test_neither_analysts_nor_providers_come_near(
    sign_in: SignIn, aurelia: Organisation, case: Callable[..., Case], role: str
) -> None:
    found = case()
    browser = sign_in(role, aurelia if role.startswith("provider") else "FR")
    for address in (reverse("findings"), reverse("cases"), reverse("case", args=[found.reference])):
        assert browser.get(address).status_code == 403
    assert Finding.objects.count() == 1
