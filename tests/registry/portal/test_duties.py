"""Duties and requests as people get them: asking, deciding, designating, and the preview of a change of rules."""

import re
import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from registry.acting import Actor, acting_as
from registry.filings import actions, duty_actions
from registry.filings.models import Act, Decision, Duty, Plea, Version
from registry.languages import SPOKEN
from registry.organisations.models import Organisation
from registry.oversight.models import Look
from tests.registry.portal.conftest import File, SignIn, forget_purpose
from tests.registry.portal.test_pages import assert_sound, body, in_language

LATE = {"run__known_on": "2026-10-19"}
NOTIFICATION, OWNERS, SUMMARY = "systemic_risk_notification", "ownership_confirmation", "training_content_summary"


def duty_of(reference: str, code: str) -> Duty:
    """The present duty of that code, the earliest."""
    present = Duty.objects.select_related("filing").filter(filing__reference=reference, code=code, is_current=True)
    return present.order_by("falls_at")[0]


def address(reference: str, code: str, verb: str = "one") -> str:
    """The provider's page of a duty, or where one of its forms goes."""
    duty = duty_of(reference, code)
    return reverse(f"workspace-duties-{verb}", args=[reference, code, duty.trigger_on.isoformat()])


def asked(by: Actor, reference: str, code: str, *, at: datetime, kind: str = "excuse") -> Plea:
    """A request of the provider that waits."""
    duty = duty_of(reference, code)
    about: dict[str, Any] = {"reference": reference, "code": code, "trigger_on": duty.trigger_on}
    with acting_as(by):
        if kind == "excuse":
            duty_actions.ask_excuse(**about, reason="The signatory was ill.", by=by, at=at)
        else:
            until = max(duty.falls_at, at) + timedelta(days=30)
            duty_actions.ask_extension(**about, reason="A fire in the hall.", until=until, by=by, at=at)
    return Plea.objects.get(decision__isnull=True, duty=duty)


def page_of(browser: Client, plea: Plea) -> str:
    """The request's page, with its purpose stated."""
    place = [plea.filing.reference, plea.id]
    browser.post(reverse("oversight-pleas-open", args=place), {"purpose": "review"})
    return body(browser, reverse("oversight-pleas-one", args=place))


def decide(browser: Client, plea: Plea, verdict: str, **form: str) -> str:
    """Decide by the form, and read the page after it."""
    address = reverse("oversight-pleas-decide", args=[plea.filing.reference, plea.id])
    browser.post(address, {"verdict": verdict, "reason": "As told.", **form})
    return page_of(browser, plea)


# --- the provider ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", SPOKEN)
@pytest.mark.parametrize("view", ["todo", "overdue", "asked", "late", "done", "later", "nonsense"])
def test_the_list_of_duties_is_sound(
    sign_in: SignIn, alice: Actor, aurelia: Organisation, file: File, view: str, language: str
) -> None:
    file(alice, **LATE)
    html = body(
        sign_in("provider_reader", aurelia), in_language(reverse("workspace-duties"), language) + f"?view={view}"
    )
    assert_sound(html, language=language)


@pytest.mark.parametrize("language", SPOKEN)
@pytest.mark.parametrize("code", [NOTIFICATION, OWNERS])
def test_the_page_of_a_duty_is_sound(
    sign_in: SignIn, alice: Actor, aurelia: Organisation, file: File, code: str, language: str
) -> None:
    reference = file(alice, **LATE)
    html = body(sign_in("provider_submitter", aurelia), in_language(address(reference, code), language))
    assert_sound(html, language=language)


def test_a_late_duty_is_marked_on_both_sides(sign_in: SignIn, alice: Actor, aurelia: Organisation, file: File) -> None:
    reference = file(alice, **LATE)
    mine = body(sign_in("provider_reader", aurelia), reverse("workspace-duties") + "?view=late")
    assert "Done late" in mine
    assert reference in mine
    officer = sign_in("officer", "FR")
    officer.post(reverse("oversight-filings-open", args=[reference]), {"purpose": "review"})
    assert "Done late" in body(officer, reverse("oversight-filings-one", args=[reference]))


