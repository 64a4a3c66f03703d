"""Who owns the companies of the demonstration: statements of all of them, a change in time, one late, a rich one.

Invented people and companies. Nothing is drawn at random: the place of a company in the list says what owns it.
"""

from datetime import date, datetime, timedelta
from typing import Any, Final

from registry.accounts.policy import of_the_register
from registry.acting import acting_as
from registry.filings import ownership_reckoning, ownership_statements
from registry.filings.working_days import day_of
from registry.management.demonstration.organisations import COMPANIES, Company, lei_of
from registry.management.demonstration.people import Hands

DAY: Final = timedelta(days=1)
SINCE: Final = "2019-05-02"
FOUNDERS: Final = ("Marta Veldkamp", "Jonas Ahlgren", "Élise Fontaine", "Pavel Dvorak", "Noor Haddad", "Tomás Quiroga")
FUNDS: Final = (("Northern Lights Ventures", "LU"), ("Atlantic Growth Fund", "IE"), ("Alpine Seed Capital", "AT"))
SILENT: Final = 5  # companies at the end of the list have stated nothing: the authority sees that too

Content = dict[str, Any]


def begin(hands: Hands, *, at: datetime) -> int:
    """Let the companies state their owners, all at `at`; returns how many did."""
    return sum(_state(company, hands, _owners(company, place), revision=0, at=at) for place, company in _stating())


def go_on(hands: Hands, *, at: datetime) -> int:
    """Some founders have sold to the fund, ten days before `at` or, told too late, forty; then resolve the graph."""
    told = 0
    for place, company in _stating():
        if place % 6 == 1:
            sold = day_of(at - (10 if place % 12 == 1 else 40) * DAY)
            told += _state(company, hands, _sold(company, place, sold), revision=1, at=at)
    with acting_as(of_the_register("screener")) as screener:
        ownership_reckoning.reckon(by=screener, at=at)
    return told


def _stating() -> list[tuple[int, Company]]:
    return list(enumerate(COMPANIES[:-SILENT]))


def _state(company: Company, hands: Hands, content: Content, *, revision: int, at: datetime) -> int:
    actor = hands.providers.get(company.slug)
    if actor is None:
        return 0
    content = {"as_of_on": day_of(at).isoformat(), **content}
    with acting_as(actor):
        ownership_statements.state(content=content, revision=revision, by=actor, at=at)
    return 1


def _owners(company: Company, place: int) -> Content:
    if company.slug == "aurelia":
        return _aurelia()
    people = [_person(place, 0, company.country), _person(place, 1, company.country)]
    if company.parent:
        parent = _firm("parent", company.parent, company.parent_country, lei=lei_of(company.parent))
        return {
            "entities": [parent, people[0]],
            "holdings": [_holding("parent", "filer", "85"), _holding("p0", "filer", "15")],
            "explanation": "The parent company states its own owners.",
            "senior_managers": [{"name": FOUNDERS[place % 6], "function": "Managing director"}],
        }
    name, country = FUNDS[place % len(FUNDS)]
    split = ("55", "25", "20") if place % 3 else ("34", "33", "33")
    return {
        "entities": [*people, _firm("fund", name, country)],
        "holdings": [_holding(owner, "filer", part) for owner, part in zip(("p0", "p1", "fund"), split, strict=True)],
        "explanation": "The fund has more than a hundred investors, none with 25 %.",
    }


def _sold(company: Company, place: int, on: date) -> Content:
    """The same, until the second founder sold everything to the fund."""
    content = _owners(company, place)
    day = on.isoformat()
    known = content["holdings"]
    part = next((each["share_percent"] for each in known if each["owner_id"] == "p1"), "")
    if not part:
        return content
    kept = [{**each, "until_on": day} if each["owner_id"] == "p1" else each for each in known]
    return {**content, "holdings": [*kept, {**_holding("fund", "filer", part), "since_on": day}]}


def _aurelia() -> Content:
    """A holding, a nominee, two firms that hold each other, control by agreement."""
    return {
        "entities": [
            _firm("holding", "Aurelia Holding BV", "NL"),
            _firm("nominee", "Kyrenia Nominees Ltd", "CY"),
            _firm("one", "Ponant Participations SARL", "FR"),
            _firm("two", "Levant Participations SARL", "FR"),
            _firm("fund", *FUNDS[1]),
            _person(0, 0, "FR"),
            _person(0, 2, "FR"),
        ],
        "holdings": [
            _holding("holding", "filer", "52"),
            _holding("one", "filer", "18"),
            _holding("fund", "filer", "20"),
            _holding("nominee", "filer", "10", nominator_id="p0"),
            _holding("p0", "holding", "70"),
            _holding("p2", "holding", "30"),
            _holding("p2", "one", "70"),
            _holding("two", "one", "30"),
            _holding("p2", "two", "80"),
            _holding("one", "two", "20"),
            {
                "owner_id": "fund",
                "owned_id": "filer",
                "kind": "control",
                "control_kind": "veto",
                "since_on": "2023-03-01",
            },
        ],
        "explanation": "The fund has more than a hundred investors, none with 25 %.",
    }


def _firm(key: str, name: str, country: str, *, lei: str = "") -> Content:
    return {"id": key, "kind": "company", "name": name, "country": country, **({"lei": lei} if lei else {})}


def _person(place: int, number: int, country: str) -> Content:
    """One founder; each company has its own, told apart by the day of birth."""
    born = date(1960, 1, 1) + timedelta(days=397 * place + 4001 * number)
    return {
        "id": f"p{number}",
        "kind": "natural_person",
        "name": FOUNDERS[(place + number) % len(FOUNDERS)],
        "country": country,
        "born_on": born.isoformat(),
        "nationalities": [country],
    }


def _holding(owner: str, owned: str, percent: str, **more: str) -> Content:
    told = {"owner_id": owner, "owned_id": owned, "kind": "capital", "share_percent": percent, "since_on": SINCE}
    return {**told, "source": "Register of shareholders", **more}
