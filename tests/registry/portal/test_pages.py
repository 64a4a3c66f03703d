"""The pages as people get them: who may see which, what stands there, and that no page breaks the security policy."""

import json
import re
from datetime import datetime, timedelta
from html.parser import HTMLParser

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.urls import reverse
from django.utils import translation

from registry.acting import Actor, acting_as
from registry.filings.models import Filing
from registry.ledger import chain
from registry.organisations.models import Organisation
from registry.oversight.models import Look
from tests.registry.portal.conftest import File, SignIn, forget_purpose

PUBLIC = ("home", "statistics", "requirements", "status", "accessibility", "about", "api-reference")
PROTECTED = ("overview", "queue", "queue-csv", "runs-csv", "states-csv", "workspace", "workspace-csv")
VOID = {"meta", "link", "input", "img", "br", "hr", "use", "rect", "path", "line", "circle", "col"}


class Balance(HTMLParser):
    """Finds elements left open, and ids used twice."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Remember it."""
        self.ids += [value for name, value in attrs if name == "id" and value]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An empty element."""
        self.ids += [value for name, value in attrs if name == "id" and value]

    def handle_endtag(self, tag: str) -> None:
        """It closes the last one opened, or something is wrong."""
        if tag not in VOID and (not self.open or self.open.pop() != tag):
            self.wrong.append(tag)


def assert_sound(html: str, *, language: str = "en") -> None:
    """The page is well nested, has no id twice, one heading of the first order, its language, and nothing inline."""
    balance = Balance()
    balance.feed(html)
    assert not balance.wrong
    assert not balance.open
    assert len(balance.ids) == len(set(balance.ids))
    assert html.count("<h1") == 1
    assert f'<html lang="{language}"' in html
    assert not re.search(r"<[^>]+\sstyle=|<style\b|\son[a-z]+=\"|javascript:", html)


def body(client: Client, address: str, *, status: int = 200) -> str:
    """The page at the address."""
    answer = client.get(address)
    assert answer.status_code == status, answer.content[:400]
    translation.activate("en")
    return answer.content.decode()


def in_language(address: str, language: str) -> str:
    """The same page in another language."""
    return address.replace("/en/", f"/{language}/", 1)


@pytest.mark.parametrize("language", ["en", "fr", "de"])
@pytest.mark.parametrize("name", PUBLIC)
def test_a_public_page_is_sound_in_every_language(db: None, client: Client, name: str, language: str) -> None:
    assert_sound(body(client, in_language(reverse(name), language)), language=language)


def test_the_front_door_leads_to_the_language_of_the_visitor(db: None, client: Client) -> None:
    answer = client.get("/", headers={"accept-language": "de-AT,de;q=0.9,en;q=0.5"})
    assert answer.headers["Location"] == "/de/"


def test_a_page_names_itself_in_the_other_languages(db: None, client: Client) -> None:
    html = body(client, "/fr/about/")
    assert '<link rel="alternate" hreflang="de" href="/de/about/">' in html


def test_every_page_sends_the_strict_policy(db: None, client: Client) -> None:
    policy = client.get(reverse("home")).headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize("name", PROTECTED)
def test_nobody_sees_a_protected_page_without_signing_in(db: None, client: Client, name: str) -> None:
    answer = client.get(reverse(name))
    assert answer.status_code == 302
    assert reverse("account_login") in answer.headers["Location"]


@pytest.mark.parametrize("name", ["overview", "queue", "queue-csv", "runs-csv", "states-csv"])
def test_a_provider_does_not_see_pages_of_authorities(sign_in: SignIn, aurelia: Organisation, name: str) -> None:
    assert_sound(body(sign_in("provider_submitter", aurelia), reverse(name), status=403))


@pytest.mark.parametrize("role", ["officer", "analyst", "auditor"])
def test_an_authority_does_not_see_a_workspace(sign_in: SignIn, role: str) -> None:
    body(sign_in(role, "FR"), reverse("workspace"), status=403)


@pytest.mark.parametrize("role", ["analyst", "statistician", "auditor", "operator"])
def test_who_sees_no_identities_does_not_see_the_queue(sign_in: SignIn, role: str) -> None:
    body(sign_in(role, "EU"), reverse("queue"), status=403)


def test_a_person_without_second_factor_is_sent_to_set_one_up(sign_in: SignIn, aurelia: Organisation) -> None:
    browser = sign_in("provider_submitter", aurelia)
    Authenticator.objects.all().delete()
    answer = browser.get(reverse("workspace"))
    assert answer.headers["Location"] == reverse("mfa_index")


@pytest.mark.parametrize(
    ("role", "place", "lands"),
    [
        ("officer", "FR", "overview"),
        ("ai_office_officer", "EU", "overview"),
        ("auditor", "EU", "access-log"),
        ("statistician", "EU", "publications"),
        ("publisher", "EU", "publications"),
        ("operator", "EU", "retention"),
    ],
)
def test_everybody_lands_where_the_role_works(sign_in: SignIn, role: str, place: str, lands: str) -> None:
    assert sign_in(role, place).get(reverse("portal-start")).headers["Location"] == reverse(lands)


@pytest.mark.parametrize("language", ["en", "fr", "de"])
@pytest.mark.parametrize("name", ["overview", "queue"])
def test_the_pages_of_an_authority_are_sound(
    sign_in: SignIn, alice: Actor, file: File, name: str, language: str
) -> None:
    file(alice)
    html = body(sign_in("officer", "FR"), in_language(reverse(name), language))
    assert_sound(html, language=language)
    assert "Aurelia Research" in html


def test_the_overview_is_sound_before_anything_was_filed(sign_in: SignIn) -> None:
    assert_sound(body(sign_in("ai_office_officer", "EU"), reverse("overview")))


def test_an_officer_sees_the_own_territory_only(sign_in: SignIn, alice: Actor, charlie: Actor, file: File) -> None:
    file(alice)
    file(charlie, filer__legal_name="Cantabria IA", filer__seat_country="ES", run__client_run_id="cantabria-1")
    html = body(sign_in("officer", "ES"), reverse("queue"))
    assert "Cantabria IA" in html
    assert "Aurelia" not in html


def test_a_draft_is_nowhere_to_be_seen_by_an_authority(sign_in: SignIn, alice: Actor, file: File) -> None:
    reference = file(alice, draft=True)
    browser = sign_in("officer", "FR")
    assert reference not in body(browser, reverse("queue"))
    browser.post(reverse("oversight-filings-open", args=[reference]), {"purpose": "review"})
    body(browser, reverse("oversight-filings-one", args=[reference]), status=404)


def test_a_filing_opens_only_for_a_stated_purpose_and_the_look_is_logged(
    sign_in: SignIn, alice: Actor, file: File
) -> None:
    reference = file(alice)
    browser, address = sign_in("officer", "FR"), reverse("oversight-filings-one", args=[reference])
    forget_purpose(browser)
    ask = browser.get(address)
    assert ask.headers["Location"] == reverse("oversight-filings-open", args=[reference])
    assert_sound(body(browser, ask.headers["Location"]))
    assert not Look.objects.exists()
    browser.post(ask.headers["Location"], {"purpose": "review", "case": "T-1"})
    assert_sound(body(browser, address))
    look = Look.objects.get()
    assert look.filing.reference == reference
    assert (look.basis, look.case_reference) == ("review", "T-1")


def test_a_purpose_that_is_not_in_the_list_is_refused(sign_in: SignIn, alice: Actor, file: File) -> None:
    reference = file(alice)
    answer = sign_in("officer", "FR").post(
        reverse("oversight-filings-open", args=[reference]), {"purpose": "curiosity"}
    )
    assert answer.status_code == 400


def test_a_foreign_filing_and_none_look_alike(sign_in: SignIn, alice: Actor, file: File) -> None:
    foreign, browser = file(alice), sign_in("officer", "ES")
    pages = []
    for reference in (foreign, "ECAR-2026-999999-6"):
        browser.post(reverse("oversight-filings-open", args=[reference]), {"purpose": "review"})
        answer = browser.get(reverse("oversight-filings-one", args=[reference]))
        shown = re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", answer.content.decode())
        pages.append((answer.status_code, shown.replace(reference, "")))
    assert pages[0] == pages[1]
    assert pages[0][0] == 404


def opened(browser: Client, reference: str) -> str:
    """The filing's page, with its purpose stated."""
    browser.post(reverse("oversight-filings-open", args=[reference]), {"purpose": "review"})
    return body(browser, reverse("oversight-filings-one", args=[reference]))


