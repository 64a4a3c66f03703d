"""Publications through the pages: announce, draft, read the review, approve as another person, withdraw."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from registry import statistics_tasks
from registry.accounts.policy import of_the_register
from registry.acting import acting_as
from registry.periods import Quarter
from registry.statistics import auditing
from registry.statistics.models import Vintage
from tests.registry.portal.conftest import SignIn
from tests.registry.portal.test_pages import assert_sound, body, in_language
from tests.registry.statistics import releasing

pytestmark = pytest.mark.django_db
REPORT = '{"runs": {"verdict": "clean", "findings": []}}'


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(auditing, "attack", lambda *_args, **_named: auditing.Attack("clean", REPORT))


def ended() -> str:
    """The quarter before the running one."""
    running = Quarter.of(datetime.now(UTC).date())
    return str(Quarter(running.year - 1, 4) if running.number == 1 else Quarter(running.year, running.number - 1))


def drafted(browser: Client) -> Vintage:
    """A release announced for tomorrow and drafted through the pages, then built by the worker."""
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).date().isoformat()
    address = reverse("publications")
    said = {"act": "announce", "release": ended(), "day": tomorrow, "hour": "09"}
    assert browser.post(address, said).status_code == 302
    entry = f"{ended()} {tomorrow}T09:00:00+00:00"
    answer = browser.post(address, {"act": "draft", "entry": entry, "provisional": "1"})
    assert answer.status_code == 302
    with acting_as(of_the_register("builder"), read_only=True) as by:
        found = Vintage.objects.visible_to(by).get()
    assert answer.headers["Location"] == reverse("publication", args=[found.id])
    assert "progress" in body(browser, reverse("publication", args=[found.id]))
    statistics_tasks.build(found.id, at=datetime.now(UTC))
    return releasing.stored(found.id)


def test_a_statistician_drafts_and_a_publisher_approves(sign_in: SignIn) -> None:
    stefan, paula = sign_in("statistician", "EU"), sign_in("publisher", "EU")
    vintage = drafted(stefan)
    address = reverse("publication", args=[vintage.id])
    listed = body(stefan, reverse("publications"))
    assert_sound(listed)
    assert "Waits for approval" in listed
    shown = body(stefan, address)
    assert_sound(shown)
    assert 'value="approve"' not in shown
    said = {"act": "approve", "manifest": vintage.manifest_sha256}
    assert stefan.post(address, said).status_code == 403
    offered = body(paula, address)
    assert_sound(offered)
    assert 'value="approve"' in offered
    assert paula.post(address, {**said, "manifest": "0" * 64}).status_code == 409
    assert paula.post(address, said).status_code == 302
    assert "Approved, under embargo" in body(stefan, reverse("publications"))


def test_the_review_says_what_is_withheld_why_and_what_the_auditor_says(sign_in: SignIn) -> None:
    releasing.populate()
    vintage = releasing.built()
    shown = body(sign_in("statistician", "EU"), reverse("publication", args=[vintage.id]))
    assert_sound(shown)
    for told in ("too few holdings", "Nothing found", "manifest.json", "Training runs and compute by Member State"):
        assert told in shown


@pytest.mark.parametrize("language", ["en", "fr", "de"])
def test_the_pages_are_whole_in_every_language(sign_in: SignIn, language: str) -> None:
    browser = sign_in("publisher", "EU")
    vintage = releasing.published(release="2026-Q3", **releasing.SOON)
    assert_sound(body(browser, in_language(reverse("publications"), language)), language=language)
    address = in_language(reverse("publication", args=[vintage.id]), language)
    assert_sound(body(browser, address), language=language)


def test_a_publisher_withdraws_with_a_notice(sign_in: SignIn) -> None:
    vintage = releasing.published(release="2026-Q3", **releasing.SOON)
    paula = sign_in("publisher", "EU")
    address = reverse("publication", args=[vintage.id])
    notice = {"notice_en": "Counted twice, sorry.", "notice_fr": "Compté deux fois.", "notice_de": "Doppelt gezählt."}
    assert paula.post(address, {"act": "withdraw", **notice, "notice_de": ""}).status_code == 400
    assert paula.post(address, {"act": "withdraw", **notice}).status_code == 302
    shown = body(paula, address)
    assert_sound(shown)
    assert "Counted twice, sorry." in shown


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({"act": "announce", "release": "2026-Q9", "day": "2999-01-01", "hour": "09"}, 400),
        ({"act": "announce", "release": "2026-Q1", "day": "soon", "hour": "09"}, 400),
        ({"act": "announce", "release": "2026-Q1", "day": "2001-01-01", "hour": "09"}, 400),
        ({"act": "draft", "entry": "2026-Q1 2999-01-01T09:00:00+00:00"}, 409),
        ({"act": "draft", "entry": ""}, 400),
        ({"act": "publish"}, 400),
        ({}, 400),
    ],
)
def test_what_cannot_be_done_is_told_on_the_page(sign_in: SignIn, said: dict[str, str], status: int) -> None:
    answer = sign_in("statistician", "EU").post(reverse("publications"), said)
    assert answer.status_code == status
    assert_sound(answer.content.decode())


@pytest.mark.parametrize("role", ["officer", "ai_office_officer", "analyst", "auditor", "operator"])
def test_nobody_else_sees_what_is_prepared(sign_in: SignIn, role: str) -> None:
    browser = sign_in(role, "FR" if role == "officer" else "EU")
    vintage = releasing.built()
    assert browser.get(reverse("publications")).status_code == 403
    assert browser.get(reverse("publication", args=[vintage.id])).status_code == 403
