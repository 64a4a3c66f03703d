"""How many calls a minute: counted for each client, and for each address where nobody has proved who calls.

One counter in the shared cache for each caller, policy and minute, raised by one atomic `incr`: all web processes count
together, and none loses a call. (The throttles of Django REST framework read, change and write a list.) The minutes of
two callers begin at different seconds, so that waiting clients do not all come back at once.

A cache that does not answer refuses nobody: the call is not counted, the log says so, and for some seconds the cache is
not asked again. Fields: draft-ietf-httpapi-ratelimit-headers-10; the figures are `settings.RATES` (docs/api/limits.md).
"""

import hashlib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from math import ceil
from typing import Final

import structlog
from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError
from django.http import HttpRequest
from redis.exceptions import RedisError
from rest_framework.request import Request

from api.problems import Problem

WINDOW_SECONDS: Final = 60
SILENCE_SECONDS: Final = 5.0  # how long a cache that failed is not asked again
IPV6_PREFIX_BITS: Final = 64  # what one household or machine is given: counting single addresses would count nothing
READS: Final = ("GET", "HEAD", "OPTIONS")
_CHARGED: Final = "ecar.allowance"  # in the request's META, which every wrapper of the request shares
_CACHE_FAILURES: Final = (RedisError, DatabaseError, OSError)

_log = structlog.get_logger(__name__)


class Policy(StrEnum):
    """What is counted, by the name it has in `settings.RATES` and in the answer's fields."""

    TOKENS = "tokens"
    WRITES = "writes"
    READS = "reads"
    PUBLIC = "public"

    @property
    def limit(self) -> int:
        """Calls a minute."""
        return int(settings.RATES[self.value])


@dataclass(frozen=True)
class Allowance:
    """How a caller stands. `used` counts the refused calls too and is None where the cache did not answer."""

    policy: Policy
    limit: int
    used: int | None
    reset_seconds: int

    @property
    def is_spent(self) -> bool:
        """Whether one more call is one too many."""
        return self.used is not None and self.used >= self.limit

    @property
    def is_exceeded(self) -> bool:
        """Whether the call that was just counted is one too many."""
        return self.used is not None and self.used > self.limit

    def fields(self) -> dict[str, str]:
        """The response fields: the policy always, the standing where it is known."""
        told = {"RateLimit-Policy": f'"{self.policy}";q={self.limit};w={WINDOW_SECONDS}'}
        if self.used is not None:
            left = max(0, self.limit - self.used)
            told["RateLimit"] = f'"{self.policy}";r={left};t={self.reset_seconds}'
        return told

    def refusal(self) -> Problem:
        """The 429."""
        return Problem(
            "rate-limited",
            headers={"Retry-After": str(self.reset_seconds)},
            facts={"policy": str(self.policy), "limit": self.limit, "window_seconds": WINDOW_SECONDS},
        )


@dataclass
class _Counters:
    """The counters in the cache, as far as it answers."""

    silent_until: float = field(default=0.0)

    def raised(self, key: str) -> int | None:
        """Raise one counter by one and return it; None where the cache does not answer."""
        return self._asked(lambda: _raise(key))

    def read(self, key: str) -> int | None:
        """Return one counter; None where the cache does not answer."""
        return self._asked(lambda: int(cache.get(key, 0)))

    def _asked(self, question: Callable[[], int]) -> int | None:
        if time.monotonic() < self.silent_until:
            return None
        try:
            return question()
        except _CACHE_FAILURES as failure:
            self.silent_until = time.monotonic() + SILENCE_SECONDS
            _log.warning("calls are not counted: the cache does not answer", reason=type(failure).__name__)
            return None


counters: Final = _Counters()


def charge_client(request: HttpRequest | Request, *, client: str) -> None:
    """Count the call for a client that has proved itself. Raises 429 `rate-limited` when it is one too many."""
    _charge(request, Policy.READS if request.method in READS else Policy.WRITES, client)


def charge_token(request: HttpRequest | Request, *, client: str) -> None:
    """Count a token for a client that has proved itself. Raises 429 `rate-limited` when it is one too many."""
    _charge(request, Policy.TOKENS, client)


def charge_address(request: HttpRequest | Request) -> None:
    """Count the call for the address that it comes from. Raises 429 `rate-limited` when it is one too many."""
    _charge(request, Policy.PUBLIC, network(request))


def origin(*, peer: str, forwarded_for: str, proxies: Sequence[str]) -> str:
    """The address a call comes from: the peer's, unless the peer is one of our `proxies` (networks or addresses).

    Then the last address of `X-Forwarded-For` that is none of them; what stands before it anybody may have written.
    """
    networks = [ip_network(proxy) for proxy in proxies]
    for given in (peer, *reversed([part.strip() for part in forwarded_for.split(",")])):
        address = _read_address(given)
        if address is None:
            return peer
        if not any(address in network for network in networks):
            return str(address)
    return peer


def require_tokens_left(request: HttpRequest | Request, *, client: str) -> None:
    """Refuse a client whose tokens are spent, without counting: who claims to be a client has not yet proved it."""
    allowance = _allowance(Policy.TOKENS, client, count=counters.read)
    if allowance.is_spent:
        request.META[_CHARGED] = allowance
        raise allowance.refusal()


def is_charged(request: HttpRequest | Request) -> bool:
    """Whether the call was counted for somebody."""
    return _CHARGED in request.META


def fields(request: HttpRequest | Request) -> Mapping[str, str]:
    """The fields that tell the caller of a counted call how it stands."""
    allowance = request.META.get(_CHARGED)
    return allowance.fields() if isinstance(allowance, Allowance) else {}


def _charge(request: HttpRequest | Request, policy: Policy, who: str) -> None:
    allowance = _allowance(policy, who, count=counters.raised)
    request.META[_CHARGED] = allowance
    if allowance.is_exceeded:
        raise allowance.refusal()


def _allowance(policy: Policy, who: str, *, count: Callable[[str], int | None]) -> Allowance:
    caller = hashlib.sha256(who.encode()).hexdigest()[:32]  # no address stands in the cache
    since = time.time() + int(caller[:8], 16) % WINDOW_SECONDS
    window, passed = divmod(since, WINDOW_SECONDS)
    used = count(f"rate:{policy}:{caller}:{int(window)}")
    return Allowance(policy, policy.limit, used, max(1, ceil(WINDOW_SECONDS - passed)))


def _raise(key: str) -> int:
    """Return the raised counter. It outlives its window, so that `incr` never meets one that is just ending."""
    try:
        return int(cache.incr(key))
    except ValueError:
        return 1 if cache.add(key, 1, timeout=2 * WINDOW_SECONDS) else int(cache.incr(key))


def network(request: HttpRequest | Request) -> str:
    """The network that the call comes from: an IPv4 address, or the first half of an IPv6 one."""
    given = str(request.META.get("REMOTE_ADDR", ""))
    address = _read_address(given)
    if isinstance(address, IPv6Address):
        return f"{int(address) >> (128 - IPV6_PREFIX_BITS):x}::"
    return given if address is None else str(address)


def _read_address(given: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(given)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