def test_an_extension_that_was_granted_is_the_due_moment_everywhere(
    sign_in: SignIn, alice: Actor, olga: Actor, aurelia: Organisation, file: File
) -> None:
    reference, now = file(alice), datetime.now(UTC)
    plea = asked(alice, reference, OWNERS, at=now, kind="extension")
    with acting_as(olga):
        duty_actions.decide(
            plea=plea.id,
            is_granted=True,
            reason="It burnt.",
            granted_until=datetime(2028, 2, 29, 22, 59, 59, tzinfo=UTC),
            by=olga,
            at=now,
        )
    browser = sign_in("provider_reader", aurelia)
    for shown in (
        reverse("workspace-duties"),
        reverse("workspace-filings-one", args=[reference]),
        address(reference, OWNERS),
    ):
        assert "29 February 2028" in body(browser, shown), shown
    assert "extended; by law" in body(browser, address(reference, OWNERS))


def test_the_next_duty_of_the_workspace_counts_what_was_granted(
    sign_in: SignIn, alice: Actor, olga: Actor, aurelia: Organisation, file: File
) -> None:
    reference, now = file(alice), datetime.now(UTC)
    browser = sign_in("provider_reader", aurelia)
    todo = Duty.objects.filter(met_at__isnull=True, due_at__isnull=False, is_current=True).order_by("falls_at")
    first = todo[0]
    if first.code != OWNERS:
        Duty.objects.exclude(code=OWNERS).update(is_current=False)
    before = re.findall(r"\d+ \w+ 20\d\d", body(browser, reverse("workspace")))
    plea = asked(alice, reference, OWNERS, at=now, kind="extension")
    with acting_as(olga):
        duty_actions.decide(plea=plea.id, is_granted=True, reason="It burnt.", by=olga, at=now)
    after = re.findall(r"\d+ \w+ 20\d\d", body(browser, reverse("workspace")))
    assert before != after


def test_a_provider_asks_for_more_time_by_the_form(
    sign_in: SignIn, alice: Actor, aurelia: Organisation, file: File
) -> None:
    reference, browser = file(alice), sign_in("provider_submitter", aurelia)
    duty = duty_of(reference, OWNERS)
    until = (max(duty.falls_at, datetime.now(UTC)) + timedelta(days=20)).date()
    assert "Ask for more time" in body(browser, address(reference, OWNERS))
    browser.post(address(reference, OWNERS, "extension"), {"until": until.isoformat(), "reason": "A fire."})
    html = body(browser, address(reference, OWNERS))
    assert "Its decision will stand here" in html
    assert "A fire." in html
    assert "Decision awaited" in html
    assert "extension/" not in html
    assert reference in body(browser, reverse("workspace-duties") + "?view=asked")


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ({"until": "2030-13-01", "reason": "x"}, "Choose a day."),
        ({"until": "2030-01-01", "reason": " "}, "Write what the other side will read."),
        ({"until": "2001-01-01", "reason": "x"}, "It must lie ahead"),
        ({}, "Choose a day."),
    ],
)
def test_a_form_that_lacks_something_says_what(
    sign_in: SignIn, alice: Actor, aurelia: Organisation, file: File, form: dict[str, str], told: str
) -> None:
    reference, browser = file(alice), sign_in("provider_submitter", aurelia)
    browser.post(address(reference, OWNERS, "extension"), form)
    assert told in body(browser, address(reference, OWNERS))
    assert not Plea.objects.exists()


