"""Rows 84 to 88: who calls, and with which key. (The rest of the conventions needs more than one request.)"""

from tests.api.bad_input.case import FILINGS, Case

ALG_NONE = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiIsInNjb3BlIjoiZmlsaW5nczp3cml0ZSJ9."
HS256 = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZG1pbiJ9.c2lnbmVkIHdpdGggdGhlIHB1YmxpYyBrZXk"

TOKENS = [
    Case(row=84, what=f"no token, {method}", status=401, slug="unauthorized", method=method, is_anonymous=True)
    for method in ("GET", "POST")
] + [
    Case(
        row=84,
        what=f"token {value[:40]!r}",
        status=401,
        slug="unauthorized",
        method="GET",
        is_anonymous=True,
        headers={"Authorization": value},
    )
    for value in (
        "Bearer",
        "Bearer ",
        "Bearer x",
        "Bearer x y",
        "Bearer \u00e9",
        "Basic YWRtaW46YWRtaW4=",
        "Token x",
        f"Bearer {ALG_NONE}",
        f"Bearer {HS256}",
        "Bearer " + "x" * 8_000,
        "x",
    )
]

KEYS = [
    Case(row=88, what="no key", status=400, slug="idempotency-key-missing", headers={"Idempotency-Key": ""}),
    *(
        Case(
            row=88,
            what=f"key {value[:10]!r}",
            status=400,
            slug="idempotency-key-invalid",
            headers={"Idempotency-Key": value},
        )
        for value in ("k" * 256, "a\x07b", "a\tb", "\u00e9")
    ),
]

FOREIGN = [
    Case(row=87, what="organisation in the body", status=422, slug="unknown-field", beside={"organisation": "x"}),
    Case(row=87, what="org in the document", status=422, slug="unknown-field", changes={"org": "x"}),
    Case(
        row=86,
        what="an unused reference",
        status=404,
        slug="not-found",
        method="GET",
        path=f"{FILINGS}ECAR-2026-999999-9/",
    ),
]

CASES = [*TOKENS, *KEYS, *FOREIGN]
