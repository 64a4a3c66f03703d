"""Limits on calls: one client's exhaustion touches nobody else, every answer tells, a lost cache refuses nobody."""

import re
import secrets
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from ipaddress import IPv6Address
from typing import Any

import pytest
import structlog
import time_machine
from django.conf import settings
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client, override_settings
from oauth2_provider.models import get_access_token_model

from api import throttling
from api.throttling import Policy, counters, origin
from registry.accounts.models import SpentAssertion
from registry.organisations.models import Organisation
from registry.runtime.processes import free_port
from tests.api.conftest import TOKEN, Machine
from tests.journeys.dated import run_of_today

FILINGS = "/api/v1/filings/"
CHECKS = "/api/v1/thresholds/"
FEW = {"tokens": 2, "writes": 3, "reads": 4, "public": 5}
STANDING = re.compile(r'"(\w+)";r=(\d+);t=(\d+)')
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _asking() -> Iterator[None]:
    """Counters that have not given up on the cache."""
    counters.silent_until = 0.0
    yield
    counters.silent_until = 0.0


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """The present moment, standing still."""
    with time_machine.travel(datetime.now(UTC), tick=False) as traveller:
        yield traveller


@pytest.fixture
def few(clock: time_machine.Traveller) -> Iterator[time_machine.Traveller]:
    """Limits of a handful."""
    with override_settings(RATES=FEW):
        yield clock


def _address() -> str:
    """An address in a network that nobody else in the tests has."""
    return str(IPv6Address(secrets.randbits(124) << 3 | 1))


def _left(answer: HttpResponse) -> tuple[str, int]:
    found = STANDING.fullmatch(answer["RateLimit"])
    assert found, answer["RateLimit"]
    assert 1 <= int(found[3]) <= throttling.WINDOW_SECONDS
    return found[1], int(found[2])


def _refused(answer: HttpResponse, policy: str) -> None:
    assert answer.status_code == 429, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    shown = answer.json()
    assert (shown["type"], shown["policy"], shown["limit"]) == ("/problems/rate-limited", policy, FEW[policy])
    assert 1 <= int(answer["Retry-After"]) <= throttling.WINDOW_SECONDS
    assert answer["RateLimit"] == f'"{policy}";r=0;t={answer["Retry-After"]}'
    assert answer["RateLimit-Policy"] == f'"{policy}";q={FEW[policy]};w=60'
    assert answer["Cache-Control"] == "no-store"
    assert answer["Trace-Id"] == shown["trace_id"]


# ---- row 103 of the table of bad input


def test_the_write_beyond_the_limit_is_refused_and_nothing_else(few: object, machine: Machine) -> None:
    for left in (2, 1, 0):
        answer = machine.post(FILINGS + "?dry_run=true", {"document": run_of_today()})
        assert answer.status_code == 201
        assert _left(answer) == ("writes", left)
    _refused(machine.post(FILINGS, {"document": run_of_today()}), "writes")
    assert machine.get(FILINGS).status_code == 200, "reads are counted by themselves"


def test_one_clients_exhaustion_touches_no_other(
    few: object, machine: Machine, stranger: Machine, make_machine: Callable[..., Machine], aurelia: Organisation
) -> None:
    sister = make_machine(aurelia)
    for _ in range(FEW["reads"]):
        assert machine.get(FILINGS).status_code == 200
    for _ in range(20):
        _refused(machine.get(FILINGS), "reads")
    for other in (stranger, sister):
        answer = other.get(FILINGS)
        assert (answer.status_code, _left(answer)) == (200, ("reads", FEW["reads"] - 1))


def test_after_the_time_told_the_client_is_let_in_again(few: time_machine.Traveller, machine: Machine) -> None:
    for _ in range(FEW["reads"]):
        machine.get(FILINGS)
    wait = int(machine.get(FILINGS)["Retry-After"])
    if wait > 1:
        few.shift(timedelta(seconds=wait - 1))
        _refused(machine.get(FILINGS), "reads")
        few.shift(timedelta(seconds=1))
    else:
        few.shift(timedelta(seconds=1))
    assert _left(machine.get(FILINGS)) == ("reads", FEW["reads"] - 1)


def test_a_repetition_and_a_refused_write_count_as_well(few: object, machine: Machine) -> None:
    first = machine.post(FILINGS, {"document": run_of_today()}, **{"Idempotency-Key": "k"})
    again = machine.post(FILINGS, {"document": run_of_today()}, **{"Idempotency-Key": "k"})
    wrong = machine.post(FILINGS, {})
    assert [answer.status_code for answer in (first, again, wrong)] == [201, 201, 422]
    assert [_left(answer)[1] for answer in (first, again, wrong)] == [2, 1, 0]
    _refused(machine.post(FILINGS, {}), "writes")


# ---- every answer