@pytest.mark.parametrize(("language", "told"), [("fr", "décision est attendue"), ("de", "Entscheidung")])
def test_a_refusal_is_told_in_the_language_of_the_page(
    sign_in: SignIn, alice: Actor, aurelia: Organisation, file: File, language: str, told: str
) -> None:
    reference, browser = file(alice, **LATE), sign_in("provider_submitter", aurelia)
    asked(alice, reference, NOTIFICATION, at=datetime.now(UTC))
    browser.post(in_language(address(reference, NOTIFICATION, "excuse"), language), {"reason": "x"})
    html = body(browser, in_language(address(reference, NOTIFICATION), language))
    notice = re.search(r'class="notice notice--error".*?</p>', html, re.DOTALL)
    assert notice is not None
    assert told in notice[0]


def test_a_provider_asks_to_be_excused_for_what_is_late_and_reads_the_decision(
    sign_in: SignIn, alice: Actor, aurelia: Organisation, file: File
) -> None:
    reference, browser, nora = (
        file(alice, **LATE),
        sign_in("provider_submitter", aurelia),
        sign_in("ai_office_officer", "EU"),
    )
    browser.post(address(reference, NOTIFICATION, "excuse"), {"reason": "The signatory was ill."})
    decide(nora, Plea.objects.get(), "grant", reason="A doctor says so.")
    html = body(browser, address(reference, NOTIFICATION))
    assert_sound(html)
    assert "A doctor says so." in html
    assert "Late, excused" in html
    assert "excuse/" not in html


def test_a_reader_of_the_provider_asks_nothing(
    sign_in: SignIn, alice: Actor, aurelia: Organisation, file: File
) -> None:
    reference, reader = file(alice, **LATE), sign_in("provider_reader", aurelia)
    assert "decide__form" not in body(reader, address(reference, NOTIFICATION))
    for verb in ("extension", "excuse", "reassessment", "report", "rebuttal"):
        assert reader.post(address(reference, NOTIFICATION, verb), {"reason": "x"}).status_code == 403


def test_a_stranger_finds_no_duty(sign_in: SignIn, alice: Actor, cantabria: Organisation, file: File) -> None:
    reference, stranger = file(alice, **LATE), sign_in("provider_administrator", cantabria)
    body(stranger, address(reference, NOTIFICATION), status=404)
    assert stranger.post(address(reference, NOTIFICATION, "excuse"), {"reason": "x"}).status_code == 404
    body(stranger, reverse("workspace-duties-one", args=[reference, "nothing", "never"]), status=404)
    assert reference not in body(stranger, reverse("workspace-duties"))


def test_a_rebuttal_is_filed_as_an_update_otherwise_unchanged(
    sign_in: SignIn, alice: Actor, aurelia: Organisation, file: File
) -> None:
    reference, browser = file(alice), sign_in("provider_submitter", aurelia)
    form = {
        "summary": "The model only transcribes speech.",
        "topic": "benchmarks",
        "explanation": "Far below the state of the art.",
        "benchmark": "MMLU",
        "score": "31.0",
        "forecast": "yes",
        "name": "Claire Vasseur",
        "capacity": "Chief executive",
    }
    browser.post(address(reference, NOTIFICATION, "rebuttal"), form)
    assert "Confirm that you answer" in body(browser, address(reference, NOTIFICATION))
    browser.post(address(reference, NOTIFICATION, "rebuttal"), {**form, "acknowledged": "yes"})
    html = body(browser, address(reference, NOTIFICATION))
    assert "Its decision will stand here" in html, re.findall(r'class="notice[^>]*>.*?</p>', html, re.DOTALL)
    assert Version.objects.filter(filing__reference=reference).count() == 2
    assert Plea.objects.get().reason == form["summary"]
    assert "rebuttal/" not in html


