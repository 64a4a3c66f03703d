"""Stating the owners by the form: rows, what was entered, obstacles at their fields, the same as by the interface."""

import json
import re
from html.parser import HTMLParser

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from registry.acting import Actor, acting_as
from registry.filings import ownership_document, ownership_statements
from registry.filings.models import Duty
from registry.filings.ownership_document import FILER
from registry.organisations.models import Organisation, OwnershipStatement
from registry.portal import owners_form
from tests.conftest import NOON
from tests.registry.portal.conftest import SignIn
from tests.registry.portal.test_pages import assert_sound, in_language
from tests.statements import holding, statement

pytestmark = pytest.mark.django_db


class _Fields(HTMLParser):
    """The fields of the form with their values, as a browser would send them."""

    def __init__(self) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self._open = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name = given.get("name") or ""
        if tag == "input" and name != "csrfmiddlewaretoken" and given.get("type") != "checkbox":
            self.values[name] = given.get("value") or ""
        elif tag in {"select", "textarea"}:
            self._open, self.values[name] = name, ""
        elif tag == "option" and "selected" in given:
            self.values[self._open] = given.get("value") or ""

    def handle_data(self, data: str) -> None:
        if self._open == "/explanation":
            self.values[self._open] += data

    def handle_endtag(self, tag: str) -> None:
        if tag in {"select", "textarea"}:
            self._open = ""


def fields(html: str) -> dict[str, str]:
    """What the page would send, the form's own fields alone."""
    parser = _Fields()
    parser.feed(html[html.index('name="revision"') - 60 :])
    return parser.values


def address() -> str:
    return reverse("workspace-ownership-state")


@pytest.fixture
def browser(sign_in: SignIn, aurelia: Organisation) -> Client:
    return sign_in("provider_administrator", aurelia)


