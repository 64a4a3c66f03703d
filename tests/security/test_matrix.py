"""Who may use which address with which method: each cell of a written table is tried, by everybody, for each object.

The table is addresses.toml. An address or a method that stands not in it fails the build; so does one that has gone.
Who is not named for a cell is refused, whatever they send. Who is named comes in, to what they may see; what they may
not see answers like what does not exist.
"""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, reverse
from django.utils import translation
from oauth2_provider.models import get_access_token_model

from registry.accounts.models import Membership
from registry.accounts.policy import of_the_register
from registry.organisations.models import Authority, Organisation
from tests.api.conftest import Machine
from tests.security.asking import NOTHING, person_at, routes, state_a_purpose, value_for
from tests.security.conftest import Login, World, machine_at

pytestmark = pytest.mark.xdist_group("committed")

TABLE: dict[str, dict[str, Any]] = tomllib.loads(Path(__file__).with_name("addresses.toml").read_text())
WHO: dict[str, list[str]] = TABLE["who"]
CELLS: dict[str, dict[str, str]] = TABLE["addresses"]
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
PEOPLE: dict[str, tuple[str, str]] = {
    "a reader at Aurelia": ("provider_reader", "aurelia"),
    "a submitter at Aurelia": ("provider_submitter", "aurelia"),
    "an administrator at Aurelia": ("provider_administrator", "aurelia"),
    "a submitter at Cantabria": ("provider_submitter", "cantabria"),
    "an officer in France": ("officer", "FR"),
    "a supervisor in France": ("supervisor", "FR"),
    "an officer in Spain": ("officer", "ES"),
    "the AI Office": ("ai_office_officer", "EU"),
    "an analyst": ("analyst", "EU"),
    "a statistician": ("statistician", "EU"),
    "a publisher": ("publisher", "EU"),
    "an auditor": ("auditor", "EU"),
    "an operator": ("operator", "EU"),
}
# These are nobody: each comes with something that once was good, or is good elsewhere.
NOBODY = [
    "the public",
    "a machine whose token has expired",
    "a machine whose token was withdrawn",
    "a machine at the pages, a person at the machines",
    "a person whose role has ended",
    "a person without a second factor",
]
MACHINES = [
    "a machine of Aurelia",
    "a reading machine of Aurelia",
    "a keeping machine of Aurelia",
    "a machine of Cantabria",
]
OF_AURELIA = {name for name in (*PEOPLE, *MACHINES) if name.endswith("Aurelia")}  # each with what its cells admit
MAY_SEE = {
    "filed": OF_AURELIA | {"an officer in France", "a supervisor in France", "the AI Office"},
    "drafted": OF_AURELIA,
    "filed_by_cantabria": {
        "a submitter at Cantabria",
        "a machine of Cantabria",
        "an officer in Spain",
        "the AI Office",
    },
    "nothing": set[str](),
}
REFUSED = {302, 401, 403, 404, 405, 415}


def _names(route: URLPattern) -> set[str]:
    return set(route.pattern.regex.groupindex)


def _methods(route: URLPattern) -> set[str]:
    """The methods that the view of this address answers; a plain function answers GET."""
    view = getattr(route.callback, "cls", None) or getattr(route.callback, "view_class", None)
    return {method for method in METHODS if hasattr(view, method.lower())} if view else {"GET"}


def test_every_address_and_method_stands_in_the_table_and_nothing_else() -> None:
    found = {str(route.name): _methods(route) for route in routes()}
    listed = {name: set(cells) for name, cells in CELLS.items()}
    assert {name: found[name] for name in found.keys() - listed.keys()} == {}, "not in tests/security/addresses.toml"
    assert sorted(listed.keys() - found.keys()) == [], "in tests/security/addresses.toml, but gone"
    assert {name: (listed[name], found[name]) for name in found if listed[name] != found[name]} == {}
    assert {group for cells in CELLS.values() for group in cells.values()} <= WHO.keys()
    assert {name for group in WHO.values() for name in group} <= {*PEOPLE, *NOBODY, *MACHINES}


