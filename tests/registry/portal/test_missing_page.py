"""Missing filers in the portal: listed for the AI Office, each with a form; a verdict takes it off or stays with it."""

import html
from datetime import datetime

import pytest

from registry.acting import acting_as
from registry.screening.models import ObservationReview
from tests.conftest import person
from tests.registry.portal.conftest import SignIn
from tests.registry.portal.test_pages import assert_sound
from tests.registry.screening.test_missing_actions import WHY, observed

pytestmark = pytest.mark.django_db
LIST = "/en/oversight/missing/"


@pytest.mark.parametrize("language", ["en", "fr", "de"])
def test_the_list_shows_reports_and_a_form_for_each(sign_in: SignIn, noon: datetime, language: str) -> None:
    row = observed("Heron", "Heron Labs", "2.3e25", noon)
    browser = sign_in("ai_office_officer", "EU")
    answer = browser.get(f"/{language}/oversight/missing/")
    assert answer.status_code == 200
    told = html.unescape(answer.content.decode())
    assert_sound(answer.content.decode(), language=language)
    for expected in ("Heron Labs", "Epoch AI", f"/oversight/missing/{row.pk}/", "×"):
        assert expected in told


def test_an_empty_list_says_so(sign_in: SignIn) -> None:
    browser = sign_in("ai_office_officer", "EU")
    assert "Every report above the threshold is answered." in browser.get(LIST).content.decode()


def test_a_verdict_is_kept_and_shown(sign_in: SignIn, noon: datetime) -> None:
    row = observed("Heron", "Heron Labs", "2.3e25", noon)
    browser = sign_in("ai_office_officer", "EU")
    answer = browser.post(f"{LIST}{row.pk}/", {"verdict": "missing", "reason": WHY}, follow=True)
    assert f"A filing is missing: {WHY}" in html.unescape(answer.content.decode())
    answer = browser.post(f"{LIST}{row.pk}/", {"verdict": "not_covered", "reason": WHY}, follow=True)
    assert "Heron Labs" not in answer.content.decode()
    with acting_as(person("ai_office_officer", territory="EU")):
        assert ObservationReview.objects.count() == 2


@pytest.mark.parametrize("form", [{"verdict": "missing", "reason": "short"}, {"verdict": "no", "reason": WHY}])
def test_what_is_not_whole_is_refused_with_words(sign_in: SignIn, noon: datetime, form: dict[str, str]) -> None:
    row = observed("Heron", "Heron Labs", "2.3e25", noon)
    browser = sign_in("ai_office_officer", "EU")
    answer = browser.post(f"{LIST}{row.pk}/", form, follow=True)
    assert "Heron Labs" in answer.content.decode()
    with acting_as(person("ai_office_officer", territory="EU")):
        assert not ObservationReview.objects.exists()
