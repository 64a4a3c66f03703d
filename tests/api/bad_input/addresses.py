"""Rows 76 to 83: query parameters, paths, hosts and methods."""

from tests.api.bad_input.case import FILINGS, Case

KIB = 1024


def _parameter(row: int, query: str) -> Case:
    return Case(row=row, what=query[:60], status=400, slug="invalid-parameter", method="GET", path=f"{FILINGS}?{query}")


LIMITS = ("-1", "0", "101", "1" + "0" * 30, "9" * 3_000, "", "1&limit=2", "%D9%A1", "1.0", "+1", "0x1", "01")
PARAMETERS = [
    *(_parameter(76, f"limit={value}") for value in LIMITS),
    *(_parameter(77, f"offset={value}") for value in ("9223372036854775808", "%D9%A1", "%00", "1")),
    *(
        _parameter(77, f"cursor={value}")
        for value in ("x", "WzFd", "A" * 2_000, "%2e%2e", "bm90IG91cnMgYXQgYWxsIGJ1dCBsb25n")
    ),
    *(_parameter(78, f"{name}={value}") for name in ("search", "status") for value in ("%00", "%ff", "%ED%A0%80")),
    *(_parameter(78, f"client_reference={value}") for value in ("%00", "%ff", "%ED%A0%80", "%0d%0a", "%zz")),
    *(
        _parameter(79, query)
        for query in ("ordering=password", "unknown=1", "format=xyz", "status=nonsense", "=1", "Limit=1")
    ),
    _parameter(79, "changed_since=2026-01-01"),
    Case(row=79, what="dry_run=maybe", status=400, slug="invalid-parameter", path=f"{FILINGS}?dry_run=maybe"),
]

PATHS = [
    Case(row=80, what=place[:60], status=404, slug="not-found", method="GET", path=f"{FILINGS}{place}/")
    for place in (
        "1" + "0" * 20,
        "%00",
        "ECAR-2026-000001-0%00",
        "..%2f..%2fetc%2fpasswd",
        "%2e%2e/%2e%2e/etc/passwd",
        "%D9%A1",
        "-1",
        "1",
        "ECAR-2026-000001-99",
        "ecar-2026-000001-0",
        "ECAR-2026-%D9%A10001-0",
        "%ff",
        "a" * 3_000,
    )
]

SIZES = [
    _parameter(81, "&".join(["a=1"] * 1_000)),
    _parameter(81, "&".join(["limit=1"] * 101)),
    Case(
        row=81, what="5,000 parameters", status=414, slug="uri-too-long", method="GET", path=f"{FILINGS}?{'a&' * 5_000}"
    ),
    Case(row=81, what="URL of 64 KiB", status=414, slug="uri-too-long", method="GET", path=FILINGS + "a" * 64 * KIB),
    Case(
        row=81,
        what="headers of 64 KiB",
        status=431,
        slug="headers-too-large",
        method="GET",
        headers={"X-Long": "a" * 64 * KIB},
    ),
]

HOSTS_AND_METHODS = [
    Case(row=82, what="Host evil", status=400, slug="host", method="GET", headers={"Host": "evil.example"}),
    Case(row=82, what="X-Forwarded-Host", status=200, method="GET", headers={"X-Forwarded-Host": "evil.example"}),
    Case(row=82, what="X-Forwarded-For", status=200, method="GET", headers={"X-Forwarded-For": "127.0.0.1"}),
    *(
        Case(row=83, what=method, status=405, slug="method-not-allowed", method=method)
        for method in ("TRACE", "FOO", "CONNECT", "PROPFIND", "DELETE", "PUT", "PATCH")
    ),
    Case(row=83, what="override", status=200, method="GET", headers={"X-HTTP-Method-Override": "DELETE"}),
]

CASES = [*PARAMETERS, *PATHS, *SIZES, *HOSTS_AND_METHODS]
