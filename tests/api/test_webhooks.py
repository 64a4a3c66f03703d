"""Webhooks over HTTP: rows 93, 94 and 97 of the bad-input table, secrets, rotation, the delivery log, replay."""

import base64
import hashlib
import hmac
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.db import connection

from registry import tasks
from registry.acting import acting_as
from registry.dispatch import actions, targets
from registry.dispatch.models import Reply, SigningKey, Webhook
from registry.organisations.models import Organisation
from tests.api.conftest import Machine
from tests.registry.dispatch.conftest import Receiver, receive, status
from tests.registry.dispatch.test_targets import ODD, ROW_93, ROW_94, ROW_97

__all__ = ["receive"]  # fixtures
pytestmark = pytest.mark.django_db
WEBHOOKS = "/api/v1/webhooks/"
PUBLIC = "93.184.215.14"
NEW = {"target_url": "https://hooks.example.org/ecar", "kinds": ["filing.submitted", "filing.accepted"]}


@pytest.fixture(autouse=True)
def _resolved(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is no network in tests: every name has one public address."""
    monkeypatch.setattr(targets, "by_dns", lambda _host: (PUBLIC,))


@pytest.fixture
def manager(make_machine: Callable[..., Machine], aurelia: Organisation) -> Machine:
    """Aurelia's machine that may manage webhooks."""
    return make_machine(aurelia, scopes="filings:read webhooks:manage")


@pytest.fixture
def stranger(make_machine: Callable[..., Machine], cantabria: Organisation) -> Machine:
    """Cantabria's."""
    return make_machine(cantabria, scopes="webhooks:manage")


def _made(machine: Machine, **changes: Any) -> dict[str, Any]:
    answer = machine.post(WEBHOOKS, {**NEW, **changes})
    assert answer.status_code == 201, answer.content
    return dict(answer.json())


def _problem(answer: Any) -> tuple[int, str]:
    assert answer["Content-Type"] == "application/problem+json", answer.content
    return answer.status_code, answer.json()["type"].removeprefix("/problems/")


# --- making and changing ------------------------------------------------------------------------------------------


def test_a_new_webhook_answers_201_with_its_secret_and_is_found_again(manager: Machine) -> None:
    answer = manager.post(WEBHOOKS, {**NEW, "description": "production"})
    assert answer.status_code == 201, answer.content
    body = answer.json()
    assert (answer["ETag"], answer["Location"]) == ('"1"', body["url"])
    assert len(base64.b64decode(body["secret"].removeprefix("whsec_"))) == 32
    assert (body["status"], body["target_url"], body["description"]) == ("active", NEW["target_url"], "production")
    assert [(key["scheme"], key["public_key"], key["ends_at"]) for key in body["keys"]] == [("v1", None, None)]
    again = manager.get(body["url"])
    assert again["ETag"] == '"1"'
    assert again.json() == {name: value for name, value in body.items() if name != "secret"}
    assert manager.get(WEBHOOKS).json()["results"] == [again.json()]


def test_the_secret_is_shown_once_even_to_a_repetition(manager: Machine) -> None:
    first, second = (manager.post(WEBHOOKS, NEW, **{"Idempotency-Key": "k"}) for _ in range(2))
    assert second["Idempotent-Replayed"] == "true"
    assert first.json()["secret"].startswith("whsec_")
    assert second.json() == {**first.json(), "secret": None}
    assert Webhook.objects.count() == 1
    secret = first.json()["secret"]
    assert secret.encode() not in b"".join(bytes(reply.body) for reply in Reply.objects.all())
    assert secret.encode() not in b"".join(bytes(key.sealed_secret) for key in SigningKey.objects.all())


def test_a_key_of_two_halves_shows_the_public_one_only(manager: Machine) -> None:
    body = _made(manager, scheme="v1a")
    assert body["secret"] is None
    (key,) = manager.get(body["url"]).json()["keys"]
    assert key["scheme"] == "v1a"
    Ed25519PublicKey.from_public_bytes(base64.b64decode(key["public_key"].removeprefix("whpk_")))


def test_a_dry_run_answers_alike_and_stores_nothing(manager: Machine) -> None:
    answer = manager.post(WEBHOOKS + "?dry_run=true", NEW)
    assert (answer.status_code, answer["Dry-Run"]) == (201, "true")
    assert answer.json().keys() == _made(manager).keys()
    assert Webhook.objects.count() == 1
    assert manager.post(answer.json()["url"] + "test/", {}).status_code == 404


def test_a_webhook_is_changed_at_the_revision_that_was_read(manager: Machine) -> None:
    url = _made(manager)["url"]
    change = {"target_url": "https://other.example.org/", "kinds": ["filing.asked"], "description": "new"}
    assert _problem(manager.send("PATCH", url, change)) == (428, "precondition-required")
    assert _problem(manager.send("PATCH", url, change, **{"If-Match": '"2"'})) == (412, "precondition-failed")
    answer = manager.send("PATCH", url, change, **{"If-Match": '"1"'})
    assert (answer.status_code, answer["ETag"]) == (200, '"2"')
    assert {name: answer.json()[name] for name in change} == change
    assert _problem(manager.send("PATCH", url, change, **{"If-Match": '"1"'})) == (412, "precondition-failed")


def test_a_webhook_is_paused_and_woken(manager: Machine) -> None:
    url = _made(manager)["url"]
    assert manager.send("PATCH", url, {"status": "paused"}, **{"If-Match": '"1"'}).json()["status"] == "paused"
    assert _problem(manager.post(url + "test/", {})) == (409, "not-possible")
    assert manager.send("PATCH", url, {"status": "active"}, **{"If-Match": '"2"'}).json()["status"] == "active"
    assert manager.post(url + "test/", {}).status_code == 202


@pytest.mark.parametrize("reason", ["gone", "failing"])
def test_a_disabled_webhook_says_why_in_the_readers_language(manager: Machine, reason: str) -> None:
    body = _made(manager)
    Webhook.objects.update(status="disabled", reason=reason)
    shown = [manager.get(body["url"], **{"Accept-Language": language}).json() for language in ("en", "fr", "de")]
    assert {each["status"] for each in shown} == {"disabled"}
    assert {each["reason"] for each in shown} == {reason}
    assert len({each["reason_sentence"] for each in shown}) == 3


def test_a_deleted_webhook_is_gone_and_its_secrets_are_erased(manager: Machine) -> None:
    body = _made(manager)
    assert _problem(manager.send("DELETE", body["url"], b"")) == (428, "precondition-required")
    answer = manager.send("DELETE", body["url"], b"", **{"If-Match": '"1"'})
    assert (answer.status_code, answer.json()["status"]) == (200, "deleted")
    assert _problem(manager.get(body["url"])) == (404, "not-found")
    assert manager.get(WEBHOOKS).json()["results"] == []
    assert [bytes(key.sealed_secret) for key in SigningKey.objects.all()] == [b""]
    assert _problem(manager.send("DELETE", body["url"], b"", **{"If-Match": '"2"'})) == (404, "not-found")


def test_an_organisation_has_at_most_twenty(manager: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    assert actions.WEBHOOKS_LIMIT == 20
    monkeypatch.setattr(actions, "WEBHOOKS_LIMIT", 2)
    _made(manager)
    _made(manager)
    assert _problem(manager.post(WEBHOOKS, NEW)) == (409, "conflict")


# --- bad input ------------------------------------------------------------------------------------------------------

# The middleware refuses raw control characters before anybody reads an address: same status, another type.
FORBIDDEN = [url for url in ROW_93 + ROW_94 + ROW_97 + ODD if url.isprintable()]


@pytest.mark.parametrize("url", FORBIDDEN)
def test_an_address_that_may_not_be_called_is_422(manager: Machine, url: str) -> None:
    answer = manager.post(WEBHOOKS, {**NEW, "target_url": url})
    assert _problem(answer) == (422, "webhook-target-forbidden")
    (error,) = answer.json()["errors"]
    assert (error["pointer"], error["code"]) == ("/target_url", "webhook-target-forbidden")
    assert not url or url not in answer.content.decode()


@pytest.mark.parametrize("url", ["https://hooks.example.org\t/", "https://hooks.example\n.org/", "https://a.b.c/\x00"])
def test_an_address_with_a_control_character_is_422(manager: Machine, url: str) -> None:
    assert manager.post(WEBHOOKS, {**NEW, "target_url": url}).status_code == 422


@pytest.mark.parametrize("address", ["10.0.0.1", "127.0.0.1", "169.254.169.254", "::1", "2002:7f00:1::", "fe80::1%e"])
def test_a_name_that_leads_inside_is_422(manager: Machine, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    url = _made(manager)["url"]
    monkeypatch.setattr(targets, "by_dns", lambda _host: (PUBLIC, address))
    assert _problem(manager.post(WEBHOOKS, NEW)) == (422, "webhook-target-forbidden")
    change = manager.send("PATCH", url, {"target_url": "https://a.example.org/"}, **{"If-Match": '"1"'})
    assert _problem(change) == (422, "webhook-target-forbidden")


@pytest.mark.parametrize("language", ["en", "fr", "de"])
def test_the_refusal_is_told_in_the_clients_language_and_never_why(
    manager: Machine, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    def nothing(_host: str) -> tuple[str, ...]:
        raise OSError("no such name")

    told = []
    for resolve in (nothing, lambda _host: ("10.0.0.1",)):
        monkeypatch.setattr(targets, "by_dns", resolve)
        answer = manager.post(WEBHOOKS, NEW, **{"Accept-Language": language})
        assert answer["Content-Language"] == language
        told.append({**answer.json(), "trace_id": "", "instance": ""})
    assert told[0] == told[1]


BAD: list[tuple[dict[str, Any], str, str]] = [
    ({"kinds": []}, "/kinds", "validation"),
    ({"kinds": ["filing.lost"]}, "/kinds/0", "validation"),
    ({"kinds": ["filing.asked", "finding.made"]}, "/kinds/1", "validation"),
    ({"kinds": ["webhook.test"]}, "/kinds/0", "validation"),
    ({"kinds": "filing.asked"}, "/kinds", "validation"),
    ({"kinds": [1]}, "/kinds", "validation"),
    ({"target_url": 5}, "/target_url", "validation"),
    ({"target_url": None}, "/target_url", "validation"),
    ({"description": "x" * 201}, "/description", "validation"),
    ({"description": None}, "/description", "validation"),
    ({"scheme": "v2"}, "/scheme", "validation"),
    ({"organisation": "x"}, "/organisation", "unknown-field"),
    ({"secret": "whsec_x"}, "/secret", "unknown-field"),
]


@pytest.mark.parametrize(("change", "pointer", "slug"), BAD)
def test_what_is_wrong_is_named(manager: Machine, change: dict[str, Any], pointer: str, slug: str) -> None:
    answer = manager.post(WEBHOOKS, {**NEW, **change})
    assert _problem(answer) == (422, slug)
    assert pointer in [error["pointer"] for error in answer.json()["errors"]]


def test_a_change_cannot_set_what_only_the_register_sets(manager: Machine) -> None:
    url = _made(manager)["url"]
    for change in ({"status": "disabled"}, {"status": "deleted"}, {"revision": 9}, {}):
        assert manager.send("PATCH", url, change, **{"If-Match": '"1"'}).status_code == 422


# --- who may --------------------------------------------------------------------------------------------------------


def test_webhooks_need_their_own_scope(machine: Machine) -> None:
    assert _problem(machine.get(WEBHOOKS)) == (403, "insufficient-scope")
    assert _problem(machine.post(WEBHOOKS, NEW)) == (403, "insufficient-scope")


BELOW = [
    ("GET", "", None),
    ("PATCH", "", {"description": "x"}),
    ("DELETE", "", b""),
    ("POST", "rotate/", {}),
    ("POST", "test/", {}),
    ("GET", "deliveries/", None),
    ("GET", "deliveries/{delivery}/", None),
    ("POST", "deliveries/{delivery}/replay/", {}),
]


@pytest.mark.parametrize(("method", "below", "body"), BELOW)
def test_a_strangers_webhook_looks_like_none(
    manager: Machine, stranger: Machine, method: str, below: str, body: Any
) -> None:
    url = _made(manager)["url"]
    delivery = manager.post(url + "test/", {}).json()["id"]
    shown = []
    for place in (url, f"{WEBHOOKS}{uuid.uuid4()}/"):
        path = place + below.format(delivery=delivery)
        answer = stranger.get(path) if method == "GET" else stranger.send(method, path, body, **{"If-Match": '"1"'})
        assert _problem(answer) == (404, "not-found")
        shown.append({**answer.json(), "trace_id": "", "instance": ""})
    assert shown[0] == shown[1]
    assert stranger.get(WEBHOOKS).json()["results"] == []


def test_the_secret_cannot_be_read_by_whoever_may_act_as_a_provider(manager: Machine, alice: Any) -> None:
    _made(manager)
    with acting_as(alice, read_only=True), connection.cursor() as cursor:
        cursor.execute("select count(public) from dispatch_signingkey")
        assert cursor.fetchone() == (1,)
        cursor.execute("select has_column_privilege('dispatch_signingkey', 'sealed_secret', 'select')")
        assert cursor.fetchone() == (False,)


# --- calls ----------------------------------------------------------------------------------------------------------


def _signed(secret: str, receiver: Receiver, position: int = -1) -> bool:
    got = receiver.received[position]
    content = f"{got.headers['webhook-id']}.{got.headers['webhook-timestamp']}.".encode() + got.body
    mark = hmac.new(base64.b64decode(secret.removeprefix("whsec_")), content, hashlib.sha256).digest()
    return "v1," + base64.b64encode(mark).decode() in got.headers["webhook-signature"].split(" ")


@pytest.fixture
def loopback(settings: Any) -> None:
    """Leave to call this machine."""
    settings.WEBHOOK_ALLOW_LOOPBACK = True


def test_a_test_event_arrives_and_its_log_says_so(
    manager: Machine, receive: Callable[..., Receiver], loopback: None
) -> None:
    receiver = receive(status(204))
    made = _made(manager, target_url=receiver.url, kinds=["filing.returned"])
    answer = manager.post(made["url"] + "test/", {})
    assert (answer.status_code, answer["Location"]) == (202, answer.json()["url"])
    assert (answer.json()["status"], answer.json()["attempts"]) == ("pending", [])
    assert tasks.call_webhooks() == 1
    delivery = manager.get(answer["Location"]).json()
    assert (delivery["status"], delivery["kind"], delivery["next_attempt_at"]) == ("delivered", "webhook.test", None)
    (attempt,) = delivery["attempts"]
    assert (attempt["number"], attempt["status_code"], attempt["failure"]) == (1, 204, None)
    assert attempt["duration_ms"] >= 0
    (received,) = receiver.received
    assert received.headers["webhook-id"] == delivery["message_id"]
    assert _signed(made["secret"], receiver)


def test_the_log_tells_what_failed_when_again_and_in_words(
    manager: Machine, receive: Callable[..., Receiver], loopback: None
) -> None:
    receiver = receive(status(500))
    url = _made(manager, target_url=receiver.url)["url"]
    for _ in range(3):
        manager.post(url + "test/", {})
    tasks.call_webhooks()
    log = manager.get(url + "deliveries/?limit=2", **{"Accept-Language": "de"}).json()
    rest = manager.get(f"{url}deliveries/?limit=2&cursor={log['next']}").json()
    assert [len(log["results"]), len(rest["results"]), rest["next"]] == [2, 1, None]
    shown = log["results"] + rest["results"]
    assert len({delivery["id"] for delivery in shown}) == 3
    assert {delivery["status"] for delivery in shown} == {"pending"}
    assert all(delivery["next_attempt_at"] for delivery in shown)
    attempt = log["results"][0]["attempts"][0]
    assert (attempt["status_code"], attempt["failure"]) == (500, "status")
    assert attempt["failure_sentence"].startswith("Die Antwort")
    assert manager.get(url + "deliveries/?delivery_status=delivered").json()["results"] == []
    assert _problem(manager.get(url + "deliveries/?delivery_status=lost")) == (400, "invalid-parameter")
    assert manager.get(url).json()["failing_since"]


def test_a_delivery_is_replayed_with_the_same_message(
    manager: Machine, receive: Callable[..., Receiver], loopback: None
) -> None:
    receiver = receive()
    url = _made(manager, target_url=receiver.url)["url"]
    place = manager.post(url + "test/", {}).json()["url"]
    tasks.call_webhooks()
    answer = manager.post(place + "replay/", {})
    assert (answer.status_code, answer.json()["status"]) == (202, "pending")
    tasks.call_webhooks()
    first, second = receiver.received
    assert (first.headers["webhook-id"], first.body) == (second.headers["webhook-id"], second.body)
    assert [attempt["number"] for attempt in manager.get(place).json()["attempts"]] == [1, 2]


def test_rotation_overlaps_two_secrets_and_then_ends_the_old(
    manager: Machine, receive: Callable[..., Receiver], loopback: None
) -> None:
    receiver = receive()
    made = _made(manager, target_url=receiver.url)
    rotated = manager.post(made["url"] + "rotate/", {"overlap_hours": 1})
    assert (rotated.status_code, rotated["ETag"]) == (200, '"2"')
    new, old = rotated.json()["keys"]
    assert (new["ends_at"], old["ends_at"] is None) == (None, False)
    manager.post(made["url"] + "test/", {})
    tasks.call_webhooks()
    assert len(receiver.received[0].headers["webhook-signature"].split(" ")) == 2
    assert _signed(made["secret"], receiver)
    assert _signed(rotated.json()["secret"], receiver)
    last = manager.post(made["url"] + "rotate/", {"overlap_hours": 0})
    manager.post(made["url"] + "test/", {})
    tasks.call_webhooks()
    assert len(receiver.received[1].headers["webhook-signature"].split(" ")) == 1
    assert _signed(last.json()["secret"], receiver)
    assert not _signed(made["secret"], receiver)


def test_rotation_can_change_the_scheme(manager: Machine) -> None:
    url = _made(manager)["url"]
    assert manager.post(url + "rotate/", {"scheme": "v1a"}).json()["secret"] is None
    assert [key["scheme"] for key in manager.post(url + "rotate/", {}).json()["keys"]] == ["v1a", "v1a", "v1"]
    assert manager.post(url + "rotate/", {}).status_code == 200
    assert _problem(manager.post(url + "rotate/", {})) == (409, "conflict")
    ended = manager.post(url + "rotate/", {"overlap_hours": 0}).json()["keys"]
    assert [key["ends_at"] is None for key in ended] == [True] + [False] * 4


@pytest.mark.parametrize("hours", [-1, 169, 10**9, -(10**18)])
def test_an_overlap_out_of_its_range_is_refused(manager: Machine, hours: int) -> None:
    answer = manager.post(_made(manager)["url"] + "rotate/", {"overlap_hours": hours})
    assert _problem(answer) == (422, "number-out-of-range")


@pytest.mark.parametrize("hours", [True, "24", 1.5, None, [1]])
def test_an_overlap_is_a_whole_number(manager: Machine, hours: Any) -> None:
    answer = manager.post(_made(manager)["url"] + "rotate/", {"overlap_hours": hours})
    assert _problem(answer) == (422, "validation")


@pytest.mark.parametrize("language", ["en", "fr", "de"])
def test_the_kinds_of_events_are_open_to_everybody(machine: Machine, language: str) -> None:
    shown = machine.http.get("/api/v1/event-kinds/", headers={"Accept-Language": language}).json()["results"]
    assert {"filing.submitted", "filing.returned", "webhook.disabled", "webhook.test"} <= {k["code"] for k in shown}
    assert all(kind["sentence"] for kind in shown)
    assert [kind["code"] for kind in shown if not kind["is_subscribable"]] == ["webhook.test"]
