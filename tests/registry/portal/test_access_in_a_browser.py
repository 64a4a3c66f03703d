"""The pages of purposes, looks, exports, showings and retention in a browser: accessible, wide and narrow."""

from django.urls import reverse

from registry.acting import Actor
from registry.organisations.models import Organisation
from registry.oversight.models import Sharing
from tests.registry.portal.conftest import File, SignIn
from tests.registry.portal.test_in_a_browser import fetched, inspected, pytestmark
from tests.registry.portal.test_pages import body

__all__ = ["pytestmark"]
WHY = {"purpose": "cooperation", "case": "FR-7", "sentence": "The runs of one lineage lie in both States."}


def test_the_pages_of_access_are_accessible(sign_in: SignIn, alice: Actor, aurelia: Organisation, file: File) -> None:
    reference, officer = file(alice), sign_in("officer", "FR")
    share = reverse("oversight-filings-share", args=[reference])
    until = body(officer, share).split('name="until" type="date" value="')[1][:10]
    officer.post(share, {**WHY, "recipient": "ES", "until": until})
    officer.post(reverse("exports-new") + "?scope=filed", {**WHY, "content": "list", "format": "csv"})
    names = ("oversight-purpose", "exports", "exports-new", "sharings")
    answers = {reverse(name): fetched(officer, reverse(name)) for name in names}
    answers[share] = fetched(officer, share)
    one = reverse("sharings-one", args=[Sharing.objects.get().id])
    answers[one] = fetched(sign_in("officer", "ES"), one)
    answers[reverse("access-log")] = fetched(sign_in("provider_reader", aurelia), reverse("access-log"))
    answers[reverse("retention")] = fetched(sign_in("auditor", "EU"), reverse("retention"))
    assert not inspected(answers)