def test_what_was_done_elsewhere_is_reported_by_the_form(
    sign_in: SignIn, alice: Actor, aurelia: Organisation, file: File
) -> None:
    reference = file(alice)
    browser, page = sign_in("provider_submitter", aurelia), address(reference, SUMMARY)
    assert "Report as done" in body(browser, page)
    browser.post(address(reference, SUMMARY, "report"), {"done_on": "2026-11-02", "evidence": " "})
    assert "Write what the other side will read." in body(browser, page)
    browser.post(address(reference, SUMMARY, "report"), {"done_on": "2026-11-02", "evidence": "https://example.org"})
    assert "Reported." in body(browser, page)
    made = Act.objects.get()
    assert (made.kind, made.done_on, made.evidence) == ("training_summary", date(2026, 11, 2), "https://example.org")


def test_the_calendar_is_a_file_of_events(sign_in: SignIn, alice: Actor, aurelia: Organisation, file: File) -> None:
    reference = file(alice)
    for browser, route in (
        (sign_in("provider_reader", aurelia), "workspace-duties-calendar"),
        (sign_in("officer", "FR"), "oversight-duties-calendar"),
    ):
        answer = browser.get(reverse(route))
        assert answer.headers["Content-Type"].startswith("text/calendar")
        assert reference.encode() in answer.content.replace(b"\r\n ", b"")
    assert reference.encode() not in sign_in("officer", "ES").get(reverse("oversight-duties-calendar")).content


def test_a_list_of_many_duties_asks_the_database_as_often_as_a_short_one(
    sign_in: SignIn,
    alice: Actor,
    aurelia: Organisation,
    file: File,
    django_assert_max_num_queries: Any,
) -> None:
    browser = sign_in("provider_reader", aurelia)
    file(alice, **LATE)
    with django_assert_max_num_queries(100) as few:
        browser.get(reverse("workspace-duties"))
    for number in range(4):
        reference = file(alice, run__client_run_id=f"more-{number}", **LATE)
        asked(alice, reference, NOTIFICATION, at=datetime.now(UTC))
    with django_assert_max_num_queries(len(few.captured_queries)):
        browser.get(reverse("workspace-duties"))


# --- the authority --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", SPOKEN)
def test_the_pages_of_requests_are_sound(
    sign_in: SignIn, alice: Actor, file: File, noon: datetime, language: str
) -> None:
    plea = asked(alice, file(alice, **LATE), NOTIFICATION, at=noon)
    nora = sign_in("ai_office_officer", "EU")
    page_of(nora, plea)
    listed = body(nora, in_language(reverse("pleas"), language))
    assert plea.filing.reference in listed
    assert_sound(listed, language=language)
    one = in_language(reverse("oversight-pleas-one", args=[plea.filing.reference, plea.id]), language)
    assert_sound(body(nora, one), language=language)


def test_a_request_opens_only_for_a_stated_purpose_and_the_look_is_logged(
    sign_in: SignIn, alice: Actor, file: File, noon: datetime
) -> None:
    plea = asked(alice, file(alice, **LATE), NOTIFICATION, at=noon)
    nora, place = sign_in("ai_office_officer", "EU"), [plea.filing.reference, plea.id]
    forget_purpose(nora)
    ask = nora.get(reverse("oversight-pleas-one", args=place))
    assert ask.headers["Location"] == reverse("oversight-pleas-open", args=place)
    assert_sound(body(nora, ask.headers["Location"]))
    assert not Look.objects.exists()
    stated = nora.post(ask.headers["Location"], {"purpose": "review", "case": "T-1"})
    assert stated.headers["Location"] == reverse("oversight-pleas-one", args=place)
    assert "The signatory was ill." in body(nora, stated.headers["Location"])
    look = Look.objects.get()
    assert look.filing == plea.filing
    assert (look.basis, look.case_reference) == ("review", "T-1")