class Asking:
    """Everybody, and how each sends any method to any address."""

    def __init__(self, world: World) -> None:
        places: dict[str, Organisation | Authority] = {"aurelia": world.aurelia, "cantabria": world.cantabria}
        places |= {authority.territory: authority for authority in Authority.objects.all()}
        self.people = {who: person_at(role, places[where]) for who, (role, where) in PEOPLE.items()}
        self.people["a person whose role has ended"] = _ended(places["FR"])
        self.people["a person without a second factor"] = person_at("officer", places["FR"], second_factor=False)
        self.people["the public"] = Client()
        keeper = machine_at(world.aurelia, of_the_register("registrar"), scopes="webhooks:manage")
        self.machines = dict(zip(MACHINES, (world.machine, world.reader, keeper, world.stranger), strict=True))
        self.machines["a machine whose token has expired"] = _expired(world.machine)
        self.machines["a machine whose token was withdrawn"] = _withdrawn(world.machine)
        for person in self.people.values():
            state_a_purpose(person)

    def send(self, who: str, method: str, address: str) -> Any:
        """The answer to an empty request; a body would be the next thing to be refused."""
        at_machines = address.startswith("/api/")
        if who == "a machine at the pages, a person at the machines":
            who = "an officer in France" if at_machines else "a machine of Aurelia"
        if who in self.people:
            return self.people[who].generic(method, address, b"", content_type="application/x-www-form-urlencoded")
        machine = self.machines[who]
        # A draft that is complete would be filed: the next who asks would meet another world.
        return machine.get(address) if method == "GET" else machine.send(method, f"{address}?dry_run=true", {})


def _ended(place: Organisation | Authority) -> Client:
    person = person_at("officer", place)
    Membership.objects.filter(user_id=person.session["_auth_user_id"]).update(ends_at=datetime.now(UTC))
    return person


def _expired(machine: Machine) -> Machine:
    other = Machine(machine.client_id, machine.key)
    other.sign_in()
    tokens = get_access_token_model().objects.order_by("-id")
    tokens.filter(id=tokens[0].id).update(expires=datetime.now(UTC) - timedelta(seconds=1))
    return other


def _withdrawn(machine: Machine) -> Machine:
    other = Machine(machine.client_id, machine.key)
    other.sign_in()
    get_access_token_model().objects.order_by("-id")[0].delete()
    return other


@pytest.fixture(scope="module")
def asking(world: World) -> Asking:
    """Everybody, each with what they come with."""
    with translation.override("en"):
        return Asking(world)


def _asked(route: URLPattern, world: World) -> Iterator[tuple[str, str]]:
    """Each object that the address can name, first one that does not exist, and the address for it.

    Without a name where the address names no filing, or something beside it that does not exist either.
    """
    known = {"nothing": NOTHING, **{name: getattr(world, name) for name in MAY_SEE if name != "nothing"}}
    converters = route.pattern.converters
    kinds = {name: type(converters[name]).__name__ if name in converters else name for name in _names(route)}
    others = {name: value_for(kind) for name, kind in kinds.items() if name != "reference"}
    for thing, reference in known.items() if "reference" in kinds else [("", "")]:
        named = {"reference": reference} if reference else {}
        yield "" if others else thing, reverse(str(route.name), kwargs={**others, **named})


@dataclass(frozen=True)
class Cell:
    """One try: who, and whether the table names them; the object, and the answer to one that does not exist."""

    who: str
    is_named: bool
    thing: str
    status: int
    location: str
    without_object: int
    is_token: bool = False  # where everybody may ask, and all that is asked with here is refused

    def wrong(self) -> str:
        """What is wrong with the answer, in words; nothing if it is right."""
        if self.status >= 500:
            return "our mistake"
        if not self.is_named:
            return "" if self.status in REFUSED else "let in"
        if self.thing and self.who not in MAY_SEE[self.thing]:
            return "" if self.status == self.without_object else "tells that it exists"
        if (self.status in {401, 403} and not self.is_token) or "/login/" in self.location:
            return "kept out"
        return "not found, though theirs" if self.status == 404 and self.thing else ""


@pytest.mark.parametrize("name", sorted(CELLS))
def test_everybody_comes_in_where_the_table_says_and_nowhere_else(
    world: World, asking: Asking, as_login: Login, name: str
) -> None:
    route = next(route for route in routes() if route.name == name)
    wrong = []
    with as_login("ecar_web"), translation.override("en"):
        for method, who in product(METHODS, (*PEOPLE, *MACHINES, *NOBODY)):
            is_named, without_object = who in WHO.get(CELLS[name].get(method, ""), []), 0
            for thing, address in _asked(route, world):
                answer = asking.send(who, method, address)
                answer.close()
                without_object = without_object or answer.status_code
                cell = Cell(
                    who,
                    is_named,
                    thing,
                    answer.status_code,
                    answer.get("Location", ""),
                    without_object,
                    name == "token",
                )
                if found := cell.wrong():
                    wrong.append(f"{who}, {method} {address} ({thing or 'no object'}): {found}, {cell.status}")
    assert not wrong, "\n".join(wrong)