def _ask(machine: Machine, kind: str, http: Client) -> HttpResponse:
    mine = {"Authorization": f"Bearer {machine.token}"}
    calls: dict[str, Callable[[], Any]] = {
        "read": lambda: machine.get(FILINGS),
        "filed": lambda: machine.post(FILINGS, {"document": run_of_today()}),
        "not found": lambda: machine.get(f"{FILINGS}ECAR-2026-999999-9/"),
        "not allowed": lambda: machine.send("DELETE", FILINGS, b""),
        "invalid": lambda: machine.post(FILINGS, {"document": {}}),
        "open": lambda: http.get(CHECKS),
        "open, called with a token": lambda: machine.get(CHECKS),
        "no token": lambda: http.get(FILINGS),
        "wrong token": lambda: http.get(FILINGS, headers={"Authorization": "Bearer x"}),
        "no such address": lambda: http.get("/api/v1/nothing/"),
        "not acceptable": lambda: http.get(CHECKS, headers={"Accept": "application/xml"}),
        "another type": lambda: http.post(FILINGS, b"<a/>", content_type="text/xml", headers=mine),
        "unreadable query": lambda: http.get(FILINGS + "?limit=%ff", headers=mine),
        "unknown method": lambda: http.generic("FOO", FILINGS),
        "a token": lambda: machine.ask(machine.assertion()),
        "no assertion": lambda: http.post(TOKEN, "a=b", content_type="application/x-www-form-urlencoded"),
        "no form": lambda: http.post(TOKEN, b"{}", content_type="application/json"),
    }
    answer: HttpResponse = calls[kind]()
    return answer