@pytest.mark.parametrize(
    ("code", "kind", "decides", "leaves"),
    [(NOTIFICATION, "excuse", "EU", "FR"), (OWNERS, "extension", "FR", "EU")],
)
def test_who_a_duty_is_owed_to_decides_and_the_other_reads(
    sign_in: SignIn, alice: Actor, file: File, code: str, kind: str, decides: str, leaves: str
) -> None:
    plea = asked(alice, file(alice, **LATE), code, at=datetime.now(UTC), kind=kind)
    browsers = {"EU": sign_in("ai_office_officer", "EU"), "FR": sign_in("officer", "FR")}
    assert plea.filing.reference in body(browsers[decides], reverse("pleas"))
    assert plea.filing.reference not in body(browsers[leaves], reverse("pleas"))
    assert plea.filing.reference in body(browsers[leaves], reverse("pleas") + "?view=all")
    assert "decide__form" not in page_of(browsers[leaves], plea)
    place = reverse("oversight-pleas-decide", args=[plea.filing.reference, plea.id])
    assert browsers[leaves].post(place, {"verdict": "refuse", "reason": "no"}).status_code == 403
    assert not Decision.objects.exists()
    assert "decide__form" in page_of(browsers[decides], plea)
    assert "Refused" in decide(browsers[decides], plea, "refuse")
    assert not Decision.objects.get().is_granted
    assert plea.filing.reference not in body(browsers[decides], reverse("pleas") + "?view=all")


def test_another_day_than_the_one_asked_for_can_be_granted(sign_in: SignIn, alice: Actor, file: File) -> None:
    plea = asked(alice, file(alice), OWNERS, at=datetime.now(UTC), kind="extension")
    assert plea.duty is not None
    day = (plea.duty.falls_at + timedelta(days=5)).date()
    olga = sign_in("officer", "FR")
    assert "Choose a day." in decide(olga, plea, "grant", until="soon")
    assert "Write what the other side will read." in decide(olga, plea, "grant", until=day.isoformat(), reason=" ")
    assert "Grant or refuse." in decide(olga, plea, "perhaps")
    assert not Decision.objects.exists()
    assert "Granted until" in decide(olga, plea, "grant", until=day.isoformat())
    made = Decision.objects.get()
    assert made.granted_until is not None
    assert made.granted_until.date() == day
    assert "This has been decided." in decide(olga, plea, "refuse")


def test_a_request_is_found_under_its_own_filing_only_and_in_its_own_territory(
    sign_in: SignIn, alice: Actor, file: File, noon: datetime
) -> None:
    plea = asked(alice, file(alice, **LATE), NOTIFICATION, at=noon)
    other = file(alice, run__client_run_id="other")
    nora, pedro = sign_in("ai_office_officer", "EU"), sign_in("officer", "ES")
    for browser, reference, number in (
        (nora, other, plea.id),
        (nora, plea.filing.reference, uuid.UUID(int=1)),
        (pedro, plea.filing.reference, plea.id),
    ):
        place = [reference, number]
        browser.post(reverse("oversight-pleas-open", args=place), {"purpose": "review"})
        body(browser, reverse("oversight-pleas-one", args=place), status=404)
        form = {"verdict": "grant", "reason": "x"}
        assert browser.post(reverse("oversight-pleas-decide", args=place), form).status_code == 404
    assert not Decision.objects.exists()


def test_a_rebuttal_shows_its_arguments_and_is_decided_by_the_ai_office(
    sign_in: SignIn, alice: Actor, aurelia: Organisation, file: File
) -> None:
    argued = {
        "summary": "The model only transcribes speech.",
        "arguments": [{"topic": "benchmarks", "explanation": "Far below the state of the art."}],
        "benchmarks": [{"name": "MMLU", "score": "31.0", "is_forecast": True}],
    }
    reference = file(alice, rebuttal=argued)
    plea, nora = Plea.objects.get(), sign_in("ai_office_officer", "EU")
    html = page_of(nora, plea)
    assert_sound(html)
    assert "Far below the state of the art." in html
    assert "MMLU" in html
    assert "Granted" in decide(nora, plea, "grant", reason="Convincing.")
    provider = body(sign_in("provider_reader", aurelia), reverse("workspace-filings-one", args=[reference]))
    assert_sound(provider)
    assert "Convincing." in provider


