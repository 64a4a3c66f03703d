"""Where webhooks may go: public https addresses and nothing inside. Pure, but for the resolver that is handed in.

The address of a target is text of a stranger that the register will call, so both the text and what the name resolves
to are judged, at creation and again at every send (security.md 5.2, guard 7). The text must be https on port 443 with
a host name, never an address in any notation; the name must resolve to public addresses only, with those that carry an
IPv4 address inside taken apart; and the connection goes to the very address that was judged.
"""

import ipaddress
import re
import socket
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import urlsplit

from registry.errors import Invalid, Obstacle

LENGTH_LIMIT = 2_000
PORT = 443
FORBIDDEN = "webhook-target-forbidden"

# A resolver takes a host name and returns the addresses, as text. It raises OSError for a name that has none.
Resolver = Callable[[str], Sequence[str]]

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
# The last label begins with a letter, so that neither `127.1` nor `0x7f000001` nor `2130706433` is a name.
_HOST = re.compile(rf"(?:{_LABEL}\.)+[a-z](?:[a-z0-9-]{{0,61}}[a-z0-9])", re.ASCII)
_URL = re.compile(r"https://([^/?#]+)(/[^?#]*)?(\?[^#]*)?", re.ASCII)
_LOOPBACK = re.compile(r"http://127\.0\.0\.1:([1-9][0-9]{0,4})(/[^?#]*)?(\?[^#]*)?", re.ASCII)
_SAFE_TEXT = re.compile(r"[!-\[\]-~]+", re.ASCII)  # printable ASCII, no space, no backslash

_INSIDE_NAMES = (".localhost", ".local", ".internal", ".intranet", ".lan", ".home.arpa", ".onion", ".arpa")
_GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_RELAYS = ipaddress.IPv4Network("192.88.99.0/24")  # 6to4 anycast, withdrawn by RFC 7526


class ForbiddenTarget(Invalid):
    """The register does not call this address. One sentence for all reasons, so that nobody can probe with it."""

    def __init__(self) -> None:
        super().__init__(
            "The address is not one that the registry may call.",
            obstacles=[Obstacle(FORBIDDEN, "/target_url", "")],
        )


@dataclass(frozen=True)
class Target:
    """An address whose text was judged. `path` includes the query; `is_loopback` only where tests allow it."""

    url: str
    host: str
    port: int
    path: str
    is_loopback: bool = False


@dataclass(frozen=True)
class Guard:
    """The judge: with a resolver, and with leave to call this machine itself where tests and demonstrations need it."""

    resolve: Resolver
    allow_loopback: bool = False

    def admit(self, url: str) -> Target:
        """The target of `url`, text and name judged. Raises `ForbiddenTarget`."""
        target = read(url, allow_loopback=self.allow_loopback)
        self.addresses(target)
        return target

    def addresses(self, target: Target) -> tuple[str, ...]:
        """What the target's name resolves to at this moment, all of it public. Raises `ForbiddenTarget`."""
        if target.is_loopback:
            return (target.host,)
        try:
            found = tuple(dict.fromkeys(self.resolve(target.host)))
        except (OSError, UnicodeError):
            raise ForbiddenTarget from None
        if not found or not all(is_public(address) for address in found):
            raise ForbiddenTarget
        return found


def read(url: str, *, allow_loopback: bool = False) -> Target:
    """Judge the text of an address. Raises `ForbiddenTarget` for every notation but the plain one.

    Names that are not ASCII are given in their ASCII form (`xn--…`).
    """
    if len(url) > LENGTH_LIMIT or not _SAFE_TEXT.fullmatch(url):
        raise ForbiddenTarget
    if allow_loopback and (local := _LOOPBACK.fullmatch(url)) and int(local[1]) < 2**16:
        return Target(url, "127.0.0.1", int(local[1]), (local[2] or "/") + (local[3] or ""), is_loopback=True)
    found = _URL.fullmatch(url)
    if found is None:
        raise ForbiddenTarget
    host = found[1].removesuffix(f":{PORT}").lower()
    if len(host) > 253 or not _HOST.fullmatch(host) or f".{host}".endswith(_INSIDE_NAMES):
        raise ForbiddenTarget
    if urlsplit(url).hostname != host:  # two readers of one address must not read two hosts
        raise ForbiddenTarget
    return Target(url, host, PORT, (found[2] or "/") + (found[3] or ""))


def is_public(address: str) -> bool:
    """Whether an address (text, no zone) lies in the public internet, and so does the IPv4 address inside it."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(found, IPv6Address):
        if found.scope_id:
            return False
        inside = _inside(found)
        if inside is None:
            return found in _GLOBAL_UNICAST and found.is_global and found.teredo is None
        found = inside
    return found.is_global and not found.is_multicast and not found.is_reserved and found not in _RELAYS


def _inside(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that an IPv4-mapped, 6to4 or NAT64 address leads to."""
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour


def by_dns(host: str, *, seconds: float = 5.0) -> tuple[str, ...]:
    """The machine's own resolver. Raises OSError for a name without address, or when it takes longer than `seconds`.

    It runs in a thread that is left behind when it hangs, because getaddrinfo knows no time limit.
    """
    found: list[str] = []

    def ask() -> None:
        try:
            answers = socket.getaddrinfo(host, PORT, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
        except (OSError, UnicodeError):
            return
        found.extend(str(sockaddr[0]) for *_, sockaddr in answers)

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(seconds)
    if asking.is_alive() or not found:
        raise OSError("the name has no address")
    return tuple(found)