KINDS = {
    "read": (200, "reads"),
    "filed": (201, "writes"),
    "not found": (404, "reads"),
    "not allowed": (405, "writes"),
    "invalid": (422, "writes"),
    "open": (200, "public"),
    "open, called with a token": (200, "reads"),
    "no token": (401, "public"),
    "wrong token": (401, "public"),
    "no such address": (404, "public"),
    "not acceptable": (406, "public"),
    "another type": (415, "public"),
    "unreadable query": (400, "public"),
    "unknown method": (405, "public"),
    "a token": (200, "tokens"),
    "no assertion": (400, "public"),
    "no form": (415, "public"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_answer_tells_how_its_caller_stands(kind: str, machine: Machine) -> None:
    status, policy = KINDS[kind]
    answer = _ask(machine, kind, Client(REMOTE_ADDR=_address()))
    assert answer.status_code == status, answer.content
    assert _left(answer)[0] == policy
    assert answer["RateLimit-Policy"] == f'"{policy}";q={settings.RATES[policy]};w=60'


def test_pages_for_people_are_not_counted(client: Client) -> None:
    assert "RateLimit-Policy" not in client.get("/health/live").headers


# ---- addresses


def test_who_proves_nothing_is_counted_by_address(few: object, machine: Machine) -> None:
    here, there = Client(REMOTE_ADDR=_address()), Client(REMOTE_ADDR=_address())
    for path in (CHECKS, FILINGS, "/api/v1/nothing/", CHECKS, FILINGS):
        assert here.get(path).status_code in {200, 401, 404}
    for path in (CHECKS, FILINGS, "/api/v1/nothing/"):
        _refused(here.get(path), "public")
    assert there.get(CHECKS).status_code == 200
    assert here.get(FILINGS, headers={"Authorization": f"Bearer {machine.token}"}).status_code == 200


@pytest.mark.parametrize(
    ("one", "other", "are_one"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:198.51.100.7", "198.51.100.7", True),
        ("198.51.100.7", "198.51.100.8", False),
        ("", "unknown", False),
    ],
)
def test_an_ipv6_network_is_one_caller(one: str, other: str, are_one: bool, rf: Any) -> None:
    requests = [rf.get("/", REMOTE_ADDR=address) for address in (one, other)]
    assert (throttling.network(requests[0]) == throttling.network(requests[1])) is are_one


PROXIES = ("10.0.0.0/8", "192.0.2.1")
ORIGINS = [
    ("198.51.100.7", "203.0.113.9", "198.51.100.7"),  # a stranger's header is not believed
    ("10.1.2.3", "203.0.113.9", "203.0.113.9"),
    ("192.0.2.1", "1.2.3.4, 203.0.113.9, 10.9.9.9", "203.0.113.9"),  # what a client wrote stands first
    ("10.1.2.3", "", "10.1.2.3"),
    ("10.1.2.3", "10.0.0.4", "10.1.2.3"),
    ("10.1.2.3", "<script>", "10.1.2.3"),
    ("10.1.2.3", "2001:db8::7", "2001:db8::7"),
    ("", "203.0.113.9", ""),
]


@pytest.mark.parametrize(("peer", "forwarded_for", "expected"), ORIGINS)
def test_a_forwarded_address_counts_only_from_our_proxies(peer: str, forwarded_for: str, expected: str) -> None:
    assert origin(peer=peer, forwarded_for=forwarded_for, proxies=PROXIES) == expected


def test_behind_our_proxy_two_callers_are_two(few: object) -> None:
    proxy = Client(REMOTE_ADDR="10.1.2.3")
    one, other = _address(), _address()
    with override_settings(TRUSTED_PROXIES=PROXIES):
        for _ in range(FEW["public"]):
            proxy.get(CHECKS, headers={"X-Forwarded-For": one})
        _refused(proxy.get(CHECKS, headers={"X-Forwarded-For": one}), "public")
        assert proxy.get(CHECKS, headers={"X-Forwarded-For": other}).status_code == 200


# ---- tokens


def test_tokens_beyond_the_limit_are_refused_before_anything_is_verified(few: object, machine: Machine) -> None:
    assert _left(machine.ask(machine.assertion())) == ("tokens", 0)  # the machine has signed in once
    tokens, spent = get_access_token_model().objects.count(), SpentAssertion.objects.count()
    for _ in range(5):
        _refused(machine.ask(machine.assertion()), "tokens")
    assert (get_access_token_model().objects.count(), SpentAssertion.objects.count()) == (tokens, spent)


def test_claiming_to_be_a_client_spends_nothing_of_it(
    few: object, make_machine: Callable[..., Machine], aurelia: Organisation, cantabria: Organisation
) -> None:
    machine, forger = make_machine(aurelia), make_machine(cantabria)
    forger.http = Client(REMOTE_ADDR=_address())
    forged = [forger.ask(forger.assertion(iss=machine.client_id, sub=machine.client_id)) for _ in range(8)]
    assert [answer.status_code for answer in forged] == [401] * FEW["public"] + [429] * 3
    assert _left(machine.ask(machine.assertion())) == ("tokens", 0)


@pytest.mark.parametrize("assertion", ["", "x", "a.b.c", "a.e30.c", "a.WzFd.c", "a.%%%.c", "a.\u00e9.c"])
def test_what_is_no_assertion_claims_to_be_nobody(assertion: str, machine: Machine) -> None:
    answer = machine.ask(assertion)
    assert answer.status_code == 401
    assert _left(answer)[0] == "public"


# ---- the cache


def test_calls_at_once_are_all_counted() -> None:
    key = f"rate:test:{secrets.token_hex()}"
    with ThreadPoolExecutor(8) as pool:
        counts = sorted(pool.map(lambda _: counters.raised(key), range(200)))
    assert counts == list(range(1, 201))
    assert counters.read(key) == 200


@pytest.fixture
def reporting() -> Iterator[list[Any]]:
    """What is logged."""
    with structlog.testing.capture_logs() as logs:
        yield logs


@pytest.fixture
def hung() -> Iterator[int]:
    """A port where somebody listens and says nothing."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(64)
        yield int(listener.getsockname()[1])


def _elsewhere(port: int) -> Any:
    here = settings.CACHES["default"]
    assert here["OPTIONS"] is settings.CACHE_PATIENCE
    return override_settings(CACHES={"default": {**here, "LOCATION": f"redis://127.0.0.1:{port}/1"}})


@pytest.mark.parametrize("state", ["stopped", "hung"])
def test_a_cache_that_does_not_answer_refuses_nobody(
    state: str, machine: Machine, hung: int, reporting: list[Any]
) -> None:
    with _elsewhere(hung if state == "hung" else free_port()), override_settings(RATES={**FEW, "writes": 0}):
        begun = time.perf_counter()
        answer = machine.post(FILINGS, {"document": run_of_today()})
        first = time.perf_counter() - begun
        begun = time.perf_counter()
        again = machine.post(FILINGS + "?dry_run=true", {"document": run_of_today(run__client_run_id="another")})
        second = time.perf_counter() - begun
    assert [answer.status_code, again.status_code] == [201, 201], again.content
    assert first < 1
    assert second < 1
    assert "RateLimit" not in answer.headers
    assert answer["RateLimit-Policy"] == '"writes";q=0;w=60'
    assert [log["event"] for log in reporting].count("calls are not counted: the cache does not answer") == 1


def test_a_cache_that_answers_again_is_asked_again_soon(machine: Machine) -> None:
    with _elsewhere(free_port()):
        machine.get(FILINGS)
    assert "RateLimit" not in machine.get(FILINGS).headers
    counters.silent_until -= throttling.SILENCE_SECONDS
    assert "RateLimit" in machine.get(FILINGS).headers


def test_without_valkey_the_table_counts(few: object, machine: Machine) -> None:
    table = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "accounts_cache"}}
    with override_settings(CACHES=table):
        for left in (3, 2, 1, 0):
            assert _left(machine.get(FILINGS)) == ("reads", left)
        _refused(machine.get(FILINGS), "reads")


def test_a_counter_outlives_its_window_and_then_goes(clock: object, rf: Any) -> None:
    request = rf.get("/", REMOTE_ADDR=_address())
    throttling.charge_address(request)
    keys = cache._cache.get_client().scan_iter("*rate:public:*", count=1_000)
    lives = [cache._cache.get_client().ttl(key) for key in keys]
    assert lives
    assert all(0 < life <= 2 * throttling.WINDOW_SECONDS for life in lives)


# ---- figures


def test_the_figures_are_the_designed_ones() -> None:
    assert settings.RATES_IN_PRODUCTION == {"tokens": 10, "writes": 60, "reads": 600, "public": 300}
    assert set(settings.RATES) == {str(policy) for policy in Policy}
