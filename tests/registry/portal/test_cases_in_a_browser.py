"""The pages of findings, cases and rules in a browser: accessible, wide and narrow."""

from django.urls import reverse

from registry.case_tasks import open_cases
from registry.oversight.models import Case
from registry.screening.models import Finding
from tests.registry.portal.conftest import SignIn
from tests.registry.portal.test_in_a_browser import fetched, inspected, pytestmark
from tests.registry.screening.test_kuala_lumpur_stored import found

__all__ = ["found", "pytestmark"]


def test_the_pages_of_cases_are_accessible(sign_in: SignIn, found: dict[str, Finding]) -> None:
    open_cases()
    case = Case.objects.get(parts__finding=found["R-11"])
    browser = sign_in("officer", "FR")
    verb = reverse("case-verb", args=[case.reference, "assign"])
    browser.post(verb, {"revision": case.revision, "person": browser.session["_auth_user_id"]})
    addresses = [reverse(name) for name in ("findings", "cases", "screening-rules")]
    pages = {address: fetched(browser, address) for address in (*addresses, reverse("case", args=[case.reference]))}
    assert not inspected(pages)
