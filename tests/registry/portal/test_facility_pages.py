"""Facilities in the portal: lists, the page of one, forms without script, on both sides and in three languages."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
import time_machine
from django.test import Client

from registry.accounts.policy import of_the_register
from registry.acting import Actor, acting_as
from registry.compute import facility_actions, installation_actions
from registry.compute.models import Cluster, Facility, FacilityReport, Installation
from registry.filings import facility_duties
from registry.ledger.models import Entry
from registry.organisations.models import Organisation
from registry.oversight.models import Look
from registry.portal import facility_form
from tests.conftest import NOON
from tests.registry.compute import facilities
from tests.registry.portal.conftest import SignIn, forget_purpose
from tests.registry.portal.test_pages import assert_sound

pytestmark = pytest.mark.django_db
OWN, THEIRS = "/en/workspace/facilities/", "/en/oversight/facilities/"


@pytest.fixture(autouse=True)
def _at_noon() -> Iterator[None]:
    with time_machine.travel(NOON):
        yield


@pytest.fixture
def lyon(alice: Actor, noon: datetime) -> Facility:
    """A facility of Aurelia's with a cluster, a lot too large for its power, and a year reported."""
    with acting_as(alice):
        made = facility_actions.register(content=facilities.statement(), by=alice, at=noon)
    at: dict[str, Any] = {"reference": made.reference, "by": alice, "at": noon}
    with acting_as(alice):
        stands = installation_actions.put_up_cluster(content=facilities.cluster(), **at)
    with acting_as(alice):
        content = facilities.installation(count=2400, cluster=str(stands.id))
        installation_actions.put_up(content=content, **at)
    with acting_as(alice):
        facility_actions.report(content=facilities.report(), **at)
    clock = of_the_register("clock")
    with acting_as(clock):
        facility_duties.follow(reference=made.reference, by=clock, at=noon)
    return made


def page(browser: Client, address: str) -> str:
    answer = browser.get(address)
    assert answer.status_code == 200, answer.status_code
    html = answer.content.decode()
    assert_sound(html, language=address[1:3])
    return html


def sent(browser: Client, address: str, values: dict[str, str]) -> Any:
    return browser.post(address, values)


def filled(content: dict[str, Any], **more: str) -> dict[str, str]:
    return {"revision": "0", **facility_form.values_of(content), **more}


def test_an_operator_sees_its_facility_with_power_checks_and_duties(
    lyon: Facility, aurelia: Organisation, sign_in: SignIn
) -> None:
    browser = sign_in("provider_submitter", aurelia)
    listed = page(browser, OWN)
    assert "Lyon One" in listed
    assert "2,400" in listed
    html = page(browser, f"{OWN}{lyon.reference}/")
    assert "2400 accelerators need about 2016 kW" in html
    assert "Report on the facility, 2024" in html
    assert "Overdue" in html
    assert 'class="state state--4"' in html
    assert "Put up accelerators" in html


@pytest.mark.parametrize("language", ["fr", "de"])
def test_the_pages_speak_the_readers_language(
    lyon: Facility, aurelia: Organisation, sign_in: SignIn, language: str
) -> None:
    browser = sign_in("provider_submitter", aurelia)
    html = page(browser, f"/{language}/workspace/facilities/{lyon.reference}/")
    assert {"fr": "Ce que disent les contrôles", "de": "Was die Prüfungen sagen"}[language] in html
    assert "What the checks say" not in html


def test_a_reader_is_offered_nothing_to_do(lyon: Facility, aurelia: Organisation, sign_in: SignIn) -> None:
    browser = sign_in("provider_reader", aurelia)
    html = page(browser, f"{OWN}{lyon.reference}/")
    assert "Put up accelerators" not in html
    assert "/amend/" not in html
    assert browser.get(f"{OWN}{lyon.reference}/amend/").status_code == 403


def test_a_stranger_finds_nothing(lyon: Facility, cantabria: Organisation, sign_in: SignIn) -> None:
    browser = sign_in("provider_submitter", cantabria)
    assert lyon.reference not in page(browser, OWN)
    for path in ("", "amend/", "report/", "clusters/new/", "lots/new/"):
        assert browser.get(f"{OWN}{lyon.reference}/{path}").status_code == 404
    assert browser.post(f"{OWN}{lyon.reference}/report/", filled(facilities.report())).status_code == 404


def test_an_officer_sees_the_territory_once_the_purpose_is_stated(lyon: Facility, sign_in: SignIn) -> None:
    browser = sign_in("officer", "FR")
    assert "Aurelia Research" in page(browser, THEIRS)
    html = page(browser, f"{THEIRS}{lyon.reference}/")
    assert "Put up accelerators" not in html
    assert "2016 kW" in html
    forget_purpose(browser)
    for path in ("", f"{lyon.reference}/"):
        assert browser.get(THEIRS + path).status_code == 302
    assert browser.get("/en/oversight/facilities.csv").status_code == 302


def test_an_officer_elsewhere_sees_nothing(lyon: Facility, sign_in: SignIn) -> None:
    browser = sign_in("officer", "ES")
    assert lyon.reference not in page(browser, THEIRS)
    assert browser.get(f"{THEIRS}{lyon.reference}/").status_code == 404


