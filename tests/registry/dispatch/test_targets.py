"""Where webhooks may go: rows 93, 94, 95 and 97 of the bad-input table, as text and as what a name resolves to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.dispatch import targets
from registry.dispatch.targets import ForbiddenTarget, Guard

PUBLIC = "93.184.215.14"

GOOD = [
    ("https://hooks.aurelia.example.org/ecar", "hooks.aurelia.example.org", "/ecar"),
    ("https://hooks.example.org", "hooks.example.org", "/"),
    ("https://hooks.example.org:443/a?b=c&d=%20", "hooks.example.org", "/a?b=c&d=%20"),
    ("https://HOOKS.Example.ORG/A", "hooks.example.org", "/A"),
    ("https://xn--mnchen-3ya.example.org/", "xn--mnchen-3ya.example.org", "/"),
    ("https://hooks.example.org?x", "hooks.example.org", "/?x"),
    ("https://hooks.example.org/a@b", "hooks.example.org", "/a@b"),
]

ROW_93 = ["http://hooks.example.org/", "javascript:alert(1)", "file:///etc/passwd", "gopher://hooks.example.org/"]
ROW_94 = [
    "https://127.0.0.1/",
    "https://10.0.0.1/",
    "https://169.254.169.254/latest/meta-data/",
    "https://[::1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://0x7f000001/",
    "https://0x7f.1/",
    "https://0177.0.0.1/",
    "https://2130706433/",
    "https://127.1/",
    "https://0/",
    "https://[fe80::1%eth0]/",
    "https://[fe80::1%25eth0]/",
    "https://fe80::1%eth0/",
    "https://[2002:7f00:1::]/",
    "https://[64:ff9b::7f00:1]/",
    "https://93.184.215.14/",
    "https://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]/",
    "https://１２７.0.0.1/",
    "https://①②⑦.0.0.1/",
    "https://hooks。example。org/",
]
ROW_97 = [
    "https://user:secret@hooks.example.org/",
    "https://user@hooks.example.org/",
    "https://hooks.example.org:22/",
    "https://hooks.example.org:0443/",
    "https://hooks.example.org:/",
    "https://hooks.example.org:443:443/",
    "https://hooks.example.org:443@127.0.0.1/",
    "https://@/",
    "https://hooks.example.org@127.0.0.1/",
    "https://hooks.example.org\t/",
    "https://hooks.exam\nple.org/",
    "https://hooks.example.org/\r\nX-A: b",
    " https://hooks.example.org/",
    "https://hooks.example.org/a b",
]
ODD = [
    "",
    "hooks.example.org",
    "//hooks.example.org/",
    "HTTPS://hooks.example.org/",
    "https:hooks.example.org",
    "https:/hooks.example.org",
    "https://",
    "https:///",
    "https://.example.org/",
    "https://hooks..example.org/",
    "https://hooks.example.org./",
    "https://-hooks.example.org/",
    "https://hooks_.example.org/",
    "https://localhost/",
    "https://intranet/",
    "https://a.localhost/",
    "https://printer.local/",
    "https://metadata.google.internal/",
    "https://1.0.0.127.in-addr.arpa/",
    "https://hooks.example.org\\@127.0.0.1/",
    "https://hooks.example.org#@127.0.0.1/",
    "https://hooks.example.org/#fragment",
    "https://hooks.example.org%2f@127.0.0.1/",
    "https://127.0.0.1%23.example.org/",
    "https://hooks.example.123/",
    "https://hooks.example.0x7f/",
    "https://münchen.example.org/",
    "https://" + "a." * 130 + "org/",
    "https://" + "a" * 64 + ".example.org/",
    "https://hooks.example.org/" + "a" * 2000,
    "https://hooks.example.org/\x00",
]

PRIVATE = [
    "127.0.0.1",
    "127.255.255.254",
    "0.0.0.0",  # noqa: S104 — an address to refuse, nothing is bound
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "169.254.169.254",
    "192.0.0.1",
    "192.0.2.1",
    "198.18.0.1",
    "192.88.99.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::7f00:1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:0:127.0.0.1",
    "64:ff9b::127.0.0.1",
    "64:ff9b::a00:1",
    "64:ff9b::169.254.169.254",
    "64:ff9b:1::8.8.8.8",
    "2002:7f00:1::",
    "2002:a00:1::1",
    "2002:a9fe:a9fe::",
    "2001::1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "2001:db8::1",
    "fc00::1",
    "fd12:3456:789a::1",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "100::1",
    "5f00::1",
    "3fff:ffff::1%1",
    "not-an-address",
    "127.1",
    "2130706433",
    "",
]
REACHABLE = [
    PUBLIC,
    "8.8.8.8",
    "2606:2800:21f:cb07:6820:80da:af6b:8b2c",
    "2a00:1450:4001:82a::200e",
    "::ffff:8.8.8.8",
    "64:ff9b::8.8.8.8",
]


@pytest.mark.parametrize(("url", "host", "path"), GOOD)
def test_a_public_https_address_is_a_target(url: str, host: str, path: str) -> None:
    target = targets.read(url)
    assert (target.host, target.port, target.path, target.is_loopback) == (host, 443, path, False)


@pytest.mark.parametrize("url", ROW_93 + ROW_94 + ROW_97 + ODD)
@pytest.mark.parametrize("allow_loopback", [False, True])
def test_any_other_notation_is_refused(url: str, allow_loopback: bool) -> None:
    with pytest.raises(ForbiddenTarget) as refusal:
        targets.read(url, allow_loopback=allow_loopback)
    assert [obstacle.code for obstacle in refusal.value.obstacles] == ["webhook-target-forbidden"]
    assert url == "" or url not in str(refusal.value)


@pytest.mark.parametrize("address", PRIVATE)
def test_an_address_inside_is_not_public(address: str) -> None:
    assert not targets.is_public(address)


@pytest.mark.parametrize("address", REACHABLE)
def test_an_address_of_the_internet_is_public(address: str) -> None:
    assert targets.is_public(address)


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_is_judged_alike_in_every_ipv6_dress(address: object) -> None:
    number = int(address)  # type: ignore[call-overload]
    plain = targets.is_public(str(address))
    mapped = f"::ffff:{address}"
    nat64 = f"64:ff9b::{address}"
    six_to_four = f"2002:{number >> 16:x}:{number & 0xFFFF:x}::1"
    assert {targets.is_public(each) for each in (mapped, nat64, six_to_four)} == {plain}


@given(st.text(max_size=40))
def test_no_text_is_read_as_an_address_or_breaks_the_reader(text: str) -> None:
    for url in (text, f"https://{text}", f"https://{text}/", f"https://hooks.example.org{text}"):
        try:
            target = targets.read(url)
        except ForbiddenTarget:
            continue
        assert target.port == 443
        assert target.host.isascii()
        assert not target.host.rpartition(".")[2][0].isdigit()
        assert target.path.startswith("/")
        assert " " not in target.path


def test_every_address_of_a_name_must_be_public() -> None:
    target = targets.read("https://hooks.example.org/")
    assert Guard(lambda _: [PUBLIC, PUBLIC, "8.8.8.8"]).addresses(target) == (PUBLIC, "8.8.8.8")
    for answers in ([], ["10.0.0.1"], [PUBLIC, "10.0.0.1"], ["::1"], [PUBLIC, "fe80::1%eth0"]):
        with pytest.raises(ForbiddenTarget):
            Guard(lambda _, answers=answers: answers).addresses(target)  # type: ignore[misc]


def test_a_name_without_address_looks_like_a_forbidden_one() -> None:
    def nothing(_host: str) -> list[str]:
        raise OSError("no such name")

    with pytest.raises(ForbiddenTarget) as unknown:
        Guard(nothing).admit("https://hooks.example.org/")
    with pytest.raises(ForbiddenTarget) as inside:
        Guard(lambda _: ["10.0.0.1"]).admit("https://hooks.example.org/")
    assert str(unknown.value) == str(inside.value)
    assert unknown.value.obstacles == inside.value.obstacles


def test_a_name_that_turns_private_is_refused_when_asked_again() -> None:
    answers = iter([[PUBLIC], ["169.254.169.254"]])
    guard = Guard(lambda _: next(answers))
    target = guard.admit("https://hooks.example.org/")
    with pytest.raises(ForbiddenTarget):
        guard.addresses(target)


LOOPBACK = ["http://127.0.0.1:8001/hook?x=1", "http://127.0.0.1:65535"]
NOT_LOOPBACK = ["http://127.0.0.1/", "http://127.0.0.2:80/", "http://localhost:80/", "http://127.0.0.1:65536/"]


@pytest.mark.parametrize("url", LOOPBACK)
def test_this_machine_is_a_target_only_where_it_is_allowed(url: str) -> None:
    target = targets.read(url, allow_loopback=True)
    assert (target.host, target.is_loopback) == ("127.0.0.1", True)
    with pytest.raises(ForbiddenTarget):
        targets.read(url)


@pytest.mark.parametrize("url", NOT_LOOPBACK)
def test_leave_to_call_this_machine_is_for_one_form_only(url: str) -> None:
    with pytest.raises(ForbiddenTarget):
        targets.read(url, allow_loopback=True)


def test_the_resolver_gives_addresses_and_gives_up_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "127.0.0.1" in targets.by_dns("localhost")
    asked = []

    def hang(*_: object, **__: object) -> list[object]:
        asked.append(True)
        released.wait(10)
        return []

    released = targets.threading.Event()
    monkeypatch.setattr(targets.socket, "getaddrinfo", hang)
    with pytest.raises(OSError):
        targets.by_dns("hooks.example.org", seconds=0.05)
    released.set()
    assert asked
