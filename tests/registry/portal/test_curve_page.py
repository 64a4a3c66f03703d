"""A run's compute over time as files: the same points as the picture, for whoever may open the filing."""

import csv
import io
from decimal import Decimal
from xml.etree import ElementTree

import pytest
from django.test import Client
from django.urls import reverse

from registry.acting import Actor
from registry.organisations.models import Organisation
from registry.oversight.models import Look
from registry.portal import curve
from tests.registry.portal.conftest import File, SignIn, forget_purpose, state_purpose

pytestmark = pytest.mark.django_db


def content(browser: Client, side: str, reference: str, shape: str) -> bytes:
    answer = browser.get(reverse(f"{side}-filings-curve", args=[reference, shape]))
    assert answer.status_code == 200
    assert f'filename="{reference}-compute.{shape}"' in answer["Content-Disposition"]
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def test_a_provider_takes_the_points_of_its_run_along(
    sign_in: SignIn, file: File, alice: Actor, aurelia: Organisation
) -> None:
    reference, browser = file(by=alice), sign_in("provider_reader", aurelia)
    page = browser.get(reverse("workspace-filings-one", args=[reference])).content.decode()
    for shape in ("csv", "xlsx", "svg"):
        assert reverse("workspace-filings-curve", args=[reference, shape]) in page
    told = content(browser, "workspace", reference, "csv").decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(told)))
    assert tuple(rows[0]) == curve.COLUMNS
    assert {row["kind"] for row in rows} == {"projected"}, "the sample run has not begun"
    amounts = [Decimal(row["flop"]) for row in rows]
    assert amounts == sorted(amounts)
    assert all(Decimal(row["flop_low"]) < Decimal(row["flop"]) < Decimal(row["flop_high"]) for row in rows)


def test_the_drawing_stands_alone(sign_in: SignIn, file: File, alice: Actor) -> None:
    reference, browser = file(by=alice), sign_in("officer", "FR")
    state_purpose(browser, reference)
    drawn = ElementTree.fromstring(content(browser, "oversight", reference, "svg"))  # noqa: S314 (our own)
    assert drawn.tag == "{http://www.w3.org/2000/svg}svg"
    assert Look.objects.filter(reference=reference, kind="document").count() == 1


def test_an_authority_states_its_purpose_first(sign_in: SignIn, file: File, alice: Actor) -> None:
    reference, browser = file(by=alice), sign_in("officer", "FR")
    forget_purpose(browser)
    answer = browser.get(reverse("oversight-filings-curve", args=[reference, "csv"]))
    assert answer["Location"] == reverse("oversight-filings-open", args=[reference])


@pytest.mark.parametrize(
    ("role", "place", "status"), [("officer", "ES", 404), ("analyst", "FR", 403), ("provider_reader", "", 404)]
)
def test_a_stranger_finds_nothing(
    sign_in: SignIn, file: File, alice: Actor, cantabria: Organisation, role: str, place: str, status: int
) -> None:
    reference = file(by=alice)
    browser = sign_in(role, place or cantabria)
    side = "oversight" if place else "workspace"
    if role == "officer":
        state_purpose(browser, reference)
    assert browser.get(reverse(f"{side}-filings-curve", args=[reference, "csv"])).status_code == status


def test_there_is_no_other_shape_and_no_curve_of_a_draft(
    sign_in: SignIn, file: File, alice: Actor, aurelia: Organisation
) -> None:
    reference, draft = file(by=alice), file(by=alice, draft=True, run__client_run_id="another")
    browser = sign_in("provider_reader", aurelia)
    for about, shape in ((reference, "pdf"), (draft, "csv")):
        assert browser.get(reverse("workspace-filings-curve", args=[about, shape])).status_code == 404
    page = browser.get(reverse("workspace-filings-one", args=[draft])).content.decode()
    assert reverse("workspace-filings-curve", args=[draft, "csv"]) not in page