def test_the_ai_office_alone_designates_and_the_provider_asks_for_a_reassessment_when_it_may(
    sign_in: SignIn, alice: Actor, aurelia: Organisation, file: File
) -> None:
    reference, nora, olga = file(alice), sign_in("ai_office_officer", "EU"), sign_in("officer", "FR")
    place, page = (reverse(f"oversight-filings-{name}", args=[reference]) for name in ("designate", "one"))
    for browser in (nora, olga):
        browser.post(reverse("oversight-filings-open", args=[reference]), {"purpose": "review"})
    assert "designate/" not in body(olga, page)
    assert olga.post(place, {"reason": "Mine."}).status_code == 403
    assert "designate/" in body(nora, page)
    nora.post(place, {"reason": " "})
    assert "Write what the other side will read." in body(nora, page)
    nora.post(place, {"reason": "Reaches the state of the art."})
    html = body(nora, page)
    assert_sound(html)
    assert "Reaches the state of the art." in html
    assert "designate/" not in html
    provider = sign_in("provider_submitter", aurelia)
    assert "Reaches the state of the art." in body(provider, reverse("workspace-filings-one", args=[reference]))
    duty = body(provider, address(reference, "reassessment_request"))
    assert_sound(duty)
    assert "reassessment/" not in duty
    provider.post(address(reference, "reassessment_request", "reassessment"), {"reason": "New results."})
    assert "A reassessment can be asked for from" in body(provider, address(reference, "reassessment_request"))


def test_a_list_of_many_requests_asks_the_database_as_often_as_a_short_one(
    sign_in: SignIn, alice: Actor, file: File, noon: datetime, django_assert_max_num_queries: Any
) -> None:
    nora = sign_in("ai_office_officer", "EU")
    asked(alice, file(alice, **LATE), NOTIFICATION, at=noon)
    with django_assert_max_num_queries(100) as few:
        nora.get(reverse("pleas"))
    for number in range(4):
        asked(alice, file(alice, run__client_run_id=f"more-{number}", **LATE), NOTIFICATION, at=noon)
    with django_assert_max_num_queries(len(few.captured_queries)):
        assert nora.get(reverse("pleas")).content.count(b"/pleas/") >= 5


def test_the_navigation_and_the_overview_lead_to_requests_and_preview(
    sign_in: SignIn, alice: Actor, file: File, noon: datetime
) -> None:
    asked(alice, file(alice, **LATE), NOTIFICATION, at=noon)
    html = body(sign_in("officer", "FR"), reverse("overview"))
    assert html.count(f'href="{reverse("pleas")}"') == 2
    assert html.count(f'href="{reverse("preview")}"') == 2
    assert "Requests to decide: 1" in html


@pytest.mark.parametrize("name", ["pleas", "preview", "preview-csv", "oversight-duties-calendar"])
def test_a_provider_sees_no_page_of_authorities(sign_in: SignIn, aurelia: Organisation, name: str) -> None:
    body(sign_in("provider_administrator", aurelia), reverse(name), status=403)


@pytest.mark.parametrize("name", ["workspace-duties", "workspace-duties-calendar"])
def test_an_authority_sees_no_page_of_providers(sign_in: SignIn, name: str) -> None:
    body(sign_in("officer", "FR"), reverse(name), status=403)


def test_a_withdrawn_filing_asks_nothing_any_more(
    sign_in: SignIn, alice: Actor, aurelia: Organisation, file: File, noon: datetime
) -> None:
    reference = file(alice, **LATE)
    browser, page = sign_in("provider_submitter", aurelia), address(reference, NOTIFICATION)
    with acting_as(alice):
        actions.withdraw(reference=reference, reason="Called off.", revision=None, by=alice, at=noon)
    body(browser, page, status=404)
    assert reference not in body(browser, reverse("workspace-duties"))
