"""The organisation page of an authority and a provider's own owners: who sees them, the picture, the files, the day."""

import csv
import io
import re
from datetime import datetime
from xml.etree import ElementTree

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from registry.accounts.policy import of_the_register
from registry.acting import Actor, acting_as
from registry.filings import ownership_reckoning, ownership_statements
from registry.organisations.models import Organisation
from registry.oversight.models import Look
from tests.registry.portal.conftest import File, SignIn, forget_purpose
from tests.registry.portal.test_pages import assert_sound
from tests.statements import holding, statement

pytestmark = pytest.mark.django_db


@pytest.fixture
def stated(alice: Actor, aurelia: Organisation, noon: datetime) -> Organisation:
    """Aurelia, whose owners have been stated."""
    with acting_as(alice):
        ownership_statements.state(content=statement(), revision=0, by=alice, at=noon)
    return aurelia


def address(organisation: Organisation) -> str:
    return reverse("oversight-organisation", args=[organisation.id])


def page(browser: Client, where: str) -> str:
    answer = browser.get(where)
    assert answer.status_code == 200, answer.content
    return answer.content.decode()


def test_an_officer_sees_owners_filings_and_punctuality(
    sign_in: SignIn, file: File, alice: Actor, stated: Organisation
) -> None:
    reference = file(by=alice)
    html = page(sign_in("officer", "FR"), address(stated))
    assert_sound(html)
    assert "In the end Ada Example has most: 86\u00a0% of the capital. It is controlled by Ada Example." in html
    assert reference in html
    assert "Confirm the owners" in html
    assert Look.objects.filter(reference=reference, kind="listed").count() == 1


def test_a_purpose_is_asked_first(sign_in: SignIn, stated: Organisation) -> None:
    browser = sign_in("officer", "FR")
    forget_purpose(browser)
    for where in (address(stated), reverse("oversight-organisation-file", args=[stated.id, "csv"])):
        assert browser.get(where).headers["Location"].startswith(reverse("oversight-purpose"))


@pytest.mark.parametrize(
    ("role", "place", "status"),
    [("officer", "ES", 404), ("ai_office_officer", "EU", 200), ("analyst", "FR", 403), ("auditor", "EU", 403)],
)
def test_only_the_competent_authority_sees_it(
    sign_in: SignIn, stated: Organisation, role: str, place: str, status: int
) -> None:
    browser = sign_in(role, place)
    for where in (address(stated), reverse("oversight-organisation-file", args=[stated.id, "svg"])):
        assert browser.get(where).status_code == status


def test_a_provider_sees_its_own_owners_alone(sign_in: SignIn, stated: Organisation, cantabria: Organisation) -> None:
    html = page(sign_in("provider_reader", stated), reverse("workspace-ownership"))
    assert_sound(html)
    assert "Ada Example" in html
    other = page(sign_in("provider_reader", cantabria), reverse("workspace-ownership"))
    assert "Ada Example" not in other
    assert "Nobody has stated who owns this organisation." in other
    assert sign_in("provider_reader", stated).get(address(stated)).status_code == 403


@pytest.mark.parametrize("language", ["fr", "de"])
def test_the_page_is_told_in_other_languages(sign_in: SignIn, stated: Organisation, language: str) -> None:
    browser = sign_in("officer", "FR")
    with translation.override(language):
        where = address(stated)
    html = page(browser, where)
    assert_sound(html, language=language)
    assert "In the end" not in html
    assert "has not been stated" not in html


def test_the_table_is_a_file(sign_in: SignIn, stated: Organisation) -> None:
    answer = sign_in("officer", "FR").get(reverse("oversight-organisation-file", args=[stated.id, "csv"]))
    rows = list(csv.reader(io.StringIO(answer.getvalue().decode())))
    assert rows[1][:2] == ["Ada Example", "Belgium"]
    assert rows[1][2:5] == ["30\u00a0%", "86\u00a0%", "86\u00a0%"]
    assert rows[2][0] == "Upper Holding BV"


def test_the_drawing_is_a_file_that_stands_alone(sign_in: SignIn, stated: Organisation) -> None:
    answer = sign_in("provider_reader", stated).get(reverse("workspace-ownership-file", args=["svg"]))
    assert answer.headers["Content-Disposition"] == 'attachment; filename="owners.svg"'
    drawing = ElementTree.fromstring(answer.content.decode())  # noqa: S314 - our own
    assert drawing.tag == "{http://www.w3.org/2000/svg}svg"
    assert any(each.tag.endswith("style") for each in drawing)


def test_who_belongs_to_the_same_group_is_named_within_the_territory(
    sign_in: SignIn, alice: Actor, charlie: Actor, stated: Organisation, noon: datetime
) -> None:
    with acting_as(charlie):
        ownership_statements.state(content=statement(), revision=0, by=charlie, at=noon)
    with acting_as(of_the_register("screener")) as screener:
        ownership_reckoning.reckon(by=screener, at=noon)
    assert "Cantabria IA" in page(sign_in("ai_office_officer", "EU"), address(stated))
    assert "Cantabria IA" not in page(sign_in("officer", "FR"), address(stated))


def test_a_file_of_another_shape_is_not_found(sign_in: SignIn, stated: Organisation) -> None:
    assert sign_in("provider_reader", stated).get(reverse("workspace-ownership-file", args=["pdf"])).status_code == 404


def test_another_day_can_be_asked_for(sign_in: SignIn, alice: Actor, stated: Organisation, noon: datetime) -> None:
    sold = statement(as_of_on="2026-11-20", holdings=[holding("ada", "filer", "100")])
    with acting_as(alice):
        ownership_statements.state(content=sold, revision=1, by=alice, at=noon)
    browser = sign_in("provider_reader", stated)
    assert "100\u00a0% of the capital" in page(browser, reverse("workspace-ownership"))
    assert "86\u00a0% of the capital" in page(browser, reverse("workspace-ownership") + "?on=2026-11-19")
    assert "100\u00a0%" in page(browser, reverse("workspace-ownership") + "?on=nonsense")


def test_each_name_stands_escaped(sign_in: SignIn, alice: Actor, aurelia: Organisation, noon: datetime) -> None:
    content = statement()
    content["entities"][0]["name"] = "<script>alert(1)</script> & Co"
    with acting_as(alice):
        ownership_statements.state(content=content, revision=0, by=alice, at=noon)
    html = page(sign_in("officer", "FR"), address(aurelia))
    assert_sound(html)
    assert not re.search(r"<script>alert", html)


def test_all_ultimate_parents_stand_on_both_sides_pages(
    sign_in: SignIn, alice: Actor, aurelia: Organisation, noon: datetime
) -> None:
    owners = [{"id": name, "kind": "company", "name": f"{name} AG", "country": "DE"} for name in ("Alpha", "Beta")]
    held = [holding(each["id"], "filer", None, kind="control", control_kind="agreement") for each in owners]
    with acting_as(alice):
        ownership_statements.state(content=statement(entities=owners, holdings=held), revision=0, by=alice, at=noon)
    with acting_as(of_the_register("screener")) as screener:
        ownership_reckoning.reckon(by=screener, at=noon, organisation=aurelia.id)
    oversight = page(sign_in("officer", "FR"), address(aurelia))
    own = page(sign_in("provider_reader", aurelia), reverse("workspace-organisation"))
    for html in (oversight, own):
        assert_sound(html)
        assert "Ultimate parent 1 of 2" in html
        assert "Alpha AG, Germany" in html
        assert "Beta AG, Germany" in html
