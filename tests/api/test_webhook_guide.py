"""The guide to webhooks says what is true: its code checks real signatures, its numbers are those that are enforced."""

import base64
import json
import re
from typing import Any

import pytest

from api.urls import urlpatterns
from registry.dispatch import actions, retries, signing
from registry.dispatch.signing import Key, Scheme
from registry.dispatch.transport import Limits
from tests.house.sources import ROOT

GUIDE = (ROOT / "docs/api/webhooks.md").read_text(encoding="utf-8")
VECTORS = ROOT.parent / "shared/data/tlog/standard-webhooks.json"
NOW = 1795176000
SECRET = "whsec_" + base64.b64encode(b"0123456789abcdef01234567").decode()


def _genuine(headers: dict[str, str], body: bytes, *, secret: str = SECRET, now: int = NOW) -> bool:
    """The guide's own function."""
    (code,) = re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)
    space: dict[str, Any] = {}
    exec(compile(code, "webhooks.md", "exec"), space)  # noqa: S102
    return bool(space["is_genuine"](headers, body, secret=secret, now=now))


def _headers(*secrets: str, body: bytes = b'{"a": 1}', at: int = NOW) -> dict[str, str]:
    keys = [Key(Scheme.SHARED, secret) for secret in secrets]
    return signing.headers(keys=keys, message_id="m", timestamp=at, body=body)


def test_the_code_of_the_guide_accepts_what_the_register_signs() -> None:
    other = signing.new_key(Scheme.SHARED).secret
    assert _genuine(_headers(SECRET), b'{"a": 1}')
    assert _genuine(_headers(other, SECRET), b'{"a": 1}')


@pytest.mark.shared
def test_the_code_of_the_guide_accepts_the_vectors() -> None:
    if not VECTORS.exists():
        pytest.skip(f"THE SPECIFICATION'S VECTORS ARE NOT TRIED: {VECTORS} is missing")
    for case in json.loads(VECTORS.read_text())["cases"]:
        headers = {name: str(value) for name, value in case.items() if name.startswith("webhook-")}
        body = case["body"].encode()
        assert _genuine(headers, body, secret=case["secret"], now=case["webhook-timestamp"])
        assert not _genuine(headers, body.replace(b" ", b""), secret=case["secret"], now=case["webhook-timestamp"])


FORGED = [
    (_headers(SECRET, at=NOW - 301), b'{"a": 1}'),
    (_headers(SECRET, at=NOW + 301), b'{"a": 1}'),
    (_headers(signing.new_key(Scheme.SHARED).secret), b'{"a": 1}'),
    (_headers(SECRET), b'{"a":1}'),
    ({**_headers(SECRET), "webhook-id": "n"}, b'{"a": 1}'),
    ({**_headers(SECRET), "webhook-timestamp": str(NOW + 1)}, b'{"a": 1}'),
    ({**_headers(SECRET), "webhook-timestamp": "now"}, b'{"a": 1}'),
    ({**_headers(SECRET), "webhook-signature": _headers(SECRET)["webhook-signature"].replace("v1", "v9")}, b'{"a": 1}'),
    ({**_headers(SECRET), "webhook-signature": ""}, b'{"a": 1}'),
]


@pytest.mark.parametrize(("headers", "body"), FORGED)
def test_the_code_of_the_guide_refuses_what_is_forged_or_stale(headers: dict[str, str], body: bytes) -> None:
    assert not _genuine(headers, body)


def _words(seconds: float) -> str:
    for unit, size in (("h", 3600), ("min", 60)):
        if seconds >= size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"


def test_the_numbers_of_the_guide_are_those_that_are_enforced() -> None:
    told = " ".join(GUIDE.split())
    pauses = ", ".join(_words(pause.total_seconds()) for pause in retries.PAUSES[1:])
    for sentence in (
        f"at once, then after {pauses}, each up to a tenth longer",
        f"may take {Limits().seconds:.0f} seconds in all; of your answer at most {Limits().answer_bytes:,} bytes",
        f"when {retries.GIVEN_UP_LIMIT} deliveries in a row failed for good or nothing succeeded for "
        f"{retries.FAILING_LIMIT.days} days",
        f"at most {actions.WEBHOOKS_LIMIT} webhooks; at most {actions.KEYS_LIMIT} keys",
        f"({actions.OVERLAP_USUAL.total_seconds() / 3600:.0f} unless said, at most "
        f"{actions.OVERLAP_LIMIT.total_seconds() / 3600:.0f}, 0 ends",
    ):
        assert sentence in told
    assert retries.JITTER == 0.1


def test_every_address_of_the_guide_is_served() -> None:
    named = {re.sub(r"<\w+>", "<id>", path) for path in re.findall(r"`(?:[A-Z]+ )(/[a-z<>/-]+/)`", GUIDE)}
    served = {"/" + re.sub(r"<\w+:\w+>", "<id>", str(route.pattern)) for route in urlpatterns}
    assert len(named) >= 6
    assert named <= served