def test_the_list_is_filtered_and_downloaded(lyon: Facility, aurelia: Organisation, sign_in: SignIn) -> None:
    browser = sign_in("provider_reader", aurelia)
    assert lyon.reference in page(browser, f"{OWN}?q=lyon&size=2-10mw&kind=co_hosting")
    assert lyon.reference not in page(browser, f"{OWN}?size=over-10mw")
    table = b"".join(browser.get("/en/workspace/facilities.csv")).decode()  # type: ignore[arg-type]
    assert lyon.reference in table
    assert table.splitlines()[0].startswith('"reference"') or table.startswith("reference")


def test_a_facility_is_registered_by_the_form(aurelia: Organisation, sign_in: SignIn) -> None:
    browser = sign_in("provider_submitter", aurelia)
    page(browser, f"{OWN}new/")
    answer = sent(browser, f"{OWN}new/", filled(facilities.statement(remote_access_countries=["FR", "DE"])))
    made = Facility.objects.get()
    assert (answer.status_code, answer.url) == (302, f"{OWN}{made.reference}/")
    assert '"remote_access_countries":["FR","DE"]' in made.document
    assert '"email":"desk@example.org"' in made.document


def test_what_is_wrong_stands_at_its_field_and_nothing_is_lost(aurelia: Organisation, sign_in: SignIn) -> None:
    browser = sign_in("provider_submitter", aurelia)
    values = filled(facilities.statement(nuts_code="DE212", name="Keep me"))
    html = sent(browser, f"{OWN}new/", values).content.decode()
    assert 'id="f/nuts_code-error"' in html
    assert "The NUTS code DE212 is not of the country FR." in html
    assert 'value="Keep me"' in html
    assert not Facility.objects.exists()


def test_an_amendment_by_the_form_notices_a_newer_one(
    lyon: Facility, aurelia: Organisation, sign_in: SignIn, noon: datetime
) -> None:
    browser = sign_in("provider_submitter", aurelia)
    lyon.refresh_from_db()
    assert f'value="{lyon.revision}"' in page(browser, f"{OWN}{lyon.reference}/amend/")
    values = filled(facilities.statement(name="Lyon Two"), revision=str(lyon.revision))
    assert sent(browser, f"{OWN}{lyon.reference}/amend/", values).status_code == 302
    again = sent(browser, f"{OWN}{lyon.reference}/amend/", values)
    assert "It has changed since you read it." in again.content.decode()


def test_a_year_is_reported_and_amended_by_the_form(lyon: Facility, aurelia: Organisation, sign_in: SignIn) -> None:
    browser = sign_in("provider_submitter", aurelia)
    place = f"{OWN}{lyon.reference}/report/"
    assert sent(browser, place, filled(facilities.report(year=2024))).status_code == 302
    assert 'value="12000000"' in page(browser, f"{place}?year=2025")
    values = filled(facilities.report(total_energy_kwh="13000000"), revision="1")
    assert sent(browser, f"{place}?year=2025", values).status_code == 302
    assert FacilityReport.objects.filter(facility=lyon).count() == 3


def test_a_cluster_and_a_lot_are_put_up_and_changed_by_forms(
    lyon: Facility, aurelia: Organisation, sign_in: SignIn
) -> None:
    browser = sign_in("provider_submitter", aurelia)
    place = f"{OWN}{lyon.reference}/"
    assert sent(browser, f"{place}clusters/new/", filled(facilities.cluster(name="beta"))).status_code == 302
    beta = Cluster.objects.get(name="beta")
    values = filled(facilities.installation(lot="b1", count=10, cluster=str(beta.id)))
    assert str(beta.id) in page(browser, f"{place}lots/new/")
    assert sent(browser, f"{place}lots/new/", values).status_code == 302
    lot = Installation.objects.get(lot="b1")
    page(browser, f"{place}lots/{lot.id}/")
    change = {"revision": "1", "/from_on": "2026-10-01", "/stage": "retired"}
    assert sent(browser, f"{place}lots/{lot.id}/", change).status_code == 302
    lot.refresh_from_db()
    assert str(lot.until_on) == "2026-10-01"
    assert Installation.objects.get(lot="b1", until_on=None).stage == "retired"


@pytest.mark.parametrize("count", ["many", "-1", "", "٣"])
def test_a_number_that_is_none_is_told_in_the_form(
    lyon: Facility, aurelia: Organisation, sign_in: SignIn, count: str
) -> None:
    browser = sign_in("provider_submitter", aurelia)
    values = {**filled(facilities.installation(lot="b1")), "/count": count}
    answer = sent(browser, f"{OWN}{lyon.reference}/lots/new/", values)
    assert answer.status_code == 200
    assert 'id="f/count-error"' in answer.content.decode()


def test_each_look_is_logged_and_the_operator_reads_it(lyon: Facility, aurelia: Organisation, sign_in: SignIn) -> None:
    officer = sign_in("officer", "FR")
    for path in (THEIRS, THEIRS, f"{THEIRS}{lyon.reference}/"):
        page(officer, path)
    b"".join(officer.get("/en/oversight/facilities.csv"))  # type: ignore[arg-type]
    kinds = list(Look.objects.filter(reference=lyon.reference).order_by("id").values_list("kind", flat=True))
    assert kinds == ["listed", "opened", "exported"]
    assert Entry.objects.filter(kind="facility.looked_at", subject=lyon.reference).count() == 3
    told = page(sign_in("provider_reader", aurelia), "/en/access/")
    assert f'href="{OWN}{lyon.reference}/"' in told
    assert f'href="{THEIRS}{lyon.reference}/"' in page(officer, "/en/access/")
