"""Messages of a provider: questions tied to fields, decisions, mismatches; what waits first, each with its way on."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from registry.acting import Actor, acting_as
from registry.filings import actions
from registry.filings.models import Transition
from registry.organisations.models import Organisation
from tests.registry.portal.conftest import File, SignIn, state_purpose
from tests.registry.portal.test_pages import assert_sound
from tests.registry.portal.test_positions_page import mismatch as mismatch

pytestmark = pytest.mark.django_db
MESSAGES = "/en/workspace/messages/"
COUNT = "/run/hardware/0/count"


def page(browser: Client, address: str) -> str:
    answer = browser.get(address)
    assert answer.status_code == 200, answer.status_code
    html = answer.content.decode()
    assert_sound(html, language=address[1:3])
    return html


def rows(html: str) -> list[str]:
    return re.findall(r"<tr[^>]*><td.*?</tr>", html, re.DOTALL)


def taken(verb: str, reference: str, *, by: Actor, at: datetime, reason: str = "As told.") -> None:
    with acting_as(by):
        actions.decide(reference=reference, verb=verb, reason=reason, by=by, at=at)


def asked(browser: Client, reference: str, **fields: object) -> str:
    """What the authority reads after it asked by the form."""
    state_purpose(browser, reference)
    form = browser.get(f"/en/oversight/filings/{reference}/").content.decode()
    revision = re.search(r'name="revision" value="(\d+)"', form)
    assert revision is not None
    sent = {"reason": "How many, exactly?", "revision": revision[1], **fields}
    answer = browser.post(f"/en/oversight/filings/{reference}/ask/", sent, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def a_filing(file: File, by: Actor, number: int) -> str:
    """One of several that are not the same run."""
    named = {"run__client_run_id": f"run-{number}", "run__lineage_id": f"lineage-{number}"}
    return file(by, **named)


def test_what_waits_comes_first_and_leads_to_where_it_is_answered(
    sign_in: SignIn, file: File, aurelia: Organisation, alice: Actor, olga: Actor, noon: datetime
) -> None:
    first, second, third = (a_filing(file, alice, number) for number in range(3))
    for place, reference in enumerate((first, second, third)):
        taken("review", reference, by=olga, at=noon + timedelta(minutes=place))
    taken("ask", first, by=olga, at=noon + timedelta(hours=1), reason="Which hall?")
    taken("return", second, by=olga, at=noon + timedelta(hours=2), reason="Not complete.")
    taken("accept", third, by=olga, at=noon + timedelta(hours=3), reason="Complete.")
    browser = sign_in("provider_submitter", aurelia)
    told = rows(page(browser, MESSAGES))
    assert [next(r for r in (first, second, third) if r in row) for row in told] == [second, first, third]
    assert f"/filings/{second}/amend/" in told[0]
    assert f"/filings/{first}/#questions" in told[1]
    assert "Which hall?" in told[1]
    assert "Waiting for you" not in told[2]
    assert len(rows(page(browser, f"{MESSAGES}?view=waiting"))) == 2
    assert len(rows(page(browser, f"{MESSAGES}?view=decisions"))) == 2
    assert first in page(browser, f"{MESSAGES}?view=questions")
    for language in ("fr", "de"):
        page(browser, f"/{language}/workspace/messages/")
    with acting_as(alice):
        actions.answer(reference=first, reason="The large one.", by=alice, at=noon + timedelta(hours=4))
    after = page(browser, MESSAGES)
    assert "Answered" in after
    assert len(rows(page(browser, f"{MESSAGES}?view=waiting"))) == 1


def test_a_mismatch_is_a_message_and_nobody_reads_another_s(
    mismatch: str, sign_in: SignIn, cantabria: Organisation, aurelia: Organisation
) -> None:
    listed = page(sign_in("provider_submitter", cantabria), MESSAGES)
    assert f"/workspace/mismatches/{mismatch}/" in listed
    assert "Waiting for you" in listed
    assert "No message here." in page(sign_in("provider_submitter", aurelia), MESSAGES)
    assert sign_in("officer", "FR").get(MESSAGES).status_code == 403


def test_a_question_names_fields_and_the_provider_goes_to_their_form(
    sign_in: SignIn, file: File, aurelia: Organisation, alice: Actor, olga: Actor, noon: datetime
) -> None:
    reference = file(alice)
    taken("review", reference, by=olga, at=noon)
    day = (datetime.now(UTC) + timedelta(days=10)).date()
    officer = sign_in("officer", "FR")
    form = asked(officer, reference, about=[COUNT, "/security"], answer_by=day.isoformat())
    assert "The clock stands still" in form
    step = Transition.objects.get(verb="ask")
    assert step.pointers == [COUNT, "/security"]
    assert step.answer_by is not None
    assert step.answer_by.date() == day
    browser = sign_in("provider_submitter", aurelia)
    filing = page(browser, f"/en/workspace/filings/{reference}/")
    assert re.search(r"Hardware[^<]* 1 · [^<]*</dt><dd>[\d,]+ <a href=[^>]*/amend/\?topic=hardware", filing)
    assert f"/workspace/filings/{reference}/amend/?topic=security" in filing
    assert "answer by " in filing
    assert re.search(r"About: [^<]*Hardware[^<]* 1 · ", page(browser, MESSAGES))
    begun = browser.post(f"/en/workspace/filings/{reference}/amend/?topic=hardware", {"kind": "correction"})
    assert begun.headers["Location"].endswith("/draft/hardware/")
    again = browser.get(f"/en/workspace/filings/{reference}/amend/?topic=security")
    assert again.headers["Location"].endswith("/draft/security/")


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"about": ["/run/nothing"]}, "A question is about fields of the document"),
        ({"about": ["nonsense" * 40]}, "A question is about fields of the document"),
        ({"answer_by": "soon"}, "Choose a day."),
        ({"answer_by": "2026-01-01"}, "An answer is asked for by a day ahead"),
        ({"answer_by": "2036-01-01"}, "An answer is asked for by a day ahead"),
    ],
)
def test_a_question_that_cannot_be_asked_says_why(
    sign_in: SignIn, file: File, alice: Actor, olga: Actor, noon: datetime, fields: dict[str, object], why: str
) -> None:
    reference = file(alice)
    taken("review", reference, by=olga, at=noon)
    assert why in asked(sign_in("officer", "FR"), reference, **fields)
    assert not Transition.objects.filter(verb="ask").exists()