def step(browser: Client, reference: str, verb: str, **form: str) -> str:
    """Take a step from the page as it stands, and read the page after it."""
    revision = str(Filing.objects.get(reference=reference).revision)
    browser.post(reverse(f"oversight-filings-{verb}", args=[reference]), {"revision": revision, **form})
    return opened(browser, reference)


def test_an_officer_takes_up_asks_and_accepts(sign_in: SignIn, alice: Actor, aurelia: Organisation, file: File) -> None:
    reference, officer, provider = file(alice), sign_in("officer", "FR"), sign_in("provider_submitter", aurelia)
    assert "Taken up" in step(officer, reference, "review")
    assert "Which inclusions?" in step(officer, reference, "ask", reason="Which inclusions?")
    mine = reverse("workspace-filings-one", args=[reference])
    page = body(provider, mine)
    assert_sound(page)
    assert "Which inclusions?" in page
    provider.post(reverse("workspace-filings-answer", args=[reference]), {"answer": "All of stage two."})
    assert "All of stage two." in body(provider, mine)
    assert_sound(step(officer, reference, "accept", reason="Complete."))
    assert Filing.objects.get(reference=reference).status == "accepted"


def test_a_decision_needs_its_reason(sign_in: SignIn, alice: Actor, file: File) -> None:
    reference, officer = file(alice), sign_in("officer", "FR")
    step(officer, reference, "review")
    assert "A decision needs its reason." in step(officer, reference, "accept", reason=" ")
    assert Filing.objects.get(reference=reference).status == "in_review"


