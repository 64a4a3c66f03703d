"""Every address of the register, asked by everybody, for everybody's filings: nobody reads what is not theirs.

Each filing carries a canary, a text that stands nowhere else. An answer that holds one is allowed to those alone who
may see that filing. The addresses are those of the resolver: a new one is tried without anybody thinking of it.
"""

from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from registry.organisations.models import Authority, Organisation
from tests.security.asking import NOTHING, Ask, addresses_for, person_at, state_a_purpose
from tests.security.conftest import Login, World

pytestmark = pytest.mark.xdist_group("committed")

ROLES: dict[str, tuple[str, str]] = {
    "a reader at Aurelia": ("provider_reader", "aurelia"),
    "a submitter at Cantabria": ("provider_submitter", "cantabria"),
    "an officer in France": ("officer", "FR"),
    "an officer in Spain": ("officer", "ES"),
    "the AI Office": ("ai_office_officer", "EU"),
    "an analyst": ("analyst", "EU"),
    "an auditor": ("auditor", "EU"),
}
AURELIA = {"a reader at Aurelia", "a machine of Aurelia", "a reading machine of Aurelia"}
CANTABRIA = {"a submitter at Cantabria", "a machine of Cantabria"}
# Who may see Aurelia's filing, its draft, and Cantabria's filing.
MAY_SEE = {
    "filed": {*AURELIA, "an officer in France", "the AI Office"},
    "drafted": AURELIA,
    "filed_by_cantabria": {
        "a submitter at Cantabria",
        "a machine of Cantabria",
        "an officer in Spain",
        "the AI Office",
    },
}
CSP = b"'Content-Security-Policy': "
HEADERS = (
    CSP,
    b"default-src 'none'",
    b"'Cross-Origin-Opener-Policy': 'same-origin'",
    b"'Cross-Origin-Resource-Policy': 'same-origin'",
    b"'Permissions-Policy': 'accelerometer=(), ",
    b"'Referrer-Policy': 'same-origin'",
    b"'X-Content-Type-Options': 'nosniff'",
    b"'X-Frame-Options': 'DENY'",
)
EVERYBODY = [*ROLES, "a machine of Aurelia", "a reading machine of Aurelia", "a machine of Cantabria", "the public"]


@pytest.fixture(scope="module")
def everybody(world: World) -> dict[str, Ask]:
    """How each of them asks for an address."""
    places: dict[str, Organisation | Authority] = {"aurelia": world.aurelia, "cantabria": world.cantabria}
    places |= {authority.territory: authority for authority in Authority.objects.all()}
    people = {who: person_at(role, places[where]) for who, (role, where) in ROLES.items()}
    for person in people.values():
        state_a_purpose(person)
    asking: dict[str, Ask] = {who: person.get for who, person in people.items()}
    asking["a machine of Aurelia"] = world.machine.get
    asking["a reading machine of Aurelia"] = world.reader.get
    asking["a machine of Cantabria"] = world.stranger.get
    asking["the public"] = Client().get
    return asking


@pytest.fixture(scope="module")
def heard(world: World, everybody: dict[str, Ask], as_login: Login) -> dict[str, list[tuple[str, int, bytes]]]:
    """What everybody was answered at every address: the address, status, and the whole answer with its headers."""
    references = [world.filed, world.drafted, world.filed_by_cantabria]
    answers: dict[str, list[tuple[str, int, bytes]]] = {}
    with translation.override("en"):
        addresses = list(addresses_for(references))
    with as_login("ecar_web"):
        for who, ask in everybody.items():
            answers[who] = [_whole(address, ask(address)) for address in addresses]
    return answers


def _whole(address: str, answer: Any) -> tuple[str, int, bytes]:
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return address, answer.status_code, content + repr(answer.headers).encode()


def test_the_addresses_are_many_and_name_filings() -> None:
    with translation.override("en"):
        addresses = list(addresses_for(["ECAR-2026-000001-7"]))
    assert len(addresses) == len({*addresses}) >= 50
    assert sum("ECAR-2026-000001-7" in address for address in addresses) >= 15


@pytest.mark.parametrize("who", EVERYBODY)
@pytest.mark.parametrize("whose", sorted(MAY_SEE))
def test_a_canary_is_heard_by_those_who_may_see_the_filing_and_by_nobody_else(
    heard: dict[str, list[tuple[str, int, bytes]]], world: World, who: str, whose: str
) -> None:
    canary = world.canaries[getattr(world, whose)].encode()
    told = [address for address, _, content in heard[who] if canary in content]
    assert bool(told) is (who in MAY_SEE[whose]), told


@pytest.mark.parametrize("who", EVERYBODY)
def test_nobody_meets_a_mistake_of_ours(heard: dict[str, list[tuple[str, int, bytes]]], who: str) -> None:
    assert [(address, status) for address, status, _ in heard[who] if status >= 500] == []


@pytest.mark.parametrize("who", EVERYBODY)
def test_every_answer_carries_the_headers_of_security(heard: dict[str, list[tuple[str, int, bytes]]], who: str) -> None:
    lacking = {(name, address) for address, _, content in heard[who] for name in HEADERS if name not in content}
    assert lacking == set()
    assert [address for address, _, content in heard[who] if b"unsafe-" in content.rpartition(CSP)[2]] == []


def test_the_public_is_sent_to_sign_in_or_refused_wherever_a_filing_is_named(
    heard: dict[str, list[tuple[str, int, bytes]]], world: World
) -> None:
    named = [(address, status) for address, status, _ in heard["the public"] if world.filed in address]
    assert named
    assert [each for each in named if each[1] not in {302, 401, 403, 404, 405}] == []


@pytest.mark.parametrize(
    "who", ["a machine of Cantabria", "a submitter at Cantabria", "an officer in Spain", "an analyst"]
)
def test_what_is_hidden_and_what_is_not_there_get_the_same_status(
    heard: dict[str, list[tuple[str, int, bytes]]], everybody: dict[str, Ask], world: World, as_login: Login, who: str
) -> None:
    hidden = [getattr(world, whose) for whose, seen_by in MAY_SEE.items() if who not in seen_by]
    statuses = {address: status for address, status, _ in heard[who]}
    with as_login("ecar_web"):
        for address, status in statuses.items():
            for reference in hidden:
                if reference in address:
                    assert everybody[who](address.replace(reference, NOTHING)).status_code == status, address
