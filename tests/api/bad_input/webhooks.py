"""Rows 93, 94 and 97: addresses that a webhook may not have. (Rows 95 and 96 need a receiver.)"""

import json

from tests.api.bad_input.case import Case

WEBHOOKS = "/api/v1/webhooks/"


def _target(row: int, url: str, status: int = 422, slug: str = "webhook-target-forbidden") -> Case:
    body = json.dumps({"target_url": url, "kinds": ["filing.asked"]}).encode()
    return Case(row=row, what=f"to {url[:60]!r}", status=status, slug=slug, path=WEBHOOKS, body=body)


SCHEMES = [
    _target(93, url)
    for url in (
        "http://hooks.aurelia.example/",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "gopher://hooks.aurelia.example/",
        "ftp://hooks.aurelia.example/",
        "//hooks.aurelia.example/",
        "hooks.aurelia.example",
        "",
    )
]

INSIDE = [
    _target(94, f"https://{host}/")
    for host in (
        "127.0.0.1",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "0x7f000001",
        "2130706433",
        "127.1",
        "0",
        "0177.0.0.1",
        "[fe80::1%25eth0]",
        "fe80::1%eth0",
        "[2002:7f00:1::]",
        "[64:ff9b::7f00:1]",
        "localhost",
        "receiver.internal",
        "receiver.local",
    )
]

AUTHORITIES = [
    _target(97, url)
    for url in (
        "https://user:secret@hooks.aurelia.example/",
        "https://user@hooks.aurelia.example/",
        "https://@hooks.aurelia.example/",
        "https://hooks.aurelia.example:22/",
        "https://hooks.aurelia.example:80/",
        "https://hooks.aurelia.example\t/",
        "https://hooks.aurelia\n.example/",
        "https://hooks.aurelia.example\\@127.0.0.1/",
        "https://hooks.aurelia.example/#fragment",
        " https://hooks.aurelia.example/",
    )
] + [
    _target(97, "https://hooks.aurelia.example/\x00", slug="forbidden-character"),
    _target(97, "https://hooks.aurelia.example/ecar", status=201, slug=""),
]

CASES = [*SCHEMES, *INSIDE, *AUTHORITIES]
