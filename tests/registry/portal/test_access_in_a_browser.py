"""The pages of purposes, looks, exports, showings and retention in a browser: accessible, wide and narrow."""

from datetime import UTC, datetime, timedelta

from django.urls import reverse

from registry.acting import Actor
from registry.organisations.models import Organisation
from registry.oversight.models import Hold, Sharing
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


def test_the_pages_of_holds_are_accessible(sign_in: SignIn, alice: Actor, file: File) -> None:
    first, second = sign_in("officer", "FR"), sign_in("officer", "FR")
    for basis in ("litigation", "audit"):
        said = {"reference": file(alice, run__client_run_id=basis), "basis": basis, "reason": "Case no 501234 of 2026"}
        first.post(reverse("holds-new"), {**said, "until": (datetime.now(UTC) + timedelta(days=90)).date().isoformat()})
    first.post(reverse("holds-lift", args=[Hold.objects.latest("at").id]))
    # the one who proposed, the one who may confirm, the auditor, the form with what is wrong in it
    whole = reverse("holds")
    for browser in (first, second, sign_in("auditor", "EU")):
        assert not inspected({whole: fetched(browser, whole)})
    assert not inspected({reverse("holds-new"): fetched(first, reverse("holds-new"))})