def test_a_decision_on_a_page_that_is_out_of_date_is_refused(sign_in: SignIn, alice: Actor, file: File) -> None:
    reference, officer = file(alice), sign_in("officer", "FR")
    officer.post(reverse("oversight-filings-review", args=[reference]), {"revision": "0"})
    assert "The filing changed since you opened the page." in opened(officer, reference)
    assert Filing.objects.get(reference=reference).status == "submitted"


def test_a_reader_of_the_provider_cannot_withdraw(
    sign_in: SignIn, alice: Actor, aurelia: Organisation, file: File
) -> None:
    reference = file(alice)
    browser = sign_in("provider_reader", aurelia)
    assert "withdraw/" not in body(browser, reverse("workspace-filings-one", args=[reference]))
    answer = browser.post(reverse("workspace-filings-withdraw", args=[reference]), {"reason": "no", "revision": "1"})
    assert answer.status_code == 403


def test_a_stranger_finds_nothing(sign_in: SignIn, alice: Actor, cantabria: Organisation, file: File) -> None:
    reference, stranger = file(alice), sign_in("provider_administrator", cantabria)
    body(stranger, reverse("workspace-filings-one", args=[reference]), status=404)
    body(stranger, reverse("workspace-filings-versions-one", args=[reference, 1]), status=404)
    body(stranger, reverse("workspace-filings-receipt", args=[reference, 1]), status=404)
    assert reference not in body(stranger, reverse("workspace"))
    assert reference not in b"".join(stranger.get(reverse("workspace-csv"))).decode()  # type: ignore[arg-type]