def sent(browser: Client, values: dict[str, str], do: str = "state") -> str:
    """The page that comes back; the owners' page once they are stated."""
    with time_machine.travel(NOON, tick=False):
        answer = browser.post(address(), {**values, "do": do}, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def entered(browser: Client) -> dict[str, str]:
    with time_machine.travel(NOON, tick=False):
        return fields(browser.get(address()).content.decode())


def filled(browser: Client) -> dict[str, str]:
    """The form with what `tests.statements.statement` says, entered row by row."""
    values = entered(browser)
    for part, rows in (("entities", 1), ("holdings", 2)):
        for _ in range(rows):
            values = fields(sent(browser, values, f"add-{part}"))
    up, ada = values["/entities/0/id"], values["/entities/1/id"]
    named = {"up": up, "ada": ada, FILER: FILER}
    told = statement()
    values |= {"/as_of_on": told["as_of_on"], "/explanation": "As in the register of shareholders."}
    for place, entity in enumerate(told["entities"]):
        values |= {f"/entities/{place}/{name}": _text(value) for name, value in entity.items() if name != "id"}
    for place, each in enumerate(told["holdings"]):
        values |= {f"/holdings/{place}/{name}": named.get(value, value) for name, value in each.items()}
    return values


def _text(value: object) -> str:
    return ", ".join(value) if isinstance(value, list) else str(value)


def test_rows_are_added_without_script_and_the_statement_is_that_of_the_interface(
    browser: Client, alice: Actor, aurelia: Organisation
) -> None:
    html = sent(browser, filled(browser))
    assert "The owners are stated." in html
    made = OwnershipStatement.objects.get()
    assert made.number == 1
    stored = json.loads(made.canonical)
    ids = {"up": stored["entities"][0]["id"], "ada": stored["entities"][1]["id"]}
    told = statement()
    assert [{**each, "id": ids[each["id"]]} for each in told["entities"]] == stored["entities"]
    assert stored["holdings"] == [
        {**each, "owner_id": ids[each["owner_id"]], "owned_id": ids.get(each["owned_id"], FILER)}
        for each in told["holdings"]
    ]
    assert stored["explanation"] == "As in the register of shareholders."
    assert Duty.objects.get(code="ownership_first_statement").met_at == NOON


@pytest.mark.parametrize("language", ["en", "fr", "de"])
def test_what_was_entered_stays_and_obstacles_stand_at_their_fields(browser: Client, language: str) -> None:
    values = filled(browser) | {"/holdings/1/share_percent": "many", "/entities/1/born_on": "", "/holdings/0/kind": ""}
    with time_machine.travel(NOON, tick=False):
        html = browser.post(in_language(address(), language), {**values, "do": "state"}).content.decode()
    assert_sound(html, language=language)
    assert fields(html) == values
    assert not OwnershipStatement.objects.exists()
    for pointer in ("/holdings/1/share_percent", "/holdings/0/kind"):
        assert f'id="f{pointer}-error"' in html
        assert re.search(rf'name="{pointer}"[^>]*aria-invalid="true"', html)
    mended = values | {"/holdings/1/share_percent": "30", "/holdings/0/kind": "capital"}
    with time_machine.travel(NOON, tick=False):
        html = browser.post(in_language(address(), language), {**mended, "do": "state"}).content.decode()
    born = {"en": "date of birth", "fr": "date de naissance", "de": "Geburtsdatum"}
    row = html[html.index('name="/entities/1/id"') - 1200 : html.index('name="/entities/1/id"')]
    assert born[language] in row  # about the row as a whole, at its head


def test_an_empty_row_is_not_stated_and_obstacles_are_counted_by_the_rows_of_the_form(browser: Client) -> None:
    values = filled(browser)
    values = fields(sent(browser, values, "add-holdings")) | {"/holdings/0/share_percent": "0"}
    moved = dict(values)
    for name in ("owner_id", "owned_id", "kind", "share_percent", "since_on"):
        moved[f"/holdings/3/{name}"], moved[f"/holdings/0/{name}"] = values[f"/holdings/0/{name}"], ""
    html = sent(browser, moved)
    assert not OwnershipStatement.objects.exists()
    assert "more than the whole" not in html
    assert html.count("needs its share") == 1
    assert 'id="f/holdings/3/share_percent-error"' in html
    assert "The owners are stated." in sent(browser, moved | {"/holdings/3/share_percent": "70,0"})


def test_a_row_can_be_left_out(browser: Client) -> None:
    values = filled(browser) | {"/holdings/1/out": "yes"}
    sent(browser, values)
    stored = json.loads(OwnershipStatement.objects.get().canonical)
    assert [each["share_percent"] for each in stored["holdings"]] == ["70", "80"]


def test_the_next_statement_starts_from_the_last_and_replaces_it(browser: Client, alice: Actor) -> None:
    nominee = [holding("up", "filer", "70", nominator_id="ada"), holding("ada", "filer", None, kind="control")]
    nominee[1]["control_kind"] = "board_appointment"
    with acting_as(alice):
        ownership_statements.state(content=statement(holdings=nominee), revision=0, by=alice, at=NOON)
    values = entered(browser)
    assert (values["revision"], values["/as_of_on"]) == ("1", "2026-11-20")
    assert values["/holdings/0/nominator_id"] == values["/entities/1/id"] == "ada"
    sent(browser, values | {"/holdings/0/share_percent": "60"})
    assert OwnershipStatement.objects.count() == 2
    again = sent(browser, values)
    assert "There is a newer statement." in again
    assert fields(again)["/holdings/0/share_percent"] == values["/holdings/0/share_percent"]


def test_who_only_reads_and_who_is_an_authority_state_nothing(sign_in: SignIn, aurelia: Organisation) -> None:
    for role, place in [("provider_reader", aurelia), ("officer", "FR")]:
        someone = sign_in(role, place)
        assert someone.get(address()).status_code == 403
        assert someone.post(address(), {"do": "state"}).status_code == 403
    owners = sign_in("provider_reader", aurelia).get(reverse("workspace-ownership")).content.decode()
    assert address() not in owners


def test_what_a_stranger_sends_is_refused_and_not_a_fault(browser: Client) -> None:
    for values in [
        {},
        {"do": "add-nothing"},
        {"do": "state", "revision": "٣"},
        {"do": "state", "revision": "1" * 5_000, "/as_of_on": "x\x00"},
        {"do": "state", "/entities/0/name": "\ud800"[:0] + "<b>", "/holdings/0/owner_id": "nobody"},
    ]:
        assert browser.post(address(), values).status_code == 200
    assert not OwnershipStatement.objects.exists()


def test_there_are_never_more_rows_than_one_request_may_have(browser: Client) -> None:
    found = owners_form.of_statement({}, today="2026-11-20")
    for _ in range(200):
        for part in owners_form.PARTS:
            found.add(part)
    assert {part: len(rows) for part, rows in found.rows.items()} == owners_form.MOST_ROWS
    assert len({row["id"] for row in found.rows["entities"]}) == owners_form.MOST_ROWS["entities"]


def test_a_statement_too_long_for_the_form_is_left_to_the_interface(browser: Client, alice: Actor) -> None:
    people = [
        {"id": f"p{n}", "kind": "natural_person", "name": f"P {n}", "country": "FR", "born_on": "1970-01-01"}
        for n in range(owners_form.MOST_ROWS["entities"] + 1)
    ]
    held = [holding(each["id"], "filer", "1") for each in people]
    with acting_as(alice):
        made = ownership_statements.state(
            content=statement(entities=people, holdings=held), revision=0, by=alice, at=NOON
        )
    assert ownership_document.read(json.loads(made.canonical), language="en")
    html = browser.get(address(), follow=True).content.decode()
    assert "too long for a form" in html
