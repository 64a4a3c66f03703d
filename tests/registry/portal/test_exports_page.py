"""Exports through the pages: the form, the list, the second person, the download that expires."""

import hashlib
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from registry.acting import Actor
from registry.organisations.models import Organisation
from registry.oversight import export_rules
from registry.oversight.models import Export, Look
from tests.registry.portal.conftest import File, SignIn
from tests.registry.portal.test_pages import assert_sound, body, in_language

pytestmark = pytest.mark.django_db
WHY = {"content": "list", "format": "csv", "purpose": "finding", "case": "FR-7"}


@pytest.fixture(autouse=True)
def small_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """One line alone, three at most."""
    limit = {"officer": {"alone": 1, "at_most": 3, "source": "test"}}
    said = {**export_rules._said(), "list": limit, "documents": limit}
    monkeypatch.setattr(export_rules, "_said", lambda: said)


def ask(browser: Client, query: str = "?scope=filed", **changes: str) -> int:
    return browser.post(reverse("exports-new") + query, {**WHY, **changes}).status_code


def files(file: File, by: Actor, count: int) -> None:
    for number in range(count):
        file(by, run__client_run_id=f"run-{number}")


def test_a_small_export_is_downloaded_at_once_and_its_digest_fits(sign_in: SignIn, alice: Actor, file: File) -> None:
    reference, browser = file(alice), sign_in("officer", "FR")
    assert ask(browser) == 302
    export = Export.objects.get()
    assert export.filters == {"scope": "filed"}
    listed = body(browser, reverse("exports"))
    assert_sound(listed)
    assert bytes(export.sha256).hex() in listed
    answer = browser.get(reverse("exports-file", args=[export.id]))
    content = b"".join(answer)  # type: ignore[arg-type]
    assert hashlib.sha256(content).digest() == bytes(export.sha256)
    assert int(answer.headers["Content-Length"]) == len(content)
    assert reference in content.decode()
    assert "no-store" in answer.headers["Cache-Control"]
    assert Look.objects.get().kind == "exported"


def test_a_large_one_waits_for_another_person_of_the_authority(sign_in: SignIn, alice: Actor, file: File) -> None:
    files(file, alice, 2)
    first, second = sign_in("officer", "FR"), sign_in("officer", "FR")
    assert ask(first) == 302
    export = Export.objects.get()
    address, decide = reverse("exports-file", args=[export.id]), reverse("exports-decide", args=[export.id])
    assert "Waits for a second person" in body(first, reverse("exports"))
    assert first.get(address).status_code == 302
    first.post(decide, {"decision": "confirm"})
    assert first.get(address).status_code == 302
    assert decide in body(second, reverse("exports"))
    second.post(decide, {"decision": "confirm"})
    assert second.get(address).status_code == 404
    assert len(b"".join(first.get(address))) == export.size_bytes  # type: ignore[arg-type]
    assert Look.objects.count() == 2


def test_what_was_refused_is_shown_and_stays(sign_in: SignIn, alice: Actor, file: File) -> None:
    files(file, alice, 2)
    first, second = sign_in("officer", "FR"), sign_in("officer", "FR")
    ask(first)
    export = Export.objects.get()
    second.post(reverse("exports-decide", args=[export.id]), {"decision": "refuse", "reason": "Too many."})
    assert "Refused" in body(first, reverse("exports"))
    assert first.get(reverse("exports-file", args=[export.id])).status_code == 302


def test_the_link_expires(sign_in: SignIn, alice: Actor, file: File) -> None:
    file(alice)
    browser = sign_in("officer", "FR")
    ask(browser)
    export = Export.objects.get()
    life = export_rules.lasts(needs_second_person=False)
    with time_machine.travel(datetime.now(UTC) + life + timedelta(minutes=1), tick=False):
        browser.cookies.clear()
    Export.objects.all()
    assert export.expires_at - export.at == life


@pytest.mark.parametrize(
    "changes", [{"case": "x" * 200}, {"purpose": "curiosity"}, {"content": "everything"}, {"format": "pdf"}]
)
def test_what_is_not_complete_is_asked_again(
    sign_in: SignIn, alice: Actor, file: File, changes: dict[str, str]
) -> None:
    file(alice)
    assert ask(sign_in("officer", "FR"), **changes) == 400
    assert not Export.objects.exists()


def test_too_many_and_none_are_refused(sign_in: SignIn, alice: Actor, file: File) -> None:
    browser = sign_in("officer", "FR")
    assert ask(browser) == 400
    files(file, alice, 4)
    assert ask(browser) == 400


@pytest.mark.parametrize("language", ["en", "fr", "de"])
def test_the_form_is_sound_and_says_the_limits(sign_in: SignIn, alice: Actor, file: File, language: str) -> None:
    file(alice)
    html = body(sign_in("officer", "FR"), in_language(reverse("exports-new"), language))
    assert_sound(html, language=language)


@pytest.mark.parametrize("name", ["queue-csv", "runs-csv"])
def test_the_files_of_lists_are_exports_like_any_other(sign_in: SignIn, name: str) -> None:
    answer = sign_in("officer", "FR").get(reverse(name) + "?band=above-1e25")
    assert answer.headers["Location"].startswith(reverse("exports-new"))


def test_an_auditor_sees_that_there_was_one_and_cannot_read_it(sign_in: SignIn, alice: Actor, file: File) -> None:
    file(alice)
    ask(sign_in("officer", "FR"))
    auditor, export = sign_in("auditor", "EU"), Export.objects.get()
    assert bytes(export.sha256).hex() in body(auditor, reverse("exports"))
    body(auditor, reverse("exports-file", args=[export.id]), status=403)
    body(auditor, reverse("exports-new"), status=403)


def test_another_authority_and_a_provider_see_none(
    sign_in: SignIn, alice: Actor, aurelia: Organisation, file: File
) -> None:
    file(alice)
    ask(sign_in("officer", "FR"))
    export = Export.objects.get()
    other = sign_in("officer", "ES")
    assert bytes(export.sha256).hex() not in body(other, reverse("exports"))
    assert other.get(reverse("exports-file", args=[export.id])).status_code == 404
    body(sign_in("provider_administrator", aurelia), reverse("exports"), status=403)