def test_a_provider_sees_who_looked_but_no_findings(
    sign_in: SignIn, alice: Actor, aurelia: Organisation, file: File
) -> None:
    reference = file(alice)
    opened(sign_in("officer", "FR"), reference)
    page = body(sign_in("provider_reader", aurelia), reverse("workspace-filings-one", args=[reference]))
    assert "Opened by an authority" in page
    assert "findings-h" not in page


def test_a_provider_downloads_document_and_receipt_that_fit(
    sign_in: SignIn, alice: Actor, aurelia: Organisation, file: File
) -> None:
    reference, browser = file(alice), sign_in("provider_reader", aurelia)
    document = json.loads(body(browser, reverse("workspace-filings-versions-one", args=[reference, 1])))
    kept = json.loads(body(browser, reverse("workspace-filings-receipt", args=[reference, 1])))
    assert document["run"]["client_run_id"] == "aurelia-3-pretraining"
    opening = {name: bytes.fromhex(value) for name, value in kept["opening"].items()}
    commitment = chain.commitment(salt=opening["salt"], digest=opening["document_sha256"])
    assert kept["receipt"]["commitment"] == commitment.hex()


def test_a_list_of_many_is_paged_and_keeps_its_filters(sign_in: SignIn, alice: Actor, file: File) -> None:
    for number in range(22):
        file(alice, run__client_run_id=f"run-{number}")
    browser = sign_in("officer", "FR")
    html = body(browser, reverse("queue") + "?band=above-1e25&page=2")
    assert "21 to 22 of 22" in html
    assert "band=above-1e25&amp;page=1" in html
    assert "No filing fits" in body(browser, reverse("queue") + "?q=nobody")
    assert_sound(body(browser, reverse("queue") + "?page=99999&status=nonsense&view=unknown"))


def test_a_csv_cell_is_never_a_formula(sign_in: SignIn, alice: Actor, aurelia: Organisation, file: File) -> None:
    file(alice, run__client_run_id="0-run")
    Filing.objects.update(run_id="=HYPERLINK(1)")
    lines = b"".join(sign_in("provider_reader", aurelia).get(reverse("workspace-csv"))).decode()  # type: ignore[arg-type]
    assert ',"\'=HYPERLINK(1)",' in lines


def test_the_overview_takes_few_queries_however_many_filings(
    sign_in: SignIn, alice: Actor, file: File, noon: datetime, django_assert_max_num_queries: object
) -> None:
    for number in range(6):
        file(alice, at=noon + timedelta(minutes=number), run__client_run_id=f"run-{number}")
    browser = sign_in("officer", "FR")
    with django_assert_max_num_queries(40):  # type: ignore[operator]
        body(browser, reverse("overview"))


def test_signing_in_pages_are_sound(db: None, client: Client) -> None:
    for name in ("account_login", "account_reset_password"):
        assert_sound(body(client, reverse(name)))


def test_account_pages_are_sound(sign_in: SignIn, aurelia: Organisation) -> None:
    browser = sign_in("provider_submitter", aurelia)
    for name in ("mfa_index", "account_set_password", "usersessions_list", "account_logout"):
        assert_sound(body(browser, reverse(name)))


@pytest.mark.parametrize("address", ["/en/nothing/", "/de/oversight/filings/ECAR-2026-1/", "/nothing/"])
def test_what_is_not_there_has_a_page_that_says_so(db: None, client: Client, address: str) -> None:
    html = body(client, address, status=404)
    assert html.count("<h1") == 1


def test_the_pages_read_inside_a_unit_of_work(sign_in: SignIn, alice: Actor, file: File) -> None:
    """The database itself refuses a foreign row to the role of the page: both layers stand (docs/adr/0003)."""
    reference = file(alice)
    with acting_as(Actor(id="x", name="x", audience=alice.audience, organisation=None)):
        assert not Filing.objects.filter(reference=reference).exists()
